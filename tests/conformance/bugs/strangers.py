"""Other accounts' things: seen, used, deleted by whoever knows their ids."""

from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

from mockleo.wire.call import Call, Reply
from mockleo.wire.endpoints import HANDLERS
from tests.conformance.bugs.planting import Bug, Planted


def _everybodys(things: str, *operations: str) -> Planted:
    """Take the owner's part, whoever asks, where an id is somebody's."""

    def make(true: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def handle(call: Call) -> Reply:
            for account in call.world.accounts.values():
                if call.args.get("id") in getattr(account, things):
                    call.account = account
            return true(call)

        return handle

    return mock.patch.dict(HANDLERS, {name: make(HANDLERS[name]) for name in operations})


def _anybodys_image(true: Any) -> Any:
    """Let an image of whatever account be enlarged, and whoever asks pay for it."""

    def handle(call: Call) -> Reply:
        for account in call.world.accounts.values():
            if call.args["id"] in account.images:
                call.account.images[call.args["id"]] = account.images[call.args["id"]]
        reply: Reply = true(call)
        return reply

    return handle


def _lists_of_all(true: Any) -> Any:
    def handle(call: Call) -> Reply:
        call.account = call.world.accounts.get(call.args["userId"], call.account)
        reply: Reply = true(call)
        return reply

    return handle


def _wrapped(operation: str, make: Any) -> Planted:
    return mock.patch.dict(HANDLERS, {operation: make(HANDLERS[operation])})


BUGS: Mapping[str, Bug] = {
    "stranger-sees-generation": Bug(
        "another account's generation is shown",
        lambda: _everybodys("generations", "getGenerationById"),
    ),
    "stranger-deletes-generation": Bug(
        "another account's generation can be deleted",
        lambda: _everybodys("generations", "deleteGenerationById"),
    ),
    "stranger-sees-dataset": Bug(
        "another account's dataset is shown", lambda: _everybodys("datasets", "getDatasetById")
    ),
    "stranger-deletes-dataset": Bug(
        "another account's dataset can be deleted", lambda: _everybodys("datasets", "deleteDatasetById")
    ),
    "stranger-sees-upload": Bug(
        "another account's init image is shown", lambda: _everybodys("uploads", "getInitImageById")
    ),
    "stranger-sees-model": Bug(
        "another account's model is shown", lambda: _everybodys("models", "getModelById")
    ),
    "stranger-sees-variation": Bug(
        "another account's variation is shown", lambda: _everybodys("variations", "getVariationById")
    ),
    "stranger-sees-texture": Bug(
        "another account's texture is shown", lambda: _everybodys("textures", "getTextureGenerationById")
    ),
    "stranger-uses-image": Bug(
        "another account's image can be enlarged",
        lambda: _wrapped("createVariationUpscale", _anybodys_image),
    ),
    "stranger-lists": Bug(
        "another account's generations are listed",
        lambda: _wrapped("getGenerationsByUserId", _lists_of_all),
    ),
}
