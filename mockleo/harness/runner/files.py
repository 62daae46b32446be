"""The files that a client has left: what they are, and whether they can be shown to the end."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

from mockleo.harness.run import SavedFile
from mockleo.media.kinds import is_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PICTURES = ("jpg", "png", "webp")
_BOX_HEAD = 8
# A client that has filled the folder with something else is not waited for.
_FILES_MOST = 2_000


def saved(folder: Path) -> Iterator[SavedFile]:
    """Each file below `folder`, in the order of their names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    # What begins with a dot is the client's own, and no result.
    paths = [path for path in paths if not path.name.startswith(".")]
    for path in paths[:_FILES_MOST]:
        content = path.read_bytes()
        kind = next((kind for kind in (*_PICTURES, "mp4") if is_of(kind, content)), "")
        yield SavedFile(
            name=path.relative_to(folder).as_posix(),
            bytes=len(content),
            kind=kind,
            is_whole=_is_whole(kind, content),
            digest=hashlib.sha256(content).hexdigest(),
        )


def _is_whole(kind: str, content: bytes) -> bool:
    if kind in _PICTURES:
        return _can_be_shown(content)
    return kind == "mp4" and _is_filled_by_boxes(content)


def _can_be_shown(content: bytes) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content)) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError):
        # Pillow raises SyntaxError for a broken PNG.
        return False
    return True


def _is_filled_by_boxes(content: bytes) -> bool:
    """Whether the outer boxes of an MP4 follow each other to the very end."""
    at = 0
    while at + _BOX_HEAD <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size < _BOX_HEAD or not content[at + 4 : at + _BOX_HEAD].isalnum():
            return False
        at += size
    return at == len(content)
