"""Which first bytes can be of which kind: each sample against each extension."""

from itertools import product

import pytest

from mockleo.media.kinds import HEAD_BYTES, is_of
from mockleo.media.picture import Picture, jpeg, png, webp
from mockleo.media.scene import glb, obj
from mockleo.media.sound import wav
from mockleo.media.video import Clip, mp4

PICTURE = Picture(seed=1, prompt="a cat", width=16, height=16)
CLIP = Clip(seed=1, prompt="a cat", width=64, height=64, duration_ms=100)

# What can be each extension, and nothing else of these.
SAMPLES = {
    "png": (png(PICTURE), {"png"}),
    "jpeg": (jpeg(PICTURE), {"jpg", "jpeg"}),
    "webp": (webp(PICTURE), {"webp"}),
    "mp4": (mp4(CLIP), {"mp4", "mov"}),
    "old film": (b"\0\0\0\x08wide\0\0\0\0mdat", {"mp4", "mov"}),
    "wav": (wav(seed=1, prompt="a cat", duration_ms=10), {"wav"}),
    "mp3 with a tag": (b"ID3\x04\0\0\0\0\0\0", {"mp3"}),
    "mp3": (b"\xff\xfb\x90\x64\0\0", {"mp3"}),
    "mesh": (obj(seed=1), {"obj"}),
    "text": (b"hello", {"obj"}),
    "binary mesh": (glb(seed=1, prompt="a cat"), set()),
    "nothing": (b"", set()),
    "one byte": (b"\xff", {"obj"}),
}
EXTENSIONS = ["png", "jpg", "jpeg", "webp", "mp4", "mov", "mp3", "wav", "obj"]


@pytest.mark.parametrize(("sample", "extension"), list(product(SAMPLES, EXTENSIONS)))
def test_bytes_are_of_their_kind_and_of_no_other(sample: str, extension: str) -> None:
    content, kinds = SAMPLES[sample]
    assert is_of(extension, content[:HEAD_BYTES]) is (extension in kinds)
