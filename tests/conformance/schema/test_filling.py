"""Generated calls filled with what there is."""

import json

from mockleo.conformance.door import Answer, Request
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


def test_what_breaks_the_contract_is_left_as_it_is() -> None:
    values = [
        json.loads(request.body).get("id", "")
        for request in sent_to("createVariationNoBG")
        if request.body.startswith(b"{") and ("Content-Type", "application/json") in request.headers
    ]
    # Values of another type are there to be refused; ids of the walk come beside them.
    assert any(not isinstance(value, str) for value in values)
    assert any(isinstance(value, str) and len(value) == 36 for value in values)
