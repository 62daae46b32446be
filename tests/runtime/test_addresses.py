"""Which addresses a webhook may be sent to, with the negative space."""

import asyncio
from errno import EADDRNOTAVAIL
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.runtime.addresses import NotAllowed, Reach, _loopback, is_allowed, resolve
from mockleo.runtime.lookups import Lookups, ask_the_system

LOCAL = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "192.168.255.255", "::1", "fc00::1", "fd12:3456::1", "fdff:ffff::1",
    # Those that stand for one of them.
    "::ffff:127.0.0.1", "::ffff:10.1.2.3", "2002:7f00:1::", "2002:c0a8:101::1", "64:ff9b::10.0.0.1",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "52.73.75.186", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0",
    "192.167.255.255", "192.169.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "2002:808:808::1",
    "64:ff9b::8.8.8.8",
]  # fmt: skip

NEVER = [
    # metadata, and where it hides
    "169.254.169.254", "169.254.0.1", "169.254.255.255", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "::ffff:100.100.100.200",
    "2002:a9fe:a9fe::1", "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe",
    # link-local, shared, this network, multicast, broadcast, reserved, documentation
    "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "100.64.0.1", "100.127.255.255",
    "0.0.0.0",  # noqa: S104  nobody binds to it here

    "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.2.1",
    "198.51.100.7", "203.0.113.9", "198.18.0.1", "198.19.255.255", "192.0.0.1", "192.88.99.1", "::",
    "ff02::1", "ff0e::1", "100::1", "2001:db8::1", "2001:2::1", "2001:20::1", "3fff::1", "5f00::1",
    "64:ff9b:1::1", "4000::1", "::127.0.0.1", "::8.8.8.8",
    # embedded, as strange as it gets
    "::ffff:0.0.0.0", "2002::1", "2002:e000:1::", "64:ff9b::255.255.255.255",
    # Teredo: by server and by client
    "2001:0:7f00:1::", "2001:0:a9fe:a9fe:0:0:f7f7:f7f7", "2001:0:808:808:0:0:5601:5601",
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        *((address, {Reach.LOCAL, Reach.PUBLIC, Reach.ANY}) for address in LOCAL),
        *((address, {Reach.PUBLIC, Reach.ANY}) for address in PUBLIC),
        *((address, {Reach.ANY}) for address in NEVER),
    ],
)
def test_how_far_a_webhook_goes(address: str, allowed: set[Reach]) -> None:
    assert {reach for reach in Reach if is_allowed(address, reach)} == allowed


any_address = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)


@given(any_address)
def test_each_reach_goes_as_far_as_the_one_before(address: IPv4Address | IPv6Address) -> None:
    allowed = [is_allowed(str(address), reach) for reach in Reach]
    assert allowed == sorted(allowed)


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(Reach)))
def test_an_address_in_disguise_goes_as_far_as_itself(number: int, reach: Reach) -> None:
    plain = is_allowed(str(IPv4Address(number)), reach)
    for disguise in (
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x2002 << 112) | (number << 80) | 1),
        IPv6Address((0x0064_FF9B << 96) | number),
    ):
        assert is_allowed(str(disguise), reach) is plain


def found(*addresses: str) -> tuple[Lookups, list[str]]:
    """Lookups that find these, and what they were asked for."""
    asked: list[str] = []

    def ask(host: str) -> tuple[str, ...]:
        asked.append(host)
        return addresses

    return Lookups(ask), asked


def the_addresses(host: str, reach: Reach, lookups: Lookups | None = None) -> tuple[str, ...]:
    return asyncio.run(resolve(host, reach, **({} if lookups is None else {"lookups": lookups})))


def test_a_name_is_looked_up_once_and_all_its_addresses_are_judged() -> None:
    lookups, asked = found("127.0.0.1", "::1")
    assert the_addresses("both.test", Reach.LOCAL, lookups) == ("127.0.0.1", "::1")
    assert asked == ["both.test"]


def test_the_system_says_each_address_once() -> None:
    addresses = ask_the_system("127.0.0.1")
    assert addresses == ("127.0.0.1",)


@pytest.mark.parametrize("bad", ["169.254.169.254", "8.8.8.8", "fe80::1"])
@pytest.mark.parametrize("first", [True, False])
def test_one_address_that_is_not_allowed_is_enough(bad: str, *, first: bool) -> None:
    addresses = (bad, "127.0.0.1") if first else ("127.0.0.1", bad)
    with pytest.raises(NotAllowed, match=bad):
        the_addresses("rebinding.test", Reach.LOCAL, found(*addresses)[0])


def test_a_name_without_addresses_is_no_receiver() -> None:
    with pytest.raises(OSError, match="no address"):
        the_addresses("nothing.test", Reach.ANY, found()[0])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.1.2.3"])
def test_an_address_needs_no_lookup(host: str) -> None:
    lookups, asked = found("8.8.8.8")
    assert the_addresses(host, Reach.LOCAL, lookups) == (host,)
    assert asked == []


THIS_MACHINE = (("::1", "127.0.0.1"), ("127.0.0.1",))


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "localhost.", "a.localhost", "x.y.LOCALHOST."])
def test_this_machine_needs_no_lookup(host: str) -> None:
    lookups, asked = found("8.8.8.8")
    assert the_addresses(host, Reach.LOCAL, lookups) in THIS_MACHINE
    assert asked == []


@pytest.mark.parametrize("host", ["localhost.test", "notlocalhost", "local-host", "localhost..", "localhos"])
def test_what_only_sounds_like_it_is_looked_up_and_judged(host: str) -> None:
    lookups, asked = found("8.8.8.8")
    with pytest.raises(NotAllowed):
        the_addresses(host, Reach.LOCAL, lookups)
    assert asked == [host]


@pytest.mark.parametrize("has_version_6", [True, False])
def test_this_machine_has_the_addresses_that_a_way_leads_to(
    monkeypatch: pytest.MonkeyPatch, *, has_version_6: bool
) -> None:
    class Way:
        def __init__(self, *_: Any) -> None: ...

        def __enter__(self) -> "Way":
            return self

        def __exit__(self, *_: object) -> None: ...

        def connect(self, _: object) -> None:
            if not has_version_6:
                raise OSError(EADDRNOTAVAIL, "no way")

    monkeypatch.setattr("mockleo.runtime.addresses.socket.socket", Way)
    assert _loopback() == THIS_MACHINE[0 if has_version_6 else 1]


@pytest.mark.parametrize("host", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "8.8.8.8"])
def test_an_address_is_judged_too(host: str) -> None:
    with pytest.raises(NotAllowed):
        the_addresses(host, Reach.LOCAL)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "017700000001"])
def test_other_spellings_are_judged_by_what_they_mean(host: str) -> None:
    assert the_addresses(host, Reach.LOCAL) == ("127.0.0.1",)


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"])
def test_metadata_by_another_spelling_is_metadata(host: str) -> None:
    with pytest.raises(NotAllowed, match=r"169\.254\.169\.254"):
        the_addresses(host, Reach.PUBLIC)
