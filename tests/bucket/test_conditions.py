"""If-Match and its like: what a reader already has, what a writer may not write over."""

import pytest
from starlette.datastructures import Headers

from mockleo.bucket.conditions import check_write, is_unchanged
from mockleo.bucket.errors import FailedCondition, NotBuiltHeader
from mockleo.bucket.store import StoredObject

STORED = StoredObject(
    bucket="b",
    key="k",
    size_bytes=4,
    etag="abc",
    content_type="text/plain",
    stored_at_ms=1_800_000_000_500,
    number=1,
)
AT = "Fri, 15 Jan 2027 08:00:00 GMT"
BEFORE = "Fri, 15 Jan 2027 07:59:59 GMT"
AFTER = "Fri, 15 Jan 2027 08:00:01 GMT"


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({}, "200"),
        ({"if-match": '"abc"'}, "200"),
        ({"if-match": "abc"}, "200"),
        ({"if-match": "*"}, "200"),
        ({"if-match": '"x", "abc"'}, "200"),
        ({"if-match": '"x"'}, "412 If-Match"),
        ({"if-none-match": '"abc"'}, "304"),
        ({"if-none-match": 'W/"abc"'}, "304"),
        ({"if-none-match": "*"}, "304"),
        ({"if-none-match": '"x"'}, "200"),
        ({"if-modified-since": BEFORE}, "200"),
        ({"if-modified-since": AT}, "304"),
        ({"if-modified-since": AFTER}, "304"),
        ({"if-modified-since": "yesterday"}, "200"),
        ({"if-unmodified-since": BEFORE}, "412 If-Unmodified-Since"),
        ({"if-unmodified-since": AT}, "200"),
        ({"if-unmodified-since": AFTER}, "200"),
        ({"if-unmodified-since": ""}, "200"),
        # The tag goes before the date.
        ({"if-match": '"abc"', "if-unmodified-since": BEFORE}, "200"),
        ({"if-none-match": '"x"', "if-modified-since": AFTER}, "200"),
        ({"if-none-match": '"abc"', "if-modified-since": BEFORE}, "304"),
        # A failed condition goes before a match.
        ({"if-match": '"x"', "if-none-match": '"abc"'}, "412 If-Match"),
    ],
)
def test_reading(headers: dict[str, str], outcome: str) -> None:
    try:
        found = "304" if is_unchanged(Headers(headers), STORED) else "200"
    except FailedCondition as refusal:
        found = f"{refusal.status} {refusal.elements['Condition']}"
    assert found == outcome


@pytest.mark.parametrize(
    ("headers", "there", "kind"),
    [
        ({}, True, None),
        ({}, False, None),
        ({"if-none-match": "*"}, False, None),
        ({"if-none-match": "*"}, True, FailedCondition),
        ({"if-none-match": '"abc"'}, True, NotBuiltHeader),
        ({"if-match": '"abc"'}, True, None),
        ({"if-match": '"x"'}, True, FailedCondition),
        ({"if-match": '"abc"'}, False, FailedCondition),
    ],
)
def test_writing(headers: dict[str, str], there: bool, kind: type[Exception] | None) -> None:
    stored = STORED if there else None
    if kind is None:
        check_write(Headers(headers), stored)
    else:
        with pytest.raises(kind):
            check_write(Headers(headers), stored)
