"""Lets Hypothesis go walks, and makes those shorter that have found something.

Hypothesis is imported with this module: only where a part is made.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, Verbosity, reject, seed, settings
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from mockleo.conformance.lifecycle import acts, money
from mockleo.conformance.lifecycle.machine import Quick, Walk, shorten
from mockleo.conformance.lifecycle.visit import Broken, GivenUp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockleo.conformance.lifecycle.machine import Made
    from mockleo.conformance.lifecycle.visit import Findings, Place, Visit

# How many acts a walk has, and how many walks are made where waiting takes real time.
_ACTS, _ACTS_SLOW, _WALKS_SLOW = 40, 5, 2
# How often more is looked for after something was found, and how often a walk is gone to make it shorter.
_ROUNDS, _TRIES = 8, 80
# What is written in pages of so many when a walk is at its end.
_PAGE = 4


class Walks:
    """All walks of one run. `begin` gives a visit, and `leave` is told when it is over."""

    def __init__(
        self,
        begin: Callable[[], Visit],
        leave: Callable[[Visit], None],
        findings: Findings,
        *,
        fast: bool,
        progress: Callable[[str], None],
    ) -> None:
        self._visit = begin
        self._leave = leave
        self._findings = findings
        self._fast = fast
        self._progress = progress
        self._machine = Walk if fast else Quick
        self._gone = 0
        # The last walk that has found something: its acts, what it was, whether at its very end.
        self._found: tuple[tuple[Made, ...], Place, bool] | None = None

    def make(self, *, examples: int, seed_of_all: int) -> None:
        """Go `examples` walks. Each time something is found, that is passed over from then on."""
        wanted = max(1, examples if self._fast else min(examples, _WALKS_SLOW))
        chosen = settings(
            max_examples=wanted,
            stateful_step_count=_ACTS if self._fast else _ACTS_SLOW,
            database=None,
            deadline=None,
            print_blob=False,
            phases=(Phase.generate,),
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        for nth in range(_ROUNDS):
            self._findings.passed_over.update(self._findings.failures)
            self._gone, self._found = 0, None
            try:
                with with_reporter(lambda text: None):
                    run_state_machine_as_test(self._factory(seed_of_all + nth, wanted), settings=chosen)
            except Unsatisfiable:
                # No walk came to its end; why not has been noted.
                return
            except (Broken, Flaky):
                self._shorten()
            else:
                return

    def _factory(self, seed_of_round: int, wanted: int) -> Any:
        """What Hypothesis makes each machine with."""

        def factory() -> Quick:
            self._gone += 1
            if self._gone % 10 == 0:
                self._progress(f"walk {self._gone} of {wanted}")
            return self._machine(self._begin, self._end)

        return seed(seed_of_round)(factory)

    def _begin(self) -> Visit:
        visit = self._visit()
        try:
            money.begin(visit)
        except BaseException as error:
            self._leave(visit)
            if isinstance(error, GivenUp):
                reject()
            raise
        return visit

    def _end(self, walk: Quick) -> None:
        """See what a walk has come to; where it has found nothing, let it come to its end."""
        error = sys.exc_info()[1]
        try:
            if isinstance(error, Broken):
                self._found = tuple(walk.made), error.place, False
            elif error is None:
                try:
                    _come_to_end(walk.visit)
                except Broken as at_the_end:
                    self._found = tuple(walk.made), at_the_end.place, True
                    raise
        finally:
            self._leave(walk.visit)

    def _shorten(self) -> None:
        """Go the walk that has found something again, with fewer acts: the shortest is kept."""
        if self._found is None or not self._fast:
            return
        made, place, at_the_end = self._found

        def finds(fewer: Sequence[Made]) -> bool:
            walk = self._machine(self._begin, lambda walk: None)
            try:
                walk.go(fewer)
                if at_the_end:
                    _come_to_end(walk.visit)
            except Broken as error:
                return error.place == place
            finally:
                self._leave(walk.visit)
            return False

        shorten(made, finds, tries=_TRIES)


def _come_to_end(visit: Visit) -> None:
    """Whatever was begun comes to its end, and everything agrees then."""
    with suppress(GivenUp):
        if visit.fast:
            acts.wait_for_all(visit)
        acts.look_at_all(visit)
        acts.page_through(visit, _PAGE)
