"""Makes the parts one after the other, and ends in order whatever happens to them.

    a part returns              it was made
    it raises OutOfBudget       stopped, and nothing after it is begun
    it raises MayNot, NoAnswer  what it could not decide is a doubt; the next part is made
    Ctrl-C                      stopped, and nothing after it is begun
    it raises anything else     our own mistake: told as such, and the next part is made

What was found until then is kept in each case. Where something could not be decided, no run is
green.
"""

from __future__ import annotations

import traceback
from time import gmtime, perf_counter, strftime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from mockleo.conformance.door import MayNot, NoAnswer, OutOfBudget
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.tally import Doubt, Omission, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Opener
    from mockleo.conformance.parts import Part

# How `mockleo contract` ends.
PASSED, FOUND, BROKEN, INCONCLUSIVE = 0, 1, 2, 3

# The check's name where a whole part could not be made to its end.
TO_ITS_END = "made-to-its-end"


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one part.

    `state` is "made", "stopped" (not to its end), "broken" (by a mistake of ours), "not begun" or
    "left out" (not asked for); `error` says what went wrong, `trace` where in our code.
    """

    part: str
    about: str
    state: str
    elapsed_ms: int = 0
    error: str = ""
    trace: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run: who was judged, what was asked, and all that was seen.

    `began_at` is UTC, as 2026-01-31T12:00:00.
    """

    target: str
    plan: Plan
    began_at: str
    stretches: tuple[Stretch, ...]
    tally: Tally

    @property
    def verdict(self) -> str:
        """ "broken", "failed", "inconclusive" or "passed"."""
        if any(stretch.state == "broken" for stretch in self.stretches):
            return "broken"
        return self.tally.verdict

    @property
    def exit_code(self) -> int:
        return {"passed": PASSED, "failed": FOUND, "inconclusive": INCONCLUSIVE}.get(self.verdict, BROKEN)


@runtime_checkable
class Costly(Protocol):
    """An opener whose calls cost money, and leave things behind."""

    def close(self) -> None:
        """Close what a part has left open, and delete what was made."""

    def spending(self) -> dict[str, object]:
        """Dollars, and what could not be deleted, for the report."""


class Watch(Protocol):
    """Whoever wants to know how far it is."""

    def begin(self, part: str, about: str) -> None:
        """A part is begun."""

    def tell(self, words: str) -> None:
        """The part says how far it is."""

    def end(self, stretch: Stretch) -> None:
        """The part has ended, in whatever way."""


def run(
    plan: Plan, opener: Opener, watch: Watch, *, parts: Mapping[str, tuple[str, Part]] = PARTS
) -> Outcome:
    """Make the parts that `plan` asks for. Never raises for what a part does."""
    assert plan.only <= parts.keys(), "whoever asks knows the names of the parts"
    tally = Tally()
    began_at = strftime("%Y-%m-%dT%H:%M:%S", gmtime())
    stretches: list[Stretch] = []
    goes_on = True
    for name, (about, part) in parts.items():
        if plan.only and name not in plan.only:
            tally.omit(Omission(part=name, what=about, why="--only names other parts"))
            stretches.append(Stretch(part=name, about=about, state="left out"))
            continue
        if not goes_on:
            _doubt(tally, name, "the run was stopped before this part was begun")
            stretches.append(Stretch(part=name, about=about, state="not begun"))
            continue
        watch.begin(name, about)
        began_s = perf_counter()
        state, why, trace, goes_on = _made(part, plan, opener, tally, watch)
        if state == "stopped":
            _doubt(tally, name, why)
        stretch = Stretch(
            part=name,
            about=about,
            state=state,
            elapsed_ms=round((perf_counter() - began_s) * 1000),
            error=why,
            trace=trace,
        )
        stretches.append(stretch)
        watch.end(stretch)
    if isinstance(opener, Costly):
        opener.close()
        tally.notes["spending"] = opener.spending()
    return Outcome(target=opener.name, plan=plan, began_at=began_at, stretches=tuple(stretches), tally=tally)


def _made(part: Part, plan: Plan, opener: Opener, tally: Tally, watch: Watch) -> tuple[str, str, str, bool]:
    """Make a part. What became of it, why, where in our code, and whether to go on."""
    try:
        part(plan, opener, tally, watch.tell)
    except OutOfBudget as error:
        return "stopped", f"the budget is used up: {error}", "", False
    except MayNot as error:
        return "stopped", str(error), "", True
    except NoAnswer as error:
        return "stopped", f"a call was not answered: {str(error) or 'the line went dead'}", "", True
    except KeyboardInterrupt:
        return "stopped", "it was interrupted (Ctrl-C) before its end", "", False
    except Exception as error:
        return "broken", f"{type(error).__name__}: {error}", traceback.format_exc(), True
    return "made", "", "", True


def _doubt(tally: Tally, part: str, why: str) -> None:
    tally.doubt(Doubt(part=part, check=TO_ITS_END, why=why))
