"""Calls and their answers, as the emulator gives them: what the checks find nothing wrong with.

Each is made once; what is planted is planted in a copy.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec

from mockleo.conformance.door import Answer, Door, Request
from mockleo.conformance.judge import Judge
from mockleo.proving import TheEmulator

Json = Any

STRANGER = "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5"
LONG_MS = 3_000_000


class Exchange(NamedTuple):
    operation: str
    request: Request
    answer: Answer

    @property
    def json(self) -> Json:
        return json.loads(self.answer.body)

    @property
    def content(self) -> Json:
        (content,) = self.json.values()
        return content

    def answered(self, **changes: Any) -> "Exchange":
        """The same call with another answer."""
        return self._replace(answer=msgspec.structs.replace(self.answer, **changes))

    def asked(self, **changes: Any) -> "Exchange":
        """The same answer to another call."""
        return self._replace(request=msgspec.structs.replace(self.request, **changes))

    def with_body(self, body: bytes) -> "Exchange":
        """Another body, with its length."""
        kept = [header for header in self.answer.headers if header[0] != "content-length"]
        return self.answered(body=body, headers=(*kept, ("content-length", str(len(body)))))

    def with_json(self, change: Callable[[Json], Json]) -> "Exchange":
        """Another value; `change` may alter what it is given, or return another one."""
        told = self.json
        changed = change(told)
        return self.with_body(json.dumps(told if changed is None else changed).encode())

    def with_content(self, change: Callable[[Json], Json]) -> "Exchange":
        """The same for what stands under the root key."""

        def around(told: Json) -> Json:
            ((root, content),) = told.items()
            changed = change(content)
            return {root: content if changed is None else changed}

        return self.with_json(around)

    def with_header(self, name: str, value: str | None) -> "Exchange":
        """With this header of the answer instead of its own; without it where the value is None."""
        kept = [header for header in self.answer.headers if header[0] != name]
        return self.answered(headers=tuple(kept if value is None else [*kept, (name, value)]))


class Client:
    """Makes calls through a door and keeps them."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.key = f"Bearer {door.api_key}"

    def call(
        self, operation: str, method: str, path: str, body: Json = None, *, key: str | None = None
    ) -> Exchange:
        shown = self.key if key is None else key
        headers = [("authorization", shown)] if shown else []
        sent = b"" if body is None else json.dumps(body).encode()
        if sent:
            headers.append(("content-type", "application/json"))
        request = Request(
            method=method,
            url=f"{self.door.base_url}{path}",
            headers=tuple(headers),
            body=sent,
            operation=operation,
        )
        return Exchange(operation, request, self.door.send(request))


@cache
def judge() -> Judge:
    return Judge()


@cache
def good() -> Mapping[str, Exchange]:
    """Exchanges by name."""
    door = TheEmulator().open(seed=5)
    try:
        return {**_images(Client(door)), **_others(Client(door)), **_refusals(Client(door)), **_dollars()}
    finally:
        door.close()


def _images(client: Client) -> dict[str, Exchange]:
    call = client.call
    made: dict[str, Exchange] = {"me": call("getUserSelf", "GET", "/me")}
    user_id = made["me"].content[0]["user"]["id"]
    ordered = call("createGeneration", "POST", "/generations", {"prompt": "a lighthouse", "num_images": 2})
    made["order"] = ordered
    show = f"/generations/{ordered.content['generationId']}"
    made["pending"] = call("getGenerationById", "GET", show)
    client.door.wait(LONG_MS)
    made["complete"] = call("getGenerationById", "GET", show)
    image_id = made["complete"].content["generated_images"][0]["id"]
    made["upscale"] = call("createVariationUpscale", "POST", "/variations/upscale", {"id": image_id})
    look = f"/variations/{made['upscale'].content['id']}"
    made["variation pending"] = call("getVariationById", "GET", look)
    film = call("createTextToVideoGeneration", "POST", "/generations-text-to-video", {"prompt": "waves"})
    client.door.wait(LONG_MS)
    made["variation"] = call("getVariationById", "GET", look)
    made["film"] = call("getGenerationById", "GET", f"/generations/{film.content['generationId']}")
    made["list"] = call("getGenerationsByUserId", "GET", f"/generations/user/{user_id}?limit=2")
    made["nothing"] = call("getGenerationById", "GET", f"/generations/{STRANGER}")
    made["delete"] = call("deleteGenerationById", "DELETE", show)
    return made


def _others(client: Client) -> dict[str, Exchange]:
    call = client.call
    made: dict[str, Exchange] = {
        "form": call("uploadInitImage", "POST", "/init-image", {"extension": "png"}),
        "canvas": call(
            "uploadCanvasInitImage", "POST", "/canvas-init-image",
            {"initExtension": "png", "maskExtension": "png"},
        ),
        "elements": call("listElements", "GET", "/elements"),
        "models": call("listPlatformModels", "GET", "/platformModels"),
        "blueprints": call("listBlueprints", "GET", "/blueprints", {"first": 1}),
        "no blueprint": call("getBlueprintById", "GET", f"/blueprints/{STRANGER}"),
        "realtime": call(
            "createLCMGeneration", "POST", "/generations-lcm",
            {"prompt": "a hill", "imageDataUrl": "data:image/jpeg;base64,AAAA", "requestTimestamp": "noon"},
        ),
        "dataset": call("createDataset", "POST", "/datasets", {"name": "faces"}),
    }  # fmt: skip
    dataset_id = made["dataset"].content["id"]
    made["read dataset"] = call("getDatasetById", "GET", f"/datasets/{dataset_id}")
    made["blueprint"] = call(
        "getBlueprintById", "GET", f"/blueprints/{made['blueprints'].content['edges'][0]['node']['akUUID']}"
    )
    return made


def _refusals(client: Client) -> dict[str, Exchange]:
    call = client.call
    bad = {"prompt": "a", "height": "tall"}
    unknown = {"prompt": "a", "sd_Version": 1}
    return {
        "no key": call("getUserSelf", "GET", "/me", key=""),
        "unknown key": call("getUserSelf", "GET", "/me", key=f"Bearer {STRANGER}"),
        "no key at all": call("getUserSelf", "GET", "/me", key="Bearer nonsense"),
        "unknown variable": call("createGeneration", "POST", "/generations", unknown),
        "missing": call("createGeneration", "POST", "/generations", {}),
        "wrong type": call("createGeneration", "POST", "/generations", bad),
        "too large": call("createGeneration", "POST", "/generations", {"prompt": "a", "width": 9_000}),
        "too long": call("createGeneration", "POST", "/generations", {"prompt": "a" * 1_501}),
        "no uuid": call("getGenerationById", "GET", "/generations/abc"),
        "no path": call("", "GET", "/nothing"),
        "no method": call("getUserSelf", "PUT", "/me"),
        "model no uuid": call("createGeneration", "POST", "/generations", {"prompt": "a", "modelId": "XL"}),
    }


def _dollars() -> dict[str, Exchange]:
    door = TheEmulator().fresh(seed=5, settings={"plan": "payg"})
    try:
        return {"dollars": Client(door).call("createGeneration", "POST", "/generations", {"prompt": "a"})}
    finally:
        door.close()
