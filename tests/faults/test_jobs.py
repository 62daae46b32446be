"""Which operations book jobs, and what the faults on jobs make of these."""

from typing import Any

import msgspec
import pytest

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault
from mockleo.faults.jobs import JOB_OPERATIONS
from mockleo.faults.menu import KINDS, MENU
from mockleo.wire.links import API_PATH as API
from tests.wire.leo import LONG_MS, VALID, Json, Leo
from tests.wire.promise import OPERATIONS

from .rig import refused

# Each kind, and the fate that it decrees; with what can be said of it, and without.
FATES: list[tuple[dict[str, Any], Fate]] = [
    ({"fault": "job-fails"}, Fate(fails=True)),
    ({"fault": "job-moderated"}, Fate(fails=True, moderated=True)),
    ({"fault": "job-never-ends"}, Fate(never=True)),
    ({"fault": "job-late"}, Fate(late_ms=600_000)),
    ({"fault": "job-late", "late_ms": 1}, Fate(late_ms=1)),
    ({"fault": "fewer-images"}, Fate(images=0)),
    ({"fault": "fewer-images", "images": 2}, Fate(images=2)),
    ({"fault": "partial-results"}, Fate(partial=1)),
    ({"fault": "partial-results", "images": 3}, Fate(partial=3)),
    ({"fault": "nsfw"}, Fate(nsfw=True)),
    ({"fault": "unknown-status"}, Fate(status="ARCHIVED")),
    ({"fault": "unknown-status", "status": "IN_PROGRESS"}, Fate(status="IN_PROGRESS")),
    ({"fault": "unknown-model"}, Fate(sd_version="NOVA_1_0")),
    ({"fault": "unknown-model", "sd_version": "KINO_2_1"}, Fate(sd_version="KINO_2_1")),
    ({"fault": "null-result"}, Fate(null=True)),
    ({"fault": "webhook-first"}, Fate(at_once=True)),
]


def test_the_table_has_every_kind() -> None:
    ours = {kind.__name__ for kind in MENU if issubclass(kind, JobFault)}
    assert {type(msgspec.convert(told, KINDS)).__name__ for told, _ in FATES} == ours


@pytest.mark.parametrize(("told", "fate"), FATES)
def test_each_kind_decrees_its_fate(told: dict[str, Any], fate: Fate) -> None:
    fault = msgspec.convert(told, KINDS)
    assert isinstance(fault, JobFault)
    assert fault.fate() == fate


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"fault": "job-late", "late_ms": 0}, "^late_ms: 0 is less than 1"),
        ({"fault": "job-late", "late_ms": "soon"}, r"late_ms"),
        ({"fault": "fewer-images", "images": -1}, "^images: -1 is below zero"),
        ({"fault": "partial-results", "images": 0}, "^images: 0 is less than 1"),
        ({"fault": "unknown-status", "status": ""}, "^status: must not be empty"),
        (
            {"fault": "unknown-status", "status": "COMPLETE"},
            "^status: COMPLETE is one that",
        ),
        ({"fault": "unknown-status", "status": "PENDING"}, "^status: PENDING is one that"),
        ({"fault": "unknown-model", "sd_version": ""}, "^sd_version: must not be empty"),
        ({"fault": "job-fails", "late_ms": 1}, "late_ms"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(told: dict[str, Any], words: str) -> None:
    refused(told, words)


# --- which operations --------------------------------------------------------------------------


def call(leo: Leo, operation: str) -> None:
    """A valid call of `operation`, under a fate that it may take."""
    method, path, _ = OPERATIONS[operation]
    path = path.format(datasetId=leo.dataset()) if "{datasetId}" in path else path
    # Where it names something by its path, it finds nothing: also then it does what it would do.
    for name in ("id", "userId", "modelId"):
        path = path.replace(f"{{{name}}}", leo.user_id)
    body = VALID[operation](leo) if operation in VALID else None
    leo.app.site.world.fate = Fate(nsfw=True)
    leo.ask(method, path, json=body)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_books_a_job_or_does_not(operation: str) -> None:
    leo = Leo()
    call(leo, operation)
    assert (leo.app.site.world.fate is None) is (operation in JOB_OPERATIONS)


def test_no_operation_stands_there_twice_or_is_none() -> None:
    assert len(set(JOB_OPERATIONS)) == len(JOB_OPERATIONS)
    assert set(JOB_OPERATIONS) <= set(OPERATIONS)


# --- acting ------------------------------------------------------------------------------------


def faulty(told: dict[str, Any]) -> Leo:
    leo = Leo()
    leo.app.faults.add(msgspec.convert(told, KINDS), now_ms=leo.clock.now_ms())
    return leo


def look(leo: Leo, path: str) -> Json:
    """As a client looks that takes whatever comes."""
    answer = leo.send("GET", f"{API}{path}", headers={"authorization": f"Bearer {leo.key}"})
    return next(iter(answer.json().values()))


SMALL = {"width": 64, "height": 40, "num_images": 2}


def images_under(told: dict[str, Any]) -> tuple[Json, Json, int]:
    """What is seen of an order at once, at its end, and what it has cost after all."""
    leo = faulty(told)
    before = leo.balance
    generation_id = leo.order(**SMALL)
    early = look(leo, f"/generations/{generation_id}")
    leo.advance(LONG_MS)
    return early, look(leo, f"/generations/{generation_id}"), before - leo.balance


def test_each_fault_is_seen_by_who_orders_and_looks() -> None:
    _, good, price = images_under({"fault": "nsfw", "operations": ["createModel"]})
    assert (good["status"], len(good["generated_images"]), price > 0) == ("COMPLETE", 2, True)
    for kind in ("job-fails", "job-moderated"):
        early, late, paid = images_under({"fault": kind})
        assert (early["status"], late["status"], late["generated_images"], paid) == (
            "PENDING",
            "FAILED",
            [],
            0,
        )
    for kind in ("job-never-ends", "job-late"):
        assert images_under({"fault": kind})[1]["status"] == "PENDING"
    _, late, paid = images_under({"fault": "fewer-images", "images": 1})
    assert (late["status"], len(late["generated_images"]), paid) == ("COMPLETE", 1, price)
    early, late, _ = images_under({"fault": "partial-results"})
    assert (early["status"], len(early["generated_images"])) == ("PENDING", 1)
    assert (late["status"], len(late["generated_images"])) == ("COMPLETE", 2)
    _, late, _ = images_under({"fault": "nsfw"})
    assert [image["nsfw"] for image in late["generated_images"]] == [True, True]
    early, late, _ = images_under({"fault": "unknown-status"})
    assert (early["status"], late["status"]) == ("PENDING", "ARCHIVED")
    assert images_under({"fault": "unknown-model"})[1]["sdVersion"] == "NOVA_1_0"
    _, late, paid = images_under({"fault": "null-result"})
    assert (late, paid) == (None, price)


def test_only_the_named_order_meets_it_and_the_answer_says_so() -> None:
    leo = faulty({"fault": "job-fails", "id": "bad", "operations": ["createGeneration"], "nth": [2]})
    answers = [leo.ask("POST", "/generations", json={"prompt": f"number {nth}"}) for nth in range(3)]
    assert [answer.headers.get("x-mockleo-why") for answer in answers] == [None, "fault=bad; job-fails", None]
    leo.advance(LONG_MS)
    ids = [answer.json()["sdGenerationJob"]["generationId"] for answer in answers]
    assert [leo.status(generation_id) for generation_id in ids] == ["COMPLETE", "FAILED", "COMPLETE"]


def test_what_was_in_store_for_a_refused_order_is_in_store_for_no_other() -> None:
    leo = faulty({"fault": "job-fails", "nth": [1]})
    leo.refusal("/generations", prompt="a cat", width=7)
    generation_id = leo.order()
    leo.advance(LONG_MS)
    assert leo.status(generation_id) == "COMPLETE"
