"""The door to the real service, where a call may cost its user's money.

Two keys turn together, `real` and a key in the environment, and a budget is named: without them
nothing is sent. Then each call is stopped here unless all of this holds:

    gate      it goes to a host of the service, by https, at a public address
    key       the key goes to the API alone
    terms     it only reads; or `spend` was given, it is in the contract, and its worst price known
    tidy      what it deletes or adds to was made by this run
    pace      its turn has come
    budget    its worst price is put aside

When the door closes, what was made is deleted, and what is left behind is told.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from mockleo import contracts
from mockleo.conformance.door import BadTarget, MayNot, NoAnswer, Request
from mockleo.conformance.doors.budget import Budget, Guard, dollars, micro_of
from mockleo.conformance.doors.gate import Abroad, Gate, Nearby, ask_the_system, base_of
from mockleo.conformance.doors.line import Line
from mockleo.conformance.doors.pace import Pace
from mockleo.conformance.doors.terms import Kind, Terms, row
from mockleo.conformance.doors.tidy import Made, is_deleted
from mockleo.conformance.doors.watch import RealTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from mockleo.conformance.door import Answer, Door
    from mockleo.conformance.doors.gate import Resolve, Way
    from mockleo.conformance.doors.terms import Errand
    from mockleo.conformance.doors.watch import Watch

# Not LEONARDO_API_KEY: that one `mockleo env` and a shell full of other programs set.
KEY_VARIABLE = "MOCKLEO_REAL_API_KEY"

_ENDED = ("COMPLETE", "FAILED")


class RealService:
    """Opens doors to the real service. They share one budget, one pace and one account.

    `budget` is in dollars; `environ` is where the key is looked for. `base_url` names another
    service that plays the real one in a test: it is nearby, and never abroad. Raises `BadTarget`
    where something is missing.
    """

    divisible = False

    def __init__(
        self,
        *,
        real: bool,
        budget: str | Decimal | None,
        environ: Mapping[str, str],
        spend: bool = False,
        base_url: str | None = None,
        watch: Watch | None = None,
        resolve: Resolve = ask_the_system,
    ) -> None:
        rules = contracts.rules()
        self._key, micro = _both_keys(real=real, budget=budget, environ=environ)
        self._spend = spend
        self._base_url = base_of(base_url or row(rules, "real.api")["value"])
        self._played = base_url is not None
        self._rules = rules
        self._openapi = contracts.openapi()
        self._watch = watch or RealTime()
        self._resolve = resolve
        self._terms = Terms(self._openapi, rules, contracts.errors())
        self._budget = Budget(micro)
        self._pace = Pace(row(rules, "plans.credits")["values"], self._watch)
        self._doors: list[Real] = []
        self.name = f"the real service, {self._base_url}"
        if self._played:
            try:
                self._gate(("real.assets",)).way(self._base_url)
            except MayNot as error:
                raise BadTarget(str(error)) from None

    def open(self, *, seed: int) -> Door:
        door = Real(
            base_url=self._base_url,
            api_key=self._key,
            spend=self._spend,
            gates=(self._api_gate(), self._gate(("real.assets", "real.uploads"))),
            line=Line(self._watch),
            terms=self._terms,
            guard=Guard(self._budget, self._terms),
            pace=self._pace,
            made=Made(self._openapi),
            watch=self._watch,
        )
        self._doors.append(door)
        return door

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> NoReturn:
        raise MayNot("an account of its own can be had in process alone")

    def close(self) -> None:
        """Close every door that is still open, so that what was made is deleted."""
        for door in self._doors:
            door.close()

    def spending(self) -> dict[str, object]:
        """What was spent so far, in dollars, for the report: under `spending` of a tally's notes."""
        seen = self._budget.spending()
        return {
            "budget": dollars(seen.budget),
            "spent": dollars(seen.spent),
            "reserved": dollars(seen.reserved),
            "left": dollars(seen.left),
            "of it at the worst price, since no answer told it": dollars(seen.unknown),
            "calls": seen.calls,
            "cost more than their worst price": list(seen.dearer),
            "left behind": [words for door in self._doors for words in door.left_behind()],
        }

    def __reduce__(self) -> NoReturn:
        # A copy in another process would have a budget of its own.
        raise TypeError("the real service has one budget, which cannot be shared among processes")

    def _api_gate(self) -> Gate:
        if self._played:
            return Gate(Nearby(), resolve=self._resolve)
        host = self._base_url.partition("://")[2].partition("/")[0]
        return Gate(Abroad(hosts=frozenset({host})), resolve=self._resolve)

    def _gate(self, rows: tuple[str, ...]) -> Gate:
        if self._played:
            return Gate(Nearby(), resolve=self._resolve)
        tables = [row(self._rules, name)["values"] for name in rows]
        return Gate(
            Abroad(
                hosts=frozenset(host for table in tables for host in table["hosts"]),
                suffixes=tuple(suffix for table in tables for suffix in table["suffixes"]),
            ),
            resolve=self._resolve,
        )


class Real:
    """A door to the real service: see the module."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        spend: bool,
        gates: tuple[Gate, Gate],
        line: Line,
        terms: Terms,
        guard: Guard,
        pace: Pace,
        made: Made,
        watch: Watch,
    ) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self.abilities = frozenset({"spend"} if spend else ())
        self._spend = spend
        self._to_api, self._to_others = gates
        self._line = line
        self._terms = terms
        self._guard = guard
        self._pace = pace
        self._made = made
        self._watch = watch
        # Addresses of forms that answers have told: nothing else is uploaded to.
        self._forms: set[str] = set()
        self._closed = False

    def send(self, request: Request) -> Answer:
        if self._closed:
            raise MayNot("the door is closed")
        if request.url == self.base_url or request.url.startswith((f"{self.base_url}/", f"{self.base_url}?")):
            return self._call(request)
        return self._fetch(request)

    def wait(self, ms: int) -> None:
        self._watch.sleep_s(ms / 1000)

    def left_behind(self) -> list[str]:
        """What this door has made and not deleted."""
        return self._made.left_behind()

    def close(self) -> None:
        """Delete what was made, and be done. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            for thing in self._made.things():
                self._delete(Request(method="DELETE", url=self.base_url + thing.path, operation=thing.delete))
        finally:
            self._line.close()

    def _delete(self, request: Request) -> None:
        """Delete it, if it can be done: what cannot stays noted."""
        key = (("authorization", f"Bearer {self.api_key}"), ("accept", "application/json"))
        try:
            self._call(
                Request(method=request.method, url=request.url, headers=key, operation=request.operation)
            )
        except (MayNot, NoAnswer):
            return

    def _call(self, request: Request) -> Answer:
        """Make a call of the API."""
        way = self._to_api.way(request.url)
        _require_its_own_host(request, way)
        errand = self._terms.errand(request, request.url.partition("#")[0].removeprefix(self.base_url))
        if errand.kind is Kind.READ:
            self._pace.wait_to_read()
            answer = self._line.send(request, way)
            self._see_ends(answer)
            return answer
        self._require_leave(errand)
        held = self._pace.wait_to_change(errand.operation)
        job_id = None
        try:
            # What is deleted costs nothing, and is deleted even where nothing is left.
            free = errand.kind is Kind.DELETE
            send = partial(self._line.send, request, way)
            answer = send() if free else self._guard.call(errand, send)
            job_id = self._see(errand, answer)
        except (NoAnswer, KeyboardInterrupt):
            self._made.note_lost(errand.operation)
            raise
        finally:
            self._pace.began(errand.operation, held, job_id)
        return answer

    def _require_leave(self, errand: Errand) -> None:
        if not self._spend:
            raise MayNot(f"{errand.operation} {errand.kind.value}: only with --spend on the real service")
        for name in errand.ids:
            if not self._made.is_ours(name):
                raise MayNot(f"{errand.operation} is not called for {name}: this run has not made it")

    def _see(self, errand: Errand, answer: Answer) -> str | None:
        """Note what the call has made or deleted; the id of what it has made."""
        if errand.kind is Kind.DELETE:
            if is_deleted(answer):
                for name in errand.ids:
                    self._made.forget(name)
            return None
        if errand.kind is Kind.MAKE:
            self._forms.update(text for text in _texts(answer) if text.startswith(("https://", "http://")))
        return self._made.note(errand.operation, answer)

    def _see_ends(self, answer: Answer) -> None:
        for said in _objects(answer):
            if said.get("status") in _ENDED and isinstance(said.get("id"), str):
                self._pace.ended(said["id"])

    def _fetch(self, request: Request) -> Answer:
        """Fetch an asset, or fill in a form of the storage's."""
        way = self._to_others.way(request.url)
        _require_its_own_host(request, way)
        told = [request.url, *(text for header in request.headers for text in header)]
        if self.api_key.encode() in request.body or any(self.api_key in text for text in told):
            raise MayNot(f"the key is for the API alone, and is not sent to {way.origin}")
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            if not self._spend:
                raise MayNot("an upload changes something: only with --spend on the real service")
            if request.method != "POST" or request.url not in self._forms:
                raise MayNot(f"{request.method} {way.origin}{way.path}: no answer has told of such a form")
        self._pace.wait_to_read()
        return self._line.send(request, way)


def _both_keys(*, real: bool, budget: str | Decimal | None, environ: Mapping[str, str]) -> tuple[str, int]:
    """The key and the budget in millionths of a dollar; raises `BadTarget` naming what is missing."""
    missing = []
    key = environ.get(KEY_VARIABLE, "").strip()
    if not real:
        missing.append("--real")
    if not key:
        missing.append(f"the API key in the environment variable {KEY_VARIABLE}")
    if budget is None:
        missing.append("--budget with the dollars that may be spent at most")
    if missing or budget is None:
        raise BadTarget(f"nothing is sent to the real service without {', and '.join(missing)}")
    try:
        return key, micro_of(budget)
    except ValueError as error:
        raise BadTarget(f"--budget {budget}: {error}") from None


def _require_its_own_host(request: Request, way: Way) -> None:
    """A header Host of another's would lead elsewhere behind the same address."""
    for name, value in request.headers:
        if name.lower() == "host" and value.lower() != way.authority:
            raise MayNot(f"the header Host says {value!r}, and the call goes to {way.authority}")


def _objects(answer: Answer) -> Iterator[dict[str, Any]]:
    """Every object in the answer, wherever it stands."""
    try:
        waiting: list[Any] = [json.loads(answer.body)]
    except (ValueError, RecursionError):
        return
    while waiting:
        said = waiting.pop()
        if isinstance(said, dict):
            yield said
            waiting.extend(said.values())
        elif isinstance(said, list):
            waiting.extend(said)


def _texts(answer: Answer) -> Iterator[str]:
    for said in _objects(answer):
        yield from (value for value in said.values() if isinstance(value, str))
