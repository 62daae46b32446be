"""Which checks of the suite are really made for which operation: noted after runs, read by the page.

What is noted was made in every one of several short runs, so that no luck is in it; a test makes
another one and holds it against the note.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mockleo import contracts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockleo.conformance.tally import Tally

PLACE = Path(__file__).resolve().parents[2] / "docs" / "checks.json"

# What notes it, once it has changed.
COMMAND = "python -m tests.conformance.covering"

# Stands for every operation of the contract.
ALL = "*"


class Made(msgspec.Struct, frozen=True, order=True):
    """A check of a part that was made for an operation; "" where it is of none."""

    part: str
    check: str
    operation: str


def read() -> frozenset[Made]:
    """What was noted."""
    noted = msgspec.json.decode(PLACE.read_bytes(), type=dict[str, dict[str, list[str]]])
    everything = _operations()
    return frozenset(
        Made(part, check, operation)
        for part, checks in noted.items()
        for check, listed in checks.items()
        for each in listed
        for operation in (everything if each == ALL else (each,))
    )


def write(made: Iterable[Made]) -> None:
    """Note what was made, one line for each check."""
    everything = frozenset(_operations())
    noted: dict[str, dict[str, set[str]]] = {}
    for each in made:
        noted.setdefault(each.part, {}).setdefault(each.check, set()).add(each.operation)
    parts = {
        part: {check: _listed(operations, everything) for check, operations in sorted(checks.items())}
        for part, checks in sorted(noted.items())
    }
    lines = [
        f'  "{part}": {{\n'
        + ",\n".join(f'    "{check}": {_text(listed)}' for check, listed in checks.items())
        + "\n  }"
        for part, checks in parts.items()
    ]
    PLACE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def always(tallies: Iterable[Tally]) -> frozenset[Made]:
    """What was made in each of these runs."""
    return frozenset.intersection(*(frozenset(Made(*made) for made in tally.made) for tally in tallies))


def left_undone(tally: Tally) -> tuple[Made, ...]:
    """What is noted for the parts of this run, and was not made in it."""
    made = frozenset(Made(*each) for each in tally.made)
    parts = {each.part for each in made}
    return tuple(sorted(each for each in read() - made if each.part in parts))


def by_check(made: Iterable[Made]) -> Mapping[tuple[str, str], frozenset[str]]:
    """The operations of each check, by (part, check), in the order of their names."""
    found: dict[tuple[str, str], set[str]] = {}
    for each in sorted(made):
        found.setdefault((each.part, each.check), set()).add(each.operation)
    return {place: frozenset(operations) for place, operations in found.items()}


def _operations() -> tuple[str, ...]:
    return tuple(
        told["operationId"]
        for item in contracts.openapi()["paths"].values()
        for told in item.values()
        if isinstance(told, dict) and "operationId" in told
    )


def _listed(operations: set[str], everything: frozenset[str]) -> list[str]:
    if operations >= everything:
        return [ALL, *sorted(operations - everything)]
    return sorted(operations)


def _text(listed: list[str]) -> str:
    return msgspec.json.encode(listed).decode().replace('","', '", "')
