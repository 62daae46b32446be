"""An answer that is lost."""

import pytest

from .rig import ANSWER, applied, refused


def test_it_closes_without_a_byte() -> None:
    sending = applied({"fault": "connection-close"})
    assert (sending.is_silent, sending.reset, sending.body) == (True, False, ANSWER)


@pytest.mark.parametrize("field", ["where", "after_bytes", "ms"])
def test_it_has_nothing_to_set(field: str) -> None:
    refused({"fault": "connection-close", field: 1}, f"unknown field `{field}`")
