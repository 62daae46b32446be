"""One emulator for all journeys, and an account of its own for each test."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest

import mockleo

# Their assertions are to tell as much as those of the tests.
pytest.register_assert_rewrite("tests.sdk.leo", "tests.sdk.journeys")


@pytest.fixture(scope="session")
def emulator() -> Iterator[mockleo.Emulator]:
    with mockleo.Emulator(seed=7, time="instant") as emulator:
        yield emulator


@pytest.fixture(scope="session")
def web() -> Iterator[httpx.Client]:
    """For what is not the SDK's business: uploads and assets."""
    with httpx.Client() as web:
        yield web


@pytest.fixture
def api_key(request: pytest.FixtureRequest) -> str:
    """A key nobody else uses: with open keys, an account nobody else has touched."""
    return str(uuid5(NAMESPACE_URL, request.node.nodeid))
