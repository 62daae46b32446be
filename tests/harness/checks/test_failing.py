"""What clients get wrong when they are limited and when things fail: each by its check alone."""

from __future__ import annotations

from typing import Any

import pytest

from mockleo.harness.run import SavedFile
from tests.harness.stage import CAT, Stage, images_take

ORDERS = {"operations": ["createGeneration"]}
LOOKS = {"operations": ["getGenerationById"]}
# No wait like another, as a careful client's are.
WAITS = (2_000, 4_700, 9_100, 17_000, 33_000, 64_000)


def throttled(times: int, **more: Any) -> list[dict[str, Any]]:
    return [{"fault": "throttle", **ORDERS, "first": 1, "attempts": times, **more}]


def down(times: int, **more: Any) -> list[dict[str, Any]]:
    return [{"fault": "status", "status": 503, **ORDERS, "first": 1, "attempts": times, **more}]


def tried(stage: Stage, *waits_ms: int) -> None:
    """Order until it goes well, with these waits between, and collect what comes of it."""
    for wait_ms in waits_ms:
        assert stage.order() == ""
        stage.wait(wait_ms)
    stage.collect(stage.order())


@pytest.mark.parametrize("wait_ms", [0, 500, 1_000])
def test_coming_back_after_a_429(wait_ms: int) -> None:
    with Stage(faults=throttled(1)) as stage:
        tried(stage, wait_ms)
        assert stage.names() == ({"no-wait-after-429"} if wait_ms < 900 else set())


def test_the_limit_itself_is_like_a_fault() -> None:
    with Stage(rules={"plans.credits.per_minute.createGeneration": 1}) as stage:
        stage.collect(stage.order())
        assert stage.order({**CAT, "prompt": "a dog"}) == ""
        assert stage.order({**CAT, "prompt": "a dog"}) == ""
        stage.wait(61_000)
        stage.collect(stage.order({**CAT, "prompt": "a dog"}))
        assert stage.names() == {"no-wait-after-429"}


@pytest.mark.parametrize(
    ("told", "wait_ms", "found"),
    [(30, 10_000, {"retry-after-ignored"}), (30, 30_000, set()), (30, 29_950, set()),
     (30, 100, {"retry-after-ignored"}), ("soon", 10_000, set()), ("soon", 100, {"no-wait-after-429"}),
     ("Thu, 01 Jan 2026 00:00:30 GMT", 20_000, {"retry-after-ignored"}),
     ("Thu, 01 Jan 2026 00:00:30 GMT", 30_000, set())],
)  # fmt: skip
def test_being_told_when_to_come_back(told: int | str, wait_ms: int, found: set[str]) -> None:
    with Stage(faults=throttled(1, retry_after=told)) as stage:
        tried(stage, wait_ms)
        assert stage.names() == found


def test_what_the_rules_tell_is_heard_as_well() -> None:
    with Stage(
        rules={"plans.credits.per_minute.createGeneration": 1, "limits.retry_after": "seconds"}
    ) as stage:
        stage.collect(stage.order())
        dog = {**CAT, "prompt": "a dog"}
        assert stage.order(dog) == ""
        stage.wait(5_000)
        stage.order(dog)
        stage.wait(61_000)
        stage.collect(stage.order(dog))
        assert stage.names() == {"retry-after-ignored"}


@pytest.mark.parametrize(
    ("waits_ms", "found"),
    [(WAITS[:3], set()), ((5_000,) * 3, {"no-backoff"}), ((5_000,) * 2, set()),
     ((5_000, 5_100, 4_900, 5_050), {"no-backoff"}), ((2_000, 2_500, 3_500), set())],
)  # fmt: skip
def test_backing_off(waits_ms: tuple[int, ...], found: set[str]) -> None:
    with Stage(faults=down(len(waits_ms))) as stage:
        tried(stage, *waits_ms)
        assert stage.names() == found


@pytest.mark.parametrize(
    ("attempts", "wait_ms", "found"),
    [(8, 100, {"retry-storm"}), (7, 100, {"no-backoff"}), (9, 0, {"retry-storm"})],
)
def test_a_storm(attempts: int, wait_ms: int, found: set[str]) -> None:
    with Stage(faults=down(attempts)) as stage:
        tried(stage, *[wait_ms] * attempts)
        assert stage.names() == found


def crowd(stage: Stage, waits_ms: list[int]) -> None:
    """Different orders that fail together and come again after these waits."""
    wanted = [{**CAT, "prompt": f"cat {nth}"} for nth in range(len(waits_ms))]
    for each in wanted:
        assert stage.order(each) == ""
    passed = 0
    for wait_ms, each in sorted(zip(waits_ms, wanted, strict=True), key=lambda pair: pair[0]):
        stage.wait(wait_ms - passed)
        passed = wait_ms
        stage.order(each)


EACH_FIRST = [{"fault": "status", "status": 503, **ORDERS, "attempts": 1}]


@pytest.mark.parametrize(
    ("waits_ms", "found"),
    [([2_000] * 5, {"thundering-herd"}), ([2_000] * 4, set()),
     ([2_000 + 20 * nth for nth in range(7)], {"thundering-herd"}),
     ([2_000 + 90 * nth for nth in range(9)], set()),
     ([2_000 + 700 * nth for nth in range(7)], set())],
)  # fmt: skip
def test_coming_back_together(waits_ms: list[int], found: set[str]) -> None:
    with Stage(faults=EACH_FIRST) as stage:
        crowd(stage, waits_ms)
        stage.wait(60_000)
        assert stage.names() - {"orphaned-job"} == found


def test_waiting_just_as_long_each_time() -> None:
    with Stage(faults=EACH_FIRST) as stage:
        for nth in range(6):
            each = {**CAT, "prompt": f"cat {nth}"}
            assert stage.order(each) == ""
            stage.wait(2_000)
            stage.collect(stage.order(each))
        [found] = stage.verdict().findings
    assert found.check == "no-jitter"
    assert "6 samples" in found.message


@pytest.mark.parametrize(
    ("body", "times", "found"),
    [({"prompt": 1}, 1, set()), ({"prompt": 1}, 2, {"hopeless-retry"}),
     ({"prompt": "a", "width": 5}, 2, {"hopeless-retry"})],
)  # fmt: skip
def test_repeating_what_is_wrong(body: dict[str, Any], times: int, found: set[str]) -> None:
    with Stage() as stage:
        for _ in range(times):
            assert stage.order(body) == ""
            stage.wait(5_000)
        assert "hopeless-retry" in stage.names() or not found
        assert stage.names() & {"hopeless-retry", "no-backoff", "retry-storm"} == found


@pytest.mark.parametrize(("more", "found"), [(2, set()), (3, {"hopeless-retry"})])
def test_ordering_on_without_credits(more: int, found: set[str]) -> None:
    with Stage(credits=20) as stage:
        stage.collect(stage.order())
        for nth in range(1 + more):
            assert stage.order({**CAT, "prompt": f"cat {nth}"}) == ""
            stage.wait(2_000)
        assert stage.names() == found


def test_going_on_with_a_key_that_is_no_good() -> None:
    with Stage(keys="strict", api_keys=("6f1c2b7e-4a53-4d0e-9b38-0c7a5e2d9f40",)) as stage:
        for nth in range(4):
            stage.send("GET", f"/generations/user/{nth}")
            stage.wait(2_000)
        assert stage.names() == {"hopeless-retry"}


@pytest.mark.parametrize(
    "fault", [{"fault": "status", "status": 502}, {"fault": "connection-close"}, {"fault": "throttle"}]
)
def test_giving_up_after_one_bad_look(fault: dict[str, Any]) -> None:
    with Stage(faults=[{**fault, **LOOKS, "nth": [2]}], rules=images_take(20_000)) as stage:
        job = stage.order()
        for _ in range(2):
            stage.wait(3_000)
            stage.poll(job)
        stage.wait(60_000)
        assert stage.names() == {"gave-up-on-passing-trouble"}
        assert stage.names(exit_code=None) == set()


def test_looking_again_after_a_bad_look() -> None:
    with Stage(
        faults=[{"fault": "status", "status": 502, **LOOKS, "nth": [2]}], rules=images_take(20_000)
    ) as stage:
        stage.collect(stage.order())
        assert stage.names() == set()


@pytest.mark.parametrize(
    ("attempts", "found"),
    [(1, {"gave-up-on-passing-trouble"}), (2, {"gave-up-on-passing-trouble"}), (3, set())],
)
def test_giving_up_an_order_that_was_not_booked(attempts: int, found: set[str]) -> None:
    with Stage(faults=down(9)) as stage:
        for wait_ms in WAITS[:attempts]:
            assert stage.order() == ""
            stage.wait(wait_ms)
        assert stage.names() == found


def test_an_order_that_was_booked_is_not_given_up_but_orphaned() -> None:
    with Stage(faults=down(1, commit=True)) as stage:
        assert stage.order() == ""
        stage.wait(60_000)
        assert stage.names() == {"orphaned-job"}


@pytest.mark.parametrize(
    "fault",
    [{"fault": "null-result"}, {"fault": "status", "status": 401, **LOOKS},
     {"fault": "status", "status": 404, **LOOKS}],
)  # fmt: skip
@pytest.mark.parametrize(("looks", "found"), [(3, set()), (4, {"error-taken-for-pending"})])
def test_taking_an_error_for_pending(fault: dict[str, Any], looks: int, found: set[str]) -> None:
    with Stage(faults=[fault]) as stage:
        job = stage.order()
        stage.wait(30_000)
        for nth in range(looks):
            stage.poll(job)
            stage.wait(4_000 + 1_000 * nth)
        assert stage.names() & {"error-taken-for-pending", "hopeless-retry", "gave-up-early"} == found


def test_keeping_one_connection_is_not_seen_in_process() -> None:
    """All calls of the stage say that they come by one."""
    with Stage() as stage:
        for _ in range(20):
            stage.wait(3_000)
            stage.get("/me")
        assert stage.names() == set()


@pytest.mark.parametrize(
    ("wait_ms", "times", "found"),
    [(0, 3, {"no-backoff"}), (800, 3, {"no-backoff"}), (0, 2, set()), (0, 1, set())],
)
def test_not_waiting_at_all_after_a_503(wait_ms: int, times: int, found: set[str]) -> None:
    with Stage(faults=down(times)) as stage:
        tried(stage, *[wait_ms] * times)
        assert stage.names() == found


@pytest.mark.parametrize(("whole", "found"), [(True, {"asset-not-retried"}), (False, {"asset-broken-taken"})])
def test_a_refused_file_is_told_once(whole: bool, found: set[str]) -> None:
    late = [{"fault": "asset-status", "status": 403, "attempts": 1}]
    kept = SavedFile(name="a.jpg", bytes=9, kind="jpg" if whole else "", is_whole=whole, digest="")
    with Stage(faults=late) as stage:
        stage.collect(stage.order())
        assert stage.names(files=(kept,)) == found
