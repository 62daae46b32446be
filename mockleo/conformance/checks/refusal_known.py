"""Is a "no" one of those that the contract knows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.checks.promise import graded_as
from mockleo.conformance.checks.refusals import differences, matches, told
from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.refusals import Row, Told
    from mockleo.conformance.checks.seen import Seen

_SHAPES = {
    "flat": '{"error", "path", "code"}, all of them texts',
    "bare": '{"error"} alone',
    "array": 'a list of {"message", "path", "locations", "extensions"}',
    "html": "a page of the front's",
}


def refusal_known(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Its shape, text, path, code and status are together one row of errors.toml."""
    if seen.unreadable or not seen.answer.body:
        return
    refusal = told(seen.answer.status, seen.answer.body, seen.body, is_html=seen.is_html)
    if not refusal.shape:
        yield _unshaped(seen)
        return
    unlike = [(differences(match.row, refusal), match.row) for match in matches(promise.rows, refusal)]
    if not unlike:
        yield _unheard_of(refusal)
        return
    least, row = min(unlike, key=lambda each: len(each[0]))
    if least:
        yield _other(refusal, row, least)


def _unshaped(seen: Seen) -> Wrong:
    dialect = "hasura" if seen.operation is None else seen.operation.dialect
    shapes = ("bare", "array", "flat") if dialect == "blueprint" else ("flat",)
    return Wrong(
        message=f"a refusal with status {seen.answer.status} is not built as refusals are",
        expected=f"{', or '.join(_SHAPES[shape] for shape in shapes)} (documented; source: ERR, HAS, OAS)",
        fix="who writes this answer: an error page of the framework's, or a proxy's?",
    )


def _unheard_of(refusal: Told) -> Wrong:
    code = f" and code {refusal.code}" if refusal.code else ""
    return Wrong(
        message=f"a refusal with status {refusal.status}{code} has a text that no known refusal has",
        expected="every refusal is a row of contracts/errors.toml",
        fix="why the call is refused: is it a fault of the service, or a refusal that errors.toml lacks?",
        value=refusal.error[:200],
    )


def _other(refusal: Told, row: Row, unlike: tuple[str, ...]) -> Wrong:
    said = {
        "status": f"status {row.status}",
        "path": f"path {row.path.pattern}",
        "code": f"code {row.code}",
        "statusCode": f"statusCode {row.detail_status}",
    }
    evidence = row.status_evidence if unlike == ("status",) else row.evidence
    return Wrong(
        message=f'the refusal "{row.name}" comes with another {" and ".join(unlike)}',
        expected=f"{', '.join(said[each] for each in unlike)} {graded_as(evidence, row.source)}",
        fix="where this refusal is written",
        value=f"status {refusal.status}, path {refusal.path or '-'}, code {refusal.code or '-'}",
    )
