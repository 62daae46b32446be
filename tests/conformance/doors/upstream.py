"""A service that takes money, and is not nice about it: it alone knows what it has charged."""

import random
import threading
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from mockleo import contracts
from mockleo.conformance.door import Answer, NoAnswer
from mockleo.conformance.doors.terms import MICRO, Errand, Kind, Terms

TERMS = Terms(contracts.openapi(), contracts.rules(), contracts.errors())
# What a credit costs there, in millionths of a dollar.
_CREDIT_MICRO = 1_495
_ROOTS = {"createGeneration": "sdGenerationJob", "createTextToVideoGeneration": "motionVideoGenerationJob"}


def nothing() -> None:
    """Nobody else is to go on."""


class Upstream:
    """Charges what it likes, up to the worst that the contract tells, and answers as it likes."""

    def __init__(self, seed: int, *, pause: Callable[[], None] = nothing) -> None:
        self._chance = random.Random(f"upstream {seed}")  # noqa: S311  a seed is what it is for
        self._pause = pause
        self._lock = threading.Lock()
        self.charged_micro = 0
        # Of it, what the answers have told; half of the last decimal is lost in them.
        self.told_micro = 0
        self.charges = 0

    def errand(self) -> Errand:
        """A call that somebody wants to make."""
        with self._lock:
            operation = self._chance.choice(list(_ROOTS))
            credits = self._chance.randint(1, 400)
        return Errand(kind=Kind.PAY, operation=operation, worst_micro=credits * 3_000)

    def answer(self, errand: Errand) -> Answer:
        """Take the money for it, or not; say so, or something else, or nothing."""
        self._pause()
        with self._lock:
            kind = self._chance.choices(
                ["told", "lost", "cut off", "error", "no price", "refused", "strange", "unheard"],
                [40, 15, 5, 8, 8, 12, 6, 6],
            )[0]
            worst = errand.worst_micro // _CREDIT_MICRO
            micro = self._chance.choice([worst, self._chance.randint(1, worst)]) * _CREDIT_MICRO
            if self._chance.random() < 0.1:
                micro = errand.worst_micro
            if kind not in ("refused", "unheard"):
                self.charged_micro += micro
                self.charges += 1
            if kind == "told":
                self.told_micro += micro
        self._pause()
        if kind in ("lost", "unheard"):
            raise NoAnswer("the line went dead")
        answer = _answer(kind, errand, micro)
        self._pause()
        return answer


def _answer(kind: str, errand: Errand, micro: int) -> Answer:
    match kind:
        case "refused":
            return _json(400, {"error": "not enough api tokens userId: x", "path": "$", "code": "unexpected"})
        case "error":
            return _json(500, {"error": "Service Error", "path": "$", "code": "unexpected"})
        case "strange":
            return _json(400, {"error": "too late", "path": "$", "code": "who-knows"})
        case "no price":
            return _json(200, {_ROOTS[errand.operation]: {"generationId": "x", "apiCreditCost": 0}})
        case "cut off":
            return Answer(status=200, body=b'{"sdGenerationJob":{"generationId":"')
    dollars = (Decimal(micro) / MICRO).quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()
    cost = {"amount": f"{dollars:f}", "unit": "DOLLARS"}
    return _json(200, {_ROOTS[errand.operation]: {"generationId": "x", "apiCreditCost": None, "cost": cost}})


def _json(status: int, body: object) -> Answer:
    return Answer(status=status, body=msgspec.json.encode(body))
