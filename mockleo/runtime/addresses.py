"""Which addresses a webhook may be sent to.

A receiver's name is looked up once, each address that comes back is judged, and only one that
was judged is connected to: a name that means something else a moment later leads nowhere else.
What is not on a list is not allowed. Source of the blocks: the IANA registries of special-purpose
addresses (RFC 6890 and its updates).
"""

from __future__ import annotations

import socket
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from mockleo.core.hosts import is_local_name
from mockleo.runtime.lookups import Lookups

# The threads are the process's, so what is looked up in them is too.
_LOOKUPS = Lookups()


class Reach(Enum):
    """How far webhooks go. Each goes as far as the one before it, and further.

    LOCAL is this machine and private networks, PUBLIC the internet as well. ANY is everything,
    link-local and metadata addresses included.
    """

    LOCAL = "local"
    PUBLIC = "public"
    ANY = "any"


class NotAllowed(Exception):
    """An address that may not be connected to."""

    def __init__(self, address: str) -> None:
        super().__init__(f"address {address} is not allowed")
        self.address = address


_LOCAL_4 = tuple(map(IPv4Network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_LOCAL_6 = tuple(map(IPv6Network, ("::1/128", "fc00::/7")))

# Where clouds tell a machine its own credentials, if not on a link-local address.
_METADATA = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "100.100.100.200", "192.0.0.192"))
)

# Of the addresses that could be anybody's, those that are nobody's.
_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")))

_NAT64 = IPv6Network("64:ff9b::/96")


async def resolve(host: str, reach: Reach, *, lookups: Lookups = _LOOKUPS) -> tuple[str, ...]:
    """The addresses of `host`, in the order in which to try them; all of them are allowed.

    Raises `NotAllowed` when a single one is not, and `OSError` when the name means nothing.
    """
    if (literal := _literal(host)) is not None:
        addresses: tuple[str, ...] = (literal,)
    elif _is_loopback(host):
        addresses = _loopback()
    else:
        addresses = await lookups.find(host)
    if not addresses:
        raise OSError("the name has no address")
    for address in addresses:
        _require(address, reach)
    return addresses


@lru_cache(maxsize=1_024)
def is_allowed(address: str, reach: Reach) -> bool:
    """Whether webhooks that go as far as `reach` go to this address."""
    if reach is Reach.ANY:
        return True
    return all(_admits(each, reach) for each in _meant(ip_address(address)))


def _require(address: str, reach: Reach) -> None:
    if not is_allowed(address, reach):
        raise NotAllowed(address)


def _meant(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """Where packets to `address` end up: some addresses of version 6 stand for others."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    # Without its zone, so that it equals what is listed.
    return (IPv6Address(int(address)),)


def _admits(address: IPv4Address | IPv6Address, reach: Reach) -> bool:
    if address in _METADATA:
        return False
    if isinstance(address, IPv4Address):
        local = any(address in block for block in _LOCAL_4)
        special = any(address in block for block in _SPECIAL_4)
    else:
        local = any(address in block for block in _LOCAL_6)
        special = address not in _GLOBAL_6 or any(address in block for block in _SPECIAL_6)
    return local or (reach is Reach.PUBLIC and not special)


@lru_cache(maxsize=1_024)
def _literal(host: str) -> str | None:
    """`host` as an address, if it is one already; other spellings are left to the lookup."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    """Whether the name means this machine, as it is written in a URL."""
    return is_local_name(host.lower().removesuffix("."))


def _loopback() -> tuple[str, ...]:
    """This machine's own addresses, in the order of RFC 6724: version 6 first, where there is one."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as way:
            # Sends nothing; fails where no way leads there.
            way.connect(("::1", 9))
    except OSError:
        return ("127.0.0.1",)
    return ("::1", "127.0.0.1")
