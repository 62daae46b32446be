"""The report: everything that is told of a run, as plain data, in one order.

`mockleo contract --json` prints it as it is, one JSON object:

    mockleo      the version that has judged
    verdict      "passed", "failed", "inconclusive" (a check could not be made, and nothing wrong
                 was found) or "broken" (the suite itself has made a mistake)
    exit_code    0, 1, 3 or 2, in the order of the verdicts
    target       who was judged
    began_at     UTC, 2026-01-31T12:00:00
    seed         whole number; the same seed makes the same calls
    replay       the command that makes the same run again
    curl_needs   what has to be there for the curl lines to work
    asked        what was asked for: `max_examples`, `workers`, `only`, `operations`
    parts        [{part, about, state, cases, checks, findings, doubts, elapsed_ms, error, trace}];
                 state is "made", "stopped", "broken", "not begun" or "left out"
    findings     [{part, check, operation, message, expected, fix, curl, seen, steps, replay, times}];
                 operation is "" where it is none; steps are the calls before it
    doubts       [{part, check, operation, why}]: what could not be decided
    omissions    [{part, what, why}]: what was not asked for
    operations   [{operation, method, path, calls, answers, checks, findings, doubts}];
                 `answers` counts by status: {"200": 12}
    notes        numbers of the parts, by name; `coverage` is one of them

Operations stand in the order of the contract, parts in that of the suite. What an answer may have
smuggled in (escapes of a terminal, signs that turn the direction of writing, halves of characters)
is shown as `\\x1b`, so that no reader obeys it.
"""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import __version__, contracts
from mockleo.conformance.suite import Stretch
from mockleo.conformance.tally import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mockleo.conformance.suite import Outcome
    from mockleo.conformance.tally import Tally

# Parts that draw each operation's cases by itself: one operation alone makes the same ones.
BY_OPERATION = frozenset({"schema"})
_COMMAND = "mockleo contract"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    max_examples: int
    workers: int
    only: tuple[str, ...]
    operations: tuple[str, ...]


class PartTold(msgspec.Struct, frozen=True, kw_only=True):
    part: str
    about: str
    state: str
    cases: int
    checks: int
    findings: int
    doubts: int
    elapsed_ms: int
    error: str
    trace: str


class FindingTold(msgspec.Struct, frozen=True, kw_only=True):
    part: str
    check: str
    operation: str
    message: str
    expected: str
    fix: str
    curl: str
    seen: str
    steps: tuple[str, ...]
    replay: str
    times: int


class DoubtTold(msgspec.Struct, frozen=True, kw_only=True):
    part: str
    check: str
    operation: str
    why: str


class OmissionTold(msgspec.Struct, frozen=True, kw_only=True):
    part: str
    what: str
    why: str


class OperationTold(msgspec.Struct, frozen=True, kw_only=True):
    operation: str
    method: str
    path: str
    calls: int
    answers: dict[str, int]
    checks: int
    findings: int
    doubts: int


class CheckTold(msgspec.Struct, frozen=True, kw_only=True):
    """How often a check was made; for JUnit, which wants to hear of what was well, too."""

    part: str
    check: str
    operation: str
    times: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the module's docstring says, without `made`."""

    mockleo: str
    verdict: str
    exit_code: int
    target: str
    began_at: str
    seed: int
    replay: str
    curl_needs: str
    asked: Asked
    parts: tuple[PartTold, ...]
    findings: tuple[FindingTold, ...]
    doubts: tuple[DoubtTold, ...]
    omissions: tuple[OmissionTold, ...]
    operations: tuple[OperationTold, ...]
    notes: dict[str, Any]
    made: tuple[CheckTold, ...]


def of(
    outcome: Outcome,
    *,
    clean: Callable[[str], str],
    target_flags: Sequence[str] = (),
    curl_needs: str = "your key in the environment: export LEONARDO_API_KEY=...",
    with_traces: bool = False,
) -> Report:
    """The report of a run.

    `clean` takes secrets out of a text. `target_flags` are what the user has said to have this
    target (`--url ...`), for the commands that make it again. `curl_needs` is what has to be there
    before a curl line works, as the end of a sentence. `with_traces` tells where in our
    code our own mistakes were made.
    """
    order = _Order(outcome)
    tally, plan = outcome.tally, outcome.plan
    report = Report(
        mockleo=__version__,
        verdict=outcome.verdict,
        exit_code=outcome.exit_code,
        target=outcome.target,
        began_at=outcome.began_at,
        seed=plan.seed,
        replay=_command(outcome, target_flags, only=sorted(plan.only), operations=sorted(plan.operations)),
        curl_needs=curl_needs,
        asked=Asked(
            max_examples=plan.examples,
            workers=plan.workers,
            only=tuple(sorted(plan.only)),
            operations=tuple(sorted(plan.operations)),
        ),
        parts=tuple(_parts(outcome, with_traces=with_traces)),
        findings=tuple(
            _finding(each, times=tally.times[each.what], outcome=outcome, flags=target_flags)
            for each in sorted(
                tally.findings.values(), key=lambda found: order(found.operation, found.part, *found.what)
            )
        ),
        doubts=tuple(
            DoubtTold(part=each.part, check=each.check, operation=each.operation, why=each.why)
            for each in sorted(
                tally.doubts.values(), key=lambda doubt: order("", doubt.part, doubt.check, doubt.operation)
            )
        ),
        omissions=tuple(
            OmissionTold(part=each.part, what=each.what, why=each.why)
            for each in sorted(tally.omissions.values(), key=lambda left: order("", left.part, left.what))
        ),
        operations=tuple(_operations(tally, order)),
        notes={name: plain(tally.notes[name]) for name in sorted(tally.notes)},
        made=tuple(
            CheckTold(part=part, check=check, operation=operation, times=times)
            for (part, check, operation), times in sorted(
                tally.made.items(), key=lambda entry: order(entry[0][2], entry[0][0], entry[0][1])
            )
        ),
    )
    cleaned: Report = _cleaned(report, lambda text: visible(clean(text)))
    return cleaned


def encoded(report: Report) -> bytes:
    """The report as one JSON document, indented, with a line's end."""
    told = msgspec.to_builtins(report)
    del told["made"]
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def visible(text: str) -> str:
    """`text` with every sign that cannot be seen, but for line ends and tabs, as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _escape(sign) for sign in text)


def _escape(sign: str) -> str:
    code = ord(sign)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Order:
    """Sorts by operation as the contract has them, then by part as the suite has them."""

    def __init__(self, outcome: Outcome) -> None:
        self.operations = _contract_operations()
        self._operations = {name: nth for nth, name in enumerate(self.operations)}
        self._parts = {stretch.part: nth for nth, stretch in enumerate(outcome.stretches)}

    def __call__(self, operation: str, part: str, *rest: str) -> tuple[object, ...]:
        last = len(self._operations)
        return (
            self._operations.get(operation, last),
            operation,
            self._parts.get(part, len(self._parts)),
            part,
            rest,
        )


def _contract_operations() -> dict[str, tuple[str, str]]:
    """operationId -> (method, path), in the contract's order."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in contracts.openapi()["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


def _parts(outcome: Outcome, *, with_traces: bool) -> Iterable[PartTold]:
    tally = outcome.tally
    checks: Counter[str] = Counter()
    for (part, _, _), times in tally.made.items():
        checks[part] += times
    findings = Counter(finding.part for finding in tally.findings.values())
    doubts = Counter(doubt.part for doubt in tally.doubts.values())
    known = {stretch.part for stretch in outcome.stretches}
    others = sorted({*checks, *findings, *doubts, *tally.cases} - known)
    for stretch in (*outcome.stretches, *(Stretch(part=part, about="", state="made") for part in others)):
        yield PartTold(
            part=stretch.part,
            about=stretch.about,
            state=stretch.state,
            cases=tally.cases[stretch.part],
            checks=checks[stretch.part],
            findings=findings[stretch.part],
            doubts=doubts[stretch.part],
            elapsed_ms=stretch.elapsed_ms,
            error=stretch.error,
            trace=stretch.trace if with_traces else "",
        )


def _finding(finding: Finding, *, times: int, outcome: Outcome, flags: Sequence[str]) -> FindingTold:
    command = finding.replay
    if not command:
        alone = [finding.operation] if finding.operation and finding.part in BY_OPERATION else []
        command = _command(outcome, flags, only=[finding.part], operations=alone)
    elif command.startswith(_COMMAND) and flags:
        # A part does not know whom it judges.
        command = f"{command} {shlex.join(flags)}"
    told = {name: getattr(finding, name) for name in Finding.__struct_fields__}
    return FindingTold(**{**told, "replay": command, "times": times})


def _command(
    outcome: Outcome, flags: Sequence[str], *, only: Iterable[str], operations: Iterable[str]
) -> str:
    """The command that makes it again. Only of what the user has typed."""
    plan = outcome.plan
    words = [*_COMMAND.split(), "--seed", str(plan.seed), "--max-examples", str(plan.examples), *flags]
    for part in only:
        words += ["--only", part]
    for operation in operations:
        words += ["--operation", operation]
    return shlex.join(words)


def _operations(tally: Tally, order: _Order) -> Iterable[OperationTold]:
    """Those of the contract, called or not, and after them whatever else was called by a name."""
    answers: dict[str, dict[int, int]] = {}
    for (operation, status), times in tally.statuses.items():
        answers.setdefault(operation, {})[status] = times
    checks: Counter[str] = Counter()
    for (_, _, operation), times in tally.made.items():
        checks[operation] += times
    findings = Counter(finding.operation for finding in tally.findings.values())
    doubts = Counter(doubt.operation for doubt in tally.doubts.values())
    others = {*answers, *checks, *findings, *doubts} - order.operations.keys() - {""}
    for name in (*order.operations, *sorted(others)):
        method, path = order.operations.get(name, ("", ""))
        by_status = answers.get(name, {})
        yield OperationTold(
            operation=name,
            method=method,
            path=path,
            calls=sum(by_status.values()),
            answers={str(status): by_status[status] for status in sorted(by_status)},
            checks=checks[name],
            findings=findings[name],
            doubts=doubts[name],
        )


def plain(value: object) -> Any:
    """`value` as JSON knows it, with its names in order."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, dict):
        return {str(name): plain(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """`value` with every text in it cleaned, names included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _cleaned(each, clean) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_cleaned(each, clean) for each in value)
    if isinstance(value, msgspec.Struct):
        fields = {name: _cleaned(getattr(value, name), clean) for name in value.__struct_fields__}
        return type(value)(**fields)
    return value
