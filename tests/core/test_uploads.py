"""Uploads: announced, arrived, found by what they are for, and gone."""

import pytest

from mockleo.core.errors import InvalidExtension, InvalidInitImage
from mockleo.core.uploads import (
    IMAGES,
    Purpose,
    announce,
    arrive,
    delete,
    find,
    list_of,
    uploaded_image,
)

from .worlds import START_MS, a_place, a_world, an_account, an_upload

PICTURES = ["png", "jpg", "jpeg", "webp"]
KINDS = {
    Purpose.INIT_IMAGE: PICTURES,
    Purpose.CANVAS_INIT: PICTURES,
    Purpose.CANVAS_MASK: PICTURES,
    Purpose.DATASET_IMAGE: PICTURES,
    Purpose.MEDIA: ["mp4", "mov", "mp3", "wav"],
    Purpose.MODEL_ASSET: ["obj"],
}
EVERY_EXTENSION = [*PICTURES, "mp4", "mov", "mp3", "wav", "obj", "gif", "PNG", ".png", "", "exe"]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("extension", EVERY_EXTENSION)
def test_each_purpose_takes_its_kinds_of_file(purpose: Purpose, extension: str) -> None:
    world, account = a_place()
    if extension in KINDS[purpose]:
        upload = announce(world, account, purpose=purpose, extension=extension)
        assert (upload.purpose, upload.extension, upload.created_ms) == (purpose, extension, START_MS)
    else:
        with pytest.raises(InvalidExtension):
            announce(world, account, purpose=purpose, extension=extension)
        assert (account.uploads, world.uploads_by_key, account.serial) == ({}, {}, 0)


def test_a_key_belongs_to_its_owner_and_to_nothing_else() -> None:
    world = a_world()
    keys = [
        announce(world, an_account(world, name), purpose=purpose, extension=KINDS[purpose][0], folder="f").key
        for name in ("alice", "bob")
        for purpose in Purpose
        for _ in range(2)
    ]
    assert len(set(keys)) == len(keys)
    for upload in an_account(world, "bob").uploads.values():
        assert upload.key.startswith(f"users/{an_account(world, 'bob').user_id}/")
        assert upload.id in upload.key


def test_a_file_is_there_once_it_has_arrived() -> None:
    world, account = a_place()
    upload = an_upload(world, account, arrived=False)
    assert (upload.arrived, upload.stored_ms) == (False, None)
    world.advance(START_MS + 500)
    assert arrive(world, upload.key) is upload
    assert (upload.arrived, upload.stored_ms) == (True, START_MS + 500)
    assert arrive(world, "users/nobody/initImages/x.png") is None


@pytest.mark.parametrize("purpose", Purpose)
def test_an_upload_is_found_by_its_owner_for_its_purpose(purpose: Purpose) -> None:
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    upload = an_upload(world, account, purpose=purpose, extension=KINDS[purpose][0])
    assert find(account, upload.id, *Purpose) is upload
    assert find(other, upload.id, *Purpose) is None
    assert [found for found in Purpose if find(account, upload.id, found)] == [purpose]
    if purpose in IMAGES:
        assert uploaded_image(account, upload.id) is upload
    else:
        with pytest.raises(InvalidInitImage):
            uploaded_image(account, upload.id)


def test_no_id_is_no_image() -> None:
    _, account = a_place()
    with pytest.raises(InvalidInitImage):
        uploaded_image(account, None)


def test_what_is_deleted_is_gone_and_its_bytes_come_too_late() -> None:
    world, account = a_place()
    upload = an_upload(world, account, arrived=False)
    assert delete(world, account, upload.id, Purpose.MEDIA) is None
    assert delete(world, an_account(world, "bob"), upload.id, *IMAGES) is None
    assert delete(world, account, upload.id, *IMAGES) is upload
    assert delete(world, account, upload.id, *IMAGES) is None
    assert arrive(world, upload.key) is None
    assert (account.uploads, world.uploads_by_key, upload.arrived) == ({}, {}, False)


def test_a_list_is_of_one_purpose_oldest_first() -> None:
    world, account = a_place()
    first = an_upload(world, account)
    an_upload(world, account, purpose=Purpose.CANVAS_MASK)
    second = an_upload(world, account)
    assert list(list_of(account, Purpose.INIT_IMAGE)) == [first.id, second.id]
    assert list_of(account, Purpose.MEDIA) == {}
