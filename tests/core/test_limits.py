"""The windows against the simplest reference there is, and each promise by itself."""

import json
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.chance import Chance
from mockleo.core.limits import METERS, RETRY_AFTER_STYLES, Refused, Windows, retry_after, scaled
from mockleo.core.rules import Rule, Rules
from mockleo.wire.contract import load

KINDS = ("fixed", "sliding", "bucket")
TRACES = 10_000
MINUTE_MS = 60_000
START_MS = 1_760_000_040_000  # a whole minute
NAMES = (None, "createGeneration", "createVariationUpscale")
ALL = None


# --- the reference ----------------------------------------------------------------------------


class Reference:
    """One limit, as its sentence in the documentation: every call that was let in is kept."""

    def __init__(self, kind: str, window_ms: int) -> None:
        self.kind = kind
        self.window_ms = window_ms
        self.let_in: list[int] = []
        self.filled = Fraction(0)  # calls that have not leaked from the bucket, after the last one

    def counted(self, limit: int, at_ms: int) -> Fraction:
        """How much of the limit is used up at `at_ms`."""
        if self.kind == "fixed":
            return Fraction(sum(ms // self.window_ms == at_ms // self.window_ms for ms in self.let_in))
        if self.kind == "sliding":
            return Fraction(sum(at_ms - self.window_ms < ms <= at_ms for ms in self.let_in))
        passed_ms = at_ms - self.let_in[-1] if self.let_in else 0
        return max(Fraction(0), self.filled - Fraction(limit * passed_ms, self.window_ms))

    def fits(self, limit: int | None, at_ms: int) -> bool:
        return limit is None or self.counted(limit, at_ms) + 1 <= limit

    def take(self, limit: int | None, at_ms: int) -> None:
        if limit is not None:
            self.filled = self.counted(limit, at_ms) + 1
            self.let_in.append(at_ms)


# --- traces -----------------------------------------------------------------------------------


class Sent(NamedTuple):
    """A call: when, where to, and what was allowed then."""

    at_ms: int
    name: str | None
    overall_limit: int | None
    limit: int | None


def trace(nth: int, chance: Chance) -> tuple[int, list[Sent]]:
    """The window's length, and calls in it: in bursts, at its edges, far apart.

    In one trace of four each limit may change from call to call.
    """
    draws = chance.bytes16(f"trace {nth}")
    window_ms = (1, 7, 10, 64, 1_000, MINUTE_MS)[draws[0] % 6]
    limits = (1 + draws[1] % 8, draws[2] % 6, 1 + draws[3] % 3)
    sent = []
    at_ms = START_MS + draws[4] * window_ms // 256
    for step in range(6 + draws[5] % 14):
        draw = chance.bytes16(f"trace {nth}, call {step}")
        at_ms += (0, 0, 1, window_ms - 1, window_ms, draw[1] * window_ms // 256, draw[1] * window_ms // 999)[
            draw[0] % 7
        ]
        now = [limit if draws[6] % 4 else (limit, limit // 2, limit + 3)[draw[2] % 3] for limit in limits]
        where = draw[3] % 3
        unlimited = draws[7] % 16 == 0
        sent.append(Sent(at_ms, NAMES[where], None if unlimited else now[0], now[where] if where else None))
    return window_ms, sent


@pytest.mark.parametrize("kind", KINDS)
def test_the_windows_agree_with_the_reference(kind: str) -> None:
    """On 10,000 traces among the three: each yes and no, which limit, and the wait to the millisecond.

    Every trace is saved and taken up again in its middle.
    """
    chance = Chance(b"limits")
    seen: Counter[str] = Counter()
    for nth in range(KINDS.index(kind), TRACES, len(KINDS)):
        window_ms, sent = trace(nth, chance)
        windows = Windows(kind, window_ms)
        references = {name: Reference(kind, window_ms) for name in NAMES}
        for step, call in enumerate(sent):
            if step == len(sent) // 2:
                windows = saved_and_restored(windows)
            seen[follow(windows, references, call)] += 1
    assert seen.total() > 11 * TRACES / len(KINDS)
    assert min(seen[each] for each in ("let in", "endpoint", "all", "never")) > 500, seen


def saved_and_restored(windows: Windows) -> Windows:
    text = json.dumps(windows.export())
    restored = Windows.restore(windows.kind, windows.window_ms, json.loads(text))
    assert restored.export() == windows.export()
    assert json.dumps(restored.export()) == text
    return restored


def follow(windows: Windows, references: dict[str | None, Reference], call: Sent) -> str:
    """Send `call` to both, compare what they say, and tell what it was."""

    def endpoint_fits(at_ms: int) -> bool:
        return call.name is None or references[call.name].fits(call.limit, at_ms)

    def all_fits(at_ms: int) -> bool:
        return references[ALL].fits(call.overall_limit, at_ms)

    before = windows.export()
    refused = windows.admit(call.overall_limit, call.name, call.limit, call.at_ms)
    if refused is None:
        assert endpoint_fits(call.at_ms), call
        assert all_fits(call.at_ms), call
        references[ALL].take(call.overall_limit, call.at_ms)
        if call.name is not None:
            references[call.name].take(call.limit, call.at_ms)
        return "let in"
    assert windows.export() == before, "a refused call leaves no trace"
    if refused.wait_ms is None:
        assert (call.limit if refused.name else call.overall_limit) == 0, call
        return "never"
    assert refused.wait_ms > 0, call
    then_ms = call.at_ms + refused.wait_ms
    assert endpoint_fits(then_ms), call
    assert all_fits(then_ms), call
    held_longest = ALL if endpoint_fits(then_ms - 1) else call.name
    assert held_longest is not ALL or not all_fits(then_ms - 1), f"{call}: it fits a millisecond earlier"
    assert refused.name == held_longest, call
    return "all" if refused.name is ALL else "endpoint"


# --- each kind by itself ----------------------------------------------------------------------

# Two calls in ten milliseconds, from the beginning of a window: at which instants they come, and
# how long each has to wait (0: let in).
WALKS: dict[str, list[tuple[int, int]]] = {
    "fixed": [
        (0, 0),
        (9, 0),
        (9, 1),
        (10, 0),
        (10, 0),
        (10, 10),
        (19, 1),
        (20, 0),
        (45, 0),
        (46, 0),
        (47, 3),
    ],
    "sliding": [(0, 0), (9, 0), (9, 1), (10, 0), (10, 9), (18, 1), (19, 0), (19, 1), (20, 0), (20, 9)],
    "bucket": [(0, 0), (0, 0), (0, 5), (4, 1), (5, 0), (5, 5), (10, 0), (12, 3), (25, 0), (25, 0), (25, 5)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["all", "endpoint"])
def test_the_edges_of_each_window(kind: str, place: str) -> None:
    windows = Windows(kind, 10)
    for at_ms, wait_ms in WALKS[kind]:
        if place == "all":
            refused = windows.admit(2, None, None, START_MS + at_ms)
        else:
            refused = windows.admit(1_000, "createGeneration", 2, START_MS + at_ms)
        assert (0 if refused is None else refused.wait_ms) == wait_ms, at_ms


def test_a_bucket_loses_nothing_between_calls() -> None:
    """Three a minute is one in 20 s, seven one in 8571 3/7 ms; whoever asks every 5 s gets them all."""
    for limit in (3, 7):
        windows = Windows("bucket", MINUTE_MS)
        instants = [
            at_ms
            for at_ms in range(START_MS, START_MS + 3 * MINUTE_MS, 5_000)
            if windows.admit(limit, None, None, at_ms) is None
        ]
        assert len(instants) == limit + limit * (3 * MINUTE_MS - 5_000) // MINUTE_MS


@pytest.mark.parametrize("kind", KINDS)
def test_a_limit_that_changes_takes_effect_at_once_and_forgets_nothing(kind: str) -> None:
    windows = Windows(kind, 100)
    for _ in range(8):
        assert windows.admit(8, None, None, START_MS) is None
    halved = windows.admit(4, None, None, START_MS)
    # The bucket holds 8, 3 may stay, 4 flow out in 100 ms.
    assert halved == Refused(ALL, {"fixed": 100, "sliding": 100, "bucket": 125}[kind])
    assert windows.admit(9, None, None, START_MS) is None
    assert windows.admit(9, None, None, START_MS) is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limits", [(0, 5), (5, 0), (0, 0)])
def test_where_nothing_is_allowed_no_waiting_helps(kind: str, limits: tuple[int, int]) -> None:
    windows = Windows(kind, MINUTE_MS)
    refused = windows.admit(limits[0], "createGeneration", limits[1], START_MS)
    assert refused == Refused(ALL if limits[1] else "createGeneration", None)


# --- two limits at once -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_both_are_counted_or_none(kind: str) -> None:
    windows = Windows(kind, MINUTE_MS)
    for _ in range(2):
        assert windows.admit(3, "createGeneration", 2, START_MS) is None
    # Refused by the endpoint's limit: one place of the three is left.
    refused = windows.admit(3, "createGeneration", 2, START_MS)
    assert refused is not None
    assert refused.name == "createGeneration"
    assert windows.admit(3, "createVariationUpscale", 9, START_MS) is None
    # Refused by the limit for all: the endpoint's other eight are left.
    for _ in range(20):
        refused = windows.admit(3, "createVariationUpscale", 9, START_MS)
        assert refused is not None
        assert refused.name is ALL
    for _ in range(8):
        assert windows.admit(99, "createVariationUpscale", 9, START_MS) is None
    assert windows.admit(99, "createVariationUpscale", 9, START_MS) is not None


@pytest.mark.parametrize(
    ("kind", "all_ms", "endpoint_ms", "told"),
    [
        # What there is to wait for: both full since these instants, a call comes at 50 of 100 ms.
        ("fixed", 0, 20, Refused("createGeneration", 50)),
        ("sliding", 0, 20, Refused("createGeneration", 70)),
        ("sliding", 20, 0, Refused(ALL, 70)),
        ("sliding", 20, 20, Refused("createGeneration", 70)),
        ("bucket", 0, 20, Refused("createGeneration", 70)),
        ("bucket", 20, 0, Refused(ALL, 70)),
        ("bucket", 20, 20, Refused("createGeneration", 70)),
    ],
)
def test_the_longer_wait_is_told(kind: str, all_ms: int, endpoint_ms: int, told: Refused) -> None:
    windows = Windows(kind, 100)
    for at_ms in sorted({all_ms, endpoint_ms}):
        if at_ms == all_ms:
            assert windows.admit(1, None, None, START_MS + at_ms) is None
        if at_ms == endpoint_ms:
            assert windows.admit(None, "createGeneration", 1, START_MS + at_ms) is None
    assert windows.admit(1, "createGeneration", 1, START_MS + 50) == told


@pytest.mark.parametrize("kind", KINDS)
def test_endpoints_are_counted_apart_and_the_unlimited_not_at_all(kind: str) -> None:
    windows = Windows(kind, MINUTE_MS)
    assert windows.admit(None, "createGeneration", 1, START_MS) is None
    assert windows.admit(None, "createVariationUpscale", 1, START_MS) is None
    empty = Windows(kind, MINUTE_MS)
    for _ in range(100):
        assert empty.admit(None, "getGenerationById", None, START_MS) is None
        assert empty.admit(None, None, 0, START_MS) is None
    assert empty.export() == Windows(kind, MINUTE_MS).export()


# --- memory -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_no_more_is_kept_than_the_limit_allows(kind: str) -> None:
    windows = Windows(kind, 100)
    most = let_in = 0
    for at_ms in range(START_MS, START_MS + 20_000):
        let_in += windows.admit(30, "createGeneration", 7, at_ms) is None
        exported = windows.export()
        most = max(most, len(exported["overall"]), len(exported["named"]["createGeneration"]))
    assert 7 * 200 <= let_in <= 7 * 201
    assert most <= 7
    assert not hasattr(windows, "__dict__")
    assert not hasattr(METERS[kind](), "__dict__")


# --- saved state ------------------------------------------------------------------------------


def exported(**changes: Any) -> dict[str, Any]:
    windows = Windows("fixed", MINUTE_MS)
    assert windows.admit(10, "createGeneration", 5, START_MS) is None
    return {**windows.export(), **changes}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_restored_refuses_as_the_first_would_have(kind: str) -> None:
    windows = Windows(kind, MINUTE_MS)
    for _ in range(3):
        assert windows.admit(10, "createGeneration", 3, START_MS) is None
    restored = saved_and_restored(windows)
    refused = windows.admit(10, "createGeneration", 3, START_MS + 1)
    assert refused is not None
    assert restored.admit(10, "createGeneration", 3, START_MS + 1) == refused
    assert restored.admit(10, None, None, START_MS + 1) is None
    assert restored.export() != windows.export(), "they share nothing"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"overall": [1]}, r"windows\.overall: "),
        ({"overall": [1, 2, 3]}, r"windows\.overall: "),
        ({"overall": [1, -2]}, r"windows\.overall: .*below 0"),
        ({"overall": "1"}, r"windows: .*\$\.overall"),
        ({"named": {"createGeneration": [1]}}, r"windows\.named\.createGeneration: "),
        ({"named": {"createGeneration": ["1", 2]}}, r"windows: .*\$\.named"),
        ({"named": []}, r"windows: .*\$\.named"),
        ({"kind": "sliding"}, r"windows\.kind: sliding windows of 60000 ms .* fixed ones of 60000 ms"),
        ({"window_ms": 1_000}, r"windows\.kind: fixed windows of 1000 ms"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_state_that_cannot_have_been_is_refused(changes: dict[str, Any], told: str) -> None:
    assert Windows.restore("fixed", MINUTE_MS, exported()).export() == exported()
    with pytest.raises(ValueError, match=told):
        Windows.restore("fixed", MINUTE_MS, exported(**changes))


def test_instants_out_of_order_are_refused() -> None:
    saved = {"kind": "sliding", "window_ms": 10, "overall": [5, 4], "named": {}}
    with pytest.raises(ValueError, match=r"windows\.overall: .*order"):
        Windows.restore("sliding", 10, saved)


@pytest.mark.parametrize(
    ("kind", "window_ms", "told"),
    [("hourglass", 60_000, r"limits\.window: 'hourglass'"), ("fixed", 0, r"limits\.window_ms: 0")],
)
def test_windows_of_no_kind_or_length_are_refused(kind: str, window_ms: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Windows(kind, window_ms)


# --- Retry-After ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "wait_ms", "header"),
    [
        ("none", 2_500, None),
        ("seconds", 1, "1"),
        ("seconds", 1_000, "1"),
        ("seconds", 1_001, "2"),
        ("seconds", 60_000, "60"),
        ("early", 1, "0"),
        ("early", 1_000, "0"),
        ("early", 1_001, "1"),
        ("early", 60_000, "59"),
        ("nonsense", 2_500, "soon"),
        # START_MS is Thu, 09 Oct 2025 08:54:00 GMT.
        ("date", 1, "Thu, 09 Oct 2025 08:54:01 GMT"),
        ("date", 1_000, "Thu, 09 Oct 2025 08:54:01 GMT"),
        ("date", 1_001, "Thu, 09 Oct 2025 08:54:02 GMT"),
        *((style, None, None) for style in RETRY_AFTER_STYLES),
    ],
)
def test_the_header(style: str, wait_ms: int | None, header: str | None) -> None:
    assert retry_after(style, wait_ms, START_MS) == header


def test_a_style_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"limits\.retry_after: 'minutes' is none of none, seconds"):
        retry_after("minutes", 1, START_MS)


def told_ms(style: str, header: str, now_ms: int) -> int:
    """How long a client waits that believes the header."""
    if style == "date":
        return int(parsedate_to_datetime(header).timestamp()) * 1_000 - now_ms
    return int(header) * 1_000


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.integers(1, 120), st.integers(0, 2 * MINUTE_MS), st.integers(0, MINUTE_MS))
def test_who_waits_as_told_is_let_in(kind: str, limit: int, first_ms: int, gap_ms: int) -> None:
    full_ms = START_MS + first_ms
    now_ms = full_ms + gap_ms % (MINUTE_MS // limit)
    for style in ("seconds", "date", "early"):
        windows = Windows(kind, MINUTE_MS)
        for _ in range(limit):
            assert windows.admit(limit, None, None, full_ms) is None
        refused = windows.admit(limit, None, None, now_ms)
        if refused is None:
            assert kind == "fixed", "the others are full for so long"
            continue
        assert refused.wait_ms is not None
        header = retry_after(style, refused.wait_ms, now_ms)
        assert header is not None
        wait_ms = told_ms(style, header, now_ms)
        assert abs(wait_ms - refused.wait_ms) <= 1_000
        again = windows.admit(limit, None, None, now_ms + wait_ms)
        assert (again is None) is (style != "early")


# --- what a plan allows -----------------------------------------------------------------------

BY_SLOT = Rules(
    {
        f"limits.by_slot.{kind}": Rule(
            evidence="documented",
            source="LIM",
            values={"pending": pending, "per_minute": 10, "calls": [call]},
        )
        for kind, pending, call in (
            ("image", 20, "createGeneration"),
            ("three_d", 10, "createTextureGeneration"),
        )
    }
)
PLAN = {
    "unit": "CREDITS",
    "slots": {"image": 10, "upscale": 10, "three_d": 10},
    "pending": {"image": 200, "upscale": 100, "three_d": 100},
    "per_minute": {"all": 2_000, "createGeneration": 100, "createTextureGeneration": 100, "nobg": 100},
}


def differences(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for table in ("slots", "pending", "per_minute"):
        before = PLAN[table]
        assert isinstance(before, dict)
        assert plan[table].keys() == before.keys()
        yield from ((f"{table}.{key}", now) for key, now in plan[table].items() if now != before[key])


@pytest.mark.parametrize(
    ("slots", "different"),
    [
        ({}, {}),
        ({"image": 10, "three_d": 10}, {}),
        ({"image": 20}, {"slots.image": 20, "pending.image": 400, "per_minute.createGeneration": 200}),
        ({"image": 1}, {"slots.image": 1, "pending.image": 20, "per_minute.createGeneration": 10}),
        (
            {"three_d": 3},
            {"slots.three_d": 3, "pending.three_d": 30, "per_minute.createTextureGeneration": 30},
        ),
        ({"upscale": 30}, {"slots.upscale": 30}),
    ],
)
def test_more_slots_bring_longer_queues_and_more_calls(
    slots: dict[str, int], different: dict[str, int]
) -> None:
    before = json.dumps(PLAN)
    plan = scaled(PLAN, slots, BY_SLOT)
    assert dict(differences(plan)) == different
    assert plan["unit"] == "CREDITS"
    assert json.dumps(PLAN) == before, "the row itself stays"


@pytest.mark.parametrize(
    ("slots", "told"),
    [
        ({"picture": 5}, r"slots\.picture: there are slots for image, upscale, three_d alone"),
        ({"image": 0}, r"slots\.image: 0 is no whole number from 1 on"),
        ({"image": 20, "upscale": -3}, r"slots\.upscale: -3"),
        ({"image": True}, r"slots\.image: True"),
        ({"image": "20"}, r"slots\.image: '20'"),
    ],
)
def test_slots_that_cannot_be_bought_are_refused(slots: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        scaled(PLAN, slots, BY_SLOT)


# --- the rows ---------------------------------------------------------------------------------


def test_the_rows_name_what_there_is() -> None:
    rules = load().rules
    assert rules["limits.window"].one_of == list(METERS) == list(KINDS)
    assert rules["limits.retry_after"].one_of == list(RETRY_AFTER_STYLES)
    assert Windows(rules["limits.window"].value, rules.integer("limits.window_ms")).window_ms == MINUTE_MS


@pytest.mark.parametrize("name", ["credits", "payg"])
def test_the_slots_of_a_plan_explain_its_other_numbers(name: str) -> None:
    contract = load()
    plan = contract.rules.table(f"plans.{name}")
    assert scaled(plan, plan["slots"], contract.rules) == plan
    operations = {operation.id for operation in contract.operations}
    assert plan["per_minute"].keys() - operations == {"all"}
    assert plan["pending"].keys() <= plan["slots"].keys()
    assert set(plan["per_minute"].values()) == {100, 2_000}
