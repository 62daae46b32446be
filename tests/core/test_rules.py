"""Rows: what they admit, and what they are asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.errors import InvalidValue
from mockleo.core.rules import Rule, Rules, UnknownRule

from .worlds import the_rules


def a_rule(**bounds: object) -> Rule:
    return Rule(evidence="assumed", source="a test", **bounds)  # type: ignore[arg-type]  # a table's cells


@pytest.mark.parametrize(
    ("bounds", "inside", "outside"),
    [
        ({}, [-1e9, 0, 1e9], []),
        ({"min": 1, "max": 20}, [1, 7.5, 20], [0.99, 20.01, -7]),
        ({"min": 2.5}, [2.5, 100], [2.4999]),
        ({"max": 9}, [-5, 9], [9.1]),
        ({"min": 32, "max": 64, "multiple_of": 8}, [32, 40, 64], [24, 36, 41, 72]),
        ({"one_of": [1.0, 1.3, 3]}, [1, 1.3, 3.0], [0, 1.2, 2]),
        ({"one_of": ["v1", "v2"]}, ["v1"], ["v3", ""]),
    ],
)
def test_a_row_admits_what_is_inside(
    bounds: dict[str, object], inside: list[float], outside: list[float]
) -> None:
    row = a_rule(**bounds)
    assert [given for given in inside if not row.admits(given)] == []
    assert [given for given in outside if row.admits(given)] == []


@settings(max_examples=50, deadline=None)
@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(1, 9), st.integers(-200, 200))
def test_a_range_is_what_it_says(low: int, high: int, step: int, given: int) -> None:
    row = a_rule(min=low, max=high, multiple_of=step)
    assert row.admits(given) == (low <= given <= high and given % step == 0)


def test_a_refusal_names_the_field_and_the_row() -> None:
    rules = Rules({"a.b": a_rule(max=1)})
    rules.check("a.b", field="b", given=None)
    rules.check("a.b", field="b", given=1)
    with pytest.raises(InvalidValue) as caught:
        rules.check("a.b", field="b", given=2)
    assert (caught.value.facts, caught.value.rule) == ({"field": "b"}, "a.b")


def test_a_row_is_read_as_what_it_is() -> None:
    rules = Rules({"n": a_rule(value=4), "t": a_rule(values={"x": 1}), "d": a_rule(default=9), "z": a_rule()})
    assert (rules.integer("n"), rules.table("t"), rules.default("d")) == (4, {"x": 1}, 9)
    assert rules.default("z") is None
    with pytest.raises(AssertionError, match="t holds no whole number"):
        rules.integer("t")
    with pytest.raises(AssertionError, match="n holds no table"):
        rules.table("n")
    with pytest.raises(UnknownRule, match="nowhere"):
        rules["nowhere"]


def test_changed_rules_leave_the_others_alone() -> None:
    rules = Rules({"a": a_rule(value=1), "b": a_rule(value=2)})
    changed = rules.with_({"a": a_rule(value=7)})
    assert [(name, changed.integer(name)) for name in changed] == [("a", 7), ("b", 2)]
    assert rules.integer("a") == 1


def test_every_default_is_admitted_by_its_own_row() -> None:
    rules = the_rules()
    outside = [
        name
        for name in rules
        if rules[name].default is not None and not rules[name].admits(rules.default(name))
    ]
    assert outside == []
