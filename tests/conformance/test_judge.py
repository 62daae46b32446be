"""The judge: which checks are made for which answers, and what it tells of what they find."""

import json

import msgspec
import pytest

from mockleo.conformance.checks import CHECKS
from mockleo.conformance.door import Answer, Request
from mockleo.conformance.judge import Judge
from mockleo.conformance.tally import Tally

from .checks.exchanges import STRANGER, Exchange, good, judge

ALL = {check.name for check in CHECKS if check.of == "all"}
OPERATION = {check.name for check in CHECKS if check.of == "operation"}
SUCCESS = {check.name for check in CHECKS if check.of == "success"}
REFUSAL = {check.name for check in CHECKS if check.of == "refusal"}

KEY = "3f0c8f6e-5b0e-4a51-9d55-0f2a6c7d8e90"


def broken(exchange: Exchange) -> Exchange:
    """With a wrong status and a wrong type in it."""

    def change(told: object) -> None:
        assert isinstance(told, dict)
        told["seed"] = "7"

    return exchange.with_content(change).answered(status=200)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("order", ALL | OPERATION | SUCCESS),
        ("nothing", ALL | OPERATION | SUCCESS),
        ("missing", ALL | OPERATION | REFUSAL),
        ("no blueprint", ALL | OPERATION | REFUSAL),
        ("no path", ALL | REFUSAL),
        ("no method", ALL | REFUSAL),
    ],
)
def test_a_check_is_made_where_there_is_something_to_look_at(name: str, made: set[str]) -> None:
    assert set(judge().checks(*good()[name])) == made


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "http://127.0.0.1:5360/s3/bucket"),
        ("GET", "http://127.0.0.1:5360/cdn/users/a/b.jpg"),
        ("OPTIONS", "http://127.0.0.1:5360/api/rest/v1/me"),
        ("HEAD", "http://127.0.0.1:5360/api/rest/v1/me"),
    ],
)
def test_of_what_is_not_the_api_nothing_is_said(method: str, url: str) -> None:
    request, answer = Request(method=method, url=url), Answer(status=500, body=b"<Error/>")
    assert judge().checks("", request, answer) == ()
    assert list(judge().look("", request, answer)) == []


def test_a_finding_says_what_is_wrong_what_is_right_what_to_look_at_and_how_to_see_it() -> None:
    (finding,) = judge().look(*broken(good()["complete"]), part="schema", steps=("first",), replay="again")
    assert finding.part == "schema"
    assert finding.check == "body-conforms"
    assert finding.operation == "getGenerationById"
    assert finding.message == "generations_by_pk.seed is a string, not null or integer"
    assert "documented; source: OAS" in finding.expected
    assert finding.fix
    assert finding.curl.startswith("curl ")
    assert "$LEONARDO_API_KEY" in finding.curl
    assert finding.seen.startswith("7\n200 {")
    assert finding.steps == ("first",)
    assert finding.replay == "again"


def test_the_innermost_evidence_is_told() -> None:
    def change(told: object) -> None:
        assert isinstance(told, dict)
        told["motionStrength"] = "much"

    (finding,) = judge().look(*good()["complete"].with_content(change))
    assert finding.expected.endswith("(observed; source: src 25936040990, src 41897010807)")


def test_the_tally_has_each_check_that_was_made_and_what_was_found() -> None:
    tally = Tally()
    right, wrong = good()["complete"], broken(good()["complete"])
    for exchange in (right, wrong, wrong):
        judge().tell(tally, "schema", exchange.request, exchange.answer)
    for name in ALL | OPERATION | SUCCESS:
        assert tally.made["schema", name, "getGenerationById"] == 3
    (finding,) = tally.findings.values()
    assert finding.part == "schema"
    assert tally.times[finding.what] == 2


def test_findings_alike_are_one_whatever_the_values() -> None:
    shapes = set()
    for name in ("complete", "film"):
        shapes |= {finding.what for finding in judge().look(*broken(good()[name]))}
    assert len(shapes) == 1


def test_no_finding_tells_the_key() -> None:
    def change(told: object) -> None:
        assert isinstance(told, dict)
        told["cost"]["amount"] = f"1 {KEY}"

    exchange = good()["order"].with_content(change).asked(headers=(("authorization", f"Bearer {KEY}"),))
    for knowing in (Judge(), Judge(api_key=KEY)):
        findings = list(knowing.look(*exchange))
        assert {finding.check for finding in findings} == {"secret-kept", "prices-agree"}
        assert all("$LEONARDO_API_KEY" in finding.seen for finding in findings)
        assert KEY not in msgspec.json.encode(findings).decode()


def test_a_key_that_was_made_up_is_told_so_that_the_call_can_be_made_again() -> None:
    exchange = good()["unknown key"].answered(status=403)
    assert all(STRANGER in finding.curl for finding in Judge(api_key=KEY).look(*exchange))


def test_an_answer_of_any_bytes_is_judged() -> None:
    """Nothing that comes back breaks the judge: it may be anybody's."""
    request = good()["complete"].request
    deep = b"[" * 100_000
    bodies = [b"", b"null", b"\xff\xfe", b"7", b'"a"', deep, b'{"generations_by_pk":' + deep, b"{}"]
    odd: tuple[object, ...] = ([], [[]], 7, "a", True, {"status": [], "generated_images": 7})
    bodies += [json.dumps({"generations_by_pk": each}).encode() for each in odd]
    for status in (0, 200, 204, 302, 404, 500, 599):
        for body in bodies:
            answer = Answer(status=status, headers=(("content-type", "application/json"),), body=body)
            assert list(judge().look("getGenerationById", request, answer)), body[:40]
