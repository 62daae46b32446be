"""Datasets and their images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.datasets import Dataset, add_generated, announce_image, create_dataset, delete_dataset
from mockleo.wire.shapes import moment, presigned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def create(call: Call) -> Reply:
    dataset = create_dataset(
        call.world, call.account, name=call.args["name"], description=call.args.get("description")
    )
    return call.reply({"id": dataset.id})


def show(call: Call) -> Reply:
    dataset = call.account.datasets.get(call.args["id"])
    return call.reply(render(call, dataset) if dataset is not None else None)


def forget(call: Call) -> Reply:
    dataset = delete_dataset(call.world, call.account, call.args["id"])
    for image in dataset.images if dataset is not None else ():
        call.site.discard(image.key)
    return call.reply({"id": dataset.id} if dataset is not None else None)


def upload(call: Call) -> Reply:
    image = announce_image(
        call.world, call.account, dataset_id=call.args["datasetId"], extension=call.args["extension"]
    )
    fields, url = presigned(call, image)
    return call.reply({"id": image.id, "fields": fields, "key": image.key, "url": url})


def add_from_generation(call: Call) -> Reply:
    image = add_generated(
        call.world,
        call.account,
        dataset_id=call.args["datasetId"],
        image_id=call.args["generatedImageId"],
    )
    return call.reply({"id": image.id})


def render(call: Call, dataset: Dataset) -> dict[str, Any]:
    return {
        "createdAt": moment(dataset.created_ms),
        "dataset_images": [
            {"createdAt": moment(image.created_ms), "id": image.id, "url": call.links.asset(image.key)}
            for image in dataset.images
        ],
        "description": dataset.description,
        "id": dataset.id,
        "name": dataset.name,
        "updatedAt": moment(dataset.updated_ms),
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createDataset": create,
    "getDatasetById": show,
    "deleteDatasetById": forget,
    "uploadDatasetImage": upload,
    "uploadDatasetImageFromGen": add_from_generation,
}
