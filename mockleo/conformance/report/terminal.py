"""The report for people: the verdict first, then what is wrong and what to look at.

Lines come as (style, text), so that the same words go to a terminal with colours and to a file
without. Styles: "good", "bad", "open" (not decided), "head", "dim", "". A call whose body has
several lines is one of ours: it must stay as it is, to be pasted into a shell.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from mockleo.conformance.report.gathering import chosen, doubts_gathered, headings, in_short, mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockleo.conformance.report.document import PartTold, Report
    from mockleo.conformance.report.gathering import Heading, Mistake

Line = tuple[str, str]

# Long lists are cut: whoever wants all of them has --json.
FINDINGS_MOST = 40
OPERATIONS_MOST = 8
# From how many findings on they are told in short first, and in how many letters each.
SHORT_FROM = 5
SHORT_LETTERS_MOST = 160
LINES_MOST = 20
STEPS_MOST = 12
SEEN_LETTERS_MOST = 600
WIDTH = 100

# A note of the schemas' part: {kind: {hit, total, percent, missed}}.
COVERAGE = "coverage"
WORDS_OF_COVERAGE = {
    "operations": "operations, generated calls",
    "parameters": "parameters",
    "keywords": "keywords of the schemas",
    "responses": "kinds of answers seen",
}

_STYLE_OF = {"passed": "good", "failed": "bad", "inconclusive": "open", "broken": "bad"}


def lines(report: Report) -> Iterator[Line]:
    """The whole report, line by line, without line ends."""
    yield _STYLE_OF[report.verdict], headline(report)
    yield from _broken(report)
    yield from _in_short(report)
    yield from _findings(report)
    yield from _doubts(report)
    yield from _omissions(report)
    yield from _looked_at(report)
    yield from _parts(report.parts)
    yield "", ""
    yield "", f"Seed {report.seed}. The same run again:"
    yield "dim", f"  {report.replay}"


def headline(report: Report) -> str:
    """The verdict as a sentence."""
    who = report.target
    if report.verdict == "broken":
        return f"NOT FINISHED: the suite itself has made a mistake while it judged {who}."
    if report.verdict == "failed":
        found = _count(len(report.findings), "finding")
        where = len({finding.operation for finding in report.findings if finding.operation})
        place = f" in {_count(where, 'operation')}" if where else ""
        return f"FAILED: {who} does not keep the contract: {found}{place}."
    if report.verdict == "inconclusive":
        if not report.doubts:
            return f"INCONCLUSIVE: nothing was looked at, so nothing is known of {who}."
        undecided = _count(len(report.doubts), "check")
        return (
            f"INCONCLUSIVE: nothing wrong was found with {who}, but {undecided} could not be made,"
            " so this is no pass."
        )
    made = sum(part.checks for part in report.parts)
    return f"PASSED: {who} keeps the contract, as far as it was looked at ({made:,} checks)."


def _broken(report: Report) -> Iterator[Line]:
    broken = [part for part in report.parts if part.state == "broken"]
    if not broken:
        return
    yield "", ""
    yield "head", "Our own mistake, not the target's"
    for part in broken:
        yield "bad", f"  {part.part}: {_one_line(part.error)}"
    yield "dim", "  With --debug it tells where in mockleo. What was found before it stands below."


def _in_short(report: Report) -> Iterator[Line]:
    """One line for each check, where there is more than can be taken in at a glance."""
    shorts = in_short(report.findings)
    if len(report.findings) <= SHORT_FROM:
        return
    yield "", ""
    yield "head", "In short"
    for short in shorts:
        where = f" in {_count(short.operations, 'operation')}" if short.operations else ""
        message = textwrap.shorten(_one_line(short.message), SHORT_LETTERS_MOST, placeholder=" ...")
        many = f", {_count(short.findings, 'finding')}{where}" if short.findings > 1 else where
        yield from _wrapped("- ", f"{message} ({short.part}, {short.check}{many})", style="bad", indent=2)


def _findings(report: Report) -> Iterator[Line]:
    if not report.findings:
        return
    found = mistakes(report.findings)
    shown = chosen(found, FINDINGS_MOST)
    paths = {each.operation: f"{each.method} {each.path}".strip() for each in report.operations}
    nth = 0
    for heading in headings(shown):
        yield "", ""
        yield "head", _heading(heading, paths)
        for mistake in heading.mistakes:
            nth += 1
            yield from _finding(mistake, nth)
    if len(found) > len(shown):
        yield "", ""
        yield "bad", f"... and {_count(len(found) - len(shown), 'more mistake')} (see --json, --html)"
    if any(finding.curl for finding in report.findings):
        yield "", ""
        yield from _wrapped("", f"The curl lines need {report.curl_needs}", style="dim", indent=0)


def _heading(heading: Heading, paths: dict[str, str]) -> str:
    if heading.operation is None:
        return "In several operations"
    return f"{heading.operation}  {paths.get(heading.operation, '')}".rstrip() or "In general"


def _finding(mistake: Mistake, nth: int) -> Iterator[Line]:
    finding = mistake.finding
    often = f"  ({mistake.times:,} times)" if mistake.times > 1 else ""
    yield from _wrapped(f"{nth}. ", f"{finding.message}{often}", style="bad", indent=2)
    if len(mistake.operations) > 1:
        yield from _wrapped("", f"In: {_some(mistake.operations)}", style="", indent=5)
    for name, text in (("The contract says", finding.expected), ("What to do", finding.fix)):
        if text:
            yield from _wrapped("", f"{name}: {_one_line(text)}", style="", indent=5)
    if finding.steps:
        yield "", "     First, in this order:"
        for step in finding.steps[:STEPS_MOST]:
            yield "dim", f"       {step}"
        more = len(finding.steps) - STEPS_MOST
        if more > 0:
            yield "dim", f"       ... and {_count(more, 'more call')} (see --json)"
    if finding.curl:
        yield "", f"     {'Then the call' if finding.steps else 'The call'}:"
        yield "dim", f"       {finding.curl}"
    if finding.seen:
        yield "", "     What came back:"
        for line in _cut(finding.seen).splitlines():
            yield "dim", f"       {line}"
    yield "", f"     To find it again (check {finding.check}):"
    yield "dim", f"       {finding.replay}"


def _doubts(report: Report) -> Iterator[Line]:
    if not report.doubts:
        return
    yield "", ""
    yield "head", f"Could not be decided ({len(report.doubts)})"
    yield from _listed(doubts_gathered(report.doubts), style="open")


def _omissions(report: Report) -> Iterator[Line]:
    if not report.omissions:
        return
    yield "", ""
    yield "head", f"Left out, since it was not asked for ({len(report.omissions)})"
    yield from _listed([(f"{each.part}: {each.what}", each.why) for each in report.omissions], style="")


def _listed(told: Sequence[tuple[str, str]], *, style: str) -> Iterator[Line]:
    for name, why in told[:LINES_MOST]:
        yield from _wrapped("", f"{name}: {_one_line(why)}", style=style, indent=2)
    if len(told) > LINES_MOST:
        yield style, f"  and {len(told) - LINES_MOST} more (see --json)"


def _looked_at(report: Report) -> Iterator[Line]:
    called = sum(1 for each in report.operations if each.calls and each.method)
    known = sum(1 for each in report.operations if each.method)
    yield "", ""
    yield "head", "What was looked at"
    yield "", f"  operations that were called   {called} of {known}"
    for name, value in report.notes.items():
        if name == COVERAGE and isinstance(value, dict):
            yield from _coverage(value)
        else:
            yield from _note(name, value, indent=2)


def _coverage(coverage: dict[str, Any]) -> Iterator[Line]:
    """What the generated calls have exercised, of each kind of thing that the contract has."""
    order = list(WORDS_OF_COVERAGE)
    known = [kind for kind in order if kind in coverage]
    for kind in (*known, *(kind for kind in coverage if kind not in order)):
        told = coverage[kind]
        if not isinstance(told, dict) or "hit" not in told:
            yield from _note(kind, told, indent=2)
            continue
        share = f" ({told['percent']} %)" if "percent" in told else ""
        partly = f", {told['partly']:,} of them from one side only" if told.get("partly") else ""
        what = WORDS_OF_COVERAGE.get(kind, kind)
        yield "", f"  {what:<29} {told['hit']:,} of {told['total']:,}{share}{partly}"
        if told.get("missed"):
            yield from _note("never exercised", told["missed"], indent=4)


def _note(name: str, value: Any, *, indent: int) -> Iterator[Line]:
    """A number, numbers by name, or a list that may be long."""
    margin = " " * indent
    if isinstance(value, dict) and value:
        yield "", f"{margin}{name}:"
        for inner, each in list(value.items())[:LINES_MOST]:
            yield from _note(inner, each, indent=indent + 2)
        if len(value) > LINES_MOST:
            yield "", f"{margin}  and {len(value) - LINES_MOST} more (see --json)"
    elif isinstance(value, list):
        shown = ", ".join(str(each) for each in value[:LINES_MOST]) or "none"
        more = f" and {len(value) - LINES_MOST} more (see --json)" if len(value) > LINES_MOST else ""
        yield from _wrapped("", f"{name}: {shown}{more}", style="", indent=indent)
    else:
        yield "", f"{margin}{name}: {number(value)}"


def number(value: object) -> str:
    """A number as people read it; whatever else it is as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _one_line(str(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _parts(parts: Sequence[PartTold]) -> Iterator[Line]:
    yield "", ""
    yield "head", f"{'Part':<12}{'cases':>10}{'checks':>10}{'findings':>10}{'undecided':>11}{'seconds':>9}"
    for part in parts:
        if part.state == "left out":
            continue
        state = "" if part.state == "made" else f"  {part.state}"
        counts = f"{part.cases:>10,}{part.checks:>10,}{part.findings:>10,}{part.doubts:>11,}"
        yield "", f"{part.part:<12}{counts}{part.elapsed_ms / 1000:>9.1f}{state}"


def _some(operations: Sequence[str]) -> str:
    shown = ", ".join(name or "in general" for name in operations[:OPERATIONS_MOST])
    more = len(operations) - OPERATIONS_MOST
    return f"{shown} and {more} more" if more > 0 else shown


def _wrapped(mark: str, text: str, *, style: str, indent: int) -> Iterator[Line]:
    margin = " " * indent
    wrapped = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=margin + mark,
        subsequent_indent=margin + " " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in wrapped:
        yield style, line


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "\\n")


def _cut(text: str) -> str:
    more = len(text) - SEEN_LETTERS_MOST
    return text if more <= 0 else f"{text[:SEEN_LETTERS_MOST]} ... and {more:,} more letters (see --json)"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
