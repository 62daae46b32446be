"""What is made beside plain orders: uploads, meshes, datasets, and what is trained on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.lifecycle import acts, files, looks, orders
from mockleo.conformance.lifecycle.known import DATASET, INIT_IMAGE, MESH, MODEL, Job, Thing

if TYPE_CHECKING:
    from mockleo.conformance.lifecycle.client import Reply
    from mockleo.conformance.lifecycle.visit import Visit

_STORED = (200, 201, 204)


def upload_image(visit: Visit, *, arrives: bool = True) -> Thing | None:
    """Announce an image, and send it; its record is there from the start."""
    reply = visit.client.call("uploadInitImage", body={"extension": "png"})
    return _announced(visit, reply, "", INIT_IMAGE, files.PNG if arrives else None)


def upload_mesh(visit: Visit) -> Thing | None:
    body = {"modelExtension": "obj", "name": f"mesh {visit.number()}"}
    reply = visit.client.call("uploadModelAsset", body=body)
    return _announced(visit, reply, "model", MESH, files.OBJ)


def _announced(visit: Visit, reply: Reply, prefix: str, noun: Any, content: bytes | None) -> Thing | None:
    told = visit.need(reply, reply.told, dict, "the form is no object")
    names = {name: f"{prefix}{name.capitalize()}" if prefix else name for name in ("id", "url", "fields")}
    thing_id = visit.need(reply, told.get(names["id"]), str, f"`{names['id']}` is no text")
    url = visit.need(reply, told.get(names["url"]), str, f"`{names['url']}` is no text")
    acts.unique(visit, thing_id, reply)
    thing = Thing(noun=noun, id=thing_id, owner=visit.known.user_id, content=content)
    visit.known.things.append(thing)
    if content is not None:
        fields = _fields(told.get(names["fields"]))
        visit.shape(reply, bool(fields), f"`{names['fields']}` is no JSON text of an object")
        answer = visit.client.store(url, fields, content)
        message = f"the upload is answered with {answer.status} {answer.body[:80]!r}"
        visit.hold("order-is-accepted", answer.status in _STORED, message, operation=reply.operation)
    row = looks.look(visit, thing)
    message = f"the {noun.name} {thing_id} was announced, and is not shown"
    visit.hold("uploaded-is-known", row is not None, message, operation=noun.show)
    where = row.get("url") if row is not None else None
    if content is not None and isinstance(where, str):
        answer_there = visit.client.fetch(where)
        if answer_there is not None:
            good = answer_there.status == 200 and answer_there.body == content
            message = (
                f"{where} gives {answer_there.status}, and not the {len(content)} bytes that were uploaded"
            )
            visit.hold("result-can-be-fetched", good, message, operation=noun.show)
    return thing


def _fields(text: object) -> dict[str, str]:
    try:
        decoded = msgspec.json.decode(text) if isinstance(text, str) else None
    except msgspec.DecodeError:
        return {}
    return {str(name): str(value) for name, value in decoded.items()} if isinstance(decoded, dict) else {}


def make_dataset(visit: Visit, image_id: str = "") -> Thing:
    """A dataset, with a generated image in it where one is given."""
    name = f"dataset {visit.number()}"
    given = {"name": name, "description": f"of {name}, für später"}
    reply = visit.client.call("createDataset", body=given)
    told = visit.need(reply, reply.told, dict, "the dataset is no object")
    dataset_id = visit.need(reply, told.get("id"), str, "`id` is no text")
    acts.unique(visit, dataset_id, reply)
    dataset = Thing(noun=DATASET, id=dataset_id, owner=visit.known.user_id, told_back=given)
    visit.known.things.append(dataset)
    if image_id:
        if visit.fast:
            # So that it can be seen when the dataset was changed.
            visit.client.wait(1_000)
        body = {"generatedImageId": image_id}
        added = visit.client.call("uploadDatasetImageFromGen", at=dataset_id, body=body)
        told = visit.need(added, added.told, dict, "the image of the dataset is no object")
        dataset.members.append(visit.need(added, told.get("id"), str, "`id` is no text"))
    looks.look(visit, dataset)
    return dataset


def train(visit: Visit, *, image_id: str, element: bool, resolution: int = 512) -> Job | None:
    """Train a model, or an element, on one image."""
    dataset = make_dataset(visit, image_id)
    number = visit.number()
    if element:
        wanted = orders.element_training(name=f"element {number}", dataset_id=str(dataset.id))
    else:
        wanted = orders.model_training(
            name=f"model {number}", dataset_id=str(dataset.id), resolution=resolution
        )
    job = acts.order(visit, wanted)
    if element:
        body = {**wanted.body, "learning_rate": 0.5}
        acts.refused(visit, "createElement", body, what="a learning rate of 0.5 (element.learning_rate)")
    return job


def train_on_nothing(visit: Visit) -> None:
    """A dataset without an image trains nothing."""
    dataset = make_dataset(visit)
    body = {"name": "x", "datasetId": dataset.id, "instance_prompt": "x"}
    acts.refused(visit, "createModel", body, what="a training on an empty dataset (empty-dataset)")


def use_trained(visit: Visit, trained: Job) -> Job | None:
    """Order images of what was trained: to be had once it is COMPLETE."""
    if trained.noun is MODEL:
        extra: dict[str, Any] = {"modelId": trained.id}
    else:
        extra = {"userElements": [{"userLoraId": trained.id, "weight": 0.5}]}
    prompt = f"trained {visit.number()}"
    if not trained.has_ended:
        body = {"prompt": prompt, **extra}
        what = f"an order with the {trained.noun.name} {trained.id}, which is {trained.status},"
        acts.refused(visit, "createGeneration", body, what=what)
        return None
    return acts.order(visit, orders.image(prompt=prompt, model="sd15", extra=extra))


def from_image(visit: Visit, *, upload: Thing | None = None, image_id: str = "") -> Job | None:
    """Images from an image: one that was uploaded, or one that was generated."""
    which = "init_image_id" if upload is not None else "init_generation_image_id"
    named = upload.id if upload is not None else image_id
    extra = {which: named, "init_strength": 0.4}
    return acts.order(visit, orders.image(prompt=f"from an image {visit.number()}", extra=extra))


def from_nothing(visit: Visit, missing: Thing) -> Job | None:
    """Images from an upload that never came: refused, or FAILED in the end. Which of the two is
    not known; neither costs anything in the end.
    """
    extra = {"init_image_id": missing.id, "init_strength": 0.4}
    wanted = orders.image(prompt=f"from nothing {visit.number()}", extra=extra, hopeless=True)
    return acts.order(visit, wanted, may_be_refused=True)
