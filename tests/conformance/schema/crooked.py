"""A door through which answers come out changed: mistakes planted where a server would make them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.door import ABILITIES, Answer, Request
from mockleo.conformance.parts import Plan
from mockleo.conformance.schema import shares
from mockleo.conformance.schema.engine import Work, work
from mockleo.proving import TheEmulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.conformance.door import Door

Change = "Callable[[Request, Answer], Answer]"


class Crooked:
    """A door to the emulator; `change` makes of each answer what comes out, or raises.

    `sent` counts the calls by operation.
    """

    def __init__(
        self,
        change: Callable[[Request, Answer], Answer] = lambda _, answer: answer,
        *,
        seed: int = 1,
        abilities: frozenset[str] = ABILITIES,
    ) -> None:
        self._door: Door = TheEmulator().open(seed=seed)
        self._change = change
        self.abilities = abilities
        self.base_url, self.api_key = self._door.base_url, self._door.api_key
        self.wait, self.close = self._door.wait, self._door.close
        self.sent: Counter[str] = Counter()

    def send(self, request: Request) -> Answer:
        self.sent[request.operation] += 1
        return self._change(request, self._door.send(request))


def tried(
    change: Callable[[Request, Answer], Answer],
    *operations: str,
    phases: tuple[str, ...] = shares.EACH,
    examples: int = 5,
    once: bool = False,
    abilities: frozenset[str] = ABILITIES,
) -> Work:
    """A share of these operations on a crooked door."""
    door = Crooked(change, abilities=abilities)
    known = shares.operations(_OPENAPI, Plan(seed=1), reading_only=False)
    share = shares.Share(
        name="tried",
        operations=operations,
        known=tuple(sorted(known)),
        phases=phases,
        examples=examples,
        seed=1,
        once=once,
    )
    try:
        return work(share, door, _nobody)
    finally:
        door.close()


def changed(body: Callable[[Any], Any], *, of: str, status: int = 200) -> Callable[[Request, Answer], Answer]:
    """Answers of the operation `of` with this status, their bodies made anew."""

    def change(request: Request, answer: Answer) -> Answer:
        if request.operation != of or answer.status != status:
            return answer
        made = json.dumps(body(json.loads(answer.body))).encode()
        headers = tuple((name, value) for name, value in answer.headers if name != "content-length")
        return msgspec.structs.replace(answer, body=made, headers=headers)

    return change


def _nobody(words: str) -> None:
    """Nobody wants to know how far it is."""


def _openapi() -> dict[str, Any]:
    from mockleo import contracts

    return contracts.openapi()


_OPENAPI = _openapi()
