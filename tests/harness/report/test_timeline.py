"""What happened when: each thing in its lane, and thinned out so that nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockleo.harness.report import timeline
from mockleo.harness.report.timeline import BINS, JOBS_MOST, Lane, bin_of
from tests.harness.report.runs import crowded, judged, paid_twice, well_done
from tests.harness.stage import CAT, KEY, Stage, images_take

if TYPE_CHECKING:
    from mockleo.harness.judged import Judged


def lanes(of: Judged) -> dict[str, Lane]:
    told = timeline.of(of)
    return {lane.name: lane for lane in (*told.calls, *told.beside)}


def kinds(lane: Lane) -> list[str]:
    return [mark.kind for mark in lane.marks for _ in range(mark.times)]


def test_calls_stand_in_their_lanes() -> None:
    found = lanes(paid_twice())
    assert list(found) == ["Orders", "Looks (GET)", "Downloads", "Faults"]
    assert kinds(found["Orders"]) == ["lost", "good"]
    assert [mark.at_ms for mark in found["Orders"].marks] == [0, 2_000]
    assert "exchange 2: POST /api/rest/v1/generations -> 200" in found["Orders"].marks[1].title
    assert "connection-close on createGeneration" in found["Faults"].marks[0].title


def test_other_calls_and_uploads() -> None:
    with Stage() as stage:
        stage.send("POST", "/init-image", {"extension": "png"})
        stage.send("POST", "http://127.0.0.1:5360/s3/nowhere", b"nothing", key="")
        found = lanes(judged(stage))
    assert kinds(found["Other calls"]) == ["good"]
    assert kinds(found["Uploads"]) == ["refused"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"fault": "status", "status": 503}, "broken"),
        ({"fault": "throttle", "retry_after": 7}, "slow-down"),
        ({"fault": "status", "status": 404}, "refused"),
        ({"fault": "connection-close"}, "lost"),
    ],
)
def test_what_became_of_a_call_is_seen(fault: dict[str, object], kind: str) -> None:
    with Stage(faults=[fault]) as stage:
        stage.order()
        stage.wait(10_000)
        found = lanes(judged(stage))
    assert kinds(found["Orders"]) == [kind]
    assert ("429: told to wait" in found) is (kind == "slow-down")
    if kind == "slow-down":
        (wait,) = found["429: told to wait"].marks
        assert (wait.to_ms - wait.at_ms, wait.kind) == (7_000, "slow-down")


def test_jobs_wait_run_and_end() -> None:
    (bar,) = timeline.of(well_done()).bars
    assert (bar.booked_ms, bar.started_ms, bar.state) == (0, 0, "COMPLETE")
    assert bar.ended_ms
    assert "credits" in bar.title


def test_under_way_and_queued_are_counted() -> None:
    with Stage(slots={"image": 1}) as stage:
        for nth in range(3):
            stage.order({**CAT, "prompt": f"a cat, {nth}"})
        stage.wait(120_000)
        told = timeline.of(judged(stage))
    first, *_, last = told.under_way
    assert (first.at_ms, first.waiting, first.running) == (0, 2, 1)
    assert (last.waiting, last.running) == (0, 0)
    assert [bar.started_ms for bar in told.bars] == sorted({bar.started_ms or 0 for bar in told.bars})


def test_a_job_that_is_over_at_once_is_not_under_way_for_ever() -> None:
    with Stage(rules=images_take(1)) as stage:
        stage.order()
        stage.wait(60_000)
        most, last = timeline.of(judged(stage)).under_way
    assert (most.waiting + most.running, last.waiting + last.running) == (1, 0)


def test_the_balance_goes_down_by_what_was_charged() -> None:
    of = paid_twice()
    points = [point.credits for point in timeline.of(of).balance]
    charged = sum(entry.credits for entry in of.run.record.ledger)
    assert points[0] - points[-1] == charged > 0
    assert points == sorted(points, reverse=True)


def test_a_refund_comes_back() -> None:
    with Stage(faults=[{"fault": "job-fails"}]) as stage:
        stage.order()
        stage.wait(60_000)
        points = [point.credits for point in timeline.of(judged(stage)).balance]
    assert points[-1] == points[0] > min(points)


def test_webhooks_have_their_lane() -> None:
    found = lanes(crowded(1_000, 0))
    assert sorted(set(kinds(found["Webhooks"]))) == ["broken", "good"]
    assert len(kinds(found["Webhooks"])) == 50


def test_no_mark_is_lost_by_thinning() -> None:
    of = crowded(10_000, 0)
    found = lanes(of)
    told = [kind for lane in timeline.of(of).calls for kind in kinds(lane)]
    assert len(told) == 10_000
    statuses = [exchange.status for exchange in of.run.record.record.exchanges]
    assert told.count("slow-down") == statuses.count(429)
    assert told.count("broken") == statuses.count(502)
    assert all(len(lane.marks) <= 4 * (BINS + 1) for lane in found.values())
    assert len(timeline.of(of).under_way) <= 2 * (BINS + 1)


def test_many_jobs_have_no_bars_of_their_own() -> None:
    assert len(timeline.of(crowded(20 * JOBS_MOST, 0)).bars) == JOBS_MOST
    assert timeline.of(crowded(20 * JOBS_MOST + 1, 0)).bars == ()


def test_what_is_beyond_an_end_lies_at_that_end() -> None:
    assert [bin_of(at_ms, 1_000) for at_ms in (-5, 0, 500, 1_000, 9_999)] == [0, 0, BINS // 2, BINS, BINS]


def test_no_key_is_in_it() -> None:
    assert KEY not in repr(timeline.of(paid_twice()))
