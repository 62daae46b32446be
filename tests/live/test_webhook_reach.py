"""Where webhooks do not go: nothing is connected to, and the log says so."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mockleo.emulator import Emulator
from mockleo.probing import ControlRefused
from mockleo.runtime import delivery
from tests.runtime.receivers import answering

from .rig import KEY, LONG_MS, Street, clients, deliveries, make_key

NAME = "hooks.example"
PUBLIC = "93.184.215.14"


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are connected to, and none of them is: no packet leaves."""
    tried: list[str] = []

    async def converse(address: str, *_: Any, **__: Any) -> Any:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(delivery, "_converse", converse)
    return tried


@pytest.fixture(scope="module", params=["local", "public", "any"])
def reaching(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator for each reach, that tries again where that can help."""
    rules = {"webhooks.retries": "steps"}
    with Emulator(seed=7, time="manual", rules=rules, webhook_reach=request.param) as emulator:
        yield emulator


TRIES = 4


def sent_to(emulator: Emulator, url: str) -> Any:
    """The one delivery that comes of a job whose key has this webhook."""
    emulator.reset()
    with clients(emulator, KEY) as (client,):
        make_key(emulator, KEY, url)
        client.order()
        emulator.advance(2 * LONG_MS)
        (found,) = deliveries(emulator)
        return found


# Addresses, and who reaches them.
ADDRESSES = [
    ("127.0.0.1", {"local", "public", "any"}),
    ("10.1.2.3", {"local", "public", "any"}),
    ("[::1]", {"local", "public", "any"}),
    (PUBLIC, {"public", "any"}),
    ("[2606:2800:220:1::1]", {"public", "any"}),
    ("169.254.169.254", {"any"}),
    ("169.254.1.1", {"any"}),
    ("[fe80::1]", {"any"}),
    ("[fd00:ec2::254]", {"any"}),
    ("[::ffff:169.254.169.254]", {"any"}),
    ("100.100.100.200", {"any"}),
    ("0.0.0.0", {"any"}),  # noqa: S104  refused is what is tested
]


@pytest.mark.parametrize(("host", "reached_by"), ADDRESSES)
def test_an_address_that_is_not_allowed_is_not_connected_to(
    reaching: Emulator, host: str, reached_by: set[str], connected: list[str]
) -> None:
    found = sent_to(reaching, f"https://{host}/hook")
    errors = [attempt["error"] for attempt in found["attempts"]]
    assert found["state"] == "failed"
    if reaching.settings.webhook_reach in reached_by:
        assert errors == ["connection refused"] * TRIES
        assert len(connected) == TRIES
    else:
        # No later attempt could send it, so there is none.
        (error,) = errors
        assert re.fullmatch(r"refused: address \S+ is not allowed", error)
        assert connected == []
        assert found["attempts"][0]["address"] == ""


# What a name resolves to, and who may then connect to any of it.
NAMES = [
    (["127.0.0.1"], {"local", "public", "any"}),
    (["10.0.0.1", "::1"], {"local", "public", "any"}),
    ([PUBLIC], {"public", "any"}),
    (["127.0.0.1", PUBLIC], {"public", "any"}),
    ([PUBLIC, "127.0.0.1"], {"public", "any"}),
    (["169.254.169.254"], {"any"}),
    ([PUBLIC, "169.254.169.254"], {"any"}),
    (["10.0.0.1", "fe80::1"], {"any"}),
]


@pytest.mark.parametrize(("meaning", "reached_by"), NAMES)
def test_a_name_is_all_that_it_resolves_to(
    reaching: Emulator,
    meaning: list[str],
    reached_by: set[str],
    connected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = resolving(monkeypatch, meaning)
    found = sent_to(reaching, f"https://{NAME}/hook")
    tries = TRIES if reaching.settings.webhook_reach in reached_by else 1
    # Looked up once for each attempt, and connected to what was looked at.
    assert asked == [NAME] * tries
    assert len(found["attempts"]) == tries
    if tries == 1:
        assert found["attempts"][0]["error"].startswith("refused: address ")
        assert connected == []
    else:
        # The first of them refuses as they all do, and the next is tried.
        assert set(connected) <= set(meaning)


def test_a_name_without_an_address_may_get_one(
    connected: list[str], monkeypatch: pytest.MonkeyPatch, reaching: Emulator
) -> None:
    resolving(monkeypatch, [])
    found = sent_to(reaching, f"https://{NAME}/hook")
    assert {attempt["error"] for attempt in found["attempts"]} == {"not reached: the name has no address"}
    assert (len(found["attempts"]), connected) == (TRIES, [])


def resolving(monkeypatch: pytest.MonkeyPatch, meaning: list[str]) -> list[str]:
    """Let the system say that `NAME` means this; returns how often it was asked."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *given: Any, **more: Any) -> list[Any]:
        if host != NAME:
            return list(system(host, port, *given, **more))
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in meaning]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_redirect_to_metadata_is_not_followed(street: Street, reaching: Emulator) -> None:
    location = "location: http://169.254.169.254/latest/meta-data/"
    head = f"HTTP/1.1 307 Temporary Redirect\r\n{location}\r\ncontent-length: 0\r\n\r\n"
    found = sent_to(reaching, street.receiver(answering(head.encode())).url)
    seen = {(attempt["status"], attempt["address"]) for attempt in found["attempts"]}
    assert (seen, found["state"]) == ({(307, "127.0.0.1")}, "failed")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        f"http://{PUBLIC}/",
        "http://example.com/",
        "http://2852039166/",
        "ftp://127.0.0.1/",
        "https://user:password@127.0.0.1/",
        "https:///hook",
        "",
    ],
)
def test_a_key_with_such_a_webhook_is_not_made(emulator: Emulator, url: str) -> None:
    with pytest.raises(ControlRefused, match=r"^400: webhook_url: ") as told:
        make_key(emulator, KEY, url)
    assert (told.value.field, emulator.control("GET", "keys")["total"]) == ("webhook_url", 0)
