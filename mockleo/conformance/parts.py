"""The parts of the suite, in the order in which they are made: one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Opener
    from mockleo.conformance.tally import Tally


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a run.

    `examples` is the most that is generated for each operation and phase (schemathesis) and each
    machine (lifecycle); `workers` how many processes share the work; `only` the parts to be made,
    all where empty; `receiver` a URL of the user's that the real service can reach.
    """

    seed: int
    examples: int = 100
    workers: int = 1
    only: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    receiver: str | None = None


class Part(Protocol):
    """Looks at one side of the contract, and writes down what it finds.

    `progress` is told in a few words, now and then, how far it is.
    """

    def __call__(self, plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None: ...


def _schema(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    from mockleo.conformance.schema.run import run

    run(plan, opener, tally, progress)


def _lifecycle(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    from mockleo.conformance.lifecycle.part import run

    run(plan, opener, tally, progress)


def _uploads(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    from mockleo.conformance.uploads.part import run

    run(plan, opener, tally, progress)


def _webhooks(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    from mockleo.conformance.webhooks.part import run

    run(plan, opener, tally, progress)


# name -> (what it looks at, in one line; the part). Filled in as they come.
PARTS: Mapping[str, tuple[str, Part]] = {
    "schema": ("every operation, with generated calls", _schema),
    "lifecycle": ("what becomes of jobs, lists and credits while time passes", _lifecycle),
    "uploads": ("presigned forms, and what becomes of the files", _uploads),
    "webhooks": ("what is reported of jobs that have ended", _webhooks),
}
