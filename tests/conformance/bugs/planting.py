"""How a mistake is planted: something of the emulator's is replaced for a while.

    answer      what an operation answers, under its root key
    refusal     a row of errors.toml
    rule        a field of a row of rules.toml
    method      a method of a class
    function    a name in a module

Each gives a context manager: the mistake is there while it lasts.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest import mock

import msgspec

from mockleo.changes import changed
from mockleo.wire.call import Call, Reply
from mockleo.wire.contract import load
from mockleo.wire.endpoints import HANDLERS

Planted = AbstractContextManager[Any]
Change = Callable[[Any, Call], Any]


class Bug(msgspec.Struct, frozen=True):
    """One mistake: what is wrong, in a few words, and how it comes about."""

    says: str
    plant: Callable[[], Planted]


def answer(operation: str, change: Change) -> Planted:
    """Let `change` make another thing of what `operation` answers; it is given the call, too."""
    return answers((operation,), change)


def answers(operations: tuple[str, ...], change: Change) -> Planted:
    """The same for several of them."""
    return mock.patch.dict(
        HANDLERS,
        {operation: _spoilt(HANDLERS[operation], change) for operation in operations},
    )


def _spoilt(handler: Callable[[Call], Reply], change: Change) -> Callable[[Call], Reply]:
    def handle(call: Call) -> Reply:
        body = msgspec.json.decode(handler(call).encoded())
        return call.reply(change(body[call.operation.root], call))

    return handle


def with_field(name: str, value: object) -> Change:
    """Put `value` in the place of a field; a function is given what stood there."""

    def change(told: Any, call: Call) -> Any:
        for row in told if isinstance(told, list) else [told]:
            if isinstance(row, dict) and name in row:
                row[name] = value(row[name]) if callable(value) else value
        return told

    return change


def without_field(name: str) -> Change:
    def change(told: Any, call: Call) -> Any:
        for row in told if isinstance(told, list) else [told]:
            if isinstance(row, dict):
                row.pop(name, None)
        return told

    return change


def refusal(name: str, **fields: object) -> Planted:
    """Let the refusal `name` be told otherwise: `status`, `error`, `code`, `path`, `shape`."""

    def spoil(contract: Any) -> Any:
        row = msgspec.structs.replace(contract.refusals[name], **fields)
        return msgspec.structs.replace(contract, refusals=contract.refusals.with_({name: row}))

    return _contract(spoil)


def rule(rows: Mapping[str, object]) -> Planted:
    """Let rules be otherwise: {"generation.width.max": 9999}."""
    return _contract(lambda contract: changed(contract, rules=rows, refusals={}))


def _contract(spoil: Callable[[Any], Any]) -> Planted:
    def spoilt() -> Any:
        return spoil(load())

    return mock.patch("mockleo.app.load", spoilt)


def method(owner: type, name: str, make: Callable[[Any], Any]) -> Planted:
    """Let a method be what `make` makes of the true one."""
    return mock.patch.object(owner, name, make(owner.__dict__[name]))


def function(where: str, make: Callable[[Any], Any]) -> Planted:
    """Let the name at `where` ("package.module.name") stand for what `make` makes of the true one."""
    module, _, name = where.rpartition(".")
    return mock.patch(where, make(getattr(__import__(module, fromlist=[name]), name)))


@contextmanager
def both(*plants: Planted) -> Any:
    """Several things that make one mistake."""
    with ExitStack() as stack:
        for plant in plants:
            stack.enter_context(plant)
        yield


def instead(value: object) -> Callable[[Any], Any]:
    """Whatever it is called with, it gives `value`."""
    return lambda true: lambda *given, **named: value
