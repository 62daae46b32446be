"""Notes which checks of the contract suite are made for which operation.

python -m tests.conformance.covering && python -m mockleo.conformance.page
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance import covered
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.tally import Tally
from mockleo.proving import TheEmulator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer, Door, Request

SEEDS = (1, 2, 3)
EXAMPLES = 2


class Ran(msgspec.Struct, frozen=True):
    """A run: its tally, and which refusals an operation was seen to tell, by the names of rows."""

    tally: Tally
    refused: set[tuple[str, str]]


class _Watched:
    """A door, with an eye on why calls are refused."""

    def __init__(self, door: Door, refused: set[tuple[str, str]]) -> None:
        self._door = door
        self._refused = refused
        self.base_url, self.api_key, self.abilities = door.base_url, door.api_key, door.abilities
        self.wait, self.close = door.wait, door.close

    def send(self, request: Request) -> Answer:
        answer = self._door.send(request)
        if why := answer.header("x-mockleo-why"):
            self._refused.add((request.operation, why.partition(";")[0]))
        return answer


class _Watching(TheEmulator, frozen=True, kw_only=True):
    refused: set[tuple[str, str]]

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        return _Watched(super().fresh(seed=seed, settings=settings), self.refused)


@cache
def a_run(*parts: str, seed: int, examples: int = EXAMPLES) -> Ran:
    """A short run of these parts against the emulator; the same one whoever asks for it."""
    ran = Ran(Tally(), set())
    for name in parts:
        _, part = PARTS[name]
        part(Plan(seed=seed, examples=examples), _Watching(refused=ran.refused), ran.tally, lambda told: None)
    return ran


def main() -> None:
    """Make some short runs, and note what was made in each of them."""
    covered.write(covered.always([a_run(*PARTS, seed=seed).tally for seed in SEEDS]))


if __name__ == "__main__":
    main()
