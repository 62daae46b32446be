"""Whether bytes are the kind of file that is said, and how large a picture is."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockleo.conformance.door import Answer

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"

# The smallest files of their kinds, to be uploaded.
_PNG_TEXT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PNG = b64decode(_PNG_TEXT)
OBJ = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
DATA_URL = f"data:image/png;base64,{_PNG_TEXT}"


def kind_of(content: bytes) -> str:
    """ "image", "video", or "" for anything else."""
    if content.startswith((_PNG, _JPEG)) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return "image"
    return "video" if content[4:8] == b"ftyp" else ""


def trouble(answer: Answer, kind: str) -> str:
    """What is wrong with the file that came; empty where nothing is."""
    if answer.status != 200:
        return f"it is answered with {answer.status}"
    if not answer.body:
        return "it is empty"
    found = kind_of(answer.body)
    if found != kind:
        return f"its bytes are no {kind}; they begin {answer.body[:12]!r}"
    told = (answer.header("content-type") or "").partition("/")[0]
    return (
        "" if told == kind else f"its content-type is {answer.header('content-type')}, its bytes are a {kind}"
    )


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG or a JPEG; None where they cannot be told."""
    if content.startswith(_PNG):
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    at = 2
    while content.startswith(_JPEG) and at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        # Start of frame, of whatever kind: all but the tables that lie among them.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + length
    return None
