"""The walk along the links, on the emulator as it is and with mistakes in it."""

import json

import msgspec

from mockleo.conformance.door import ABILITIES, Answer, Request
from mockleo.conformance.tally import Finding
from tests.conformance.schema.crooked import changed, tried


def walked_findings(of: str, *, body: object) -> list[Finding]:
    """What a walk finds where `of` is answered with this body."""
    made = tried(changed(lambda _: body, of=of), "getUserSelf", phases=("examples",), once=True)
    return [finding for finding in made.tally.findings.values() if finding.check == "link-followed"]


def test_every_link_of_the_contract_leads_on_in_the_emulator() -> None:
    made = tried(lambda _, answer: answer, "getUserSelf", phases=("examples",), once=True)
    assert made.unfollowed == ()
    assert not made.tally.findings
    taken = {operation for (operation, status) in made.tally.statuses if status == 200}
    assert len(taken - {""}) == 58


def test_what_was_made_and_is_not_found_is_told_with_the_call_before() -> None:
    (finding,) = (
        each
        for each in walked_findings("getDatasetById", body={"datasets_by_pk": None})
        if "createDataset" in each.message
    )
    assert "createDataset has given is not there" in finding.message
    assert len(finding.steps) == 1
    assert "/datasets" in finding.steps[0]
    assert "$LEONARDO_API_KEY" in finding.curl


def test_a_link_that_is_refused_is_told_as_not_followed() -> None:
    def refuse(request: Request, answer: Answer) -> Answer:
        if request.operation != "createVariationUnzoom":
            return answer
        body = json.dumps({"error": "couldn't access image", "path": "$", "code": "unexpected"}).encode()
        return msgspec.structs.replace(answer, status=400, body=body)

    made = tried(refuse, "getUserSelf", phases=("examples",), once=True)
    assert "getGenerationById -> createVariationUnzoom (Unzoom)" in made.unfollowed


def test_a_key_that_is_not_looked_at_is_found() -> None:
    def let_in(request: Request, answer: Answer) -> Answer:
        if request.operation == "listElements" and answer.status in {401, 500}:
            return msgspec.structs.replace(answer, status=200, body=b'{"loras":[]}')
        return answer

    made = tried(let_in, "getUserSelf", phases=("examples",), once=True)
    told = {
        finding.message for finding in made.tally.findings.values() if finding.check == "bad-keys-refused"
    }
    assert told >= {
        "a call without any key is answered with 200",
        "a call with a key that nobody was issued is answered with 200",
        "a call with a key that is no UUID is answered with 200",
    }


def test_jobs_are_waited_for_where_time_takes_its_time() -> None:
    made = tried(
        lambda _, answer: answer,
        "getUserSelf",
        phases=("examples",),
        once=True,
        abilities=ABILITIES - {"fast-forward"},
    )
    # A training alone is not waited for.
    assert made.unfollowed == ("getModelById -> createGeneration (Generate)",)
    assert not made.tally.findings
