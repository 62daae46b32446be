"""What goes wrong with webhooks on demand, as their receiver sees it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from mockleo.emulator import Emulator
from tests.runtime.receivers import OK, PATIENCE_S, Came, answering

from .rig import KEY, LONG_MS, Client, Gate, Street, bearer_of, clients, deliveries, make_key

COMPLETE = "image_generation.complete"
LATE_MS = 60_000


class Seen(NamedTuple):
    """What a receiver makes of one request. The first order is job 0."""

    job: int
    bearer: str | None = f"Bearer {bearer_of(KEY)}"
    event: str = COMPLETE
    seed: type = int
    is_huge: bool = False


def seen(came: Came, jobs: list[str]) -> Seen:
    body = json.loads(came.body)
    thing = body["data"]["object"]
    return Seen(
        job=jobs.index(thing["id"]),
        bearer=came.headers.get("authorization"),
        event=body["type"],
        seed=type(thing["seed"]),
        is_huge=len(came.body) > 1_000_000,
    )


# What comes of two jobs that end one after the other where the first webhook meets the fault: by the
# end of the second one, and by the time that whatever was held back has come.
MISCHIEF: list[tuple[dict[str, Any], list[Seen], list[Seen]]] = [
    ({"fault": "webhook-lost"}, [Seen(1)], []),
    ({"fault": "webhook-doubled"}, [Seen(0), Seen(0), Seen(1)], []),
    ({"fault": "webhook-doubled", "copies": 4}, [Seen(0), Seen(0), Seen(0), Seen(0), Seen(1)], []),
    ({"fault": "webhook-late", "late_ms": LATE_MS}, [Seen(1)], [Seen(0)]),
    ({"fault": "webhook-reordered", "hold_ms": LATE_MS}, [Seen(1), Seen(0)], []),
    ({"fault": "webhook-wrong-bearer", "bearer": "a-stranger"}, [Seen(0, "Bearer a-stranger"), Seen(1)], []),
    ({"fault": "webhook-no-bearer"}, [Seen(0, None), Seen(1)], []),
    ({"fault": "webhook-other-payload"}, [Seen(0, seed=str), Seen(1)], []),
    ({"fault": "webhook-unknown-type", "type": "x.y"}, [Seen(0, event="x.y"), Seen(1)], []),
    ({"fault": "webhook-huge", "pad_bytes": 2_000_000}, [Seen(0, is_huge=True), Seen(1)], []),
]


@pytest.mark.parametrize(("fault", "at_first", "later"), MISCHIEF, ids=lambda value: str(value)[:60])
def test_what_the_receiver_sees(
    emulator: Emulator,
    client: Client,
    street: Street,
    fault: dict[str, Any],
    at_first: list[Seen],
    later: list[Seen],
) -> None:
    receiver = street.receiver()
    make_key(emulator, KEY, receiver.url)
    emulator.control("POST", "faults", {**fault, "id": "mischief", "nth": [1]})
    jobs = [client.order(), client.order()]
    for job in jobs:
        emulator.control("POST", f"jobs/{job}", {"event": "FINISH"})
        emulator.advance(0)
    assert [seen(came, jobs) for came in receiver.came] == at_first
    emulator.advance(LATE_MS - 1)
    assert [seen(came, jobs) for came in receiver.came] == at_first
    emulator.advance(1)
    assert [seen(came, jobs) for came in receiver.came] == at_first + later
    # The log says who did it, the journal nothing: no request has met it.
    touched = [each for each in deliveries(emulator) if each["faults"]]
    assert {tuple(each["faults"]) for each in touched} == {("mischief",)}
    assert {each["job_id"] for each in touched} == {jobs[0]}
    assert emulator.control("GET", "faults/mischief")["fired"] == 1


def test_one_that_is_held_back_comes_by_itself_where_none_overtakes_it(
    emulator: Emulator, client: Client, street: Street
) -> None:
    receiver = street.receiver()
    make_key(emulator, KEY, receiver.url)
    emulator.control("POST", "faults", {"fault": "webhook-reordered", "hold_ms": LATE_MS})
    emulator.control("POST", f"jobs/{client.order()}", {"event": "FINISH"})
    emulator.advance(LATE_MS - 1)
    assert receiver.came == []
    emulator.advance(1)
    assert len(receiver.came) == 1


def test_doubled_ones_have_the_same_bytes(emulator: Emulator, client: Client, street: Street) -> None:
    receiver = street.receiver()
    make_key(emulator, KEY, receiver.url)
    emulator.control("POST", "faults", {"fault": "webhook-doubled", "copies": 3})
    client.order()
    emulator.advance(LONG_MS)
    assert len(receiver.came) == 3
    assert len({came.body for came in receiver.came}) == 1
    assert len({tuple(came.headers.items()) for came in receiver.came}) == 1
    assert [each["copy_of"] for each in deliveries(emulator)] == [None, 1, 1]


def test_the_webhook_comes_before_the_answer(emulator: Emulator, client: Client, street: Street) -> None:
    """The receiver is told of a job whose id the client does not know yet."""
    gate = Gate()
    receiver = street.receiver(gate.holding(answering(OK)), answering(OK))
    with ThreadPoolExecutor(1) as pool:
        make_key(emulator, KEY, receiver.url)
        emulator.control("POST", "faults", {"fault": "webhook-first", "nth": [1]})
        ordering = pool.submit(client.order)
        gate.wait()
        assert not ordering.done()
        (came,) = receiver.came
        told = json.loads(came.body)["data"]["object"]
        assert told["status"] == "COMPLETE"
        gate.open()
        assert ordering.result(PATIENCE_S) == told["id"]
        assert client.status(told["id"]) == "COMPLETE"
        assert client.status(client.order()) == "PENDING"


@pytest.mark.parametrize(
    ("narrowed", "touched"),
    [
        (lambda key, user: {"key": key}, [True, False]),
        (lambda key, user: {"account": user}, [True, False]),
        (lambda key, user: {"operations": [COMPLETE]}, [True, True]),
        (lambda key, user: {"operations": ["video_generation.*"]}, [False, False]),
        (lambda key, user: {"from_ms": 2 * LONG_MS}, [False, False]),
    ],
)
def test_whose_webhooks_are_met(
    emulator: Emulator, street: Street, narrowed: Callable[[str, str], dict[str, Any]], touched: list[bool]
) -> None:
    receiver = street.receiver()
    with clients(emulator, "one-client", "other-client") as (one, other):
        made = make_key(emulator, "one-client", receiver.url)
        make_key(emulator, "other-client", receiver.url)
        fault = {"fault": "webhook-no-bearer", **narrowed(made["id"], made["account"])}
        emulator.control("POST", "faults", fault)
        jobs = [one.order(), other.order()]
        emulator.advance(LONG_MS)
        bare = {seen(came, jobs).job for came in receiver.came if "authorization" not in came.headers}
        assert [job in bare for job in (0, 1)] == touched
        assert len(receiver.came) == 2


def test_a_lost_one_is_not_tried_again_and_its_bytes_are_to_be_had(street: Street) -> None:
    receiver = street.receiver()
    with (
        Emulator(seed=7, time="manual", rules={"webhooks.retries": "steps"}) as emulator,
        clients(emulator, KEY) as (client,),
    ):
        make_key(emulator, KEY, receiver.url)
        emulator.control("POST", "faults", {"fault": "webhook-lost"})
        job = client.order()
        emulator.advance(2 * LONG_MS)
        (lost,) = deliveries(emulator)
        assert (lost["state"], lost["attempts"], receiver.came) == ("lost", [], [])
        emulator.control("POST", f"webhooks/{lost['n']}/redeliver")
        emulator.control("POST", "webhooks/wait_for", {"state": "delivered"})
        (came,) = receiver.came
        assert seen(came, [job]) == Seen(0)
