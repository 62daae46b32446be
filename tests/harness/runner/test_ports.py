"""Ports that are given away before anybody listens there."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from mockleo.harness.runner import ports
from mockleo.harness.runner.ports import free_port, give_back


def test_none_is_given_twice_until_it_is_given_back() -> None:
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: free_port(), range(64)))
    assert len(set(given)) == 64
    give_back(*given)
    assert free_port() in given
    give_back(*given)


def test_connections_that_go_out_do_not_take_it() -> None:
    port = free_port()
    give_back(port)
    lowest = int(ports._RANGE.read_text("ascii").split()[0]) if ports._RANGE.exists() else 32_768
    assert port < lowest or lowest <= 21_000


def test_one_where_somebody_listens_is_not_given() -> None:
    port = free_port()
    give_back(port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        other = free_port()
    give_back(other)
    assert other != port
