"""API keys, made as the web app makes them: with a name, and a webhook to report to.

A key is shown once, in the answer to its making.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from mockleo.control.operation import Limit, Nothing, Offset, Operation
from mockleo.control.refusals import Refused, bad, missing
from mockleo.core.keys import BadWebhook, Webhook, digest_of, webhook
from mockleo.core.models import is_uuid
from mockleo.core.world import TooManyKeys

if TYPE_CHECKING:
    from mockleo.app import App
    from mockleo.control.operation import Ask
    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey

LETTERS_MOST = 1_000
Text = Annotated[str, msgspec.Meta(max_length=LETTERS_MOST)]


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """A key to be made. Without `key` one is drawn, without `account` it gets one of its own."""

    name: Text = ""
    key: Text | None = None
    account: Text | None = None
    webhook_url: Text | None = None
    webhook_key: Text | None = None
    payload: Text | None = None


class Which(msgspec.Struct, forbid_unknown_fields=True):
    """Whose keys, and which part of the list."""

    account: str | None = None
    limit: Limit = 100
    offset: Offset = 0


class WebhookShown(msgspec.Struct):
    """Where a key's jobs are reported; the bearer stays with us."""

    url: str
    payload: str | None
    has_key: bool


class KeyShown(msgspec.Struct):
    """A key, but for the key. Times are epoch milliseconds."""

    id: str
    name: str
    account: str
    created_ms: int
    revoked_ms: int | None
    webhook: WebhookShown | None


class KeyMade(KeyShown):
    """A new key, with the key."""

    key: str


class Keys(msgspec.Struct):
    """A part of the list of keys, and how many there are."""

    keys: list[KeyShown]
    total: int


def show_all(ask: Ask[Which]) -> Keys:
    world, given = ask.app.site.world, ask.given
    if given.account is not None and given.account not in world.accounts:
        raise missing("such account", field="account")
    found = [key for key in world.keys.values() if given.account in {None, key.account.user_id}]
    part = islice(found, given.offset, given.offset + given.limit)
    return Keys([KeyShown(**_told(key)) for key in part], len(found))


def show(ask: Ask[Nothing]) -> KeyShown:
    return KeyShown(**_told(_find(ask)))


def create(ask: Ask[NewKey]) -> KeyMade:
    """Everything is looked at before anything is made."""
    app, given = ask.app, ask.given
    world = app.site.world
    plain = _draw(app) if given.key is None else _checked(app, given.key)
    owner = _owner(app, given.account)
    told = _webhook(given)
    if digest_of(plain) in world.keys:
        raise Refused(409, "key: it is there already", field="key")
    app.redactor.learn(plain, given.webhook_key)
    try:
        made = world.make_key(
            plain, account=owner or world.make_account(plain), name=given.name, webhook=told
        )
    except TooManyKeys:
        raise Refused(409, "account: it has as many keys as it may have", field="account") from None
    return KeyMade(key=plain, **_told(made))


def revoke(ask: Ask[Nothing]) -> KeyShown:
    key = _find(ask)
    ask.app.site.world.revoke(key)
    return KeyShown(**_told(key))


def _told(key: ApiKey) -> dict[str, Any]:
    hook = key.webhook
    return {
        "id": key.id,
        "name": key.name,
        "account": key.account.user_id,
        "created_ms": key.created_ms,
        "revoked_ms": key.revoked_ms,
        "webhook": hook and WebhookShown(hook.url, hook.payload, hook.key_digest is not None),
    }


def _find(ask: Ask[Nothing]) -> ApiKey:
    for key in ask.app.site.world.keys.values():
        if key.id == ask.path["id"]:
            return key
    raise missing("such key", field="id")


def _checked(app: App, key: str) -> str:
    """`key` as a client can send it, and as the door knows it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise bad("must be printable ASCII without blanks", field="key")
    if app.settings.keys == "strict":
        if not is_uuid(key):
            raise bad("must be a UUID, since keys are strict", field="key")
        return key.lower()
    return key


def _draw(app: App) -> str:
    """A key that nobody has yet; the same one in a run that is repeated."""
    world = app.site.world
    nth = len(world.keys)
    while digest_of(drawn := world.chance.uuid4(f"drawn-key:{nth}")) in world.keys:
        nth += 1
    return drawn


def _owner(app: App, user_id: str | None) -> Account | None:
    """The account that gets one more key; None for one of its own."""
    most = app.contract.rules.integer("keys.per_account")
    if user_id is None:
        if most < 1:
            raise Refused(409, "account: no account may have a key", field="account")
        return None
    account = app.site.world.accounts.get(user_id)
    if account is None:
        raise missing("such account", field="account")
    return account


def _webhook(given: NewKey) -> Webhook | None:
    if given.webhook_url is None:
        for field in ("webhook_key", "payload"):
            if getattr(given, field) is not None:
                raise bad("there is no webhook_url to go with it", field=field)
        return None
    try:
        return webhook(given.webhook_url, given.webhook_key, given.payload)
    except BadWebhook as error:
        field, _, why = str(error).partition(": ")
        raise bad(why, field=field) from None


OPERATIONS = (
    Operation(method="GET", path="/keys", summary="All keys", handle=show_all, takes=Which, answer=Keys),
    Operation(
        method="POST",
        path="/keys",
        summary="Make a key, with an account of its own or for one that is there",
        handle=create,
        takes=NewKey,
        answer=KeyMade,
        status=201,
        shows_secrets=True,
    ),
    Operation(method="GET", path="/keys/{id}", summary="One key", handle=show, answer=KeyShown),
    Operation(
        method="DELETE",
        path="/keys/{id}",
        summary="Let a key be good no longer",
        handle=revoke,
        answer=KeyShown,
    ),
)
