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
from mockleo.conformance.schema import shares
from mockleo.conformance.schema.shares import Share
from mockleo.proving import TheEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.report import Result
    from bench.setting import Setting

AT_LEAST = 0.9

# All phases but sequences, as much of each as in a long run, for every fourth operation.
_EVERY = 4
_EXAMPLES = 100
# Their answers are pictures, which the emulator draws while the suite waits: told by themselves.
_DRAWN = ("createLCMGeneration", "performAlchemyUpscaleLCM")

_REFUSED = json.dumps(
    {"error": "Authentication hook unauthorized this request", "path": "$", "code": "access-denied"}
).encode()
_DOCUMENT = "/openapi.json"


def generated_calls(setting: Setting) -> Iterator[Result]:
    """Generated calls a second, in process."""
    yield _compared(setting, "generated calls, judged", _some(), at_least=AT_LEAST)
    yield _compared(setting, "generated calls, judged, of operations that draw", _DRAWN)


def _compared(
    setting: Setting, name: str, operations: Sequence[str], *, at_least: float | None = None
) -> Result:
    ours, theirs = [], []
    for turn in range(setting.effort.repeats):
        share = _share(operations, turn)
        ours.append(setting.in_a_process_of_its_own(suite_rate, share))
        theirs.append(setting.in_a_process_of_its_own(bare_rate, share))
    return compared(
        name,
        over="schemathesis alone on an application that does nothing",
        ours=ours,
        theirs=theirs,
        unit="calls per CPU second",
        at_least=at_least,
    )


def suite_rate(share: Share) -> float:
    """Generated calls per CPU second of the suite, emulator and judge included."""
    from mockleo.conformance.schema.engine import work

    began_s = process_time()
    door = TheEmulator().open(seed=share.seed)
    done = work(share, door, _nobody)
    door.close()
    cpu_s = process_time() - began_s
    if done.tally.findings or done.ended is not None:
        raise Meaningless(f"the suite has found something: {list(done.tally.findings)}")
    return done.tally.cases["schema"] / cpu_s


def bare_rate(share: Share) -> float:
    """Generated calls per CPU second of schemathesis alone."""
    import schemathesis
    from schemathesis.engine import events, from_schema

    from mockleo.conformance.schema.engine import configured

    cases = 0
    began_s = process_time()
    config = configured(share, api_key="3d6c8f0a-5b1e-4c7d-9a2f-0e1b2c3d4e5f")
    loaded = schemathesis.openapi.from_asgi(_DOCUMENT, one_answer, config=config)
    schema = loaded.include(operation_id=list(share.operations))
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            # What a check has sent beside is no generated case.
            cases += sum(node.parent_id is None for node in event.recorder.cases.values())
    return cases / (process_time() - began_s)


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


def _all() -> list[str]:
    plan = Plan(seed=1)
    return sorted(shares.operations(contracts.openapi(), plan, reading_only=False))


def _some() -> tuple[str, ...]:
    drawn = {name for name in _all() if "LCM" in name or name == "performInstantRefine"}
    return tuple(name for name in _all() if name not in drawn)[::_EVERY]


def _share(operations: Sequence[str], seed: int) -> Share:
    return Share(
        name="measured",
        operations=tuple(operations),
        known=tuple(_all()),
        phases=shares.EACH,
        examples=_EXAMPLES,
        seed=seed,
    )


def _nobody(words: str) -> None:
    """Nobody wants to know how far it is."""
