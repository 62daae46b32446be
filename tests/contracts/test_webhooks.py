"""The document of the webhooks: it is AsyncAPI 3.0, each claim is graded, and what we send is
what it promises.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from mockleo.core.lifecycle import Fate
from mockleo.runtime.webhooks import Letter, Mischief
from mockleo.wire.webhooks import Author, event_of
from tests.contracts.documents import CONTRACTS, GRADES, Json, at, reference, walk
from tests.core.worlds import a_world
from tests.wire.ends import LINKS, REPORTED, a_hook, an_end, the_end_of, with_value

DOCUMENT = json.loads((CONTRACTS / "webhooks.asyncapi.json").read_text("utf-8"))
MESSAGES = DOCUMENT["components"]["messages"]
GENERATIONS = ("2026", "legacy2023")


def shape() -> Json:
    """The part of AsyncAPI 3.0 that the document uses, as a JSON Schema that takes nothing else."""

    def closed(required: dict[str, Json], **optional: Json) -> Json:
        return {
            "type": "object",
            "properties": {**required, **optional},
            "required": list(required),
            "patternProperties": {"^x-": True},
            "additionalProperties": False,
        }

    text, link = {"type": "string", "minLength": 1}, closed({"$ref": {"type": "string", "pattern": "^#/"}})
    named = re.compile(r"^[\w.-]+$").pattern

    def by_name(each: Json) -> Json:
        return {"type": "object", "patternProperties": {named: each}, "additionalProperties": False}

    message = closed(
        {
            "name": text, "title": text, "summary": text, "headers": link,
            "contentType": {"const": "application/json"}, "payload": {"type": "object"},
        }
    )  # fmt: skip
    http = closed({"method": {"const": "POST"}, "bindingVersion": text})
    operation = closed(
        {"action": {"const": "send"}, "channel": link, "messages": {"type": "array", "items": link}},
        summary=text,
        bindings=closed({"http": http}),
    )
    return closed(
        {
            "asyncapi": {"const": "3.0.0"},
            "info": closed(
                {"title": text, "version": text}, description=text, license=closed({"name": text})
            ),
            "channels": by_name(
                closed({"address": {"type": "null"}, "messages": by_name(link)}, title=text, description=text)
            ),
            "operations": by_name(operation),
            "components": closed({"messages": by_name(message), "schemas": by_name({"type": "object"})}),
        },
        defaultContentType=text,
    )


@cache
def validator(name: str) -> jsonschema_rs.Validator:
    """What judges the payload of a message."""
    schema = {"allOf": [MESSAGES[name]["payload"]], "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def message_of(payload: Json, generation: str) -> str:
    """The one message that such a payload can be: its type, what it is about, its generation."""

    def says(message: Json) -> bool:
        fixed = message["payload"]["properties"]
        return message["x-generation"] == generation and all(
            fixed[key]["const"] == payload[key] for key in ("type", "object")
        )

    [found] = [name for name, message in MESSAGES.items() if says(message)]
    return str(found)


def sent(what: str, generation: str, **rules: Any) -> tuple[dict[str, str], Json]:
    """The headers and the payload that the end of a job brings about."""
    world = a_world()
    for name, value in rules.items():
        world.rules = with_value(world.rules, f"webhooks.{name}", value)
    ended = the_end_of(REPORTED[what][0], a_hook(payload=generation))
    hook, type_ = ended.key.webhook, event_of(ended.job, world.rules)
    assert hook is not None
    assert type_ is not None
    letter = Letter(ended=ended, webhook=hook, type=type_, mischief=Mischief())
    author = Author(world=lambda: world, links=lambda: LINKS, true_to_the_wire=True)
    headers, body = author.write(letter)
    return dict(headers), json.loads(body)


def test_it_has_the_shape_of_asyncapi() -> None:
    jsonschema_rs.validate(shape(), DOCUMENT)


def test_every_schema_is_one() -> None:
    schemas = [*DOCUMENT["components"]["schemas"].values(), *(each["payload"] for each in MESSAGES.values())]
    assert all(jsonschema_rs.meta.is_valid(schema) for schema in schemas)


def test_every_reference_points_at_something_and_every_component_is_used() -> None:
    pointers = {node["$ref"] for _, node in walk(DOCUMENT) if "$ref" in node}
    for pointer in pointers:
        at(DOCUMENT, pointer)
    components = DOCUMENT["components"]
    assert {f"#/components/{kind}/{name}" for kind in components for name in components[kind]} <= pointers


def test_everything_is_sent_over_the_one_channel() -> None:
    [channel], [operation] = DOCUMENT["channels"].values(), DOCUMENT["operations"].values()
    assert channel["messages"] == {name: {"$ref": f"#/components/messages/{name}"} for name in MESSAGES}
    assert [link["$ref"] for link in operation["messages"]] == [
        f"#/channels/receiver/messages/{name}" for name in MESSAGES
    ]


def test_every_claim_is_graded_and_has_its_source() -> None:
    names = DOCUMENT["x-sources"]
    for where, node in walk(DOCUMENT):
        if "x-evidence" in node or "x-source" in node:
            assert node.get("x-evidence") in GRADES, where
            assert node.get("x-source"), where
            unknown = {each for each in node["x-source"] if not re.fullmatch(r"src \d+", each)} - names.keys()
            assert not unknown, where
    assert all("x-evidence" in message for message in MESSAGES.values())


def test_every_object_within_is_closed_and_complete() -> None:
    for where, node in walk(DOCUMENT["components"]):
        if node.get("type") == "object" and "properties" in node:
            assert node["additionalProperties"] is False, where
            left_out = set(node["properties"]) - set(node["required"])
            assert left_out <= {"authorization", "motionMP4URL"}, where


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("what", REPORTED)
def test_what_is_sent_is_what_is_promised(what: str, generation: str) -> None:
    headers, payload = sent(what, generation)
    validator(message_of(payload, generation)).validate(payload)
    schema = {
        "$ref": "#/components/schemas/Headers",
        "components": DOCUMENT["components"],
    }
    jsonschema_rs.validate(schema, headers)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("what", REPORTED)
def test_the_keys_stand_in_the_order_of_the_document(what: str, generation: str) -> None:
    """Which is that of the recordings."""
    _, payload = sent(what, generation)
    schemas = DOCUMENT["components"]["schemas"]
    promised = MESSAGES[message_of(payload, generation)]["payload"]
    assert list(payload) == list(promised["properties"])
    about = promised["properties"]["data"]["properties"]["object"]
    thing = payload["data"]["object"]
    name = (about["allOf"][0] if "allOf" in about else about)["$ref"].rpartition("/")[2]
    assert list(thing) == list(schemas[name]["properties"])
    year = name[-4:]
    if thing.get("model") is not None:
        assert list(thing["model"]) == list(schemas[f"Model{year}"]["properties"])
    for image in thing.get("images", []):
        in_order = [key for key in schemas[f"Image{year}"]["properties"] if key in image]
        assert list(image) == in_order


@pytest.mark.parametrize(
    ("what", "rule", "value"),
    [
        ("upscaled", "post_processing_type", "post_processing.completed"),
        ("a video enlarged", "post_processing_type", "post_processing.completed"),
        ("failed images", "failed_type", "complete"),
        ("a failed video", "failed_type", "complete"),
    ],
)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_so_is_what_a_switch_makes_of_it(what: str, rule: str, value: str, generation: str) -> None:
    _, payload = sent(what, generation, **{rule: value})
    assert payload["type"].endswith(value)
    validator(message_of(payload, generation)).validate(payload)


def test_every_message_is_sent_by_something() -> None:
    found = set()
    for generation in GENERATIONS:
        for what in REPORTED:
            for spelling in ("post_processing.complete", "post_processing.completed"):
                _, payload = sent(what, generation, post_processing_type=spelling)
                found.add(message_of(payload, generation))
    assert found == set(MESSAGES)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("what", REPORTED)
def test_a_mutilated_payload_is_not_what_is_promised(what: str, generation: str) -> None:
    _, payload = sent(what, generation)
    judge = validator(message_of(payload, generation))
    mutilations = list(mutilated(payload))
    assert len(mutilations) > 30
    taken = [where for where, broken in mutilations if judge.is_valid(broken)]
    # A picture of 2023 has no video, and a video of 2023 is ours to describe.
    assert [where for where in taken if not where.endswith("- motionMP4URL")] == []


def mutilated(payload: Json) -> Iterator[tuple[str, Json]]:
    """The payload without one key, with one more, and with one value of another type."""
    for where, node in walk(payload):

        def broken(where: str = where) -> tuple[Json, Json]:
            copy = deepcopy(payload)
            return copy, at_list(copy, where) if where != "#" else copy

        for key in node:
            copy, place = broken()
            del place[key]
            yield f"{where} - {key}", copy
            copy, place = broken()
            place[key] = {"not": ["this"]}
            yield f"{where} ~ {key}", copy
        copy, place = broken()
        place["surplus"] = None
        yield f"{where} + surplus", copy


def at_list(document: Json, pointer: str) -> Json:
    """As `at`, through lists too."""
    found = document
    for step in pointer.removeprefix("#/").split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("webhook.image_generation.complete.2026.json", "2026"),
        ("webhook.image_generation.complete.docs-2023.json", "legacy2023"),
    ],
)
def test_it_has_the_types_of_what_was_recorded(name: str, generation: str) -> None:
    """But for what is told of the model: there we know less than the service."""
    recorded = json.loads(reference(f"recordings/{name}").read_text())
    payload = recorded.get("body", recorded)
    blank = json.dumps(payload).replace("X" * 8 + "-XXXX-XXXX-XXXX-" + "X" * 12, LEFT_OUT)
    payload = json.loads(blank)
    errors = validator(message_of(payload, generation)).iter_errors(payload)
    places = {"/".join(map(str, error.instance_path)) for error in errors}
    assert {place for place in places if "/model" not in f"/{place}"} == set()


LEFT_OUT = "00000000-0000-4000-8000-000000000001"


def test_what_a_fate_makes_of_a_payload_is_outside_of_the_promise() -> None:
    ended = an_end(a_hook(), fate=Fate(status="IN_PROGRESS"))
    hook = ended.key.webhook
    assert hook is not None
    author = Author(world=a_world, links=lambda: LINKS, true_to_the_wire=False)
    letter = Letter(ended=ended, webhook=hook, type="image_generation.complete", mischief=Mischief())
    payload = json.loads(author.write(letter)[1])
    assert not validator(message_of(payload, "2026")).is_valid(payload)
