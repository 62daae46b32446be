"""A graded run as plain data: everything that the reports tell of it, in one order.

`--json` prints one object:

    mockleo     the version that has graded
    exit_code   0 passed, 1 findings, 3 something could not be decided
    runs        one for each scenario, in the order in which they were played:
      scenario, title, story
      grade       "A" to "F"
      rule        what made the grade, in words
      outcome     "passed", "findings" or "inconclusive"
      replay      the command that plays it again
      seed, speed
      client      {command, exit_code, stopped, took_ms, stdout_tail, stderr_tail}; exit_code is null
                  where it was stopped because its time was over
      calls       exchanges of the run, {all, refused, unanswered}; `refused` by any status of 400 and more
      jobs        {booked, complete, failed}
      credits     {spent, refunded}
      findings    [{check, severity, title, message, why, fix, facts, at_ms, credits, exchanges, jobs,
                  deliveries}], in the order in which things happened
      unsure      [{check, title, why}]: what could not be decided
      made        the names of the checks that were made

    exchanges of a finding   [{n, at_ms, took_ms, method, path, status, why, outcome, faults}]; status 0
                             is no answer
    jobs of a finding        [{id, kind, state, credits, booked_ms, ended_ms}]
    deliveries of a finding  [{n, at_ms, type, state, job_id}]

Times are milliseconds of the client's own clock since it was started. What anybody may have smuggled
in (escapes of a terminal, signs that turn the direction of writing) is shown as `\\x1b`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import __version__
from mockleo.harness.checks import BY_NAME
from mockleo.harness.report.words import visible
from mockleo.harness.scenario import shipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockleo.harness.judged import Judged
    from mockleo.harness.run import Run
    from mockleo.harness.verdict import Finding
    from mockleo.record import Delivery, Exchange

FACTS = "docs/checks.md"
_REFUSED = 400
_ENDED = {"COMPLETE", "FAILED"}


class ExchangeTold(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    at_ms: int
    took_ms: int
    method: str
    path: str
    status: int
    why: str
    outcome: str
    faults: tuple[str, ...]


class JobTold(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    state: str
    credits: int
    booked_ms: int
    ended_ms: int | None


class DeliveryTold(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    at_ms: int
    type: str
    state: str
    job_id: str


class FindingTold(msgspec.Struct, frozen=True, kw_only=True):
    check: str
    severity: str
    title: str
    message: str
    why: str
    fix: str
    facts: str
    at_ms: int
    credits: int
    exchanges: tuple[ExchangeTold, ...]
    jobs: tuple[JobTold, ...]
    deliveries: tuple[DeliveryTold, ...]


class UnsureTold(msgspec.Struct, frozen=True, kw_only=True):
    check: str
    title: str
    why: str


class ClientTold(msgspec.Struct, frozen=True, kw_only=True):
    command: str
    exit_code: int | None
    stopped: bool
    took_ms: int
    stdout_tail: str
    stderr_tail: str


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    all: int
    refused: int
    unanswered: int


class Jobs(msgspec.Struct, frozen=True, kw_only=True):
    booked: int
    complete: int
    failed: int


class Credits(msgspec.Struct, frozen=True, kw_only=True):
    spent: int
    refunded: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One of `runs`; see the top."""

    scenario: str
    title: str
    story: str
    grade: str
    rule: str
    outcome: str
    replay: str
    seed: int
    speed: float
    client: ClientTold
    calls: Calls
    jobs: Jobs
    credits: Credits
    findings: tuple[FindingTold, ...]
    unsure: tuple[UnsureTold, ...]
    made: tuple[str, ...]


def of(judged: Judged) -> Report:
    """The report on one graded run."""
    run, verdict = judged.run, judged.verdict
    known = _Known(run)
    report = Report(
        scenario=verdict.scenario,
        title=run.scenario.title,
        story=" ".join(run.scenario.story.split()),
        grade=verdict.grade,
        rule=verdict.rule,
        outcome=verdict.outcome,
        replay=_replay(run),
        seed=run.record.head.seed,
        speed=run.client.speed,
        client=_client(run),
        calls=_calls(run),
        jobs=known.counted(),
        credits=_credits(run),
        findings=tuple(known.finding(each) for each in verdict.findings),
        unsure=tuple(
            UnsureTold(check=each.check, title=_words(each.check, "title"), why=each.why)
            for each in verdict.unsure
        ),
        made=verdict.made,
    )
    cleaned: Report = _cleaned(report)
    return cleaned


def encoded(reports: Sequence[Report]) -> bytes:
    """All of them as one JSON document, indented."""
    told = {
        "mockleo": __version__,
        "exit_code": exit_code([each.outcome for each in reports]),
        "runs": msgspec.to_builtins(reports),
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def exit_code(outcomes: Sequence[str]) -> int:
    """What `mockleo run` ends with."""
    from mockleo.harness import judged

    if "findings" in outcomes:
        return judged.FINDINGS
    return judged.INCONCLUSIVE if "inconclusive" in outcomes or not outcomes else judged.PASSED


class _Known:
    """What the proofs of findings are looked up in."""

    def __init__(self, run: Run) -> None:
        self._began_ms = run.client.started_ms
        record = run.record.record
        self._exchanges = {each.n: each for each in record.exchanges}
        self._deliveries = {each.n: each for each in record.deliveries}
        self._booked: dict[str, Any] = {}
        self._state: dict[str, tuple[str, int]] = {}
        for entry in record.transitions:
            if hasattr(entry, "cost"):
                self._booked[entry.job_id] = entry
            else:
                self._state[entry.job_id] = (getattr(entry, "state", ""), entry.at_ms)

    def counted(self) -> Jobs:
        states = [state for state, _ in self._state.values()]
        return Jobs(
            booked=len(self._booked), complete=states.count("COMPLETE"), failed=states.count("FAILED")
        )

    def finding(self, finding: Finding) -> FindingTold:
        return FindingTold(
            check=finding.check,
            severity=finding.severity.value,
            title=_words(finding.check, "title") or finding.check,
            message=finding.message,
            why=_words(finding.check, "why"),
            fix=_words(finding.check, "fix"),
            facts=f"{FACTS}#{finding.check}",
            at_ms=finding.at_ms - self._began_ms,
            credits=finding.credits,
            exchanges=tuple(
                self._exchange(self._exchanges[n]) for n in finding.exchanges if n in self._exchanges
            ),
            jobs=tuple(self._job(job_id) for job_id in finding.jobs if job_id in self._booked),
            deliveries=tuple(
                self._delivery(self._deliveries[n]) for n in finding.deliveries if n in self._deliveries
            ),
        )

    def _exchange(self, exchange: Exchange) -> ExchangeTold:
        query = f"?{exchange.query}" if exchange.query else ""
        return ExchangeTold(
            n=exchange.n,
            at_ms=exchange.at_ms - self._began_ms,
            took_ms=exchange.answered_ms - exchange.at_ms,
            method=exchange.method,
            path=exchange.path + query,
            status=exchange.status,
            why=exchange.why,
            outcome=exchange.outcome,
            faults=exchange.faults,
        )

    def _job(self, job_id: str) -> JobTold:
        booked = self._booked[job_id]
        state, changed_ms = self._state.get(job_id, ("QUEUED", booked.at_ms))
        return JobTold(
            id=job_id,
            kind=booked.kind,
            state=state,
            credits=booked.cost,
            booked_ms=booked.at_ms - self._began_ms,
            ended_ms=changed_ms - self._began_ms if state in _ENDED else None,
        )

    def _delivery(self, delivery: Delivery) -> DeliveryTold:
        return DeliveryTold(
            n=delivery.n,
            at_ms=delivery.at_ms - self._began_ms,
            type=delivery.type,
            state=delivery.state,
            job_id=delivery.job_id,
        )


def _words(check: str, field: str) -> str:
    known = BY_NAME.get(check)
    return "" if known is None else str(getattr(known, field))


def _replay(run: Run) -> str:
    """The command that plays it again, as far as the run knows it."""
    speed = [] if run.client.speed == 1 else ["--speed", f"{run.client.speed:g}"]
    seed = str(run.scenario.emulator.seed)
    name = run.scenario.name
    # A scenario of the user's own is named by its file; where that was is not known.
    named = name if name in shipped() else f"{name}.toml"
    return shlex.join(["mockleo", "run", named, "--seed", seed, *speed, "--", *run.client.command])


def _client(run: Run) -> ClientTold:
    client = run.client
    return ClientTold(
        command=shlex.join(client.command),
        exit_code=client.exit_code,
        stopped=client.exit_code is None,
        took_ms=client.ended_ms - client.started_ms,
        stdout_tail=client.stdout_tail,
        stderr_tail=client.stderr_tail,
    )


def _calls(run: Run) -> Calls:
    statuses = [exchange.status for exchange in run.record.record.exchanges]
    return Calls(
        all=len(statuses),
        refused=sum(1 for status in statuses if status >= _REFUSED),
        unanswered=statuses.count(0),
    )


def _credits(run: Run) -> Credits:
    booked = run.record.ledger
    return Credits(
        spent=sum(each.credits for each in booked if each.why == "CHARGE"),
        refunded=sum(each.credits for each in booked if each.why == "REFUND"),
    )


def _cleaned(value: Any) -> Any:
    """`value` with every text in it made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(each) for each in value)
    if isinstance(value, msgspec.Struct):
        return type(value)(**{name: _cleaned(getattr(value, name)) for name in value.__struct_fields__})
    return value
