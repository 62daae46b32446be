"""What clients get wrong while they wait for a job: each mistake is found by its check alone."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.harness.checks.test_uploads import PNG
from tests.harness.stage import CAT, Stage, images_take

SLOW = images_take(60_000)
FAILS = [{"fault": "job-fails"}]
NEVER = [{"fault": "job-never-ends"}]


def test_the_careful_one_has_no_finding() -> None:
    with Stage() as stage:
        stage.collect(stage.order())
        verdict = stage.verdict()
    assert (verdict.grade, verdict.outcome, verdict.findings) == ("A", "passed", ())


def test_nobody_has_looked() -> None:
    with Stage() as stage:
        assert stage.order()
        stage.wait(60_000)
        assert stage.names() == {"orphaned-job"}


def test_nobody_has_looked_after_a_lost_answer() -> None:
    with Stage(faults=[{"fault": "connection-close", "commit": True, "nth": [1]}]) as stage:
        assert not stage.order()
        stage.wait(60_000)
        assert stage.names() == {"orphaned-job"}


def test_a_list_is_a_look() -> None:
    with Stage() as stage:
        stage.order()
        user = stage.app.site.world.open_key(stage.key).account.user_id
        stage.wait(60_000)
        stage.get(f"/generations/user/{user}")
        assert stage.names() == set()


@pytest.mark.parametrize(("query", "found"), [("?offset=1&limit=1", {"orphaned-job"}), ("?limit=1", set())])
def test_a_list_shows_what_is_on_its_page(query: str, found: set[str]) -> None:
    with Stage() as stage:
        stage.order()
        user = stage.app.site.world.open_key(stage.key).account.user_id
        stage.wait(60_000)
        stage.get(f"/generations/user/{user}{query}")
        assert stage.names() == found


def test_a_job_that_failed_was_paid_back() -> None:
    with Stage(faults=FAILS) as stage:
        stage.order()
        stage.wait(60_000)
        assert stage.names() == set()


def test_the_patience_was_too_short() -> None:
    with Stage(rules=SLOW) as stage:
        job = stage.order()
        stage.wait(5_000)
        assert stage.poll(job) == "PENDING"
        stage.wait(300_000)
        assert stage.names() == {"gave-up-early"}
        assert stage.names(exit_code=None) == set()


def test_nobody_need_wait_longer_than_the_scenario_says() -> None:
    with Stage(rules=SLOW, thresholds={"gave-up-early": {"patience_s": 30}}) as stage:
        job = stage.order()
        stage.wait(31_000)
        stage.poll(job)
        stage.wait(300_000)
        assert stage.names() == set()


@pytest.mark.parametrize(("more", "found"), [(1, set()), (2, {"failed-ignored"})])
def test_asking_on_after_failed(more: int, found: set[str]) -> None:
    with Stage(faults=FAILS) as stage:
        job = stage.order()
        assert stage.until_done(job) == "FAILED"
        for _ in range(more):
            stage.wait(4_000)
            stage.poll(job)
        assert stage.names() == found


@pytest.mark.parametrize(("more", "found"), [(3, set()), (4, {"polls-past-end"})])
def test_asking_on_after_complete(more: int, found: set[str]) -> None:
    with Stage() as stage:
        job = stage.order()
        assert stage.until_done(job) == "COMPLETE"
        for _ in range(more):
            stage.wait(4_000)
            stage.poll(job)
        assert stage.names() == found


@pytest.mark.parametrize(
    ("exit_code", "minutes", "found"),
    [(None, 6, {"polls-without-end"}), (0, 6, set()), (None, 1, set())],
)
def test_waiting_for_ever(exit_code: int | None, minutes: int, found: set[str]) -> None:
    with Stage(faults=NEVER) as stage:
        job = stage.order()
        for nth in range(minutes * 4):
            stage.wait(11_000 + 700 * nth)
            stage.poll(job)
        assert stage.names(exit_code=exit_code) == found


@pytest.mark.parametrize(("every_ms", "found"), [(1_000, {"polls-too-fast"}), (2_000, set())])
def test_asking_too_often(every_ms: int, found: set[str]) -> None:
    with Stage(rules=images_take(8_000)) as stage:
        job = stage.order()
        while stage.poll(job) == "PENDING":
            stage.wait(every_ms)
        assert stage.names() == found


def test_asking_twice_in_a_moment_is_no_habit() -> None:
    with Stage(rules=images_take(8_000)) as stage:
        job = stage.order()
        stage.poll(job)
        stage.poll(job)
        stage.until_done(job)
        assert stage.names() == set()


@pytest.mark.parametrize(
    ("wait_ms", "found"),
    [(lambda nth: 3_000, {"polls-flat"}), (lambda nth: 3_000 + 500 * nth, set()),
     (lambda nth: 2_000 + 1_777 * nth % 2_900, set())],
    ids=["flat", "growing", "by chance"],
)  # fmt: skip
def test_the_same_interval_all_along(wait_ms: Any, found: set[str]) -> None:
    with Stage(rules=SLOW) as stage:
        job = stage.order()
        nth = 0
        while stage.poll(job) == "PENDING":
            stage.wait(wait_ms(nth))
            nth += 1
        assert stage.names() == found


def test_a_part_taken_for_the_whole() -> None:
    with Stage(faults=[{"fault": "partial-results", "images": 1}]) as stage:
        job = stage.order({**CAT, "num_images": 4})
        stage.wait(3_000)
        shown = json.loads(stage.get(f"/generations/{job}").body)["generations_by_pk"]
        assert (shown["status"], len(shown["generated_images"])) == ("PENDING", 1)
        stage.wait(60_000)
        assert stage.names() == {"partial-taken"}


def test_who_looks_again_has_the_whole() -> None:
    with Stage(faults=[{"fault": "partial-results", "images": 1}]) as stage:
        stage.collect(stage.order({**CAT, "num_images": 4}))
        assert stage.names() == set()


@pytest.mark.parametrize(("fetch", "found"), [(True, set()), (False, {"deleted-before-saved"})])
def test_deleting_before_saving(*, fetch: bool, found: set[str]) -> None:
    with Stage() as stage:
        job = stage.order()
        if fetch:
            stage.collect(job)
        else:
            stage.until_done(job)
        stage.send("DELETE", f"/generations/{job}")
        assert stage.names() == found


def test_what_came_broken_is_not_saved() -> None:
    with Stage(faults=[{"fault": "asset-truncated"}]) as stage:
        job = stage.order()
        stage.collect(job)
        stage.send("DELETE", f"/generations/{job}")
        assert stage.findings("deleted-before-saved")


def test_what_takes_no_time_is_told_at_once() -> None:
    picture = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        "awAAAABJRU5ErkJggg=="
    )
    with Stage() as stage:
        answer = stage.send(
            "POST", "/generations-lcm",
            {"imageDataUrl": picture, "prompt": "a cat", "width": 512, "height": 512},
        )  # fmt: skip
        assert answer is not None
        assert answer.status == 200, answer.body
        stage.wait(60_000)
        assert stage.names() == set()


def test_the_list_of_somebody_else_shows_nothing() -> None:
    with Stage() as stage:
        stage.order()
        stage.wait(60_000)
        stage.get("/generations/user/00000000-0000-4000-8000-000000000001")
        assert stage.names() == {"orphaned-job"}


@pytest.mark.parametrize(
    ("every_ms", "jobs", "found"),
    [(500, 1, {"polls-too-fast"}), (500, 3, {"polls-too-fast"}), (2_500, 1, set()), (1_000, 3, set())],
)
def test_asking_for_the_list_too_often(every_ms: int, jobs: int, found: set[str]) -> None:
    with Stage(rules=SLOW) as stage:
        user = stage.app.site.world.open_key(stage.key).account.user_id
        for nth in range(jobs):
            stage.order({**CAT, "prompt": f"cat {nth}"})
        for _ in range(61_000 // every_ms):
            stage.wait(every_ms)
            stage.get(f"/generations/user/{user}")
        stage.wait(2_000)
        stage.get(f"/generations/user/{user}")
        assert stage.names() == found


def test_looking_for_lost_orders_is_no_polling() -> None:
    lost = [{"fault": "connection-close", "commit": True, "operations": ["createGeneration"]}]
    with Stage(rules=SLOW, faults=lost) as stage:
        user = stage.app.site.world.open_key(stage.key).account.user_id
        for nth in range(5):
            stage.order({**CAT, "prompt": f"cat {nth}"})
        for _ in range(5):
            stage.wait(100)
            stage.get(f"/generations/user/{user}")
        stage.wait(60_000)
        stage.get(f"/generations/user/{user}")
        assert stage.names() == set()


def test_looking_on_with_a_dead_key() -> None:
    gone = [{"fault": "key-revoked", "operations": ["getGenerationById"], "nth": [2]}]
    with Stage(rules=SLOW, faults=gone) as stage:
        job = stage.order()
        for wait_ms in (5_000, 7_500, 11_000, 15_000, 15_500, 16_000):
            stage.wait(wait_ms)
            stage.poll(job)
        assert stage.names() == {"error-taken-for-pending"}


@pytest.mark.parametrize(("wait_ms", "found"), [(5_000, ["deleted-before-saved"]), (200_000, [])])
def test_deleting_a_model_in_training(wait_ms: int, found: list[str]) -> None:
    with Stage(rules={"durations.training": 120_000}) as stage:
        dataset = json.loads(sent(stage, "/datasets", {"name": "cats"}))["insert_datasets_one"]["id"]
        for _ in range(5):
            form = json.loads(sent(stage, f"/datasets/{dataset}/upload", {"extension": "png"}))
            told = form["uploadDatasetImage"]
            post = httpx.Request("POST", told["url"], data=json.loads(told["fields"]), files={"file": PNG})
            kind = {"content-type": post.headers["content-type"]}
            stage.send("POST", told["url"], post.read(), headers=kind, key="")
        order = {"name": "cats", "datasetId": dataset, "instance_prompt": "a cat", "modelType": "GENERAL"}
        model = json.loads(sent(stage, "/models", order))["sdTrainingJob"]["customModelId"]
        stage.wait(wait_ms)
        stage.send("DELETE", f"/models/{model}")
        assert [each.check for each in stage.findings("deleted-before-saved")] == found


def sent(stage: Stage, path: str, body: Any) -> bytes:
    """The answer to a call that must be answered."""
    answer = stage.send("POST", path, body)
    assert answer is not None
    return answer.body
