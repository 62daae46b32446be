"""One share: schemathesis at work on one door."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import schemathesis
from schemathesis.config import (
    CacheConfig,
    GenerationConfig,
    HealthCheck,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import events, from_schema
from schemathesis.generation import GenerationMode

from mockleo import contracts
from mockleo.conformance.checks.promise import Promise
from mockleo.conformance.curl import curl
from mockleo.conformance.judge import Judge
from mockleo.conformance.schema import words
from mockleo.conformance.schema.allowed import Allowed
from mockleo.conformance.schema.coverage import Coverage
from mockleo.conformance.schema.filling import Filling
from mockleo.conformance.schema.keys import try_keys
from mockleo.conformance.schema.links import targets, upstream
from mockleo.conformance.schema.slips import try_slips
from mockleo.conformance.schema.walk import Stock, Walk
from mockleo.conformance.schema.way_out import Behind, NotSent, Silent, Stopped, WayOut, as_request
from mockleo.conformance.tally import Finding, Omission, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemathesis.core.failures import Failure
    from schemathesis.core.transport import Response
    from schemathesis.engine.recorder import CheckNode, ScenarioRecorder
    from schemathesis.generation.case import Case
    from schemathesis.hooks import HookContext

    from mockleo.conformance.door import Answer, Door, MayNot, NoAnswer, Request
    from mockleo.conformance.schema.shares import Share

Json = Any

# So long a sequence gets: from an order to its results, and what is made of them.
_STEPS_MOST = 12


class Broken(Exception):
    """schemathesis could not do its work: our mistake or the contract's, never the service's."""


class Work(msgspec.Struct, kw_only=True):
    """What came of a share.

    `coverage` is as tracecov counts, `stock` what the walk has found, `unfollowed` the links that it
    could not follow; `ended` says why it stopped early, if it did.
    """

    tally: Tally
    coverage: bytes
    stock: Stock
    unfollowed: tuple[str, ...] = ()
    ended: MayNot | NoAnswer | None = None


def document(base_url: str) -> dict[str, Json]:
    """The contract, as operations below the door's path; without a host, so nobody goes there.

    A link's body is sent as it stands in the contract: other values are tried where no link is.
    """
    openapi = contracts.openapi()
    for link in _links(openapi):
        link["x-schemathesis"] = {"merge_body": False}
    return {**openapi, "servers": [{"url": urlsplit(base_url).path}]}


def _links(openapi: Json) -> Iterator[Json]:
    for item in openapi["paths"].values():
        for operation in item.values():
            for response in operation.get("responses", {}).values():
                yield from response.get("links", {}).values()


def work(share: Share, door: Door, progress: Callable[[str], None], *, stock: Stock | None = None) -> Work:
    """Do the share. Raises `Broken`, and nothing that a door raises.

    `stock` is what was found on this door before; without one it is walked first.
    """
    return _Desk(share, door).work(progress, stock)


def configured(share: Share, *, api_key: str) -> SchemathesisConfig:
    """schemathesis' settings for a share.

    Nothing is kept on disk, and nothing shrunk: a call more may cost money, and among so many there
    is a short one. Slow generation is no failure of anybody's. After a failure it goes on: a run is
    to say all that is wrong.
    """
    phases = PhasesConfig()
    phases.update(phases=list(share.phases))
    # Only along the links that the contract declares: those that could be guessed are no promise.
    phases.stateful.inference.algorithms = []
    # A call that breaks the contract ends its sequence, and is tried often enough on its own.
    phases.stateful.generation.update(modes=[GenerationMode.POSITIVE])
    phases.stateful.max_steps = _STEPS_MOST
    project = ProjectConfig(
        headers={"Authorization": f"Bearer {api_key}"},
        continue_on_failure=True,
        generation=GenerationConfig(max_examples=share.examples, no_shrink=True, database="none"),
        phases=phases,
    )
    return SchemathesisConfig(
        seed=share.seed,
        cache=CacheConfig(enabled=False),
        suppress_health_check=[HealthCheck.all],
        projects=ProjectsConfig(default=project),
    )


@cache
def _promise() -> Promise:
    """One for all shares of a process: it is only read."""
    return Promise()


class _Desk:
    """A share at work: what comes in is written down in its tally."""

    def __init__(self, share: Share, door: Door) -> None:
        self._share = share
        self._door = door
        self._tally = Tally()
        self._judge = Judge(api_key=door.api_key)
        self._way_out = WayOut(door, look=self._look, left=self._left, silent=self._silent)
        self._document = document(door.base_url)
        self._coverage = Coverage(self._document, base_path=urlsplit(door.base_url).path)

    def work(self, progress: Callable[[str], None], stock: Stock | None) -> Work:
        unfollowed: tuple[str, ...] = ()
        try:
            if stock is None:
                stock, unfollowed = self._walked()
            self._generated(stock, progress)
        except Stopped:
            pass
        return Work(
            tally=self._tally,
            coverage=self._coverage.counts(),
            stock=stock or {},
            unfollowed=unfollowed,
            ended=self._way_out.ended,
        )

    def _walked(self) -> tuple[Stock, tuple[str, ...]]:
        """What there is to fill calls with; once, all links, and the calls that must not succeed."""
        share = self._share
        if not share.once and "fuzzing" not in share.phases:
            return {}, ()
        known = frozenset(share.known)
        if not share.once:
            known &= upstream(targets(self._document), share.operations)
        walk = Walk(self._document, known, self._door, self._way_out)
        walk.walk(deleting=share.once)
        if share.once:
            for tries in (try_keys, try_slips):
                tries(walk.targets, contracts.errors(), self._door, self._way_out, self._tally)
        for target in walk.succeeded:
            self._tally.checked(words.PART, "link-followed", target)
        for nothing in walk.nothing:
            self._keep(words.led_nowhere(nothing, api_key=self._door.api_key))
        return walk.stock, tuple(walk.unfollowed) if share.once else ()

    def _generated(self, stock: Stock, progress: Callable[[str], None]) -> None:
        for event in from_schema(self._schema(stock)).execute():
            if isinstance(event, events.ScenarioFinished):
                self._take_in(event.recorder)
                progress(f"{self._share.name}: {self._tally.cases[words.PART]} calls")
            elif isinstance(event, events.NonFatalError):
                self._error(event)
            elif isinstance(event, events.FatalError):
                raise Broken(f"schemathesis: {event.exception!r}") from event.exception

    def _schema(self, stock: Stock) -> Behind:
        config = configured(self._share, api_key=self._door.api_key)
        loaded = schemathesis.openapi.from_dict(self._document, config=config)
        chosen = loaded.include(operation_id=list(self._share.operations))
        schema = Behind(raw_schema=loaded.raw_schema, config=loaded.config, filter_set=chosen.filter_set)
        schema.way_out = self._way_out
        keep, fill = Allowed(_promise()).keep, Filling(stock).filled

        # schemathesis writes on its hooks, which a bound method does not let it.
        def filter_failure(
            context: HookContext, failure: Failure, case: Case[Any], response: Response
        ) -> bool:
            return keep(failure, case, response)

        def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
            return fill(case)

        schema.hooks.hook("filter_failure")(filter_failure)
        schema.hooks.hook("map_case")(map_case)
        return schema

    def _look(self, operation: str, request: Request, answer: Answer) -> None:
        self._tally.statuses[operation, answer.status] += 1
        before = self._tally.findings
        for finding in self._judge.tell(self._tally, words.PART, request, answer):
            if len(finding.curl) < len(before[finding.what].curl):
                before[finding.what] = finding

    def _left(self, operation: str, why: MayNot) -> None:
        what = f"calls of {operation}" if operation else "calls with other methods"
        self._tally.omit(Omission(part=words.PART, what=what, why=str(why)))

    def _silent(self, operation: str, request: Request, why: NoAnswer) -> None:
        self._tally.checked(words.PART, "answers", operation)
        self._keep(
            Finding(
                part=words.PART,
                check="answers",
                operation=operation,
                message="the call was not answered",
                expected="each call gets an answer",
                fix="Look for a crash in the server's log, and at what stands between it and us.",
                curl=curl(request, api_key=self._door.api_key),
                seen=str(why),
            )
        )

    def _take_in(self, recorder: ScenarioRecorder) -> None:
        self._coverage.count(recorder)
        for case_id, node in recorder.cases.items():
            # What a check has sent beside is no generated case.
            if node.parent_id is None or node.transition is not None:
                self._tally.cases[words.PART] += 1
            for check in recorder.checks.get(case_id, ()):
                name = words.called(check.name)
                self._tally.checked(words.PART, name, node.value.operation.definition.raw["operationId"])
                if check.failure_info is not None:
                    self._failed(recorder, case_id, check)

    def _failed(self, recorder: ScenarioRecorder, case_id: str, check: CheckNode) -> None:
        assert check.failure_info is not None, "it has failed"
        failure = check.failure_info.failure
        response = recorder.interactions[case_id].response
        assert response is not None, "only answers are judged"
        chain = recorder.iter_chain_cases(case_id=case_id, related_case_ids=failure.related_case_ids())
        before = [recorder.interactions[case.id].response for case in chain if case.id != case_id]
        self._keep(
            words.finding(
                check.name,
                failure,
                recorder.cases[case_id].value,
                response,
                api_key=self._door.api_key,
                steps=tuple(
                    curl(as_request(each.request, ""), api_key=self._door.api_key)
                    for each in before
                    if each is not None
                ),
            )
        )

    def _keep(self, finding: Finding) -> None:
        """Of findings that are alike, the one with the shortest way to see it."""
        self._tally.found(finding)
        known = self._tally.findings[finding.what]
        if _length(finding) < _length(known):
            self._tally.findings[finding.what] = finding

    def _error(self, event: events.NonFatalError) -> None:
        # Of the operations that were asked for, none may lead to another one.
        if isinstance(event.value, NotSent | Silent | NoLinksFound):
            return
        raise Broken(
            f"schemathesis, {event.label}: {event.info.title}: {event.info.message}"
        ) from event.value


def _length(finding: Finding) -> int:
    return len(finding.curl) + sum(len(step) for step in finding.steps)
