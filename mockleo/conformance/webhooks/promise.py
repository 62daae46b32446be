"""What the contract lists: the events, the payload of each, and the headers of all."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import contracts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_rs import Draft202012Validator

# The forms of a payload, the one that is sent today first.
GENERATIONS = ("2026", "legacy2023")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the contract. `type` and `noun` are the envelope's `type` and `object`."""

    name: str
    generation: str
    type: str
    noun: str
    evidence: str
    source: str
    schema: dict[str, Any]

    @property
    def grade(self) -> str:
        return f"{self.evidence}: {self.source}"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which a document is not what was promised: where, and what."""

    where: str
    what: str


@cache
def events() -> tuple[Event, ...]:
    """All events of the contract, of both generations."""
    found = []
    for name, message in contracts.webhooks()["components"]["messages"].items():
        envelope = message["payload"]["properties"]
        found.append(
            Event(
                name=name,
                generation=message["x-generation"],
                type=envelope["type"]["const"],
                noun=envelope["object"]["const"],
                evidence=message["x-evidence"],
                source=", ".join(message["x-source"]),
                schema=message["payload"],
            )
        )
    return tuple(found)


def event_of(payload: Mapping[str, Any], generation: str) -> Event | None:
    """The event that a payload says it is."""
    said = payload.get("type"), payload.get("object")
    return next(
        (event for event in events() if event.generation == generation and (event.type, event.noun) == said),
        None,
    )


def faults_of(payload: object, event: Event) -> Iterator[Fault]:
    """Everything in which a payload is not the event that the contract describes."""
    yield from _faults(_validator(event.name), payload)


def faults_of_headers(headers: Mapping[str, str]) -> Iterator[Fault]:
    """Everything in which headers, by names in small letters, are not what every delivery carries."""
    yield from _faults(_validator(""), headers)


def _faults(validator: Draft202012Validator, instance: object) -> Iterator[Fault]:
    for error in validator.iter_errors(instance):
        where = ".".join(str(step) for step in error.instance_path)
        yield Fault(where=where, what=error.message)


@cache
def _validator(name: str) -> Draft202012Validator:
    """A validator of an event's payload; of the headers where no event is named."""
    import jsonschema_rs  # not needed for --help

    components = contracts.webhooks()["components"]
    schema = components["messages"][name]["payload"] if name else components["schemas"]["Headers"]
    whole = {**schema, "components": {"schemas": components["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
