"""The report as one HTML file for people: no script, nothing that is fetched from anywhere.

Everything that comes from outside is escaped where it is written, in `_e`, and the page forbids
whatever it does not have itself.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from mockleo.conformance.report.gathering import doubts_gathered, headings, in_short, mistakes
from mockleo.conformance.report.terminal import headline, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockleo.conformance.report.document import OperationTold, Report
    from mockleo.conformance.report.gathering import Mistake

_STYLE = """
:root { color-scheme: light dark; --good: #1a7f37; --bad: #c6232b; --open: #9a6700; --line: #8884 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; border-left: .5rem solid; padding-left: .7rem }
h2 { font-size: 1.1rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem }
h1.passed { border-color: var(--good) } h1.inconclusive { border-color: var(--open) }
h1.failed, h1.broken { border-color: var(--bad) }
code, pre { font: .85rem/1.45 ui-monospace, monospace }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .6rem;
  margin: .2rem 0 .8rem }
details { border: 1px solid var(--line); border-left: .3rem solid var(--bad); padding: .4rem .8rem;
  margin: .5rem 0 }
summary { cursor: pointer; font-weight: 600 }
dt { font-size: .85rem; opacity: .75 } dd { margin: 0 0 .6rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr.bad td:first-child { color: var(--bad) } tr.open td:first-child { color: var(--open) }
.path { opacity: .7; font-weight: 400 }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(report: Report) -> bytes:
    """The whole page, in UTF-8."""
    return "\n".join((*_head(report), *_body(report), "</html>", "")).encode()


def _head(report: Report) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>mockleo contract: {_e(report.verdict)}</title>\n<style>{_STYLE}</style>\n</head>"


def _body(report: Report) -> Iterator[str]:
    yield f'<body>\n<h1 class="{_e(report.verdict)}">{_e(headline(report))}</h1>'
    yield f"<p>{_e(report.began_at)} UTC, mockleo {_e(report.mockleo)}, seed {report.seed}. Again:</p>"
    yield f"<pre>{_e(report.replay)}</pre>"
    yield from _parts(report)
    yield from _findings(report)
    yield from _list("Could not be decided", doubts_gathered(report.doubts))
    yield from _list(
        "Left out, since it was not asked for",
        [(f"{left.part}: {left.what}", left.why) for left in report.omissions],
    )
    yield from _operations(report.operations)
    yield from _notes(report.notes)
    yield "</body>"


def _parts(report: Report) -> Iterator[str]:
    yield "<h2>Parts</h2>"
    rows = []
    for part in report.parts:
        numbers = (part.cases, part.checks, part.findings, part.doubts)
        cells = (part.part, part.about, part.state, *map(number, numbers), f"{part.elapsed_ms / 1000:.1f}")
        rows.append((_class(part.findings or part.state == "broken", part.doubts), cells))
    yield _table(("part", "looks at", "", "cases", "checks", "findings", "undecided", "seconds"), rows, 3)
    for part in report.parts:
        if part.state == "broken":
            yield f"<p>A mistake of mockleo's own, in {_e(part.part)}:</p><pre>{_e(part.error)}</pre>"
            yield f"<pre>{_e(part.trace)}</pre>" if part.trace else ""


def _findings(report: Report) -> Iterator[str]:
    if not report.findings:
        return
    found = mistakes(report.findings)
    yield f"<h2>What is wrong ({len(found)})</h2>"
    rows = [
        ("bad", (short.message, short.part, short.check, number(short.findings), number(short.operations)))
        for short in in_short(report.findings)
    ]
    yield _table(("in short", "part", "check", "findings", "operations"), rows, 3)
    yield f"<p>The curl lines need {_e(report.curl_needs)}</p>"
    paths = {each.operation: f"{each.method} {each.path}".strip() for each in report.operations}
    for heading in headings(found):
        if heading.operation is None:
            yield "<h3>In several operations</h3>"
        else:
            path = f' <span class="path">{_e(paths.get(heading.operation, ""))}</span>'
            yield f"<h3>{_e(heading.operation) or 'In general'}{path}</h3>"
        for mistake in heading.mistakes:
            yield from _mistake(mistake)


def _mistake(mistake: Mistake) -> Iterator[str]:
    finding = mistake.finding
    often = f" ({mistake.times:,} times)" if mistake.times > 1 else ""
    yield f"<details open><summary>{_e(finding.message + often)}</summary>\n<dl>"
    where = ", ".join(mistake.operations) if len(mistake.operations) > 1 else ""
    told = (
        ("in", where),
        ("what the contract says", finding.expected),
        ("what to do", finding.fix),
    )
    for name, text in told:
        if text:
            yield f"<dt>{name}</dt><dd>{_e(text)}</dd>"
    calls = (
        ("first, in this order", "\n".join(finding.steps)),
        ("then" if finding.steps else "the call", finding.curl),
        ("what came back", finding.seen),
        (f"check {finding.check}, found by {finding.part}; to find it again", finding.replay),
    )
    for name, text in calls:
        if text:
            yield f"<dt>{_e(name)}</dt><dd><pre>{_e(text)}</pre></dd>"
    yield "</dl></details>"


def _operations(operations: Sequence[OperationTold]) -> Iterator[str]:
    called = sum(1 for each in operations if each.calls and each.method)
    known = sum(1 for each in operations if each.method)
    yield f"<h2>Operations ({called} of {known} called)</h2>"
    rows = []
    for each in operations:
        answers = ", ".join(f"{status}: {times:,}" for status, times in each.answers.items())
        counts = map(number, (each.calls, each.checks, each.findings, each.doubts))
        cells = (each.operation, f"{each.method} {each.path}", answers, *counts)
        rows.append((_class(each.findings, each.doubts or not each.calls), cells))
    yield _table(("operation", "", "answers", "calls", "checks", "findings", "undecided"), rows, 3)


def _notes(notes: dict[str, Any]) -> Iterator[str]:
    if notes:
        yield "<h2>Numbers</h2>"
        yield _dl(notes)


def _dl(value: Any) -> str:
    if isinstance(value, dict):
        told = "".join(f"<dt>{_e(name)}</dt><dd>{_dl(each)}</dd>" for name, each in value.items())
        return f"<dl>{told}</dl>"
    if isinstance(value, list):
        return ", ".join(_dl(each) for each in value) or "none"
    return _e(number(value))


def _list(title: str, told: Sequence[tuple[str, str]]) -> Iterator[str]:
    if told:
        yield f"<h2>{_e(title)} ({len(told)})</h2>"
        yield f"<dl>{''.join(f'<dt>{_e(name)}</dt><dd>{_e(why)}</dd>' for name, why in told)}</dl>"


def _table(heads: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]], numbers_from: int) -> str:
    """A table whose columns from `numbers_from` on hold numbers. Rows are (class, cells)."""

    def cell(tag: str, nth: int, text: str) -> str:
        kind = ' class="n"' if nth >= numbers_from else ""
        return f"<{tag}{kind}>{_e(text)}</{tag}>"

    head = "".join(cell("th", nth, text) for nth, text in enumerate(heads))
    lines = [f"<table>\n<tr>{head}</tr>"]
    for kind, cells in rows:
        told = "".join(cell("td", nth, text) for nth, text in enumerate(cells))
        lines.append(f'<tr class="{kind}">{told}</tr>')
    return "\n".join((*lines, "</table>"))


def _class(bad: object, undecided: object) -> str:
    return "bad" if bad else "open" if undecided else ""


def _e(text: str) -> str:
    return html.escape(text)
