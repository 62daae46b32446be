"""What every fault has: which calls it meets, and at which point it acts.

    Fault
    |-- AnswerFault     what a client gets back, or does not
    |-- JobFault        what becomes of a job that is ordered
    |-- AccountFault    what an account may do and has
    |-- UploadFault     what the bucket does with a form, or an object
    |-- AssetFault      what a picture's or a video's URL gives
    `-- WebhookFault    what becomes of a webhook

One module for each kind of failure; its settings are its fields. A fault decides nothing by
itself: `Plan` asks the same questions of all of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from mockleo.runtime.clock import SPAN_MS_MOST

if TYPE_CHECKING:
    from mockleo.bucket.errors import S3Refusal
    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey
    from mockleo.core.lifecycle import Fate
    from mockleo.runtime.clock import Mode
    from mockleo.runtime.webhooks import Mischief
    from mockleo.wire.sending import Sending
    from mockleo.wire.site import Site

# No fault needs more, and the emulator can hold so much.
SIZE_BYTES_MOST = 64 * 1024 * 1024

# Where nobody tells by which key something was asked for.
_KEYLESS = frozenset({"s3", "form", "cdn"})

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def kind_of(name: str) -> str:
    """The name by which a fault is asked for: SlowBody is slow-body."""
    return _HUMP.sub("-", name).lower()


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
    tag_field="fault", tag=kind_of,
):  # fmt: skip
    """Which logical calls are met. All that is said must hold; nothing said means every call.

    operations  operationIds, or patterns of them such as "create*"
    account     a user id
    key         the id of one of its keys, never the key itself; uploads and assets do not tell theirs
    first       the first so many logical calls of an account that match
    nth         these of them, counted from 1
    every       each so-manieth
    share       so large a part of them, drawn from the seed: 0.1 is one in ten
    from_ms, until_ms   a window of the service's time, counted from when the fault was added
    attempts    how many attempts of one logical call are met. A call that failed and is sent
                again, the same to the byte, is another attempt of the same logical call, and does
                not count anew. By default 1 where single calls are named, else all
    times       how often in all, whoever is met

    Calls are counted for each account by itself, so that what one does changes nothing for others.
    """

    WHERE: ClassVar[tuple[str, ...]] = ()
    # Which of a kind's own numbers are 1 at least; waits and sizes are 0 at least in any case.
    NOT_ZERO: ClassVar[tuple[str, ...]] = ()

    id: str = ""
    operations: tuple[str, ...] = ()
    account: str | None = None
    key: str | None = None
    first: int | None = None
    nth: tuple[int, ...] = ()
    every: int | None = None
    share: float | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    attempts: int | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        if not self.id.isascii() or not self.id.isprintable():
            raise ValueError("id: must be printable ASCII text")
        self._check_whose()
        for name in ("first", "every", "attempts", "times", *self.NOT_ZERO):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name}: {value} is less than 1")
        self._check_sizes()
        if any(number < 1 for number in self.nth):
            raise ValueError(f"nth: {min(self.nth)} is less than 1")
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError(f"share: {self.share} is not between 0 and 1")
        start_ms, end_ms = self.from_ms or 0, self.until_ms
        if end_ms is not None and end_ms <= start_ms:
            raise ValueError(f"until_ms: {end_ms} is not after from_ms, {start_ms}")

    def _check_whose(self) -> None:
        """Refuse what names nobody, and would never be met. What was given for `key` may be a secret."""
        if self.account is not None and not _UUID.fullmatch(self.account):
            raise ValueError(f"account: {self.account!r} is no user id")
        if self.key is None:
            return
        if not _KEYLESS.isdisjoint(self.WHERE):
            raise ValueError("key: uploads and assets do not tell their key")
        if not _UUID.fullmatch(self.key):
            raise ValueError("key: must be the id of a key, not the key itself")

    def _check_sizes(self) -> None:
        """Refuse waits and sizes that run backwards, or without measure: those would outlast the clock,
        or fill the memory.
        """
        for name in self.__struct_fields__:
            if name == "ms" or name.endswith("_ms"):
                most = SPAN_MS_MOST
            elif name.endswith("_bytes"):
                most = SIZE_BYTES_MOST
            else:
                continue
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name}: {value} is below zero")
            if value is not None and value > most:
                raise ValueError(f"{name}: {value} is more than {most}")

    def check(self, mode: Mode) -> None:
        """Raise ValueError where it cannot be in force on such a clock."""

    @property
    def kind(self) -> str:
        return kind_of(type(self).__name__)

    @property
    def attempts_max(self) -> int | None:
        """How many attempts of one logical call are met; None for all."""
        if self.attempts is None and (self.first is not None or self.nth or self.every is not None):
            return 1
        return self.attempts

    def meets(self, number: int) -> bool:
        """Whether the account's logical call number `number` is one of those that are named."""
        if self.first is not None and number > self.first:
            return False
        if self.nth and number not in self.nth:
            return False
        return self.every is None or number % self.every == 0


class AnswerFault(Fault, frozen=True, kw_only=True):
    """`commit` says whether the call is carried out first: whether the job is booked and charged
    although the client does not learn it.
    """

    WHERE: ClassVar[tuple[str, ...]] = ("api",)
    # Whether the client is left without a good answer, and may well send the same again.
    SPOILS: ClassVar[bool] = True

    commit: bool = False

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        """The answer as this fault lets it out."""
        raise NotImplementedError


class JobFault(Fault, frozen=True, kw_only=True):
    WHERE: ClassVar[tuple[str, ...]] = ("job",)

    def fate(self) -> Fate:
        """What is before the job that the call books."""
        raise NotImplementedError


class AccountFault(Fault, frozen=True, kw_only=True):
    """Acts before the call is carried out; what it raises is the call's refusal."""

    WHERE: ClassVar[tuple[str, ...]] = ("api",)

    def strike(self, site: Site, account: Account, key: ApiKey) -> None:
        """Do it, before anything of the call but its account and operation is known."""

    def examine(self, args: dict[str, Any]) -> None:
        """Look at the call's variables, once they are known to fit."""


class UploadFault(Fault, frozen=True, kw_only=True):
    WHERE: ClassVar[tuple[str, ...]] = ("s3",)
    # As for answers; and whether nothing is kept of what is stored.
    SPOILS: ClassVar[bool] = True
    LOSES: ClassVar[bool] = False

    def refusal(self) -> S3Refusal | None:
        """What the bucket says before it has looked; None where it looks."""
        return None

    def held_ms(self) -> int:
        """How long its answer is held back, on the service's clock."""
        return 0


class AssetFault(Fault, frozen=True, kw_only=True):
    WHERE: ClassVar[tuple[str, ...]] = ("cdn",)
    # As for answers.
    SPOILS: ClassVar[bool] = True

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        """What the URL gives, as this fault lets it out."""
        raise NotImplementedError


class WebhookFault(Fault, frozen=True, kw_only=True):
    WHERE: ClassVar[tuple[str, ...]] = ("webhook",)

    def mischief(self) -> Mischief:
        """What goes wrong with the webhook."""
        raise NotImplementedError


class Draw:
    """Chance for one decision: the same for the same seed and the same call."""

    __slots__ = ("_below",)

    def __init__(self, below: Any) -> None:
        self._below = below

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        number: int = self._below(bound)
        return number
