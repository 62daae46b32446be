"""The contract suite's generated calls against schemathesis alone, on an application that does nothing.

Both are given the same document, settings, phases and seed, on the same core, in turns. Alone,
schemathesis talks to an ASGI callable with one answer, which is right for every operation and
leaves its checks nothing to say; ours talks to the emulator through a door, and has each answer
judged and counted besides. Rates are by processor time: generation is bound by it.
"""

from __future__ import annotations

import json
from time import process_time
from typing import TYPE_CHECKING, Any

from bench.report import compared
from bench.setting import Meaningless
from mockleo import contracts
from mockleo.conformance.parts import Plan
from mockleo.proving import TheEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.report import Result
    from bench.setting import Setting

AT_LEAST = 0.9

# So much of the work is done in a turn: some operations of each weight, all phases but sequences, as
# much of each as in a long run.
_SHARES = ("operations 4/6",)
_EXAMPLES = 100

_REFUSED = json.dumps(
    {"error": "Authentication hook unauthorized this request", "path": "$", "code": "access-denied"}
).encode()
_DOCUMENT = "/openapi.json"


def generated_calls(setting: Setting) -> Iterator[Result]:
    """Generated calls a second, in process."""
    ours, theirs = [], []
    for turn in range(setting.effort.repeats):
        ours.append(setting.in_a_process_of_its_own(suite_rate, turn))
        theirs.append(setting.in_a_process_of_its_own(bare_rate, turn))
    yield compared(
        "generated calls, judged",
        over="schemathesis alone on an application that does nothing",
        ours=ours,
        theirs=theirs,
        unit="calls per CPU second",
        at_least=AT_LEAST,
    )


def suite_rate(seed: int) -> float:
    """Generated calls per CPU second of the suite, emulator and judge included."""
    from mockleo.conformance.schema.engine import work

    cases, cpu_s = 0, 0.0
    for share in _shares(seed):
        began_s = process_time()
        door = TheEmulator().open(seed=seed)
        done = work(share, door, _nobody)
        door.close()
        cpu_s += process_time() - began_s
        if done.tally.findings or done.ended is not None:
            raise Meaningless(f"the suite has found something in {share.name}: {list(done.tally.findings)}")
        cases += done.tally.cases["schema"]
    return cases / cpu_s


def bare_rate(seed: int) -> float:
    """Generated calls per CPU second of schemathesis alone."""
    import schemathesis
    from schemathesis.engine import events, from_schema

    from mockleo.conformance.schema.engine import configured

    cases, cpu_s = 0, 0.0
    for share in _shares(seed):
        began_s = process_time()
        config = configured(share, api_key="3d6c8f0a-5b1e-4c7d-9a2f-0e1b2c3d4e5f")
        loaded = schemathesis.openapi.from_asgi(_DOCUMENT, one_answer, config=config)
        schema = loaded.include(operation_id=list(share.operations))
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                nodes = event.recorder.cases.values()
                cases += sum(node.parent_id is None for node in nodes)
        cpu_s += process_time() - began_s
    return cases / cpu_s


async def one_answer(scope: Any, receive: Any, send: Any) -> None:
    """The document where it is asked for, and else the one answer."""
    if scope["type"] != "http":
        return
    is_document = scope["path"] == _DOCUMENT
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200 if is_document else 401, "headers": headers})
    body = _document() if is_document else _REFUSED
    await send({"type": "http.response.body", "body": body})


def _document() -> bytes:
    return json.dumps({**contracts.openapi(), "servers": [{"url": "/api/rest/v1"}]}).encode()


def _shares(seed: int) -> list[Any]:
    from mockleo.conformance.schema.shares import operations, shares

    plan = Plan(seed=seed, examples=_EXAMPLES)
    chosen = operations(contracts.openapi(), plan, reading_only=False)
    return [share for share in shares(chosen, plan) if share.name in _SHARES]


def _nobody(words: str) -> None:
    """Nobody wants to know how far it is."""
