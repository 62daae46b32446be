"""A long session with a door, and everything that it was answered: two emulators that differ tell
different stories. It judges nothing.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import msgspec

from mockleo.conformance.door import Answer, Door, NoAnswer, Opener, Request

STRANGER = "0ddba11a-0000-4000-8000-000000000000"
_BOUNDARY = "b0undary"
_LONG_MS = 3_600_000
# What differs from one run to the next and is no matter of the emulator's.
_UNTOLD = {"x-mockleo-why"}


class Session:
    """Calls, and what came of them, in `told`."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.told: list[object] = []

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        headers = {"authorization": f"Bearer {self.door.api_key}" if key is None else key}
        sent = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        if sent:
            headers["content-type"] = "application/json"
        answer = self.send(method, self.door.base_url + path, headers, sent)
        try:
            told = msgspec.json.decode(answer.body)
        except msgspec.DecodeError:
            return None
        return next(iter(told.values())) if isinstance(told, dict) and told else told

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        given = tuple((name, value) for name, value in headers.items() if value)
        try:
            answer = self.door.send(Request(method=method, url=url, headers=given, body=body))
        except NoAnswer as error:
            answer = Answer(status=0, body=str(error).encode())
        shown = sorted((name, value) for name, value in answer.headers if name not in _UNTOLD)
        self.told.append((method, url, answer.status, shown, _brief(answer.body)))
        return answer

    def fetch(self, url: object) -> None:
        if isinstance(url, str) and url.startswith("http"):
            self.send("GET", url, {})

    def post(self, url: str, fields: object, data: bytes, **changes: str) -> None:
        """Send a form with its file; `changes` replaces fields, with None for a dash in names."""
        given = {**_fields(fields)}
        given.update({name.replace("_", "-"): value for name, value in changes.items()})
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in given.items()
        ]
        if not url.startswith("http"):
            return
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        body = b"".join([*parts, head.encode(), data, f"\r\n--{_BOUNDARY}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        self.send("POST", url, {"content-type": kind, "content-length": str(len(body))}, body)


def _of(told: object, name: str) -> Any:
    """A field of an answer, which may be anything; "" where there is none."""
    return (told.get(name) or "") if isinstance(told, dict) else ""


def _first(told: object) -> Any:
    return told[0] if isinstance(told, list) and told else told


def _fields(given: object) -> dict[str, str]:
    """A form's fields, if they are that."""
    told = json.loads(given) if isinstance(given, str) and given.startswith("{") else given
    return told if isinstance(told, dict) else {}


def _brief(body: bytes) -> bytes | str:
    return body if len(body) < 20_000 else hashlib.sha256(body).hexdigest()


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)


def story(opener: Opener) -> list[object]:
    """All that is told in a session of everything."""
    told: list[object] = []
    for play in (_images, _training, _rest, _refusals):
        told += _played(play, opener.open(seed=11))
    small = {"plan": "credits", "rules": {"upload.size_max": 100_000, "plans.credits.pending.image": 4}}
    told += _played(_files, opener.fresh(seed=11, settings=small))
    told += _played(_poor, opener.fresh(seed=11, settings={"plan": "credits", "credits": 40}))
    told += _played(_busy, opener.fresh(seed=11, settings={**small, "credits": 100_000}))
    told += _webhooks(opener)
    return told


def _played(play: Any, door: Door) -> list[object]:
    session = Session(door)
    try:
        play(session)
    finally:
        door.close()
    return session.told


def _me(session: Session) -> str:
    told = session.call("GET", "/me")
    rows = told if isinstance(told, list) and told else [told]
    return str(_of(_of(rows[0], "user"), "id"))


def _images(s: Session) -> None:
    user_id = _me(s)
    orders: list[dict[str, Any]] = [
        {"prompt": "a hill", "alchemy": False},
        {"prompt": "a lake", "width": 512, "height": 768, "num_images": 2, "seed": 7, "public": False},
        {"prompt": "été", "elements": [{"akUUID": "01b6184e-3905-4dc7-9ec6-4f09982536d5", "weight": 1}]},
    ]
    ids = [_of(s.call("POST", "/generations", order), "generationId") for order in orders]
    for generation_id in ids:
        s.call("GET", f"/generations/{generation_id}")
    s.call("GET", f"/generations/user/{user_id}")
    s.call("POST", "/variations/upscale", {"id": STRANGER})
    _me(s)
    s.door.wait(_LONG_MS)
    shown: dict[str, Any] = {}
    for _ in range(4):
        shown = s.call("GET", f"/generations/{ids[1]}") or shown
    s.door.wait(_LONG_MS)
    s.call("GET", f"/generations/{ids[1]}")
    image = _first(_of(shown, "generated_images"))
    s.fetch(_of(image, "url"))
    image_id = _of(image, "id")
    made = [
        s.call("POST", "/variations/upscale", {"id": image_id}),
        s.call("POST", "/variations/nobg", {"id": image_id}),
        s.call("POST", "/variations/universal-upscaler", {"generatedImageId": image_id}),
        s.call("POST", "/variations/upscale", {"id": s.call("POST", "/generations", orders[0])}),
    ]
    pan = {"prompt": "pan", "imageId": image_id, "imageType": "GENERATED"}
    videos = [
        s.call("POST", "/generations-text-to-video", {"prompt": "a wave"}),
        s.call("POST", "/generations-image-to-video", pan),
        s.call("POST", "/generations-motion-svd", {"imageId": image_id}),
    ]
    for variation in made:
        s.call("GET", f"/variations/{_of(variation, 'id')}")
    s.door.wait(_LONG_MS)
    for variation in made:
        s.fetch(_of(_first(s.call("GET", f"/variations/{_of(variation, 'id')}")), "url"))
    for video in videos:
        film = s.call("GET", f"/generations/{_of(video, 'generationId')}")
        s.fetch(_of(_first(_of(film, "generated_images")), "motionMP4URL"))
    larger = s.call(
        "POST",
        "/generations-video-upscale",
        {"sourceGenerationId": _of(videos[0], "generationId"), "resolution": "RESOLUTION_720"},
    )
    s.door.wait(_LONG_MS)
    s.call("GET", f"/motion-variations/{_of(larger, 'variationId')}")
    s.call("GET", f"/generations/{ids[1]}")
    for query in ("", "?limit=2", "?limit=2&offset=1", "?limit=2&offset=2", "?limit=1000", "?offset=5000"):
        s.call("GET", f"/generations/user/{user_id}{query}")
    s.call("GET", f"/generations/user/{STRANGER}")
    for generation_id in (ids[0], ids[0], STRANGER):
        s.call("DELETE", f"/generations/{generation_id}")
    s.call("GET", f"/generations/{ids[0]}")
    s.call("GET", f"/generations/user/{user_id}")
    pending = s.call("POST", "/generations", orders[0])
    s.call("DELETE", f"/generations/{_of(pending, 'generationId')}")
    for _ in range(30):
        s.call("POST", "/generations", {"prompt": "many", "num_images": 1})
    s.door.wait(_LONG_MS)
    for query in ("", "?limit=5000"):
        s.call("GET", f"/generations/user/{user_id}{query}")
    _me(s)


def _files(s: Session) -> None:
    form = s.call("POST", "/init-image", {"extension": "png"})
    fields, url = _of(form, "fields"), _of(form, "url")
    s.call("GET", f"/init-image/{_of(form, 'id')}")
    given = _fields(fields)
    s.post(url, given, PNG, X_Amz_Signature="0" * 64)
    s.post(url, given, PNG, key="users/somebody/else.png")
    s.post(url, given, PNG, x_amz_meta_more="1")
    s.post(url, given, b"")
    s.post(url, given, bytes(200_000))
    s.post(url, given, PNG)
    s.fetch(_of(s.call("GET", f"/init-image/{_of(form, 'id')}"), "url"))
    never = s.call("POST", "/init-image", {"extension": "jpg"})
    told = [
        s.call(
            "POST",
            "/generations",
            {"prompt": "from it", "init_image_id": _of(one, "id"), "init_strength": strength},
        )
        for one in (form, never, {"id": STRANGER})
        for strength in (0.5, 9)
    ]
    s.call("POST", "/media", {"extension": "mp4"})
    late = s.call("POST", "/init-image", {"extension": "png"})
    s.door.wait(180_000)
    late_fields = _of(late, "fields")
    s.post(_of(late, "url"), late_fields or {}, PNG)
    for job in told:
        s.call("GET", f"/generations/{_of(job, 'generationId')}")
    _me(s)
    s.call("POST", "/canvas-init-image", {"initExtension": "png", "maskExtension": "png"})
    for extension, path in (("mp4", "/media"), ("mp3", "/media")):
        media = s.call("POST", path, {"extension": extension})
        s.call("GET", f"/media/{_of(media, 'uploadId')}")
        s.call("DELETE", f"/media/{_of(media, 'uploadId')}")
    s.call("DELETE", f"/init-image/{_of(form, 'id')}")
    s.call("DELETE", f"/init-image/{_of(form, 'id')}")
    s.call("GET", f"/init-image/{_of(form, 'id')}")
    user_id = _me(s)
    meshes = [s.call("POST", "/models-3d/upload", {"name": name, "modelExtension": "obj"}) for name in "ab"]
    for mesh in meshes[:1]:
        s.post(_of(mesh, "modelUrl"), _of(mesh, "modelFields") or {}, b"o thing\nv 0 0 0\n")
    mesh_id, other_id = (_of(mesh, "modelId") for mesh in meshes)
    for path in (f"/models-3d/{mesh_id}", f"/models-3d/user/{user_id}", f"/models-3d/user/{STRANGER}"):
        s.call("GET", path)
    texture = s.call("POST", "/generations-texture", {"modelAssetId": mesh_id, "prompt": "wood"})
    s.door.wait(_LONG_MS)
    s.call("GET", f"/generations-texture/{_of(texture, 'id')}")
    for asset_id in (mesh_id, other_id):
        s.call("GET", f"/generations-texture/model/{asset_id}")
    for path in (f"/generations-texture/{_of(texture, 'id')}", f"/models-3d/{mesh_id}"):
        s.call("DELETE", path)
        s.call("GET", path)


def _training(s: Session) -> None:
    user_id = _me(s)
    dataset = s.call("POST", "/datasets", {"name": "faces", "description": "of friends"})
    dataset_id = _of(dataset, "id")
    s.call("GET", f"/datasets/{dataset_id}")
    order: dict[str, Any] = {"name": "mine", "datasetId": dataset_id, "instance_prompt": "a face"}
    element = {
        "name": "mine", "datasetId": dataset_id, "lora_focus": "General", "train_text_encoder": True,
        "sd_version": "SDXL_1_0", "num_train_epochs": 100, "learning_rate": 0.000001,
        "instance_prompt": "face",
    }  # fmt: skip
    s.call("POST", "/models", order)
    s.call("POST", "/models", {**order, "datasetId": STRANGER})
    s.door.wait(1_000)
    for _ in range(2):
        form = s.call("POST", f"/datasets/{dataset_id}/upload", {"extension": "png"})
        s.post(_of(form, "url"), _of(form, "fields") or {}, PNG)
    s.call("GET", f"/datasets/{dataset_id}")
    model = s.call("POST", "/models", {**order, "resolution": 512})
    lora = s.call("POST", "/elements", element)
    s.call("POST", "/elements", {**element, "learning_rate": 5})
    s.call("GET", f"/models/{_of(model, 'customModelId')}")
    s.call("POST", "/generations", {"prompt": "face", "modelId": _of(model, "customModelId")})
    s.door.wait(10 * _LONG_MS)
    paths = [f"/models/{_of(model, 'customModelId')}", f"/elements/{_of(lora, 'userLoraId')}"]
    for path in (*paths, f"/models/user/{user_id}", f"/elements/user/{user_id}", f"/models/user/{STRANGER}"):
        s.call("GET", path)
    s.call("POST", "/generations", {"prompt": "face", "modelId": _of(model, "customModelId")})
    for path in (*paths, f"/datasets/{dataset_id}"):
        s.call("DELETE", path)
        s.call("DELETE", path)
        s.call("GET", path)


def _rest(s: Session) -> None:
    for path in ("/elements", "/platformModels", "/blueprints", "/blueprints?first=1"):
        s.call("GET", path)
    shown = s.call("GET", "/elements")
    s.fetch(_of(_first(shown), "urlImage"))
    page = s.call("GET", "/blueprints?first=2")
    s.call("GET", f"/blueprints?first=2&after={_of(_of(page, 'pageInfo'), 'endCursor')}")
    for edge in _of(page, "edges")[:1]:
        blueprint_id = _of(_of(edge, "node"), "akUUID")
        s.call("GET", f"/blueprints/{blueprint_id}")
        versions = _of(s.call("GET", f"/blueprints/{blueprint_id}/versions"), "edges")
        for version in versions[:1]:
            body = {
                "blueprintVersionId": _of(_of(version, "node"), "akUUID"),
                "input": {"public": False, "nodeInputs": []},
            }
            execution = s.call("POST", "/blueprint-executions", body)
            s.door.wait(_LONG_MS)
            s.call("GET", f"/blueprint-executions/{_of(execution, 'akUUID')}")
            s.call("GET", f"/blueprint-executions/{_of(execution, 'akUUID')}/generations")
    s.call("GET", f"/blueprints/{STRANGER}")
    s.call("POST", "/prompt/random")
    s.call("POST", "/prompt/improve", {"prompt": "a hill"})
    s.call("POST", "/generations-lcm", {"prompt": "a hill", "imageDataUrl": "data:image/png;base64,AAAA"})
    s.call(
        "POST", "/generations-lcm", {"prompt": "hill", "imageDataUrl": "data:image/png;base64,A", "width": 9}
    )
    flags = ("alchemyMode", "highResolution", "isModelCustom", "isSDXL", "isPhoenix", "promptMagic")
    price = {
        "imageHeight": 512, "imageWidth": 512, "numImages": 4, "inferenceSteps": 30, "loraCount": 0,
        **dict.fromkeys(flags, False),
    }  # fmt: skip
    s.call(
        "POST",
        "/pricing-calculator",
        {"service": "IMAGE_GENERATION", "serviceParams": {"IMAGE_GENERATION": price}},
    )
    _me(s)


def _refusals(s: Session) -> None:
    for key in ("", f"Bearer {STRANGER}", "Bearer nonsense", s.door.api_key):
        s.call("GET", "/me", key=key)
        s.call("POST", "/generations", {"prompt": 7}, key=key)
    for method, path in (
        ("GET", "/nothing"),
        ("PUT", "/me"),
        ("GET", f"/generations/{STRANGER}"),
        ("GET", "/generations/x"),
    ):
        s.call(method, path)
    user_id = _me(s)
    for query in ("?limit=-1", "?offset=-1", "?limit=x", "?nothing=1"):
        s.call("GET", f"/generations/user/{user_id}{query}")
    s.call("GET", f"/datasets/{STRANGER}")
    wrong: list[object] = [
        b"{", {}, {"prompt": None}, {"prompt": ""}, {"prompt": "x" * 3_000}, {"prompt": "y" * 100},
        {"prompt": "a", "width": 20_000}, {"prompt": "a", "width": 8}, {"prompt": "a", "width": 1_001},
        {"prompt": "a", "width": 1_536}, {"prompt": "a", "width": "512"}, {"prompt": "a", "width": 512.5},
        {"prompt": "a", "num_images": 100}, {"prompt": "a", "num_images": 0}, {"prompt": "a", "seed": -1},
        {"prompt": "a", "guidance_scale": 99}, {"prompt": "a", "num_inference_steps": 1_000},
        {"prompt": "a", "presetStyle": "NOTHING"}, {"prompt": "a", "presetStyle": "VIBRANT"},
        {"prompt": "a", "public": "yes"}, {"prompt": "a", "nothing": 1}, {"prompt": "a", "modelId": STRANGER},
        {"prompt": "a", "init_image_id": STRANGER}, {"prompt": "a", "guidance_scale": 10},
        {"prompt": "a", "modelId": "ac614f96-1082-45bf-be9d-757f2d31c174", "alchemy": False},
        {"prompt": "a"}, {"prompt": "a", "width": 1_280, "num_images": 1, "alchemy": False},
        {"prompt": "a", "photoReal": True, "alchemy": False}, {"prompt": "a", "ultra": True, "alchemy": True},
        {"prompt": "naked"}, {"prompt": "against the terms"},
        {"prompt": "a", "controlnets": [{"nothing": 1}]},
    ]  # fmt: skip
    for body in wrong:
        s.call("POST", "/generations", body)
    s.call("POST", "/datasets", {})
    s.call("POST", "/init-image", {"extension": "exe"})
    s.call("POST", "/generations-motion-svd", {"imageId": STRANGER, "motionStrength": 99})


def _poor(s: Session) -> None:
    for _ in range(8):
        s.call("POST", "/generations", {"prompt": "a"})
        s.call("POST", "/generations", {"prompt": "a", "width": 9})
        _me(s)


def _busy(s: Session) -> None:
    for _ in range(130):
        s.call("GET", "/platformModels", key=None)
        s.call("POST", "/generations", {"prompt": "a", "num_images": 1})
    s.door.wait(120_000)
    _me(s)
    for _ in range(4):
        last = [s.call("POST", "/generations", {"prompt": "a", "num_images": 1}) for _ in range(10)][-1]
    s.door.wait(6_000)
    s.call("GET", f"/generations/{_of(last, 'generationId')}")


def _webhooks(opener: Opener) -> list[object]:
    """What a receiver is told, whatever the order."""
    heard: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            head = sorted(item for item in self.headers.items() if item[0].lower() != "host")
            heard.append(f"{head} {body!r}".replace(f":{server.server_port}", ""))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *given: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings = {
        "plan": "credits",
        "credits": 10_000,
        "webhook": f"http://127.0.0.1:{server.server_port}/hook",
        "webhook_key": "a-secret-of-the-receiver",
    }
    try:
        told = _played(_reported, opener.fresh(seed=11, settings=settings))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return [*told, *sorted(heard)]


def _reported(s: Session) -> None:
    never = s.call("POST", "/init-image", {"extension": "png"})
    s.call("POST", "/generations", {"prompt": "a hill", "num_images": 1, "seed": 3})
    s.call("POST", "/generations", {"prompt": "a", "init_image_id": _of(never, "id"), "init_strength": 0.5})
    s.call("POST", "/generations-text-to-video", {"prompt": "a wave"})
    s.door.wait(_LONG_MS)
    s.door.wait(_LONG_MS)
