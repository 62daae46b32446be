"""Each operation with keys that must not work: none, one that nobody was issued, one that is no key.

schemathesis tries the first two after a success; a call that is refused anyway tells it nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.curl import curl
from mockleo.conformance.schema.way_out import UNKNOWN_KEY, NotSent, Silent
from mockleo.conformance.schema.words import PART
from mockleo.conformance.tally import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockleo.conformance.door import Answer, Door, Request
    from mockleo.conformance.schema.links import Target
    from mockleo.conformance.schema.way_out import WayOut
    from mockleo.conformance.tally import Tally

CHECK = "bad-keys-refused"
_NOWHERE = "00000000-0000-4000-8000-000000000000"


class Bad(msgspec.Struct, frozen=True, kw_only=True):
    """A key that must not work, and the row of errors.toml that it meets. None: no header at all;
    {key} stands for the one that works.
    """

    words: str
    authorization: str | None
    row: str


BAD = (
    Bad(words="without any key", authorization=None, row="unauthenticated"),
    Bad(
        words="with a key that nobody was issued",
        authorization=f"Bearer {UNKNOWN_KEY}",
        row="unauthenticated",
    ),
    Bad(words="with a key that is no UUID", authorization="Bearer not-a-key", row="malformed-key"),
    Bad(words="with a good key that stands alone", authorization="{key}", row="malformed-key"),
    Bad(words="with a good key as another scheme's", authorization="Basic {key}", row="malformed-key"),
)


def try_keys(
    targets: Iterable[Target],
    errors: Mapping[str, Mapping[str, object]],
    door: Door,
    way: WayOut,
    tally: Tally,
) -> None:
    """Call each operation with each bad key. Raises `Stopped`."""
    for target in targets:
        parameters = {name: _NOWHERE for name, place in target.placed.items() if place == "path"}
        good = target.request(door.base_url, door.api_key, parameters, target.needed)
        for bad in BAD:
            request = _with(good, bad, door.api_key)
            try:
                answer = way.exchange(request)
            except (NotSent, Silent):
                continue
            tally.checked(PART, CHECK, target.id)
            row = errors[bad.row]
            if answer.status != row["status"]:
                tally.found(_finding(target, bad, row, request, answer, api_key=door.api_key))


def _with(good: Request, bad: Bad, api_key: str) -> Request:
    headers = [(name, value) for name, value in good.headers if name != "authorization"]
    if bad.authorization is not None:
        headers.append(("authorization", bad.authorization.replace("{key}", api_key)))
    return msgspec.structs.replace(good, headers=tuple(headers))


def _finding(
    target: Target, bad: Bad, row: Mapping[str, object], request: Request, answer: Answer, *, api_key: str
) -> Finding:
    return Finding(
        part=PART,
        check=CHECK,
        operation=target.id,
        message=f"a call {bad.words} is answered with {answer.status}",
        expected=f"{row['status']}, “{row['error']}” ({row['evidence']}; source: {row['source']})",
        fix="Look at whether the key is checked for this operation at all, and before anything else.",
        # Keys that are made up may be read.
        curl=curl(request, api_key=api_key),
        seen=f"{answer.status} {answer.body[:400].decode('utf-8', 'replace')}",
    )
