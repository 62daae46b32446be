"""API keys: whom a call acts for, and who is told when a job ends.

A key is known by its digest. The key itself is kept only so that it can be taken out of whatever
is recorded, and for the one payload that carries it; it is never exported.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import msgspec

if TYPE_CHECKING:
    from mockleo.core.account import Account

# The payloads that a receiver can be sent: today's, and that of the vendor's first sample.
PAYLOADS = ("2026", "legacy2023")


# Names of the host itself, seen from a container on it.
NEAR = ("host.docker.internal", "host.containers.internal")


class BadWebhook(ValueError):
    """A webhook that no key can have; the message names the field."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where a key's jobs are reported, and the bearer that is sent along.

    `key` is None when there is none. `key_digest` tells bearers apart without telling them, and
    stays when the bearer itself is not known any more (after an import).
    """

    url: str
    key: str | None = None
    key_digest: str | None = None
    payload: str | None = None

    def __repr__(self) -> str:
        return f"Webhook({self.url!r})"


class ApiKey(msgspec.Struct, kw_only=True):
    """One key of an account. `plain` is empty until the key has been used in this process."""

    id: str
    digest: str
    account: Account
    created_ms: int
    name: str = ""
    webhook: Webhook | None = None
    revoked_ms: int | None = None
    plain: str = ""

    def __repr__(self) -> str:
        return f"ApiKey({self.id})"


def digest_of(secret: str) -> str:
    """What a secret is known by."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def webhook(url: str, key: str | None, payload: str | None, *, http_hosts: tuple[str, ...] = NEAR) -> Webhook:
    """A webhook as a key can have it.

    The service takes HTTPS only (HOOK, documented). Plain http is let through to `http_hosts`
    (names) and to addresses that cannot be reached from outside; that exception is ours.
    """
    parts = _parts(url)
    if parts.scheme not in {"http", "https"}:
        raise BadWebhook("webhook_url: must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise BadWebhook("webhook_url: must not carry a user name or password")
    if parts.scheme == "http" and not _is_near(parts.hostname or "", http_hosts):
        raise BadWebhook("webhook_url: must begin with https://, unless it is a loopback or private address")
    if key is not None and (not key or not key.isascii() or not key.isprintable()):
        raise BadWebhook("webhook_key: must be printable ASCII text")
    if payload is not None and payload not in PAYLOADS:
        raise BadWebhook(f"payload: {payload!r} is none of {', '.join(PAYLOADS)}")
    return Webhook(url=url, key=key, key_digest=None if key is None else digest_of(key), payload=payload)


def _parts(url: str) -> SplitResult:
    if not url.isascii() or any(char <= " " or char == "\x7f" for char in url):
        raise BadWebhook("webhook_url: must be plain ASCII without blanks")
    try:
        split = urlsplit(url)
        split.port  # noqa: B018  the look tells whether it is one
    except ValueError as error:
        raise BadWebhook(f"webhook_url: {error}") from None
    if not split.hostname:
        raise BadWebhook("webhook_url: names no host")
    return split


def _is_near(host: str, names: tuple[str, ...]) -> bool:
    from mockleo.core.hosts import address_of, is_local_name  # needed only where a key has a webhook

    if is_local_name(host) or host in names:
        return True
    address = address_of(host)
    if address is None:
        # A name without a dot is one of the local network's, such as a container's; but systems
        # take a number for the address it is, wherever that may be.
        return "." not in host and not host[:1].isdigit()
    return address.is_loopback or (address.is_private and not address.is_link_local)
