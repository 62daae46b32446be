"""Does an answer say truly what it is?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

_JSON = "the contract says application/json; charset=utf-8 (observed; source: src 62155717861)"
_CHARSETS = frozenset({"", "utf-8", "utf8"})


def content_type(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """JSON is called JSON: the official SDKs take an answer of any other type for an error."""
    said = seen.answer.header("content-type")
    if said is None:
        if seen.answer.body:
            yield Wrong(
                message="an answer with a body has no content-type",
                expected=_JSON,
                fix="the headers of the answer",
            )
        return
    kind, _, rest = said.lower().partition(";")
    kind = kind.strip()
    if kind == "text/html" and _may_be_a_page(promise, seen.answer.status):
        return
    if kind != "application/json":
        yield Wrong(
            message=f"an answer with status {seen.answer.status} is sent as {kind or 'nothing'}",
            expected=_JSON,
            fix="the content-type of the answer, and who has written it: a proxy's page is no answer",
            value=said,
        )
        return
    charset = next((part.strip() for part in rest.split(";") if part.strip().startswith("charset=")), "")
    if charset.removeprefix("charset=").strip('"') not in _CHARSETS:
        yield Wrong(
            message="an answer is sent in another charset than UTF-8",
            expected=_JSON,
            fix="the charset in the content-type",
            value=said,
        )


def _may_be_a_page(promise: Promise, status: int) -> bool:
    return any(row.shape == "html" and row.status == status for row in promise.rows)
