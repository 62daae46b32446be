"""The part "lifecycle": who is judged, how long, and what comes of it."""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import TYPE_CHECKING

from mockleo.conformance.judge import Judge
from mockleo.conformance.lifecycle import acts, limits, money, steps, tour
from mockleo.conformance.lifecycle.checks import CHECKS, FRESH
from mockleo.conformance.lifecycle.client import PART, Client, Stopped
from mockleo.conformance.lifecycle.visit import Findings, GivenUp, Visit
from mockleo.conformance.tally import Doubt, Finding, Omission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Answer, Door, Opener, Request
    from mockleo.conformance.lifecycle.visit import Failure
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.tally import Tally

_MANY = 1_000_000_000
_SEEN_CHARS = 400


def run(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    """Look at lifecycles. Raises what the door raises when it lets nothing through any more."""
    door = opener.open(seed=plan.seed)
    try:
        if "spend" not in door.abilities:
            tally.omit(
                Omission(part=PART, what="what becomes of orders", why="orders cost credits: say --spend")
            )
            return
        Lifecycle(plan, opener, door, tally, progress).make()
    finally:
        door.close()


class Lifecycle:
    """One run. `door` is shared by all walks where no account can be had for each of them."""

    def __init__(
        self, plan: Plan, opener: Opener, door: Door, tally: Tally, progress: Callable[[str], None]
    ) -> None:
        self.plan = plan
        self.opener = opener
        self.door = door
        self.tally = tally
        self.progress = progress
        self.findings = Findings()
        self.fast = "fast-forward" in door.abilities
        self.fresh = FRESH in door.abilities
        self.judge = Judge()

    def make(self) -> None:
        """The tour, the walks, the limits; what was found is written down whatever happens."""
        try:
            if self.make_tour():
                self.make_walks()
                self.make_limits()
        except Stopped as stopped:
            raise stopped.why from None
        else:
            self._tell_what_was_not_made()
        finally:
            for failure in self.findings.failures.values():
                self.tally.found(_finding(failure, self.plan))

    # --- walks --------------------------------------------------------------------------------

    def make_tour(self) -> bool:
        """Whether the account can be read: without it nothing can be said of anything."""
        self.progress("a tour of everything" if self.fast else "a short tour")
        visit = self._begin()
        visit.stops = False
        try:
            money.begin(visit)
            (tour.full if self.fast else tour.short)(visit)
        except GivenUp:
            return False
        finally:
            self._leave(visit)
        return True

    def make_walks(self) -> None:
        """What Hypothesis makes up."""
        from mockleo.conformance.lifecycle.walks import Walks  # Hypothesis is heavy

        walks = Walks(self._begin, self._leave, self.findings, fast=self.fast, progress=self.progress)
        walks.make(examples=self.plan.examples, seed_of_all=self.plan.seed)

    def make_limits(self) -> None:
        """Credits and limits, where there are accounts that have few of them."""
        if self.fresh and self.fast:
            self.progress("credits and limits")
            limits.check_all(self._small_account, seed=self.plan.seed)

    def _begin(self) -> Visit:
        """A walk on an account of its own, where there is one to be had."""
        if not self.fresh:
            return self._visit(self.door)
        keys = _key(f"{self.plan.seed}:own"), _key(f"{self.plan.seed}:stranger")
        door = self.opener.fresh(seed=self.plan.seed, settings={"credits": _MANY, "api_keys": keys})
        return self._visit(door, stranger=keys[1])

    def _visit(self, door: Door, *, stranger: str = "") -> Visit:
        return Visit(
            Client(door, self.tally, look=self._look),
            self.tally,
            self.findings,
            alone=self.fresh,
            fast=self.fast,
            stranger=stranger,
        )

    def _look(self, request: Request, answer: Answer) -> None:
        """What holds of any single answer holds here, too."""
        self.judge.tell(self.tally, PART, request, answer, replay=_replay(self.plan))

    def _small_account(self, settings: Mapping[str, object]) -> Visit:
        door = self.opener.fresh(seed=self.plan.seed, settings=settings)
        visit = self._visit(door)
        visit.stops = False
        return visit

    def _leave(self, visit: Visit) -> None:
        if visit.client.door is not self.door:
            visit.client.door.close()
        elif sys.exc_info()[0] is not Stopped:
            acts.tidy(visit)

    # --- what was not made --------------------------------------------------------------------

    def _tell_what_was_not_made(self) -> None:
        made = {check for part, check, _ in self.tally.made if part == PART}
        abilities = self.door.abilities
        for name, check in CHECKS.items():
            if name in made:
                continue
            if check.needs and check.needs not in abilities and PART not in self.plan.only:
                what, why = _MISSING[check.needs]
                self.tally.omit(Omission(part=PART, what=what, why=why))
            else:
                why = _MISSING[check.needs][1] if check.needs not in abilities and check.needs else _NEVER
                self.tally.doubt(Doubt(part=PART, check=name, why=why))


_NEVER = "no walk came to where it could be made; what it needs was refused, or is not there"
_MISSING = {
    FRESH: (
        "credits running out, limits, other accounts' keys",
        "it needs accounts of its own: judge the emulator in process",
    ),
    "fast-forward": (
        "videos, trainings, textures, jobs that fail, and what is made of results",
        "it would take hours where time cannot be moved: judge the emulator in process",
    ),
}


def _key(text: str) -> str:
    """A key of the shape that the service knows, always the same for a text."""
    digest = sha256(text.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _finding(failure: Failure, plan: Plan) -> Finding:
    check = CHECKS[failure.check]
    request, answer = failure.request, failure.answer
    lines = steps.shown(failure.steps, ending=request, api_key=failure.api_key)
    line = steps.ending_line(failure.steps, request, api_key=failure.api_key) if request is not None else ""
    return Finding(
        part=PART,
        check=failure.check,
        operation=failure.operation,
        message=failure.message,
        expected=f"{check.says} ({check.evidence})",
        fix=f"look at {check.fix}",
        curl=line,
        seen=""
        if answer is None
        else f"{answer.status} {answer.body[:_SEEN_CHARS].decode('utf-8', 'replace')}",
        steps=lines,
        replay=_replay(plan),
    )


def _replay(plan: Plan) -> str:
    return f"mockleo contract --only {PART} --seed {plan.seed} --max-examples {plan.examples}"
