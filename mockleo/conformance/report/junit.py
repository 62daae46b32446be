"""The report as JUnit XML, for CI servers: a suite for each part, a case for each check of each
operation.

What is wrong is a failure. What could not be decided, and a mistake of our own, is an error, since
servers show skipped cases as green. What was not asked for is skipped.

The order and the attributes are those of the strictest schema in use (that of Ant's task); looser
ones take it, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockleo.conformance.report.document import FindingTold, PartTold, Report


class _Case(msgspec.Struct):
    """One check of one operation, and what came of it."""

    findings: list[FindingTold] = []
    errors: list[str] = []
    skipped: str = ""
    times: int = 0

    @property
    def is_skipped(self) -> bool:
        return bool(self.skipped) and not self.findings and not self.errors


def document(report: Report) -> bytes:
    """The whole report as XML, in UTF-8."""
    root = Element("testsuites")
    for nth, part in enumerate(report.parts):
        _suite(root, report, part, nth)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(root: Element, report: Report, part: PartTold, nth: int) -> None:
    cases = _cases(report, part)
    suite = SubElement(
        root,
        "testsuite",
        id=str(nth),
        package="mockleo.contract",
        name=part.part,
        timestamp=report.began_at,
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(sum(1 for case in cases.values() if case.findings)),
        errors=str(sum(1 for case in cases.values() if case.errors and not case.findings)),
        skipped=str(sum(1 for case in cases.values() if case.is_skipped)),
        time=f"{part.elapsed_ms / 1000:.3f}",
    )
    properties = SubElement(suite, "properties")
    for name, value in _properties(report, part):
        SubElement(properties, "property", name=name, value=value)
    for (check, operation), case in cases.items():
        _case(suite, part, check, operation, case)
    SubElement(suite, "system-out")
    SubElement(suite, "system-err").text = _text(part.error)


def _properties(report: Report, part: PartTold) -> Iterable[tuple[str, str]]:
    yield "mockleo", report.mockleo
    yield "target", _text(report.target)
    yield "seed", str(report.seed)
    yield "replay", _text(report.replay)
    yield "cases", str(part.cases)


def _cases(report: Report, part: PartTold) -> dict[tuple[str, str], _Case]:
    """What was looked at in a part, by check and operation, in the report's order."""
    cases: dict[tuple[str, str], _Case] = {}

    def case(check: str, operation: str) -> _Case:
        return cases.setdefault((check, operation), _Case())

    for made in report.made:
        if made.part == part.part:
            case(made.check, made.operation).times += made.times
    for finding in report.findings:
        if finding.part == part.part:
            case(finding.check, finding.operation).findings.append(finding)
    for doubt in report.doubts:
        if doubt.part == part.part:
            case(doubt.check, doubt.operation).errors.append(f"could not be decided: {doubt.why}")
    if part.state == "broken":
        case("the-suite-itself", "").errors.append(f"a mistake of mockleo's own: {part.error}")
    for omission in report.omissions:
        if omission.part == part.part:
            case(omission.what, "").skipped = omission.why
    return cases


def _case(suite: Element, part: PartTold, check: str, operation: str, case: _Case) -> None:
    element = SubElement(
        suite,
        "testcase",
        classname=f"mockleo.contract.{part.part}",
        name=_text(f"{check} [{operation}]" if operation else check),
        # Of one check among thousands nobody has taken the time.
        time="0",
    )
    if case.findings:
        first = case.findings[0]
        more = f" (and {len(case.findings) - 1} more)" if len(case.findings) > 1 else ""
        failure = SubElement(element, "failure", message=_text(first.message + more), type=_text(first.check))
        failure.text = _text("\n\n".join((*map(_told, case.findings), *case.errors)))
    elif case.errors:
        SubElement(element, "error", message=_text("; ".join(case.errors)), type="inconclusive")
    elif case.is_skipped:
        SubElement(element, "skipped", message=_text(case.skipped))


def _told(finding: FindingTold) -> str:
    """A finding in words, one field below the other."""
    often = f" ({finding.times} times)" if finding.times > 1 else ""
    fields = (
        ("", finding.message + often),
        ("the contract says: ", finding.expected),
        ("what to do: ", finding.fix),
        ("first:\n  ", "\n  ".join(finding.steps)),
        ("call: ", finding.curl),
        ("came back: ", finding.seen),
        ("again: ", finding.replay),
    )
    return "\n".join(f"{name}{text}" for name, text in fields if text)


def _text(text: str) -> str:
    """`text` as XML 1.0 may hold it. The document shows what cannot be seen, so nothing is lost."""
    return "".join(sign for sign in text if sign in "\n\t" or _may_stand(ord(sign)))


def _may_stand(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
