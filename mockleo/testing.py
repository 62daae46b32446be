"""What the fixture `mockleo` is made of: a server, and accounts on it. Usable without pytest, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import msgspec

from mockleo.control.record import run_of
from mockleo.emulator import Emulator
from mockleo.harness import run
from mockleo.harness import scenario as scenarios
from mockleo.harness.checks import judge
from mockleo.record.lines import lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from mockleo.harness.scenario import Scenario
    from mockleo.harness.verdict import Verdict
    from mockleo.record import Exchange

_PATIENCE_MS = 5_000


class Server:
    """An emulator, for as long as the `with` block lasts; with a scenario, as that wants it.

    `settings` are those of `mockleo serve`, by name.
    """

    def __init__(self, *, scenario: Scenario | None = None, **settings: Any) -> None:
        wanted = {} if scenario is None else msgspec.structs.asdict(scenario.emulator)
        faults = () if scenario is None else scenario.faults
        self.emulator = Emulator(**{"faults": faults, **wanted, **settings})
        self._made = 0

    def __enter__(self) -> Self:
        self.emulator.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.emulator.stop()

    def account(self, name: str, *, scenario: Scenario | None = None) -> MockLeo:
        """A new account, with a key of its own."""
        self._made += 1
        made = self.emulator.control("POST", "keys", {"name": name[-1_000:]})
        return MockLeo(self.emulator, made=made, name=name, scenario=scenario)


class MockLeo:
    """One account: where it is, what goes wrong with it, and what it has seen.

    `base_url` and `api_key` are what a client needs; they are in the environment, too.
    """

    def __init__(
        self, emulator: Emulator, *, made: Mapping[str, Any], name: str, scenario: Scenario | None
    ) -> None:
        self.emulator = emulator
        self.api_key: str = made["key"]
        self.account: str = made["account"]
        self.name = name
        self._scenario = scenario
        self._began_ms = emulator.app.clock.now_ms()
        self.clock = Clock(emulator)
        self.faults = Faults(emulator, self.account)
        self.requests = Journal(emulator, self.account)
        self.webhooks = Webhooks(emulator, self.account)

    def __repr__(self) -> str:
        return f"MockLeo({self.base_url}, account {self.account})"

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.emulator.url

    @property
    def base_url(self) -> str:
        """What an SDK takes as its server."""
        return self.emulator.base_url

    def environment(self) -> dict[str, str]:
        """The variables by which clients find it, so that code under test need not change."""
        return {
            "LEONARDO_BASE_URL": self.base_url,
            "LEONARDO_API_URL": self.base_url,
            "LEONARDO_API_BASE_URL": self.base_url,
            "LEONARDO_API_KEY": self.api_key,
            "MOCKLEO_URL": self.url,
        }

    def balance(self) -> int:
        """The credits that are left."""
        told: int = self.emulator.app.site.world.accounts[self.account].ledger.balance
        return told

    def grade(self, *, exit_code: int | None = 0, **expected: Any) -> Verdict:
        """What the checks say of all that this account was asked for so far.

        `expected` is what was to be brought about (`jobs=1`, `credits_most=40`: see
        `mockleo.harness.scenario.Client`), beside what the scenario says.
        """
        app = self.emulator.app
        scenario = self._scenario or scenarios.of(
            {"title": self.name, "story": "A test.", "client": {"task": "test", "exit": "any"}}, name="test"
        )
        client = msgspec.structs.replace(scenario.client, **expected)
        graded = run.Graded(
            scenario=msgspec.structs.replace(scenario, client=client),
            client=run.ClientRun(
                command=(self.name,),
                started_ms=self._began_ms,
                ended_ms=app.clock.now_ms(),
                exit_code=exit_code,
            ),
        )
        told = lines(self._run(), copy=app.redactor.copy)
        return judge(run.read(b"".join(run.write(graded, told)).splitlines(keepends=True)))

    def _run(self) -> Any:
        """The record, but for what concerns others."""
        whole = run_of(self.emulator.app)
        mine = type(whole.record)()
        mine.exchanges.extend(each for each in whole.record.exchanges if self._is_mine(each))
        for kind in ("transitions", "deliveries", "decisions"):
            getattr(mine, kind).extend(
                each for each in getattr(whole.record, kind) if each.user_id == self.account
            )
        ledger = [each for each in whole.ledger if each.user_id == self.account]
        return msgspec.structs.replace(whole, record=mine, ledger=ledger)

    def _is_mine(self, exchange: Exchange) -> bool:
        """Whether it was this account's: of what comes to the storage, the object's key tells it."""
        if exchange.user_id:
            return exchange.user_id == self.account
        return self.account.encode() in exchange.body or self.account in exchange.path

    def last_exchanges(self, most: int) -> str:
        """The last of its exchanges, one a line, for whoever looks for what went wrong."""
        found = self.requests.all(limit=most)
        rows = [
            f"{each['n']:5} {each['method']:6} {each['path']} -> {each['status'] or each['outcome']}"
            f"{'  ' + each['why'] if each['why'] else ''}"
            for each in found
        ]
        return "\n".join(rows) or "none"

    def close(self) -> None:
        """Take back what was put in force for this account alone, and let time pass as before."""
        self.faults.clear()
        self.clock.restore()


class Clock:
    """The service's time, in milliseconds."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._before = emulator.control("GET", "clock")

    @property
    def now_ms(self) -> int:
        """Epoch milliseconds."""
        now: int = self._emulator.app.clock.now_ms()
        return now

    def freeze(self) -> None:
        """Let it stand still, until `advance` or `restore`."""
        self._emulator.control("POST", "clock", {"mode": "manual"})

    def advance(self, by_ms: int) -> None:
        """Move it on, and let everything happen that is due on the way; from now on it stands still."""
        self.freeze()
        self._emulator.advance(by_ms)

    def restore(self) -> None:
        """Let it pass as it did before this test."""
        told = self._emulator.control("GET", "clock")
        if (told["mode"], told["pace"]) != (self._before["mode"], self._before["pace"]):
            wanted = {"mode": self._before["mode"]}
            if self._before["mode"] != "manual":
                wanted["pace"] = self._before["pace"]
            self._emulator.control("POST", "clock", wanted)


class Faults:
    """What goes wrong for this account."""

    def __init__(self, emulator: Emulator, account: str) -> None:
        self._emulator = emulator
        self._account = account
        self._added: list[str] = []

    def add(self, fault: str, **described: Any) -> str:
        """Put one in force, `add("status", status=503, nth=[1])`; its id. The kinds are in the README."""
        made = self._emulator.control(
            "POST", "faults", {"fault": fault, "account": self._account, **described}
        )
        fault_id: str = made["id"] if "id" in made else made["fault"]["id"]
        self._added.append(fault_id)
        return fault_id

    def clear(self) -> None:
        """Take all of them back."""
        for fault_id in self._added:
            self._emulator.control("DELETE", f"faults/{fault_id}")
        self._added.clear()


class _Seen:
    """Entries of one kind, of this account; filters are those of the operator's API."""

    _kind = ""

    def __init__(self, emulator: Emulator, account: str) -> None:
        self._emulator = emulator
        self._account = account

    def all(self, **wanted: Any) -> list[dict[str, Any]]:
        """The entries, oldest first; `limit` of the newest."""
        from urllib.parse import urlencode

        query = urlencode({"account": self._account, "limit": 1_000, **wanted})
        told = self._emulator.control("GET", f"{self._kind}?{query}")
        found: list[dict[str, Any]] = told[self._kind]
        return found[::-1]

    def wait_for(self, *, timeout_ms: int = _PATIENCE_MS, **wanted: Any) -> list[dict[str, Any]]:
        """Wait until there are `count` of them (1), so many real milliseconds at most."""
        given = {"account": self._account, "timeout_ms": timeout_ms, **wanted}
        told = self._emulator.control("POST", f"{self._kind}/wait_for", given)
        found: list[dict[str, Any]] = told[self._kind]
        return found

    def count(self, **wanted: Any) -> int:
        return len(self.all(**wanted))


class Journal(_Seen):
    """What this account has asked, and what it was answered: `operation`, `status`, `path`, ..."""

    _kind = "requests"


class Webhooks(_Seen):
    """What was sent to this account's receiver: `type`, `job`, `state`."""

    _kind = "webhooks"

    def send_to(self, url: str, key: str | None = None) -> str:
        """Make one more key for this account, whose jobs are reported to `url`; the key."""
        made = self._emulator.control(
            "POST", "keys", {"account": self._account, "webhook_url": url, "webhook_key": key}
        )
        told: str = made["key"]
        return told
