"""A key that is put everywhere is found in no byte that leaves, but where the operator asks for it."""

import json
import logging
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from mockleo.control.menu import OPERATIONS
from mockleo.control.record import run_of
from mockleo.record import BODY_BYTES_MOST
from mockleo.record.lines import lines, read
from mockleo.redact import MASK
from mockleo.wire.links import API_PATH as API
from tests.wire.leo import LONG_MS, Leo

from .operator import Operator, paths_of

CANARY = "canary-0123456789-abcdefghijklmnopqrstuv"
HOOK = "http://127.0.0.1:9/hook"

assert len(CANARY) == 40

ASKED_FOR = {"health.environment", "bucket.show"}


def leave_it_everywhere(leo: Leo) -> None:
    """Put the key wherever a client can put it, with it and with another one, known or not yet."""
    for key in ("somebody-else", CANARY):
        one = leo.beside(key)
        one.ask("POST", "/generations", json={"prompt": f"a {CANARY} in the snow", "x": CANARY})
        one.ask("POST", "/datasets", json={"name": CANARY, "description": f"of {CANARY}"})
        one.ask("GET", f"/generations/{CANARY}")
        one.ask("GET", f"/{CANARY}")
        one.ask("GET", f"/me?key={quote(CANARY)}&{CANARY}=1")
        one.ask("GET", "/me", headers={"x-key": CANARY, f"x-{CANARY}": "1", "cookie": f"key={CANARY}"})
        one.ask("POST", "/generations", content=f'{{"prompt": "{CANARY}'.encode())
        one.ask("POST", "/generations", content=b"\xff" + CANARY.encode())
        form = one.post("/init-image", extension="png")
        fields = {**json.loads(form["fields"]), "x-amz-meta-key": CANARY}
        leo.send("POST", form["url"], data=fields, files={"file": (CANARY, CANARY.encode())})
        leo.send("GET", f"/s3/{CANARY}/{CANARY}?key={CANARY}")
        leo.send("GET", f"/cdn/{CANARY}?{CANARY}")
        leo.send("GET", f"/{CANARY}", headers={"referer": f"http://leo.test/?key={CANARY}"})
        leo.send("GET", f"{API}/me", headers={"authorization": CANARY})
        leo.send("GET", f"{API}/me", headers={"authorization": f"Basic {CANARY}"})


def answers(operator: Operator) -> Iterator[tuple[str, bytes]]:
    """Whatever can be asked for, and what was said."""
    for operation, path in zip(
        (operation for operation in OPERATIONS if operation.method == "GET"),
        paths_of(operator, "GET"),
        strict=True,
    ):
        if operation.id not in ASKED_FOR:
            yield operation.id, operator.send("GET", path).content
    for n in range(1, len(operator.app.record.exchanges) + 1):
        yield "requests.show", operator.send("GET", f"requests/{n}").content
    for delivery in list(operator.app.record.deliveries):
        yield "webhooks.show", operator.send("GET", f"webhooks/{delivery.n}").content
    for filters in ({"limit": 1_000}, {"limit": 1_000, "order": "oldest"}, {"path": f"/{CANARY}"}):
        yield "requests.show_all", operator.send("GET", "requests", params=filters).content


def found(operator: Operator, secret: str) -> list[str]:
    return [name for name, content in answers(operator) if holds(content, secret.encode())]


def holds(content: bytes, secret: bytes) -> bool:
    """Whether it is in there, as it is or in bytes that are told in base64."""
    told = [b64decode(each) for each in re.findall(rb'"base64":"([^"]*)"', content)]
    return any(secret in each for each in (content, *told))


def test_a_key_is_found_in_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    operator = Operator()
    leave_it_everywhere(operator.leo)
    operator.post("clock/advance", by_ms=LONG_MS)
    operator.post("faults", fault="webhook-wrong-bearer", id="busy", bearer=CANARY)
    assert operator.get("requests/count")["count"] > 20
    assert found(operator, CANARY) == []
    assert CANARY not in caplog.text
    assert CANARY not in repr(operator.app.record.exchanges)


@pytest.mark.parametrize("payload", ["2026", "legacy2023"])
def test_a_key_that_a_payload_tells_is_found_in_no_delivery(payload: str) -> None:
    operator = Operator()
    secret = f"webhook-{CANARY}"
    operator.send(
        "POST",
        "keys",
        json={"key": CANARY, "webhook_url": HOOK, "webhook_key": secret, "payload": payload, "name": CANARY},
    )
    leo = operator.leo.beside(CANARY)
    leo.order(prompt=f"a {secret} and {CANARY}")
    operator.post("clock/advance", by_ms=LONG_MS)
    (delivery,) = operator.app.record.deliveries
    # As the sender keeps it, once it has been written: bytes and headers that went out.
    parcel = operator.app.sender._parcels[delivery.n]
    operator.app.sender._prepare(parcel)
    assert secret in dict(parcel.letter.headers)["authorization"]
    assert (CANARY.encode() in parcel.letter.body) is True
    assert found(operator, CANARY) == []
    assert CANARY not in repr(delivery)


def test_what_is_asked_for_is_told_and_nothing_else() -> None:
    operator = Operator(api_keys=(CANARY,), control_token=f"control-{CANARY}")
    token = {"authorization": f"Bearer control-{CANARY}"}
    for operation in OPERATIONS:
        if operation.method == "GET" and "{" not in operation.path:
            told = operator.send("GET", operation.path.lstrip("/"), headers=token).text
            assert f"control-{CANARY}" not in told
            assert (CANARY in told) == (operation.id == "health.environment"), operation.id


def test_what_the_bucket_signs_with_is_found_nowhere_else() -> None:
    operator = Operator()
    operator.leo.uploaded()
    shown = operator.get("bucket")
    operator.leo.order(prompt=f"of {shown['secretAccessKey']}")
    for name in ("secretAccessKey", "sessionToken"):
        assert found(operator, shown[name]) == []
    form = operator.leo.post("/init-image", extension="png")
    fields = json.loads(form["fields"])
    signed = [fields[name] for name in fields if name.lower() in {"policy", "x-amz-signature", "signature"}]
    assert signed
    for value in signed:
        assert found(operator, value) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "keys", {"key": CANARY}),
        ("POST", "keys", {"account": CANARY}),
        ("POST", "clock", {"mode": CANARY}),
        ("POST", "clock", {CANARY: 1}),
        ("POST", "faults", {"fault": CANARY}),
        ("POST", "faults", {"fault": "status", "status": 1, "id": CANARY}),
        ("POST", "faults", {"fault": "status", "status": 500, "operations": [CANARY]}),
        ("GET", f"jobs/{CANARY}", None),
        ("GET", CANARY, None),
        ("GET", f"requests/{CANARY}", None),
        ("GET", f"requests?{CANARY}=1", None),
        (CANARY, "health", None),
    ],
)
def test_a_refusal_does_not_repeat_it(method: str, path: str, body: Any) -> None:
    operator = Operator()
    operator.leo.beside(CANARY).ask("GET", "/me")
    answer = operator.send(method, path, **({} if body is None else {"json": body}))
    assert 400 <= answer.status_code < 500
    assert CANARY not in answer.text


def test_a_traceback_does_not_tell_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    operator = Operator()
    operator.leo.beside(CANARY).ask("GET", "/me")

    def break_down() -> None:
        raise RuntimeError(f"with {CANARY}")

    monkeypatch.setattr(operator.app, "catch_up", break_down)
    with pytest.raises(AssertionError, match="a bug of ours"):
        operator.send("GET", f"jobs/{CANARY}")
    assert "RuntimeError: with [redacted]" in caplog.text
    assert CANARY not in caplog.text


def test_nothing_shows_it_when_it_is_looked_at() -> None:
    operator = Operator(api_keys=(CANARY,), control_token=CANARY, webhook=HOOK, webhook_key=CANARY)
    app = operator.app
    leo = operator.leo.beside(CANARY)
    leo.order()
    key = next(iter(leo.account.keys.values()))
    for each in (app, app.settings, app.redactor, leo.account, key, key.webhook, app.record, app.site.world):
        assert CANARY not in repr(each)
    leo.uploaded()
    assert operator.app.site.storage.bucket.credentials.secret_access_key not in repr(
        app.site.storage.bucket.credentials
    )


def test_a_key_across_the_cut_of_a_body_leaves_nothing_of_itself() -> None:
    operator = Operator()
    for kept in (9, 30):
        before = '{"prompt": "'
        prompt = "x" * (BODY_BYTES_MOST - len(before) - kept) + CANARY
        operator.leo.beside(CANARY).ask("POST", "/generations", content=f'{before}{prompt}"}}'.encode())
    assert found(operator, CANARY[:9]) == []
    assert all(len(each["body"]) <= BODY_BYTES_MOST for each in operator.get("requests")["requests"])


WORDS = (
    "accounts",
    "COMPLETE",
    "createGeneration",
    "exchange",
    "Bearer12",
    "now_ms",
    "undefined",
    "password",
)


def test_a_state_outlives_keys_that_are_words_of_it() -> None:
    operator = Operator()
    for word in (*WORDS, "created_ms", "revoked_ms"):
        leo = operator.leo.beside(word)
        leo.order()
        leo.ask("GET", "/me")
    operator.leo.beside(operator.get("accounts")["accounts"][0]["user_id"]).ask("GET", "/me")
    operator.post("clock/advance", by_ms=LONG_MS)
    state = operator.send("GET", "state").content
    assert b"[redacted]" not in state
    answer = operator.send("PUT", "state", content=state)
    assert answer.status_code == 200, answer.text
    assert operator.send("GET", "state").content == state
    told = b"".join(lines(run_of(operator.app), copy=operator.app.redactor.copy))
    assert read(told.splitlines()).head.accounts


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/me", {"x-api-key": "@"}),
        ("/me", {"api-key": "@"}),
        ("/me", {"proxy-authorization": "Basic @"}),
        ("/me", {"x-auth-token": "@"}),
        ("/me", {"cookie": "a=1; k=@"}),
        ("/me", {"referer": "http://leo.test/?key=@"}),
        ("/me", {"authorization": "Bearer@", "x-odd": "@"}),
        ("/me?a=1&api_key=@", {}),
        ("/me?ACCESS_TOKEN=@", {}),
        ("/me?api%5Fkey=@", {}),
    ],
)
def test_a_key_in_a_place_for_keys_is_found_nowhere_although_it_opened_nothing(
    path: str, headers: dict[str, str]
) -> None:
    operator = Operator()
    operator.leo.send(
        "GET",
        f"{API}{path}".replace("@", CANARY),
        headers={name: value.replace("@", CANARY) for name, value in headers.items()},
    )
    assert found(operator, CANARY) == []
    (shown,) = operator.get("requests")["requests"]
    # That there was one is told.
    assert "[redacted]" in shown["query"] or "[redacted]" in repr(shown["headers"])
    assert shown["query"].partition("=")[0] == path.partition("?")[2].partition("=")[0]
    assert set(headers) - {"authorization"} <= set(shown["headers"])


@pytest.mark.parametrize(("key", "bearer"), [("key4711", "hunter2"), ("key", "password"), ("k}", 'b"{\\')])
def test_secrets_that_are_too_short_to_find_are_found_by_their_names(key: str, bearer: str) -> None:
    operator = Operator()
    hook = {"webhook_url": f"{HOOK}?token={bearer}", "webhook_key": bearer, "payload": "legacy2023"}
    assert operator.send("POST", "keys", json={"key": key, **hook, "name": "}"}).status_code == 201
    operator.leo.beside(key).order(prompt='"apiKey":{"key":"mine"}')
    operator.post("clock/advance", by_ms=LONG_MS)
    (delivery,) = operator.app.record.deliveries
    parcel = operator.app.sender._parcels[delivery.n]
    operator.app.sender._prepare(parcel)
    said = json.loads(parcel.letter.body)["data"]["object"]
    assert said["apiKey"]["key"] == key
    assert said["apiKey"]["webhookCallbackApiKey"] == bearer
    logged = json.loads(delivery.body)["data"]["object"]
    masked = {"key": MASK, "webhookCallbackApiKey": MASK, "webhookCallbackUrl": f"{HOOK}?token={MASK}"}
    assert logged == {**said, "apiKey": {**said["apiKey"], **masked}}
    # A state keeps the URL, which has to lead to the same place again.
    assert set(found(operator, bearer)) <= {"state.show"}


def test_a_webhook_leads_to_the_same_place_after_an_import() -> None:
    operator = Operator()
    url = f"{HOOK}?token=4711"
    operator.send("POST", "keys", json={"key": "key-4711", "webhook_url": url})
    operator.send("PUT", "state", content=operator.send("GET", "state").content)
    assert [key.webhook.url for key in operator.app.site.world.keys.values() if key.webhook] == [url]
    assert operator.get("keys")["keys"][-1]["webhook"]["url"] == f"{HOOK}?token={MASK}"
