"""Files are what they say."""

import io

import pytest
from PIL import Image

from mockleo.conformance.door import Answer
from mockleo.conformance.lifecycle.files import DATA_URL, PNG, kind_of, picture_size, trouble


def picture(kind: str, width: int, height: int, **options: object) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(into, kind, **options)
    return into.getvalue()


MP4 = b"\0\0\0\x18ftypisom" + bytes(16)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image"),
        (picture("PNG", 3, 2), "image"),
        (picture("JPEG", 3, 2), "image"),
        (picture("WEBP", 3, 2), "image"),
        (MP4, "video"),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_bytes_tell_their_kind(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        picture("PNG", 640, 31),
        picture("JPEG", 640, 31),
        picture("JPEG", 640, 31, progressive=True),
        picture("JPEG", 640, 31, comment=b"long " * 100),
    ],
)
def test_a_picture_tells_its_size(content: bytes) -> None:
    assert picture_size(content) == (640, 31)


@pytest.mark.parametrize("content", [b"", MP4, picture("JPEG", 64, 31)[:20], b"\xff\xd8\xff\xe0\0\0" * 9])
def test_what_is_cut_or_no_picture_has_no_size(content: bytes) -> None:
    assert picture_size(content) is None


def test_the_picture_that_is_sent_can_be_opened() -> None:
    assert Image.open(io.BytesIO(PNG)).size == (1, 1) == picture_size(PNG)
    assert DATA_URL.startswith("data:image/png;base64,iVBOR")


@pytest.mark.parametrize(
    ("status", "content_type", "body", "wrong"),
    [
        (200, "image/png", PNG, ""),
        (200, "video/mp4", PNG, "its content-type is video/mp4, its bytes are a image"),
        (200, "image/png", MP4, "its bytes are no image"),
        (200, "image/png", b"", "it is empty"),
        (404, "image/png", PNG, "it is answered with 404"),
    ],
)
def test_what_is_wrong_with_a_file(status: int, content_type: str, body: bytes, wrong: str) -> None:
    answer = Answer(status=status, headers=(("content-type", content_type),), body=body)

    assert trouble(answer, "image").startswith(wrong)
    assert bool(trouble(answer, "image")) == bool(wrong)
