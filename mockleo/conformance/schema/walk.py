"""Follows each link of the contract, with the values that it declares: create then get, upload then
use, dataset then train.

What chance would hit now and then is made once for certain, on each door, before anything is left
to chance. What was found on the way is the stock that generated calls are filled with.
"""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.schema.links import Link, Missing, Target, targets
from mockleo.conformance.schema.way_out import NotSent, Silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockleo.conformance.door import Answer, Door, Request
    from mockleo.conformance.schema.way_out import WayOut

Json = Any
# (operationId, name of a variable) -> values that were given for it.
Stock = dict[tuple[str, str], list[Any]]

# How often something is asked for again, until a job is done; and how long between.
_ASKED_MOST = 30
_WAIT_MS = 30_000
# When what was refused is tried again. A training takes longest: it is not waited for in real time.
_LATER_MS = (60_000, 240_000, 3_600_000)


_PICTURE = "data:image/png;base64,iVBORw0KGgo="
_PICTURES = {"imageDataUrl": _PICTURE, "maskDataUrl": _PICTURE, "prompt": "a boat"}

# What an operation is called with where its schema alone does not say.
GIVEN: dict[str, dict[str, Json]] = {
    "createLCMGeneration": _PICTURES,
    "performInpaintingLCM": _PICTURES,
    "performInstantRefine": _PICTURES,
    "performAlchemyUpscaleLCM": _PICTURES,
    "uploadModelAsset": {"modelExtension": "obj"},
    "pricingCalculator": {
        "service": "IMAGE_GENERATION",
        "serviceParams": {
            "IMAGE_GENERATION": {
                "imageHeight": 512,
                "imageWidth": 512,
                "numImages": 1,
                "inferenceSteps": 15,
                "promptMagic": False,
                "alchemyMode": False,
                "highResolution": False,
                "isModelCustom": False,
                "isSDXL": False,
            }
        },
    },
}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A call that has succeeded, and what it gave."""

    target: Target
    request: Request
    values: Mapping[str, str]
    body: Json


class Nothing(msgspec.Struct, frozen=True, kw_only=True):
    """A link that led to nothing: the answer is a success without anything in it."""

    link: Link
    steps: tuple[Request, ...]
    request: Request
    answer: Answer


class Walk:
    """A walk along the links between `operations`, on one door.

    `stock` is what answers gave for the variables of other operations; `succeeded` the operations
    that did once; `nothing` the links that led nowhere; `calls` how many were made.
    """

    def __init__(
        self, openapi: Mapping[str, Json], operations: frozenset[str], door: Door, way: WayOut
    ) -> None:
        self._targets = {name: each for name, each in targets(openapi).items() if name in operations}
        self._door = door
        self._way = way
        self._followed: set[tuple[str, str]] = set()
        self._later: list[tuple[Step, Link]] = []
        self._refused: list[tuple[Step, Link]] = []
        self._last: list[tuple[Step, Link]] = []
        self.stock: Stock = {}
        self.succeeded: set[str] = set()
        self.nothing: list[Nothing] = []
        self.calls = 0

    def walk(self, *, deleting: bool) -> None:
        """Follow what can be followed; `deleting` also what takes things away, in the end."""
        for target in self._targets.values():
            if "path" not in target.placed.values():
                self._go_on(self._call(target, {}, {}))
        self._come_back()
        # What needs the gifts of two answers, as a generated image in a dataset does.
        for target in self._targets.values():
            if target.id not in self.succeeded and target.method != "DELETE":
                self._go_on(self._call(target, {}, {}))
        self._come_back()
        self._once_more()
        if deleting:
            self._delete()

    @property
    def targets(self) -> Iterable[Target]:
        return self._targets.values()

    @property
    def unfollowed(self) -> Iterator[str]:
        """The links that could not be followed to a success."""
        for target in self._targets.values():
            for link in target.links:
                known = link.target in self._targets and self._targets[link.target].method != "DELETE"
                if known and (link.source, link.name) not in self._followed:
                    yield f"{link.source} -> {link.target} ({link.name})"

    def _delete(self) -> None:
        """Each thing once, by whichever link comes to it first."""
        gone: set[Request] = set()
        for step, link in self._last:
            if (link.source, link.name) in self._followed:
                continue
            try:
                parameters, _ = link.taken(step.values, step.body)
            except Missing:
                continue
            request = self._targets[link.target].request(self._door.base_url, "", parameters, {})
            if request not in gone:
                gone.add(request)
                self._follow(step, link)

    def _go_on(self, step: Step | None) -> None:
        """From a success along its links, the nearest first."""
        waiting = deque([] if step is None else [step])
        while waiting:
            at = waiting.popleft()
            for link in at.target.links:
                target = self._targets.get(link.target)
                if target is None or (link.source, link.name) in self._followed:
                    continue
                if target.method == "DELETE":
                    self._last.append((at, link))
                elif (further := self._follow(at, link)) is not None:
                    waiting.append(further)

    def _once_more(self) -> None:
        """Along links that were refused when less was there: a dataset without an image, a video
        that is not finished.
        """
        patient = "fast-forward" in self._door.abilities
        for wait_ms in (0, *_LATER_MS) if patient else (0, *_LATER_MS[:-1]):
            refused = [each for each in self._refused if (each[1].source, each[1].name) not in self._followed]
            self._refused = []
            if refused and wait_ms:
                self._door.wait(wait_ms)
            for step, link in refused:
                if (link.source, link.name) not in self._followed:
                    self._go_on(self._follow(step, link))
            self._come_back()

    def _come_back(self) -> None:
        """To answers that had not yet what a link takes: their jobs take time."""
        for _ in range(_ASKED_MOST):
            if not self._later:
                return
            self._door.wait(_WAIT_MS)
            again, self._later = self._later, []
            asked: set[Request] = set()
            for step, link in again:
                if (link.source, link.name) in self._followed or step.request in asked:
                    continue
                if step.target.method == "GET":
                    # Once for all of its links: those that are still without go on waiting.
                    asked.add(step.request)
                    self._go_on(self._sent(step.target, step.request, step.values))
                else:
                    self._follow(step, link)

    def _follow(self, step: Step, link: Link) -> Step | None:
        try:
            parameters, body = link.taken(step.values, step.body)
        except Missing:
            self._later.append((step, link))
            return None
        for name in link.found:
            known = self.stock.setdefault((link.target, name), [])
            known.append(parameters.get(name, body.get(name)))
        further = self._call(self._targets[link.target], parameters, body, before=(step, link))
        if further is None:
            self._refused.append((step, link))
        else:
            self._followed.add((link.source, link.name))
        return further

    def _call(
        self,
        target: Target,
        parameters: Mapping[str, Json],
        body: Mapping[str, Json],
        *,
        before: tuple[Step, Link] | None = None,
    ) -> Step | None:
        """Call with these values, and what is needed besides from the stock."""
        filled = dict(parameters)
        for name, place in target.placed.items():
            if place == "path" and name not in filled:
                if not self.stock.get((target.id, name)):
                    return None
                filled[name] = self.stock[target.id, name][-1]
        given = {name: value for name, value in GIVEN.get(target.id, {}).items() if name in target.fields}
        needed = {
            name: self.stock.get((target.id, name), [least])[-1]
            for name, least in target.needed.items()
            if name not in GIVEN.get(target.id, {})
        }
        request = target.request(self._door.base_url, self._door.api_key, filled, {**given, **needed, **body})
        values = {name: str(value) for name, value in filled.items()}
        return self._sent(target, request, values, before=before)

    def _sent(
        self,
        target: Target,
        request: Request,
        values: Mapping[str, str],
        *,
        before: tuple[Step, Link] | None = None,
    ) -> Step | None:
        try:
            answer = self._way.exchange(request)
        except (NotSent, Silent):
            return None
        self.calls += 1
        if answer.status != 200:
            return None
        try:
            body = json.loads(answer.body)
        except ValueError:
            return None
        told = body.get(target.root) if isinstance(body, dict) else None
        if told is None:
            if before is not None:
                step, link = before
                self.nothing.append(Nothing(link=link, steps=(step.request,), request=request, answer=answer))
            return None
        self.succeeded.add(target.id)
        return Step(target=target, request=request, values=values, body=body)
