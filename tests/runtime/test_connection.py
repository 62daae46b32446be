"""The handle on a connection: what was written is handed to the system before it is reset."""

import asyncio
import socket
from typing import Any, cast

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from mockleo.runtime.connection import Connection, connection_of, extensions_of


class Transport:
    """Holds what was written until it is told that the system takes it."""

    def __init__(self, buffered: int) -> None:
        self.flow = FlowControl(cast("asyncio.Transport", self))
        self.buffered = buffered
        self.closing = False
        self.done: list[str] = []

    def is_closing(self) -> bool:
        return self.closing

    def set_write_buffer_limits(self, high: int) -> None:
        if self.buffered > high:
            self.flow.pause_writing()

    def taken(self) -> None:
        self.buffered = 0
        self.flow.resume_writing()

    def lost(self) -> None:
        self.closing = True
        self.flow.resume_writing()

    def get_extra_info(self, name: str) -> Any:
        assert name == "socket"
        return self

    def setsockopt(self, level: int, option: int, _: bytes) -> None:
        assert (level, option) == (socket.SOL_SOCKET, socket.SO_LINGER)
        self.done.append("linger")

    def abort(self) -> None:
        self.done.append("abort")

    def close(self) -> None:
        self.done.append("close")


class Cycle:
    """What uvicorn keeps of a request; the application is given its `receive`."""

    disconnected = False

    async def receive(self) -> Any:
        raise AssertionError("nobody reads here")


def connection(transport: Transport) -> Connection:
    return Connection(cast("asyncio.Transport", transport), transport.flow)


async def _reset(buffered: int, *, lost: bool = False) -> list[str]:
    transport, cycle = Transport(buffered), Cycle()
    reset = asyncio.create_task(connection(transport).reset(cycle.receive))
    await asyncio.sleep(0)
    if buffered:
        await asyncio.sleep(0)
        assert (transport.done, reset.done()) == ([], False)
        transport.lost() if lost else transport.taken()
    await reset
    assert cycle.disconnected
    return transport.done


@pytest.mark.parametrize("buffered", [0, 1, 10_000])
def test_the_buffer_is_empty_before_a_reset(buffered: int) -> None:
    assert asyncio.run(_reset(buffered)) == ["linger", "abort"]


def test_a_client_that_goes_meanwhile_needs_no_reset() -> None:
    assert asyncio.run(_reset(10, lost=True)) == []


def test_closing_leaves_the_rest_to_the_transport() -> None:
    transport, cycle = Transport(10), Cycle()
    connection(transport).close(cycle.receive)
    assert (transport.done, cycle.disconnected) == (["close"], True)


def test_it_is_found_where_it_was_put() -> None:
    mine = connection(Transport(0))
    assert connection_of({"extensions": extensions_of(mine)}) is mine


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {}}])
def test_without_a_server_there_is_none(scope: dict[str, Any]) -> None:
    assert connection_of(scope) is None
