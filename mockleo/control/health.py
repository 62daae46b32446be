"""What is running, whether it answers, and what a client of it needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo import __version__
from mockleo.control.clock import ClockState, clock_state
from mockleo.control.operation import Operation
from mockleo.wire.links import API_PATH

if TYPE_CHECKING:
    from mockleo.control.operation import Ask, Nothing


class Journal(msgspec.Struct):
    """How many exchanges are kept, how many were, and how many may be at most."""

    exchanges: int
    dropped: int
    most: int


class Time(msgspec.Struct):
    """How time was to pass when the emulator was started, and what time it is."""

    mode: str
    now_ms: int


class Health(msgspec.Struct):
    """What is running, and how much of it has been used."""

    status: str
    version: str
    url: str
    base_url: str
    api_path: str
    seed: int
    time: Time
    clock: ClockState
    keys: str
    profile: str
    plan: str
    accounts: int
    generations: int
    journal: Journal
    deliveries: int
    faults: int


class Ready(msgspec.Struct):
    """That requests are answered."""

    ready: bool = True


def show(ask: Ask[Nothing]) -> Health:
    app = ask.app
    accounts, record, settings = app.site.world.accounts, app.record, app.settings
    assert record.exchanges.maxlen is not None, "the journal has an end"
    return Health(
        status="ok",
        version=__version__,
        url=settings.url,
        base_url=app.base_url,
        api_path=API_PATH,
        seed=settings.seed,
        time=Time(settings.time, app.clock.now_ms()),
        clock=clock_state(app),
        keys=settings.keys,
        profile=settings.profile,
        plan=settings.plan,
        accounts=len(accounts),
        generations=sum(len(account.generations) for account in accounts.values()),
        journal=Journal(len(record.exchanges), record.dropped, record.exchanges.maxlen),
        deliveries=len(record.deliveries),
        faults=len(app.faults),
    )


def ready(_: Ask[Nothing]) -> Ready:
    return Ready()


def environment(ask: Ask[Nothing]) -> dict[str, str]:
    """As the emulator was reached, and not as it calls itself: a container's address is its own."""
    settings = ask.app.settings
    base = f"{ask.base}{API_PATH}"
    return {
        "LEONARDO_BASE_URL": base,
        "LEONARDO_API_URL": base,
        "LEONARDO_API_BASE_URL": base,
        "LEONARDO_API_KEY": ask.app.api_key,
        **({"LEONARDO_WEBHOOK_KEY": settings.webhook_key} if settings.webhook_key else {}),
        "MOCKLEO_URL": ask.base,
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/health",
        summary="What is running, and how much of it has been used",
        handle=show,
        answer=Health,
    ),
    Operation(
        method="GET",
        path="/ready",
        summary="Whether requests are answered; asks for no token",
        handle=ready,
        answer=Ready,
        for_anybody=True,
    ),
    Operation(
        method="GET",
        path="/environment",
        summary="The variables that a client needs, a key that works among them",
        handle=environment,
        answer=dict[str, str],
        shows_secrets=True,
    ),
)
