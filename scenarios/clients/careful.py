"""A careful client of Leonardo.Ai's API, over plain httpx: what it does is worth copying.

    LEONARDO_BASE_URL, LEONARDO_API_KEY     where, and with which key
    LEONARDO_API_KEY_NEXT                   the key to go on with when that one is revoked
    LEONARDO_WEBHOOK_KEY, MOCKLEO_WEBHOOK_PORT   a receiver of webhooks, if there is to be one
    MOCKLEO_TASK, MOCKLEO_TASK_WITH         what to do, and with what (JSON)
    MOCKLEO_OUT                             where files go

Its rules, each of which saves money or results:

1. An order is sent once. When its outcome is not known, it looks whether the job is there before it
   orders again.
2. Every wait grows, has chance in it, and an end. Retry-After is heeded.
3. Only PENDING and passing trouble are waited out; any other refusal is told at once.
4. A webhook is a hint, believed by its bearer alone; the job itself is looked at, also when no
   webhook comes.
5. A file is looked at before it is kept, and fetched again when it is broken.
6. The key goes to the API and nowhere else.

Ends with 0 where all was brought about, else with 1 and the reason.
"""

from __future__ import annotations

import asyncio
import email.utils
import hmac
import io
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

# Seconds. An order may take a while to be answered; a time-out is an outcome that is not known.
TIME_OUT = httpx.Timeout(90.0, connect=30.0)
ATTEMPTS_MOST = 9
PATIENCE_S = {"image": 660.0, "video": 1_800.0, "training": 7_200.0}
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class Refused(Exception):
    """The service has said no, and will say so again."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


class OutcomeUnknown(Exception):
    """An order was sent, and nobody knows whether it was booked."""


class GaveUp(Exception):
    """What was waited for has not come in time."""


class Failed(Exception):
    """The job has FAILED, and was paid back."""


def wait_s(attempt: int, *, least: float = 1.0, most: float = 60.0) -> float:
    """How long to wait before the next attempt, the first being 1: ever longer, never the same."""
    return random.uniform(0.5, 1.0) * min(most, least * 2**attempt)


def told_wait_s(answer: httpx.Response) -> float | None:
    """What Retry-After says, in seconds or as a date; None where it says nothing."""
    told = answer.headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    try:
        when = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, when.timestamp() - time.time())


def text_of(answer: httpx.Response) -> str:
    """What an error says, whichever its shape."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    if isinstance(body, list) and body:
        body = body[0]
    return str(body.get("error") or body.get("message") or body) if isinstance(body, dict) else str(body)


class Leonardo:
    """The API, with one key, over one client; storage and assets by another one, without it."""

    def __init__(self, base_url: str, keys: Iterable[str]) -> None:
        self._keys = [key for key in keys if key]
        self._base_url = base_url.rstrip("/")
        limits = httpx.Limits(max_connections=10)
        self._api = httpx.AsyncClient(timeout=TIME_OUT, limits=limits, follow_redirects=False)
        self.plain = httpx.AsyncClient(timeout=TIME_OUT, limits=limits, follow_redirects=False)
        self._user_id = ""
        self._asking = asyncio.Lock()
        # What orders have cost, by job, as far as their answers told.
        self.costs: dict[str, float] = {}
        # Jobs that are ours already: what is found by looking must be another one.
        self.known: set[str] = set()

    async def close(self) -> None:
        await self._api.aclose()
        await self.plain.aclose()

    async def _send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        key = self._keys[0]
        answer = await self._api.request(
            method,
            f"{self._base_url}{path}",
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            **({} if body is None else {"json": body}),
        )
        if answer.status_code == 401 and len(self._keys) > 1:
            # It was revoked, and another one is there. Whoever came first has put it in force.
            if self._keys[0] == key:
                self._keys.pop(0)
            return await self._send(method, path, body)
        return answer

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """A call that costs nothing and may be repeated."""
        for attempt in range(1, ATTEMPTS_MOST + 1):
            try:
                answer = await self._send(method, path, body)
            except httpx.TransportError:
                await asyncio.sleep(wait_s(attempt))
                continue
            if answer.status_code == 200:
                try:
                    told = answer.json()
                except ValueError:
                    await asyncio.sleep(wait_s(attempt))
                    continue
                if isinstance(told, dict):
                    return told
                raise Refused(200, text_of(answer))
            if answer.status_code not in PASSING:
                raise Refused(answer.status_code, text_of(answer))
            await asyncio.sleep((told_wait_s(answer) or 0.0) + wait_s(attempt))
        raise GaveUp(f"{method} {path}: no good answer in {ATTEMPTS_MOST} attempts")

    async def order(
        self, path: str, body: dict[str, Any], find: Callable[[], Awaitable[dict[str, Any] | None]]
    ) -> dict[str, Any]:
        """A call that costs credits: sent again only where it was certainly not booked.

        `find` looks for the job that this order has made, in a form like the order's own answer.
        """
        for attempt in range(1, ATTEMPTS_MOST + 1):
            try:
                return await self._order_once(path, body)
            except OutcomeUnknown:
                # The service may be slow to show what it has booked.
                await asyncio.sleep(wait_s(1))
                found = await find()
                if found is not None:
                    return found
                await asyncio.sleep(wait_s(attempt, least=3.0))
        raise GaveUp(f"POST {path}: not accepted in {ATTEMPTS_MOST} attempts")

    async def _order_once(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        for attempt in range(1, ATTEMPTS_MOST + 1):
            try:
                answer = await self._send("POST", path, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                # Nobody was there to take it.
                await asyncio.sleep(wait_s(attempt))
                continue
            except httpx.TransportError as error:
                raise OutcomeUnknown(str(error)) from None
            if answer.status_code == 200:
                try:
                    told = answer.json()
                except ValueError:
                    raise OutcomeUnknown("the answer cannot be read") from None
                if isinstance(told, dict) and isinstance(next(iter(told.values()), None), dict):
                    inner: dict[str, Any] = next(iter(told.values()))
                    return inner
                raise OutcomeUnknown("the answer has another shape")
            if answer.status_code == 429:
                # Refused at the door: nothing was booked.
                await asyncio.sleep((told_wait_s(answer) or 0.0) + wait_s(attempt, least=2.0))
                continue
            if answer.status_code >= 500:
                raise OutcomeUnknown(f"{answer.status_code}")
            raise Refused(answer.status_code, text_of(answer))
        raise GaveUp(f"POST {path}: refused for being too many, {ATTEMPTS_MOST} times")

    # --- what is there ------------------------------------------------------------------------

    async def user_id(self) -> str:
        async with self._asking:
            # One asks for all.
            if self._user_id:
                return self._user_id
            told = await self.ask("GET", "/me")
            self._user_id = told["user_details"][0]["user"]["id"]
        return self._user_id

    async def find_generation(self, prompt: str) -> dict[str, Any] | None:
        """The newest generation with this prompt that is not known yet."""
        told = await self.ask("GET", f"/generations/user/{await self.user_id()}?offset=0&limit=50")
        for one in told.get("generations") or []:
            if one.get("prompt") == prompt and one.get("id") not in self.known:
                return {"generationId": one["id"]}
        return None

    async def generate(self, body: dict[str, Any], path: str = "/generations") -> str:
        """Order images or a video; the id of the generation."""
        # Asked for first: what it is needed for is a bad moment to ask.
        await self.user_id()
        told = await self.order(path, body, lambda: self.find_generation(body["prompt"]))
        generation_id: str = told["generationId"]
        self.known.add(generation_id)
        cost = told.get("cost") or {}
        self.costs[generation_id] = float(cost.get("amount") or told.get("apiCreditCost") or 0)
        return generation_id

    # --- waiting ------------------------------------------------------------------------------

    async def until_done(
        self,
        look: Callable[[], Awaitable[dict[str, Any] | None]],
        *,
        kind: str,
        nudge: asyncio.Event | None = None,
    ) -> dict[str, Any]:
        """Look ever more slowly until the job has ended; `nudge` says that it is worth a look now."""
        until = time.monotonic() + PATIENCE_S[kind]
        pause, nothing = (15.0, 0) if nudge is not None else (3.0, 0)
        while time.monotonic() < until:
            await _pause(pause * random.uniform(0.85, 1.15), nudge)
            pause = min(pause * 1.5, 20.0 if kind != "training" else 90.0)
            shown = await look()
            if shown is None:
                nothing += 1
                if nothing > 2:
                    raise GaveUp("the job is not there any more")
                continue
            status = str(shown.get("status"))
            if status == "COMPLETE":
                return shown
            if status == "FAILED":
                raise Failed("the job has FAILED; its credits were paid back")
            if status != "PENDING":
                raise GaveUp(f"the job has ended in a state that is not known: {status}")
        raise GaveUp("the job was not done in time; its id is kept, and can be looked at later")

    async def generation(
        self, generation_id: str, *, kind: str = "image", nudge: asyncio.Event | None = None
    ) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            shown: dict[str, Any] | None = (await self.ask("GET", f"/generations/{generation_id}"))[
                "generations_by_pk"
            ]
            return shown

        return await self.until_done(look, kind=kind, nudge=nudge)

    async def variation(self, path: str, body: dict[str, Any], generation_id: str) -> str:
        """Order a variation of a picture, wait for it; its URL."""

        async def find() -> dict[str, Any] | None:
            shown = (await self.ask("GET", f"/generations/{generation_id}"))["generations_by_pk"]
            for image in shown["generated_images"]:
                for one in image["generated_image_variation_generics"]:
                    if one["id"] not in self.known:
                        return {"id": one["id"]}
            return None

        told = await self.order(path, body, find)
        variation_id = str(told["id"])
        self.known.add(variation_id)

        async def look() -> dict[str, Any] | None:
            rows = (await self.ask("GET", f"/variations/{variation_id}"))["generated_image_variation_generic"]
            return rows[0] if rows else None

        return str((await self.until_done(look, kind="image"))["url"])

    # --- files --------------------------------------------------------------------------------

    async def upload(self, path: str, body: dict[str, Any], content: bytes, prefix: str = "") -> str:
        """Ask for a form, post it at once; the upload's id. `prefix` is that of its fields in the answer."""
        for attempt in range(1, ATTEMPTS_MOST + 1):
            told = next(iter((await self.ask("POST", path, body)).values()))
            if await self._post_form(told[_cased(prefix, "url")], told[_cased(prefix, "fields")], content):
                return str(told[_cased(prefix, "imageId") if prefix else "id"])
            await asyncio.sleep(wait_s(attempt))
        raise GaveUp(f"the storage has not taken the file in {ATTEMPTS_MOST} attempts")

    async def _post_form(self, url: str, fields: str, content: bytes) -> bool:
        # The fields are JSON within JSON; the file comes last.
        named: dict[str, str] = json.loads(fields)
        kind = named.get("Content-Type", "image/png")
        files = [
            *((name, (None, value)) for name, value in named.items()),
            ("file", ("image", content, kind)),
        ]
        try:
            answer = await self.plain.post(url, files=files)  # type: ignore[arg-type]
        except httpx.TransportError:
            return False
        return answer.status_code in {200, 201, 204}

    async def fetch(self, url: str, to: Path) -> None:
        """Fetch a picture or a video, look at it, and keep it."""
        for attempt in range(1, ATTEMPTS_MOST + 1):
            try:
                answer = await self.plain.get(url)
                if answer.status_code == 200 and is_good(answer):
                    to.write_bytes(answer.content)
                    return
            except httpx.TransportError:
                # Cut off: what came is not all.
                answer = None  # type: ignore[assignment]
            await asyncio.sleep(wait_s(attempt))
        raise GaveUp(f"{url.rpartition('/')[2]} could not be fetched whole")


def _cased(prefix: str, name: str) -> str:
    return f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name


async def _pause(seconds: float, nudge: asyncio.Event | None) -> None:
    if nudge is None:
        await asyncio.sleep(seconds)
        return
    try:
        await asyncio.wait_for(nudge.wait(), seconds)
        nudge.clear()
    except TimeoutError:
        pass


def is_good(answer: httpx.Response) -> bool:
    """Whether what was fetched is what its type says, from the first byte to the last."""
    kind = answer.headers.get("content-type", "")
    told = answer.headers.get("content-length")
    if told is not None and int(told) != len(answer.content):
        return False
    if kind.startswith("video/"):
        return len(answer.content) > 1_000 and answer.content[4:8] == b"ftyp" and boxes_fill(answer.content)
    if not kind.startswith("image/"):
        return False
    try:
        with Image.open(io.BytesIO(answer.content)) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def boxes_fill(content: bytes) -> bool:
    """Whether an MP4's outer boxes follow each other to the very end."""
    at = 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size < 8:
            return False
        at += size
    return at == len(content)


class Receiver:
    """Listens for webhooks. Who has the bearer is believed that it is worth looking at a job."""

    def __init__(self, key: str) -> None:
        self._expected = f"Bearer {key}".encode()
        self._nudges: dict[str, asyncio.Event] = {}
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=1 << 20)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    def nudge(self, job_id: str) -> asyncio.Event:
        """Set when a webhook has spoken of this job, be it before anybody asked."""
        return self._nudges.setdefault(job_id, asyncio.Event())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        status = b"400 Bad Request"
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
            headers = {name.strip().lower(): value.strip() for name, _, value in lines}
            body = await asyncio.wait_for(reader.readexactly(int(headers.get(b"content-length", b"0"))), 30)
            if hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
                # Answered first, and whatever it says: a copy, a new event, another form.
                status = b"204 No Content"
                self._note(body)
            else:
                status = b"401 Unauthorized"
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            status = b"400 Bad Request"
        finally:
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            writer.close()

    def _note(self, body: bytes) -> None:
        try:
            told = json.loads(body)
            job = told["data"]["object"]
            job_id = str(job["id"])
        except (ValueError, KeyError, TypeError):
            return
        self.nudge(job_id).set()


@dataclass
class Errand:
    """One run: what to do, where files go, and what has gone wrong."""

    leonardo: Leonardo
    out: Path
    wanted: dict[str, Any]
    receiver: Receiver | None = None
    problems: list[str] = field(default_factory=list)
    # Nothing more is to be ordered: the credits or the budget are at their end.
    is_over: bool = False

    def nudge(self, job_id: str) -> asyncio.Event | None:
        return self.receiver.nudge(job_id) if self.receiver is not None else None

    async def keep(self, generation: dict[str, Any]) -> None:
        """Fetch all that a generation has brought."""
        for nth, image in enumerate(generation["generated_images"]):
            url = image.get("motionMP4URL") or image["url"]
            await self.leonardo.fetch(
                url, self.out / f"{generation['id']}-{nth}{Path(url.partition('?')[0]).suffix}"
            )

    async def one(
        self, body: dict[str, Any], path: str = "/generations", kind: str = "image"
    ) -> dict[str, Any] | None:
        """Order, wait, keep. What goes wrong is noted, and the others go on."""
        if self.is_over:
            return None
        job = "not ordered"
        try:
            job = await self.leonardo.generate(body, path)
            done = await self.leonardo.generation(job, kind=kind, nudge=self.nudge(job))
            await self.keep(done)
        except Refused as error:
            self.is_over = self.is_over or error.status == 401 or "not enough" in error.text.lower()
            self.problems.append(f"{body['prompt'][:40]}: {error}")
            return None
        except (GaveUp, Failed) as error:
            self.problems.append(f"{body['prompt'][:40]} ({job}): {error}")
            return None
        return done

    def body(self, nth: int = 0, **more: Any) -> dict[str, Any]:
        """The order number `nth`: each with a prompt of its own, so that it can be found again."""
        prompts = self.wanted.get("prompts")
        prompt = prompts[nth] if prompts else f"a lighthouse in the evening sun, view {nth + 1}"
        side = int(self.wanted.get("side", 512))
        images = int(self.wanted.get("images", 1))
        return {"prompt": prompt, "num_images": images, "width": side, "height": side, **more}


async def generate(errand: Errand) -> None:
    """`count` orders, so many at once that none waits in the queue."""
    places = asyncio.Semaphore(int(errand.wanted.get("in_flight", 4)))

    async def one(nth: int) -> None:
        async with places:
            await errand.one(errand.body(nth))

    await asyncio.gather(*(one(nth) for nth in range(int(errand.wanted.get("count", 1)))))


async def within_budget(errand: Errand) -> None:
    """As many orders as `credits` pay for, one after the other; what an order costs, its answer tells."""
    budget, each = float(errand.wanted["credits"]), await price(errand)
    for nth in range(int(errand.wanted["count"])):
        spent = sum(errand.leonardo.costs.values())
        each = max([each, *errand.leonardo.costs.values()])
        if spent + each > budget:
            errand.problems.append(f"the budget of {budget:g} credits ends after {nth} orders")
            return
        await errand.one(errand.body(nth))


async def price(errand: Errand) -> float:
    """What one order will cost, as far as the service's own calculator knows."""
    body = errand.body()
    asked = {
        "imageHeight": body["height"], "imageWidth": body["width"], "numImages": body["num_images"],
        "inferenceSteps": 15, "promptMagic": False, "alchemyMode": True, "highResolution": False,
        "isModelCustom": False, "isSDXL": True,
    }  # fmt: skip
    told = await errand.leonardo.ask(
        "POST",
        "/pricing-calculator",
        {"service": "IMAGE_GENERATION", "serviceParams": {"IMAGE_GENERATION": asked}},
    )
    return float(told["calculateProductionApiServiceCost"]["cost"])


async def image_to_image(errand: Errand) -> None:
    """Upload a picture and have another one made of it."""
    upload = await errand.leonardo.upload("/init-image", {"extension": "png"}, picture())
    await errand.one(errand.body(init_image_id=upload, init_strength=0.4))


async def inpaint(errand: Errand) -> None:
    """Upload a picture and a mask, and have the masked part painted anew."""
    leonardo = errand.leonardo
    for attempt in range(1, ATTEMPTS_MOST + 1):
        told = (
            await leonardo.ask("POST", "/canvas-init-image", {"initExtension": "png", "maskExtension": "png"})
        )["uploadCanvasInitImage"]
        if await leonardo._post_form(
            told["initUrl"], told["initFields"], picture()
        ) and await leonardo._post_form(told["masksUrl"], told["masksFields"], picture(mask=True)):
            break
        await asyncio.sleep(wait_s(attempt))
    await errand.one(
        errand.body(
            canvasRequest=True,
            canvasRequestType="INPAINT",
            canvasInitId=told["initImageId"],
            canvasMaskId=told["maskImageId"],
        )
    )


async def refine(errand: Errand) -> None:
    """A picture, and then a larger one of it."""
    done = await errand.one(errand.body())
    if done is None:
        return
    image = done["generated_images"][0]["id"]
    url = await errand.leonardo.variation("/variations/upscale", {"id": image}, done["id"])
    await errand.leonardo.fetch(url, errand.out / "upscaled.jpg")


async def video(errand: Errand) -> None:
    """A video from words."""
    prompt = errand.body()["prompt"]
    body = {"prompt": prompt, "resolution": "RESOLUTION_480"}
    await errand.one(body, "/generations-text-to-video", kind="video")


async def motion(errand: Errand) -> None:
    """An upload, a picture made of it, and that set in motion."""
    upload = await errand.leonardo.upload("/init-image", {"extension": "png"}, picture())
    done = await errand.one(errand.body(init_image_id=upload, init_strength=0.4))
    if done is None:
        return
    body = {
        "prompt": "the light turns slowly",
        "imageId": done["generated_images"][0]["id"],
        "imageType": "GENERATED",
        "resolution": "RESOLUTION_480",
    }
    await errand.one(body, "/generations-image-to-video", kind="video")


async def dataset(errand: Errand) -> str:
    """A dataset with some uploads in it."""
    leonardo = errand.leonardo
    made = await leonardo.ask("POST", "/datasets", {"name": "lighthouses", "description": "five views"})
    dataset_id: str = made["insert_datasets_one"]["id"]
    for _ in range(5):
        await leonardo.upload(f"/datasets/{dataset_id}/upload", {"extension": "png"}, picture())
    return dataset_id


async def train(errand: Errand) -> None:
    """A model of one's own, and a picture made by it."""
    leonardo = errand.leonardo
    dataset_id = await dataset(errand)

    async def find() -> dict[str, Any] | None:
        told = await leonardo.ask("GET", f"/models/user/{await leonardo.user_id()}")
        for model in told.get("custom_models") or []:
            if model["id"] not in leonardo.known:
                return {"customModelId": model["id"]}
        return None

    body = {
        "name": "lighthouses",
        "datasetId": dataset_id,
        "instance_prompt": "a lighthouse",
        "modelType": "GENERAL",
    }
    told = await leonardo.order("/models", body, find)
    model_id = str(told["customModelId"])
    leonardo.known.add(model_id)

    async def look() -> dict[str, Any] | None:
        shown: dict[str, Any] | None = (await leonardo.ask("GET", f"/models/{model_id}"))[
            "custom_models_by_pk"
        ]
        return shown

    await leonardo.until_done(look, kind="training")
    await errand.one(errand.body(modelId=model_id))


async def element(errand: Errand) -> None:
    """An element of one's own, and a picture made with it."""
    leonardo = errand.leonardo
    dataset_id = await dataset(errand)

    async def find() -> dict[str, Any] | None:
        told = await leonardo.ask("GET", f"/elements/user/{await leonardo.user_id()}")
        for one in told.get("user_loras") or []:
            if str(one["id"]) not in leonardo.known:
                return {"userLoraId": one["id"]}
        return None

    body = {
        "name": "lighthouses",
        "datasetId": dataset_id,
        "instance_prompt": "a lighthouse",
        "lora_focus": "General",
        "train_text_encoder": True,
        "sd_version": "SDXL_0_9",
        "num_train_epochs": 10,
        "learning_rate": 0.00001,
    }
    told = await leonardo.order("/elements", body, find)
    number = told["userLoraId"]
    leonardo.known.add(str(number))

    async def look() -> dict[str, Any] | None:
        shown: dict[str, Any] | None = (await leonardo.ask("GET", f"/elements/{number}"))["user_loras_by_pk"]
        return shown

    await leonardo.until_done(look, kind="training")
    model = errand.wanted.get("model")
    more = {"modelId": model} if model else {}
    await errand.one(errand.body(userElements=[{"userLoraId": number, "weight": 1.0}], **more))


TASKS: dict[str, Callable[[Errand], Awaitable[None]]] = {
    "generate": generate,
    "within-budget": within_budget,
    "image-to-image": image_to_image,
    "inpaint": inpaint,
    "refine": refine,
    "video": video,
    "motion": motion,
    "train": train,
    "element": element,
}


def picture(*, mask: bool = False) -> bytes:
    """A picture to upload."""
    made = Image.new("L" if mask else "RGB", (512, 512), 255 if mask else (20, 60, 120))
    kept = io.BytesIO()
    made.save(kept, "PNG")
    return kept.getvalue()


def claimed(out: Path) -> bool:
    """Whether this wish is ours: started twice, one of the two does it."""
    try:
        (out / ".claimed").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


async def main() -> int:
    task = os.environ.get("MOCKLEO_TASK", "generate")
    out = Path(os.environ.get("MOCKLEO_OUT", "."))
    if not claimed(out):
        print("somebody is at it already")
        return 0
    keys = [os.environ["LEONARDO_API_KEY"], os.environ.get("LEONARDO_API_KEY_NEXT", "")]
    leonardo = Leonardo(os.environ["LEONARDO_BASE_URL"], keys)
    errand = Errand(leonardo, out, json.loads(os.environ.get("MOCKLEO_TASK_WITH", "{}")))
    port = os.environ.get("MOCKLEO_WEBHOOK_PORT")
    if port:
        errand.receiver = Receiver(os.environ["LEONARDO_WEBHOOK_KEY"])
        await errand.receiver.start(int(port))
    try:
        await TASKS[task](errand)
    except (Refused, GaveUp, Failed) as error:
        errand.problems.append(str(error))
    finally:
        if errand.receiver is not None:
            await errand.receiver.stop()
        await leonardo.close()
    for problem in errand.problems:
        print(problem, file=sys.stderr)
    return 1 if errand.problems else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
