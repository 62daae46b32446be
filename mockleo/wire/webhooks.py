"""What a receiver is told when a job has ended: the letter, and how it is addressed.

What stands in it is in `payloads`. Source: HOOK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.core.generations import Generation
from mockleo.core.lifecycle import State
from mockleo.core.variations import MotionVariation, Variation
from mockleo.runtime.delivery import target_of
from mockleo.wire.payloads import generation, post_processing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.core.keys import Webhook
    from mockleo.core.lifecycle import Job
    from mockleo.core.rules import Rules
    from mockleo.core.world import Ended, World
    from mockleo.runtime.delivery import Headers
    from mockleo.runtime.webhooks import Letter
    from mockleo.wire.links import Links

LEGACY = "legacy2023"


class Author:
    """Writes letters for one emulator. `links` makes the URLs: no request says where to begin."""

    def __init__(
        self, *, world: Callable[[], World], links: Callable[[], Links], true_to_the_wire: bool
    ) -> None:
        self._world = world
        self._links = links
        self._true_to_the_wire = true_to_the_wire

    def write(self, letter: Letter) -> tuple[Headers, bytes]:
        """The headers and the body of a letter."""
        webhook, mischief = letter.webhook, letter.mischief
        shape = mischief.payload or webhook.payload or self._world().rules["webhooks.payload"].value
        body = payload(
            letter.ended,
            type_=letter.type,
            rules=self._world().rules,
            links=self._links(),
            legacy=shape == LEGACY,
            true_to_the_wire=self._true_to_the_wire,
            pad_bytes=mischief.pad_bytes,
        )
        bearer = webhook.key if mischief.bearer is None else mischief.bearer
        forged = [(name, mischief.forwarded_for) for name in _FORWARDED if mischief.forwarded_for]
        return (*headers(webhook, body, bearer=bearer), *forged), body


# By which proxies tell whom a request came from.
_FORWARDED = ("x-forwarded-for", "x-real-ip")


def event_of(job: Job, rules: Rules) -> str | None:
    """What the end of a job is reported as; None for kinds that nobody has seen reported."""
    if isinstance(job, Variation | MotionVariation):
        if isinstance(job, MotionVariation) and not rules["webhooks.motion_variations"].value:
            return None
        # Attested with either status, so its failure has no name of its own.
        name: str = rules["webhooks.post_processing_type"].value
        return name
    if not isinstance(job, Generation):
        return None
    noun = "video_generation" if job.clip_ms else "image_generation"
    ending: str = rules["webhooks.failed_type"].value if job.state is State.FAILED else "complete"
    return f"{noun}.{ending}"


def headers(webhook: Webhook, body: bytes, *, bearer: str | None) -> Headers:
    """The headers of a delivery. Source: HOOK; their order is that of the client it names."""
    return (
        ("accept", "application/json, text/plain, */*"),
        ("content-type", "application/json"),
        *([("authorization", f"Bearer {bearer}")] if bearer else []),
        ("user-agent", "axios/1.4.0"),
        ("content-length", str(len(body))),
        ("accept-encoding", "gzip, compress, deflate, br"),
        ("host", target_of(webhook.url).authority),
        ("connection", "close"),
    )


def payload(
    ended: Ended,
    *,
    type_: str,
    rules: Rules,
    links: Links,
    legacy: bool = False,
    true_to_the_wire: bool = False,
    pad_bytes: int = 0,
) -> bytes:
    """The body of a delivery, as JSON.

    `timestamp` is when the job ended; the service's is some 60 to 200 ms later (observed).
    """
    account, key, job = ended.account, ended.key, ended.job
    told: dict[str, Any] | None
    if job.fate is not None and job.fate.null:
        told = None
    elif isinstance(job, Generation):
        told = generation(
            account, key, job, rules=rules, links=links, legacy=legacy, true_to_the_wire=true_to_the_wire
        )
    else:
        assert isinstance(job, Variation | MotionVariation), "only what has an event is reported"
        told = post_processing(account, key, job, links=links, legacy=legacy)
    return msgspec.json.encode(
        {
            "type": type_,
            "object": _noun(job),
            "timestamp": ended.at_ms,
            "api_version": "v1",
            "data": {"object": told, **({"padding": "x" * pad_bytes} if pad_bytes else {})},
        }
    )


def _noun(job: Job) -> str:
    if isinstance(job, Generation):
        return "generation"
    return f"generated_image_variation_{'motion' if isinstance(job, MotionVariation) else 'generic'}"
