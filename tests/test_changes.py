"""Rows of the contract that an operator changes for a run."""

import re
from typing import Any

import pytest

from mockleo.changes import changed, instant
from mockleo.core.errors import WordFiltered
from mockleo.settings import BadSetting
from mockleo.wire.contract import load

CONTRACT = load()


def with_rule(name: str, value: Any) -> Any:
    return changed(CONTRACT, rules={name: value}, refusals={}).rules


@pytest.mark.parametrize("given", [0, "0"])
def test_the_value_of_a_row(given: Any) -> None:
    assert with_rule("durations.spread", given).integer("durations.spread") == 0


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("generation.width.max", "max", 2048),
        ("generation.width.min", "min", 16),
        ("generation.width.default", "default", 512),
        ("generation.width.multiple_of", "multiple_of", 16),
        ("upload.image_extensions.one_of", "one_of", ["png", "gif"]),
    ],
)
def test_another_field_of_a_row(name: str, field: str, value: Any) -> None:
    row = name.removesuffix(f".{field}")
    before, after = CONTRACT.rules[row], with_rule(name, value)[row]
    assert getattr(after, field) == value != getattr(before, field)
    assert after.evidence == before.evidence


def test_one_entry_of_a_table() -> None:
    before = CONTRACT.rules.table("durations.video")
    after = with_rule("durations.video.MOTION2", "1000").table("durations.video")
    assert after == {**before, "MOTION2": 1_000}


def test_a_whole_table() -> None:
    quick = {"upscale": 1, "unzoom": 2, "nobg": 3, "universal": 4}
    assert with_rule("durations.variation", quick).table("durations.variation") == quick


def test_an_entry_whose_name_has_a_blank() -> None:
    after = with_rule("pricing.video.MOTION2 RESOLUTION_480", 1).table("pricing.video")
    assert after["MOTION2 RESOLUTION_480"] == 1


def test_two_changes_of_one_row_add_up() -> None:
    rules = changed(
        CONTRACT, rules={"generation.width.max": 2048, "generation.width.min": 8}, refusals={}
    ).rules
    assert (rules["generation.width"].min, rules["generation.width"].max) == (8, 2048)


def test_the_contract_itself_stays_as_it_is() -> None:
    before = CONTRACT.rules.integer("durations.spread")
    with_rule("durations.spread", before + 1)
    assert CONTRACT.rules.integer("durations.spread") == before
    assert load().rules.integer("durations.spread") == before


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "durations.sprad",
            0,
            r"rule durations\.sprad: there is no such rule; did you mean durations\.spread\?",
        ),
        ("zzz", 0, r"rule zzz: there is no such rule; contracts/rules.toml has their names$"),
        ("", 0, r"rule : there is no such rule"),
        ("durations", 0, r"there is no such rule"),
        ("generation.width.maximum", 1, r"a rule has no maximum"),
        ("generation.width.evidence", "documented", r"a rule has no evidence"),
        ("durations.video.MOTION3", 1, r"the table has no MOTION3; did you mean MOTION2\?"),
        ("durations.spread", "much", r"rule durations\.spread: 'much' is not of the kind of 10"),
        ("durations.spread", 1.5, r"1\.5 is not of the kind of 10"),
        ("durations.spread", True, r"True is not of the kind of 10"),
        ("durations.video.MOTION2", "soon", r"'soon' is not of the kind of 60000"),
        ("durations.video", 7, r"7 is not of the kind of"),
        ("generation.width.max", "wide", r"'wide' is not of the kind of"),
    ],
)
def test_a_rule_that_cannot_be_is_told(name: str, value: Any, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        with_rule(name, value)


def test_a_refusal_is_changed_field_by_field() -> None:
    after = changed(
        CONTRACT, rules={}, refusals={"word-filtered.status": "403", "word-filtered.error": "no: {word}"}
    ).refusals
    row = after["word-filtered"]
    assert (row.status, row.error, row.code) == (403, "no: {word}", CONTRACT.refusals["word-filtered"].code)
    assert CONTRACT.refusals["word-filtered"].status == 400


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("word-filterd.status", 403, r"there is no such refusal; did you mean word-filtered\?"),
        ("word-filtered", 403, r"one of status, error, code, shape, detail_status can be set"),
        ("word-filtered.stauts", 403, r"one of status, error, code, shape, detail_status can be set"),
        ("word-filtered.path", "$", r"one of status, error, code, shape, detail_status can be set"),
        ("word-filtered.status", 99, r"99 is no status"),
        ("word-filtered.status", 600, r"600 is no status"),
        ("word-filtered.status", "teapot", r"'teapot' is no status"),
        ("word-filtered.status", 403.5, r"403\.5 is no status"),
    ],
)
def test_a_refusal_that_cannot_be_is_told(name: str, value: Any, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        changed(CONTRACT, rules={}, refusals={name: value})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("word-filtered.error", "no {nothing}", r"names \{nothing\}; there is word$"),
        ("word-filtered.error", "no {word.__class__}", r"names \{word\.__class__\}"),
        ("word-filtered.error", "no {0}", r"names \{0\}"),
        ("word-filtered.error", "no {", r"word-filtered\.error: 'no \{': "),
        ("word-filtered.error", "no }", r"word-filtered\.error: 'no \}': "),
        ("out-of-credits.error", "no {word}", r"names \{word\}; there is user_id$"),
        ("service-error.error", "{}", r"no such refusal"),
        ("unauthenticated.error", "{x}", r"names \{x\}; there is no facts$"),
    ],
)
def test_a_text_that_cannot_be_filled_in_is_told(name: str, text: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        changed(CONTRACT, rules={}, refusals={name: text})


@pytest.mark.parametrize("text", ["no", "{word}, {word}", "{{word}}", "no: {word!r}"])
def test_a_text_that_can_be_filled_in_is_taken(text: str) -> None:
    refusals = changed(CONTRACT, rules={}, refusals={"word-filtered.error": text}).refusals
    assert text.format(word="naked").encode() in refusals.write(WordFiltered(word="naked")).body


def test_instant_jobs_take_no_time_and_all_else_stays() -> None:
    rules = instant(CONTRACT.rules)
    for name in CONTRACT.rules:
        row = rules[name]
        if name.startswith("durations."):
            assert row.value in {0, None}
            assert set((row.values or {"": 0}).values()) == {0}
        else:
            assert row == CONTRACT.rules[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("generation.modelId.default", "nope"),
        ("video.sizes.RESOLUTION_480", [1]),
        ("plans.credits.slots", {}),
        ("plans.credits.credits", -5),
        ("generation.images_by_side.other", [1]),
        ("generation.width.multiple_of", 0),
        ("generation.width.min", 5000),
        ("moderation.words.words", ["a", 3]),
        ("durations.spread", -10),
        ("durations.spread", 200),
        ("durations.video.MOTION2", -1),
    ],
)
def test_a_value_that_would_break_calls_is_refused_at_the_start(name: str, value: object) -> None:
    with pytest.raises(BadSetting, match=re.escape(f"rule {name.rpartition('.')[0]}")):
        changed(load(), rules={name: value}, refusals={})
