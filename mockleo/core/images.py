"""From an id to the picture it names, and the refusals of ids that name something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core.errors import CannotAccessImage, InitVariationNotFound, WrongKindOfId
from mockleo.core.lifecycle import State
from mockleo.core.uploads import Upload, uploaded_image, usable

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.generations import Generation
    from mockleo.core.rules import Rules
    from mockleo.core.variations import Variation


class Source(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A picture that something is to be made of; sizes in pixels.

    `generation` and `image_id` are None for an upload, whose size is nobody's business here:
    it counts as `width` by `height` of the default order.
    """

    width: int
    height: int
    prompt: str
    seed: int
    generation: Generation | None = None
    image_id: str | None = None
    upload: Upload | None = None


def of_image(account: Account, image_id: str) -> Source | None:
    """The account's own generated image; None for any other id.

    What is shown of a job before its end may yet be taken back: nothing can be made of it.
    """
    generation = account.images.get(image_id)
    if generation is None or generation.state is not State.COMPLETE:
        return None
    return Source(
        width=generation.width,
        height=generation.height,
        prompt=generation.prompt,
        seed=generation.seed,
        generation=generation,
        image_id=image_id,
    )


def of_variation(variation: Variation) -> Source:
    """What has been made of an image, as the source of something else."""
    return Source(
        width=variation.width,
        height=variation.height,
        prompt=variation.prompt,
        seed=variation.seed,
        generation=variation.generation,
        image_id=variation.image_id,
    )


def of_upload(upload: Upload, *, width: int, height: int) -> Source:
    return Source(width=width, height=height, prompt="", seed=0, upload=upload)


def source_usable(rules: Rules, source: Source) -> bool:
    """Whether what is made of `source` can come to good."""
    return source.upload is None or usable(rules, source.upload)


def original_or_variation(account: Account, image_id: str | None, *, is_variation: bool) -> Source:
    """What `id` and `isVariation` of a request mean together.

    Source: the vendor's error page: `isVariation` that does not suit the id is "failed to find
    init variation"; an upload or an unknown image is "couldn't access image".
    """
    variation = account.variations.get(image_id or "")
    if is_variation:
        if variation is None or variation.state is not State.COMPLETE:
            raise InitVariationNotFound
        return of_variation(variation)
    if variation is not None:
        raise InitVariationNotFound
    source = of_image(account, image_id or "")
    if source is None:
        raise CannotAccessImage
    return source


def to_be_moved(account: Account, image_id: str, *, width: int, height: int, uploaded: bool) -> Source:
    """The picture that a video starts from: an upload or a generated image."""
    if uploaded:
        return of_upload(uploaded_image(account, image_id), width=width, height=height)
    source = of_image(account, image_id)
    if source is None:
        # The commonest slip: the id of the generation instead of one of its images.
        if image_id in account.generations:
            raise WrongKindOfId
        raise InitVariationNotFound
    return source
