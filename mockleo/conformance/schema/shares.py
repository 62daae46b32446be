"""Who does what.

The work is divided in the same way however many workers there are, and each share has a door of
its own where doors can be had: so a seed gives the same calls on any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockleo.conformance.parts import Plan

Json = Any

EACH = ("examples", "coverage", "fuzzing")
TOGETHER = ("stateful",)

# So many shares of operations on their own, and of operations that follow one another.
_EACH_SHARES = 6
_TOGETHER_SHARES = 3
_METHODS = ("get", "post", "put", "patch", "delete")


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one process does with one door: `operations` are operationIds, `known` all that may be
    called to come by what they need.
    """

    name: str
    operations: tuple[str, ...]
    known: tuple[str, ...]
    phases: tuple[str, ...]
    examples: int
    seed: int
    # Whether it does what is done once: bad keys, and links that take things away.
    once: bool = False


def operations(document: Mapping[str, Json], plan: Plan, *, reading_only: bool) -> dict[str, int]:
    """The operations that are looked at, with how much there is to try in each."""
    chosen = {}
    for item in document["paths"].values():
        for method in _METHODS:
            described = item.get(method)
            if described is None or (reading_only and method != "get"):
                continue
            name = described["operationId"]
            if not plan.operations or name in plan.operations:
                chosen[name] = _weight(described)
    return chosen


def shares(chosen: Mapping[str, int], plan: Plan) -> tuple[Share, ...]:
    """The whole work, the longest shares first."""
    return (*_together(chosen, plan), *_each(chosen, plan))


def _each(chosen: Mapping[str, int], plan: Plan) -> Iterator[Share]:
    """The heaviest operation goes where the least is so far."""
    heaps: list[list[str]] = [[] for _ in range(_EACH_SHARES)]
    weights = [0] * _EACH_SHARES
    for name in sorted(chosen, key=lambda name: (-chosen[name], name)):
        least = weights.index(min(weights))
        heaps[least].append(name)
        weights[least] += chosen[name]
    for nth, heap in enumerate(heaps):
        if heap:
            yield Share(
                name=f"operations {nth + 1}/{_EACH_SHARES}",
                operations=tuple(sorted(heap)),
                known=tuple(sorted(chosen)),
                phases=EACH,
                examples=plan.examples,
                seed=plan.seed,
            )


def _together(chosen: Mapping[str, int], plan: Plan) -> Iterator[Share]:
    """As many sequences as there are examples, each share with another seed."""
    for nth in range(_TOGETHER_SHARES):
        examples = (plan.examples + _TOGETHER_SHARES - 1 - nth) // _TOGETHER_SHARES
        if examples and chosen:
            yield Share(
                name=f"sequences {nth + 1}/{_TOGETHER_SHARES}",
                operations=tuple(sorted(chosen)),
                known=tuple(sorted(chosen)),
                phases=TOGETHER,
                examples=examples,
                seed=plan.seed + nth,
                once=nth == 0,
            )


def _weight(described: Json) -> int:
    body = described.get("requestBody", {})
    # Each costs as much as a small schema, even without any.
    return 1_000 + len(msgspec.json.encode(body)) + len(msgspec.json.encode(described.get("parameters", ())))
