"""A connection that is reset, where it is said."""

import pytest

from mockleo.faults.connection_reset import STAND_IN

from .rig import ANSWER, applied, refused

SIZE = len(ANSWER)


@pytest.mark.parametrize(
    ("given", "cut_after"),
    [
        ({}, -1),
        ({"where": "before"}, -1),
        ({"where": "head"}, 0),
        ({"where": "body"}, SIZE // 2),
        ({"where": "body", "after_bytes": 3}, 3),
        # In the middle means that something is missing.
        ({"where": "body", "after_bytes": SIZE}, SIZE - 1),
        ({"where": "body", "after_bytes": 10_000}, SIZE - 1),
    ],
)
def test_it_is_reset_there(given: dict[str, object], cut_after: int) -> None:
    sending = applied({"fault": "connection-reset", **given})
    assert (sending.cut_after, sending.reset, sending.body) == (cut_after, True, ANSWER)


@pytest.mark.parametrize("where", ["head", "body"])
def test_where_nothing_was_carried_out_some_answer_is_begun(where: str) -> None:
    """An empty one would be whole once its head is there."""
    sending = applied({"fault": "connection-reset", "where": where}, body=b"")
    assert sending.body == STAND_IN
    assert sending.cut_after in {0, len(STAND_IN) // 2}


def test_a_body_of_one_byte_has_no_middle() -> None:
    assert applied({"fault": "connection-reset", "where": "body"}, body=b"7").cut_after == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"where": "bodies"}, "^where: 'bodies' is none of before, head, body"),
        ({"where": "body", "after_bytes": 0}, "^after_bytes: 0 is less than 1"),
        ({"after_bytes": 5}, "^after_bytes: only with where 'body', not 'before'"),
        ({"where": "head", "after_bytes": 5}, "^after_bytes: only with where 'body', not 'head'"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], message: str) -> None:
    refused({"fault": "connection-reset", **given}, message)
