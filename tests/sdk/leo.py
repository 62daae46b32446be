"""A user of the official Python SDK, for whom one journey can be made in two ways.

A journey is written once, against the synchronous methods. `call` makes each call by that
method or by its `_async` twin, notes it, and compares what the SDK understood with what was sent:
this SDK drops values it cannot read without a word, so "nothing was raised" proves little.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, ParamSpec, cast

import httpx
import pytest
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.models.shared import Unit
from leonardo_ai_sdk.types import BaseModel
from leonardo_ai_sdk.types.basemodel import Unset

if TYPE_CHECKING:
    from types import MethodType

P = ParamSpec("P")

# With time="instant" a job is finished by the time its answer has been read.
POLLS_MAX = 20

DOLLARS_PER_CREDIT = Decimal("0.001495")

# Sent by the service and in neither SDK, or not where the service has it too: on a generation.
UNDOCUMENTED = {
    "fantasyAvatar",
    "imageToVideo",
    "motion",
    "motionModel",
    "motionStrength",
    "prompt_moderations",
    "masksImageId",
    "masksFields",
    "masksKey",
    "masksUrl",
}

# Not sent for a video: what the service would say there is no value that the SDKs know.
LEFT_OUT = {"sdVersion"}


class Leo:
    """One account, reached through the SDK, and the open web for uploads and assets.

    `called` holds the methods that answered, by qualified name. `raw` is the last answer as it was
    sent, for what the SDK's models have no place for. `balance` is the API credit left when last seen.
    """

    def __init__(self, sdk: LeonardoAiSDK, web: httpx.Client, *, awaited: bool) -> None:
        self.sdk = sdk
        self.web = web
        self.called: set[str] = set()
        self.raw: Any = None
        self.user_id = ""
        self.balance = 0
        self._awaited = awaited

    # The SDK types every field as optional: a body is `Any`, and the journeys assert what is in it.
    async def call(self, method: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Any:
        """Make one call and return its parsed body."""
        name = method.__qualname__
        if self._awaited:
            name += "_async"
            twin = getattr(cast("MethodType", method).__self__, f"{method.__name__}_async")
            answer: Any = await twin(*args, **kwargs)
        else:
            answer = method(*args, **kwargs)
        self.raw = answer.raw_response.json()
        body = answer.one_of if hasattr(answer, "one_of") else answer.object
        assert answer.status_code == 200
        assert list(misread(body, self.raw)) == []
        self.called.add(name)
        return body

    async def sign_in(self) -> None:
        """Look who one is, and what is in the account."""
        (details,) = (await self.call(self.sdk.user.get_user_self)).user_details
        self.user_id = details.user.id
        self.balance = details.api_paid_tokens + details.api_subscription_tokens

    async def pays(self, job: Any) -> int:
        """What has left the account since it was last looked at; `job` says the same, in both notations."""
        before = self.balance
        await self.sign_in()
        spent = before - self.balance
        with pytest.warns(DeprecationWarning, match="DEPRECATED"):
            number = job.api_credit_cost
        if job.cost.unit is Unit.CREDITS:
            assert (number, job.cost.amount) == (spent, str(spent))
        else:
            assert (number, job.cost.amount) == (None, dollars(spent))
        return spent

    async def price(self, service: str, params: dict[str, Any]) -> int:
        """What the calculator asks for `service`, in credits."""
        body = await self.call(
            self.sdk.pricing_calculator.pricing_calculator,
            request=cast("Any", {"service": service, "service_params": {service.lower(): params}}),
        )
        price = body.calculate_production_api_service_cost.cost
        assert type(price) is int
        assert price > 0
        return price

    def upload(self, url: str, fields: str, content: bytes, *, filename: str) -> None:
        """Send a file through a presigned form, as the service's guide says: no key, the file last."""
        form = json.loads(fields)
        assert all(isinstance(value, str) for value in form.values())
        answer = self.web.post(url, data=form, files={"file": (filename, content)})
        assert (answer.status_code, answer.content) == (204, b"")

    def fetch(self, url: str) -> httpx.Response:
        """Get an asset the way a browser would, without a key."""
        answer = self.web.get(url)
        assert answer.status_code == 200
        return answer


async def until_complete(look: Callable[[], Awaitable[Any]]) -> Any:
    """Look until the thing is no longer PENDING; return it COMPLETE."""
    for _ in range(POLLS_MAX):
        thing = await look()
        if thing.status not in ("PENDING", "QUEUED"):
            break
    assert thing.status in ("COMPLETE", "COMPLETED")
    return thing


def dollars(price: int) -> str:
    """`price` in credits, as those are told who pay as they go."""
    exact = price * DOLLARS_PER_CREDIT
    return format(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize(), "f")


def misread(parsed: object, sent: Any, where: str = "$") -> Iterator[str]:
    """Yield each place where `parsed` is not what was `sent`, or where one says more than the other."""
    if isinstance(parsed, Unset):
        yield f"{where} is lost: {sent!r}"
    elif isinstance(parsed, BaseModel):
        yield from _misread_fields(parsed, sent, where)
    elif isinstance(parsed, list):
        if len(parsed) != len(sent):
            yield f"{where} has {len(sent)} items, read {len(parsed)}"
        for n, (item, value) in enumerate(zip(parsed, sent, strict=False)):
            yield from misread(item, value, f"{where}[{n}]")
    elif isinstance(parsed, datetime):
        if parsed != datetime.fromisoformat(sent):
            yield f"{where} was {sent!r}, read {parsed!r}"
    else:
        value = parsed.value if isinstance(parsed, Enum) else parsed
        same_kind = isinstance(value, bool) == isinstance(sent, bool)
        if value != sent or not same_kind:
            yield f"{where} was {sent!r}, read {parsed!r}"


def _misread_fields(parsed: BaseModel, sent: dict[str, Any], where: str) -> Iterator[str]:
    names = {field.alias or name: name for name, field in type(parsed).model_fields.items()}
    if not names:  # a model without fields stands for any object
        return
    for key in names.keys() - sent.keys() - LEFT_OUT:
        yield f"{where}.{key} was not sent"
    for key in sent.keys() - names.keys() - UNDOCUMENTED:
        yield f"{where}.{key} is unknown to the SDK"
    for key in sent.keys() & names.keys():
        yield from misread(parsed.__dict__[names[key]], sent[key], f"{where}.{key}")
