"""Can the URLs of an answer be fetched, and are they what they say?

This is no check of the menu, because it makes calls of its own: a part asks for it now and then.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockleo.conformance.checks.seen import fields_of
from mockleo.conformance.checks.urls_absolute import is_form, is_url
from mockleo.conformance.curl import curl
from mockleo.conformance.door import NoAnswer, Request
from mockleo.conformance.lifecycle import files
from mockleo.conformance.tally import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.door import Answer, Door

CHECK = "urls-fetched"

# What a file's name ends with -> what it is; of other files only that they are there is looked at.
_KINDS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), "image"),
    **dict.fromkeys(("mp4", "mov"), "video"),
}


def addresses(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Where there are URLs of files in an answer, each place once, and the first URL there."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return ()
    found: dict[str, str] = {}
    for field in fields_of(body):
        if is_url(field.name, field.value) and not is_form(field.where):
            found.setdefault(field.where, field.value)
    return tuple(found.items())


def fetch(door: Door, answer: Answer, *, operation: str = "", part: str = "") -> Iterator[Finding]:
    """Fetch the files that an answer names, without a key, as a browser does. Raises `MayNot`."""
    for where, url in addresses(answer):
        request = Request(method="GET", url=url)
        try:
            got = door.send(request)
        except NoAnswer:
            wrong, seen = "there is no answer", ""
        else:
            wrong, seen = _wrong(url, got), f"{got.status} {got.header('content-type')}"
        if wrong:
            yield Finding(
                part=part,
                check=CHECK,
                operation=operation,
                message=f"{where} cannot be used: {wrong}",
                expected="every URL in an answer can be fetched without a key, and is the file that its name"
                " says (observed; source: REC)",
                fix="what serves the files, and whether they are there once they are named",
                curl=curl(request),
                seen=f"{url}\n{seen}",
            )


def _wrong(url: str, got: Answer) -> str:
    kind = _KINDS.get(urlsplit(url).path.rpartition(".")[2].lower())
    if kind is not None:
        return files.trouble(got, kind)
    if got.status != 200:
        return f"it is answered with {got.status}"
    return "" if got.body else "it is empty"
