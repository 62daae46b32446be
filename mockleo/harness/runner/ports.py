"""Ports for servers that are started a moment later: ours, and the client's receivers.

What the system gives when it is asked for any port is also what it gives to connections that go
out, so such a port may be taken before the client listens there. These are from below that range,
and none is given twice.
"""

from __future__ import annotations

import os
import socket
import threading
from itertools import chain
from pathlib import Path

_FIRST = 20_000
# Where connections that go out begin, in case that the system does not say.
_OUTGOING = 32_768
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")

_lock = threading.Lock()
_given: set[int] = set()


class NoPort(OSError):
    """Every port is taken."""


def free_port() -> int:
    """A port of this machine's own address where nobody listens, and which nobody was given."""
    with _lock:
        candidates = _candidates()
        # Several runners on one machine begin at different places.
        begin = os.getpid() * 61 % len(candidates)
        for port in chain(candidates[begin:], candidates[:begin]):
            if port not in _given and _is_free(port):
                _given.add(port)
                return port
    raise NoPort("no free port was found")


def give_back(*ports: int) -> None:
    """Let these be given again."""
    with _lock:
        _given.difference_update(ports)


def _candidates() -> range:
    try:
        end = int(_RANGE.read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        end = _OUTGOING
    # Where a machine gives all ports to connections that go out, there is no better place.
    return range(_FIRST, end if end > _FIRST + 1_000 else _OUTGOING)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
