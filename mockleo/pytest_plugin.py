"""The emulator in tests: the fixture `mockleo`.

    def test_it(mockleo):
        mockleo.faults.add("status", status=502, operations=["getGenerationById"], nth=[2])
        my_client()                     # finds LEONARDO_BASE_URL and LEONARDO_API_KEY
        assert mockleo.requests.count(operation="createGeneration") == 1
        assert mockleo.grade().grade == "A"

Each test has an account of its own, on one server for the whole session (for each worker, under
pytest-xdist). With `@pytest.mark.mockleo(scenario="lost-answer")` it has a server of its own, with
that scenario; other keywords of the mark are settings of the emulator's, and do the same.

Nothing is imported before a test asks for the fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mockleo.testing import MockLeo, Server

_SHOWN = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mockleo_time", "how time passes for the emulator: auto, real, xN, manual", default="auto")
    parser.addini("mockleo_seed", "what the emulator draws all chance from", default="1")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "mockleo(scenario=None, **settings): an emulator of the test's own, with a scenario or settings",
    )


@pytest.fixture(scope="session")
def mockleo_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The server that tests share which want nothing special of it."""
    from mockleo.testing import Server

    with Server(**_settings(pytestconfig)) as server:
        yield server


@pytest.fixture
def mockleo(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockLeo]:
    """An account of the test's own, and all that can be done with it and known of it."""
    from mockleo.testing import Server

    mark = request.node.get_closest_marker("mockleo")
    if mark is not None and mark.args:
        raise pytest.UsageError("mockleo: what is wanted is said by name: mockleo(scenario='lost-answer')")
    if mark is None or not mark.kwargs:
        yield from _with_account(request.getfixturevalue("mockleo_server"), request, monkeypatch, None)
        return
    wanted = dict(mark.kwargs)
    scenario = _scenario(wanted.pop("scenario", None))
    with Server(scenario=scenario, **(_settings(request.config) | wanted)) as server:
        yield from _with_account(server, request, monkeypatch, scenario)


def _with_account(
    server: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, scenario: Any
) -> Iterator[MockLeo]:
    account = server.account(request.node.nodeid, scenario=scenario)
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    # For the report, should the test fail.
    request.node.stash[_ACCOUNT] = account
    try:
        yield account
    finally:
        account.close()


_ACCOUNT: pytest.StashKey[MockLeo] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    account = item.stash.get(_ACCOUNT, None)
    if account is not None and report.when == "call" and report.failed:
        report.sections.append(("mockleo: the last exchanges", account.last_exchanges(_SHOWN)))
    return report


def _settings(config: pytest.Config) -> dict[str, Any]:
    seed = str(config.getini("mockleo_seed"))
    if not seed.lstrip("-").isdecimal():
        raise pytest.UsageError(f"mockleo_seed: {seed!r} is no whole number")
    return {"time": config.getini("mockleo_time"), "seed": int(seed)}


def _scenario(name: Any) -> Any:
    if name is None:
        return None
    from pathlib import Path

    from mockleo.core.names import nearest
    from mockleo.harness.scenario import BadScenario, read, shipped

    known = shipped()
    path = known.get(str(name), Path(str(name)))
    if not path.is_file():
        raise pytest.UsageError(f"mockleo: there is no scenario {name}{nearest(str(name), known)}")
    try:
        return read(path)
    except BadScenario as error:
        raise pytest.UsageError(f"mockleo: {error}") from None
