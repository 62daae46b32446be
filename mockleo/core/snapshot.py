"""A world written down as plain data, and made again of it.

`restore_world(export_world(world))` shows and does from then on what `world` does. Secrets do not
go along: keys are known by their digests until they are used again, and of a webhook's bearer
only the digest is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.core.keys import ApiKey, BadWebhook, Webhook, webhook
from mockleo.core.lifecycle import Job
from mockleo.core.snapshot_accounts import account_form, restore_account, restore_things
from mockleo.core.snapshot_forms import EndingForm, KeyForm, WebhookForm, WorldForm
from mockleo.core.snapshot_jobs import Jobs, check_fate
from mockleo.core.snapshot_reading import VERSION, BadState, read
from mockleo.core.soundness import complaints
from mockleo.core.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.core.catalogue import Catalogue
    from mockleo.core.rules import Rules

__all__ = ["BadState", "export_world", "restore_world"]


# --- export -----------------------------------------------------------------------------------


def export_world(world: World) -> dict[str, Any]:
    """Everything that decides what `world` shows and does, as JSON has it.

    Its effects must have been taken: they belong to those who record them.
    """
    assert not world._effects, "effects are taken before an export"
    ending = sorted(world._ending.items())
    under_way: dict[str, list[Job]] = {user_id: [] for user_id in world.accounts}
    for _, jobs in ending:
        for owner, job in jobs:
            under_way[owner.user_id].append(job)
    form = WorldForm(
        now_ms=world.now_ms,
        seed=world.seed,
        plan=world.plan,
        accounts=[
            account_form(account, under_way[user_id], world.catalogue)
            for user_id, account in world.accounts.items()
        ],
        keys=[_key_form(key) for key in world.keys.values()],
        ending=[
            EndingForm(at_ms=at_ms, jobs=[(owner.user_id, job.id) for owner, job in jobs])
            for at_ms, jobs in ending
        ],
        webhook=_webhook_form(world.webhook),
        fate=world.fate,
    )
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(form))
    return {"version": VERSION, **plain}


def _key_form(key: ApiKey) -> KeyForm:
    return KeyForm(
        id=key.id,
        digest=key.digest,
        account=key.account.user_id,
        created_ms=key.created_ms,
        name=key.name,
        webhook=_webhook_form(key.webhook),
        revoked_ms=key.revoked_ms,
    )


def _webhook_form(sent_to: Webhook | None) -> WebhookForm | None:
    if sent_to is None:
        return None
    return WebhookForm(url=sent_to.url, key_digest=sent_to.key_digest, payload=sent_to.payload)


# --- import -----------------------------------------------------------------------------------


def restore_world(data: object, *, rules: Rules, catalogue: Catalogue) -> World:
    """The world that `data` was exported from, under these rules and with this catalogue.

    Plans are part of the export: those of its accounts, and the one that new accounts get.
    Raises BadState, whose message begins with the path of the field that no world can have.
    """
    form = read(data)
    world = World(rules=rules, catalogue=catalogue, plan=form.plan, seed=form.seed, now_ms=form.now_ms)
    world.webhook = _webhook(form.webhook, "webhook")
    if form.fate is not None:
        check_fate(form.fate, "fate")
    world.fate = form.fate
    jobs = {}
    for nth, saved in enumerate(form.accounts):
        path = f"accounts.{nth}"
        account = restore_account(saved, path, world)
        jobs[account.user_id] = restore_things(account, saved, path, world)
    for nth, key in enumerate(form.keys):
        _restore_key(key, f"keys.{nth}", world)
    _restore_endings(form.ending, jobs, world)
    for path, what in complaints(world, list(world._ending.items())):
        raise BadState(path, what)
    return world


def _restore_key(saved: KeyForm, path: str, world: World) -> None:
    account = world.accounts.get(saved.account)
    if account is None:
        raise BadState(f"{path}.account", f"no such account: {saved.account!r}")
    if saved.digest in world.keys:
        raise BadState(f"{path}.digest", "two keys have it")
    if saved.id != account.chance.uuid4(f"key:{saved.digest}"):
        raise BadState(f"{path}.id", "is not the one that its account's chance draws")
    key = ApiKey(
        id=saved.id,
        digest=saved.digest,
        account=account,
        created_ms=saved.created_ms,
        name=saved.name,
        webhook=_webhook(saved.webhook, f"{path}.webhook"),
        revoked_ms=saved.revoked_ms,
    )
    world.keys[key.digest] = account.keys[key.id] = key


def _webhook(saved: WebhookForm | None, path: str) -> Webhook | None:
    if saved is None:
        return None
    try:
        checked = webhook(saved.url, None, saved.payload)
    except BadWebhook as error:
        field, _, what = str(error).partition(": ")
        raise BadState(f"{path}.{field.removeprefix('webhook_')}", what) from None
    return msgspec.structs.replace(checked, key_digest=saved.key_digest)


def _restore_endings(saved: list[EndingForm], jobs: Mapping[str, Jobs], world: World) -> None:
    for nth, instant in enumerate(saved):
        if world._instants and instant.at_ms <= world._instants[-1]:
            raise BadState(f"ending.{nth}.at_ms", "is not after the one before")
        ending = []
        for mth, (user_id, job_id) in enumerate(instant.jobs):
            path = f"ending.{nth}.jobs.{mth}"
            if user_id not in jobs:
                raise BadState(path, f"no such account: {user_id!r}")
            ending.append((world.accounts[user_id], jobs[user_id].find(job_id, Job, path)))
        # Instants in their order are a heap.
        world._instants.append(instant.at_ms)
        world._ending[instant.at_ms] = ending
