"""The careful client with one mistake: each of those that real clients make.

    python careless.py --list
    python careless.py MISTAKE

Each mistake changes one thing in `careful.py` and leaves the rest as it is, so that what is found is
found because of it. `MISTAKES` says in which scenario it shows, and which check is for it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import careful
import httpx
from careful import Errand, Failed, GaveUp, Leonardo, OutcomeUnknown, Receiver, Refused

TIME_OUT = careful.TIME_OUT


class Mistake(NamedTuple):
    """`make` makes it; `check` finds it in `scenario`."""

    make: Callable[[], None]
    scenario: str
    check: str


MISTAKES: dict[str, Mistake] = {}


def mistake(scenario: str, check: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Put a mistake on the list, under its function's name."""

    def listed(make: Callable[[], None]) -> Callable[[], None]:
        MISTAKES[make.__name__.replace("_", "-")] = Mistake(make, scenario, check)
        return make

    return listed


# --- spending ---------------------------------------------------------------------------------


@mistake("lost-answer", "double-spend")
def orders_again_without_looking() -> None:
    async def find(self: Leonardo, prompt: str) -> dict[str, Any] | None:
        return None

    Leonardo.find_generation = find  # type: ignore[method-assign]


@mistake("error-after-booking", "double-spend")
def orders_again_after_a_500() -> None:
    orders_again_without_looking()


@mistake("asset-broken", "double-spend")
def starts_anew_when_a_file_is_broken() -> None:
    """Order, wait and fetch are one attempt, and whatever goes wrong is tried again as a whole."""
    one = Errand.one

    async def anew(self: Errand, body: dict[str, Any], **more: Any) -> dict[str, Any] | None:
        done = await one(self, body, **more)
        if self.problems:
            self.problems.clear()
            done = await one(self, body, **more)
        return done

    Errand.one = anew  # type: ignore[method-assign, assignment]
    fetch, tried = Leonardo.fetch, itertools.count(1)

    async def once(self: Leonardo, url: str, to: Path) -> None:
        if next(tried) == 1:
            answer = await self.plain.get(url)
            if not careful.is_good(answer):
                raise GaveUp("a file is broken")
        await fetch(self, url, to)

    Leonardo.fetch = once  # type: ignore[method-assign]


@mistake("flaky-polling", "double-spend")
def starts_anew_after_a_502() -> None:
    patient = Leonardo.ask
    one_502_is_the_end()
    one = Errand.one

    async def anew(self: Errand, body: dict[str, Any], **more: Any) -> dict[str, Any] | None:
        for attempt in range(3):
            self.problems.clear()
            if attempt == 2:  # It has learnt something.
                Leonardo.ask = patient  # type: ignore[method-assign]
            done = await one(self, body, **more)
            if done is not None:
                return done
        return None

    Errand.one = anew  # type: ignore[method-assign, assignment]


@mistake("two-clicks", "duplicate-click")
def orders_what_is_ordered_already() -> None:
    careful.claimed = lambda out: True


@mistake("within-budget", "budget-exceeded")
def never_adds_up() -> None:
    async def within_budget(errand: Errand) -> None:
        for nth in range(int(errand.wanted["count"])):
            await errand.one(errand.body(nth))

    careful.TASKS["within-budget"] = within_budget


@mistake("lost-answer", "orphaned-job")
def forgets_what_was_not_answered() -> None:
    async def order(self: Leonardo, path: str, body: dict[str, Any], find: Any) -> dict[str, Any]:
        try:
            return await self._order_once(path, body)
        except OutcomeUnknown:
            raise GaveUp("no answer") from None

    Leonardo.order = order  # type: ignore[method-assign]


@mistake("happy-polling", "orphaned-job")
def never_looks_at_its_jobs() -> None:
    async def one(
        self: Errand, body: dict[str, Any], path: str = "/generations", kind: str = "image"
    ) -> None:
        await self.leonardo.generate(body, path)

    Errand.one = one  # type: ignore[method-assign, assignment]


@mistake("queue-full", "queue-unbounded")
def orders_all_at_once() -> None:
    _in_flight(100)


@mistake("queue-full", "too-many-in-flight")
def orders_more_than_there_are_slots() -> None:
    _in_flight(4)


def _in_flight(count: int) -> None:
    body = Errand.body

    def more(self: Errand, nth: int = 0, **rest: Any) -> dict[str, Any]:
        return body(self, nth, **rest)

    generate = careful.generate

    async def crowded(errand: Errand) -> None:
        errand.wanted["in_flight"] = count
        await generate(errand)

    Errand.body = more  # type: ignore[method-assign]
    careful.TASKS["generate"] = crowded


# --- waiting ----------------------------------------------------------------------------------


@mistake("slow-jobs", "gave-up-early")
def gives_up_after_a_minute() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 60.0)


@mistake("text-to-video", "gave-up-early")
def waits_for_a_video_as_for_a_picture() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 30.0)


@mistake("train-a-model", "gave-up-early")
def waits_for_a_training_as_for_a_picture() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 60.0)


@mistake("slow-jobs", "gave-up-early")
def looks_once() -> None:
    async def until_done(self: Leonardo, look: Any, **rest: Any) -> dict[str, Any]:
        await asyncio.sleep(20)
        shown: dict[str, Any] = await look()
        if shown["status"] != "COMPLETE":
            raise GaveUp("it is not done")
        return shown

    Leonardo.until_done = until_done  # type: ignore[method-assign]


@mistake("never-ending-job", "polls-without-end")
def waits_for_ever() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 1e9)


def _looking(told: Callable[[dict[str, Any] | None], dict[str, Any] | None]) -> None:
    """Let what a look shows be read in another way."""
    until_done = Leonardo.until_done

    async def otherwise(self: Leonardo, look: Any, **rest: Any) -> dict[str, Any]:
        async def looked() -> dict[str, Any] | None:
            return told(await look())

        return await until_done(self, looked, **rest)

    Leonardo.until_done = otherwise  # type: ignore[method-assign]


@mistake("failed-jobs", "failed-ignored")
def takes_failed_for_pending() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 120.0)
    _looking(lambda shown: {**shown, "status": "PENDING"} if shown and shown["status"] == "FAILED" else shown)


@mistake("vanished-job", "error-taken-for-pending")
def takes_null_for_pending() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 120.0)
    _looking(lambda shown: {"status": "PENDING"} if shown is None else shown)


@mistake("key-revoked-while-polling", "error-taken-for-pending")
def takes_401_for_pending() -> None:
    careful.PATIENCE_S = dict.fromkeys(careful.PATIENCE_S, 120.0)
    until_done = Leonardo.until_done

    async def otherwise(self: Leonardo, look: Any, **rest: Any) -> dict[str, Any]:
        async def looked() -> dict[str, Any] | None:
            try:
                shown: dict[str, Any] | None = await look()
            except Refused:
                return {"status": "PENDING"}
            return shown

        return await until_done(self, looked, **rest)

    Leonardo.until_done = otherwise  # type: ignore[method-assign]


@mistake("partial-results", "partial-taken")
def takes_the_first_images_for_all() -> None:
    _looking(
        lambda shown: {**shown, "status": "COMPLETE"} if shown and shown.get("generated_images") else shown
    )


@mistake("happy-polling", "polls-past-end")
def looks_on_at_what_is_done() -> None:
    generation = Leonardo.generation

    async def more(self: Leonardo, generation_id: str, **rest: Any) -> dict[str, Any]:
        done = await generation(self, generation_id, **rest)
        for _ in range(6):
            await asyncio.sleep(3)
            await self.ask("GET", f"/generations/{generation_id}")
        return done

    Leonardo.generation = more  # type: ignore[method-assign]


def _rhythm(pause_s: Callable[[], float]) -> None:
    pause = careful._pause

    async def otherwise(seconds: float, nudge: asyncio.Event | None) -> None:
        await pause(pause_s(), nudge)

    careful._pause = otherwise


@mistake("partial-results", "polls-too-fast")
def looks_every_second() -> None:
    _rhythm(lambda: random.uniform(0.4, 1.4))


@mistake("text-to-video", "polls-flat")
def looks_every_five_seconds() -> None:
    _rhythm(lambda: 5.0)


@mistake("happy-polling", "deleted-before-saved")
def deletes_before_it_fetches() -> None:
    async def keep(self: Errand, generation: dict[str, Any]) -> None:
        await self.leonardo._send("DELETE", f"/generations/{generation['id']}")

    Errand.keep = keep  # type: ignore[method-assign]


@mistake("happy-polling", "not-brought-about")
def leaves_the_last_one_out() -> None:
    generate = careful.generate

    async def fewer(errand: Errand) -> None:
        errand.wanted["count"] -= 1
        await generate(errand)

    careful.TASKS["generate"] = fewer


@mistake("failed-jobs", "false-success")
def ends_with_0_whatever_comes() -> None:
    main = careful.main

    async def well() -> int:
        await main()
        return 0

    careful.main = well


# --- limits and errors ------------------------------------------------------------------------


def _waits(wait_s: Callable[[int], float]) -> None:
    careful.wait_s = lambda attempt, **_: wait_s(attempt)


@mistake("throttled", "no-wait-after-429")
def comes_back_at_once() -> None:
    _waits(lambda attempt: 0.2)


@mistake("throttled-and-told", "retry-after-ignored")
def does_not_read_retry_after() -> None:
    careful.told_wait_s = lambda answer: None


@mistake("throttled", "no-backoff")
def waits_as_long_each_time() -> None:
    waits_s = itertools.cycle([4.2, 5.6, 4.9])
    _waits(lambda attempt: next(waits_s))


@mistake("throttled", "no-jitter")
def leaves_nothing_to_chance() -> None:
    _waits(lambda attempt: 5 * 2.0**attempt)


@mistake("outage", "thundering-herd")
def all_come_back_together() -> None:
    _in_flight(100)
    _waits(lambda attempt: 2.0**attempt)


@mistake("outage", "retry-storm")
def tries_again_and_again() -> None:
    async def order_once(self: Leonardo, path: str, body: dict[str, Any]) -> dict[str, Any]:
        while True:
            answer = await self._send("POST", path, body)
            if answer.status_code == 200:
                told: dict[str, Any] = next(iter(answer.json().values()))
                return told
            await asyncio.sleep(0.1)

    Leonardo._order_once = order_once  # type: ignore[method-assign]


@mistake("moderation", "hopeless-retry")
def repeats_what_was_refused() -> None:
    order_once = Leonardo._order_once

    async def thrice(self: Leonardo, path: str, body: dict[str, Any]) -> dict[str, Any]:
        for attempt in (1, 2):
            try:
                return await order_once(self, path, body)
            except Refused:
                await asyncio.sleep(careful.wait_s(attempt))
        return await order_once(self, path, body)

    Leonardo._order_once = thrice  # type: ignore[method-assign]


def _never_over() -> None:
    Errand.is_over = property(lambda self: False, lambda self, value: None)  # type: ignore[assignment]


@mistake("credits-run-out", "hopeless-retry")
def orders_on_without_credits() -> None:
    _never_over()


@mistake("key-revoked", "hopeless-retry")
def goes_on_with_a_dead_key() -> None:
    _never_over()


@mistake("flaky-polling", "gave-up-on-passing-trouble")
def one_502_is_the_end() -> None:
    async def ask(self: Leonardo, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            answer = await self._send(method, path, body)
        except httpx.TransportError as error:
            raise GaveUp(str(error)) from None
        if answer.status_code != 200:
            raise Refused(answer.status_code, careful.text_of(answer))
        told: dict[str, Any] = answer.json()
        return told

    Leonardo.ask = ask  # type: ignore[method-assign]


@mistake("polling-throttled", "gave-up-on-passing-trouble")
def one_429_is_the_end() -> None:
    one_502_is_the_end()


@mistake("throttled", "gave-up-on-passing-trouble")
def one_refused_order_is_the_end() -> None:
    async def order_once(self: Leonardo, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._send("POST", path, body)
        if answer.status_code != 200:
            raise Refused(answer.status_code, careful.text_of(answer))
        told: dict[str, Any] = next(iter(answer.json().values()))
        return told

    Leonardo._order_once = order_once  # type: ignore[method-assign]


@mistake("no-answer", "no-time-out")
def waits_for_every_answer() -> None:
    careful.TIME_OUT = httpx.Timeout(None)


@mistake("late-answer", "short-time-out-on-order")
def hangs_up_after_eight_seconds() -> None:
    careful.TIME_OUT = httpx.Timeout(8.0)


@mistake("flaky-polling", "new-connection-each-time")
def connects_for_each_call() -> None:
    send = Leonardo._send

    async def alone(self: Leonardo, method: str, path: str, body: Any = None) -> httpx.Response:
        old, self._api = self._api, httpx.AsyncClient(timeout=TIME_OUT)
        await old.aclose()
        return await send(self, method, path, body)

    places = asyncio.Lock()

    async def in_turn(self: Leonardo, method: str, path: str, body: Any = None) -> httpx.Response:
        async with places:
            return await alone(self, method, path, body)

    Leonardo._send = in_turn  # type: ignore[method-assign]


# --- what is sent -----------------------------------------------------------------------------


def _sending(change: Callable[[str, str, dict[str, Any]], tuple[str, dict[str, Any]]]) -> None:
    """Change the path and what goes with it (`json`, `headers`, ...) of each call to the API."""

    async def otherwise(self: Leonardo, method: str, path: str, body: Any = None) -> httpx.Response:
        sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {self._keys[0]}"}}
        if body is not None:
            sent["json"] = body
        path, sent = change(method, path, sent)
        return await self._api.request(method, f"{self._base_url}{path}", **sent)

    Leonardo._send = otherwise  # type: ignore[method-assign]


def _ordering(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change what is ordered."""
    body = Errand.body
    Errand.body = lambda self, nth=0, **more: change(body(self, nth, **more))  # type: ignore[method-assign, assignment, misc]


@mistake("happy-polling", "key-in-url")
def puts_the_key_into_the_url() -> None:
    def change(method: str, path: str, sent: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return (f"{path}?api_key={os.environ['LEONARDO_API_KEY']}" if path == "/me" else path), sent

    _sending(change)


@mistake("image-to-image", "key-to-storage")
def sends_the_key_to_the_storage() -> None:
    _with_the_key_on("POST")


@mistake("happy-polling", "key-to-cdn")
def sends_the_key_to_the_cdn() -> None:
    _with_the_key_on("GET")


def _with_the_key_on(method: str) -> None:
    careful.ATTEMPTS_MOST = 2
    made = Leonardo.__init__

    def init(self: Leonardo, *args: Any) -> None:
        made(self, *args)

        async def sign(request: httpx.Request) -> None:
            if request.method == method:
                request.headers["authorization"] = f"Bearer {self._keys[0]}"

        self.plain.event_hooks = {"request": [sign]}

    Leonardo.__init__ = init  # type: ignore[method-assign]


@mistake("redirected", "key-after-redirect")
def takes_the_key_wherever_it_is_sent() -> None:
    send = Leonardo._send

    async def follow(self: Leonardo, method: str, path: str, body: Any = None) -> httpx.Response:
        answer = await send(self, method, path, body)
        if answer.is_redirect:
            shown = {"Authorization": f"Bearer {self._keys[0]}"}
            return await self._api.request(method, answer.headers["location"], headers=shown)
        return answer

    Leonardo._send = follow  # type: ignore[method-assign]


@mistake("happy-polling", "key-printed")
def prints_its_headers() -> None:
    made = Leonardo.__init__

    def init(self: Leonardo, *args: Any) -> None:
        made(self, *args)
        print("headers:", {"Authorization": f"Bearer {self._keys[0]}"})

    Leonardo.__init__ = init  # type: ignore[method-assign]


@mistake("happy-webhook", "key-printed")
def prints_what_a_webhook_brings() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> int:
        print("webhook:", heard.headers)
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("happy-polling", "unknown-parameter")
def invents_a_parameter() -> None:
    _ordering(lambda body: {**body, "sharpness": 3})


@mistake("happy-polling", "miscased-parameter")
def writes_num_images_otherwise() -> None:
    _ordering(lambda body: {**body, "numImages": body["num_images"]})


@mistake("happy-polling", "miscased-parameter")
def writes_negative_prompt_otherwise() -> None:
    _ordering(lambda body: {**body, "negativePrompt": "fog"})


@mistake("happy-polling", "mistyped-parameter")
def sends_numbers_as_texts() -> None:
    _ordering(lambda body: {**body, "width": str(body["width"])})


@mistake("happy-polling", "mistyped-parameter")
def sends_booleans_as_texts() -> None:
    _ordering(lambda body: {**body, "public": "false"})


@mistake("happy-polling", "out-of-range-parameter")
def sends_any_size() -> None:
    _ordering(lambda body: {**body, "width": 515})


@mistake("happy-polling", "wrong-endpoint")
def calls_what_is_not_there() -> None:
    _sending(lambda method, path, sent: (path.replace("/generations", "/generation", 1), sent))


@mistake("happy-polling", "model-by-name")
def names_its_model() -> None:
    careful.ATTEMPTS_MOST = 2
    _ordering(lambda body: {**body, "modelId": "phoenix"})


@mistake("refine-and-upscale", "wrong-kind-of-id")
def enlarges_a_generation() -> None:
    careful.ATTEMPTS_MOST = 2
    variation = Leonardo.variation

    async def otherwise(self: Leonardo, path: str, body: dict[str, Any], generation_id: str) -> str:
        return await variation(self, path, {"id": generation_id}, generation_id)

    Leonardo.variation = otherwise  # type: ignore[method-assign]


@mistake("motion-from-upload", "wrong-kind-of-id")
def sets_a_generation_in_motion() -> None:
    careful.ATTEMPTS_MOST = 2
    generate = Leonardo.generate

    async def otherwise(self: Leonardo, body: dict[str, Any], path: str = "/generations") -> str:
        if "imageId" in body:
            body = {**body, "imageId": next(iter(self.known))}
        return await generate(self, body, path)

    Leonardo.generate = otherwise  # type: ignore[method-assign]


@mistake("happy-polling", "no-content-type")
def sends_json_as_text() -> None:
    def change(method: str, path: str, sent: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        body = sent.pop("json", None)
        if body is not None:
            sent["content"] = json.dumps(body)
            sent["headers"]["Content-Type"] = "text/plain;charset=UTF-8"
        return path, sent

    _sending(change)


@mistake("happy-polling", "body-on-get")
def sends_a_body_with_each_get() -> None:
    _sending(lambda method, path, sent: (path, {"json": {}, **sent}))


@mistake("happy-polling", "doubled-slash")
def joins_urls_carelessly() -> None:
    _sending(lambda method, path, sent: (f"/{path}", sent))


@mistake("happy-polling", "scheme-in-small-letters")
def writes_bearer_small() -> None:
    def change(method: str, path: str, sent: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        sent["headers"] = {"Authorization": sent["headers"]["Authorization"].replace("Bearer", "bearer")}
        return path, sent

    _sending(change)


# --- uploads ----------------------------------------------------------------------------------


def _posting(
    post: Callable[[httpx.AsyncClient, str, dict[str, str], bytes], Awaitable[httpx.Response]],
) -> None:
    """Post the form in another way; one attempt is enough to see it."""
    careful.ATTEMPTS_MOST = 1

    async def otherwise(self: Leonardo, url: str, fields: str, content: bytes) -> bool:
        answer = await post(self.plain, url, json.loads(fields), content)
        return answer.status_code in {200, 201, 204}

    Leonardo._post_form = otherwise  # type: ignore[method-assign]


@mistake("image-to-image", "upload-not-multipart")
def posts_the_form_urlencoded() -> None:
    _posting(lambda plain, url, fields, content: plain.post(url, data=fields))


@mistake("image-to-image", "upload-fields-as-object")
def takes_the_fields_for_an_object() -> None:
    def letters(fields: dict[str, str]) -> dict[str, str]:
        return {str(nth): sign for nth, sign in enumerate(json.dumps(fields)[:40])}

    _posting(
        lambda plain, url, fields, content: plain.post(url, data=letters(fields), files={"file": content})
    )


@mistake("image-to-image", "upload-by-put")
def puts_the_file() -> None:
    _posting(lambda plain, url, fields, content: plain.put(f"{url}/{fields['key']}", content=content))


@mistake("image-to-image", "upload-to-the-api")
def sends_the_file_to_the_api() -> None:
    async def upload(
        self: Leonardo, path: str, body: dict[str, Any], content: bytes, prefix: str = ""
    ) -> str:
        shown = {"Authorization": f"Bearer {self._keys[0]}"}
        answer = await self._api.post(f"{self._base_url}{path}", headers=shown, files={"file": content})
        raise Refused(answer.status_code, careful.text_of(answer))

    Leonardo.upload = upload  # type: ignore[method-assign]


@mistake("image-to-image", "upload-order")
def sends_the_file_first() -> None:
    async def post(
        plain: httpx.AsyncClient, url: str, fields: dict[str, str], content: bytes
    ) -> httpx.Response:
        parts: list[Any] = [
            ("file", ("image", content)),
            *((name, (None, text)) for name, text in fields.items()),
        ]
        return await plain.post(url, files=parts)

    _posting(post)


@mistake("image-to-image", "upload-wrong-type")
def calls_a_jpeg_a_png() -> None:
    picture = careful.picture

    def jpeg(**rest: Any) -> bytes:
        return b"\xff\xd8\xff\xe0" + picture(**rest)[4:]

    careful.picture = jpeg


@mistake("image-to-image", "upload-late")
def keeps_the_form_for_later() -> None:
    async def post(
        plain: httpx.AsyncClient, url: str, fields: dict[str, str], content: bytes
    ) -> httpx.Response:
        await asyncio.sleep(150)
        return await plain.post(url, data=fields, files={"file": content})

    _posting(post)


@mistake("train-a-model", "upload-reused")
def uses_one_form_for_all() -> None:
    upload, kept = Leonardo.upload, {}
    ask = Leonardo.ask

    async def asked(self: Leonardo, method: str, path: str, body: Any = None) -> dict[str, Any]:
        if not path.endswith("/upload"):
            return await ask(self, method, path, body)
        if path not in kept:
            kept[path] = await ask(self, method, path, body)
        return kept[path]

    async def numbered(
        self: Leonardo, path: str, body: dict[str, Any], content: bytes, prefix: str = ""
    ) -> str:
        return await upload(self, path, body, content + os.urandom(4), prefix)

    Leonardo.ask, Leonardo.upload = asked, numbered  # type: ignore[method-assign]


@mistake("image-to-image", "upload-path-as-name")
def names_the_file_by_its_path() -> None:
    _posting(
        lambda plain, url, fields, content: plain.post(
            url, data=fields, files={"file": ("/home/me/pictures/cat.png", content, "image/png")}
        )
    )


@mistake("image-to-image", "used-before-uploaded")
def orders_before_the_file_is_there() -> None:
    async def upload(
        self: Leonardo, path: str, body: dict[str, Any], content: bytes, prefix: str = ""
    ) -> str:
        return str(next(iter((await self.ask("POST", path, body)).values()))["id"])

    Leonardo.upload = upload  # type: ignore[method-assign]


@mistake("upload-unavailable", "upload-refusal-ignored")
def does_not_look_at_the_storages_answer() -> None:
    post_form = Leonardo._post_form

    async def otherwise(self: Leonardo, url: str, fields: str, content: bytes) -> bool:
        await post_form(self, url, fields, content)
        return True

    Leonardo._post_form = otherwise  # type: ignore[method-assign]


# --- webhooks ---------------------------------------------------------------------------------


class _Heard(NamedTuple):
    """A webhook: its headers in small letters, and its body."""

    headers: dict[str, str]
    body: bytes


def _answering(answer: Callable[[Receiver, _Heard], Awaitable[int | None]]) -> None:
    """Answer webhooks in another way; None for not at all."""

    async def serve(self: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        try:
            status = await answer(self, _Heard(headers, body))
        except Exception:
            status = 500
        if status is not None:
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            writer.close()

    Receiver._serve = serve  # type: ignore[method-assign]


def _is_ours(receiver: Receiver, heard: _Heard) -> bool:
    return heard.headers.get("authorization", "").encode() == receiver._expected


async def _as_it_should(receiver: Receiver, heard: _Heard) -> int:
    if not _is_ours(receiver, heard):
        return 401
    receiver._note(heard.body)
    return 204


@mistake("webhook-stranger", "receiver-takes-wrong-bearer")
def believes_anybody() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> int:
        receiver._note(heard.body)
        return 204

    _answering(answer)


@mistake("webhook-forged", "receiver-trusts-address")
def believes_a_forwarded_address() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> int:
        if heard.headers.get("x-forwarded-for") == "127.0.0.1":
            receiver._note(heard.body)
            return 204
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("happy-webhook", "receiver-wants-key-in-body")
def looks_for_its_key_in_the_body() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> int:
        told = json.loads(heard.body)["data"]["object"].get("apiKey") or {}
        if told.get("webhookCallbackApiKey") != os.environ["LEONARDO_WEBHOOK_KEY"]:
            return 401
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("happy-webhook", "receiver-slow")
def works_before_it_answers() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> int:
        await asyncio.sleep(8)
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("happy-webhook", "receiver-no-answer")
def never_answers() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> None:
        return None

    _answering(answer)


@mistake("webhook-doubled", "receiver-fails-on-duplicate")
def a_second_copy_is_an_error() -> None:
    seen: set[bytes] = set()

    async def answer(receiver: Receiver, heard: _Heard) -> int:
        if heard.body in seen:
            return 500
        seen.add(heard.body)
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("webhook-doubled", "receiver-not-idempotent")
def works_on_each_copy() -> None:
    tasks: set[asyncio.Task[None]] = set()

    async def fetch(told: dict[str, Any]) -> None:
        await asyncio.sleep(1)
        async with httpx.AsyncClient(timeout=TIME_OUT) as plain:
            for image in told["data"]["object"]["images"]:
                await plain.get(image["url"])

    async def answer(receiver: Receiver, heard: _Heard) -> int:
        status = await _as_it_should(receiver, heard)
        if status == 204:
            tasks.add(asyncio.create_task(fetch(json.loads(heard.body))))
        return status

    _answering(answer)
    stop = Receiver.stop

    async def at_last(self: Receiver) -> None:
        await asyncio.gather(*tasks)
        await stop(self)

    Receiver.stop = at_last  # type: ignore[method-assign]


@mistake("webhook-other-payload", "receiver-breaks-on-other-payload")
def knows_one_payload_alone() -> None:
    async def answer(receiver: Receiver, heard: _Heard) -> int:
        if _is_ours(receiver, heard) and isinstance(
            json.loads(heard.body)["data"]["object"].get("seed"), str
        ):
            raise TypeError("seed: a number is wanted")
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("webhook-unknown-event", "receiver-breaks-on-unknown-event")
def knows_few_events_alone() -> None:
    known = {"image_generation.complete", "image_generation.failed"}

    async def answer(receiver: Receiver, heard: _Heard) -> int:
        if _is_ours(receiver, heard) and json.loads(heard.body)["type"] not in known:
            raise KeyError("no handler")
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("happy-webhook", "receiver-dies")
def dies_of_its_first_webhook() -> None:
    _in_flight(1)

    async def answer(receiver: Receiver, heard: _Heard) -> int:
        if receiver._server is not None:
            receiver._server.close()
            receiver._server = None
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("webhook-unknown-event", "receiver-dies")
def dies_of_an_event_it_does_not_know() -> None:
    _in_flight(1)
    known = {"image_generation.complete", "image_generation.failed"}

    async def answer(receiver: Receiver, heard: _Heard) -> int:
        if _is_ours(receiver, heard) and json.loads(heard.body)["type"] not in known:
            # An exception that nobody catches ends the process's receiver.
            await receiver.stop()
            receiver._server = None
            raise KeyError("no handler")
        return await _as_it_should(receiver, heard)

    _answering(answer)


@mistake("webhook-lost", "not-reconciled")
def waits_for_webhooks_alone() -> None:
    async def generation(self: Leonardo, generation_id: str, **rest: Any) -> dict[str, Any]:
        try:
            await asyncio.wait_for(rest["nudge"].wait(), 120)
        except TimeoutError:
            raise GaveUp("no webhook has come") from None
        shown: dict[str, Any] = (await self.ask("GET", f"/generations/{generation_id}"))["generations_by_pk"]
        return shown

    Leonardo.generation = generation  # type: ignore[method-assign]


# --- files ------------------------------------------------------------------------------------


@mistake("happy-polling", "asset-not-fetched")
def leaves_the_files_where_they_are() -> None:
    async def keep(self: Errand, generation: dict[str, Any]) -> None:
        return

    Errand.keep = keep  # type: ignore[method-assign]


@mistake("asset-broken", "asset-broken-taken")
def keeps_whatever_comes() -> None:
    careful.is_good = lambda answer: True


@mistake("asset-html", "asset-broken-taken")
def keeps_a_page_for_a_picture() -> None:
    careful.is_good = lambda answer: True


@mistake("asset-late", "asset-not-retried")
def asks_for_a_file_once() -> None:
    async def fetch(self: Leonardo, url: str, to: Path) -> None:
        answer = await self.plain.get(url)
        if answer.status_code != 200:
            raise GaveUp(f"a file: {answer.status_code}")
        to.write_bytes(answer.content)

    Leonardo.fetch = fetch  # type: ignore[method-assign]


@mistake("happy-polling", "asset-url-made-up")
def makes_urls_up() -> None:
    careful.ATTEMPTS_MOST = 1

    async def keep(self: Errand, generation: dict[str, Any]) -> None:
        for image in generation["generated_images"]:
            base = image["url"].partition("/users/")[0]
            await self.leonardo.fetch(
                f"{base}/generations/{image['id']}.jpg", self.out / f"{image['id']}.jpg"
            )

    Errand.keep = keep  # type: ignore[method-assign]


@mistake("schema-grown", "broken-by-additive-change")
def allows_no_new_fields() -> None:
    def strict(shown: dict[str, Any] | None) -> dict[str, Any] | None:
        if shown is not None and "novelty" in shown:
            raise Failed("novelty: a field that is not known")
        return shown

    _looking(strict)


def main() -> int:
    if sys.argv[1:] == ["--list"]:
        for name, each in MISTAKES.items():
            print(f"{name:40} {each.scenario:24} {each.check}")
        return 0
    if len(sys.argv) != 2 or sys.argv[1] not in MISTAKES:
        print(__doc__, file=sys.stderr)
        return 2
    MISTAKES[sys.argv[1]].make()
    return asyncio.run(careful.main())


if __name__ == "__main__":
    sys.exit(main())
