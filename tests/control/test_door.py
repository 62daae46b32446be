"""Who may use the operator's API."""

from typing import Any

import pytest

from mockleo.control.door import admit
from mockleo.control.refusals import Refused
from mockleo.settings import Settings

from .operator import HERE, Operator, refused

TOKEN = "swordfish-and-chips"
EVERYWHERE = "0.0.0.0"  # noqa: S104  that it is everywhere is the point


def a_scope(*headers: tuple[str, str], scheme: str = "http") -> Any:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http", "method": "GET", "path": "/health", "scheme": scheme, "headers": raw}


def answer(settings: Settings, *headers: tuple[str, str], scheme: str = "http", free: bool = False) -> Any:
    """What the door says: a status and the header that is wrong, or None for come in."""
    try:
        admit(a_scope(*headers, scheme=scheme), settings, for_anybody=free)
    except Refused as no:
        return no.status, no.field
    return None


HOSTS = [
    ("127.0.0.1", True),
    ("127.0.0.1:5360", True),
    ("127.8.9.10:1", True),
    ("localhost", True),
    ("LOCALHOST:80", True),
    ("app.localhost:5360", True),
    ("[::1]:5360", True),
    ("[::1]", True),
    ("[::ffff:127.0.0.1]:5360", True),
    ("leo.internal:5360", True),
    ("LEO.internal", True),
    ("public.example", True),
    ("public.example:8443", True),
    ("", False),
    (":5360", False),
    ("evil.example", False),
    ("127.0.0.1.evil.example", False),
    ("localhost.evil.example", False),
    ("evil-localhost", False),
    ("10.0.0.1", False),
    ("192.168.1.4:5360", False),
    ("0.0.0.0:5360", False),
    ("[::]", False),
    ("[::1", False),
    ("169.254.169.254", False),
    ("127.0.0.1@evil.example", False),
    ("evil.example@127.0.0.1", False),
    ("127.0.0.1/evil", False),
    ("127.0.0.1:port", False),
    ("2130706433", False),
    ("127.0.0.1, evil.example", False),
]


@pytest.mark.parametrize(("host", "is_let_in"), HOSTS)
@pytest.mark.parametrize("free", [True, False])
def test_a_foreign_host_is_refused(host: str, is_let_in: bool, free: bool) -> None:
    settings = Settings(host="leo.internal", public_url="https://public.example:8443", control_token=TOKEN)
    said = answer(settings, ("host", host), free=free)
    wanted = None if free else (401, "Authorization")
    assert said == (wanted if is_let_in else (403, "Host"))


@pytest.mark.parametrize("hosts", [[], ["localhost", "evil.example"], ["localhost", "localhost"]])
def test_there_is_one_host(hosts: list[str]) -> None:
    assert answer(Settings(), *[("host", host) for host in hosts]) == (403, "Host")


def test_whoever_shows_the_token_may_call_us_as_he_likes() -> None:
    settings = Settings(host=EVERYWHERE, control_token=TOKEN)
    assert answer(settings, ("host", "mockleo:5360"), ("authorization", f"Bearer {TOKEN}")) is None
    assert answer(settings, ("host", "mockleo:5360"), ("authorization", "Bearer x")) == (403, "Host")


ORIGINS = [
    ("http", "127.0.0.1:5360", "http://127.0.0.1:5360", True),
    ("http", "localhost", "http://localhost:80", True),
    ("http", "localhost:80", "http://LOCALHOST", True),
    ("https", "localhost", "https://localhost", True),
    ("http", "localhost", "https://public.example", True),
    ("http", "localhost", "https://public.example:443", True),
    ("http", "127.0.0.1:5360", "http://127.0.0.1:3000", False),
    ("http", "127.0.0.1:5360", "http://localhost:5360", False),
    ("http", "127.0.0.1:5360", "https://127.0.0.1:5360", False),
    ("http", "127.0.0.1:5360", "https://evil.example", False),
    ("http", "127.0.0.1:5360", "null", False),
    ("http", "127.0.0.1:5360", "", False),
    ("http", "127.0.0.1:5360", "http://127.0.0.1:port", False),
    ("http", "localhost", "http://public.example", False),
    ("http", "localhost", "file://localhost", False),
]


@pytest.mark.parametrize(("scheme", "host", "origin", "is_let_in"), ORIGINS)
def test_a_page_from_elsewhere_is_refused_whatever_it_shows(
    scheme: str, host: str, origin: str, is_let_in: bool
) -> None:
    settings = Settings(public_url="https://public.example", control_token=TOKEN)
    token = ("authorization", f"Bearer {TOKEN}")
    for free in (True, False):
        said = answer(settings, ("host", host), ("origin", origin), token, scheme=scheme, free=free)
        assert said == (None if is_let_in else (403, "Origin"))


TOKENS = [
    (None, False),
    ("", False),
    ("Bearer", False),
    ("Bearer ", False),
    ("Bearer wrong", False),
    (f"Bearer {TOKEN}x", False),
    (f"Bearer {TOKEN[:-1]}", False),
    (f"Basic {TOKEN}", False),
    (TOKEN, False),
    ("Bearer \xe9", False),
    (f"Bearer {TOKEN}", True),
    (f"bearer {TOKEN}", True),
    (f"Bearer  {TOKEN} ", True),
]


@pytest.mark.parametrize(("shown", "is_let_in"), TOKENS)
def test_where_there_is_a_token_it_is_wanted(shown: str | None, is_let_in: bool) -> None:
    headers = [("host", "localhost"), *([] if shown is None else [("authorization", shown)])]
    said = answer(Settings(control_token=TOKEN), *headers)
    assert said == (None if is_let_in else (401, "Authorization"))
    assert answer(Settings(control_token=TOKEN), *headers, free=True) is None
    assert answer(Settings(), *headers) is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_token_nothing_is_told_and_nothing_done(method: str) -> None:
    operator = Operator(control_token=TOKEN)
    operator.leo.order()
    for path in ("health", "reset", "nothing", "keys", "state", "environment", "bucket"):
        answered = operator.send(method, path)
        assert refused(answered) == (401, "Authorization")
        assert TOKEN not in answered.text
        assert answered.headers["www-authenticate"] == "Bearer"
    assert operator.leo.account.generations


def test_ready_asks_for_no_token_but_looks_at_where_it_is_asked_from() -> None:
    operator = Operator(control_token=TOKEN)
    assert operator.get("ready") == {"ready": True}
    assert operator.no("GET", "ready", headers={"origin": "https://evil.example"}) == (403, "Origin")
    assert refused(operator.leo.send("GET", "http://evil.example/_mockleo/ready")) == (403, "Host")


def test_a_page_of_the_emulators_own_may_ask() -> None:
    assert Operator().send("GET", "health", headers={"origin": HERE}).status_code == 200


def test_no_answer_lets_a_foreign_page_read_it() -> None:
    answered = Operator().send("GET", "health", headers={"origin": HERE})
    assert not [name for name in answered.headers if name.startswith("access-control")]
