"""The verdicts as one HTML file: no script, nothing that is fetched from anywhere.

A table of all runs, then each run: its timeline, what was found with its proof, what could not be
decided. Whatever comes from outside is escaped where it is written, in `_e`, and the page forbids
what it does not have itself.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from mockleo.harness.report.gathering import mistakes, proof, severities
from mockleo.harness.report.svg import Pin, drawn
from mockleo.harness.report.words import after, count, duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockleo.harness.report.document import FindingTold, Report
    from mockleo.harness.report.gathering import Mistake
    from mockleo.harness.report.timeline import Timeline

# So many findings of one check, and so many lines of proof of one finding, are shown.
FINDINGS_MOST = 40
PROOFS_MOST = 20
UNSURE_MOST = 50

_STYLE = """
:root { color-scheme: light dark; --good: #2a8c5a; --slow: #e08a00; --refused: #8250df;
  --broken: #cf222e; --lost: #cf222e; --run: #3b82c4; --wait: #a9c8e6; --line: #8885; --ink: CanvasText }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h3 { font-size: 1rem; margin: 0 0 .3rem }
h2 { font-size: 1.2rem; margin: 3rem 0 .3rem; padding-top: .6rem; border-top: 2px solid var(--line) }
code, pre { font: .85rem/1.5 ui-monospace, monospace }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881;
  padding: .5rem .7rem; margin: .3rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.grade { display: inline-block; min-width: 1.6em; text-align: center; border-radius: .3em; font-weight: 700;
  color: #fff; background: #57606a }
.gA { background: #1a7f37 } .gB { background: #57852b } .gC { background: #9a6700 }
.gD { background: #bc4c00 } .gE, .gF { background: #b31d28 }
.mistake { border: 1px solid var(--line); border-left: .4rem solid #57606a;
  padding: .6rem .9rem; margin: .8rem 0 }
.mistake.critical { border-left-color: #b31d28 } .mistake.major { border-left-color: #bc4c00 }
.mistake.minor { border-left-color: #9a6700 }
.about { opacity: .75; font-weight: 400 }
.found { margin: .5rem 0 } .found:target { outline: 3px solid #e3b341; outline-offset: 4px }
dl { margin: .4rem 0 0 } dt { font-weight: 600; float: left; clear: left; width: 9.5rem }
dd { margin: 0 0 .3rem 9.5rem }
.legend span { margin-right: 1.1rem; white-space: nowrap }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.1rem }
svg.timeline { width: 100%; height: auto; margin: .6rem 0; font: 11px system-ui, sans-serif }
svg text { fill: var(--ink) } svg .small { font-size: 10px; opacity: .7 }
svg .time { text-anchor: middle; opacity: .7; font-size: 10px }
svg .tick, svg .floor { stroke: var(--line); stroke-width: .6; fill: none }
svg .end { stroke: var(--ink); stroke-width: 1.4; fill: none }
svg .hair { stroke: #b31d28; stroke-width: 1; stroke-dasharray: 3 3; opacity: .45; fill: none }
svg .limit { stroke: #b31d28; stroke-width: 1; stroke-dasharray: 6 3; fill: none }
svg .balance { stroke: var(--run); stroke-width: 1.6; fill: none }
svg .pin text { fill: #fff; text-anchor: middle; font-size: 10px; font-weight: 700 }
svg .pin rect { fill: #57606a } svg .pin.critical rect { fill: #b31d28 } svg .pin.major rect { fill: #bc4c00 }
svg .pin.minor rect { fill: #9a6700 }
.good { fill: var(--good); background: var(--good) } .slow-down { fill: var(--slow); background: var(--slow) }
.refused { fill: var(--refused); background: var(--refused) }
.broken { fill: var(--broken); background: var(--broken) }
.fault { fill: #6e7781; background: #6e7781 } .running { fill: var(--run); background: var(--run) }
.queued { fill: var(--wait); background: var(--wait) }
rect.lost { fill: #fff0; stroke: var(--lost); stroke-width: 1.2 } i.lost { border: 1.5px solid var(--lost) }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_LEGEND = (
    ("good", "answered, delivered"), ("slow-down", "429"), ("refused", "another 4xx"),
    ("broken", "5xx, FAILED"), ("lost", "no answer that came"), ("queued", "job waits"),
    ("running", "job runs"), ("fault", "fault of the scenario"),
)  # fmt: skip


def written(runs: Sequence[tuple[Report, Timeline]]) -> bytes:
    """The whole page, in UTF-8."""
    return "\n".join((*_head(), *_body(runs), "</html>", "")).encode()


def _head() -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>mockleo: what the client did</title>\n<style>{_STYLE}</style>\n</head>"


def _body(runs: Sequence[tuple[Report, Timeline]]) -> Iterator[str]:
    yield f"<body>\n<h1>What the client did in {count(len(runs), 'scenario')}</h1>"
    yield "<table><thead><tr><th>scenario</th><th>grade</th><th>outcome</th>"
    yield '<th class="n">jobs</th><th class="n">credits spent</th><th class="n">refunded</th>'
    yield "<th>findings</th></tr></thead><tbody>"
    for nth, (report, _) in enumerate(runs, 1):
        yield (
            f'<tr><td><a href="#run{nth}">{_e(report.scenario)}</a></td><td>{_grade(report)}</td>'
            f'<td>{_e(report.outcome)}</td><td class="n">{report.jobs.booked:,}</td>'
            f'<td class="n">{report.credits.spent:,}</td><td class="n">{report.credits.refunded:,}</td>'
            f"<td>{_e(severities(report))}</td></tr>"
        )
    yield "</tbody></table>"
    for nth, (report, timeline) in enumerate(runs, 1):
        yield from _run(report, timeline, f"run{nth}")
    yield "</body>"


def _grade(report: Report) -> str:
    return f'<span class="grade g{_e(report.grade)}">{_e(report.grade)}</span>'


def _run(report: Report, timeline: Timeline, name: str) -> Iterator[str]:
    found = mistakes(report)
    client = report.client
    ended = "was stopped when its time was over" if client.stopped else f"ended with {client.exit_code}"
    yield f'<h2 id="{name}">{_grade(report)} {_e(report.scenario)}: {_e(report.title)}</h2>'
    yield f"<p>{_e(report.story)}</p>"
    yield (
        f"<p><b>Grade {_e(report.grade)}:</b> {_e(report.rule)}."
        f" {count(report.calls.all, 'call')}, {report.calls.refused:,} of them refused,"
        f" {report.calls.unanswered:,} without an answer; {count(report.jobs.booked, 'job')} booked,"
        f" {report.jobs.complete:,} COMPLETE, {report.jobs.failed:,} FAILED."
        f" The client {ended} after {_e(duration(client.took_ms))}. Times are the client's own, from its"
        " start.</p>"
    )
    yield drawn(timeline, _pins(found, name))
    yield '<p class="legend">'
    yield "".join(f'<span><i class="{kind}"></i>{_e(words)}</span>' for kind, words in _LEGEND)
    yield "</p>"
    if not found:
        yield "<p>Nothing was found.</p>"
    for mistake in found:
        yield from _mistake(mistake, name)
    yield from _unsure(report)
    yield from _printed(report)
    yield f"<p>To play it again:</p><pre>{_e(report.replay)}</pre>"


def _pins(found: Sequence[Mistake], name: str) -> list[Pin]:
    return [
        Pin(
            at_ms=finding.at_ms,
            label=label,
            severity=finding.severity,
            target=_anchor(name, label),
            title=f"{finding.title}: {finding.message}",
        )
        for mistake in found
        for label, finding in list(zip(mistake.labels, mistake.findings, strict=True))[:FINDINGS_MOST]
    ]


def _anchor(name: str, label: str) -> str:
    return f"{name}-{label.replace('.', '-')}"


def _mistake(mistake: Mistake, name: str) -> Iterator[str]:
    first = mistake.first
    often = f", {count(len(mistake.findings), 'time')}" if len(mistake.findings) > 1 else ""
    cost = f", cost {count(mistake.credits, 'credit')}" if mistake.credits else ""
    yield f'<section class="mistake {_e(first.severity)}">'
    yield (
        f"<h3>{mistake.nth}. {_e(first.title)}"
        f' <span class="about">{_e(first.severity)}, <code>{_e(first.check)}</code>{often}{cost}</span></h3>'
    )
    for label, finding in list(zip(mistake.labels, mistake.findings, strict=True))[:FINDINGS_MOST]:
        yield from _finding(finding, label if len(mistake.findings) > 1 else "", _anchor(name, label))
    if len(mistake.findings) > FINDINGS_MOST:
        yield f"<p>... and {len(mistake.findings) - FINDINGS_MOST:,} more like these (see --json)</p>"
    yield "<dl>"
    for term, words in (("Why it matters", first.why), ("What to change", first.fix)):
        yield f"<dt>{term}</dt><dd>{_e(words)}</dd>" if words else ""
    yield f"<dt>Read on</dt><dd><code>{_e(first.facts)}</code>, in mockleo's own folder</dd></dl>\n</section>"


def _finding(finding: FindingTold, label: str, anchor: str) -> Iterator[str]:
    number = f"<b>{_e(label)}</b> " if label else ""
    yield f'<div class="found" id="{anchor}">{number}<b>{_e(after(finding.at_ms))}</b> {_e(finding.message)}'
    lines = proof(finding)
    if lines:
        more = [f"... and {len(lines) - PROOFS_MOST:,} more (see --json)"] if len(lines) > PROOFS_MOST else []
        yield f"<pre>{_e(chr(10).join((*lines[:PROOFS_MOST], *more)))}</pre>"
    yield "</div>"


def _unsure(report: Report) -> Iterator[str]:
    if not report.unsure:
        return
    yield "<h3>Could not be decided</h3><ul>"
    for unsure in report.unsure[:UNSURE_MOST]:
        yield f"<li><code>{_e(unsure.check)}</code>: {_e(unsure.why)}</li>"
    if len(report.unsure) > UNSURE_MOST:
        yield f"<li>... and {len(report.unsure) - UNSURE_MOST:,} more (see --json)</li>"
    yield "</ul>"


def _printed(report: Report) -> Iterator[str]:
    for name, text in (("stdout", report.client.stdout_tail), ("stderr", report.client.stderr_tail)):
        if text.strip():
            yield f"<details><summary>The last that the client has printed to {name}</summary>"
            yield f"<pre>{_e(text)}</pre></details>"


def _e(text: str) -> str:
    return html.escape(text, quote=True)
