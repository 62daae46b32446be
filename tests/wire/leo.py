"""A client of one emulator in this process, on a clock we hold.

    leo = Leo()
    generation = leo.order(prompt="a lighthouse")
    leo.advance(5_000)
    assert leo.status(generation) == "COMPLETE"

`get`, `post` and `delete` are for answers: they insist on a 200 and return what stands under the
operation's root key. `ask` is for everything else and returns the answer as it came.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import httpx

from mockleo.app import App
from mockleo.changes import changed
from mockleo.core.account import Account
from mockleo.runtime.clock import Clock, Mode
from mockleo.settings import Settings
from mockleo.wire.contract import Contract, load
from mockleo.wire.links import API_PATH as API

from .promise import OPERATIONS, broken

Json = Any
Body = Mapping[str, Any]

HOST = "http://leo.test"
SEED = 7

# Longer than any job but a training takes, whatever the spread.
LONG_MS = 300_000
TRAINED_MS = 2_000_000

STRANGER = "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5"


class Refused(NamedTuple):
    """The part of a refusal that tests are about."""

    status: int
    error: str
    path: str
    code: str


class Leo:
    """One account, named by its key. Other settings than these are the emulator's."""

    def __init__(self, app: App | None = None, *, key: str | None = None, **settings: Any) -> None:
        if app is None:
            app = an_app(**settings)
        assert app.clock.mode is Mode.MANUAL, "no test waits for a clock on the wall"
        self.app = app
        self.clock = app.clock
        self.key = app.api_key if key is None else key

    def beside(self, key: str) -> "Leo":
        """Another account of the same emulator."""
        return Leo(self.app, key=key)

    # --- requests -----------------------------------------------------------------------------

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Send one request to the API and return the answer, whatever it is."""
        headers = {"authorization": f"Bearer {self.key}", **given.pop("headers", {})}
        answer = self.send(method, f"{API}{path}", headers=headers, **given)
        operation = self.app.record.exchanges[-1].operation
        if operation:
            wild = self.app.settings.profile == "wire-true"
            assert list(broken(operation, answer, wild=wild)) == []
        return answer

    def send(self, method: str, url: str, **given: Any) -> httpx.Response:
        """Send one request to anywhere on the emulator, without a key of ours."""
        return asyncio.run(self._send(httpx.Request(method, httpx.URL(HOST).join(url), **given)))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        answer = await transport.handle_async_request(request)
        answer.request = request
        await answer.aread()
        assert answer.headers.get("x-mockleo-why") != "mockleo-bug", f"{request!r}: a bug of ours"
        return answer

    def get(self, path: str, **query: Any) -> Json:
        return answered(self.ask("GET", path, params=query or None))

    def post(self, path: str, **variables: Any) -> Json:
        return answered(self.ask("POST", path, json=variables))

    def delete(self, path: str) -> Json:
        return answered(self.ask("DELETE", path))

    def create(self, operation: str) -> Json:
        """What a valid call of an operation that makes something answers."""
        method, path, _ = OPERATIONS[operation]
        path = path.format(datasetId=self.dataset()) if "{datasetId}" in path else path
        return answered(self.ask(method, path, json=VALID[operation](self)))

    def refusal(self, path: str, *, method: str = "POST", **variables: Any) -> Refused:
        """The refusal of a call, which nothing was charged for."""
        before = self.balance
        answer = self.ask(method, path, json=variables)
        assert self.balance == before, f"{method} {path} was refused and charged"
        return refused(answer)

    def fetch(self, url: str) -> httpx.Response:
        """Get what a URL of an answer names, as a browser does: without a key."""
        answer = self.send("GET", url)
        assert answer.status_code == 200, f"{url} says {answer.status_code}"
        return answer

    # --- the account --------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        """The account as the world has it, made if nobody has used the key yet."""
        return self.app.site.world.open_account(self.key)

    @property
    def user_id(self) -> str:
        return self.account.user_id

    @property
    def balance(self) -> int:
        """API credits left."""
        return self.account.ledger.balance

    def spend(self) -> None:
        """Leave no credit on the account."""
        self.account.ledger.charge(self.balance, job_id="spent", at_ms=self.clock.now_ms())

    def advance(self, by_ms: int) -> None:
        """Let time pass."""
        self.clock.jump(self.clock.now_ms() + by_ms)

    # --- images -------------------------------------------------------------------------------

    def order(self, **variables: Any) -> str:
        """Order images and return the generation's id."""
        return str(self.post("/generations", **{"prompt": "a lighthouse", **variables})["generationId"])

    def generation(self, generation_id: str) -> Json:
        return self.get(f"/generations/{generation_id}")

    def status(self, generation_id: str) -> str:
        return str(self.generation(generation_id)["status"])

    def made(self, **variables: Any) -> Json:
        """Order images, wait for them, and return the finished generation."""
        generation_id = self.order(**variables)
        self.advance(LONG_MS)
        return self.generation(generation_id)

    def image(self) -> str:
        """The id of a generated image."""
        return str(self.made(num_images=1, width=64, height=64)["generated_images"][0]["id"])

    def film(self) -> str:
        """The id of a finished video."""
        job = self.post("/generations-text-to-video", prompt="waves")
        self.advance(LONG_MS)
        return str(job["generationId"])

    # --- files --------------------------------------------------------------------------------

    def upload(self, url: str, fields: str, content: bytes = b"picture") -> httpx.Response:
        """Send a file through a presigned form: every field, then the file."""
        return self.send("POST", url, data=json.loads(fields), files={"file": ("file", content)})

    def uploaded(self, content: bytes = b"picture") -> str:
        """The id of an init image that has arrived."""
        form = self.post("/init-image", extension="png")
        assert self.upload(form["url"], form["fields"], content).status_code == 204
        return str(form["id"])

    def mesh(self) -> str:
        """The id of a mesh that has arrived."""
        form = self.post("/models-3d/upload", modelExtension="obj", name="a chair")
        assert self.upload(form["modelUrl"], form["modelFields"], b"v 0 0 0").status_code == 204
        return str(form["modelId"])

    def dataset(self) -> str:
        """The id of a dataset with one image in it."""
        dataset_id = str(self.post("/datasets", name="chairs")["id"])
        form = self.post(f"/datasets/{dataset_id}/upload", extension="png")
        assert self.upload(form["url"], form["fields"]).status_code == 204
        return dataset_id


def an_app(**given: Any) -> App:
    """What `App.of` makes of these settings; the contract is read once for all tests."""
    settings = Settings(**{"time": "manual", "seed": SEED, **given})
    contract = changed(_contract(), rules=settings.rules, refusals=settings.refusals)
    return App(settings=settings, contract=contract, clock=Clock(Mode.MANUAL))


@cache
def _contract() -> Contract:
    return load()


def answered(answer: httpx.Response) -> Json:
    """What stands under the root key of a 200."""
    assert answer.status_code == 200, f"{answer.request.method} {answer.request.url}: {answer.text}"
    body = answer.json()
    assert isinstance(body, dict), f"a refusal under 200: {body}"
    (content,) = body.values()
    return content


def refused(answer: httpx.Response) -> Refused:
    """A refusal in the one shape that nearly all have, in its order of keys, and nothing beside."""
    assert answer.status_code >= 400, f"{answer.request.method} {answer.request.url}: {answer.text}"
    body = answer.json()
    assert list(body) == ["error", "path", "code"]
    return Refused(answer.status_code, **body)


TRAINING: Body = {"name": "chairs", "instance_prompt": "a chair"}
ELEMENT: Body = {
    **TRAINING,
    "lora_focus": "Character",
    "train_text_encoder": True,
    "sd_version": "FLUX_DEV",
    "num_train_epochs": 135,
    "learning_rate": 0.0005,
}
SKETCH: Body = {"imageDataUrl": "data:image/jpeg;base64,AAAA", "prompt": "a lighthouse"}
RECIPE: Body = {
    "blueprintVersionId": "e0107740-e748-4843-ad0a-677d7e23dab6",
    "input": {
        "nodeInputs": [
            {
                "nodeId": "5380a5e9-4e30-43d6-8717-f5e209ba2610",
                "settingName": "text",
                "value": "soup",
            },
            {
                "nodeId": "21417f6f-75b2-4c05-a282-837e0031b726",
                "settingName": "textVariables",
                "value": [{"name": "herb", "value": "parsley"}],
            },
        ],
        "public": False,
    },
}
CALCULATED: Body = {
    "service": "IMAGE_GENERATION",
    "serviceParams": {
        "IMAGE_GENERATION": {
            "imageWidth": 512,
            "imageHeight": 512,
            "numImages": 4,
            "inferenceSteps": 15,
            "alchemyMode": True,
            "highResolution": False,
        }
    },
}

# A body that each operation accepts, by operationId. The ids in them are the account's own.
VALID: Mapping[str, Callable[[Leo], Body]] = {
    "uploadModelAsset": lambda leo: {"modelExtension": "obj", "name": "a chair"},
    "executeBlueprint": lambda leo: RECIPE,
    "createDataset": lambda leo: {"name": "chairs", "description": "to sit on"},
    "uploadDatasetImage": lambda leo: {"extension": "png"},
    "uploadDatasetImageFromGen": lambda leo: {"generatedImageId": leo.image()},
    "createElement": lambda leo: {**ELEMENT, "datasetId": leo.dataset()},
    "createGeneration": lambda leo: {"prompt": "a lighthouse", "width": 512, "height": 512, "num_images": 2},
    "uploadCanvasInitImage": lambda leo: {"initExtension": "png", "maskExtension": "png"},
    "uploadInitImage": lambda leo: {"extension": "png"},
    "uploadMedia": lambda leo: {"extension": "mp4"},
    "createModel": lambda leo: {**TRAINING, "datasetId": leo.dataset()},
    "createImageToVideoGeneration": lambda leo: {
        "prompt": "waves",
        "imageId": leo.image(),
        "imageType": "GENERATED",
    },
    "createSVDMotionGeneration": lambda leo: {"imageId": leo.image(), "motionStrength": 5},
    "createTextToVideoGeneration": lambda leo: {"prompt": "waves", "resolution": "RESOLUTION_480"},
    "createVideoUpscale": lambda leo: {
        "sourceGenerationId": leo.film(),
        "resolution": "RESOLUTION_720",
    },
    "pricingCalculator": lambda leo: CALCULATED,
    "promptImprove": lambda leo: {"prompt": "a lighthouse"},
    "promptRandom": lambda leo: {},
    "createLCMGeneration": lambda leo: SKETCH,
    "performInpaintingLCM": lambda leo: {**SKETCH, "maskDataUrl": SKETCH["imageDataUrl"]},
    "performInstantRefine": lambda leo: SKETCH,
    "performAlchemyUpscaleLCM": lambda leo: SKETCH,
    "createTextureGeneration": lambda leo: {"modelAssetId": leo.mesh(), "prompt": "wood"},
    "createVariationNoBG": lambda leo: {"id": leo.image()},
    "CreateUniversalUpscalerJob": lambda leo: {"generatedImageId": leo.image()},
    "createVariationUnzoom": lambda leo: {"id": leo.image()},
    "createVariationUpscale": lambda leo: {"id": leo.image()},
}
