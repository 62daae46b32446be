"""One scenario: start the emulator, let the client meet it, let come to its end what is due."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.control.record import run_of
from mockleo.core.chance import Chance
from mockleo.emulator import Emulator
from mockleo.harness import run
from mockleo.harness.runner import speed as faster
from mockleo.harness.runner.files import saved
from mockleo.harness.runner.leaks import leaks
from mockleo.harness.runner.process import Client
from mockleo.record.lines import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockleo.harness.scenario import Scenario

# How much longer than the client the service goes on, in milliseconds of its own time, so that
# what it left behind comes to its end: a day.
_DRAIN_MS = 24 * 3_600 * 1_000
# No exchange of a graded run is forgotten.
_JOURNAL = 1_000_000
# How long a receiver has to answer: ten seconds of its own time, but never less than this.
_RECEIVER_MS = 10_000
_RECEIVER_REAL_MS = 300
_TAIL_SIGNS = 4_000
RECEIVER = "http://127.0.0.1:{port}/webhook"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a scenario is played. `speed` is how many times faster the client lives; `receiver` the
    URL of its webhook receiver, in which {port} stands for a free one. `echo` is given what the
    client prints, as it does.
    """

    speed: float = 1.0
    receiver: str = RECEIVER
    seed: int | None = None
    environment: dict[str, str] = {}
    echo: Callable[[str, bytes], None] | None = None


def play(scenario: Scenario, command: Sequence[str], options: Options) -> Iterator[bytes]:
    """Let the client meet the scenario; the run, line by line, without secrets.

    Raises `NoSpeed`, `CannotStart`, `BadSetting` before anything has happened.
    """
    if options.seed is not None:
        settings = msgspec.structs.replace(scenario.emulator, seed=options.seed)
        scenario = msgspec.structs.replace(scenario, emulator=settings)
    if options.speed != 1:
        faster.library()
        faster.refuse_deaf(command)
    webhook = _webhook(scenario, options)
    with TemporaryDirectory(prefix="mockleo-") as folder, _emulator(scenario, options, webhook) as emulator:
        client = _meet(scenario, command, options, emulator, webhook, Path(folder))
        _drain(emulator)
        app = emulator.app
        yield from run.write(
            run.Graded(scenario=scenario, client=client), lines(run_of(app), copy=app.redactor.copy)
        )


class _Webhook(msgspec.Struct, frozen=True):
    url: str
    port: int
    key: str


def _webhook(scenario: Scenario, options: Options) -> _Webhook | None:
    """Where the client listens, if it is to."""
    if not scenario.client.webhook:
        return None
    port = _free_port()
    return _Webhook(options.receiver.format(port=port), port, _secret(scenario, "webhook"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
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


def _emulator(scenario: Scenario, options: Options, webhook: _Webhook | None) -> Emulator:
    wanted: dict[str, Any] = msgspec.structs.asdict(scenario.emulator)
    # A sender's patience is real time; the client's receiver lives faster.
    patience_ms = max(_RECEIVER_REAL_MS, round(_RECEIVER_MS / options.speed))
    wanted["rules"] = {"webhooks.timeout": patience_ms, **wanted["rules"]}
    if webhook is not None:
        wanted |= {"webhook": webhook.url, "webhook_key": webhook.key}
    port = _free_port()
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
        told |= faster.environment(options.speed, at_ms=started_ms)
    clients: list[Client] = []
    codes: list[int | None] = []
    left_s = scenario.clock.longest_s / options.speed
    try:
        for _ in range(scenario.client.starts):
            clients.append(Client(command, environment=told, echo=options.echo))  # noqa: PERF401  each is stopped
        for client in clients:
            began_ms = emulator.app.clock.now_ms()
            codes.append(client.wait(left_s))
            left_s -= (emulator.app.clock.now_ms() - began_ms) / 1000 / options.speed
            left_s = max(left_s, 0.0)
    finally:
        ended_ms = emulator.app.clock.now_ms()
        for client in clients:
            client.stop()
    printed = [client.printed() for client in clients]
    stdout, stderr = ("".join(texts) for texts in zip(*printed, strict=True))
    redactor = emulator.app.redactor
    secrets = {"the API key": told["LEONARDO_API_KEY"], "the webhook key": webhook.key if webhook else ""}
    return run.ClientRun(
        command=tuple(redactor.text(word) for word in command),
        started_ms=started_ms,
        ended_ms=ended_ms,
        exit_code=None if None in codes else max(code for code in codes if code is not None),
        speed=options.speed,
        receiver=None if webhook is None else webhook.url,
        leaks=tuple(
            leak
            for stream, text in (("stdout", stdout), ("stderr", stderr))
            for leak in leaks(stream, text, secrets=secrets, redactor=redactor)
        ),
        files=tuple(saved(folder)),
        stdout_tail=redactor.text(stdout[-_TAIL_SIGNS:]),
        stderr_tail=redactor.text(stderr[-_TAIL_SIGNS:]),
    )


def _environment(
    scenario: Scenario, options: Options, emulator: Emulator, webhook: _Webhook | None, folder: Path
) -> dict[str, str]:
    """What the client finds in its environment, beside the user's own."""
    told = {
        **os.environ,
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
    emulator.control("POST", "clock", {"mode": "manual"})
    emulator.advance(_DRAIN_MS)
