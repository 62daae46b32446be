"""Findings of one check stand together, the gravest check first, each with its number."""

from __future__ import annotations

import msgspec
import pytest

from mockleo.harness.report import document
from mockleo.harness.report.document import ExchangeTold
from mockleo.harness.report.gathering import answer, mistakes, proof, reason, severities
from mockleo.harness.verdict import Severity
from tests.harness.report.runs import a_finding, paid_twice, well_done, with_verdict

MANY = (
    a_finding("polls-flat", Severity.NOTE, at_ms=1),
    a_finding("orphaned-job", Severity.MAJOR, at_ms=2, credits=5),
    a_finding("double-spend", Severity.CRITICAL, at_ms=3),
    a_finding("orphaned-job", Severity.MAJOR, at_ms=4, credits=7),
)


def test_the_gravest_first_and_numbered() -> None:
    found = mistakes(document.of(with_verdict(well_done(), findings=MANY)))
    assert [(each.first.check, each.labels, each.credits) for each in found] == [
        ("double-spend", ("1",), 0),
        ("orphaned-job", ("2.1", "2.2"), 12),
        ("polls-flat", ("3",), 0),
    ]


def test_how_many_of_each() -> None:
    assert severities(document.of(well_done())) == "none"
    assert severities(document.of(with_verdict(well_done(), findings=MANY))) == "1 critical, 2 major, 1 note"


def test_the_proof_says_what_happened_in_the_order_of_time() -> None:
    (finding,) = document.of(paid_twice()).findings
    back = msgspec.structs.replace(finding, exchanges=finding.exchanges[::-1])
    first, again, *jobs = proof(back)
    order = "POST /api/rest/v1/generations  -> "
    assert first.startswith(f"exchange 1  +0.00 s  {order}no answer: the connection was cut (the scenario's ")
    assert again == f"exchange 2  +2.00 s  {order}200"
    assert [job.split("  ")[0] for job in jobs] == [f"job {job.id}" for job in finding.jobs]
    assert all("COMPLETE +" in job for job in jobs)


@pytest.mark.parametrize(
    ("status", "outcome", "why", "words"),
    [
        (200, "answered", "", "200"),
        (429, "answered", "too-many-requests", "429 (too-many-requests)"),
        (0, "cut", "", "no answer: the connection was cut"),
        (200, "cut", "", "200, cut off on the way"),
        (0, "gone", "", "the client hung up before the answer"),
    ],
)
def test_answers_in_words(status: int, outcome: str, why: str, words: str) -> None:
    exchange = ExchangeTold(
        n=1, at_ms=0, took_ms=0, method="GET", path="/", status=status, why=why, outcome=outcome, faults=()
    )
    assert answer(exchange) == words


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("queue-full", "queue-full"),
        ("fault=fault-1; status", "the scenario's status"),
        ("unauthenticated; fault=fault-2; slow-answer", "unauthenticated; the scenario's slow-answer"),
        ("fault=fault-3", "a fault of the scenario's"),
    ],
)
def test_reasons_in_words(why: str, words: str) -> None:
    assert reason(why) == words
