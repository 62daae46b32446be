"""The clock, moved by the operator."""

import pytest

from mockleo.runtime.clock import LATEST_MS, MANUAL_START_MS, SPAN_MS_MOST, Mode

from .operator import No, Operator


def test_it_tells_what_time_it_is_and_what_is_next() -> None:
    operator = Operator()
    assert operator.get("clock") == {
        "now_ms": MANUAL_START_MS,
        "now": "2026-01-01T00:00:00.000Z",
        "mode": "manual",
        "pace": 1.0,
        "due_ms": None,
    }
    operator.leo.order()
    assert operator.get("clock")["due_ms"] == operator.app.site.world.due_ms()


@pytest.mark.parametrize("field", ["by_ms", "to_ms"])
def test_what_is_due_on_the_way_has_happened_when_the_answer_comes(field: str) -> None:
    operator = Operator()
    job = operator.leo.order()
    due_ms = operator.get("clock")["due_ms"]
    operator.post("clock/advance", by_ms=due_ms - MANUAL_START_MS - 1)
    assert operator.leo.status(job) == "PENDING"
    told = operator.post("clock/advance", **{field: 1 if field == "by_ms" else due_ms})
    assert (told["now_ms"], told["due_ms"]) == (due_ms, None)
    assert operator.app.site.world.now_ms == due_ms
    assert operator.leo.status(job) == "COMPLETE"


def test_by_nothing_and_to_now_are_moves_too() -> None:
    operator = Operator()
    assert operator.post("clock/advance", by_ms=0)["now_ms"] == MANUAL_START_MS
    assert operator.post("clock/advance", to_ms=MANUAL_START_MS)["now_ms"] == MANUAL_START_MS


def test_it_can_be_moved_to_the_end_of_its_time_and_no_further() -> None:
    operator = Operator()
    for _ in range(97):
        operator.post("clock/advance", by_ms=SPAN_MS_MOST)
    assert operator.post("clock/advance", to_ms=LATEST_MS)["now"] == "3000-01-01T00:00:00.000Z"
    assert operator.no("POST", "clock/advance", json={"by_ms": 1}) == No(400, "by_ms")
    job = operator.leo.order()
    assert operator.leo.status(job) == "PENDING"
    assert len(job) == 36


@pytest.mark.parametrize(("mode", "pace"), [("real", 1.0), ("real", 60.0), ("auto", 1.0), ("manual", 1.0)])
def test_time_passes_in_another_way_from_now_on(mode: str, pace: float) -> None:
    operator = Operator()
    body = {"mode": mode} if pace == 1.0 else {"mode": mode, "pace": pace}
    told = operator.post("clock", **body)
    assert (told["mode"], told["pace"]) == (mode, pace)
    assert operator.app.clock.mode is Mode(mode)
    assert told["now_ms"] >= MANUAL_START_MS
    frozen = operator.post("clock/freeze")
    assert frozen["mode"] == "manual"
    assert operator.get("clock")["now_ms"] == frozen["now_ms"] >= told["now_ms"]


def test_a_clock_that_goes_by_itself_can_jump_as_well() -> None:
    operator = Operator()
    operator.post("clock", mode="real")
    assert operator.post("clock/advance", by_ms=60_000)["now_ms"] >= MANUAL_START_MS + 60_000


def test_instant_is_said_to_be_something_else() -> None:
    answer = Operator().send("POST", "clock", json={"mode": "instant"})
    assert "auto" in answer.json()["error"]


def test_the_pace_stays_unless_another_is_given() -> None:
    operator = Operator()
    operator.post("clock", mode="real", pace=60.0)
    assert operator.post("clock/freeze")["pace"] == 60.0
    assert operator.post("clock", mode="real")["pace"] == 60.0
    assert operator.post("clock", mode="auto", pace=2.0)["pace"] == 2.0


@pytest.mark.parametrize(("pace", "goes"), [(0.001, True), (0.000_9, False), (1e-300, False), (0, False)])
def test_time_does_not_all_but_stand_still(pace: float, goes: bool) -> None:
    operator = Operator()
    if goes:
        assert operator.post("clock", mode="real", pace=pace)["pace"] == pace
    else:
        assert operator.no("POST", "clock", json={"mode": "real", "pace": pace}) == No(400, "pace")
