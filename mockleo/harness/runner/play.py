"""One scenario: start the emulator, let the client meet it, let come to its end what is due."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from mockleo.app import App
from mockleo.control.record import run_of
from mockleo.core.chance import Chance
from mockleo.emulator import Emulator
from mockleo.harness import run
from mockleo.harness.runner import speed as faster
from mockleo.harness.runner.files import saved
from mockleo.harness.runner.ports import free_port, give_back
from mockleo.harness.runner.process import Running
from mockleo.record.lines import lines
from mockleo.runtime.clock import Mode
from mockleo.settings import BadSetting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockleo.harness.runner.process import Client
    from mockleo.harness.scenario import Scenario

# How much longer than the client the service goes on, in milliseconds of its own time, so that
# what it left behind comes to its end: a day.
_DRAIN_MS = 24 * 3_600 * 1_000
# No exchange of a graded run is forgotten.
_JOURNAL = 1_000_000
# How long a receiver has to answer: ten seconds of its own time, but never less than this.
_RECEIVER_MS = 10_000
_RECEIVER_REAL_MS = 300
# What the client is told by us or not at all: the user's own keys are for the service itself.
_OURS = (
    "LEONARDO_API_KEY",
    "LEONARDO_API_KEY_NEXT",
    "LEONARDO_WEBHOOK_KEY",
    "MOCKLEO_WEBHOOK_PORT",
)
# Proxies are not asked for what is on this machine.
_DIRECT = "127.0.0.1,localhost"
RECEIVER = "http://127.0.0.1:{port}/webhook"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a scenario is played. `speed` is how many times faster the client lives; `receiver` the
    URL of its webhook receiver, in which {port} stands for a free one. `echo` is given what the
    client prints, as it does. `running` are the clients of all that is played with these options.
    """

    speed: float = 1.0
    receiver: str = RECEIVER
    seed: int | None = None
    environment: dict[str, str] = {}
    echo: Callable[[str, bytes], None] | None = None
    running: Running = msgspec.field(default_factory=Running)


def check(scenarios: Sequence[Scenario], command: Sequence[str], options: Options) -> None:
    """Raise what `play` would raise before anything happens: `NoSpeed`, `BadSetting`."""
    if options.speed != 1:
        faster.library()
        faster.refuse_deaf(command)
    receiver_port(options.receiver, 1)
    for scenario in scenarios:
        played = _seeded(scenario, options)
        webhook = _Webhook("http://127.0.0.1:1/", 1, _secret(played, "webhook"))
        try:
            App.of(_emulator(played, options, webhook if scenario.client.webhook else None, port=1).settings)
        except BadSetting as error:
            raise BadSetting(f"{scenario.name}: {error}") from None


def play(scenario: Scenario, command: Sequence[str], options: Options) -> Iterator[bytes]:
    """Let the client meet the scenario; the run, line by line, without secrets.

    Raises `NoSpeed`, `CannotStart`, `BadSetting` before anything has happened, and `Interrupted`
    where the clients were stopped from outside.
    """
    if options.speed != 1:
        faster.library()
        faster.refuse_deaf(command)
    scenario = _seeded(scenario, options)
    webhook = _webhook(scenario, options)
    port = free_port()
    try:
        with (
            TemporaryDirectory(prefix="mockleo-", ignore_cleanup_errors=True) as folder,
            _emulator(scenario, options, webhook, port=port) as emulator,
        ):
            client = _meet(scenario, command, options, emulator, webhook, Path(folder))
            options.running.go_on()
            _drain(emulator)
            app = emulator.app
            yield from run.write(
                run.Graded(scenario=scenario, client=client), lines(run_of(app), copy=app.redactor.copy)
            )
    finally:
        give_back(port, *([webhook.port] if webhook else []))


def _seeded(scenario: Scenario, options: Options) -> Scenario:
    if options.seed is None:
        return scenario
    settings = msgspec.structs.replace(scenario.emulator, seed=options.seed)
    return msgspec.structs.replace(scenario, emulator=settings)


class _Webhook(msgspec.Struct, frozen=True):
    url: str
    port: int
    key: str


def _webhook(scenario: Scenario, options: Options) -> _Webhook | None:
    """Where the client listens, if it is to."""
    if not scenario.client.webhook:
        return None
    port = receiver_port(options.receiver, free_port())
    url = options.receiver.replace("{port}", str(port))
    return _Webhook(url, port, _secret(scenario, "webhook"))


def receiver_port(template: str, free: int) -> int:
    """The port in the URL of a receiver, or `free` where {port} stands for one; raises `BadSetting`."""
    if "{port}" in template:
        return free
    try:
        told = urlsplit(template)
        port = told.port or {"http": 80, "https": 443}[told.scheme]
    except (ValueError, KeyError):
        raise BadSetting(f"webhook-url: {template!r} is no URL with a port, and has no {{port}}") from None
    return port


def _at_port(fault: dict[str, Any], port: int) -> dict[str, Any]:
    """A fault in whose texts {port} stands for the emulator's."""
    return {
        name: value.replace("{port}", str(port)) if isinstance(value, str) else value
        for name, value in fault.items()
    }


def _secret(scenario: Scenario, what: str) -> str:
    """A key of this scenario's, the same for the same seed: a UUID, as the service has them."""
    chance = Chance(scenario.emulator.seed.to_bytes(16, "big", signed=True)).child(scenario.name)
    return chance.uuid4(what)


def _emulator(scenario: Scenario, options: Options, webhook: _Webhook | None, *, port: int) -> Emulator:
    wanted: dict[str, Any] = msgspec.structs.asdict(scenario.emulator)
    # A sender's patience is real time; the client's receiver lives faster.
    patience_ms = max(_RECEIVER_REAL_MS, round(_RECEIVER_MS / options.speed))
    wanted["rules"] = {"webhooks.timeout": patience_ms, **wanted["rules"]}
    if webhook is not None:
        wanted |= {"webhook": webhook.url, "webhook_key": webhook.key}
    return Emulator(
        time="real" if options.speed == 1 else f"x{options.speed:g}",
        keys="strict",
        api_keys=(_secret(scenario, "key"),),
        faults=tuple(_at_port(fault, port) for fault in scenario.faults),
        port=port,
        journal=_JOURNAL,
        **wanted,
    )


def _meet(
    scenario: Scenario,
    command: Sequence[str],
    options: Options,
    emulator: Emulator,
    webhook: _Webhook | None,
    folder: Path,
) -> run.ClientRun:
    """Start the client as often as the scenario wants it, and wait for it, or for its time to be over."""
    told = _environment(scenario, options, emulator, webhook, folder)
    started_ms = emulator.app.clock.now_ms()
    if options.speed != 1:
        told |= faster.environment(options.speed, at_ms=started_ms, beside=told)
    secrets = {what: told[name] for what, name in _SECRETS.items() if name in told}
    clients: list[Client] = []
    try:
        for _ in range(scenario.client.starts):
            client = options.running.start(command, environment=told, secrets=secrets, echo=options.echo)
            clients.append(client)
        codes = _wait(clients, scenario, options, emulator)
    finally:
        ended_ms = emulator.app.clock.now_ms()
        for client in clients:
            client.stop()
            options.running.ended(client)
    for client in clients:
        client.finish_reading()
    redactor = emulator.app.redactor
    printed = [*(client.stdout for client in clients), *(client.stderr for client in clients)]
    return run.ClientRun(
        command=tuple(redactor.text(word) for word in command),
        started_ms=started_ms,
        ended_ms=ended_ms,
        exit_code=None if None in codes else next((code for code in codes if code), 0),
        speed=options.speed,
        receiver=None if webhook is None else webhook.url,
        leaks=tuple(leak for stream in printed for leak in stream.leaks(redactor)),
        files=tuple(redactor.copy(file) for file in saved(folder)),
        stdout_tail="".join(client.stdout.tail(redactor) for client in clients),
        stderr_tail="".join(client.stderr.tail(redactor) for client in clients),
    )


_SECRETS = {
    "the API key": "LEONARDO_API_KEY",
    "the second API key": "LEONARDO_API_KEY_NEXT",
    "the webhook key": "LEONARDO_WEBHOOK_KEY",
}


def _wait(
    clients: Sequence[Client], scenario: Scenario, options: Options, emulator: Emulator
) -> list[int | None]:
    """Their exit codes; None for each that has not ended when the time of all of them is over."""
    clock = emulator.app.clock
    until_ms = clock.now_ms() + scenario.clock.longest_s * 1_000
    codes = []
    for client in clients:
        left_ms = max(0, until_ms - clock.now_ms())
        codes.append(client.wait(left_ms / 1_000 / options.speed))
    return codes


def _environment(
    scenario: Scenario, options: Options, emulator: Emulator, webhook: _Webhook | None, folder: Path
) -> dict[str, str]:
    """What the client finds in its environment, beside the user's own."""
    direct = ",".join(filter(None, (os.environ.get("no_proxy", os.environ.get("NO_PROXY")), _DIRECT)))
    told = {
        **{name: value for name, value in os.environ.items() if name not in _OURS},
        "no_proxy": direct,
        "NO_PROXY": direct,
        "LEONARDO_BASE_URL": emulator.base_url,
        "LEONARDO_API_URL": emulator.base_url,
        "LEONARDO_API_BASE_URL": emulator.base_url,
        "LEONARDO_API_KEY": emulator.api_key,
        "MOCKLEO_URL": emulator.url,
        "MOCKLEO_SCENARIO": scenario.name,
        "MOCKLEO_TASK": scenario.client.task,
        "MOCKLEO_TASK_WITH": json.dumps(scenario.client.with_),
        "MOCKLEO_OUT": str(folder),
        # What a Python client prints is seen when it prints it, and not when it ends.
        "PYTHONUNBUFFERED": "1",
    }
    if scenario.client.keys > 1:
        told["LEONARDO_API_KEY_NEXT"] = _second_key(scenario, emulator)
    if webhook is not None:
        told |= {"LEONARDO_WEBHOOK_KEY": webhook.key, "MOCKLEO_WEBHOOK_PORT": str(webhook.port)}
    return told | options.environment


def _second_key(scenario: Scenario, emulator: Emulator) -> str:
    """Another key of the same account."""
    account = emulator.control("GET", "accounts")["accounts"][0]["user_id"]
    key = _secret(scenario, "second key")
    emulator.control("POST", "keys", {"key": key, "account": account})
    return key


def _drain(emulator: Emulator) -> None:
    """Let what the client has left come to its end: whether it would have been done is known then."""
    app = emulator.app

    async def go_on() -> None:
        # Faults that need a clock which passes by itself have had their time.
        if app.outage.is_down:
            app.outage.end()
        app.clock.switch(Mode.MANUAL, pace=app.clock.pace)
        app.scheduler.rearm()
        await app.scheduler.move_to(app.clock.now_ms() + _DRAIN_MS)

    emulator.on_loop(go_on)
