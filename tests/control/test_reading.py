"""What the operator has given, in the shape that is wanted."""

from typing import Annotated, Any, Literal

import msgspec
import pytest

from mockleo.control.reading import body_of, query_of, shaped, whole_number
from mockleo.control.refusals import Refused

JSON = "application/json"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    size: int


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    count: Annotated[int, msgspec.Meta(ge=1)]
    name: str | None = None
    mode: Literal["fast", "slow"] = "fast"
    inner: Inner | None = None
    many: list[Inner] = []


@pytest.mark.parametrize("content_type", ["", JSON, "application/JSON; charset=utf-8", "application/a+json"])
def test_a_body_is_json(content_type: str) -> None:
    assert body_of(b'{"a": [1]}', content_type) == {"a": [1]}


def test_an_empty_body_is_an_object_without_fields() -> None:
    assert body_of(b"", "text/html") == {}


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "field"),
    [
        (b"a=1", "application/x-www-form-urlencoded", 415, "Content-Type"),
        (b"{}", "text/plain", 415, "Content-Type"),
        (b"{}", "application/jsonp", 415, "Content-Type"),
        (b"{", JSON, 400, "body"),
        (b"\xff", JSON, 400, "body"),
        (b'{"a": NaN}', JSON, 400, "body"),
        (b'{"a": "\\ud800"}', JSON, 400, "body"),
        (b"{} {}", JSON, 400, "body"),
        (b"[" * 100_000, JSON, 400, "body"),
    ],
)
def test_what_is_no_json_is_refused(raw: bytes, content_type: str, status: int, field: str) -> None:
    with pytest.raises(Refused) as no:
        body_of(raw, content_type)
    assert (no.value.status, no.value.field) == (status, field)


def test_a_query_has_each_parameter_once() -> None:
    assert query_of("a=1&b=%C3%A9+x&c=") == {"a": "1", "b": "é x", "c": ""}
    assert query_of("") == {}


@pytest.mark.parametrize(
    ("raw", "field"),
    [("a=1&b=2&a=3", "a"), ("a=%ff", "query"), ("&".join("a=1" for _ in range(200)), "query")],
)
def test_a_query_that_is_none_is_refused(raw: str, field: str) -> None:
    with pytest.raises(Refused) as no:
        query_of(raw)
    assert (no.value.status, no.value.field) == (400, field)


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({}, "count", "is needed"),
        ({"count": "1"}, "count", "int"),
        ({"count": 1.5}, "count", "int"),
        ({"count": True}, "count", "int"),
        ({"count": 0}, "count", ">= 1"),
        ({"count": 1, "nam": "x"}, "nam", "did you mean name?"),
        ({"count": 1, "name": 1}, "name", "str"),
        ({"count": 1, "mode": "slwo"}, "mode", "fast, slow; did you mean slow?"),
        ({"count": 1, "inner": {}}, "inner.size", "is needed"),
        ({"count": 1, "inner": {"size": "x"}}, "inner.size", "int"),
        ({"count": 1, "inner": {"size": 1, "x": 2}}, "inner.x", "no such field"),
        ({"count": 1, "many": [{"size": 1}, {}]}, "many[1].size", "is needed"),
        ([], "body", "object"),
        (None, "body", "object"),
        ("text", "body", "object"),
    ],
)
def test_a_refusal_names_the_field_and_says_what_is_wrong(given: Any, field: str, says: str) -> None:
    with pytest.raises(Refused) as no:
        shaped(given, Shape)
    assert (no.value.status, no.value.field) == (400, field)
    assert no.value.error.startswith(f"{field}: ")
    assert says in no.value.error


def test_a_query_tells_numbers_as_text_and_a_body_does_not() -> None:
    assert shaped({"count": "3"}, Shape, from_text=True).count == 3
    with pytest.raises(Refused):
        shaped({"count": "3"}, Shape)


@pytest.mark.parametrize(("given", "field"), [({}, "[2].count"), (7, "[2]"), ({"count": 0}, "[2].count")])
def test_a_place_goes_before_the_field(given: Any, field: str) -> None:
    with pytest.raises(Refused) as no:
        shaped(given, Shape, place="[2]")
    assert no.value.field == field


@pytest.mark.parametrize("text", ["", "x", "-1", "1.0", " 1", "١", "1" * 19, "1e3", "0x1", "+1"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(Refused) as no:
        whole_number(text, field="n")
    assert (no.value.status, no.value.field) == (400, "n")


def test_a_whole_number() -> None:
    assert (whole_number("0", field="n"), whole_number("012", field="n")) == (0, 12)


@pytest.mark.parametrize(
    "raw", [b'{"a": 1, "a": 1}', b'[{"b": {"a": 1, "c": 2, "a": 3}}]', b'{"a": 1, "\\u0061": 1}']
)
def test_a_member_that_is_given_twice_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as refused:
        body_of(raw, JSON)
    assert (refused.value.status, refused.value.field) == (400, "a")


def test_what_is_looked_at_twice_is_read_as_ever() -> None:
    raw = b'{"a": [1, 2.5, {"a": ' + b"9" * 1_000 + b'}], "b": "\\u00e4"}'
    assert body_of(raw, JSON)["b"] == "\u00e4"
