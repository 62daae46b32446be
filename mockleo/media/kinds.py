"""Whether a file is of the kind that its extension says, by its first bytes."""

from __future__ import annotations

# As much of a file as `is_of` wants to see.
HEAD_BYTES = 512

_FILMS = (b"ftyp", b"moov", b"wide", b"free", b"mdat", b"skip")


def is_of(extension: str, head: bytes) -> bool:
    """Whether a file that begins with `head` can be what `extension` says.

    A kind that has no mark of its own is anything that looks like text.
    """
    if extension == "png":
        return head.startswith(b"\x89PNG\r\n\x1a\n")
    if extension in {"jpg", "jpeg"}:
        return head.startswith(b"\xff\xd8\xff")
    if extension in {"webp", "wav"}:
        return head.startswith(b"RIFF") and head[8:12] == (b"WEBP" if extension == "webp" else b"WAVE")
    if extension in {"mp4", "mov"}:
        return head[4:8] in _FILMS
    if extension == "mp3":
        # A tag, or the eleven set bits that a frame begins with.
        return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    return bool(head) and b"\0" not in head
