"""The refusals that the contract knows: rows of errors.toml, and which of them an answer is."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = Any

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# What can stand in a placeholder of a text; anything, where it is not told here.
_FILLED = {
    "user_id": _UUID,
    "limit": r"\d+",
    "name": r"(?s:.*)",
    "noun": r"[A-Z]\w*(?: \w+)*",
    "allowed": r"[A-Z]+(?:, ?[A-Z]+)*",
    "path": r"\$\.selectionSet\.(?s:.+)",
    "root": r"\w+",
    "expected": r"\w+",
    "message": (
        r"(?s:expected .+? for type '[^']*', but found .+"
        r"|expected one of the values \[.*\] for type '[^']*', but found .+"
        r"|expected a list, but found .+"
        r"|field '.*' not found in type: '[^']*'"
        r"|missing required field '[^']*'"
        r"|unexpected null value.*"
        r"|The value .+ lies outside the bounds.+)"
    ),
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL | re.IGNORECASE)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal of the contract. `text` finds the facts that its wording was filled with;
    `operations` are those that can be told it, as errors.toml has them.
    """

    name: str
    status: int
    shape: str
    code: str
    detail_status: int
    wording: str
    text: re.Pattern[str]
    path: re.Pattern[str]
    evidence: str
    source: str
    status_evidence: str
    operations: tuple[str, ...]

    def is_of(self, operation: str, dialect: str) -> bool:
        """Whether a call of this operation can be told it."""
        return not {"*", dialect, operation}.isdisjoint(self.operations)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal as it came, whatever its shape; `shape` is empty where it has none that is known."""

    status: int
    shape: str
    error: str = ""
    path: str = ""
    code: str = ""
    detail_status: int = 0


class Match(msgspec.Struct, frozen=True):
    """The row that a refusal is, and what its text was filled with."""

    row: Row
    facts: Mapping[str, str]


def rows(errors: Mapping[str, Json]) -> tuple[Row, ...]:
    """The rows of errors.toml, those with the least in their texts to be filled in first."""
    made = [_row(name, row) for name, row in errors.items()]
    return tuple(sorted(made, key=lambda row: len(_PLACEHOLDER.sub("", row.wording)), reverse=True))


def told(status: int, body: bytes, decoded: Json, *, is_html: bool) -> Told:
    """What a refusal says."""
    if is_html:
        title = _TITLE.search(body)
        text = "" if title is None else unescape(title[1].decode("utf-8", "replace")).strip()
        return Told(status=status, shape="html", error=text)
    if type(decoded) is list and decoded and all(_is_api_error(each) for each in decoded):
        first = decoded[0]
        extensions = first.get("extensions") or {}
        details = extensions.get("details")
        inner = details if type(details) is dict else extensions
        path = first.get("path")
        return Told(
            status=status,
            shape="array",
            error=first["message"],
            path=str(path[0]) if type(path) is list and path else "",
            code=str(extensions.get("code", "")),
            detail_status=inner.get("statusCode", 0) if type(inner.get("statusCode")) is int else 0,
        )
    if type(decoded) is dict and all(type(value) is str for value in decoded.values()):
        if decoded.keys() == {"error", "path", "code"}:
            return Told(status=status, shape="flat", **decoded)
        if decoded.keys() == {"error"}:
            return Told(status=status, shape="bare", error=decoded["error"])
    return Told(status=status, shape="")


def matches(rows: tuple[Row, ...], refusal: Told) -> Iterator[Match]:
    """Every row with this text and shape, whatever its status, path and code."""
    for row in rows:
        if row.shape == refusal.shape and (found := row.text.fullmatch(refusal.error)):
            yield Match(row, found.groupdict())


def differences(row: Row, refusal: Told) -> tuple[str, ...]:
    """In what a refusal is not as its row says: "status", "path", "code", "statusCode"."""
    unlike = []
    if row.status != refusal.status:
        unlike.append("status")
    if refusal.shape in {"flat", "array"}:
        if not row.path.fullmatch(refusal.path):
            unlike.append("path")
        if row.code != refusal.code:
            unlike.append("code")
    if refusal.shape == "array" and row.detail_status != refusal.detail_status:
        unlike.append("statusCode")
    return tuple(unlike)


def _is_api_error(entry: Json) -> bool:
    return (
        type(entry) is dict
        and type(entry.get("message")) is str
        and isinstance(entry.get("extensions", {}), dict)
    )


def _row(name: str, row: Mapping[str, Json]) -> Row:
    return Row(
        name=name,
        status=row["status"],
        shape=row.get("shape", "flat"),
        code=row["code"],
        detail_status=row.get("detail_status", 0),
        wording=row["error"],
        text=_pattern(row["error"]),
        path=_pattern(row.get("path", "$")),
        evidence=row["evidence"],
        source=row["source"],
        status_evidence=row.get("status_evidence", row["evidence"]),
        operations=tuple(row.get("operations", ())),
    )


def _pattern(template: str) -> re.Pattern[str]:
    """What finds texts made from `template`."""
    made = ""
    at = 0
    for found in _PLACEHOLDER.finditer(template):
        filled = _FILLED.get(found[1], r"(?s:.+)")
        made += f"{re.escape(template[at : found.start()])}(?P<{found[1]}>{filled})"
        at = found.end()
    return re.compile(made + re.escape(template[at:]))
