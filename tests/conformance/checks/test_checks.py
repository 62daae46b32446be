"""Each check finds the mistake it is for, is the only one to find it, and finds nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mockleo.conformance import checks
from mockleo.conformance.checks import CHECKS

from .exchanges import STRANGER, Exchange, Json, good, judge

Change = Callable[[Exchange], Exchange]

KEY = "3f0c8f6e-5b0e-4a51-9d55-0f2a6c7d8e90"


def found(exchange: Exchange) -> set[str]:
    return {finding.check for finding in judge().look(*exchange)}


@pytest.mark.parametrize("name", good())
def test_nothing_is_wrong_with_what_is_right(name: str) -> None:
    assert [finding.message for finding in judge().look(*good()[name])] == []


# --- how mistakes are planted ---------------------------------------------------------------------


def content(change: Callable[[Json], Json]) -> Change:
    return lambda exchange: exchange.with_content(change)


def field(name: str, value: Json) -> Change:
    """Another value of a field of the content, or of the first row of a list."""

    def change(told: Json) -> None:
        row = told[0] if isinstance(told, list) else told
        row[name] = value(row[name]) if callable(value) else value

    return content(change)


def image(name: str, value: Json) -> Change:
    def change(told: Json) -> None:
        told["generated_images"][0][name] = value

    return content(change)


def without(name: str) -> Change:
    def change(told: Json) -> None:
        del (told[0] if isinstance(told, list) else told)[name]

    return content(change)


def drop(told: Json, name: str) -> None:
    del told[name]


def body(change: Callable[[Json], Json]) -> Change:
    return lambda exchange: exchange.with_json(change)


def raw(change: Callable[[bytes], bytes]) -> Change:
    return lambda exchange: exchange.with_body(change(exchange.answer.body))


def header(name: str, value: str | None) -> Change:
    return lambda exchange: exchange.with_header(name, value)


def status(number: int) -> Change:
    return lambda exchange: exchange.answered(status=number)


def says(**changes: str) -> Change:
    """Another text, path or code of a flat refusal."""
    return body(lambda told: {**told, **changes})


def sent(**variables: Json) -> Change:
    """The same answer to a call with this body."""
    return lambda exchange: exchange.asked(body=json.dumps(variables).encode())


def asked(tail: str) -> Change:
    """The same answer to a call of the address with this end."""
    return lambda exchange: exchange.asked(url=exchange.request.url.partition("?")[0] + tail)


def rows(row: Json, count: int) -> Json:
    """That many rows, each with an id of its own."""
    return [{**row, "id": f"{row['id'][:-2]}{nth:02}"} for nth in range(count)]


def another(edge: Json) -> Json:
    return {**edge, "node": {**edge["node"], "akUUID": STRANGER}}


def told_key(exchange: Exchange) -> Exchange:
    return exchange.asked(headers=(("authorization", f"Bearer {KEY}"),)).with_content(
        lambda told: {**told, "prompt": f"a lighthouse {KEY}"}
    )


def api_error(**extensions: Json) -> Change:
    def change(told: Json) -> None:
        told[0]["extensions"].update(extensions)

    return body(change)


def inside(text: str, *, before: str = "") -> Change:
    """A refusal that is known, and true, with something of the service's own in its text."""

    def change(exchange: Exchange) -> Exchange:
        told = says(error=f"Unexpected variable x{before}{text}")(exchange)
        return told.asked(body=b"", url=exchange.request.url)

    return change


# check -> (exchange, what is planted in it)
PLANTED: tuple[tuple[str, str, Change], ...] = (
    ("status-listed", "order", status(201)),
    ("status-listed", "complete", status(206)),
    ("status-listed", "me", lambda each: each._replace(operation="")),
    ("status-listed", "order", lambda each: each.asked(method="PUT")),
    ("content-type", "order", header("content-type", "text/plain")),
    ("content-type", "order", header("content-type", None)),
    ("content-type", "order", header("content-type", "application/json; charset=latin-1")),
    ("content-type", "me", header("content-type", "application/problem+json")),
    ("json-readable", "order", raw(lambda told: told[:-3])),
    ("json-readable", "order", raw(lambda told: b"")),
    ("json-readable", "order", raw(lambda told: told.replace(b"CREDITS", b"CR\xffDITS"))),
    ("json-readable", "order", raw(lambda told: told.replace(b'"unit"', b'"unit":"CREDITS","unit"'))),
    ("json-readable", "order", raw(lambda told: re.sub(rb'(Cost":)\d+', rb"\1NaN", told))),
    ("headers-sound", "order", header("content-length", "3")),
    ("headers-sound", "order", header("date", None)),
    ("headers-sound", "order", header("date", "yesterday")),
    ("headers-sound", "order", header("x-request-id", None)),
    ("headers-sound", "missing", header("x-request-id", " ")),
    (
        "headers-sound",
        "order",
        lambda each: each.answered(headers=(*each.answer.headers, ("x-request-id", "another"))),
    ),
    ("secret-kept", "complete", told_key),
    (
        "secret-kept",
        "order",
        lambda each: each.asked(headers=(("authorization", f"Bearer {KEY}"),)).with_header("x-you-are", KEY),
    ),
    ("key-needed", "me", lambda each: each.asked(headers=())),
    (
        "key-needed",
        "unknown key",
        lambda each: each.asked(headers=(("Authorization", "Bearer my-key"),)),
    ),
    ("key-needed", "missing", lambda each: each.asked(headers=())),
    ("refusal-known", "missing", says(code="unexpected")),
    ("refusal-known", "missing", says(code="invalid-json")),
    ("refusal-known", "missing", says(error="prompt is a required field")),
    ("refusal-known", "missing", says(path="$.prompt")),
    ("refusal-known", "wrong type", says(path="$")),
    ("refusal-known", "wrong type", says(error="height must be an integer")),
    ("refusal-known", "missing", status(401)),
    ("refusal-known", "unknown key", says(error="Unauthorized")),
    ("refusal-known", "no method", says(error="Allowed methods: get")),
    ("refusal-known", "missing", body(lambda told: {"error": told["error"]})),
    ("refusal-known", "missing", body(lambda told: {"message": told["error"]})),
    ("refusal-known", "missing", body(lambda told: [])),
    ("refusal-known", "missing", says(more="1")),
    ("refusal-known", "no blueprint", api_error(code="GONE")),
    ("refusal-known", "no blueprint", api_error(statusCode=400)),
    ("refusal-known", "no blueprint", body(lambda told: [{"message": "Not here", "extensions": {}}])),
    ("refusal-fits", "missing", sent(prompt="a")),
    ("refusal-fits", "missing", says(error='expecting a value for non-nullable variable: "width"')),
    ("refusal-fits", "missing", says(error='expecting a value for non-nullable variable: "wide"')),
    ("refusal-fits", "unknown variable", says(error="Unexpected variable prompt")),
    ("refusal-fits", "unknown variable", sent(prompt="a")),
    (
        "refusal-fits",
        "no uuid",
        says(error=f'invalid input syntax for type uuid: "{STRANGER}"'),
    ),
    ("refusal-fits", "too large", sent(prompt="a", width=512, height=512)),
    ("refusal-fits", "too large", sent(prompt="a")),
    ("refusal-fits", "too long", sent(prompt="a" * 1_500)),
    (
        "refusal-fits",
        "too long",
        says(error="Invalid prompt, maximum length of 100 characters exceeded."),
    ),
    ("refusal-fits", "model no uuid", sent(prompt="a", modelId=STRANGER)),
    ("refusal-fits", "no key at all", lambda each: each.asked(headers=(("authorization", f"Bearer {KEY}"),))),
    ("refusal-fits", "missing", says(error="invalid file extension", code="unexpected")),
    ("refusal-fits", "too large", says(error="invalid size")),
    ("insides-hidden", "unknown variable", inside("Traceback (most recent call last)")),
    ("insides-hidden", "unknown variable", inside('File "/srv/app.py", line 3')),
    ("insides-hidden", "unknown variable", inside("at handle (/srv/app.js:3:9)", before="\n    ")),
    ("insides-hidden", "unknown variable", inside("SELECT id FROM users", before=": ")),
    ("envelope", "order", body(lambda told: {"generate": told["sdGenerationJob"]})),
    ("envelope", "order", body(lambda told: told["sdGenerationJob"])),
    ("envelope", "order", body(lambda told: {**told, "took_ms": 3})),
    ("envelope", "complete", body(lambda told: [told])),
    ("envelope", "complete", body(lambda told: "COMPLETE")),
    ("envelope", "nothing", body(lambda told: {})),
    ("envelope", "blueprint", body(lambda told: told["blueprint"])),
    ("body-conforms", "complete", field("seed", str)),
    ("body-conforms", "complete", field("status", "DONE")),
    ("body-conforms", "complete", field("public", None)),
    ("body-conforms", "complete", field("sdVersion", "V9")),
    ("body-conforms", "complete", field("guidanceScale", "7")),
    ("body-conforms", "complete", field("createdAt", 1_735_000_000)),
    ("body-conforms", "complete", image("url", None)),
    ("body-conforms", "complete", image("likeCount", 0.5)),
    ("body-conforms", "pending", field("generated_images", None)),
    ("body-conforms", "variation", content(lambda told: told[0])),
    ("body-conforms", "me", field("apiSubscriptionTokens", 0.5)),
    ("body-conforms", "order", content(lambda told: told["cost"].update(unit="EUROS"))),
    ("body-conforms", "elements", field("baseModel", "V9")),
    ("body-conforms", "blueprint", field("official", "yes")),
    ("body-conforms", "order", content(lambda told: "ok")),
    ("fields-there", "complete", without("status")),
    ("fields-there", "complete", without("generated_images")),
    ("fields-there", "complete", content(lambda told: drop(told["generated_images"][0], "nsfw"))),
    ("fields-there", "order", without("generationId")),
    ("fields-there", "order", content(lambda told: drop(told["cost"], "unit"))),
    ("fields-there", "me", without("user")),
    ("fields-there", "delete", without("id")),
    ("fields-there", "form", without("url")),
    ("fields-there", "variation", without("transformType")),
    ("fields-there", "blueprint", without("official")),
    ("fields-there", "read dataset", without("dataset_images")),
    ("fields-known", "complete", field("mood", "calm")),
    ("fields-known", "complete", image("thumbnail", "x")),
    ("fields-known", "order", field("__typename", "SDGenerationOutput")),
    ("fields-known", "list", field("x", 1)),
    ("ids-well-formed", "order", field("generationId", lambda told: told.replace("-", ""))),
    ("ids-well-formed", "order", field("generationId", lambda told: told.upper())),
    ("ids-well-formed", "complete", image("id", "7")),
    ("ids-well-formed", "complete", field("modelId", "XL")),
    ("ids-well-formed", "form", field("id", "x")),
    ("moments-well-formed", "complete", field("createdAt", lambda told: told + "Z")),
    ("moments-well-formed", "complete", field("createdAt", lambda told: told.replace("T", " "))),
    ("moments-well-formed", "complete", field("createdAt", "")),
    ("moments-well-formed", "blueprint", field("createdAt", "2026-02-31 10:00")),
    ("moments-sensible", "complete", field("createdAt", "2036-01-01T00:00:00.000")),
    ("moments-sensible", "read dataset", field("updatedAt", "2025-01-01T00:00:00.000")),
    ("urls-absolute", "complete", image("url", "/cdn/a.jpg")),
    ("urls-absolute", "complete", image("url", "cdn.leonardo.ai/a.jpg")),
    ("urls-absolute", "complete", image("url", "https://cdn.leonardo.ai/a b.jpg")),
    ("urls-absolute", "complete", image("url", "https://cdn.leonardo.ai/a")),
    ("urls-absolute", "complete", image("url", "https://me:you@cdn.leonardo.ai/a.jpg")),
    ("urls-absolute", "complete", image("url", "http://127.0.0.1:5360/api/rest/v1/images/a.jpg")),
    ("urls-absolute", "film", image("motionMP4URL", "https://cdn.leonardo.ai/a.jpg")),
    ("urls-absolute", "form", field("url", "s3/bucket")),
    ("urls-absolute", "elements", field("urlImage", "thumbnail.png")),
    ("urls-absolute", "realtime", field("imageDataUrl", ["AAAA"])),
    ("forms-readable", "form", field("fields", "{")),
    ("forms-readable", "form", field("fields", '{"key": 1}')),
    ("forms-readable", "form", field("fields", "[]")),
    ("forms-readable", "form", field("key", "users/another.png")),
    ("forms-readable", "canvas", without("masksFields")),
    ("forms-readable", "canvas", without("maskUrl")),
    ("forms-readable", "canvas", content(lambda told: told.update(maskImageId=told["initImageId"]))),
    ("prices-agree", "order", field("apiCreditCost", 1)),
    ("prices-agree", "order", field("apiCreditCost", None)),
    ("prices-agree", "order", content(lambda told: told["cost"].update(amount="1.5"))),
    ("prices-agree", "order", content(lambda told: told["cost"].update(amount="free"))),
    ("prices-agree", "dollars", field("apiCreditCost", 20)),
    ("prices-agree", "dollars", content(lambda told: told["cost"].update(amount="-1"))),
    ("page-bounded", "list", asked("?limit=1")),
    ("page-bounded", "list", asked("?limit=0")),
    ("page-bounded", "list", content(lambda told: rows(told[0], 3))),
    ("page-bounded", "blueprints", content(lambda told: told["edges"].append(another(told["edges"][0])))),
    ("rows-distinct", "elements", content(lambda told: told.append(told[0]))),
    ("rows-distinct", "complete", field("generated_images", lambda told: [*told, told[0]])),
    ("answers-what-was-asked", "complete", field("id", STRANGER)),
    ("answers-what-was-asked", "delete", field("id", STRANGER)),
    ("answers-what-was-asked", "variation", field("id", STRANGER)),
    ("answers-what-was-asked", "blueprint", field("akUUID", STRANGER)),
    ("answers-what-was-asked", "realtime", field("requestTimestamp", "noon ")),
    ("job-hangs-together", "complete", field("generated_images", [])),
    ("job-hangs-together", "complete", field("status", "PENDING")),
    ("job-hangs-together", "complete", field("status", "FAILED")),
    ("job-hangs-together", "pending", field("status", "COMPLETE")),
    ("job-hangs-together", "list", field("status", "PENDING")),
    ("job-hangs-together", "film", image("motionMP4URL", None)),
    ("job-hangs-together", "variation", field("url", None)),
    ("job-hangs-together", "variation pending", field("url", "https://cdn.leonardo.ai/a.jpg")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("check", "name", "plant"), PLANTED, ids=[f"{check}-{nth}" for nth, (check, _, _) in enumerate(PLANTED)]
)
def test_a_planted_mistake_is_found_by_the_check_it_is_for_and_no_other(
    check: str, name: str, plant: Change
) -> None:
    right = good()[name]
    wrong = plant(right)
    assert wrong != right
    assert found(wrong) == {check}


def test_every_check_has_been_seen_to_find_something() -> None:
    assert {check for check, _, _ in PLANTED} == {check.name for check in CHECKS}


def test_every_module_is_on_the_menu() -> None:
    """Or is known to be none of a check's."""
    folder = Path(checks.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")}
    of_checks = {check.look.__module__.rpartition(".")[2] for check in CHECKS}
    assert modules - of_checks == {"__init__", "fetching", "promise", "refusals", "schemas", "seen"}


def test_every_check_says_what_it_is_about() -> None:
    for check in CHECKS:
        assert check.about
        assert check.of in {"all", "operation", "success", "refusal"}


# --- what is right, though it may look wrong ------------------------------------------------------

TAKEN: tuple[tuple[str, Change], ...] = (
    ("complete", field("sdVersion", "KINO_2_1")),
    ("complete", without("sdVersion")),
    ("complete", field("createdAt", "2025-03-09T14:14:40")),
    ("complete", field("createdAt", "2025-03-09T14:14:40.4")),
    ("elements", field("weightDefault", 0.7)),
    ("canvas", lambda each: each.with_content(_one_spelling)),
    ("order", header("content-type", "application/json")),
    ("order", header("content-encoding", "gzip")),
    ("order", lambda each: each.asked(headers=(("Authorization", f"bearer {KEY}"),))),
    ("list", asked("?limit=2&offset=0")),
    ("list", asked("?limit=many")),
    ("missing", lambda each: each.asked(body=b"[]")),
    ("complete", lambda each: each.asked(url=each.request.url.replace("/generations", "//generations"))),
)


def _one_spelling(told: Json) -> Json:
    return {name: value for name, value in told.items() if not name.startswith("masks")}


@pytest.mark.parametrize(("name", "change"), TAKEN)
def test_what_the_service_is_known_to_do_is_taken(name: str, change: Change) -> None:
    assert found(change(good()[name])) == set()
