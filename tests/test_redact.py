"""Secrets are taken out of whatever is stored, shown or printed."""

import json
import logging
import uuid
from collections.abc import Iterator
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.redact import _FEW, MASK, SHORTEST, Redactor, guard_logs

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
def log() -> Iterator[logging.Logger]:
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
