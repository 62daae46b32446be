"""The other backend: its connections page by page, and a run with what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.lifecycle import looks, money, orders
from mockleo.conformance.lifecycle.known import COMPLETE, FAILED, GENERATION, Job

if TYPE_CHECKING:
    from mockleo.conformance.lifecycle.client import Reply
    from mockleo.conformance.lifecycle.visit import Visit

_LIST = "listBlueprints"
_VERSIONS = "getBlueprintVersionsByBlueprintId"
_COMPLETED = "COMPLETED"
_PAGE = 2
_PAGES_MOST = 60


def page_through(visit: Visit) -> list[str]:
    """Read the list in pages: together they are the whole, each entry once. The ids of all."""
    ids: list[str] = []
    after, total = "", 0
    for _ in range(_PAGES_MOST):
        query: dict[str, Any] = {"first": _PAGE, **({"after": after} if after else {})}
        reply = visit.client.call(_LIST, query=query)
        told = visit.need(reply, reply.told, dict, "the connection is no object")
        total = visit.need(reply, told.get("totalCount"), int, "`totalCount` is no number")
        info = visit.need(reply, told.get("pageInfo"), dict, "`pageInfo` is no object")
        here = [str(node.get("akUUID")) for node in _nodes(visit, reply)]
        doubled = [one for one in here if one in ids]
        message = f"the page after {len(ids)} entries begins with {here[:1]}, which was on a page before"
        if not visit.hold("pages-cover-all", not doubled, message, reply=reply):
            break
        ids += here
        more = info.get("hasNextPage") is True
        message = f"{len(ids)} of {total} entries were shown, and hasNextPage is {info.get('hasNextPage')}"
        visit.hold("pages-cover-all", more == (len(ids) < total), message, reply=reply)
        if not more or not here:
            break
        after = visit.need(reply, info.get("endCursor"), str, "`endCursor` is no text")
    message = f"totalCount is {total}, the pages have {len(ids)} entries"
    visit.hold("pages-cover-all", len(ids) == total, message, operation=_LIST)
    return ids


def _nodes(visit: Visit, reply: Reply) -> list[dict[str, Any]]:
    edges = visit.need(reply, reply.told.get("edges"), list, "`edges` is no list")
    nodes = [edge.get("node") if isinstance(edge, dict) else None for edge in edges]
    visit.shape(reply, all(isinstance(node, dict) for node in nodes), "an edge has no node")
    return [node for node in nodes if isinstance(node, dict)]


def run(visit: Visit, blueprint_id: str) -> None:
    """Run the blueprint's first version, and see what has come of it once time has passed."""
    reply = visit.client.call(_VERSIONS, at=blueprint_id)
    visit.need(reply, reply.told, dict, "the connection is no object")
    versions = _nodes(visit, reply)
    message = f"the blueprint {blueprint_id} is listed, and has no version"
    if not visit.hold("known-thing-is-shown", versions, message, reply=reply):
        return
    version = versions[0]
    outputs = (version.get("uiMetadata") or {}).get("outputs")
    body = {
        "blueprintVersionId": version.get("akUUID"),
        "input": {"public": False, "nodeInputs": []},
    }
    ordered = visit.client.call("executeBlueprint", body=body)
    told = ordered.told
    run_id = told.get("akUUID") if isinstance(told, dict) else None
    message = f"a run of the blueprint {blueprint_id} is answered with {ordered.beginning}"
    if not visit.hold("order-is-accepted", isinstance(run_id, str), message, reply=ordered):
        visit.known.balance = money.read_balance(visit)
        return
    cost = version.get("cost")
    visit.known.balance -= cost if isinstance(cost, int) else 0
    visit.known.causes.append("order")
    money.agree(visit, operation="executeBlueprint")
    visit.client.wait(3 * orders.slowest_ms("blueprint"))
    _look(visit, str(run_id), len(outputs) if isinstance(outputs, list) else None)


def _look(visit: Visit, run_id: str, outputs: int | None) -> None:
    """The run has ended, and its generations are there, as many as the version says."""
    reply = visit.client.call("getBlueprintExecution", at=run_id)
    row = visit.need(reply, reply.told, dict, "the execution is no object")
    message = f"the run {run_id} tells of {row.get('akUUID')}"
    visit.hold("known-thing-is-shown", row.get("akUUID") == run_id, message, reply=reply)
    status = row.get("status")
    message = f"the run {run_id} is {status}, three times as long after its order as runs take"
    visit.hold("ends-in-time", status in (_COMPLETED, FAILED), message, reply=reply)
    reply = visit.client.call("getBlueprintExecutionGenerations", at=run_id)
    visit.need(reply, reply.told, dict, "the connection is no object")
    made = _nodes(visit, reply)
    if status == _COMPLETED:
        message = f"the run {run_id} is {status} with {len(made)} generations, its version has {outputs}"
        visit.hold("as-many-as-asked", made and len(made) == (outputs or len(made)), message, reply=reply)
    for one in made:
        _read(visit, str(one.get("generationId")), done=one.get("status") == _COMPLETED)


def _read(visit: Visit, generation_id: str, *, done: bool) -> None:
    """A generation of a run is one as any other; its price is the run's."""
    job = Job(
        noun=GENERATION,
        id=generation_id,
        owner=visit.known.user_id,
        operation="executeBlueprint",
        lane="blueprint",
        asked=1,
        base_ms=orders.slowest_ms("blueprint"),
        due_ms=visit.client.now_ms + orders.slowest_ms("blueprint"),
    )
    visit.known.things.append(job)
    row = looks.look(visit, job)
    if row is not None:
        message = f"the run says that {generation_id} is done: {done}; the generation is {job.status}"
        visit.hold("list-agrees-with-get", done == (job.status == COMPLETE), message, operation=job.operation)
