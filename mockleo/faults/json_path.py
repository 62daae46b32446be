"""Places in a JSON document: `generations_by_pk.generated_images[*].url`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# A member's name, an item's number, or None for every item of a list.
Step = str | int | None

_STEP = re.compile(r"(?P<dot>\.?)(?P<name>[^.\[\]]+)|\[(?P<item>\*|\d+)\]")


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a path: names between dots, `[*]` for every item of a list, `[0]` for one."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        # A dot stands between a name and what is before it, and nowhere else.
        if step is None or (step["name"] is not None and bool(step["dot"]) is not bool(steps)):
            break
        if step["name"] is not None:
            steps.append(step["name"])
        else:
            steps.append(None if step["item"] == "*" else int(step["item"]))
        at = step.end()
    if not steps or at < len(path):
        raise ValueError(f"path: {path!r} is not of the form name.name[*].name")
    return tuple(steps)


def found_at(document: Any, steps: tuple[Step, ...]) -> list[Any]:
    """What stands in `document` at these steps: nothing, one thing, or many."""
    found = [document]
    for step in steps:
        found = [each[key] for each in found for key in keys_of(each, step)]
    return found


def keys_of(value: Any, step: Step) -> Iterator[Any]:
    """By which keys one step goes on from `value`."""
    if isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield step
    elif isinstance(value, list):
        yield from range(len(value)) if step is None else [step] if step < len(value) else ()
