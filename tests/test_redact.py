"""Secrets are taken out of whatever is stored, shown or printed."""

import json
import logging
import sys
import uuid
import weakref
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.redact import _FEW, LETTERS_FEWEST, MASK, SHORTEST, Redactor, guard_logs

CANARY = "canary-0123456789-abcdefghijklmnopqrstuvw"
ODD = "a+b/c=d e&f\"g'h\\é-odd"


def knowing(*secrets: str, many: bool = False) -> Redactor:
    """One that knows these, and many others beside."""
    redactor = Redactor()
    redactor.learn(*secrets)
    if many:
        redactor.learn(*(f"other-secret-{nth:08}" for nth in range(2 * _FEW)))
    return redactor


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "Bearer {}",
        "?key={}&x=1",
        "x%3D{}%26y",
        "pre{}post",
        "{}{}",
        '{{"a":"{}"}}',
        '{{"a":"{{\\"b\\":\\"{}\\"}}"}}',
        "línea {} ü",
        "_{}_",
    ],
)
def test_a_secret_is_found_wherever_it_stands(text: str, many: bool) -> None:
    told = text.format(CANARY, CANARY)
    cleaned = knowing(CANARY, many=many).text(told)
    assert cleaned == told.replace(CANARY, MASK)
    assert CANARY not in cleaned


@pytest.mark.parametrize("many", [False, True])
def test_what_is_no_secret_stays(many: bool) -> None:
    text = 'a prompt of a "policy: be kind", signature: mine, canary-0123456789, other-secret-'
    assert knowing(CANARY, many=many).text(text) == text


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    "form", [ODD, quote(ODD, safe=""), json.dumps(ODD)[1:-1], json.dumps(ODD, ensure_ascii=False)[1:-1]]
)
def test_a_secret_with_other_signs_is_found_in_each_of_its_forms(form: str, many: bool) -> None:
    assert knowing(ODD, many=many).text(f"<{form}>") == f"<{MASK}>"


def test_the_bytes_of_a_header_are_found_too() -> None:
    assert knowing("geheimer-schlüssel").clean("geheimer-schlüssel".encode("latin-1")) == MASK.encode()


def test_an_id_is_found_in_either_case() -> None:
    key = "0F4B5E52-7B3A-4E39-9B57-9B1E0C5C4B11"
    assert knowing(key).text(f"{key} {key.lower()}") == f"{MASK} {MASK}"


@pytest.mark.parametrize("many", [False, True])
def test_of_two_secrets_the_longer_one_goes_first(many: bool) -> None:
    assert knowing("my-secret", "my-secret-2", many=many).text("my-secret-2 my-secret") == f"{MASK} {MASK}"


@pytest.mark.parametrize("secret", ["", None, "short", "x" * (SHORTEST - 1)])
def test_what_is_too_short_is_no_secret(secret: str | None) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    assert redactor.text(f"a {secret} b") == f"a {secret} b"


def test_its_own_is_looked_for_although_it_was_never_learned() -> None:
    assert Redactor().clean(b"a secret b", own=b"secret") == b"a [redacted] b"


SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
POLICY = "eyJleHBpcmF0aW9uIjoiMjAyNi0wMS0wMVQwMDowMjowMFoifQ=="


@pytest.mark.parametrize(
    "text",
    [
        '{"X-Amz-Signature":"@"}',
        '{"fields":"{\\"X-Amz-Signature\\":\\"@\\"}"}',
        "?X-Amz-Signature=@&x=1",
        "X-Amz-Signature=@",
        'name="X-Amz-Signature"\r\n\r\n@\r\n--x',
        '{"Policy":"@"}',
        '{"policy": "@"}',
        'name="policy"\r\n\r\n@\r\n--x',
        '{"x-amz-security-token":"@"}',
        '{"X-Amz-Credential":"@"}',
        '{"AWSAccessKeyId":"@","signature":"@"}',
    ],
)
def test_what_a_form_is_signed_with_is_found_by_its_name(text: str) -> None:
    for value in (SIGNATURE, POLICY):
        assert Redactor().text(text.replace("@", value)) == text.replace("@", MASK)


class Thing(msgspec.Struct, frozen=True):
    name: str
    raw: bytes = b""
    inner: tuple["Thing", ...] = ()
    count: int = 1


def test_a_copy_has_no_secrets_whatever_it_is_made_of() -> None:
    thing = Thing(CANARY, CANARY.encode(), (Thing("plain"), Thing(f"<{CANARY}>")))
    value = {
        "list": [thing, {CANARY: CANARY}],
        "tuple": (CANARY, 1, None, 2.5, True),
        b"raw": CANARY.encode(),
    }
    copied = knowing(CANARY).copy(value)
    assert CANARY not in repr(copied)
    assert copied["list"][0] == Thing(MASK, MASK.encode(), (Thing("plain"), Thing(f"<{MASK}>")))
    assert copied["list"][1] == {MASK: MASK}
    assert copied["tuple"] == (MASK, 1, None, 2.5, True)
    assert CANARY in repr(value), "what was copied stays what it was"


def test_a_copy_knows_signed_fields_by_their_names() -> None:
    copied = Redactor().copy(
        {"X-Amz-Signature": "s", "policy": "p", b"signature": b"s", "key": "k", "Policy": 3}
    )
    assert copied == {
        "X-Amz-Signature": MASK, "policy": MASK, b"signature": MASK.encode(), "key": "k", "Policy": 3,
    }  # fmt: skip


JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(CANARY) | st.just(f"x{CANARY}y"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just(CANARY), inner, max_size=4)
    ),
)


@given(JSON, st.booleans())
def test_no_copy_has_a_secret_and_all_else_stays(value: object, many: bool) -> None:
    redactor = knowing(CANARY, many=many)
    copied = redactor.copy(value)
    assert CANARY not in json.dumps(copied, ensure_ascii=False)
    if CANARY not in json.dumps(value, ensure_ascii=False):
        assert copied == value


def test_one_of_ten_thousand_is_found_as_well() -> None:
    keys = [str(uuid.UUID(int=nth * 7919)) for nth in range(10_000)]
    redactor = knowing(*keys)
    assert redactor.text(f"a {keys[4321]} b%3D{keys[17]}") == f"a {MASK} b%3D{MASK}"


def test_it_does_not_tell_them_itself() -> None:
    assert CANARY not in repr(knowing(CANARY))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    # Other emulators of this process take out what they know, and may know a part of it.
    monkeypatch.setattr("mockleo.redact._redactors", weakref.WeakSet())
    redactor = knowing(CANARY)
    guard_logs(redactor)
    yield logging.getLogger("mockleo")
    # It guards for as long as somebody has it.
    del redactor


def test_nothing_is_logged_that_is_secret(log: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(f"of {CANARY}")
    except ValueError:
        log.exception("%s and %s", CANARY, "this", stack_info=True)
    assert CANARY not in caplog.text
    assert CANARY not in repr(caplog.records[0].__dict__)
    assert "ValueError: of [redacted]" in caplog.text
    assert "[redacted] and this" in caplog.text


def test_the_stack_that_is_logged_along_is_clean_too(log: logging.Logger) -> None:
    record = logging.makeLogRecord({"msg": "broke", "stack_info": f"line of {CANARY}"})
    assert log.filter(record)
    assert CANARY not in logging.Formatter().format(record)
    assert "line of [redacted]" in logging.Formatter().format(record)


@pytest.mark.parametrize("name", ["uvicorn.error", "asyncio"])
def test_nor_by_those_who_serve(log: logging.Logger, name: str, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger(name).warning("broke: %s", CANARY)
    assert caplog.messages == ["broke: [redacted]"]


@pytest.mark.parametrize(
    ("secret", "is_one"),
    [
        ("undefined", False),
        ("createGeneration", False),
        ("a" * (LETTERS_FEWEST - 1), False),
        ("a" * LETTERS_FEWEST, True),
        ("undefined1", True),
        ("un-defined", True),
        ("geheimerschlüssel", True),
    ],
)
def test_a_word_is_no_secret_but_a_placeholder(secret: str, is_one: bool) -> None:
    for teach in (Redactor.learn, Redactor.suspect):
        redactor = Redactor()
        teach(redactor, secret)
        assert redactor.text(f"<{secret}>") == f"<{MASK if is_one else secret}>"


def test_words_of_our_own_are_no_secrets() -> None:
    redactor = Redactor(spared=("webhook-late",))
    redactor.learn("webhook-late", "webhook-later")
    assert redactor.text("webhook-late webhook-later") == f"webhook-late {MASK}"


class Named(msgspec.Struct):
    user_id: str
    query: str = ""
    url: str = ""
    name: str = ""


def test_what_holds_our_documents_together_is_left_alone() -> None:
    user_id = "0f4b5e52-7b3a-4e39-9b57-9b1e0c5c4b11"
    redactor = knowing("created_ms", user_id)
    told = {"created_ms": 1, "user_id": user_id, "digest": user_id, "one": Named(user_id, name="a")}
    assert redactor.copy(told) == told
    assert redactor.copy({b"created_ms": b"1", "name": user_id, user_id: 1}) == {
        MASK.encode(): b"1", "name": MASK, MASK: 1,
    }  # fmt: skip
    assert redactor.copy(Named("", name=user_id)).name == MASK


@pytest.mark.parametrize(
    "name", ["X-Api-Key", "api-key", "Proxy-Authorization", "cookie", "Set-Cookie", "x-auth-token"]
)
def test_headers_that_keys_are_sent_in_keep_their_names_alone(name: str) -> None:
    redactor = Redactor()
    assert redactor.copy({name.encode(): b"k=v"}) == {name.encode(): MASK.encode()}
    assert redactor.copy({name: "k=v"}) == {name: MASK}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("api_key=k", "api_key=@"),
        ("a=1&KEY=k%20k&b", "a=1&KEY=@&b"),
        ("api%5Fkey=k&token=t&access_token=u&apikey=v", "api%5Fkey=@&token=@&access_token=@&apikey=@"),
        ("key=a=b", "key=@"),
        ("key=&key", "key=&key"),
        ("monkey=1&keys=2&a=key=3", "monkey=1&keys=2&a=key=3"),
        ("", ""),
    ],
)
def test_members_of_a_query_keep_their_names_alone(query: str, shown: str) -> None:
    shown = shown.replace("@", MASK)
    copied = Redactor().copy(Named("", query=query, url=f"http://x/?{query}"))
    assert (copied.query, copied.url) == (shown, f"http://x/?{shown}")
    assert Redactor().copy(copied) == copied
    headers = Redactor().copy({b"referer": f"http://x/?{query}".encode()})
    assert headers == {b"referer": f"http://x/?{shown}".encode()}


def test_of_what_is_suspected_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockleo.redact.SUSPECTS_MOST", 3)
    redactor = knowing("for-good-0")
    redactor.suspect("suspect-1", "for-good-0", "suspect-2", "suspect-3", "suspect-2")
    # One comes once more, one turns out to be good.
    redactor.suspect("suspect-1")
    redactor.learn("suspect-3")
    redactor.suspect("suspect-4", "suspect-5")
    shown = redactor.text("for-good-0 suspect-1 suspect-2 suspect-3 suspect-4 suspect-5")
    assert shown == f"{MASK} {MASK} suspect-2 {MASK} {MASK} {MASK}"


def test_a_form_that_two_have_stays_while_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockleo.redact.SUSPECTS_MOST", 1)
    redactor = Redactor()
    redactor.suspect("a secret&")
    redactor.learn("a%20secret%26")
    redactor.suspect("another-1")
    assert redactor.text("a%20secret%26 a secret&") == f"{MASK} a secret&"


WORDS = st.text("ab-", min_size=SHORTEST, max_size=SHORTEST + 4).filter(lambda word: "-" in word)


@given(st.sets(WORDS, max_size=8), st.text("ab- ", max_size=60))
def test_among_many_the_first_and_longest_is_found(words: set[str], text: str) -> None:
    rest, expected = text, ""
    while rest:
        here = max((word for word in words if rest.startswith(word)), key=len, default="")
        expected += MASK if here else rest[0]
        rest = rest[len(here) or 1 :]
    assert knowing(*words, many=True).text(text) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [("my-secret-b", f"{MASK}-b"), ("my-secret-a-c", f"{MASK}-c"), ("my-secret-a-b-d", f"{MASK}-d")],
)
def test_one_that_others_begin_with_is_found_where_they_are_not(text: str, shown: str) -> None:
    redactor = knowing("my-secret", "my-secret-a", "my-secret-a-b", "my-secret-a-b-c", many=True)
    assert redactor.text(text) == shown


def test_one_with_other_signs_is_found_among_many_like_it() -> None:
    redactor = knowing(*(f"{nth:04} odd&secret" for nth in range(2 * _FEW)))
    assert redactor.text("an 0007 odd&secret") == f"an {MASK}"


def test_how_long_it_takes_does_not_grow_with_the_secrets() -> None:
    lengths = range(SHORTEST, 1_000)
    redactor = knowing(*("-" * length + "x" for length in lengths))
    hostile = b"-" * 2_000
    redactor.clean(hostile)
    steps = 0

    def count(frame: Any, event: str, arg: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        cleaned = redactor.clean(hostile)
    finally:
        sys.settrace(before)
    assert cleaned == hostile
    assert steps < 20 * len(hostile)
