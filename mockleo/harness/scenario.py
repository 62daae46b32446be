"""What a client meets, and what it is to bring about: one TOML file.

    title = "The answer to an order is lost"
    story = "The third order is booked and charged; its answer never comes."

    [client]                what the client is to bring about
    task = "generate"       what the reference clients do (MOCKLEO_TASK)
    with = { count = 3 }    and with what (MOCKLEO_TASK_WITH, as JSON)
    jobs = 3                so many jobs ordered and collected, no more
    files = 3               at least so many assets saved
    credits_most = 96       what it may cost
    in_flight_most = 5      jobs at once; the plan's slots where nothing is said
    exit = "zero"           how it is to end: "zero", "nonzero" or "any"
    webhook = false         whether results come by webhook as well
    starts = 1              how often it is started, side by side
    keys = 1                how many keys it is given: the second as LEONARDO_API_KEY_NEXT

    [emulator]              settings of `mockleo serve`: plan, credits, slots, profile, seed
    rules = { "durations.image" = 4000 }

    [clock]
    longest_s = 600         in seconds of the client's own time; then it is stopped

    [[faults]]              what goes wrong, as `--fault` takes it
    fault = "connection-close"
    operations = ["createGeneration"]
    nth = [3]
    commit = true

    [checks]
    skip = ["polls-flat"]   checks that say nothing here, each with its reason in `story`
    [checks.thresholds]     of single checks, by name
    polls-too-fast = { interval_ms = 2000 }

Read whole: what is unknown is refused, with the nearest name.
"""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_Exit = Literal["zero", "nonzero", "any"]
_Count = Annotated[int, msgspec.Meta(ge=0)]


class BadScenario(ValueError):
    """A scenario that cannot be; the message names the file, the field and why."""


class Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the client is to bring about; see the top."""

    task: str
    with_: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    jobs: _Count | None = None
    files: _Count | None = None
    credits_most: _Count | None = None
    in_flight_most: _Count | None = None
    exit: _Exit = "zero"
    webhook: bool = False
    starts: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    keys: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1


class Emulator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the emulator's."""

    plan: str = "credits"
    credits: int | None = None
    slots: dict[str, int] = {}
    profile: str = "sdk-safe"
    seed: int = 1
    rules: dict[str, Any] = {}
    refusals: dict[str, Any] = {}


class Clock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`longest_s` are seconds of the client's own time."""

    longest_s: Annotated[int, msgspec.Meta(ge=1)] = 600


class Checks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which checks say nothing here, and the thresholds of others, by check and name."""

    skip: tuple[str, ...] = ()
    thresholds: dict[str, dict[str, float]] = {}


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scenario. `name` is its file's, without the ending."""

    name: str
    title: str
    story: str
    client: Client
    emulator: Emulator = Emulator()
    clock: Clock = Clock()
    faults: tuple[dict[str, Any], ...] = ()
    checks: Checks = Checks()


def read(path: Path) -> Scenario:
    """The scenario in this file; raises `BadScenario`."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadScenario(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadScenario(f"{path.name}: {error}") from None
    return of(table, name=path.stem)


def of(table: Mapping[str, Any], *, name: str) -> Scenario:
    """The scenario that a table tells; raises `BadScenario`."""
    if "name" in table:
        raise BadScenario(f"{name}: name: a scenario is called as its file is")
    try:
        return msgspec.convert({**table, "name": name}, Scenario)
    except msgspec.ValidationError as error:
        raise BadScenario(f"{name}: {_told(str(error))}") from None


_WHERE = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`")
_PARTS: Mapping[str, type[msgspec.Struct]] = {
    "": Scenario,
    "client": Client,
    "emulator": Emulator,
    "clock": Clock,
    "checks": Checks,
}


def _told(message: str) -> str:
    """What msgspec says, with the field before it and the nearest name behind it."""
    found = _WHERE.search(message)
    where, why = (found[1], message[: found.start()]) if found else ("", message)
    unknown = _UNKNOWN.match(why)
    if unknown is None:
        return f"{where}: {why}" if where else why
    field = f"{where}.{unknown[1]}" if where else unknown[1]
    part = _PARTS.get(where)
    names = [each.encode_name for each in msgspec.structs.fields(part)] if part else []
    close = get_close_matches(unknown[1], [name for name in names if name != "name"], n=1)
    return f"{field}: there is no such field" + (f"; did you mean {close[0]}?" if close else "")


def folder() -> Path:
    """Where the scenarios are that come with mockleo: at the top, or inside the installed package."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """The scenarios that come with mockleo, by name."""
    return {path.stem: path for path in sorted(folder().glob("*.toml"))}
