"""What an operator can set, and where from.

Flags go before the environment (MOCKLEO_...), that before `mockleo.toml` or `[tool.mockleo]` of
pyproject.toml, that before the default. A name that does not exist is an error that tells the
nearest one that does.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mockleo.core.names import nearest
from mockleo.runtime.clock import PACE_LEAST, PACE_MOST, Mode

DEFAULT_PORT = 5360
PREFIX = "MOCKLEO_"


class BadSetting(ValueError):
    """A setting that cannot be: the message names it and says why."""


_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")


def drawn_seed() -> int:
    """A seed where the operator gives none: the one door through which chance comes in."""
    return int.from_bytes(os.urandom(4), "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one emulator, in the form in which they are given.

    `time` is real, xN (N times faster), manual (moved by the operator), auto (jumps to the next
    event when nothing is going on) or instant (jobs are done as soon as their answer is sent).
    `keys` is open or strict, `profile` sdk-safe or wire-true. `slots` are concurrency slots by
    kind of job. `webhook` is where every key's jobs are reported, `webhook_key` the bearer sent
    along, `webhook_reach` which addresses may be sent to: local, public or any. `journal` is how
    many exchanges are kept. `faults` are in force from the start. `rules` and `refusals` change
    rows of contracts/rules.toml and errors.toml, by dotted name.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    time: str = "real"
    keys: str = "open"
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    profile: str = "sdk-safe"
    plan: str = "credits"
    credits: int | None = None
    slots: Mapping[str, int] = field(default_factory=dict)
    webhook: str | None = None
    webhook_key: str | None = field(default=None, repr=False)
    webhook_reach: str = "local"
    journal: int = 10_000
    faults: tuple[Mapping[str, Any], ...] = ()
    seed: int = field(default_factory=drawn_seed)
    cors: bool = True
    real_cdn: bool = False
    public_url: str | None = None
    control_token: str | None = field(default=None, repr=False)
    rules: Mapping[str, Any] = field(default_factory=dict)
    refusals: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of("keys", self.keys, ("open", "strict"))
        _one_of("profile", self.profile, ("sdk-safe", "wire-true"))
        _one_of("webhook-reach", self.webhook_reach, ("local", "public", "any"))
        if self.webhook_key is not None and self.webhook is None:
            raise BadSetting("webhook-key: there is no webhook to send it to; set webhook as well")
        if not 1 <= self.journal <= 10_000_000:
            raise BadSetting(f"journal: {self.journal} is not between 1 and 10000000")
        if self.time not in _MODES:
            self.pace  # noqa: B018  the look tells whether it is one
        if not 0 <= self.port <= 65_535:
            raise BadSetting(f"port: {self.port} is no port")
        for key in self.api_keys if self.keys == "strict" else ():
            if not _UUID.fullmatch(key):
                raise BadSetting("api-key: one is no UUID, and strict keys answer such a one with 500")
        if not -(2**63) <= self.seed < 2**63:
            raise BadSetting(f"seed: {self.seed} does not fit 64 bits")
        if self.credits is not None and not 0 <= self.credits < 2**31:
            raise BadSetting(f"credits: {self.credits} is not between 0 and {2**31 - 1}")
        if not self.is_loopback and not self.control_token:
            raise BadSetting(
                f"host: {self.host} can be reached by others, and so could the control API;"
                " set control-token as well"
            )

    @property
    def pace(self) -> float:
        """How many seconds pass for the service in one real one."""
        if self.time in _MODES:
            return 1.0
        try:
            pace = float(self.time.removeprefix("x"))
        except ValueError:
            pace = 0.0
        if not self.time.startswith("x") or not PACE_LEAST <= pace <= PACE_MOST:
            raise BadSetting(f"time: {self.time!r} is none of real, xN such as x60, manual, auto, instant")
        return pace

    @property
    def mode(self) -> Mode:
        """How the clock goes; where jobs take no time it goes by itself."""
        return Mode(self.time) if self.time in {"manual", "auto"} else Mode.REAL

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def listening_on(self, port: int) -> "Settings":
        """The same settings once a free port has been found."""
        return replace(self, port=port)

    @property
    def is_loopback(self) -> bool:
        from ipaddress import ip_address  # not needed for --help

        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


NAMES = tuple(each.name for each in fields(Settings))
_MODES = {"real", "manual", "auto", "instant"}
_FLAGS = {"cors", "real_cdn"}
_NUMBERS = {"port", "credits", "seed", "journal"}
_TABLES = {"rules", "refusals", "slots"}
# What a file's values must be; all others are texts.
_KINDS: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(_NUMBERS, (int, "whole number")),
    **dict.fromkeys(_FLAGS, (bool, "boolean")),
    **dict.fromkeys(_TABLES, (dict, "table")),
}


def read(
    flags: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Settings:
    """Put the settings together from flags (None where not given), environment and file."""
    merged: dict[str, Any] = dict(from_file(directory or Path.cwd()))
    merged |= from_environment(os.environ if environment is None else environment)
    for name, value in flags.items():
        if value is None:
            continue
        if name in _TABLES:
            value = {**merged.get(name, {}), **value}
        merged[name] = value
    return Settings(**merged)


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings that MOCKLEO_... variables give."""
    found = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in _NO_SETTINGS:
            continue
        name = known(variable.removeprefix(PREFIX).lower(), shown=variable)
        if name in _TABLES or name == "faults":
            raise BadSetting(f"{variable}: set single rows in mockleo.toml or by flag")
        found[name] = _parsed(name, text, shown=variable)
    return found


# What the command line tells others, and what the contract suite alone reads.
_NO_SETTINGS = frozenset({"MOCKLEO_URL", "MOCKLEO_REAL_API_KEY"})


def from_file(directory: Path) -> dict[str, Any]:
    """The settings of mockleo.toml, else of `[tool.mockleo]` in pyproject.toml."""
    own, shared = directory / "mockleo.toml", directory / "pyproject.toml"
    if own.is_file():
        table, where = _toml(own), own.name
    elif shared.is_file():
        table, where = _toml(shared).get("tool", {}).get("mockleo", {}), f"{shared.name}, tool.mockleo"
    else:
        return {}
    found = {}
    for key, value in table.items():
        name = known(key.replace("-", "_"), shown=f"{where}: {key}")
        found[name] = _of_kind(name, value, shown=f"{where}: {key}")
    return found


def _of_kind(name: str, value: Any, *, shown: str) -> Any:
    """A file's value, which must be of the kind that the setting has."""
    if name == "api_keys":
        if type(value) is list and all(type(key) is str for key in value):
            return tuple(value)
        raise BadSetting(f"{shown}: {value!r} is no list of texts")
    if name == "faults":
        if type(value) is list and all(type(fault) is dict for fault in value):
            return tuple(value)
        raise BadSetting(f"{shown}: {value!r} is no list of tables")
    kind, noun = _KINDS.get(name, (str, "text"))
    # To `isinstance` alone, true would be a number.
    if not isinstance(value, kind) or type(value) is not kind:
        raise BadSetting(f"{shown}: {value!r} is no {noun}")
    return dict(_dotted(value)) if isinstance(value, dict) else value


def _dotted(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of nested tables by dotted name: TOML makes a table of each dot."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def known(name: str, *, shown: str) -> str:
    """`name` if there is such a setting, else an error that tells the nearest."""
    if name in NAMES:
        return name
    raise BadSetting(f"{shown}: there is no such setting{nearest(name, NAMES)}")


def _toml(path: Path) -> dict[str, Any]:
    import tomllib  # needed only when there is a file

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path.name}: {error}") from None


def _parsed(name: str, text: str, *, shown: str) -> Any:
    if name in _FLAGS:
        lowered = text.lower()
        if lowered not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
            raise BadSetting(f"{shown}: {text!r} is neither yes nor no")
        return lowered in {"1", "true", "yes", "on"}
    if name in _NUMBERS:
        try:
            return int(text)
        except ValueError:
            raise BadSetting(f"{shown}: {text!r} is no whole number") from None
    return tuple(text.replace(",", " ").split()) if name == "api_keys" else text


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadSetting(f"{name}: {value!r} is none of {', '.join(allowed)}{nearest(value, allowed)}")
