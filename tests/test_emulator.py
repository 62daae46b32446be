"""The emulator inside a Python process: it starts, answers, stops, and leaves nothing behind."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

import mockleo
from mockleo.emulator import Emulator
from mockleo.runtime.server import PortTaken
from mockleo.settings import BadSetting
from tests.wire.leo import LONG_MS


def threads() -> int:
    """How many servers there are."""
    return sum(thread.name == "mockleo" for thread in threading.enumerate())


def call(emulator: Emulator, method: str, path: str, **given: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {emulator.api_key}"}
    with httpx.Client(trust_env=False, base_url=emulator.base_url, headers=headers) as client:
        return client.request(method, path, **given)  # type: ignore[arg-type]  # httpx's own words


def refuses(port: int) -> bool:
    """Whether nobody listens on `port`."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=7, time="manual") as emulator:
        yield emulator


def test_it_is_to_be_had_from_the_package() -> None:
    assert mockleo.Emulator is Emulator
    with pytest.raises(AttributeError, match="has no attribute 'Simulator'"):
        mockleo.Simulator  # noqa: B018  the look is the point


def test_it_answers_where_it_says(emulator: Emulator) -> None:
    assert emulator.base_url == f"{emulator.url}/api/rest/v1"
    assert emulator.settings.port != 0
    answer = call(emulator, "GET", "/me")
    assert answer.json()["user_details"][0]["user"]["id"]


def test_it_stops_and_frees_its_port_and_its_thread() -> None:
    before = threads()
    with Emulator(time="manual") as emulator:
        port = emulator.settings.port
        assert not refuses(port)
        assert threads() == before + 1
    assert (refuses(port), threads()) == (True, before)
    with Emulator(time="manual", port=port) as again:
        assert again.settings.port == port
        assert call(again, "GET", "/me").status_code == 200


def test_no_thread_is_left_over() -> None:
    before = threading.active_count()
    with Emulator(time="manual") as emulator:
        call(emulator, "GET", "/me")
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_stopping_twice_does_nothing() -> None:
    emulator = Emulator(time="manual").start()
    emulator.stop()
    emulator.stop()


def test_stopping_before_the_start_does_nothing() -> None:
    Emulator().stop()


def test_it_starts_once() -> None:
    with Emulator(time="manual") as emulator, pytest.raises(AssertionError, match="starts once"):
        emulator.start()


def test_it_stops_when_the_block_breaks() -> None:
    port = 0

    def breaks() -> None:
        nonlocal port
        with Emulator(time="manual") as emulator:
            port = emulator.settings.port
            raise KeyError("the block's own")

    with pytest.raises(KeyError, match="the block's own"):
        breaks()
    assert refuses(port)


def test_two_at_once_are_two(emulator: Emulator) -> None:
    with Emulator(seed=8, time="manual") as other:
        assert other.url != emulator.url
        assert call(other, "GET", "/me").json() != call(emulator, "GET", "/me").json()


def test_a_port_that_is_taken_is_told(emulator: Emulator) -> None:
    with pytest.raises(PortTaken, match=f"cannot listen on 127.0.0.1:{emulator.settings.port}"):
        Emulator(port=emulator.settings.port).start()


def test_time_passes_when_it_is_told_to(emulator: Emulator) -> None:
    emulator.reset()
    order = {"prompt": "a lighthouse", "num_images": 1}
    generation = call(emulator, "POST", "/generations", json=order).json()["sdGenerationJob"]["generationId"]

    def status() -> str:
        body = call(emulator, "GET", f"/generations/{generation}").json()
        return str(body["generations_by_pk"]["status"])

    assert status() == "PENDING"
    emulator.advance(LONG_MS)
    # It has happened by now, whether or not somebody asks.
    assert [type(each).__name__ for each in emulator.app.record.transitions] == ["Booked", "Moved", "Moved"]
    assert status() == "COMPLETE"


def test_time_does_not_go_backwards(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="time does not go backwards"):
        emulator.advance(-1)


@pytest.mark.parametrize("time", ["real", "x60", "instant"])
def test_time_that_passes_by_itself_is_not_moved(time: str) -> None:
    with Emulator(time=time) as emulator, pytest.raises(BadSetting, match="advance needs manual"):
        emulator.advance(1)


def test_a_reset_begins_again(emulator: Emulator) -> None:
    call(emulator, "GET", "/me")
    emulator.reset()
    assert (emulator.app.site.world.accounts, len(emulator.app.record.exchanges)) == ({}, 0)


def test_nothing_is_done_on_one_that_does_not_run() -> None:
    emulator = Emulator(time="manual")
    with pytest.raises(AssertionError, match="is not running"):
        emulator.reset()
    emulator.start()
    emulator.stop()
    with pytest.raises(AssertionError, match="is not running"):
        emulator.reset()
    with pytest.raises(AssertionError, match="is not running"):
        emulator.advance(1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sed": 7}, "sed"),
        ({"time": "soon"}, "time: 'soon'"),
        ({"port": 99_999}, "port: 99999 is no port"),
        ({"host": "0.0.0.0"}, "control-token"),  # noqa: S104
    ],
)
def test_a_bad_setting_is_told_before_anything_starts(settings: dict[str, object], message: str) -> None:
    before = threading.active_count()
    with pytest.raises(BadSetting, match=message):
        Emulator(**settings)  # type: ignore[arg-type]  # that they do not fit is the point
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"plan": "gold"}, "plan: 'gold'"), ({"rules": {"nothing": 1}}, "rule nothing")],
)
def test_a_bad_row_is_told_and_leaves_no_port_open(settings: dict[str, object], message: str) -> None:
    emulator = Emulator(**settings)  # type: ignore[arg-type]  # their kinds are the settings' own
    with pytest.raises(BadSetting, match=message):
        emulator.start()
    assert refuses(emulator.settings.port)
    emulator.stop()
