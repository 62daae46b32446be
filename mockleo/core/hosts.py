"""What the name of a host says about where it is, without asking anybody."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def is_local_name(name: str) -> bool:
    """Whether a name in small letters means this machine, whatever anybody would answer (RFC 6761, 6.3)."""
    return name == "localhost" or name.endswith(".localhost")


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address that `host` is written as, the one of version 4 that it stands for; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
