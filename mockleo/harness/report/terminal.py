"""The verdicts for people, in words: a table of all runs first, then each run's findings."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mockleo.harness.report.gathering import mistakes, proof, severities
from mockleo.harness.report.words import after, count, duration, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockleo.harness.report.document import FindingTold, Report
    from mockleo.harness.report.gathering import Mistake

WIDTH = 100
# So many findings of one check, and so many lines of proof of one finding, are shown.
FINDINGS_MOST = 3
PROOFS_MOST = 6
UNSURE_MOST = 10
TAIL_LINES_MOST = 5
_MORE = "see --json or --html"

_COLOURS = {
    "head": "1", "good": "32", "dim": "2", "passed": "32", "findings": "31", "inconclusive": "33",
    "critical": "1;31", "major": "31", "minor": "33", "note": "36",
}  # fmt: skip

# How a line is meant, and the line.
Line = tuple[str, str]


def written(reports: Sequence[Report], *, colours: bool) -> str:
    """All of them, without a line's end."""
    lines = [*_table(reports)]
    for report in reports:
        if report.findings or report.unsure:
            lines += _run(report)
    return "\n".join(_coloured(style, text) if colours else text for style, text in lines)


def _coloured(style: str, text: str) -> str:
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if style and text else text


def _table(reports: Sequence[Report]) -> Iterator[Line]:
    widest = max((len(report.scenario) for report in reports), default=0)
    widest = max(widest, len("scenario"))
    yield (
        "head",
        f"{'scenario':{widest}}  grade  {'outcome':12}  {'jobs':>5}  {'spent':>8}  {'refunded':>8}  findings",
    )
    for report in reports:
        what = f"{report.scenario:{widest}}  {report.grade:^5}  {report.outcome:12}"
        spent = f"{report.jobs.booked:>5,}  {report.credits.spent:>8,}  {report.credits.refunded:>8,}"
        yield report.outcome, f"{what}  {spent}  {severities(report)}"
    if not reports:
        yield "", "no run"


def _run(report: Report) -> Iterator[Line]:
    yield "", ""
    yield "head", f"{report.scenario}: {report.title}"
    yield report.outcome, f"Grade {report.grade}: {report.rule}."
    client, calls = report.client, report.calls
    ended = "was stopped when its time was over" if client.stopped else f"ended with {client.exit_code}"
    yield from _wrapped(
        f"{count(calls.all, 'call')}, {count(report.jobs.booked, 'job')} booked; the client {ended} after"
        f" {duration(client.took_ms)} of its own time. Times below count from its start.",
        style="dim",
    )
    for mistake in mistakes(report):
        yield "", ""
        yield from _mistake(mistake)
    yield from _unsure(report)
    yield from _printed(report)
    yield "", ""
    yield "dim", "To play it again:"
    # One line however long it is, to be copied.
    yield "", f"  {report.replay}"


def _mistake(mistake: Mistake) -> Iterator[Line]:
    first = mistake.first
    often = f", {count(len(mistake.findings), 'time')}" if len(mistake.findings) > 1 else ""
    cost = f", cost {count(mistake.credits, 'credit')}" if mistake.credits else ""
    yield first.severity, f"{mistake.nth}. {first.title}  [{first.severity}, {first.check}{often}{cost}]"
    for label, finding in zip(mistake.labels[:FINDINGS_MOST], mistake.findings, strict=False):
        yield from _finding(finding, "" if len(mistake.findings) == 1 else f"{label} ")
    more = len(mistake.findings) - FINDINGS_MOST
    if more > 0:
        yield "dim", f"   ... and {more:,} more like these ({_MORE})"
    yield from _field("Why it matters", first.why)
    yield from _field("What to change", first.fix)
    yield from _field("Read on", first.facts)


def _finding(finding: FindingTold, label: str) -> Iterator[Line]:
    yield from _wrapped(f"{label}{after(finding.at_ms)}: {one_line(finding.message)}", indent=3)
    lines = proof(finding)
    for line in lines[:PROOFS_MOST]:
        yield "dim", f"     {one_line_kept(line)}"
    if len(lines) > PROOFS_MOST:
        yield "dim", f"     ... and {len(lines) - PROOFS_MOST:,} more ({_MORE})"


def one_line_kept(text: str) -> str:
    """`text` with its line ends shown: paths and types come from outside."""
    return text.replace("\n", "\\n").replace("\t", "\\t")


def _field(name: str, text: str) -> Iterator[Line]:
    if text:
        yield from _wrapped(f"{name}: {one_line(text)}", indent=3)


def _unsure(report: Report) -> Iterator[Line]:
    if not report.unsure:
        return
    yield "", ""
    yield "inconclusive", f"Could not be decided ({len(report.unsure):,})"
    for unsure in report.unsure[:UNSURE_MOST]:
        yield from _wrapped(f"{unsure.check}: {one_line(unsure.why)}", indent=3)
    if len(report.unsure) > UNSURE_MOST:
        yield "dim", f"   ... and {len(report.unsure) - UNSURE_MOST:,} more ({_MORE})"


def _printed(report: Report) -> Iterator[Line]:
    """What a client that did not end well has said last: often it says why."""
    lines = report.client.stderr_tail.strip().splitlines()
    if report.client.exit_code == 0 or not lines:
        return
    yield "", ""
    yield "dim", "The last that the client has said (stderr):"
    for line in lines[-TAIL_LINES_MOST:]:
        yield "dim", f"   {line}"


def _wrapped(text: str, *, style: str = "", indent: int = 0) -> Iterator[Line]:
    margin = " " * indent
    for line in textwrap.wrap(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        yield style, line
