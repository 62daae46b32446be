"""Many scenarios played side by side, each verdict ready when its test asks for it.

A client mostly waits, so several at once take hardly longer than the longest of them.
"""

from __future__ import annotations

import importlib.util
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mockleo.harness import judged
from mockleo.harness.runner.play import Options, play
from mockleo.harness.scenario import read, shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    import pytest

    from mockleo.harness.judged import Judged

CLIENTS = Path(__file__).parents[2] / "scenarios" / "clients"
SHIPPED = shipped()
JOBS = 4

Key = TypeVar("Key")


def met(scenario: str, *client: str, speed: float, seed: int | None = None) -> Judged:
    """What comes of one of the clients (`client`: its file and its arguments) in a shipped scenario."""
    command = (sys.executable, str(CLIENTS / client[0]), *client[1:])
    return judged.of(list(play(read(SHIPPED[scenario]), command, Options(speed=speed, seed=seed))))


@contextmanager
def side_by_side(keys: Iterable[Key], made: Callable[[Key], Judged]) -> Iterator[Callable[[Key], Judged]]:
    """Begin all of them; yields what waits for one."""
    with ThreadPoolExecutor(JOBS) as pool:
        begun: dict[Key, Future[Judged]] = {key: pool.submit(made, key) for key in keys}
        try:
            yield lambda key: begun[key].result()
        finally:
            pool.shutdown(cancel_futures=True)


def chosen(request: pytest.FixtureRequest, *names: str) -> list[Any]:
    """The parameters (the one, or a tuple of several) of the tests that will be run in this module."""
    found: dict[Any, None] = {}
    for item in request.session.items:
        of_item = getattr(item, "callspec", None)
        if of_item is not None and item.path == request.path and set(names) <= set(of_item.params):
            values = tuple(of_item.params[name] for name in names)
            found[values if len(names) > 1 else values[0]] = None
    return list(found)


def told(seen: Judged) -> str:
    """What was found and what the client printed, for whoever reads a failure."""
    verdict, client = seen.verdict, seen.run.client
    lived_s = (client.ended_ms - client.started_ms) / 1000
    lines = [
        f"{verdict.scenario}: {verdict.grade}, exit {client.exit_code}",
        f"{lived_s:.0f} s of its own time, {client.speed:g} times faster",
        *(f"found {each.check}: {each.message}" for each in verdict.findings),
        *(f"not decided {each.check}: {each.why}" for each in verdict.unsure),
        *(f"stdout: {line}" for line in client.stdout_tail.splitlines()[-10:]),
        *(f"stderr: {line}" for line in client.stderr_tail.splitlines()[-20:]),
    ]
    return "\n".join(lines)


def module(name: str) -> ModuleType:
    """One of the clients' modules, read and not run."""
    found = importlib.util.spec_from_file_location(name, CLIENTS / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    sys.path.insert(0, str(CLIENTS))
    try:
        made = importlib.util.module_from_spec(found)
        sys.modules[name] = made
        found.loader.exec_module(made)
    finally:
        sys.path.remove(str(CLIENTS))
    return made
