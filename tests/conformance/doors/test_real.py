"""The door to the real service, tried on one that plays it; no packet leaves this machine."""

import json
import pickle
import threading
from contextlib import suppress
from typing import Any

import pytest

from mockleo import contracts
from mockleo.conformance.door import Answer, BadTarget, MayNot, NoAnswer, OutOfBudget, Request
from mockleo.conformance.doors.budget import micro_of
from mockleo.conformance.doors.real import KEY_VARIABLE, Real, RealService
from tests.conformance.doors.played import Played, lost, replaced, status
from tests.conformance.doors.test_pace import Held

IMAGE = {"prompt": "a lighthouse", "num_images": 1, "width": 512, "height": 512}
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def service(played: Played, *, budget: str = "5", spend: bool = True) -> RealService:
    return RealService(
        real=True,
        budget=budget,
        spend=spend,
        environ={KEY_VARIABLE: played.api_key},
        base_url=played.base_url,
        watch=Held(),
    )


def opened(real: RealService) -> Real:
    door = real.open(seed=7)
    assert isinstance(door, Real)
    return door


def call(door: Real, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    said = {"authorization": f"Bearer {door.api_key}", "content-type": "application/json", **headers}
    return door.send(
        Request(
            method=method,
            url=door.base_url + path,
            headers=tuple(said.items()),
            body=b"" if body is None else json.dumps(body).encode(),
        )
    )


def spent_micro(real: RealService) -> int:
    return micro_of(str(real.spending()["spent"]))


# --- the keys ---------------------------------------------------------------------------------------

ALL: dict[str, Any] = {"real": True, "budget": "1", "environ": {KEY_VARIABLE: "key"}}


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ({"real": False}, "without --real$"),
        ({"environ": {}}, f"without the API key in the environment variable {KEY_VARIABLE}$"),
        ({"environ": {KEY_VARIABLE: "  "}}, f"environment variable {KEY_VARIABLE}$"),
        # The emulator's key is in many a shell.
        ({"environ": {"LEONARDO_API_KEY": "key"}}, f"environment variable {KEY_VARIABLE}$"),
        ({"budget": None}, "without --budget with the dollars"),
        ({"budget": "much"}, "--budget much: a budget is an amount of dollars"),
        ({"budget": "-1"}, "--budget -1: a budget is an amount of dollars"),
        ({"budget": "nan"}, "--budget nan: a budget is an amount of dollars"),
        ({"real": False, "environ": {}, "budget": None}, "--real, and the API key in .*, and --budget"),
        # One that plays it is nearby.
        ({"base_url": "https://cloud.leonardo.ai/api/rest/v1"}, "neither this machine nor a private network"),
        ({"base_url": "http://8.8.8.8/api/rest/v1"}, "neither this machine nor a private network"),
    ],
)
def test_all_keys_turn_together(without: dict[str, Any], missing: str) -> None:
    with pytest.raises(BadTarget, match=missing):
        RealService(**{**ALL, **without}, resolve=lambda host: ("93.184.216.34",))


def test_the_key_is_none_that_the_emulator_hands_out() -> None:
    assert not KEY_VARIABLE.startswith("LEONARDO")


def test_with_all_keys_it_is_the_real_service_and_by_nothing_else() -> None:
    asked: list[str] = []

    def resolve(host: str) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",)

    door = opened(RealService(**ALL, resolve=resolve))
    assert (
        door.base_url == "https://cloud.leonardo.ai/api/rest/v1" == contracts.rules()["real"]["api"]["value"]
    )
    # The name leads home: somebody has turned it around, and nothing is sent.
    for url in (f"{door.base_url}/me", "https://cdn.leonardo.ai/x.jpg", "https://b.s3.amazonaws.com/x"):
        with pytest.raises(MayNot, match="it is no public address"):
            door.send(Request(method="GET", url=url))
    assert asked == ["cloud.leonardo.ai", "cdn.leonardo.ai", "b.s3.amazonaws.com"]
    for url in (
        "http://127.0.0.1/",
        "https://elsewhere.test/",
        "http://cdn.leonardo.ai/x",
        "https://cloud.leonardo.ai:1/",
    ):
        with pytest.raises(MayNot):
            door.send(Request(method="GET", url=url))
    assert len(asked) == 3


def test_there_is_one_budget_and_no_copy_of_it() -> None:
    with pytest.raises(TypeError, match="one budget"):
        pickle.dumps(RealService(**ALL))
    assert not RealService.divisible


# --- without --spend --------------------------------------------------------------------------------


def test_without_spend_it_only_reads() -> None:
    with Played() as played:
        real = service(played, spend=False, budget="0")
        door = opened(real)
        assert door.abilities == frozenset()
        assert call(door, "GET", "/me").status == 200
        price = {"service": "MOTION_SVD_GENERATION", "serviceParams": {"MOTION_SVD_GENERATION": {}}}
        assert call(door, "POST", "/pricing-calculator", price).status == 200
        for method, path, body in (
            ("POST", "/generations", IMAGE),
            ("POST", "/datasets", {"name": "x"}),
            ("POST", "/init-image", {"extension": "png"}),
            ("POST", "/prompt/random", None),
            ("DELETE", f"/generations/{UNKNOWN}", None),
        ):
            with pytest.raises(MayNot, match="only with --spend"):
                call(door, method, path, body)
        with pytest.raises(MayNot, match="only with --spend"):
            door.send(Request(method="POST", url=f"{played.url}/s3/bucket", body=b"x"))
        door.close()
        assert played.methods() == ["GET /me", "POST /pricing-calculator"]
        assert real.spending()["spent"] == "0"


# --- money -----------------------------------------------------------------------------------------


def test_a_job_is_reserved_at_its_worst_and_settled_at_its_price() -> None:
    with Played() as played:
        real = service(played, budget="20")
        door = opened(real)
        assert call(door, "POST", "/generations", IMAGE).status == 200
        # 15 credits, of which 0.0224 dollars are told.
        assert played.charged_micro == 22_425 <= spent_micro(real) == 22_450
        assert (
            call(door, "POST", "/generations", {"prompt": "x", "num_images": 8, "width": 1024}).status == 400
        )
        assert call(door, "POST", "/generations", {**IMAGE, "prompt": ""}).status == 400
        assert spent_micro(real) == 22_450
        door.close()


def test_on_a_plan_of_credits_the_dearest_credit_counts() -> None:
    with Played(plan="credits") as played:
        real = service(played)
        door = opened(real)
        call(door, "POST", "/generations", IMAGE)
        assert spent_micro(real) == 15 * 3_000
        door.close()


@pytest.mark.parametrize(
    "difference",
    [
        lost(every=1),
        status(500, at="/generations", method="POST"),
        status(418, at="/generations", method="POST"),
        status(307, at="/generations", method="POST"),
        replaced('"cost":{[^}]*}', '"cost":null', at="/generations"),
        replaced('"amount":"', '"amount":"-', at="/generations"),
        replaced('"amount":"[^"]*"', '"amount":0.02', at="/generations"),
        replaced("}$", "", at="/generations"),
    ],
)
def test_what_nobody_tells_costs_the_worst(difference: Any) -> None:
    with Played(difference) as played:
        real = service(played)
        door = opened(real)
        with suppress(NoAnswer):
            call(door, "POST", "/generations", IMAGE)
        assert played.charged_micro == 22_425
        assert spent_micro(real) == 32 * 3_000
        door.close()


@pytest.mark.parametrize("threads", [1, 8])
def test_it_stops_before_the_budget_is_exceeded(threads: int) -> None:
    with Played(lost(every=4)) as played:
        real = service(played, budget="1.00")
        door = opened(real)
        stopped: list[str] = []

        def work() -> None:
            for _ in range(100):
                try:
                    call(door, "POST", "/generations", IMAGE)
                except NoAnswer:
                    continue
                except OutOfBudget as error:
                    stopped.append(str(error))
                    return

        working = [threading.Thread(target=work) for _ in range(threads)]
        for thread in working:
            thread.start()
        for thread in working:
            thread.join()
        assert len(stopped) == threads
        orders = sum(request.method == "POST" for request in played.heard)
        assert 20 < orders < 50
        assert played.charged_micro == orders * 22_425
        assert played.charged_micro <= spent_micro(real) <= 1_000_000
        assert call(door, "GET", "/me").status == 200
        door.close()


def test_a_job_that_costs_more_than_its_worst_is_told_and_not_ordered_again() -> None:
    with Played(replaced('"amount":"[^"]*"', '"amount":"0.5"', at="/generations")) as played:
        real = service(played)
        door = opened(real)
        call(door, "POST", "/generations", IMAGE)
        with pytest.raises(MayNot, match="has cost more than its worst price"):
            call(door, "POST", "/generations", IMAGE)
        assert real.spending()["spent"] == "0.50005"
        assert real.spending()["cost more than their worst price"] == ["createGeneration"]
        door.close()


def test_what_has_no_price_is_not_ordered() -> None:
    with Played() as played:
        door = opened(service(played))
        for path, body in (
            ("/blueprint-executions", {}),
            ("/generations", {**IMAGE, "num_images": 9}),
            ("/generations", {**IMAGE, "quantity": 4}),
            ("/generations?num_images=8", IMAGE),
            ("/v2/generations", IMAGE),
        ):
            with pytest.raises(MayNot):
                call(door, "POST", path, body)
        with pytest.raises(MayNot, match="servers differ"):
            call(door, "GET", "/generations", **{"X-HTTP-Method-Override": "POST"})
        with pytest.raises(MayNot, match="header Host"):
            call(door, "GET", "/me", host="elsewhere.test")
        assert not played.heard
        door.close()


# --- tidying up ------------------------------------------------------------------------------------


def generations(played: Played) -> list[Any]:
    (me,) = played.read("/me")["user_details"]
    return list(played.read(f"/generations/user/{me['user']['id']}")["generations"])


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_what_was_made_is_deleted_whatever_happens(error: type[BaseException] | None) -> None:
    with Played() as played:
        real = service(played)
        door = opened(real)
        try:
            made = json.loads(call(door, "POST", "/datasets", {"name": "x"}).body)["insert_datasets_one"][
                "id"
            ]
            call(door, "POST", "/generations", IMAGE)
            call(door, "POST", "/init-image", {"extension": "png"})
            assert len(generations(played)) == 1
            if error is not None:
                raise error
        except (RuntimeError, KeyboardInterrupt):
            pass
        finally:
            door.close()
        assert generations(played) == []
        assert played.read(f"/datasets/{made}")["datasets_by_pk"] is None
        assert real.spending()["left behind"] == []
        heard = len(played.heard)
        door.close()
        with pytest.raises(MayNot, match="closed"):
            call(door, "GET", "/me")
        assert len(played.heard) == heard


def test_only_what_was_made_here_is_deleted_or_added_to() -> None:
    with Played() as played:
        mine, yours = opened(service(played)), opened(service(played))
        made = json.loads(call(yours, "POST", "/datasets", {"name": "x"}).body)["insert_datasets_one"]["id"]
        heard = len(played.heard)
        for method, path, body in (
            ("DELETE", f"/datasets/{made}", None),
            ("POST", f"/datasets/{made}/upload", {"extension": "png"}),
            ("DELETE", f"/datasets/{made}?x=1", None),
        ):
            with pytest.raises(MayNot):
                call(mine, method, path, body)
        mine.close()
        assert len(played.heard) == heard
        assert call(yours, "POST", f"/datasets/{made}/upload", {"extension": "png"}).status == 200
        assert call(yours, "DELETE", f"/datasets/{made}").status == 200
        assert not yours.left_behind()
        yours.close()


def test_what_cannot_be_deleted_is_told() -> None:
    with Played(status(500, at="/generations/", method="DELETE"), lost(every=2)) as played:
        real = service(played)
        door = opened(real)
        made = json.loads(call(door, "POST", "/generations", IMAGE).body)["sdGenerationJob"]["generationId"]
        with pytest.raises(NoAnswer):
            call(door, "POST", "/generations", IMAGE)
        door.close()
        assert real.spending()["left behind"] == [
            f"{made}, made by createGeneration",
            "what createGeneration has made, if anything: its answer was lost",
        ]


def test_a_deletion_without_an_answer_does_not_stop_the_others() -> None:
    with Played(lost(every=2, of="DELETE")) as played:
        real = service(played)
        door = opened(real)
        for name in ("a", "b", "c"):
            call(door, "POST", "/datasets", {"name": name})
        door.close()
        assert sum(request.method == "DELETE" for request in played.heard) == 3
        left: Any = real.spending()["left behind"]
        assert len(left) == 1


def test_it_is_tidied_even_where_the_budget_was_exceeded() -> None:
    with Played(replaced('"amount":"[^"]*"', '"amount":"9"', at="/generations")) as played:
        real = service(played, budget="1")
        door = opened(real)
        call(door, "POST", "/generations", IMAGE)
        assert str(real.spending()["left"]).startswith("-")
        door.close()
        assert generations(played) == []


# --- uploads, assets, elsewhere --------------------------------------------------------------------


def test_a_form_is_filled_in_only_where_an_answer_has_told_of_it() -> None:
    with Played() as played:
        door = opened(service(played))
        told = json.loads(call(door, "POST", "/init-image", {"extension": "png"}).body)["uploadInitImage"]
        heard = len(played.heard)
        for url in (f"{told['url']}x", f"{told['url']}?x", f"{played.url}/s3/other"):
            with pytest.raises(MayNot, match="no answer has told of such a form"):
                door.send(Request(method="POST", url=url, body=b"x"))
        for method in ("PUT", "DELETE"):
            with pytest.raises(MayNot, match="no answer has told of such a form"):
                door.send(Request(method=method, url=told["url"], body=b"x"))
        assert len(played.heard) == heard
        # It is not well filled in; but it has come there.
        assert door.send(Request(method="POST", url=told["url"], body=b"x")).status == 412
        door.close()


@pytest.mark.parametrize("where", ["header", "body", "url"])
def test_the_key_goes_to_the_api_alone(where: str) -> None:
    with Played() as played:
        door = opened(service(played))
        request = Request(
            method="GET",
            url=f"{played.url}/cdn/x.jpg" + (f"?key={door.api_key}" if where == "url" else ""),
            headers=(("authorization", f"Bearer {door.api_key}"),) if where == "header" else (),
            body=door.api_key.encode() if where == "body" else b"",
        )
        with pytest.raises(MayNot, match="the key is for the API alone") as told:
            door.send(request)
        assert door.api_key not in str(told.value)
        assert not played.heard
        door.close()


def test_an_asset_can_be_fetched() -> None:
    with Played() as played:
        door = opened(service(played))
        made = json.loads(call(door, "POST", "/generations", IMAGE).body)["sdGenerationJob"]["generationId"]
        played.pass_time(60_000)
        shown = json.loads(call(door, "GET", f"/generations/{made}").body)["generations_by_pk"]
        asset = door.send(Request(method="GET", url=shown["generated_images"][0]["url"]))
        assert (asset.status, asset.header("content-type")) == (200, "image/jpeg")
        door.close()


def test_no_redirect_is_followed() -> None:
    away = status(302, at="/me", headers=(("location", "http://169.254.169.254/latest"),))
    with Played(away) as played:
        door = opened(service(played))
        answer = call(door, "GET", "/me")
        assert (answer.status, answer.header("location")) == (302, "http://169.254.169.254/latest")
        assert len(played.heard) == 1
        with pytest.raises(MayNot, match="neither this machine nor a private network"):
            door.send(Request(method="GET", url="http://169.254.169.254/latest"))
        door.close()


def test_an_account_of_its_own_is_not_to_be_had() -> None:
    with pytest.raises(MayNot):
        RealService(**ALL).fresh(seed=7, settings={})
