"""What the tests share: a street where receivers of webhooks live, and an emulator on a clock we hold.

An emulator takes a fifth of a second to come and go, so tests that want no settings take turns.
"""

from collections.abc import Iterator

import pytest

from mockleo.emulator import Emulator

from .rig import KEY, Client, Street, a_street, clients


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    with a_street() as street:
        yield street


@pytest.fixture(scope="session")
def _shared() -> Iterator[Emulator]:
    with Emulator(seed=7, time="manual") as emulator:
        yield emulator


@pytest.fixture
def emulator(_shared: Emulator) -> Emulator:
    """One in which nothing has happened, on a clock that is moved by hand."""
    _shared.reset()
    return _shared


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    with clients(emulator, KEY) as (client,):
        yield client
