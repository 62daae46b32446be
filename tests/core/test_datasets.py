"""Datasets: made, filled with uploads and generated images, and gone with what is theirs."""

import pytest

from mockleo.core.datasets import (
    add_generated,
    announce_image,
    create_dataset,
    delete_dataset,
    own_dataset,
)
from mockleo.core.errors import CannotAccessImage, InvalidExtension, InvalidValue
from mockleo.core.generations import delete_generation
from mockleo.core.uploads import arrive

from .worlds import (
    NOBODYS,
    START_MS,
    a_dataset,
    a_generation,
    a_place,
    a_world,
    an_account,
    an_image,
    an_upload,
    every_id,
)


def test_a_dataset_is_made_empty_and_is_its_owners() -> None:
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    dataset = create_dataset(world, account, name="cats", description="all mine")
    assert (dataset.name, dataset.description, dataset.images) == ("cats", "all mine", [])
    assert own_dataset(account, dataset.id) is dataset
    for owner, dataset_id in ((other, dataset.id), (account, NOBODYS), (account, "")):
        with pytest.raises(InvalidValue, match="datasetId"):
            own_dataset(owner, dataset_id)


def test_an_uploaded_image_has_its_place_before_it_arrives() -> None:
    world, account = a_place()
    dataset = account.datasets[a_dataset(world, account, images=0)]
    world.advance(START_MS + 70)
    upload = announce_image(world, account, dataset_id=dataset.id, extension="jpg")
    (image,) = dataset.images
    assert (image.id, image.key, image.arrived) == (upload.id, upload.key, False)
    assert f"/datasets/{dataset.id}/images/{upload.id}/" in upload.key
    assert dataset.updated_ms == START_MS + 70
    arrive(world, upload.key)
    assert image.arrived


def test_a_kind_of_file_that_is_no_image_is_refused() -> None:
    world, account = a_place()
    dataset = account.datasets[a_dataset(world, account, images=0)]
    with pytest.raises(InvalidExtension):
        announce_image(world, account, dataset_id=dataset.id, extension="obj")
    assert dataset.images == []


def test_a_generated_image_is_copied() -> None:
    world, account = a_place()
    generation = a_generation(world, account, num_images=3)
    dataset_id = a_dataset(world, account, images=0)
    copy = add_generated(world, account, dataset_id=dataset_id, image_id=generation.image_ids[2])
    assert (copy.generation, copy.index, copy.upload, copy.arrived) == (generation, 2, None, True)
    assert copy.id not in account.images
    assert copy.key.endswith(f"/{copy.id}/image.jpg")
    delete_generation(account, generation.id)
    assert account.datasets[dataset_id].images == [copy]


def test_only_an_image_of_ones_own_is_copied() -> None:
    world, account, ids = every_id()
    dataset_id = a_dataset(world, account, images=0)
    for kind, image_id in ids.items():
        if kind == "image":
            add_generated(world, account, dataset_id=dataset_id, image_id=image_id)
        else:
            with pytest.raises(CannotAccessImage):
                add_generated(world, account, dataset_id=dataset_id, image_id=image_id)
    assert len(account.datasets[dataset_id].images) == 1


def test_anothers_dataset_takes_nothing() -> None:
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    dataset_id = a_dataset(world, other, images=0)
    image_id = an_image(world, account)
    with pytest.raises(InvalidValue, match="datasetId"):
        announce_image(world, account, dataset_id=dataset_id, extension="png")
    with pytest.raises(InvalidValue, match="datasetId"):
        add_generated(world, account, dataset_id=dataset_id, image_id=image_id)
    assert other.datasets[dataset_id].images == []


def test_what_is_deleted_is_gone_with_its_uploads_and_no_others() -> None:
    world, account = a_place()
    kept = an_upload(world, account)
    generated = an_image(world, account)
    dataset_id = a_dataset(world, account, images=2)
    add_generated(world, account, dataset_id=dataset_id, image_id=generated)
    assert delete_dataset(world, an_account(world, "bob"), dataset_id) is None
    deleted = delete_dataset(world, account, dataset_id)
    assert deleted is not None
    assert deleted.id == dataset_id
    assert delete_dataset(world, account, dataset_id) is None
    assert list(account.uploads) == [kept.id]
    assert list(world.uploads_by_key) == [kept.key]
    assert generated in account.images
