"""Each check of schemathesis' against the mistake that it is for, and its words for it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from mockleo.conformance.curl import curl
from mockleo.conformance.door import Answer, Request
from mockleo.conformance.schema.words import WORDS, called
from tests.conformance.schema.crooked import changed, tried

Change = Callable[[Request, Answer], Answer]


def answered(status: int, *, of: str, was: int, body: bytes | None = None, kind: str | None = None) -> Change:
    """Answers of `of` that had the status `was`, with another."""

    def change(request: Request, answer: Answer) -> Answer:
        if request.operation != of or answer.status != was:
            return answer
        made = msgspec.structs.replace(answer, status=status, body=answer.body if body is None else body)
        if kind is None:
            return made
        headers = tuple((name, value) for name, value in made.headers if name != "content-type")
        return msgspec.structs.replace(made, headers=(*headers, ("content-type", kind)))

    return change


def without_key(request: Request, answer: Answer) -> Answer:
    """Everybody who shows no good key is let in to see himself."""
    if request.operation == "getUserSelf" and answer.status == 401:
        return msgspec.structs.replace(answer, status=200, body=ME)
    return answer


def any_method(request: Request, answer: Answer) -> Answer:
    """A method that the path does not have is answered as if it were right."""
    return msgspec.structs.replace(answer, status=200, body=b"{}") if answer.status == 405 else answer


def wrong_methods(request: Request, answer: Answer) -> Answer:
    if answer.status != 405:
        return answer
    return msgspec.structs.replace(
        answer, body=b'{"error":"Allowed methods: PATCH","path":"$","code":"method-not-allowed"}'
    )


def still_there(request: Request, answer: Answer) -> Answer:
    """What was deleted is shown as it was."""
    if request.operation == "getInitImageById" and b'"init_images_by_pk":null' in answer.body:
        kept = (
            b'{"init_images_by_pk":{"createdAt":"2026-01-01T00:00:00.000","id":"%s","url":"http://a/b.png"}}'
        )
        made = kept % request.url.rpartition("/")[2].encode()
        return msgspec.structs.replace(answer, body=made)
    return answer


def renamed(body: Any) -> Any:
    body["user_details"][0]["apiPlanTokens"] = body["user_details"][0].pop("apiPlanTokenRenewalDate", 1)
    return body


def text_for_number(body: Any) -> Any:
    for detail in body["user_details"]:
        detail["apiSubscriptionTokens"] = "many"
    return body


ME = b'{"user_details":[]}'
FAILED = b'{"error":"boom","path":"$","code":"unexpected"}'
REFUSED = b'{"error":"Unexpected variable prompt","path":"$","code":"bad-request"}'
RANDOM = b'{"promptGeneration":{"prompt":"a boat","apiCreditCost":4}}'

# What is planted, the operations it is looked for in, and the check that finds it.
PLANTED: dict[str, tuple[Change, tuple[str, ...], str, str]] = {
    "fails": (
        answered(500, of="getUserSelf", was=200, body=FAILED),
        ("getUserSelf",),
        "not_a_server_error",
        "the server fails: status 500",
    ),
    "unlisted status": (
        answered(418, of="getUserSelf", was=200),
        ("getUserSelf",),
        "status_code_conformance",
        "status 418 is not one that the contract lists",
    ),
    "not JSON by its header": (
        answered(200, of="getUserSelf", was=200, kind="text/plain"),
        ("getUserSelf",),
        "content_type_conformance",
        "the answer's Content-Type is text/plain",
    ),
    "not JSON": (
        answered(200, of="getUserSelf", was=200, body=b"{"),
        ("getUserSelf",),
        "response_schema_conformance",
        "cannot be read as the JSON",
    ),
    "another type": (
        changed(text_for_number, of="getUserSelf"),
        ("getUserSelf",),
        "response_schema_conformance",
        "apiSubscriptionTokens breaks “type”",
    ),
    "takes what is wrong": (
        answered(200, of="promptImprove", was=400, body=RANDOM),
        ("promptImprove",),
        "negative_data_rejection",
        "a request that breaks the contract is answered with 200",
    ),
    "refuses what is right": (
        answered(400, of="promptImprove", was=200, body=REFUSED),
        ("promptImprove",),
        "positive_data_acceptance",
        "a request that keeps the contract is refused with 400: Unexpected variable",
    ),
    "refuses in words that nobody knows": (
        answered(400, of="promptImprove", was=200, body=FAILED),
        ("promptImprove",),
        "positive_data_acceptance",
        "refused with 400: boom",
    ),
    "no key": (without_key, ("getUserSelf",), "ignored_auth", "a call without any key is answered with 200"),
    "any method": (any_method, ("getUserSelf",), "unsupported_method", "is answered with 200"),
    "wrong methods": (wrong_methods, ("getUserSelf",), "unsupported_method", "is answered with 405"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_mistake_is_found_by_the_check_that_is_for_it(planted: str) -> None:
    change, operations, check, words = PLANTED[planted]
    found = tried(change, *operations).tally.findings.values()
    told = [finding for finding in found if finding.check == called(check) and words in finding.message]
    assert told, [(finding.check, finding.message) for finding in found]
    assert all(each.expected and each.fix and each.curl and each.seen for each in told)
    assert not any(":" in each.curl and "Bearer 8" in each.curl for each in told)


def test_what_was_deleted_and_is_still_there_is_told_with_the_calls_before() -> None:
    made = tried(
        still_there,
        "uploadInitImage",
        "getInitImageById",
        "deleteInitImageById",
        phases=("stateful",),
        examples=20,
    )
    (finding,) = (each for each in made.tally.findings.values() if each.check == "use-after-free")
    assert "what was deleted is still there" in finding.message
    assert any("-X DELETE" in step for step in finding.steps)


def test_of_calls_that_show_the_same_the_shortest_is_told() -> None:
    lengths = []

    def fail(request: Request, answer: Answer) -> Answer:
        if request.operation != "promptImprove" or answer.status != 200:
            return answer
        if any(name == "User-Agent" for name, _ in request.headers):
            lengths.append(len(curl(request, api_key=request.headers[4][1].rpartition(" ")[2])))
        return msgspec.structs.replace(answer, status=500, body=FAILED)

    found = tried(fail, "promptImprove", examples=20).tally.findings.values()
    (finding,) = (each for each in found if each.check == "not-a-server-error")
    assert len(finding.curl) == min(lengths) < max(lengths)


def test_without_a_mistake_nothing_is_found() -> None:
    operations = {name for _, names, _, _ in PLANTED.values() for name in names}
    assert not tried(lambda _, answer: answer, *sorted(operations)).tally.findings


def test_every_check_of_schemathesis_has_its_words() -> None:
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    assert set(CHECKS.get_all_names()) == set(WORDS)
