"""Models: the platform's, and those that an account trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.orders import ModelOrder
from mockleo.core.training import CustomModel, train_model
from mockleo.wire.shapes import booked, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def create(call: Call) -> Reply:
    model = train_model(call.world, call.account, call.order(ModelOrder))
    return call.reply(booked(call, model.cost, customModelId=model.id))


def show(call: Call) -> Reply:
    model = call.account.models.get(call.args["id"])
    return call.reply(render(model) if model is not None and not model.hidden else None)


def forget(call: Call) -> Reply:
    model = call.account.models.pop(call.args["id"], None)
    if model is not None:
        call.world.abandon(model)
    return call.reply({"id": model.id} if model is not None else None)


def list_of_user(call: Call) -> Reply:
    own = call.args["userId"] == call.account.user_id
    models = reversed(call.account.models.values()) if own else ()
    return call.reply([render(model) for model in models if not model.hidden])


def list_of_platform(call: Call) -> Reply:
    return call.reply(
        [
            {
                "id": model.id,
                "name": model.name,
                "description": model.description,
                "nsfw": model.nsfw,
                "featured": model.featured,
                "generated_image": {"id": model.image.id, "url": call.links.showcase(model)}
                if model.image is not None
                else None,
            }
            for model in call.world.catalogue.models.values()
            if model.listed and model.id not in call.account.retired
        ]
    )


def render(model: CustomModel) -> dict[str, Any]:
    order = model.order
    return {
        "createdAt": moment(model.created_ms),
        "description": order.description or "",
        "id": model.id,
        "instancePrompt": order.instance_prompt,
        "modelHeight": model.resolution,
        "modelWidth": model.resolution,
        "name": order.name,
        "public": False,
        "sdVersion": model.sd_version_told or model.sd_version,
        "status": model.status,
        "type": order.modelType or "GENERAL",
        "updatedAt": moment(model.changed_ms),
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createModel": create,
    "getModelById": show,
    "deleteModelById": forget,
    "getCustomModelsByUserId": list_of_user,
    "listPlatformModels": list_of_platform,
}
