"""Sends webhooks: in order, again where that is wanted, and never one key's behind another's.

Each key has a lane of its own. What waits in a lane is started in the order in which the jobs
have ended, up to `AT_ONCE` at a time; whoever does not answer only fills his own lane. What waits
for the clock, to be sent again or late, waits on the agenda and in no lane.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from mockleo.record import BODY_BYTES_MOST, DELIVERIES_MOST, Attempt, Delivery
from mockleo.redact import MASK, SHORTEST, without_members
from mockleo.runtime import delivery as attempts
from mockleo.runtime.delivery import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mockleo.core.chance import Chance
    from mockleo.core.keys import Webhook
    from mockleo.core.world import Ended
    from mockleo.record import Record
    from mockleo.redact import Redactor
    from mockleo.runtime.activity import Activity
    from mockleo.runtime.addresses import Reach
    from mockleo.runtime.agenda import Agenda, Entry
    from mockleo.runtime.clock import Clock
    from mockleo.runtime.delivery import Headers
    from mockleo.runtime.retries import Retries

log = logging.getLogger("mockleo")

# Of one key.
AT_ONCE = 64
# Of all keys: each connection costs a file descriptor, and a process has some thousand of them.
# Beyond that, each key still has one.
AT_ONCE_ALTOGETHER = 512
# What has been sent is kept, so that it can be sent again; in bytes, the oldest forgotten first.
KEPT_BYTES_MOST = 64 << 20

# Both secrets as the payload of 2023 tells them, however short they are. What somebody has put into a
# text does not look like this: its quotes are escaped.
_BY_NAME = re.compile(
    rb"""("webhookCallbackApiKey":\s*"|"apiKey":\s*\{(?:[^{}"]|"(?!key":)(?:[^"\\]|\\.)*")*"key":\s*")"""
    rb"""((?:[^"\\]|\\.)+)"""
)

KEY_UNKNOWN = "the webhook key is not known since the import"
BUG = "mockleo: a bug of the emulator, see its log"


class Mischief(msgspec.Struct, frozen=True, kw_only=True):
    """What is to go wrong with a webhook; by default nothing.

    `lost` is never sent, `copies` are sent of it (2: doubled), `late_ms` it starts later, and
    with `hold_ms` it is overtaken by the key's next one, or sent after that time when none comes.
    `bearer` replaces the key's own, "" leaves it out; `payload` and `type` replace what is said,
    and `pad_bytes` make the body that much longer. `forwarded_for` is whom proxies would have it
    from. `before_answer` is set once the first attempt has ended, or will not be made before the
    clock has moved. `faults` are the ids of who did it.
    """

    lost: bool = False
    copies: int = 1
    late_ms: int = 0
    hold_ms: int | None = None
    bearer: str | None = None
    payload: str | None = None
    type: str | None = None
    pad_bytes: int = 0
    forwarded_for: str | None = None
    before_answer: asyncio.Event | None = None
    faults: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Mischief(faults={self.faults})"

    def __post_init__(self) -> None:
        if self.bearer is not None and not (self.bearer.isascii() and f"x{self.bearer}".isprintable()):
            raise ValueError("bearer: must be printable ASCII text")
        for name in ("late_ms", "pad_bytes", "copies", "hold_ms"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name}: must not be below 0")


HARMLESS = Mischief()


class Forgotten(LookupError):
    """A delivery whose bytes are not kept any more."""


class Letter(msgspec.Struct, kw_only=True):
    """What is said, whoever is sent it how often. Written when it is needed first."""

    ended: Ended
    webhook: Webhook
    type: str
    mischief: Mischief
    headers: Headers = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Letter({self.type} of {self.ended.job.id})"


class _Parcel(msgspec.Struct, kw_only=True):
    """One letter on its way, and what it weighs once it is over and kept."""

    letter: Letter
    delivery: Delivery
    weight: int = 0


class _Lane:
    """What one key has to send, and how many are at it. `again` goes before what is new."""

    __slots__ = ("again", "dropped", "held", "key_id", "waiting", "workers")

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        self.waiting: deque[_Parcel] = deque()
        self.again: deque[_Parcel] = deque()
        self.held: list[tuple[_Parcel, Entry]] = []
        self.workers = 0
        self.dropped = False

    def take(self) -> _Parcel | None:
        if self.again:
            return self.again.popleft()
        return self.waiting.popleft() if self.waiting else None

    def is_idle(self) -> bool:
        return not (self.workers or self.waiting or self.again or self.held)


class Sender:
    """Sends what is reported of jobs that have ended.

    `deliver` makes one attempt; a rehearsal without a network puts another function in its place.

    `write` makes the headers and the body of a letter. `timeout_ms` are real milliseconds: they
    are about a socket. Without a loop (`start` was not called) everything waits.
    """

    def __init__(
        self,
        *,
        record: Record,
        redactor: Redactor,
        clock: Clock,
        agenda: Agenda,
        activity: Activity,
        chance: Chance,
        write: Callable[[Letter], tuple[Headers, bytes]],
        retries: Retries,
        timeout_ms: int,
        reach: Reach,
        verify_tls: bool = True,
        deliver: Callable[..., Awaitable[Outcome]] = attempts.deliver,
    ) -> None:
        self._record = record
        self._redactor = redactor
        self._clock = clock
        self._agenda = agenda
        self._activity = activity
        self._chance = chance
        self._write = write
        self._retries = retries
        self._timeout_s = timeout_ms / 1_000
        self._reach = reach
        self._verify_tls = verify_tls
        self.deliver = deliver
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._entries: set[Entry] = set()
        self._lanes: dict[str, _Lane] = {}
        self._sent = 0
        # By number; and of those, the ones that are over, with what their bodies weigh.
        self._parcels: dict[int, _Parcel] = {}
        self._over: deque[_Parcel] = deque()
        self._over_bytes = 0

    # --- coming and going ---------------------------------------------------------------------

    def start(self) -> None:
        """Use the running loop from now on, also for what has been waiting."""
        self._loop = asyncio.get_running_loop()
        for lane in self._lanes.values():
            self._staff(lane)

    async def stop(self) -> None:
        """Break off whatever is under way, and come back when that is done."""
        tasks = list(self._tasks)
        self.clear()
        self._loop = None
        await asyncio.gather(*tasks, return_exceptions=True)

    def clear(self) -> None:
        """Break off and forget everything, as if nothing had ever been sent."""
        for entry in self._entries:
            self._agenda.cancel(entry)
        lanes = list(self._lanes.values())
        for parcel in self._parcels.values():
            _let_answer(parcel)
        for forgotten in (self._entries, self._lanes, self._parcels, self._over):
            forgotten.clear()
        self._over_bytes = self._sent = 0
        for task in self._tasks:
            task.cancel()
        for lane in lanes:
            lane.dropped = True
            if lane.workers:
                self._activity.end()

    # --- what is to be sent -------------------------------------------------------------------

    def send(self, ended: Ended, type_: str, mischief: Mischief = HARMLESS) -> Delivery:
        """Report the end of a job to the webhook of its key. Returns the first entry of the log."""
        webhook = ended.key.webhook
        assert webhook is not None, "only ends that somebody wants to hear of are told"
        letter = Letter(ended=ended, webhook=webhook, type=mischief.type or type_, mischief=mischief)
        first = self._log(letter, at_ms=ended.at_ms)
        copies = [
            self._log(letter, at_ms=ended.at_ms, copy_of=first.delivery.n) for _ in range(mischief.copies - 1)
        ]
        for parcel in (first, *copies):
            if mischief.lost:
                self._end(parcel, "lost")
            elif mischief.late_ms:
                self._later(mischief.late_ms, lambda late=parcel: self._enter(late))  # type: ignore[misc]
                _let_answer(parcel)
            else:
                self._enter(parcel)
        return first.delivery

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the same bytes once more; raises `Forgotten` when they are gone."""
        parcel = self._parcels.get(delivery.n)
        if parcel is None or parcel.delivery is not delivery:
            raise Forgotten(f"the bytes of delivery {delivery.n} are not kept any more")
        copy = self._log(parcel.letter, at_ms=self._clock.now_ms(), copy_of=delivery.n)
        lane = self._lane(copy)
        lane.waiting.append(copy)
        self._staff(lane)
        return copy.delivery

    def _log(self, letter: Letter, *, at_ms: int, copy_of: int | None = None) -> _Parcel:
        self._sent += 1
        delivery = Delivery(
            n=self._sent,
            at_ms=at_ms,
            user_id=letter.ended.account.user_id,
            key_id=letter.ended.key.id,
            job_id=letter.ended.job.id,
            type=letter.type,
            url=self._redactor.text(letter.webhook.url),
            faults=letter.mischief.faults,
            copy_of=copy_of,
        )
        parcel = self._parcels[delivery.n] = _Parcel(letter=letter, delivery=delivery)
        self._record.delivery(delivery)
        return parcel

    def _enter(self, parcel: _Parcel) -> None:
        """Put a parcel into its lane, or aside for as long as it is held back."""
        lane = self._lane(parcel)
        hold_ms = parcel.letter.mischief.hold_ms
        if hold_ms is None:
            lane.waiting.append(parcel)
            self._staff(lane)
            return
        entry = self._later(hold_ms, lambda: self._release(lane, parcel))
        lane.held.append((parcel, entry))
        _let_answer(parcel)

    def _release(self, lane: _Lane, parcel: _Parcel) -> None:
        lane.held = [held for held in lane.held if held[0] is not parcel]
        lane.waiting.append(parcel)
        self._staff(lane)

    def _release_overtaken(self, lane: _Lane, n: int) -> None:
        """Send what was held back and has now been overtaken by number `n`."""
        for parcel, entry in list(lane.held):
            if parcel.delivery.n < n:
                self._agenda.cancel(entry)
                self._entries.discard(entry)
                self._release(lane, parcel)

    def _retry(self, parcel: _Parcel) -> None:
        lane = self._lane(parcel)
        lane.again.append(parcel)
        self._staff(lane)

    def _later(self, pause_ms: int, do: Callable[[], None]) -> Entry:
        def then() -> None:
            self._entries.discard(entry)
            do()

        entry = self._agenda.at(self._clock.now_ms() + pause_ms, then)
        self._entries.add(entry)
        return entry

    # --- who sends it -------------------------------------------------------------------------

    def _lane(self, parcel: _Parcel) -> _Lane:
        key_id = parcel.delivery.key_id
        lane = self._lanes.get(key_id)
        if lane is None:
            lane = self._lanes[key_id] = _Lane(key_id)
        return lane

    def _share(self) -> int:
        """How many connections a lane may have, so that there are enough for all lanes."""
        return max(1, min(AT_ONCE, AT_ONCE_ALTOGETHER // max(1, len(self._lanes))))

    def _staff(self, lane: _Lane) -> None:
        """Set as many to work on a lane as it may have and has work for."""
        if self._loop is None:
            return
        wanted = min(self._share(), lane.workers + len(lane.waiting) + len(lane.again))
        while lane.workers < wanted:
            if lane.workers == 0:
                # What waits in a lane is going on, down to the last of it.
                self._activity.begin()
            lane.workers += 1
            task = self._loop.create_task(self._work(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: _Lane) -> None:
        while not lane.dropped and lane.workers <= self._share():
            parcel = lane.take()
            if parcel is None:
                break
            await self._attempt(lane, parcel)
        if lane.dropped:
            return
        lane.workers -= 1
        if lane.is_idle():
            del self._lanes[lane.key_id]
        if lane.workers == 0:
            self._activity.end()

    async def _attempt(self, lane: _Lane, parcel: _Parcel) -> None:
        letter, delivery, at_ms = parcel.letter, parcel.delivery, self._clock.now_ms()
        again = False
        if letter.webhook.key is None and letter.webhook.key_digest and letter.mischief.bearer is None:
            outcome = Outcome(error=KEY_UNKNOWN)
        else:
            try:
                self._prepare(parcel)
                outcome = await self.deliver(
                    letter.webhook.url,
                    headers=letter.headers,
                    body=letter.body,
                    timeout_s=self._timeout_s,
                    reach=self._reach,
                    verify_tls=self._verify_tls,
                )
                # Where a thing may not be sent to at all, no later attempt can send it.
                again = not outcome.error.startswith("refused")
            except Exception:
                log.exception("webhook %d broke a promise of ours", delivery.n)
                outcome = Outcome(error=BUG)
        if not outcome.address:
            # Nothing was waited for: a long row of these would keep everybody else from going on.
            await asyncio.sleep(0)
        if lane.dropped:
            return
        attempt = Attempt(
            at_ms=at_ms,
            ended_ms=self._clock.now_ms(),
            address=outcome.address,
            status=outcome.status,
            error=outcome.error,
            # Cut after it was cleaned: half a secret would not be found.
            answer=self._cleaned(letter, outcome.answer[: 2 * BODY_BYTES_MOST])[:BODY_BYTES_MOST],
        )
        delivery.attempts.append(attempt)
        self._judge(parcel, attempt, again=again)
        self._release_overtaken(lane, delivery.n)
        self._staff(lane)

    def _prepare(self, parcel: _Parcel) -> None:
        """Write the letter if nobody has, and keep for the log what may be seen of it."""
        letter, delivery = parcel.letter, parcel.delivery
        if not letter.body:
            letter.headers, letter.body = self._write(letter)
        if not delivery.body:
            delivery.headers = tuple(
                (name, f"Bearer {MASK}" if name == "authorization" else value)
                for name, value in letter.headers
            )
            url = letter.webhook.url
            body = letter.body.replace(msgspec.json.encode(url), msgspec.json.encode(without_members(url)))
            delivery.body = self._cleaned(letter, _BY_NAME.sub(rb"\1" + MASK.encode(), body))

    def _cleaned(self, letter: Letter, raw: bytes) -> bytes:
        """What may be seen of `raw`. A prompt can hold the key, and then a URL does, within a word."""
        plain = letter.ended.key.plain
        own = plain.encode("utf-8", "surrogateescape") if len(plain) >= SHORTEST else b""
        return self._redactor.clean(raw, own=own)

    def _judge(self, parcel: _Parcel, attempt: Attempt, *, again: bool) -> None:
        """Let the parcel be at its end, or wait for the next attempt."""
        _let_answer(parcel)
        pause_ms = None
        if again and not attempt.delivered:
            delivery = parcel.delivery
            pause_ms = self._retries.pause_ms(
                attempts=len(delivery.attempts), n=delivery.n, chance=self._chance
            )
        if pause_ms is None:
            self._end(parcel, "delivered" if attempt.delivered else "failed")
            return
        self._later(pause_ms, lambda: self._retry(parcel))
        if self._record.waiting:
            self._record.changed()

    def _end(self, parcel: _Parcel, state: str) -> None:
        parcel.delivery.state = state
        _let_answer(parcel)
        self._over.append(parcel)
        parcel.weight = len(parcel.letter.body)
        self._over_bytes += parcel.weight
        while self._over_bytes > KEPT_BYTES_MOST or len(self._over) > DELIVERIES_MOST:
            forgotten = self._over.popleft()
            self._over_bytes -= forgotten.weight
            forgotten.delivery.body = b""
            del self._parcels[forgotten.delivery.n]
        if self._record.waiting:
            self._record.changed()


def _let_answer(parcel: _Parcel) -> None:
    """Let the order be answered, if that has been waiting for its webhook."""
    if parcel.letter.mischief.before_answer is not None:
        parcel.letter.mischief.before_answer.set()
