"""Openers for these tests: the emulator, with something in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.door import ABILITIES, MayNot, NoAnswer, OutOfBudget
from mockleo.proving import TheEmulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Answer, Door, Request

    # What is done with a call: make it, or raise something.
    Between = Callable[[Door, Request], Answer]


class _Between:
    """A door, and what happens between it and whoever calls."""

    def __init__(self, door: Door, between: Between, abilities: frozenset[str]) -> None:
        self._door = door
        self._between = between
        self.base_url = door.base_url
        self.api_key = door.api_key
        self.abilities = abilities

    def send(self, request: Request) -> Answer:
        return self._between(self._door, request)

    def wait(self, ms: int) -> None:
        self._door.wait(ms)

    def close(self) -> None:
        self._door.close()


def straight_through(door: Door, request: Request) -> Answer:
    return door.send(request)


class Opened(TheEmulator, frozen=True, kw_only=True):
    """Opens doors to emulators, all of which have `between` in front of them."""

    between: Between = straight_through
    abilities: frozenset[str] = ABILITIES

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        return _Between(super().fresh(seed=seed, settings=settings), self.between, self.abilities)


def remembering(calls: list[tuple[str, str, bytes]]) -> Between:
    """Let every call through, and keep it."""

    def between(door: Door, request: Request) -> Answer:
        calls.append((request.method, request.url, request.body))
        return door.send(request)

    return between


def stopping_after(count: int, why: Callable[[str], MayNot | NoAnswer]) -> Between:
    """Let so many calls through, and raise then."""
    made = [0]

    def between(door: Door, request: Request) -> Answer:
        made[0] += 1
        if made[0] > count:
            raise why("enough")
        return door.send(request)

    return between


def forbidding(*operations: str) -> Between:
    def between(door: Door, request: Request) -> Answer:
        if request.operation in operations:
            raise MayNot(f"{request.operation}: its price is not known")
        return door.send(request)

    return between


__all__ = ["NoAnswer", "Opened", "OutOfBudget", "forbidding", "remembering", "stopping_after"]
