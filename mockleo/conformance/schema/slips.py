"""Calls that miss the API: a path that it does not have, a body that is no JSON.

No operation is called by them, so nothing that is generated for operations tries them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.curl import curl
from mockleo.conformance.door import Request
from mockleo.conformance.schema.way_out import NotSent, Silent
from mockleo.conformance.schema.words import PART
from mockleo.conformance.tally import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockleo.conformance.door import Door
    from mockleo.conformance.schema.links import Target
    from mockleo.conformance.schema.way_out import WayOut
    from mockleo.conformance.tally import Tally

NO_PATH, NO_JSON = "unknown-path-refused", "broken-json-refused"
_PATHS = ("/nothing-of-the-kind", "/nothing-of-the-kind/7")
_NOWHERE = "00000000-0000-4000-8000-000000000000"
_BROKEN = b'{"prompt": "a boat"'


def try_slips(
    targets: Iterable[Target],
    errors: Mapping[str, Mapping[str, object]],
    door: Door,
    way: WayOut,
    tally: Tally,
) -> None:
    """Make them with a good key. Raises `Stopped`."""
    headers = (("authorization", f"Bearer {door.api_key}"), ("accept", "application/json"))
    for path in _PATHS:
        request = Request(method="POST", url=f"{door.base_url}{path}", headers=headers)
        _try(request, NO_PATH, errors["endpoint-not-found"], door, way, tally)
    sent = (*headers, ("content-type", "application/json"))
    for target in targets:
        if target.method == "POST" and target.fields and target.dialect == "hasura":
            parameters = {name: _NOWHERE for name, place in target.placed.items() if place == "path"}
            good = target.request(door.base_url, door.api_key, parameters, {})
            request = msgspec.structs.replace(good, headers=sent, body=_BROKEN)
            _try(request, NO_JSON, errors["invalid-json"], door, way, tally)


def _try(
    request: Request, check: str, row: Mapping[str, object], door: Door, way: WayOut, tally: Tally
) -> None:
    try:
        answer = way.exchange(request)
    except (NotSent, Silent):
        return
    tally.checked(PART, check, request.operation)
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    if (answer.status, code) != (row["status"], row["code"]):
        told = f"{row['status']} and the code {row['code']}"
        what = "a path that is none" if check == NO_PATH else "a body that is no JSON"
        tally.found(
            Finding(
                part=PART,
                check=check,
                operation=request.operation,
                message=f"{what} is answered with {answer.status} and the code {code}",
                expected=f"{told} ({row['evidence']}; source: {row['source']})",
                fix="Look at what is done with a call before any operation is looked for, or its body read.",
                curl=curl(request, api_key=door.api_key),
                seen=f"{answer.status} {answer.body[:400].decode('utf-8', 'replace')}",
            )
        )
