"""What is wrong in the same way, told once; and which of many mistakes are shown."""

from mockleo.conformance.report.document import FindingTold
from mockleo.conformance.report.gathering import Heading, chosen, headings, in_short, mistakes


def told(check: str, operation: str, message: str = "it is late", *, part: str = "schema") -> FindingTold:
    return FindingTold(
        part=part,
        check=check,
        operation=operation,
        message=message,
        expected="",
        fix="",
        curl="",
        seen="",
        steps=(),
        replay="",
        times=2,
    )


MANY = [
    told("date", "one"),
    told("date", "two"),
    told("date", "two", "it is early"),
    told("date", "", "it is never"),
    told("id", "two", "it has none"),
    told("gone", "three", "it is still there", part="lifecycle"),
]


def test_alike_are_findings_of_one_check_with_one_message() -> None:
    found = mistakes(MANY)
    assert [(each.finding.message, each.operations, each.times) for each in found] == [
        ("it is late", ("one", "two"), 4),
        ("it is early", ("two",), 2),
        ("it is never", ("",), 2),
        ("it has none", ("two",), 2),
        ("it is still there", ("three",), 2),
    ]


def test_the_same_words_of_another_check_or_part_are_another_mistake() -> None:
    others = [told("date", "one"), told("time", "one"), told("date", "one", part="lifecycle")]
    assert len(mistakes(others)) == 3


def test_each_check_has_its_turn_before_any_has_a_second_one() -> None:
    found = mistakes(MANY)
    messages = {most: [each.finding.message for each in chosen(found, most)] for most in range(7)}
    assert messages[0] == []
    assert messages[1] == ["it is still there"]
    assert messages[2] == ["it is late", "it is still there"]
    assert messages[3] == ["it is late", "it has none", "it is still there"]
    assert messages[4] == ["it is late", "it is early", "it has none", "it is still there"]
    assert messages[5] == messages[6] == [each.finding.message for each in found]


def shape(made: list[Heading]) -> list[tuple[str | None, list[str]]]:
    return [(each.operation, [mistake.finding.message for mistake in each.mistakes]) for each in made]


def test_what_is_wrong_in_several_operations_stands_first_and_what_is_of_none_last() -> None:
    assert shape(headings(mistakes(MANY))) == [
        (None, ["it is late"]),
        ("two", ["it is early", "it has none"]),
        ("three", ["it is still there"]),
        ("", ["it is never"]),
    ]


def test_in_short_there_is_a_line_for_each_check_and_walks_come_first() -> None:
    assert [(each.part, each.check, each.findings, each.operations) for each in in_short(MANY)] == [
        ("lifecycle", "gone", 1, 1),
        ("schema", "date", 4, 2),
        ("schema", "id", 1, 1),
    ]
