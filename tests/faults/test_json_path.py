"""Places in a document."""

import pytest

from mockleo.faults.json_path import Step, found_at, steps_of

DOCUMENT = {"a": {"b": [{"c": 1}, {"c": 2}, {"d": 3}, 4], "e": None}, "*": 5, "0": 6}


@pytest.mark.parametrize(
    ("path", "steps", "found"),
    [
        ("a", ("a",), [DOCUMENT["a"]]),
        ("a.b[0]", ("a", "b", 0), [{"c": 1}]),
        ("a.b[*].c", ("a", "b", None, "c"), [1, 2]),
        ("a.b[2].d", ("a", "b", 2, "d"), [3]),
        ("a.e", ("a", "e"), [None]),
        ("*", ("*",), [5]),
        ("0", ("0",), [6]),
        ("a.b[9]", ("a", "b", 9), []),
        ("a[*]", ("a", None), []),
        ("a[0]", ("a", 0), []),
        ("a.b.c", ("a", "b", "c"), []),
        ("a.e.f", ("a", "e", "f"), []),
        ("x.y", ("x", "y"), []),
        ("[*].message", (None, "message"), []),
        ("a[0][*]", ("a", 0, None), []),
        ("with blank.ü", ("with blank", "ü"), []),
    ],
)
def test_a_path_leads_somewhere_or_nowhere(path: str, steps: tuple[Step, ...], found: list[object]) -> None:
    assert steps_of(path) == steps
    assert found_at(DOCUMENT, steps) == found


def test_a_list_may_be_all_there_is() -> None:
    assert found_at([{"m": 1}, {"m": 2}], steps_of("[*].m")) == [1, 2]


@pytest.mark.parametrize(
    "path",
    ["", ".", "a.", ".a", "a..b", "a[", "a[]", "a]", "a[-1]", "a[b]", "a[*]b", "[*]c", "a.[0]", "a[0]."],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"^path: .* is not of the form name\.name\[\*\]\.name"):
        steps_of(path)
