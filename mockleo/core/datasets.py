"""Datasets: named heaps of images to train on, uploaded or taken from generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core.errors import CannotAccessImage, InvalidValue
from mockleo.core.images import of_image
from mockleo.core.uploads import Purpose, Upload, announce

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.generations import Generation
    from mockleo.core.world import World


class DatasetImage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One image of a dataset: an upload, or the copy of a generated one."""

    id: str
    key: str
    created_ms: int
    upload: Upload | None = None
    generation: Generation | None = None
    index: int = 0

    @property
    def arrived(self) -> bool:
        return self.upload is None or self.upload.arrived


class Dataset(msgspec.Struct, kw_only=True, gc=False):
    id: str
    name: str
    description: str | None
    created_ms: int
    updated_ms: int
    images: list[DatasetImage]


def create_dataset(world: World, account: Account, *, name: str, description: str | None) -> Dataset:
    dataset = Dataset(
        id=account.chance.uuid4(f"dataset:{account.next()}"),
        name=name,
        description=description,
        created_ms=world.now_ms,
        updated_ms=world.now_ms,
        images=[],
    )
    account.datasets[dataset.id] = dataset
    return dataset


def own_dataset(account: Account, dataset_id: str) -> Dataset:
    """The account's dataset with this id, to be used in a request."""
    dataset = account.datasets.get(dataset_id)
    if dataset is None:
        raise InvalidValue(field="datasetId")
    return dataset


def announce_image(world: World, account: Account, *, dataset_id: str, extension: str) -> Upload:
    """Make room in a dataset for an image that is about to be uploaded."""
    dataset = own_dataset(account, dataset_id)
    upload = announce(world, account, purpose=Purpose.DATASET_IMAGE, extension=extension, folder=dataset.id)
    image = DatasetImage(id=upload.id, key=upload.key, created_ms=world.now_ms, upload=upload)
    _add(world, dataset, image)
    return upload


def add_generated(world: World, account: Account, *, dataset_id: str, image_id: str) -> DatasetImage:
    """Put a copy of a generated image into a dataset."""
    dataset = own_dataset(account, dataset_id)
    source = of_image(account, image_id)
    if source is None or source.generation is None:
        raise CannotAccessImage
    generation = source.generation
    copy_id = account.chance.uuid4(f"upload:{account.next()}")
    image = DatasetImage(
        id=copy_id,
        key=f"users/{account.user_id}/datasets/{dataset.id}/images/{copy_id}/image.{generation.extension}",
        created_ms=world.now_ms,
        generation=generation,
        index=generation.image_ids.index(image_id),
    )
    _add(world, dataset, image)
    return image


def delete_dataset(world: World, account: Account, dataset_id: str) -> Dataset | None:
    """Forget a dataset and its images; None when there is none."""
    dataset = account.datasets.pop(dataset_id, None)
    for image in dataset.images if dataset is not None else ():
        if image.upload is not None:
            account.uploads.pop(image.id, None)
            world.uploads_by_key.pop(image.key, None)
    return dataset


def _add(world: World, dataset: Dataset, image: DatasetImage) -> None:
    dataset.images.append(image)
    dataset.updated_ms = world.now_ms
