"""Who is let in, and what the others are told: the whole table, for open and for strict keys."""

from itertools import product

import pytest

from mockleo.wire.auth import Keys

from .leo import STRANGER, Leo, Refused, refused

KEY = "0b7f2a3c-9d51-4f6e-8a40-3c5d7e9f1a2b"
SECOND = "5e0d3c1b-7a29-4c48-9f67-1b3d5f7a9c0e"

NOBODY = Refused(401, "Authentication hook unauthorized this request", "$", "access-denied")
MALFORMED = Refused(500, "Invalid response from authorization hook", "$", "unexpected")

# The Authorization header, and what becomes of it with each kind of keys: None is let in.
HEADERS: tuple[tuple[str, str | None, Refused | None, Refused | None], ...] = (
    # case, header, open, strict
    ("no header", None, NOBODY, NOBODY),
    ("a good key", f"Bearer {KEY}", None, None),
    ("another good key", f"Bearer {SECOND}", None, None),
    ("bearer in small letters", f"bearer {KEY}", None, None),
    ("bearer in capitals", f"BEARER {KEY}", None, None),
    ("a key nobody issued", f"Bearer {STRANGER}", None, NOBODY),
    ("a key that is no UUID", "Bearer my-key", None, MALFORMED),
    ("a UUID in quotes", f'Bearer "{KEY}"', None, MALFORMED),
    ("a UUID without dashes", f"Bearer {KEY.replace('-', '')}", None, MALFORMED),
    ("a UUID in braces", f"Bearer {{{KEY}}}", None, MALFORMED),
    ("a UUID with a letter too many", f"Bearer {KEY}f", None, MALFORMED),
    ("a blank after the key", f"Bearer {KEY} ", None, MALFORMED),
    ("two blanks before the key", f"Bearer  {KEY}", None, MALFORMED),
    ("two keys", f"Bearer {KEY} {KEY}", None, MALFORMED),
    ("a placeholder", "Bearer <YOUR_API_KEY>", None, MALFORMED),
    ("nothing", "", MALFORMED, MALFORMED),
    ("the scheme alone", "Bearer", MALFORMED, MALFORMED),
    ("the scheme and a blank", "Bearer ", MALFORMED, MALFORMED),
    ("the scheme and blanks", "Bearer    ", MALFORMED, MALFORMED),
    ("the key alone", KEY, MALFORMED, MALFORMED),
    ("another scheme", "Basic dXNlcjpwYXNz", MALFORMED, MALFORMED),
    ("the key as another scheme's", f"Token {KEY}", MALFORMED, MALFORMED),
    ("no blank between", f"Bearer{KEY}", MALFORMED, MALFORMED),
    ("a tab between", f"Bearer\t{KEY}", MALFORMED, MALFORMED),
)


@pytest.mark.parametrize(("case", "keys"), list(product([row[0] for row in HEADERS], Keys)))
def test_who_is_let_in(case: str, keys: Keys) -> None:
    _, header, in_open, in_strict = next(row for row in HEADERS if row[0] == case)
    expected = in_open if keys is Keys.OPEN else in_strict
    leo = Leo(keys=keys.value, api_keys=(KEY, SECOND))

    answer = leo.send("GET", "/api/rest/v1/me", headers={} if header is None else {"authorization": header})

    if expected is None:
        assert answer.status_code == 200
        assert "x-mockleo-why" not in answer.headers
    else:
        assert refused(answer) == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("PUT", "/me"),
        ("GET", "/me/"),
        ("POST", "/generations"),
        ("GET", "/generations/x"),
    ],
)
def test_the_door_comes_before_anything_else(method: str, path: str) -> None:
    leo = Leo(keys="strict")
    answer = leo.send(method, f"/api/rest/v1{path}", content=b"{")
    assert refused(answer) == NOBODY
    assert len(leo.app.site.world.accounts) == 1, "the one of the declared key"


def test_the_body_of_a_refusal_is_91_bytes() -> None:
    answer = Leo().send("GET", "/api/rest/v1/me")
    assert len(answer.content) == 91


def test_two_keys_are_two_accounts() -> None:
    leo = Leo(keys="strict", api_keys=(KEY, SECOND))
    other = leo.beside(SECOND)
    assert leo.get("/me")[0]["user"]["id"] != other.get("/me")[0]["user"]["id"]
    leo.order()
    assert leo.balance < other.balance


def test_a_key_is_an_account_for_good() -> None:
    leo = Leo()
    first = leo.get("/me")
    leo.beside("another").get("/me")
    assert leo.get("/me") == first
    assert Leo(key=leo.key).get("/me") == first
    assert Leo(key=leo.key, seed=8).get("/me") != first


def test_a_key_is_no_users_id() -> None:
    leo = Leo(keys="strict")
    assert leo.get("/me")[0]["user"]["id"] != leo.key


def test_who_is_refused_makes_no_account() -> None:
    leo = Leo(keys="strict")
    for header in ("", "Bearer x", f"Bearer {STRANGER}"):
        leo.send("GET", "/api/rest/v1/me", headers={"authorization": header})
    assert len(leo.app.site.world.accounts) == 1, "the one of the declared key"


def test_each_key_that_opens_an_account_is_a_secret_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockleo.wire.auth._REMEMBERED_MOST", 2)
    monkeypatch.setattr("mockleo.redact.SUSPECTS_MOST", 2)
    leo = Leo()
    keys = [f"a-key-of-many-{nth}" for nth in range(5)]
    for key in keys:
        leo.send("GET", "/api/rest/v1/me", headers={"authorization": f"Token refused-{key}"})
        leo.beside(key).get("/me")
    for key in keys:
        assert key not in leo.app.redactor.text(f"a {key}")
    shown = leo.app.redactor.text("refused-a-word-1 refused-" + keys[4])
    assert shown == "refused-a-word-1 [redacted]"


@pytest.mark.parametrize("keys", list(Keys))
@pytest.mark.parametrize(
    "header",
    [
        "Bearer@", "bearer:@", "Bearer: @", "Bearer=@", 'Token token="@"', "Basic @", "@", "api-key=@",
        'Bearer"@"', "Bearer<@>",
    ],
)  # fmt: skip
def test_a_key_that_was_sent_wrongly_is_a_secret_too(header: str, keys: Keys) -> None:
    leo = Leo(keys=keys.value, api_keys=(KEY,))
    leo.send("GET", "/api/rest/v1/me", headers={"authorization": header.replace("@", STRANGER)})
    assert leo.app.redactor.text(f"a {STRANGER}") == "a [redacted]"


def test_the_id_of_an_account_is_no_secret_even_when_it_is_sent_for_a_key() -> None:
    leo = Leo()
    user_id = leo.get("/me")[0]["user"]["id"]
    leo.beside(user_id).get("/me")
    assert leo.app.redactor.text(user_id) == user_id
