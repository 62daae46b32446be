"""Generated calls filled with what there is."""

from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.generation.meta import TestPhase

from mockleo.conformance.door import Answer, Request
from mockleo.conformance.schema.filling import Filling
from tests.conformance.schema.crooked import tried


def sent_to(operation: str) -> list[Request]:
    sent = []

    def look(request: Request, answer: Answer) -> Answer:
        if request.operation == operation and any(name == "User-Agent" for name, _ in request.headers):
            sent.append(request)
        return answer

    made = tried(look, operation, phases=("fuzzing",), examples=30)
    assert made.stock
    return sent


def test_things_that_are_there_are_asked_for_and_others_too() -> None:
    places = [request.url.rpartition("/")[2] for request in sent_to("getGenerationById")]
    # An id of the walk comes again and again, one that was made up does not.
    assert len(set(places)) < len(places) - 3
    assert len(set(places)) > 5


def test_the_same_seed_fills_the_same_calls() -> None:
    assert sent_to("createVariationNoBG") == sent_to("createVariationNoBG")


@pytest.mark.parametrize(
    ("phase", "negative", "left"),
    [
        (TestPhase.FUZZING, False, False),
        (TestPhase.FUZZING, True, True),
        (TestPhase.COVERAGE, False, True),
        (TestPhase.STATEFUL, False, True),
        (TestPhase.EXAMPLES, False, True),
    ],
)
def test_only_what_keeps_the_contract_and_is_left_to_chance_is_filled(
    phase: TestPhase, negative: bool, left: bool
) -> None:
    filling = Filling({("order", "id"): ["known"]})
    made: list[Any] = [
        filling.filled(a_case(f"made up {nth}", phase, negative=negative)) for nth in range(40)
    ]
    filled = [case for case in made if case.body["id"] == "known"]
    assert bool(filled) is not left
    assert len(filled) < len(made)


def a_case(value: str, phase: TestPhase, *, negative: bool) -> Any:
    return SimpleNamespace(
        operation=SimpleNamespace(definition=SimpleNamespace(raw={"operationId": "order"})),
        path_parameters=None,
        body={"id": value},
        meta=SimpleNamespace(
            phase=SimpleNamespace(name=phase),
            generation=SimpleNamespace(mode=SimpleNamespace(is_negative=negative)),
        ),
    )
