"""Half of an answer, in whole HTTP."""

import json

import pytest
from hypothesis import given, strategies

from .rig import ANSWER, applied, refused

SIZE = len(ANSWER)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, SIZE // 2),
        ({"keep": 0}, 0),
        ({"keep": 0.25}, SIZE // 4),
        ({"keep": 0.999}, SIZE - 1),
        ({"keep_bytes": 0}, 0),
        ({"keep_bytes": 5}, 5),
        ({"keep_bytes": 10_000}, SIZE - 1),
    ],
)
def test_so_much_is_kept(settings: dict[str, float], kept: int) -> None:
    sending = applied({"fault": "truncated-json", **settings})
    assert (sending.body, sending.cut_after) == (ANSWER[:kept], None)


@given(strategies.floats(0, 1, exclude_max=True))
def test_what_is_kept_is_never_json(keep: float) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(applied({"fault": "truncated-json", "keep": keep}).body)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep": 1}, "^keep: 1.0 is not a share"),
        ({"keep": -0.1}, "^keep: -0.1 is not a share"),
        ({"keep_bytes": -1}, "^keep_bytes: -1 is below zero"),
        ({"keep": 0.5, "keep_bytes": 3}, "^keep_bytes: say that or keep, not both"),
        ({"commit": False}, "^commit: truncated-json needs an answer"),
    ],
)
def test_what_cannot_be_is_told(settings: dict[str, object], message: str) -> None:
    refused({"fault": "truncated-json", **settings}, message)
