"""Every operation's answer: one module for each noun, and the menu of all of them.

An endpoint is a function from a `Call` to a `Reply`; path, method and types come from the
contract by its operationId.
"""

from collections.abc import Callable, Mapping

from mockleo.wire.call import Call, Reply
from mockleo.wire.endpoints import (
    blueprints,
    datasets,
    elements,
    generations,
    init_images,
    media,
    mesh_assets,
    models,
    pricing,
    prompts,
    realtime,
    textures,
    user,
    variations,
    videos,
)

Handler = Callable[[Call], Reply]

HANDLERS: Mapping[str, Handler] = {
    **blueprints.HANDLERS,
    **datasets.HANDLERS,
    **elements.HANDLERS,
    **generations.HANDLERS,
    **init_images.HANDLERS,
    **media.HANDLERS,
    **mesh_assets.HANDLERS,
    **models.HANDLERS,
    **pricing.HANDLERS,
    **prompts.HANDLERS,
    **realtime.HANDLERS,
    **textures.HANDLERS,
    **user.HANDLERS,
    **variations.HANDLERS,
    **videos.HANDLERS,
}
