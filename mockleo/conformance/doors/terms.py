"""What a call to the real service is, and what it costs at worst: told from the call itself.

Whoever sends it may be mistaken about it, so method, path and body decide, and what the contract
says of them (`pricing.worst` in rules.toml). A body that is not wholly understood has no price, and
a call without a price is not made: a number out of its range might be taken after all.
"""

from __future__ import annotations

import json
import re
from decimal import ROUND_CEILING, Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.door import MayNot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockleo.conformance.door import Answer, Request

MICRO = 1_000_000
# Prices in dollars are rounded to four decimals: what was charged may be half of the last one more.
ROUNDED_MICRO = 50

_NO_PRICE = "what it would cost is not known"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
# What may stand for a parameter in the path of a call that changes something.
_ID = re.compile(r"[A-Za-z0-9-]+")
# They make a call mean something else to some servers than its first line says.
_TWO_FACED = frozenset(
    {
        "x-http-method-override", "x-http-method", "x-method-override", "transfer-encoding",
        "content-encoding", "upgrade", "expect", "te", "trailer", "x-original-url", "x-rewrite-url",
    }
)  # fmt: skip


class Kind(Enum):
    READ = "reads"
    MAKE = "makes something, for nothing"
    PAY = "costs credits"
    DELETE = "deletes something"


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What one call is. `worst_micro` is the most that it can cost, in millionths of a dollar; `ids`
    are what its path names, where it changes something; `operation` is "" for what reads and has
    no name.
    """

    kind: Kind
    operation: str = ""
    worst_micro: int = 0
    ids: tuple[str, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price, and the bodies that it holds for: see the notes in rules.toml."""

    credits: int
    most: dict[str, float] = {}
    up_to: dict[str, float] = {}
    exactly: dict[str, list[Any]] = {}
    entries: dict[str, int] = {}
    off: list[str] = []

    def holds_for(self, body: Mapping[str, Any]) -> bool:
        given = body.get
        return (
            all(_is_within(given(name), most) for name, most in self.most.items())
            and all(given(name) is None or _is_within(given(name), most) for name, most in self.up_to.items())
            and all(any(_same(given(name), each) for each in known) for name, known in self.exactly.items())
            and all(_is_list_of(given(name), most) for name, most in self.entries.items())
            and all(given(name) is None or given(name) is False for name in self.off)
        )

    @property
    def is_unconditional(self) -> bool:
        return not (self.most or self.up_to or self.exactly or self.entries or self.off)


class _Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`known` are the variables that its body may have; `offers` are None for what has no price."""

    id: str
    method: str
    pattern: re.Pattern[str]
    names: frozenset[str]
    root: str
    known: frozenset[str]
    reads: bool
    offers: tuple[Offer, ...] | None


class Terms:
    """Reads calls and answers by the contract: the OpenAPI document, rules.toml and errors.toml."""

    def __init__(
        self, openapi: Mapping[str, Any], rules: Mapping[str, Any], errors: Mapping[str, Any]
    ) -> None:
        rate = row(rules, "pricing.worst_dollars_per_credit")["value"]
        self._micro_per_credit = Decimal(str(rate)) * MICRO
        self._operations = tuple(_operations(openapi, rules))
        self._refusals = tuple(_refusals(errors))
        self._roots = {operation.id: operation.root for operation in self._operations}

    def errand(self, request: Request, target: str) -> Errand:
        """What the call is; `target` is its path and query below the service's base URL.

        Raises `MayNot` for a call that changes something and is not in the contract, or has no price.
        """
        for name, _ in request.headers:
            if name.lower() in _TWO_FACED:
                raise MayNot(
                    f"the real service is not called with the header {name}: servers differ about it"
                )
        path, _, query = target.partition("?")
        method = request.method
        found = self._find(method, path)
        if method in _READING:
            return Errand(kind=Kind.READ, operation="" if found is None else found.id)
        if found is None:
            raise MayNot(f"{method} {path} is in no contract: what it does on the real service is not known")
        if found.reads:
            return Errand(kind=Kind.READ, operation=found.id)
        ids = _ids(found, path)
        if query or (ids and request.body and _may_name_others(found, request.body)):
            raise MayNot(
                f"{found.id} is called with its plain path alone: what stands beside it may count, too"
            )
        if found.method == "DELETE":
            return Errand(kind=Kind.DELETE, operation=found.id, ids=ids)
        return self._priced(found, request, ids)

    def told_micro(self, operation: str, answer: Answer) -> int | None:
        """What the answer says that the call has cost, in millionths of a dollar, never too little.

        None where it does not say so: the price is not known then.
        """
        if answer.status != 200:
            return None
        try:
            decoded = json.loads(answer.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None
        said = decoded.get(self._roots[operation]) if isinstance(decoded, dict) else None
        if not isinstance(said, dict):
            return None
        told = [self._cost(said.get("cost")), self._credits(said.get("apiCreditCost"))]
        return max((each for each in told if each is not None), default=None)

    def is_free_refusal(self, answer: Answer) -> bool:
        """Whether it is a refusal that the contract knows: of those nothing is charged."""
        try:
            said = json.loads(answer.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return False
        if not isinstance(said, dict) or not isinstance(said.get("error"), str):
            return False
        told = answer.status, said.get("code")
        return any(told == known and text.fullmatch(said["error"]) for known, text in self._refusals)

    def _find(self, method: str, path: str) -> _Operation | None:
        for operation in self._operations:
            if operation.method == method and operation.pattern.fullmatch(path):
                return operation
        return None

    def _priced(self, operation: _Operation, request: Request, ids: tuple[str, ...]) -> Errand:
        if operation.offers is None:
            raise MayNot(
                f"{operation.id} is not called on the real service: rules.toml has no worst price for it "
                f'(a row "pricing.worst.{operation.id}")'
            )
        if all(offer.credits == 0 and offer.is_unconditional for offer in operation.offers):
            return Errand(kind=Kind.MAKE, operation=operation.id, ids=ids)
        body = _variables(operation, request.body)
        for offer in operation.offers:
            if offer.holds_for(body):
                worst_micro = self._micro(Decimal(offer.credits))
                return Errand(kind=Kind.PAY, operation=operation.id, worst_micro=worst_micro, ids=ids)
        raise MayNot(
            f"{operation.id} is not called with this body: its price is not known beyond what the contract "
            f'allows ("pricing.worst.{operation.id}" in rules.toml)'
        )

    def _micro(self, credits: Decimal) -> int:
        return int((credits * self._micro_per_credit).to_integral_value(ROUND_CEILING))

    def _cost(self, cost: object) -> int | None:
        if not isinstance(cost, dict):
            return None
        amount, unit = cost.get("amount"), cost.get("unit")
        if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount) or Decimal(amount) == 0:
            return None
        if unit == "DOLLARS":
            return int((Decimal(amount) * MICRO).to_integral_value(ROUND_CEILING)) + ROUNDED_MICRO
        return self._micro(Decimal(amount)) if unit == "CREDITS" else None

    def _credits(self, credits: object) -> int | None:
        # A zero is said where nothing is meant: of jobs that are paid in dollars.
        if type(credits) is not int or credits <= 0:
            return None
        return self._micro(Decimal(credits))


def row(rules: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The row of rules.toml with that dotted name; an empty one where there is none."""
    found = rules
    for step in name.split("."):
        found = found.get(step, {})
    return found


def _operations(openapi: Mapping[str, Any], rules: Mapping[str, Any]) -> list[_Operation]:
    found = []
    for path, item in openapi["paths"].items():
        for method, described in item.items():
            if method.upper() not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                continue
            worst = row(rules, f"pricing.worst.{described['operationId']}").get("values")
            found.append(
                _Operation(
                    id=described["operationId"],
                    method=method.upper(),
                    pattern=_pattern(path),
                    names=frozenset(re.findall(r"{(\w+)}", path)),
                    root=described["x-root"],
                    known=_known(openapi, described),
                    reads=bool(worst and worst.get("reads")),
                    offers=None if worst is None else tuple(msgspec.convert(worst["offers"], list[Offer])),
                )
            )
    # "/generations/user/{userId}" before "/generations/{id}": the plainer a path, the sooner.
    return sorted(found, key=lambda each: each.pattern.pattern.count("("))


def _pattern(path: str) -> re.Pattern[str]:
    parts = (r"([^/]+)" if part.startswith("{") else re.escape(part) for part in path.split("/"))
    return re.compile("/".join(parts))


def _refusals(errors: Mapping[str, Any]) -> Iterator[tuple[tuple[int, str], re.Pattern[str]]]:
    """Status and code of each refusal, and what its text looks like."""
    for row in errors.values():
        if row.get("shape", "flat") == "flat" and 400 <= row["status"] < 500:
            words = (re.escape(piece) for piece in re.split(r"{\w+}", row["error"]))
            yield (row["status"], row["code"]), re.compile(".*".join(words), re.DOTALL)


def _ids(operation: _Operation, path: str) -> tuple[str, ...]:
    """What the path names; raises `MayNot` where a server might read another path in it."""
    match = operation.pattern.fullmatch(path)
    assert match is not None
    if not all(map(_ID.fullmatch, match.groups())):
        raise MayNot(f"{operation.id} is not called: what its path names is no id")
    return match.groups()


def _may_name_others(operation: _Operation, body: bytes) -> bool:
    """Whether the body may say otherwise what the path names: the gateway makes one set of both."""
    return operation.method == "DELETE" or bool(_variables(operation, body).keys() & operation.names)


def _known(openapi: Mapping[str, Any], described: Mapping[str, Any]) -> frozenset[str]:
    content = described.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return frozenset(schema.get("properties", {}))


def _variables(operation: _Operation, body: bytes) -> Mapping[str, Any]:
    """The body's variables; raises `MayNot` unless it can be read in one way only."""
    if not body:
        return {}
    try:
        decoded = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise MayNot(
            f"{operation.id} changes something, and its body is no plain JSON: {_NO_PRICE}"
        ) from None
    if not isinstance(decoded, dict):
        raise MayNot(f"{operation.id} changes something, and its body is no object: {_NO_PRICE}")
    strange = sorted(decoded.keys() - operation.known)
    if strange:
        raise MayNot(
            f"{operation.id} changes something, and the contract does not know {strange[0]!r}: {_NO_PRICE}"
        )
    return decoded


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    decoded = dict(pairs)
    if len(decoded) != len(pairs):
        raise ValueError("a name stands twice")
    return decoded


def _no_number(said: str) -> None:
    raise ValueError(said)


def _is_within(given: object, most: float) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= most


def _same(given: object, known: object) -> bool:
    return type(given) is type(known) and given == known


def _is_list_of(given: object, most: int) -> bool:
    return given is None or (isinstance(given, list) and len(given) <= most)
