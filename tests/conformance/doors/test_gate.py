"""Where packets may go, with the negative space. Nothing is sent here: names are looked up in a table."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.conformance.door import BadTarget, MayNot
from mockleo.conformance.doors.gate import Abroad, Gate, Nearby, base_of

NAMES = {
    "emulator": ("172.18.0.2",),
    "docker.internal": ("192.168.65.254",),
    "six.test": ("fd12:3456::1", "10.0.0.7"),
    "mapped.test": ("::ffff:127.0.0.1",),
    "public.test": ("93.184.216.34",),
    "half.test": ("127.0.0.1", "93.184.216.34"),
    "metadata.test": ("169.254.169.254",),
    "nat64.test": ("64:ff9b::7f00:1",),
    "zoned.test": ("fd12::1%eth0",),
    "nat.leonardo.ai": ("64:ff9b::7f00:1",),
    "six.leonardo.ai": ("2002:7f00:1::1",),
    "zone.test": ("fe80::1%eth0",),
    "nonsense.test": ("nonsense",),
    "empty.test": (),
    "cloud.leonardo.ai": ("104.18.10.1", "2606:4700::6812:a01"),
    "rebound.leonardo.ai": ("127.0.0.1",),
    "bucket.s3.amazonaws.com": ("52.216.1.1",),
}


class Looked:
    """Looks names up in the table, as the system would; addresses in disguise, too."""

    def __init__(self) -> None:
        self.up: list[str] = []

    def __call__(self, host: str) -> tuple[str, ...]:
        self.up.append(host)
        if host not in NAMES:
            raise OSError(-2, "Name or service not known")
        return NAMES[host]


def nearby() -> Gate:
    return Gate(Nearby(), resolve=Looked())


def abroad() -> Gate:
    hosts = frozenset(name for name in NAMES if name.endswith(".leonardo.ai"))
    return Gate(Abroad(hosts=hosts, suffixes=(".amazonaws.com",)), resolve=Looked())


@pytest.mark.parametrize(
    ("url", "host", "addresses", "authority", "target"),
    [
        ("http://127.0.0.1:5360/api", "127.0.0.1", ("127.0.0.1",), "127.0.0.1:5360", "/api"),
        ("http://127.255.0.9", "127.255.0.9", ("127.255.0.9",), "127.255.0.9", "/"),
        ("https://10.0.0.1?a=b", "10.0.0.1", ("10.0.0.1",), "10.0.0.1", "/?a=b"),
        ("http://172.31.255.255:80/", "172.31.255.255", ("172.31.255.255",), "172.31.255.255", "/"),
        ("http://192.168.1.1/#x", "192.168.1.1", ("192.168.1.1",), "192.168.1.1", "/"),
        ("http://[::1]:5360/a?b#c", "::1", ("::1",), "[::1]:5360", "/a?b"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", ("127.0.0.1",), "[::ffff:127.0.0.1]", "/"),
        ("http://[::ffff:7f00:1]/", "::ffff:7f00:1", ("127.0.0.1",), "[::ffff:7f00:1]", "/"),
        ("http://[fd12::1]:65535/", "fd12::1", ("fd12::1",), "[fd12::1]:65535", "/"),
        ("http://localhost/", "localhost", ("127.0.0.1", "::1"), "localhost", "/"),
        ("HTTP://LocalHost.:81/A", "localhost", ("127.0.0.1", "::1"), "localhost:81", "/A"),
        ("http://api.localhost/", "api.localhost", ("127.0.0.1", "::1"), "api.localhost", "/"),
        ("http://emulator:5360/", "emulator", ("172.18.0.2",), "emulator:5360", "/"),
        ("http://Emulator./", "emulator", ("172.18.0.2",), "emulator", "/"),
        ("http://docker.internal/", "docker.internal", ("192.168.65.254",), "docker.internal", "/"),
        ("http://six.test/", "six.test", ("fd12:3456::1", "10.0.0.7"), "six.test", "/"),
        ("http://mapped.test/", "mapped.test", ("127.0.0.1",), "mapped.test", "/"),
        ("http://127.0.0.1/a/../%2e%2e//b?%00", "127.0.0.1", ("127.0.0.1",), "127.0.0.1",
         "/a/../%2e%2e//b?%00"),
    ],
)  # fmt: skip
def test_what_is_nearby_may_be_called(
    url: str, host: str, addresses: tuple[str, ...], authority: str, target: str
) -> None:
    way = nearby().way(url)
    assert (way.host, way.addresses, way.authority, way.target) == (host, addresses, authority, target)


REFUSED = [
    # the real service, without --real, and whoever else is public
    "https://cloud.leonardo.ai/api/rest/v1", "https://public.test/", "http://8.8.8.8/",
    "http://[2606:4700::1]/",
    "http://half.test/", "http://[::ffff:8.8.8.8]/", "http://[::ffff:808:808]/", "http://172.32.0.1/",
    "http://172.15.255.255/", "http://11.0.0.1/", "http://192.169.0.1/", "http://128.0.0.1/",
    # metadata, link-local, nobody, everybody
    "http://169.254.169.254/", "http://metadata.test/", "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/", "http://[fd20:ce::254]/", "http://168.63.129.16/", "http://100.100.100.200/",
    "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://zone.test/",
    "http://zoned.test/",
    "http://0.0.0.0/", "http://[::]/", "http://0.1.2.3/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://[ff02::1]/", "http://100.64.0.1/", "http://198.18.0.1/",
    # those that stand for others
    "http://[64:ff9b::127.0.0.1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://nat64.test/",
    "http://[2001:0:7f00:1::]/", "http://[64:ff9b:1::7f00:1]/",
    # addresses in disguise, of this machine and of others
    "http://2130706433/", "http://134744072/", "http://0x7f000001/", "http://0x7f.1/", "http://0x08080808/",
    "http://017700000001/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/", "http://127.0.0.01/",
    "http://127.0.0.1./", "http://8.8/", "http://0/", "http://0x/", "http://1.2.3.4.5/", "http://256.0.0.1/",
    "http://a.1/", "http://a.0x1/",
    # whom it is for is not what it seems
    "http://127.0.0.1@8.8.8.8/", "http://user:pass@127.0.0.1/", "http://127.0.0.1:80@public.test/",
    "http://@127.0.0.1/", "http://127.0.0.1\\@8.8.8.8/", "http://127.0.0.1\\.public.test/",
    "http://127.0.0.1 .public.test/", "http://127.0.0.1\t/", "http://127.0.0.1\n/", "http://127.0.0.1/a b",
    "http://127.0.0.1/\r\nhost: x", "http://127.0.0.1%2f.public.test/", "http://127.0.0.1%00/",
    "http://localhost%2epublic.test/", "http://١٢٧.0.0.1/", "http://１２７.0.0.1/", "http://ⓛocalhost/",
    "http://localhost。public.test/", "http://127.0.0.1/é", "http://127.0.0.1/\x7f",
    "http://notlocalhost/", "http://localhost.public.test/", "http://localhostx/", "http://-a/", "http://a-/",
    "http://a..b/", "http://.localhost/", "http://" + "a" * 64 + ".localhost/",
    # no host, no port, no scheme
    "http://", "http:///path", "http://?x", "http://:80/", "http://127.0.0.1:/", "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://127.0.0.1:8o/",
    "http://[::1/", "http://::1/", "http://[127.0.0.1]/", "http://[localhost]/", "http://[::1]x/",
    "http://[]/",
    "ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/", "127.0.0.1/", "", "javascript:1",
    "http:127.0.0.1",
    "http:/127.0.0.1/", "gopher://127.0.0.1:70/", "unix:/run/x.sock", "http+unix://x/", " http://127.0.0.1/",
    # names that mean nothing
    "http://unknown.test/", "http://empty.test/", "http://nonsense.test/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_everything_else_is_refused_before_a_packet_leaves(url: str) -> None:
    with pytest.raises(MayNot):
        nearby().way(url)


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "https://cloud.leonardo.ai/", "http://8.8.8.8/"])
def test_a_refusal_says_what_would_help(url: str) -> None:
    with pytest.raises(MayNot, match="neither this machine nor a private network; only --real calls"):
        nearby().way(url)


def test_a_name_before_the_host_is_told_as_such() -> None:
    with pytest.raises(MayNot, match="a name or a password before the host"):
        nearby().way("http://127.0.0.1@8.8.8.8/")


@pytest.mark.parametrize(
    "url", ["http://key:secret@8.8.8.8/?token=secret", "http://8.8.8.8/?token=secret", "http://secret@/x y"]
)
def test_a_refusal_keeps_what_is_secret(url: str) -> None:
    with pytest.raises(MayNot) as told:
        nearby().way(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("https://cloud.leonardo.ai/api/rest/v1/me", ("104.18.10.1", "2606:4700::6812:a01")),
        ("https://cloud.leonardo.ai:443/", ("104.18.10.1", "2606:4700::6812:a01")),
        ("https://bucket.s3.amazonaws.com/", ("52.216.1.1",)),
    ],
)
def test_the_real_service_may_be_called(url: str, addresses: tuple[str, ...]) -> None:
    assert abroad().way(url).addresses == addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://cloud.leonardo.ai/", "https://cloud.leonardo.ai:8443/",
        "https://cloud.leonardo.ai.public.test/",
        "https://public.test/", "https://127.0.0.1/", "https://localhost/", "https://104.18.10.1/",
        "https://rebound.leonardo.ai/", "https://nat.leonardo.ai/", "https://six.leonardo.ai/",
        "https://amazonaws.com/", "https://notamazonaws.com/",
        "https://leonardo.ai/", "https://x.cloud.leonardo.ai/", "https://cloud.leonardo.ai@public.test/",
        "https://169.254.169.254/", "https://unknown.s3.amazonaws.com/",
    ],
)  # fmt: skip
def test_nobody_else_may_be_called_abroad(url: str) -> None:
    with pytest.raises(MayNot):
        abroad().way(url)


def test_a_name_is_looked_up_once() -> None:
    looked = Looked()
    gate = Gate(Nearby(), resolve=looked)
    first = gate.way("http://emulator:5360/a")
    NAMES["emulator"], before = ("93.184.216.34",), NAMES["emulator"]
    try:
        assert gate.way("http://emulator:5361/b").addresses == first.addresses == before
    finally:
        NAMES["emulator"] = before
    assert looked.up == ["emulator"]


def test_addresses_are_not_looked_up_at_all() -> None:
    looked = Looked()
    for host in ("127.0.0.1", "[::1]", "localhost", "a.localhost"):
        Gate(Nearby(), resolve=looked).way(f"http://{host}/")
    assert not looked.up


any_address = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)


@given(any_address)
def test_no_address_is_both_nearby_and_abroad(address: IPv4Address | IPv6Address) -> None:
    allowed = [
        rule.refuses_address(address) is None for rule in (Nearby(), Abroad(hosts=frozenset({"x.test"})))
    ]
    assert allowed != [True, True]


@given(st.text(st.sampled_from("0123456789abcdefx.:[]@/\\%# localhst"), max_size=24))
def test_whatever_is_written_only_what_is_nearby_is_connected_to(written: str) -> None:
    try:
        way = Gate(Nearby(), resolve=_everywhere).way(f"http://{written}")
    except MayNot:
        return
    for address in way.addresses:
        assert ip_address(address).is_loopback or ip_address(address).is_private


def _everywhere(host: str) -> tuple[str, ...]:
    return ("8.8.8.8",)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:5360", "http://127.0.0.1:5360/api/rest/v1"),
        ("http://127.0.0.1:5360/", "http://127.0.0.1:5360/api/rest/v1"),
        ("HTTP://LOCALHOST:80/api/rest/v1/", "http://localhost/api/rest/v1"),
        ("http://[::1]:5360/mock/api/rest/v1", "http://[::1]:5360/mock/api/rest/v1"),
    ],
)
def test_the_base_of_an_address(url: str, base: str) -> None:
    assert base_of(url) == base


@pytest.mark.parametrize(
    "url", ["127.0.0.1:5360", "http://a@127.0.0.1", "http://127.0.0.1/?x", "ftp://x", ""]
)
def test_an_address_that_is_no_base(url: str) -> None:
    with pytest.raises(BadTarget):
        base_of(url)


# --- planted mistakes: what the tables above are for --------------------------------------------


class OnlyTheFirst(Gate):
    def _addresses(self, url: str, host: str) -> tuple[str, ...]:
        return super()._addresses(url, host) if host != "half.test" else ("127.0.0.1",)


class ByPythonAlone(Nearby):
    def refuses_address(self, address: IPv4Address | IPv6Address) -> str | None:
        return None if address.is_private or address.is_loopback else "no"


@pytest.mark.parametrize(
    "planted",
    [
        lambda: OnlyTheFirst(Nearby(), resolve=Looked()),
        lambda: Gate(ByPythonAlone(), resolve=Looked()),
    ],
)
def test_a_planted_mistake_is_found(planted: Callable[[], Gate]) -> None:
    let_through = []
    for url in REFUSED:
        try:
            let_through.append(planted().way(url))
        except MayNot:
            continue
    assert let_through
