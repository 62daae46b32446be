"""The verdicts as JUnit XML, for CI servers: a suite for each scenario, a case for each check made.

What was found is a failure; a note is none, and stands in the case's output. What could not be
decided is an error, since servers show skipped cases as green. A case has no time of its own: the
suite's is the client's, in seconds of its own clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mockleo.harness.report.gathering import proof
from mockleo.harness.report.words import after, count
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockleo.harness.report.document import FindingTold, Report, UnsureTold

# A failure is read, not searched: so many findings of one check are told whole.
FINDINGS_MOST = 20


def written(reports: Sequence[Report]) -> bytes:
    """All of them as XML, in UTF-8."""
    root = Element("testsuites", name="mockleo run")
    totals = [_suite(root, report) for report in reports]
    for name, counts in zip(("tests", "failures", "errors"), zip(*totals, strict=True), strict=False):
        root.set(name, str(sum(counts)))
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(root: Element, report: Report) -> tuple[int, int, int]:
    """Write a suite; how many cases it has, failures and errors."""
    found: dict[str, list[FindingTold]] = {}
    for finding in report.findings:
        found.setdefault(finding.check, []).append(finding)
    unsure: dict[str, list[UnsureTold]] = {}
    for doubt in report.unsure:
        unsure.setdefault(doubt.check, []).append(doubt)
    cases = list(dict.fromkeys((*report.made, *found, *unsure)))
    failed = [name for name in cases if _fails(found.get(name, ()))]
    undecided = [name for name in cases if name in unsure and name not in failed]
    suite = SubElement(
        root,
        "testsuite",
        name=_text(report.scenario),
        tests=str(len(cases)),
        failures=str(len(failed)),
        errors=str(len(undecided)),
        skipped="0",
        time=f"{report.client.took_ms / 1000:.3f}",
    )
    properties = SubElement(suite, "properties")
    for name, value in (("grade", report.grade), ("rule", report.rule), ("replay", report.replay)):
        SubElement(properties, "property", name=name, value=_text(value))
    for name in cases:
        _case(suite, report.scenario, name, found.get(name, []), unsure.get(name, []))
    SubElement(suite, "system-out").text = _text(report.client.stdout_tail)
    SubElement(suite, "system-err").text = _text(report.client.stderr_tail)
    return len(cases), len(failed), len(undecided)


def _fails(found: Sequence[FindingTold]) -> bool:
    return any(finding.severity != Severity.NOTE.value for finding in found)


def _case(
    suite: Element, scenario: str, name: str, found: Sequence[FindingTold], unsure: Sequence[UnsureTold]
) -> None:
    case = SubElement(suite, "testcase", classname=_text(f"mockleo.{scenario}"), name=_text(name), time="0")
    if _fails(found):
        first = found[0]
        more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
        failure = SubElement(case, "failure", message=_text(first.message + more), type=first.severity)
        failure.text = _text(_told(found))
    elif unsure:
        SubElement(case, "error", message=_text("; ".join(each.why for each in unsure)), type="inconclusive")
    if found and not _fails(found):
        SubElement(case, "system-out").text = _text(_told(found))


def _told(found: Sequence[FindingTold]) -> str:
    """What was found, its proof, and what to change."""
    first, lines = found[0], [found[0].title]
    for finding in found[:FINDINGS_MOST]:
        lines += [f"{after(finding.at_ms)}: {finding.message}", *(f"  {line}" for line in proof(finding))]
    if len(found) > FINDINGS_MOST:
        lines.append(f"... and {len(found) - FINDINGS_MOST:,} more like these")
    credits = sum(finding.credits for finding in found)
    lines += [f"Cost: {count(credits, 'credit')}"] if credits else []
    lines += [f"Why it matters: {first.why}", f"What to change: {first.fix}", f"Read on: {first.facts}"]
    return "\n".join(lines)


def _text(text: str) -> str:
    """`text` as XML 1.0 may hold it."""
    return "".join(sign for sign in text if sign in "\n\t" or _may_stand(ord(sign)))


def _may_stand(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
