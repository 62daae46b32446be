"""Which model an order runs on: the platform's, or one that the account has trained."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockleo.core.errors import ModelIdMalformed, ModelNotFound, ModelNotUsable
from mockleo.core.lifecycle import State

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.catalogue import Model
    from mockleo.core.orders import GenerationOrder
    from mockleo.core.world import World

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    """Whether `text` has the shape of a UUID, of whatever version."""
    return _UUID.fullmatch(text) is not None


def default_model_id(world: World) -> str:
    """The model that runs when none is named; both official SDKs name it always."""
    model_id: str = world.rules.default("generation.modelId")
    return model_id


def chosen_model_id(world: World, order: GenerationOrder) -> str | None:
    """The model that the client chose; None when it is the default, named or not.

    The SDKs fill the default in where their user said nothing, so the two must be one.
    """
    return None if order.modelId == default_model_id(world) else order.modelId


def known_model(world: World, account: Account, order: GenerationOrder) -> Model:
    """The model of `order` if it can be told, else the default; it refuses nothing."""
    model_id = order.modelId
    if model_id is not None:
        own = account.models.get(model_id)
        if own is not None:
            return own.as_model()
        platform = world.catalogue.models.get(model_id)
        if platform is not None:
            return platform
    return world.catalogue.models[default_model_id(world)]


def usable_model(world: World, account: Account, order: GenerationOrder) -> Model:
    """The model of `order`, or a refusal that says what is the matter with it."""
    model_id = order.modelId
    if account.retired and (model_id or default_model_id(world)) in account.retired:
        raise ModelNotUsable(model_id=model_id or default_model_id(world))
    if model_id is None:
        return world.catalogue.models[default_model_id(world)]
    own = account.models.get(model_id)
    if own is not None:
        if own.state is not State.COMPLETE:
            raise ModelNotUsable(model_id=model_id)
        return own.as_model()
    platform = world.catalogue.models.get(model_id)
    if platform is None:
        raise ModelNotFound if is_uuid(model_id) else ModelIdMalformed
    if not platform.api:
        raise ModelNotUsable(model_id=model_id)
    return platform
