"""The pipeline as a whole: its steps in their order, the record of them, and beginning again."""

import asyncio
import logging
from typing import Any

import pytest

from mockleo.app import App
from mockleo.pipeline import STEPS
from mockleo.runtime.clock import Mode
from mockleo.settings import BadSetting, Settings
from mockleo.wire.auth import Doorkeeper
from tests.wire.leo import LONG_MS, STRANGER, Leo, refused

API = "/api/rest/v1"


def test_the_steps_are_one_list_that_reads_from_top_to_bottom() -> None:
    assert [step.__name__ for step in STEPS] == [
        "catch_up",
        "authenticate",
        "find_operation",
        "meet_faults",
        "keep_limits",
        "validate",
        "answer",
    ]


def test_of_all_faults_the_first_steps_is_told() -> None:
    leo = Leo(keys="strict")
    assert leo.send("PUT", f"{API}/generations/x", content=b"{").status_code == 401
    assert refused(leo.ask("PUT", "/nothing", content=b"{")).code == "not-found"
    assert refused(leo.ask("PUT", "/generations", content=b"{")).code == "method-not-allowed"
    assert refused(leo.ask("POST", "/generations", content=b"{")).code == "invalid-json"
    assert refused(leo.ask("POST", "/generations", content=b"{}")).code == "validation-failed"


@pytest.mark.parametrize(
    ("time", "mode"),
    [
        ("manual", Mode.MANUAL),
        ("real", Mode.REAL),
        ("x60", Mode.REAL),
        ("auto", Mode.AUTO),
        ("instant", Mode.REAL),
    ],
)
def test_the_clock_is_the_one_that_was_asked_for(time: str, mode: Mode) -> None:
    assert App.of(Settings(time=time)).clock.mode is mode


def test_an_instant_job_is_done_as_soon_as_its_answer_is_sent() -> None:
    contract = App.of(Settings(time="instant")).site.world.rules
    assert contract.table("durations.video")["VEO3"] == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"plan": "pay"}, r"plan: 'pay' is none of credits, payg; did you mean payg\?"),
        ({"rules": {"nothing": 1}}, r"rule nothing"),
        ({"refusals": {"nothing.status": 1}}, r"refusal nothing"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        App.of(Settings(**settings))


def test_the_operators_credits_are_on_every_account() -> None:
    leo = Leo(credits=77)
    assert leo.get("/me")[0]["apiPaidTokens"] == 77
    assert leo.beside("another").get("/me")[0]["apiPaidTokens"] == 77


def test_there_is_always_a_key_that_works() -> None:
    for settings in ({"keys": "strict"}, {"keys": "open"}, {"keys": "strict", "api_keys": (STRANGER,)}):
        leo = Leo(**settings)
        assert leo.get("/me")
        assert leo.key == settings.get("api_keys", (leo.key,))[0]


# --- the record ----------------------------------------------------------------------------------


def test_every_exchange_is_noted() -> None:
    leo = Leo()
    generation = leo.order()
    leo.advance(1_000)
    leo.ask("GET", "/nothing")
    leo.send("GET", f"{API}/me")
    leo.send("GET", "/elsewhere")
    exchanges = [
        (each.at_ms, each.method, each.path, each.operation, each.user_id, each.status, each.why)
        for each in leo.app.record.exchanges
    ]
    user_id, now_ms = leo.user_id, leo.clock.now_ms()
    assert exchanges == [
        (now_ms - 1_000, "POST", f"{API}/generations", "createGeneration", user_id, 200, ""),
        (now_ms, "GET", f"{API}/nothing", "", user_id, 404, "endpoint-not-found"),
        (now_ms, "GET", f"{API}/me", "", "", 401, "unauthenticated"),
        (now_ms, "GET", "/elsewhere", "", "", 404, "nowhere-at-all"),
    ]
    first = leo.app.record.exchanges[0]
    assert (first.n, first.booked, first.scheme, first.outcome) == (1, (generation,), "Bearer", "answered")
    assert generation.encode() in first.answer
    assert first.body == b'{"prompt":"a lighthouse"}'


def test_no_key_is_in_the_record() -> None:
    leo = Leo(key="swordfish")
    leo.order()
    assert "swordfish" not in repr(leo.app.record.exchanges)
    assert "swordfish" not in repr(leo.app.record.transitions)


def test_every_move_of_a_job_is_noted_at_its_own_time() -> None:
    leo = Leo(rules={"durations.spread": 0})
    start_ms = leo.clock.now_ms()
    generation = leo.order()
    leo.advance(LONG_MS)
    leo.get("/me")
    moves = [(type(each).__name__, each.job_id, each.at_ms - start_ms) for each in leo.app.record.transitions]
    assert moves == [("Booked", generation, 0), ("Moved", generation, 0), ("Moved", generation, 4_000)]


# --- our own bugs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [RuntimeError("a secret"), AssertionError("a secret"), KeyError("a secret")]
)
def test_a_bug_of_ours_is_a_500_that_says_so_and_no_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise error

    leo = Leo()
    monkeypatch.setattr(Doorkeeper, "key", breaks)
    with pytest.raises(AssertionError, match="a bug of ours"), caplog.at_level(logging.ERROR, "mockleo"):
        leo.send("GET", f"{API}/me", headers={"authorization": "Bearer x"})
    noted = leo.app.record.exchanges[-1]
    assert (noted.status, noted.why) == (500, "mockleo-bug")
    assert "a secret" in caplog.text
    monkeypatch.undo()
    assert leo.get("/me")


def test_a_refusal_leaves_no_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "mockleo"):
        Leo().ask("GET", "/nothing")
    assert caplog.records == []


# --- beginning again -----------------------------------------------------------------------------


def test_a_reset_begins_again() -> None:
    leo = Leo(rules={"durations.spread": 0})
    first = leo.made()
    leo.app.reset()
    assert (list(leo.app.record.exchanges), list(leo.app.record.transitions)) == ([], [])
    assert leo.generation(first["id"]) is None
    assert leo.balance == leo.app.site.world.plan.credits


def test_the_same_run_after_a_reset_is_the_same() -> None:
    leo = Leo()
    first = leo.made()
    leo.app.reset()
    assert leo.made() == first


def test_the_same_requests_give_the_same_answers() -> None:
    def story(leo: Leo) -> list[bytes]:
        generation = leo.order()
        paths = ("/me", f"/generations/{generation}", "/nothing", "/platformModels")
        answers = [leo.ask("GET", path) for path in paths]
        return [
            part
            for answer in answers
            for part in (answer.content, *map(bytes, map(str.encode, answer.headers.values())))
        ]

    assert story(Leo()) == story(Leo())
    assert story(Leo()) != story(Leo(seed=8))


# --- as a server sees it -------------------------------------------------------------------------


def test_the_scheduler_runs_while_the_server_does() -> None:
    app = App.of(Settings(time="manual", seed=7))
    sent: list[Any] = []

    async def lives() -> None:
        incoming: asyncio.Queue[Any] = asyncio.Queue()
        for kind in ("startup", "shutdown"):
            incoming.put_nowait({"type": f"lifespan.{kind}"})

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, incoming.get, send)

    asyncio.run(lives())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
