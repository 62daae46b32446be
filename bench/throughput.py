"""Requests: how many the emulator answers for each that a bare ASGI callable answers.

The ratio is that of requests per CPU second of the server process: it is the same whether or
not others use the machine. Requests per second of wall time stand beside it.
"""

from __future__ import annotations

import json
from statistics import median
from time import sleep
from typing import TYPE_CHECKING

from bench.load import Pace, ask, drive
from bench.report import Result, compared
from bench.servers import BARE, Running, mockleo, serving
from bench.setting import Meaningless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.setting import Setting

GET_AT_LEAST = 0.50
POST_AT_LEAST = 0.30

# Twelve fields, as an application sends them that leaves little to the defaults.
ORDER = {
    "prompt": "a lighthouse on a cliff in the evening sun, oil on canvas, thick paint",
    "negative_prompt": "people, text, watermark",
    "modelId": "b24e16ff-06e3-43eb-8d33-4416c2d75876",
    "width": 1024,
    "height": 768,
    "num_images": 4,
    "num_inference_steps": 30,
    "guidance_scale": 7,
    "presetStyle": "DYNAMIC",
    "seed": 4711,
    "public": False,
    "alchemy": False,
}
_LOOKS = 200


def show_finished(setting: Setting) -> Iterator[Result]:
    """GET of a COMPLETE generation with four images."""
    with serving(mockleo("--port", "0", "--time", "instant"), setting) as ours:
        ordered = json.loads(ask(ours.port, _post(ours.port)))
        request = _get(ours.port, ordered["sdGenerationJob"]["generationId"])
        body = _finished(ours, request)
        yield _against_bare(
            setting,
            ours,
            request,
            body,
            name="GET /generations/{id}, finished, 4 images",
            at_least=GET_AT_LEAST,
        )


def create_queued(setting: Setting) -> Iterator[Result]:
    """POST of an order while time is real: ten jobs run, the others queue."""
    yield from _create(setting, time="real", what="jobs queue", at_least=POST_AT_LEAST)


def create_instant(setting: Setting) -> Iterator[Result]:
    """POST of an order while time is instant: each job also ends, and draws its images' ids.

    Only told: what is asked for is the price of an order, and here it is that of two things.
    """
    yield from _create(setting, time="instant", what="jobs finish", at_least=None)


def _create(setting: Setting, *, time: str, what: str, at_least: float | None) -> Iterator[Result]:
    with serving(mockleo("--port", "0", "--time", time), setting) as ours:
        request = _post(ours.port)
        body = ask(ours.port, request)
        yield _against_bare(
            setting,
            ours,
            request,
            body,
            "--read",
            name=f"POST /generations, {len(ORDER)} fields, --time {time} ({what})",
            at_least=at_least,
        )


def _against_bare(
    setting: Setting,
    ours: Running,
    request: bytes,
    body: bytes,
    *flags: str,
    name: str,
    at_least: float | None,
) -> Result:
    kept = setting.folder / "body"
    kept.write_bytes(body)
    our_paces: list[Pace] = []
    bare_paces: list[Pace] = []
    with serving((*BARE, str(kept), *flags), setting) as bare:
        for _ in range(setting.effort.rounds):
            for server, paces in ((ours, our_paces), (bare, bare_paces)):
                pace = setting.on_the_load_core(
                    drive,
                    port=server.port,
                    pid=server.pid,
                    request=request,
                    seconds=setting.effort.round_s,
                )
                paces.append(pace)
    by_wall = median(our.by_wall / their.by_wall for our, their in zip(our_paces, bare_paces, strict=True))
    return compared(
        name,
        over="a bare ASGI callable",
        ours=[pace.by_cpu for pace in our_paces],
        theirs=[pace.by_cpu for pace in bare_paces],
        at_least=at_least,
        unit="requests per CPU second",
        beside=f"by wall time {by_wall:.2f}; busy {_busy(our_paces)} and {_busy(bare_paces)}",
    )


def _busy(paces: Sequence[Pace]) -> str:
    """How much of the time the server worked: far below 100 %, it waited for the load or for a core."""
    return f"{median(pace.cpu_s / pace.wall_s for pace in paces):.0%}"


def _post(port: int) -> bytes:
    body = json.dumps(ORDER).encode()
    head = _head("POST", port, "/generations")
    return head + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def _get(port: int, generation_id: str) -> bytes:
    return _head("GET", port, f"/generations/{generation_id}") + b"\r\n"


def _head(method: str, port: int, path: str) -> bytes:
    """As a client library sends it, up to the headers that tell of a body."""
    return (
        f"{method} /api/rest/v1{path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        "authorization: Bearer 6f1c2b7e-4a53-4d0e-9b38-0c7a5e2d9f41\r\naccept: application/json\r\n"
        "accept-encoding: gzip, deflate\r\nconnection: keep-alive\r\nuser-agent: bench\r\n"
    ).encode()


def _finished(server: Running, request: bytes) -> bytes:
    """The answer once the generation is COMPLETE."""
    for _ in range(_LOOKS):
        body = ask(server.port, request)
        generation = json.loads(body)["generations_by_pk"]
        if generation["status"] == "COMPLETE":
            if len(generation["generated_images"]) != ORDER["num_images"]:
                raise Meaningless("the generation has not all of its images")
            return body
        sleep(0.01)
    raise Meaningless("the generation does not finish")
