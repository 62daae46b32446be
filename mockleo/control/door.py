"""Who may use the operator's API.

Where there is a token, whoever shows it. Where there is none, whoever is on this machine; but not
a page that his browser shows him: such a one comes under a foreign name (a name that was made to
lead here, as in DNS rebinding), or tells where it is from in `Origin`.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockleo.control.refusals import Refused
from mockleo.core.hosts import address_of, is_local_name

if TYPE_CHECKING:
    from starlette.types import Scope

    from mockleo.settings import Settings

_PORTS = {"http": 80, "https": 443}


def admit(scope: Scope, settings: Settings, *, for_anybody: bool) -> None:
    """Let a request in, or refuse it; `for_anybody` asks for no token."""
    _check_origin(scope, settings)
    token = settings.control_token
    shown = token is not None and _shows(scope, token)
    if not shown:
        _check_host(scope, settings)
    if token is not None and not shown and not for_anybody:
        raise Refused(
            401,
            "Authorization: the control API wants its token, as Bearer ...",
            field="Authorization",
            headers=((b"www-authenticate", b"Bearer"),),
        )


def _shows(scope: Scope, token: str) -> bool:
    """Whether the request carries the token."""
    for value in _all(scope, b"authorization"):
        scheme, _, given = value.partition(" ")
        if scheme.lower() == "bearer":
            # As bytes: texts that are not ASCII cannot be compared in constant time.
            return compare_digest(given.strip().encode(), token.encode())
    return False


def _check_host(scope: Scope, settings: Settings) -> None:
    hosts = _all(scope, b"host")
    if len(hosts) == 1:
        host = _hostname(hosts[0])
        public = urlsplit(settings.public_url or "").hostname
        if host is not None and (_is_loopback(host) or host in {settings.host.lower(), public}):
            return
    raise Refused(
        403, "Host: the control API is asked under a loopback name, or with its token", field="Host"
    )


def _check_origin(scope: Scope, settings: Settings) -> None:
    for origin in _all(scope, b"origin"):
        here = [f"{scope.get('scheme', 'http')}://{host}" for host in _all(scope, b"host")]
        if settings.public_url is not None:
            here.append(settings.public_url)
        place = _place(origin)
        if place is None or place not in {_place(each) for each in here}:
            raise Refused(403, "Origin: pages from elsewhere may not use the control API", field="Origin")


def _place(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port


def _hostname(host: str) -> str | None:
    """The name in a Host header, without its port; None for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018  the look tells whether it is one
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and parts.username is None else None


def _is_loopback(host: str) -> bool:
    address = address_of(host)
    return is_local_name(host) or (address is not None and address.is_loopback)


def _all(scope: Scope, name: bytes) -> list[str]:
    """Every header of that name."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
