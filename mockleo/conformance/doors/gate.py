"""Where packets may go: decided before the first one leaves.

A URL is taken apart here, by strict rules, and by nobody else: what is connected to is what was
checked. A name is looked up once for as long as the gate stands; each address that comes back is
judged, and a single wrong one closes the way. What is not on a list is not allowed.

    Nearby    this machine and private networks: all that may be called without --real
    Abroad    public addresses, for hosts that were named, by https alone

Source of the blocks: the IANA registries of special-purpose addresses (RFC 6890 and its updates).
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import msgspec

from mockleo.conformance.door import BadTarget, MayNot

if TYPE_CHECKING:
    from collections.abc import Callable

    Address = IPv4Address | IPv6Address
    # The addresses of a name, in the order in which to try them. Raises an `OSError`.
    Resolve = Callable[[str], tuple[str, ...]]

_LOCAL_4 = tuple(map(IPv4Network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_LOCAL_6 = tuple(map(IPv6Network, ("::1/128", "fc00::/7")))
# Where clouds tell a machine its own credentials, on addresses that look private.
_METADATA = frozenset(map(ip_address, ("fd00:ec2::254", "fd20:ce::254")))
# Public by their number, and somebody's metadata or nobody's all the same.
_NEVER_ABROAD = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "192.0.0.192")))
# Those of version 6 that stand for an address of version 4, which the system or a router picks out.
_STAND_INS = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))

_PORTS = {"http": 80, "https": 443}
_PORT_MOST = 65_535
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<where>[^/?#]+)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?", re.IGNORECASE
)
_WHERE = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# The last part of a name is never a number: what looks like one is an address in disguise
# (2130706433, 0x7f.1, 127.1), and every program reads it in its own way.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Where a call goes. `addresses` were judged, and are to be tried in this order; `target` is
    path and query as they are sent; `origin` is scheme, host and port as they are compared.
    """

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]
    target: str

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class Rule(Protocol):
    """Who may be called."""

    def refuses_place(self, scheme: str, host: str, port: int) -> str | None:
        """Why nobody is to be called there, whatever its address; None where it may be."""

    def refuses_address(self, address: Address) -> str | None:
        """Why this address may not be called; None where it may."""


class Nearby:
    """This machine and private networks, by http or https, at every port."""

    def refuses_place(self, scheme: str, host: str, port: int) -> str | None:
        return None

    def refuses_address(self, address: Address) -> str | None:
        blocks = _LOCAL_4 if isinstance(address, IPv4Address) else _LOCAL_6
        if address in _METADATA or not any(address in block for block in blocks):
            return "it is neither this machine nor a private network; only --real calls the real service"
        return None


class Abroad:
    """Public addresses of the hosts that are named, by https, at its own port."""

    def __init__(self, *, hosts: frozenset[str], suffixes: tuple[str, ...] = ()) -> None:
        self._hosts = hosts
        self._suffixes = suffixes

    def refuses_place(self, scheme: str, host: str, port: int) -> str | None:
        if scheme != "https" or port != _PORTS["https"]:
            return "the real service is called by https alone"
        if host not in self._hosts and not host.endswith(self._suffixes):
            return "it is not one of the real service's hosts that the contract names (real.* in rules.toml)"
        return None

    def refuses_address(self, address: Address) -> str | None:
        if address.is_multicast or address in _NEVER_ABROAD or not address.is_global:
            return "it is no public address, as the real service's are"
        return None


def ask_the_system(host: str) -> tuple[str, ...]:
    """The addresses of `host`. Blocks; raises an `OSError` where the name means nothing."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Gate:
    """Lets calls through that go where `rule` allows. Safe to be used by several threads."""

    def __init__(self, rule: Rule, *, resolve: Resolve = ask_the_system) -> None:
        self._rule = rule
        self._resolve = resolve
        self._known: dict[str, tuple[str, ...]] = {}
        self._lock = Lock()

    def way(self, url: str) -> Way:
        """Where a call to `url` goes. Raises `MayNot`, having sent nothing; of a name that means
        nothing, too.
        """
        scheme, host, port, target = _parts(url)
        if (why := self._rule.refuses_place(scheme, host, port)) is not None:
            raise MayNot(f"{_short(url)} is not called: {why}")
        # Looked up under the lock, so that a name means one thing to all who ask at once.
        with self._lock:
            addresses = self._known.get(host)
            if addresses is None:
                addresses = self._known[host] = self._addresses(url, host)
        return Way(scheme=scheme, host=host, port=port, addresses=addresses, target=target)

    def _addresses(self, url: str, host: str) -> tuple[str, ...]:
        found = _written(host)
        if found is None:
            try:
                found = self._resolve(host)
            except (OSError, UnicodeError) as error:
                raise MayNot(f"{_short(url)} is not called: {host} has no address ({error})") from None
        if not found:
            raise MayNot(f"{_short(url)} is not called: {host} has no address")
        return tuple(dict.fromkeys(self._judged(url, host, address) for address in found))

    def _judged(self, url: str, host: str, address: str) -> str:
        meant = _meant(address)
        why = "that address stands for another one" if meant is None else self._rule.refuses_address(meant)
        if why is not None:
            of = "" if host == address else f" (an address of {host})"
            raise MayNot(f"{_short(url)} is not called: {address}{of}: {why}")
        return str(meant)


def base_of(url: str) -> str:
    """What an SDK would take as its server, of whatever a user has written: it ends with /api/rest/v1.

    Raises `BadTarget`.
    """
    try:
        scheme, host, port, target = _parts(url)
    except MayNot as error:
        raise BadTarget(str(error)) from None
    if "?" in target:
        raise BadTarget(f"{_short(url)} has a query; the address of a server has none")
    path = target.rstrip("/") or "/api/rest/v1"
    return Way(scheme=scheme, host=host, port=port, addresses=(), target=path).origin + path


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host in small letters, port and what is asked for there."""
    if not all(0x21 <= ord(char) < 0x7F for char in url) or "\\" in url:
        raise MayNot(f"{_short(url)} is not called: a URL has no blanks, no backslashes and only ASCII")
    found = _URL.fullmatch(url)
    if found is None:
        raise MayNot(f"{_short(url)} is not called: it is no http or https URL")
    if "@" in found["where"]:
        raise MayNot(f"{_short(url)} is not called: it has a name or a password before the host")
    where = _WHERE.fullmatch(found["where"])
    if where is None:
        raise MayNot(f"{_short(url)} is not called: its host and port cannot be read")
    scheme = found["scheme"].lower()
    port = int(where["port"]) if where["port"] else _PORTS[scheme]
    if not 1 <= port <= _PORT_MOST:
        raise MayNot(f"{_short(url)} is not called: there is no port {port}")
    return scheme, _host(url, where["host"].lower()), port, (found["path"] or "/") + (found["query"] or "")


def _host(url: str, host: str) -> str:
    """`host` as it is asked for; raises where it can be read in more than one way."""
    if host.startswith("["):
        host = host[1:-1]
        if not isinstance(_plain(host), IPv6Address):
            raise MayNot(f"{_short(url)} is not called: {host} is no address of version 6")
        return host
    if _plain(host) is not None:
        return host
    labels = host.removesuffix(".").split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        raise MayNot(f"{_short(url)} is not called: {host} is no name of a host")
    if _NUMBER.fullmatch(labels[-1]):
        raise MayNot(f"{_short(url)} is not called: {host} is an address in disguise; write it as 127.0.0.1")
    return ".".join(labels)


def _plain(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _written(host: str) -> tuple[str, ...] | None:
    """The addresses that the name itself says: one written out, or this machine (RFC 6761, 6.3)."""
    if _plain(host) is not None:
        return (host,)
    if host == "localhost" or host.endswith(".localhost"):
        return ("127.0.0.1", "::1")
    return None


def _meant(address: str) -> Address | None:
    """Where packets to `address` end up; None where others than it can tell."""
    plain = _plain(address)
    if plain is None or isinstance(plain, IPv4Address):
        return plain
    if plain.ipv4_mapped is not None:
        return plain.ipv4_mapped
    if plain.scope_id is not None:
        return None
    if plain != IPv6Address("::1") and any(plain in block for block in _STAND_INS):
        return None
    return plain


def _short(url: str) -> str:
    """The URL for a message: without what may be secret, in it or after it."""
    shown = re.sub(r"//[^/?#]*@", "//...@", url.partition("?")[0])
    return ascii(shown if len(shown) <= 120 else f"{shown[:117]}...")[1:-1]
