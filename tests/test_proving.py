"""The emulator as whom the contract suite judges: doors of its own, a seed that repeats it, a clock
that costs no time.
"""

from __future__ import annotations

import json
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from mockleo.conformance.door import ABILITIES, MayNot, NoAnswer, Request
from mockleo.proving import TheEmulator
from mockleo.settings import BadSetting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mockleo.conformance.door import Answer, Door

ORDER = {"prompt": "a cat"}


def call(door: Door, method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
    headers = [("authorization", f"Bearer {door.api_key if key is None else key}")]
    content = b"" if body is None else json.dumps(body).encode()
    if content:
        headers.append(("content-type", "application/json"))
    return door.send(
        Request(method=method, url=f"{door.base_url}{path}", headers=tuple(headers), body=content)
    )


def told(answer: Answer) -> Any:
    assert answer.status == 200, answer
    (root,) = json.loads(answer.body).values()
    return root


def order(door: Door) -> str:
    generation: str = told(call(door, "POST", "/generations", ORDER))["generationId"]
    return generation


def status(door: Door, generation: str) -> str:
    read: str = told(call(door, "GET", f"/generations/{generation}"))["status"]
    return read


def credits(door: Door) -> int:
    (me,) = told(call(door, "GET", "/me"))
    left: int = me["apiSubscriptionTokens"] + (me["apiPaidTokens"] or 0)
    return left


def a_walk(door: Door) -> list[bytes]:
    """Some of everything that chance has a hand in, as it was answered."""
    generation = order(door)
    bodies = [call(door, "POST", "/prompt/random").body]
    for ms in (0, 3_000, 60_000):
        door.wait(ms)
        bodies.append(call(door, "GET", f"/generations/{generation}").body)
    bodies.append(call(door, "POST", "/init-image", {"extension": "png"}).body)
    bodies.append(call(door, "GET", "/me").body)
    return bodies


def test_the_same_seed_is_the_same_service_and_another_is_another() -> None:
    walks = []
    for seed in (7, 7, 8):
        with closing(TheEmulator().open(seed=seed)) as door:
            walks.append((door.api_key, a_walk(door)))
    assert walks[0] == walks[1]
    assert walks[0] != walks[2]
    assert walks[0][0] != walks[2][0]


def test_doors_know_nothing_of_one_another() -> None:
    opener = TheEmulator()
    with closing(opener.open(seed=7)) as one, closing(opener.open(seed=7)) as other:
        generation = order(one)
        one.wait(60_000)
        assert status(one, generation) == "COMPLETE"
        assert told(call(other, "GET", f"/generations/{generation}")) is None


def test_waiting_moves_the_services_time_and_no_other() -> None:
    with closing(TheEmulator(settings={"rules": {"durations.spread": "0"}}).open(seed=7)) as door:
        generation = order(door)
        seen = []
        for ms in (0, 3_999, 1, 0):
            door.wait(ms)
            seen.append(status(door, generation))
        assert seen == ["PENDING", "PENDING", "COMPLETE", "COMPLETE"]


def test_keys_are_strict() -> None:
    with closing(TheEmulator().open(seed=7)) as door:
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", door.api_key)
        assert call(door, "GET", "/me").status == 200
        assert call(door, "GET", "/me", key="00000000-0000-4000-8000-000000000000").status == 401
        assert call(door, "GET", "/me", key="no uuid").status == 500


def test_a_busy_client_meets_no_limit_and_does_not_run_dry() -> None:
    with closing(TheEmulator().open(seed=7)) as door:
        before = credits(door)
        assert {call(door, "POST", "/generations", ORDER).status for _ in range(2_500)} == {200}
        assert before > 2_500 * 1_000
        assert credits(door) < before


def test_a_fresh_account_has_what_was_asked_for() -> None:
    opener = TheEmulator()
    small = {"credits": 40, "rules": {"plans.credits.per_minute.createGeneration": "2"}}
    with closing(opener.fresh(seed=7, settings=small)) as door:
        assert credits(door) == 40
        order(door)
        poor = call(door, "POST", "/generations", ORDER)
        assert (poor.status, b"not enough api tokens" in poor.body) == (400, True)
        assert call(door, "POST", "/generations", ORDER).status == 429
        door.wait(60_000)
        assert call(door, "POST", "/generations", ORDER).status == 400


@pytest.mark.parametrize("how", ["open", "fresh"])
def test_the_openers_own_settings_hold_for_each_of_its_doors(how: str) -> None:
    """Beside those of the door, which go before them."""
    opener = TheEmulator(
        settings={
            "plan": "payg",
            "rules": {"generation.num_images.max": "1", "generation.num_images.default": "1"},
            "refusals": {"invalid-value.status": "422"},
        }
    )
    made = (
        opener.open(seed=7)
        if how == "open"
        else opener.fresh(seed=7, settings={"rules": {"page.limit.max": "1"}})
    )
    with closing(made) as door:
        assert call(door, "POST", "/generations", ORDER | {"num_images": 2}).status == 422
        cost = told(call(door, "POST", "/generations", ORDER))["cost"]["unit"]
        assert cost == ("CREDITS" if how == "open" else "DOLLARS")


@pytest.mark.parametrize(
    "settings", [{"credits": -1}, {"rules": {"no.such.rule": "1"}}, {"time": "tomorrow"}]
)
def test_a_setting_that_cannot_be_is_told(settings: Mapping[str, object]) -> None:
    with pytest.raises(BadSetting):
        TheEmulator().fresh(seed=7, settings=settings)


def test_it_can_be_sent_to_another_process() -> None:
    opener = TheEmulator(settings={"rules": {"durations.spread": "0"}}, name="mine")
    sent = pickle.loads(pickle.dumps(opener))  # noqa: S301  our own
    assert sent == opener
    assert (sent.name, sent.divisible) == ("mine", True)
    with closing(sent.open(seed=7)) as there, closing(opener.open(seed=7)) as here:
        assert a_walk(there) == a_walk(here)


def test_all_can_be_had_there() -> None:
    with closing(TheEmulator().open(seed=7)) as door:
        assert door.abilities == ABILITIES
        assert door.base_url.endswith("/api/rest/v1")


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "connection-close"},
        {"fault": "connection-close", "commit": True},
        {"fault": "connection-reset"},
    ],
    ids=str,
)
def test_an_answer_that_is_lost_is_no_answer(fault: Mapping[str, object]) -> None:
    opener = TheEmulator(settings={"faults": ({**fault, "operations": ["createGeneration"], "nth": [1]},)})
    with closing(opener.open(seed=7)) as door:
        before = credits(door)
        with pytest.raises(NoAnswer):
            call(door, "POST", "/generations", ORDER)
        carried_out = credits(door) < before
        assert carried_out is fault.get("commit", False)
        assert call(door, "POST", "/generations", ORDER | {"prompt": "a dog"}).status == 200


def test_an_answer_that_is_held_comes_when_time_passes() -> None:
    opener = TheEmulator(
        settings={"faults": ({"fault": "latency", "ms": 5_000, "operations": ["getUserSelf"]},)}
    )
    with closing(opener.open(seed=7)) as door, ThreadPoolExecutor(1) as threads:
        asked = threads.submit(call, door, "GET", "/me")
        while not asked.done():
            door.wait(1_000)
        assert asked.result().status == 200


def test_many_threads_are_served_and_each_job_is_paid_once() -> None:
    with closing(TheEmulator().open(seed=7)) as door:
        price = int(told(call(door, "POST", "/generations", ORDER))["cost"]["amount"])
        before = credits(door)
        with ThreadPoolExecutor(16) as threads:
            made = list(threads.map(lambda _: order(door), range(400)))
        assert len(set(made)) == 400
        assert before - credits(door) == 400 * price


def test_what_was_uploaded_is_gone_with_the_door_and_so_is_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    door = TheEmulator().open(seed=7)
    form = told(call(door, "POST", "/init-image", {"extension": "png"}))
    fields = json.loads(form["fields"])
    lines = [
        f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    lines.append('--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nbytes\r\n--b--\r\n')
    posted = door.send(
        Request(
            method="POST",
            url=form["url"],
            headers=(("content-type", "multipart/form-data; boundary=b"),),
            body="".join(lines).encode(),
        )
    )
    assert posted.status == 204
    record = told(call(door, "GET", f"/init-image/{form['id']}"))
    assert door.send(Request(method="GET", url=record["url"])).body == b"bytes"
    assert list(tmp_path.iterdir())
    door.close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(MayNot):
        call(door, "GET", "/me")
