"""From a refusal to status and body.

`core/errors.py` draws the tree; this is the one place that knows what each leaf looks like on
the wire, and it reads that from `contracts/errors.toml`.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape

import msgspec

from mockleo.core.errors import LeoError

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of errors.toml."""

    status: int
    error: str
    code: str
    evidence: str
    source: str
    status_evidence: str = ""
    path: str = "$"
    shape: str = "flat"
    detail: str = ""
    detail_status: int = 0
    operations: list[str] = []


class Flat(msgspec.Struct, frozen=True):
    """The body of nearly every refusal; keys in the order in which they were recorded."""

    error: str
    path: str
    code: str


def name_of(error: type[LeoError]) -> str:
    """The row that belongs to a class: OutOfCredits is out-of-credits."""
    return _HUMP.sub("-", error.__name__).lower()


class Refusals:
    """The rows by name, and the one writer."""

    def __init__(self, rows: Mapping[str, Refusal]) -> None:
        self._rows = dict(rows)

    def __getitem__(self, name: str) -> Refusal:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def with_(self, changes: Mapping[str, Refusal]) -> "Refusals":
        """The same refusals with some rows replaced."""
        return Refusals({**self._rows, **changes})

    def write(self, error: LeoError) -> "Answer":
        """The answer that tells `error`."""
        name = name_of(type(error))
        row = self._rows[name]
        why = name if error.rule is None else f"{name}; rule={error.rule}"
        if row.shape == "html":
            return Answer(row.status, page(row.error), why, html=True)
        return Answer(row.status, msgspec.json.encode(_body(row, error)), why)


class Answer(msgspec.Struct, frozen=True):
    """A refusal as it is sent. `why` names the row, and the rule that was broken, if one was."""

    status: int
    body: bytes
    why: str
    html: bool = False


def page(title: str) -> bytes:
    """A page as the front has them. Source: src 67634005917."""
    text = escape(title, quote=False)
    return (
        f"<html>\r\n<head><title>{text}</title></head>\r\n<body>\r\n"
        f"<center><h1>{text}</h1></center>\r\n</body>\r\n</html>\r\n"
    ).encode()


def _body(row: Refusal, error: LeoError) -> object:
    text = row.error.format_map(error.facts)
    path = row.path.format_map(error.facts)
    match row.shape:
        case "bare":
            return {"error": text}
        case "array":
            return [_api_error(row, text, path, error)]
        case _:
            return Flat(text, path, row.code)


def _api_error(row: Refusal, text: str, path: str, error: LeoError) -> dict[str, object]:
    """One entry of the list that the blueprint backend answers with. Source: OAS samples."""
    extensions: dict[str, object] = {"code": row.code}
    if row.detail:
        message = row.detail.format_map(error.facts)
        extensions["details"] = {"message": message, "statusCode": row.detail_status}
    else:
        extensions |= {"errorCode": 0, "statusCode": row.detail_status}
    return {
        "message": text,
        "path": [path],
        "locations": [{"column": 20, "line": 1}],
        "extensions": extensions,
    }
