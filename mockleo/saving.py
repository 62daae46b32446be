"""The whole state as one document: taken out of an emulator, and put into one."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NoBase64
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from mockleo.core.keys import digest_of
from mockleo.core.snapshot import export_world, restore_world
from mockleo.faults.exported import formed
from mockleo.faults.menu import KINDS
from mockleo.runtime.clock import LATEST_MS, PACE_LEAST, PACE_MOST, Mode

if TYPE_CHECKING:
    from mockleo.app import App
    from mockleo.core.keys import Webhook
    from mockleo.core.world import World

VERSION: Literal[1] = 1


class ClockState(msgspec.Struct, forbid_unknown_fields=True):
    """How the clock went; where it stood, the world says."""

    mode: Literal["real", "manual", "auto"]
    pace: Annotated[float, msgspec.Meta(ge=PACE_LEAST, le=PACE_MOST)]


class State(msgspec.Struct, forbid_unknown_fields=True):
    """A state as it is exported."""

    version: Literal[1]
    clock: ClockState
    world: dict[str, Any]
    faults: dict[str, Any]
    objects: list[dict[str, Any]]


def export_state(app: App) -> dict[str, Any]:
    """All that decides what comes next, as plain data without secrets.

    Webhooks that are on their way are not part of it.
    """
    app.catch_up()
    return {
        "version": VERSION,
        "clock": {"mode": app.clock.mode.value, "pace": app.clock.pace},
        "world": export_world(app.site.world),
        "faults": app.faults.export(),
        "objects": msgspec.to_builtins(app.site.objects()),
    }


def import_state(app: App, state: dict[str, Any]) -> None:
    """Go on from where `export_state` was called; the clock is moved there, be it back.

    Raises ValueError, whose message begins with the field; then all is as it was.
    """
    given = formed(state, State, path="")
    mode = Mode(given.clock.mode)
    objects = [{**each, "bytes": _bytes_of(each, nth)} for nth, each in enumerate(given.objects)]
    world = restore_world(given.world, rules=app.contract.rules, catalogue=app.contract.catalogue)
    if world.now_ms > LATEST_MS:
        raise ValueError(f"now_ms: {world.now_ms} is after the year 3000")
    app.new_plan().restore(given.faults, kinds=KINDS, mode=mode)
    _know_again(app, world)
    app.go_on_with(world, objects)
    app.faults.restore(given.faults, kinds=KINDS, mode=mode)
    app.clock.restart(world.now_ms)
    app.clock.switch(mode, pace=given.clock.pace)
    app.scheduler.rearm()


def _bytes_of(stored: dict[str, Any], nth: int) -> bytes:
    """What an exported object holds."""
    try:
        return b64decode(stored["bytes"], validate=True)
    except KeyError:
        raise ValueError(f"objects.{nth}.bytes: is needed") from None
    except (NoBase64, ValueError, TypeError):
        raise ValueError(f"objects.{nth}.bytes: is no base64") from None


def _know_again(app: App, world: World) -> None:
    """Give webhooks that come in with an import the bearers that are known here already."""
    known = {app.settings.webhook_key}
    known |= {key.webhook.key for key in app.site.world.keys.values() if key.webhook is not None}
    by_digest = {digest_of(bearer): bearer for bearer in known if bearer is not None}

    def filled(webhook: Webhook | None) -> Webhook | None:
        if webhook is None or webhook.key_digest is None:
            return webhook
        return msgspec.structs.replace(webhook, key=by_digest.get(webhook.key_digest))

    world.webhook = filled(world.webhook)
    for key in world.keys.values():
        key.webhook = filled(key.webhook)
