"""Webhooks and limits: lost, doubled, addressed wrongly; too many let in, too few, for too long."""

from collections.abc import Mapping
from typing import Any

import msgspec

from mockleo.core.account import Lane
from mockleo.core.limits import Refused, Windows
from mockleo.runtime.webhooks import Sender
from mockleo.wire.webhooks import Author
from tests.conformance.bugs.planting import Bug, Planted, both, function, instead, method


def _letter(headers: Any = None, body: Any = None) -> Planted:
    """Write other letters."""

    def make(true: Any) -> Any:
        def write(author: Author, letter: Any) -> Any:
            told, content = true(author, letter)
            if body is not None:
                content = msgspec.json.encode(body(msgspec.json.decode(content)))
            told = tuple(
                (name, str(len(content)) if name == "content-length" else value) for name, value in told
            )
            return (told if headers is None else tuple(headers(told))), content

        return write

    return method(Author, "write", make)


def _object(change: Any) -> Planted:
    def body(told: dict[str, Any]) -> dict[str, Any]:
        told["data"]["object"] = change(told["data"]["object"])
        return told

    return _letter(body=body)


def _twice(true: Any) -> Any:
    def send(sender: Sender, *given: Any, **named: Any) -> Any:
        true(sender, *given, **named)
        return true(sender, *given, **named)

    return send


def _never(true: Any) -> Any:
    return lambda sender, parcel: sender._end(parcel, "lost")


def _every_second(true: Any) -> Any:
    def enter(sender: Sender, parcel: Any) -> None:
        if parcel.delivery.n % 2:
            true(sender, parcel)
        else:
            sender._end(parcel, "lost")

    return enter


def _bearer(value: str) -> Any:
    def headers(told: Any) -> Any:
        return [(name, value if name == "authorization" else text) for name, text in told]

    return headers


def _only(*names: str) -> Any:
    return lambda told: [(name, value) for name, value in told if name not in names]


def _failed_is_complete(true: Any) -> Any:
    def event_of(job: Any, rules: Any) -> str | None:
        told = true(job, rules)
        return None if told is None else told.replace(".failed", ".complete")

    return event_of


def _only_generations(true: Any) -> Any:
    def event_of(job: Any, rules: Any) -> str | None:
        told = true(job, rules)
        return told if told is not None and told.startswith("image") else None

    return event_of


def _early(true: Any) -> Any:
    """Let in three calls less than is allowed."""

    def admit(windows: Windows, overall: int | None, name: str | None, limit: int | None, now_ms: int) -> Any:
        most = None if overall is None else max(1, overall - 3)
        return true(windows, most, name, None if limit is None else max(1, limit - 3), now_ms)

    return admit


def _late(true: Any) -> Any:
    def admit(windows: Windows, overall: int | None, name: str | None, limit: int | None, now_ms: int) -> Any:
        return true(
            windows,
            None if overall is None else overall * 3,
            name,
            None if limit is None else limit * 3,
            now_ms,
        )

    return admit


def _for_ever(true: Any) -> Any:
    """Who was refused once is refused from then on."""
    shut: dict[int, Any] = {}

    def admit(windows: Windows, *given: Any) -> Any:
        refused = shut.get(id(windows)) or true(windows, *given)
        if refused is not None:
            shut[id(windows)] = Refused(refused.name, 60_000)
        return refused

    return admit


BUGS: Mapping[str, Bug] = {
    "webhook-lost": Bug("no webhook is sent", lambda: method(Sender, "_enter", _never)),
    "webhooks-half-lost": Bug(
        "every second webhook is lost", lambda: method(Sender, "_enter", _every_second)
    ),
    "webhook-doubled": Bug("each webhook is sent twice", lambda: method(Sender, "send", _twice)),
    "webhook-of-another-bearer": Bug(
        "a webhook carries another key", lambda: _letter(headers=_bearer("Bearer of-bad-news"))
    ),
    "webhook-without-bearer": Bug(
        "a webhook carries no key", lambda: _letter(headers=_only("authorization"))
    ),
    "webhook-of-no-type": Bug(
        "a webhook does not say what it is",
        lambda: _letter(body=lambda told: {name: told[name] for name in told if name != "type"}),
    ),
    "webhook-of-unknown-type": Bug(
        "a webhook's type is none of the contract's",
        lambda: _letter(body=lambda told: {**told, "type": "image.done"}),
    ),
    "webhook-time-as-text": Bug(
        "a webhook's time is text", lambda: _letter(body=lambda told: {**told, "timestamp": "now"})
    ),
    "webhook-time-in-seconds": Bug(
        "a webhook's time is in seconds",
        lambda: _letter(body=lambda told: {**told, "timestamp": told["timestamp"] // 1_000}),
    ),
    "webhook-without-envelope": Bug(
        "a webhook's payload stands bare", lambda: _letter(body=lambda told: told["data"]["object"])
    ),
    "webhook-of-another-job": Bug(
        "a webhook names another job",
        lambda: _object(lambda told: {**told, "id": "6bef9f1b-29cb-40c7-b9df-32b51c1f67d3"}),
    ),
    "webhook-still-pending": Bug(
        "a webhook says that the job is pending", lambda: _object(lambda told: {**told, "status": "PENDING"})
    ),
    "webhook-without-images": Bug(
        "a webhook brings no images", lambda: _object(lambda told: {**told, "images": []})
    ),
    "webhook-seed-as-text": Bug(
        "a webhook's seed is text", lambda: _object(lambda told: {**told, "seed": "7"})
    ),
    "webhook-field-missing": Bug(
        "a webhook does not tell the prompt",
        lambda: _object(lambda told: {name: told[name] for name in told if name != "prompt"}),
    ),
    "webhook-as-text": Bug(
        "a webhook is said to be text",
        lambda: _letter(
            headers=lambda told: [
                (name, "text/plain" if name == "content-type" else value) for name, value in told
            ]
        ),
    ),
    "webhook-says-complete": Bug(
        "a webhook says that a job that has failed is complete",
        lambda: both(
            function("mockleo.wire.webhooks.event_of", _failed_is_complete),
            _object(lambda told: {**told, "status": "COMPLETE"}),
        ),
    ),
    "webhook-for-images-alone": Bug(
        "videos and variations are not reported",
        lambda: function("mockleo.wire.webhooks.event_of", _only_generations),
    ),
    "no-limit": Bug("any number of calls is let in", lambda: method(Windows, "admit", instead(None))),
    "limit-too-early": Bug("three calls less are let in", lambda: method(Windows, "admit", _early)),
    "limit-too-late": Bug("thrice as many calls are let in", lambda: method(Windows, "admit", _late)),
    "limit-for-ever": Bug("a limit is never lifted", lambda: method(Windows, "admit", _for_ever)),
    "no-queue-limit": Bug("any number of jobs may wait", lambda: method(Lane, "has_place", instead(True))),
    "no-queue": Bug("no job may wait", lambda: method(Lane, "has_place", instead(False))),
    "no-slots": Bug("any number of jobs run at once", lambda: method(Lane, "has_slot", instead(True))),
}
