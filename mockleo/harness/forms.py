"""How a client has made the form that it posted to the storage, by the beginning of its body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from mockleo.harness.evidence import FORMS

if TYPE_CHECKING:
    from mockleo.harness.evidence import Call, Evidence

_BOUNDARY = re.compile(rb'boundary="?([^";]+)')
_NAME = re.compile(rb'[; ]name="([^"]*)"')
_FILENAME = re.compile(rb'filename="([^"]*)"')


class Part(msgspec.Struct, frozen=True):
    """One part of a form; of a file's `content` only the beginning is known."""

    name: str
    filename: str | None
    content: bytes


def parts_of(call: Call) -> list[Part]:
    """The parts in the order in which they were sent; none where it is no multipart form."""
    kind = call.exchange.headers.get(b"content-type", b"")
    found = _BOUNDARY.search(kind)
    if found is None or not kind.lower().startswith(b"multipart/form-data"):
        return []
    parts = []
    for piece in call.exchange.body.split(b"--" + found[1])[1:]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(b" " + head)
        if not blank or name is None:
            continue
        filename = _FILENAME.search(head)
        told = None if filename is None else filename[1].decode("utf-8", "replace")
        parts.append(Part(name[1].decode("utf-8", "replace"), told, content.removesuffix(b"\r\n")))
    return parts


def value_of(call: Call, name: str) -> str | None:
    """The value of a field, whatever its capitals; None where the form has none."""
    for part in parts_of(call):
        if part.name.lower() == name.lower():
            return part.content.decode("utf-8", "replace")
    return None


def is_upload(call: Call) -> bool:
    """Whether it is the post of a form, or was meant to be one."""
    return call.operation in {"s3.post", "s3.put"}


def asked_for(evidence: Evidence) -> list[Call]:
    """The calls that were answered with a form."""
    return [call for call in evidence.calls if call.operation in FORMS and call.succeeded]
