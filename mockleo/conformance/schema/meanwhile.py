"""What a client does between two calls: it uploads the file that it was given a form for, and waits.

Without it each sequence would end where the contract says "then": no job would ever be finished,
and no upload there to be used.
"""

from __future__ import annotations

import json
from itertools import cycle
from typing import TYPE_CHECKING, Any

from mockleo.conformance.door import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.door import Answer, Door

Json = Any

# After each order that is taken, in turn: looked at once while it is new, while it runs, and when
# it is done. Longer than any job takes, and shorter than any form lives, are among them.
_WAITS_MS = (0, 90_000, 5_000, 900_000)

_BOUNDARY = "a-form-of-the-contract-suite"
# What these begin with is all that storage or service look at.
_FILES = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0",
    "jpeg": b"\xff\xd8\xff\xe0",
    "webp": b"RIFF\x00\x00\x00\x00WEBP",
}


class Meanwhile:
    """Goes on with what an answer asks for."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._waits_ms = cycle(_WAITS_MS) if "fast-forward" in door.abilities else None

    def after(self, request: Request, answer: Answer) -> None:
        """`request` was answered. Raises what the door raises."""
        if request.method != "POST" or answer.status != 200:
            return
        for url, fields in _forms(answer):
            self._door.send(_upload(url, fields))
        if self._waits_ms is not None and (ms := next(self._waits_ms)):
            self._door.wait(ms)


def _forms(answer: Answer) -> Iterator[tuple[str, dict[str, str]]]:
    """The forms of an answer: address, fields. Each is spelled `fields` and `url`, or so at the end.

    One of them is there twice, under two spellings (the mask's).
    """
    seen = set()
    if b"ields" not in answer.body:
        return
    try:
        body = json.loads(answer.body)
    except ValueError:
        return
    for told in body.values() if isinstance(body, dict) else ():
        for name, fields in told.items() if isinstance(told, dict) else ():
            url = told.get(f"{name.removesuffix('ields')[:-1]}{'url' if name == 'fields' else 'Url'}")
            is_form = name.lower().endswith("fields") and isinstance(fields, str) and isinstance(url, str)
            if is_form and fields not in seen:
                seen.add(fields)
                try:
                    yield url, json.loads(fields)
                except ValueError:
                    return


def _upload(url: str, fields: dict[str, str]) -> Request:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    extension = fields.get("key", "").rpartition(".")[2]
    file = _FILES.get(extension, b"nothing in particular")
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
    return Request(
        method="POST",
        url=url,
        headers=(("content-type", f"multipart/form-data; boundary={_BOUNDARY}"),),
        body="".join([*parts, head]).encode() + file + f"\r\n--{_BOUNDARY}--\r\n".encode(),
    )
