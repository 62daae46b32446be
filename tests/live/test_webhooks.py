"""Webhooks as a receiver on a real socket gets them, and as the log tells of them."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from mockleo.emulator import Emulator
from mockleo.probing import ControlRefused
from mockleo.runtime.webhooks import AT_ONCE
from tests.runtime.receivers import OK, PATIENCE_S, Behaviour, Receiver, answering, resetting_after, silent

from .rig import KEY, LONG_MS, Client, Gate, Street, bearer_of, clients, deliveries, make_key

# The pauses of the schedule `steps`.
STEPS_MS = (1_000, 5_000, 30_000)

SECRET = "the-bearer-of-the-receiver"


def says(status: int, *headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {status} As Told", "content-length: 0", *headers, "", ""]
    return answering("\r\n".join(lines).encode())


def told(receiver: Receiver) -> list[Any]:
    """The objects that have come, in order."""
    return [json.loads(came.body)["data"]["object"] for came in receiver.came]


def attempts(delivery: Any) -> list[tuple[int | None, str]]:
    return [(attempt["status"], attempt["error"]) for attempt in delivery["attempts"]]


def test_an_order_is_reported_when_its_time_has_come(
    emulator: Emulator, client: Client, street: Street
) -> None:
    receiver = street.receiver()
    made = make_key(emulator, KEY, receiver.url)
    generation = client.order()
    assert receiver.came == []
    emulator.advance(LONG_MS)
    (came,) = receiver.came
    assert came.line == "POST /hook?a=1 HTTP/1.1"
    assert came.headers["authorization"] == f"Bearer {bearer_of(KEY)}"
    assert came.headers["content-type"] == "application/json"
    (thing,) = told(receiver)
    assert (thing["id"], thing["status"]) == (generation, "COMPLETE")
    (delivery,) = deliveries(emulator)
    assert (delivery["key_id"], delivery["job_id"]) == (made["id"], generation)
    assert (delivery["state"], attempts(delivery)) == ("delivered", [(200, "")])
    assert delivery["body"].encode() == came.body
    # The URL of an image in a webhook leads to the image.
    (image,) = thing["images"]
    assert client.web.get(image["url"]).headers["content-type"] == "image/jpeg"


def test_a_job_that_fails_is_reported_too(emulator: Emulator, client: Client, street: Street) -> None:
    receiver = street.receiver()
    make_key(emulator, KEY, receiver.url)
    emulator.control("POST", "faults", {"fault": "job-fails", "nth": [1]})
    failed, forced, done = client.order(), client.order(), client.order()
    emulator.control("POST", f"jobs/{forced}", {"event": "FAIL"})
    emulator.advance(LONG_MS)
    assert sorted((thing["id"], thing["status"]) for thing in told(receiver)) == sorted(
        [(failed, "FAILED"), (forced, "FAILED"), (done, "COMPLETE")]
    )


@pytest.fixture(scope="module")
def impatient() -> Iterator[Emulator]:
    """One that waits for a receiver no longer than a few milliseconds."""
    with Emulator(seed=7, time="manual", rules={"webhooks.timeout": 30}) as emulator:
        yield emulator


@pytest.mark.parametrize(
    ("behaviour", "came_of_it"),
    [
        (says(301, "location: http://127.0.0.1:1/"), (301, "")),
        (says(302, "location: /elsewhere"), (302, "")),
        (says(404), (404, "")),
        (says(500), (500, "")),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\n" + OK), (200, "")),
        (answering(b"come in\r\n\r\n"), (None, "not http")),
        (answering(b""), (None, "hung up")),
        (answering(OK[:-1]), (None, "hung up")),
        (resetting_after(b""), (None, "reset")),
        (silent, (None, "timeout")),
    ],
    ids=lambda value: str(value) if isinstance(value, tuple) else "",
)
def test_only_an_answer_of_success_is_one(
    impatient: Emulator, street: Street, behaviour: Behaviour, came_of_it: tuple[int | None, str]
) -> None:
    receiver = street.receiver(behaviour)
    impatient.reset()
    with clients(impatient, KEY) as (client,):
        make_key(impatient, KEY, receiver.url)
        client.order()
        impatient.advance(LONG_MS)
        impatient.advance(24 * 3_600_000)
        (delivery,) = deliveries(impatient)
        assert attempts(delivery) == [came_of_it]
        assert delivery["state"] == ("delivered" if came_of_it == (200, "") else "failed")
        assert len(receiver.came) == 1


def test_where_nobody_listens(emulator: Emulator, client: Client, street: Street) -> None:
    make_key(emulator, KEY, street.dead())
    client.order()
    emulator.advance(LONG_MS)
    (delivery,) = deliveries(emulator)
    assert (delivery["state"], attempts(delivery)) == ("failed", [(None, "connection refused")])


def test_a_receiver_that_dies_is_tried_again_until_it_is_back(street: Street) -> None:
    """Killed between two deliveries, and started anew at the same port."""
    rules = {"webhooks.retries": "steps"}
    with Emulator(seed=7, time="manual", rules=rules) as emulator, clients(emulator, KEY) as (client,):
        first = street.receiver()
        make_key(emulator, KEY, first.url)
        client.order()
        emulator.advance(LONG_MS)
        street.kill(first)
        client.order()
        emulator.advance(LONG_MS // 2)
        delivered, failed = deliveries(emulator)
        assert (delivered["state"], failed["state"]) == ("delivered", "failed")
        refused = (None, "connection refused")
        assert attempts(failed) == [refused] * (1 + len(STEPS_MS))
        second = street.receiver(port=first.port)
        emulator.control("POST", f"webhooks/{failed['n']}/redeliver")
        (again,) = emulator.control("POST", "webhooks/wait_for", {"since": 2, "state": "delivered"})[
            "webhooks"
        ]
        assert (again["copy_of"], again["job_id"]) == (failed["n"], failed["job_id"])
        assert [thing["id"] for thing in told(second)] == [failed["job_id"]]


def test_a_500_is_tried_again_when_the_schedule_says_so(street: Street) -> None:
    receiver = street.receiver(says(500), says(503), says(200))
    rules = {"webhooks.retries": "steps", "durations.spread": 0}
    with Emulator(seed=7, time="manual", rules=rules) as emulator, clients(emulator, KEY) as (client,):
        make_key(emulator, KEY, receiver.url)
        job = client.order()
        emulator.control("POST", f"jobs/{job}", {"event": "FINISH"})
        emulator.advance(0)
        seen = [len(receiver.came)]
        for pause_ms in STEPS_MS:
            for by_ms in (pause_ms - 1, 1):
                emulator.advance(by_ms)
                seen.append(len(receiver.came))
        assert seen == [1, 1, 2, 2, 3, 3, 3]
        assert len({came.body for came in receiver.came}) == 1
        (delivery,) = deliveries(emulator)
        assert (delivery["state"], attempts(delivery)) == ("delivered", [(500, ""), (503, ""), (200, "")])
        pauses = [late["at_ms"] - early["ended_ms"] for early, late in pairwise(delivery["attempts"])]
        assert pauses == list(STEPS_MS[:2])


def test_one_long_move_makes_the_same_attempts(street: Street) -> None:
    receiver = street.receiver(says(500))
    with (
        Emulator(seed=7, time="manual", rules={"webhooks.retries": "steps"}) as emulator,
        clients(emulator, KEY) as (client,),
    ):
        make_key(emulator, KEY, receiver.url)
        client.order()
        emulator.advance(LONG_MS)
        (delivery,) = deliveries(emulator)
        at_ms = [attempt["at_ms"] for attempt in delivery["attempts"]]
        assert tuple(late - early for early, late in pairwise(at_ms)) == STEPS_MS
        assert delivery["state"] == "failed"


def test_a_receiver_that_never_answers_delays_nobody_else(street: Street) -> None:
    gate = Gate()
    slow, fast = street.receiver(gate.holding(answering(OK))), street.receiver()
    with (
        Emulator(seed=7, time="manual", rules={"webhooks.timeout": 1_000 * PATIENCE_S}) as emulator,
        clients(emulator, "slow-key", "fast-key") as (one, other),
        ThreadPoolExecutor(1) as pool,
    ):
        keys = [
            make_key(emulator, client.key, receiver.url)["id"]
            for client, receiver in ((one, slow), (other, fast))
        ]
        # More than are sent at once, and all of them before the fast one's.
        flood = {"fault": "webhook-doubled", "copies": AT_ONCE + 6, "key": keys[0]}
        emulator.control("POST", "faults", flood)
        one.order()
        mine = [other.order() for _ in range(3)]
        for job in emulator.control("GET", "jobs?limit=100")["jobs"]:
            emulator.control("POST", f"jobs/{job['id']}", {"event": "FINISH"})
        moving = pool.submit(emulator.advance, 0)
        gate.wait()
        wanted = {"key": keys[1], "state": "delivered", "count": len(mine)}
        found = emulator.control("POST", "webhooks/wait_for", wanted)["webhooks"]
        assert sorted(each["job_id"] for each in found) == sorted(mine)
        assert {each["state"] for each in deliveries(emulator, key=keys[0])} == {"pending"}
        # Nor are the clients: requests are answered all the while.
        assert one.status(one.order()) == "PENDING"
        assert not moving.done(), "a move is over when all that follows from it has happened"
        gate.open()
        moving.result(PATIENCE_S)
        assert {each["state"] for each in deliveries(emulator, key=keys[0])} == {"delivered"}


def test_it_stops_although_a_receiver_never_answers(street: Street) -> None:
    gate = Gate()
    receiver = street.receiver(gate.holding(silent))
    rules = {"webhooks.timeout": 1_000 * PATIENCE_S}
    with Emulator(seed=7, time="instant", rules=rules) as emulator, clients(emulator, KEY) as (client,):
        make_key(emulator, KEY, receiver.url)
        client.order()
        gate.wait()
    gate.open()


def test_the_same_bytes_are_sent_once_more(emulator: Emulator, client: Client, street: Street) -> None:
    receiver = street.receiver()
    make_key(emulator, KEY, receiver.url, payload="legacy2023")
    client.order()
    emulator.advance(LONG_MS)
    emulator.control("POST", "reset/jobs")
    emulator.advance(LONG_MS)
    copy = emulator.control("POST", "webhooks/1/redeliver")
    assert (copy["n"], copy["copy_of"]) == (2, 1)
    emulator.control("POST", "webhooks/wait_for", {"state": "delivered", "count": 2})
    first, second = receiver.came
    assert first == second
    # What is told of it lets no key through, and what was sent has it.
    assert KEY.encode() in first.body
    shown = json.dumps(emulator.control("GET", "webhooks/2"))
    assert KEY not in shown
    assert bearer_of(KEY) not in shown
    emulator.reset()
    with pytest.raises(ControlRefused, match="n: there is no webhook of that number"):
        emulator.control("POST", "webhooks/1/redeliver")


def test_each_key_has_its_own_generation_of_payload(street: Street) -> None:
    old, new, chosen = street.receiver(), street.receiver(), street.receiver()
    rules = {"webhooks.payload": "legacy2023"}
    with (
        Emulator(seed=7, time="manual", rules=rules) as emulator,
        clients(emulator, "old-client", "new-client", "any-client") as all_of_them,
    ):
        for client, receiver, payload in zip(
            all_of_them, (old, new, chosen), ("legacy2023", "2026", None), strict=True
        ):
            make_key(emulator, client.key, receiver.url, payload=payload)
            client.order()
        emulator.advance(LONG_MS)
    for receiver, kind, key in ((old, str, "old-client"), (new, int, None), (chosen, str, "any-client")):
        (thing,) = told(receiver)
        assert type(thing["seed"]) is kind
        assert type(thing["apiDollarCost"]) is kind
        assert thing.get("apiKey", {}).get("key") == key


def test_the_webhook_of_the_settings_is_every_keys(street: Street) -> None:
    receiver, own = street.receiver(), street.receiver()
    with (
        Emulator(seed=7, time="manual", webhook=receiver.url, webhook_key=SECRET) as emulator,
        clients(emulator, "one-client", "another-client", "own-client") as (one, another, with_its_own),
    ):
        make_key(emulator, "own-client", own.url)
        orders = [one.order(), another.order()]
        mine = with_its_own.order()
        emulator.advance(LONG_MS)
        assert sorted(thing["id"] for thing in told(receiver)) == sorted(orders)
        assert [thing["id"] for thing in told(own)] == [mine]
        assert {came.headers["authorization"] for came in receiver.came} == {f"Bearer {SECRET}"}
        assert [came.headers["authorization"] for came in own.came] == [f"Bearer {bearer_of('own-client')}"]
        environment = emulator.control("GET", "environment")
        assert environment["LEONARDO_WEBHOOK_KEY"] == SECRET


def test_a_webhook_without_a_key_of_its_own_has_no_bearer(street: Street) -> None:
    receiver = street.receiver()
    with (
        Emulator(seed=7, time="manual", webhook=receiver.url) as emulator,
        clients(emulator, KEY) as (client,),
    ):
        client.order()
        emulator.advance(LONG_MS)
        (came,) = receiver.came
        assert "authorization" not in came.headers


def test_a_key_that_was_revoked_is_still_told_of_its_jobs(
    emulator: Emulator, client: Client, street: Street
) -> None:
    """They were ordered and paid; only new orders are refused."""
    receiver = street.receiver()
    made = make_key(emulator, KEY, receiver.url)
    job = client.order()
    assert emulator.control("DELETE", f"keys/{made['id']}")["revoked_ms"] is not None
    assert client.ask("GET", "/me").status_code == 401
    emulator.advance(LONG_MS)
    assert [thing["id"] for thing in told(receiver)] == [job]


def test_two_keys_of_one_account_have_a_webhook_each(emulator: Emulator, street: Street) -> None:
    one, other = street.receiver(), street.receiver()
    with clients(emulator, "first-key", "second-key", "third-key") as all_of_them:
        account = make_key(emulator, "first-key", one.url)["account"]
        make_key(emulator, "second-key", other.url, account=account)
        make_key(emulator, "third-key", account=account)
        first, second, _ = [client.order() for client in all_of_them]
        emulator.advance(LONG_MS)
        assert [thing["id"] for thing in told(one)] == [first]
        assert [thing["id"] for thing in told(other)] == [second]
        assert len({client.user_id for client in all_of_them}) == 1
