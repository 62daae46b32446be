"""From the trace of a walk to the calls that show what was found, for the shell.

Not every call of a walk has to do with it: those are kept that made what the last ones name, and
those that did something to it. What the answers named is called by a variable of the shell's, as
it has another name each time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockleo.conformance.curl import curl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockleo.conformance.door import Answer, Request
    from mockleo.conformance.lifecycle.client import Step

_ID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_NUMBER_ID = re.compile(rb"\"userLoraId\":(\d+)")
# So many calls without a word about anything in particular are enough.
_LAST = 3


def shown(steps: Sequence[Step], *, ending: Request | None, api_key: str) -> tuple[str, ...]:
    """The calls and waits that lead to `ending`, as lines; that call itself is not among them."""
    kept = _kept(steps, ending)
    names = _names([step for step in kept if step.request is not None])
    lines: list[str] = []
    waited_ms = 0
    for step in kept:
        if step.request is None:
            waited_ms += step.wait_ms
            continue
        if waited_ms:
            lines.append(f"sleep {waited_ms / 1000:g}")
            waited_ms = 0
        lines.append(_line(step.request, step.answer, names, api_key))
    if waited_ms:
        lines.append(f"sleep {waited_ms / 1000:g}")
    return tuple(lines)


def ending_line(steps: Sequence[Step], ending: Request, *, api_key: str) -> str:
    """The call that shows it, in the same variables."""
    names = _names([step for step in _kept(steps, ending) if step.request is not None])
    return _named(curl(ending, api_key=api_key), names)


def _kept(steps: Sequence[Step], ending: Request | None) -> list[Step]:
    """Backwards from the end: what acts on, or brings forth, an id that is of interest by then."""
    before = list(steps)
    if ending is not None:
        last = max((at for at, step in enumerate(before) if step.request is ending), default=len(before))
        before = before[:last]
    wanted = _ids_of(ending) if ending is not None else set()
    if not wanted:
        # It is about all there is: what happened last has most to do with it.
        acting = [step for step in before if step.request is not None and step.acts][-_LAST:]
        wanted = {one for step in acting for one in _ids_of(step.request) | _made_by(step)}
    kept: list[Step] = []
    known: set[bytes] = set()
    for step in reversed(before):
        if step.request is None:
            kept.append(step)
        elif step.acts and (_made_by(step) | _ids_of(step.request)) & wanted:
            kept.append(step)
            known |= _made_by(step)
            wanted |= _ids_of(step.request)
        elif _told_by(step) & wanted - known:
            # An image's id is told by the answer about its generation; once is enough.
            kept.append(step)
            known |= _told_by(step)
            wanted |= _ids_of(step.request)
    kept.reverse()
    while kept and kept[0].request is None:
        kept.pop(0)
    return kept


def _ids_of(request: Request | None) -> set[bytes]:
    """The ids that a call names."""
    if request is None:
        return set()
    path = request.url.encode()
    # A list is of its owner: that is the same in every call, and says nothing.
    found = set() if b"/user/" in path else set(_ID.findall(path))
    return found | set(_ID.findall(request.body))


def _made_by(step: Step) -> set[bytes]:
    """The ids that the answer to an order brings forth."""
    if step.answer is None or not step.acts or step.answer.status != 200:
        return set()
    return set(_ID.findall(step.answer.body)) | set(_NUMBER_ID.findall(step.answer.body))


def _told_by(step: Step) -> set[bytes]:
    """The ids that an answer about one thing tells beside its own: of results."""
    if step.answer is None or step.request is None or step.acts or b"/user/" in step.request.url.encode():
        return set()
    return set(_ID.findall(step.answer.body)) - _ids_of(step.request)


def _names(steps: Sequence[Step]) -> dict[str, str]:
    """Names for the ids that answers have brought forth, in the order in which they came."""
    names: dict[str, str] = {}
    for step in steps:
        body = step.answer.body if step.answer is not None else b""
        for found in dict.fromkeys(_ID.findall(body)):
            if found not in _ids_of(step.request):
                names.setdefault(found.decode(), f"$ID{len(names) + 1}")
    return names


def _line(request: Request, answer: Answer | None, names: dict[str, str], api_key: str) -> str:
    line = _named(curl(request, api_key=api_key), names)
    brought = [
        names[found.decode()].removeprefix("$")
        for found in dict.fromkeys(_ID.findall(answer.body if answer is not None else b""))
        if found.decode() in names and found not in _ids_of(request)
    ]
    status = answer.status if answer is not None else 0
    told = f"  # {status}; {', '.join(brought)} in the answer" if brought else f"  # {status}"
    return f"{line}{told}"


def _named(line: str, names: dict[str, str]) -> str:
    """`line` with variables for ids. Within single quotes those have to be left for a moment; no
    body of ours has an apostrophe, so an odd number of them before means within.
    """
    for found, name in names.items():
        first, *rest = line.split(found)
        line = first
        for part in rest:
            line += (f"'\"{name}\"'" if line.count("'") % 2 else name) + part
    return line
