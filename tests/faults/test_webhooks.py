"""What each fault on webhooks asks of the sender, alone and together with others."""

from typing import Any

import msgspec
import pytest

from mockleo.faults.fault import WebhookFault
from mockleo.faults.menu import KINDS, MENU
from mockleo.faults.webhooks import mischief_of
from mockleo.runtime.webhooks import HARMLESS, Mischief

from .rig import refused

Told = dict[str, Any]

MISCHIEF: list[tuple[Told, Mischief]] = [
    ({"fault": "webhook-lost"}, Mischief(lost=True)),
    ({"fault": "webhook-doubled"}, Mischief(copies=2)),
    ({"fault": "webhook-doubled", "copies": 5}, Mischief(copies=5)),
    ({"fault": "webhook-late"}, Mischief(late_ms=60_000)),
    ({"fault": "webhook-late", "late_ms": 1}, Mischief(late_ms=1)),
    ({"fault": "webhook-reordered"}, Mischief(hold_ms=60_000)),
    ({"fault": "webhook-reordered", "hold_ms": 9}, Mischief(hold_ms=9)),
    ({"fault": "webhook-wrong-bearer"}, Mischief(bearer="not-the-webhook-key")),
    ({"fault": "webhook-wrong-bearer", "bearer": "guess"}, Mischief(bearer="guess")),
    ({"fault": "webhook-no-bearer"}, Mischief(bearer="")),
    ({"fault": "webhook-forged"}, Mischief(bearer="not-the-webhook-key", forwarded_for="127.0.0.1")),
    ({"fault": "webhook-other-payload"}, Mischief(payload="legacy2023")),
    ({"fault": "webhook-other-payload", "payload": "2026"}, Mischief(payload="2026")),
    ({"fault": "webhook-unknown-type"}, Mischief(type="image_generation.archived")),
    ({"fault": "webhook-unknown-type", "type": "x"}, Mischief(type="x")),
    ({"fault": "webhook-huge"}, Mischief(pad_bytes=5_000_000)),
    ({"fault": "webhook-huge", "pad_bytes": 1}, Mischief(pad_bytes=1)),
]


def read(told: Told) -> WebhookFault:
    fault = msgspec.convert(told, KINDS)
    assert isinstance(fault, WebhookFault)
    return fault


def test_the_table_has_every_kind() -> None:
    ours = {kind.__name__ for kind in MENU if issubclass(kind, WebhookFault)}
    assert {type(read(told)).__name__ for told, _ in MISCHIEF} == ours


@pytest.mark.parametrize(("told", "mischief"), MISCHIEF)
def test_each_kind_has_its_mischief(told: Told, mischief: Mischief) -> None:
    assert read(told).mischief() == mischief != HARMLESS


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"fault": "webhook-doubled", "copies": 1}, "^copies: 1 is less than 2"),
        ({"fault": "webhook-late", "late_ms": 0}, "^late_ms: 0 is less than 1"),
        ({"fault": "webhook-reordered", "hold_ms": 0}, "^hold_ms: 0 is less than 1"),
        ({"fault": "webhook-wrong-bearer", "bearer": ""}, "^bearer: must not be empty"),
        ({"fault": "webhook-wrong-bearer", "bearer": "a\nb"}, "^bearer: "),
        ({"fault": "webhook-wrong-bearer", "bearer": "schlüssel"}, "^bearer: "),
        (
            {"fault": "webhook-other-payload", "payload": "2024"},
            "^payload: '2024' is none of 2026",
        ),
        ({"fault": "webhook-unknown-type", "type": ""}, "^type: must not be empty"),
        ({"fault": "webhook-huge", "pad_bytes": 0}, "^pad_bytes: 0 is less than 1"),
        ({"fault": "webhook-lost", "copies": 2}, "copies"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(told: Told, words: str) -> None:
    refused(told, words)


def test_nothing_is_harmless() -> None:
    assert mischief_of(()) == HARMLESS


def test_several_act_together_and_are_named() -> None:
    faults = [
        read({"id": "a", "fault": "webhook-late", "late_ms": 5}),
        msgspec.convert({"id": "b", "fault": "job-fails"}, KINDS),
        read({"id": "c", "fault": "webhook-late", "late_ms": 6}),
        read({"id": "d", "fault": "webhook-doubled"}),
        read({"id": "e", "fault": "webhook-wrong-bearer"}),
        read({"id": "f", "fault": "webhook-no-bearer"}),
    ]
    assert mischief_of(faults) == Mischief(late_ms=11, copies=2, bearer="", faults=("a", "c", "d", "e", "f"))
