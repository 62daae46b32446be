"""The files that a client has left: what they are, and whether they can be shown to the end."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from mockleo.harness.run import SavedFile
from mockleo.media.kinds import is_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_PICTURES = ("jpg", "png", "webp")
# What a name promises that ends so, or that has no ending; a client's own lists and logs are no
# results, be they whole or not.
_PROMISING = frozenset({"", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".mov", ".webm", ".bin"})
_BOX_HEAD = 8
# A client that has filled the folder with something else is not waited for.
_FILES_MOST = 2_000
_LOOKED_AT_MOST = 20_000
# No asset of the service's is larger; of such a file only the size is told.
_BYTES_MOST = 64 * 1024 * 1024


def saved(folder: Path) -> Iterator[SavedFile]:
    """Each result below `folder`, folder by folder, in the order of their names."""
    told = 0
    for nth, path in enumerate(_paths(folder)):
        if told == _FILES_MOST or nth == _LOOKED_AT_MOST:
            return
        file = _looked_at(path, name=path.relative_to(folder).as_posix())
        if file is not None:
            told += 1
            yield file


def _paths(folder: Path) -> Iterator[Path]:
    """Every file; what begins with a dot is the client's own."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _looked_at(path: Path, *, name: str) -> SavedFile | None:
    """What is to be told of a file; None where it is no result, or is gone."""
    name = name.encode("utf-8", "replace").decode()
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= _BYTES_MOST else b""
    except OSError:
        # Nobody can show what nobody can read.
        return SavedFile(name=name, bytes=0, kind="", is_whole=False, digest="")
    kind = next((kind for kind in (*_PICTURES, "mp4") if is_of(kind, content)), "")
    if not kind and path.suffix.lower() not in _PROMISING:
        return None
    return SavedFile(
        name=name,
        bytes=size,
        kind=kind,
        is_whole=_is_whole(kind, content),
        digest=hashlib.sha256(content).hexdigest() if size <= _BYTES_MOST else "",
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
