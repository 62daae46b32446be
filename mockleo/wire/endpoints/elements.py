"""Elements (LoRAs): the platform's, and those that an account trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.orders import ElementOrder
from mockleo.core.training import CustomElement, train_element
from mockleo.wire.shapes import booked, moment, weight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


# Listed by the service, and refused by both official SDKs. Source: tried against the SDKs.
_UNREADABLE_BASES = frozenset({"WAN21"})


def create(call: Call) -> Reply:
    element = train_element(call.world, call.account, call.order(ElementOrder))
    return call.reply(booked(call, element.cost, userLoraId=element.number))


def show(call: Call) -> Reply:
    element = call.account.elements.get(call.args["id"])
    return call.reply(render(element) if element is not None and not element.hidden else None)


def forget(call: Call) -> Reply:
    element = call.account.elements.pop(call.args["id"], None)
    if element is not None:
        call.world.abandon(element)
    return call.reply({"id": element.number} if element is not None else None)


def list_of_user(call: Call) -> Reply:
    own = call.args["userId"] == call.account.user_id
    elements = reversed(call.account.elements.values()) if own else ()
    return call.reply([render(element) for element in elements if not element.hidden])


def list_of_platform(call: Call) -> Reply:
    return call.reply(
        [
            {
                "akUUID": element.akUUID,
                "name": element.name,
                "description": element.description,
                "urlImage": call.links.element_thumbnail(element.akUUID),
                "baseModel": element.base_model,
                "weightDefault": weight(call, element.weight_default),
                "weightMin": weight(call, element.weight_min),
                "weightMax": weight(call, element.weight_max),
                "creatorName": element.creator,
            }
            for element in call.world.catalogue.elements.values()
            if call.true_to_the_wire or element.base_model not in _UNREADABLE_BASES
        ]
    )


def render(element: CustomElement) -> dict[str, Any]:
    order = element.order
    return {
        "createdAt": moment(element.created_ms),
        "description": order.description or "",
        "id": element.number,
        "instancePrompt": order.instance_prompt,
        "resolution": element.resolution,
        "learningRate": order.learning_rate,
        "trainingEpoch": order.num_train_epochs,
        "name": order.name,
        "trainTextEncoder": order.train_text_encoder,
        "baseModel": element.sd_version_told or order.sd_version,
        "status": element.status,
        "focus": order.lora_focus,
        "updatedAt": moment(element.changed_ms),
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createElement": create,
    "getElementById": show,
    "deleteElementById": forget,
    "getCustomElementsByUserId": list_of_user,
    "listElements": list_of_platform,
}
