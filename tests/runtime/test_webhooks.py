"""The sender: its order, its lanes, its patience, its log, and everything that can go wrong."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from mockleo.core.chance import Chance
from mockleo.core.keys import Webhook
from mockleo.core.world import Ended
from mockleo.record import BODY_BYTES_MOST, Attempt, Delivery, Record
from mockleo.redact import Redactor
from mockleo.runtime import webhooks
from mockleo.runtime.activity import Activity
from mockleo.runtime.addresses import Reach
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import MANUAL_START_MS, Clock, Mode
from mockleo.runtime.delivery import Outcome, deliver
from mockleo.runtime.retries import Retries
from mockleo.runtime.scheduler import Scheduler
from mockleo.runtime.webhooks import AT_ONCE, AT_ONCE_ALTOGETHER, Forgotten, Letter, Mischief, Sender
from mockleo.wire.webhooks import Author, event_of
from tests.core.worlds import a_world, the_rules
from tests.wire.ends import HOOK_KEY, KEY, LINKS, a_hook, an_end, some_ends

from .receivers import (
    OK,
    Receiver,
    a_dead_url,
    answering,
    in_a_loop,
    receiving,
    silent,
    until,
)

LONG_MS = 30_000
SHORT_MS = 50
OOPS = b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"
STEPS = Retries(pauses_ms=(1_000, 5_000, 30_000))
FINE = Outcome(address="127.0.0.1", status=200)


class Post:
    """A sender on a clock we hold, with all that it needs; open for as long as the block lasts."""

    def __init__(
        self,
        *,
        mode: Mode = Mode.MANUAL,
        retries: Retries | None = None,
        timeout_ms: int = LONG_MS,
        deliver: Callable[..., Awaitable[Outcome]] = deliver,
        write: Callable[[Letter], Any] | None = None,
    ) -> None:
        self.clock = Clock(mode, start_ms=MANUAL_START_MS)
        self.agenda = Agenda(changed=lambda: self.scheduler.arm())
        self.scheduler = Scheduler(
            clock=self.clock,
            due_ms=self.agenda.due_ms,
            catch_up=lambda: self.agenda.run(self.clock.now_ms()),
            idle=lambda: self.activity.is_quiet(),
        )
        self.activity = Activity(agenda=self.agenda, quiet=self.scheduler.quiet)
        self.record = Record()
        self.redactor = Redactor()
        self.redactor.learn(KEY, f"{KEY}-0", f"{KEY}-1", HOOK_KEY)
        world = a_world()
        self.written: list[Letter] = []
        self._write = write or Author(world=lambda: world, links=lambda: LINKS, true_to_the_wire=False).write
        self.sender = Sender(
            record=self.record,
            redactor=self.redactor,
            clock=self.clock,
            agenda=self.agenda,
            activity=self.activity,
            chance=Chance(b"seed"),
            write=self.write,
            retries=retries or Retries(),
            timeout_ms=timeout_ms,
            reach=Reach.LOCAL,
            deliver=deliver,
        )

    async def __aenter__(self) -> "Post":
        self.scheduler.start()
        self.sender.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sender.stop()
        self.scheduler.stop()
        assert self.activity.is_quiet()

    def write(self, letter: Letter) -> Any:
        self.written.append(letter)
        return self._write(letter)

    def send(self, ended: Ended, **mischief: Any) -> Delivery:
        return self.sender.send(ended, event_of(ended.job, the_rules()) or "", Mischief(**mischief))

    async def rest(self) -> None:
        """Wait until nothing is going on."""
        await self.scheduler.settle()

    async def move(self, by_ms: int) -> None:
        await self.scheduler.move_to(self.clock.now_ms() + by_ms)
        await self.rest()

    @property
    def log(self) -> list[tuple[int, str]]:
        """Number and state of every delivery."""
        return [(delivery.n, delivery.state) for delivery in self.record.deliveries]


class Gate:
    """Stands for the network: notes what is begun, and lets each attempt end when it is told to."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, bytes]] = []
        self.under_way: list[asyncio.Future[Outcome]] = []

    async def __call__(self, url: str, *, body: bytes, **_: Any) -> Outcome:
        self.begun.append((url, body))
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.under_way.append(future)
        return await future

    async def open(self, nth: int, outcome: Outcome = FINE) -> None:
        self.under_way[nth].set_result(outcome)
        await turns()


def instantly(outcome: Outcome = FINE) -> Callable[..., Awaitable[Outcome]]:
    async def at_once(*_: Any, **__: Any) -> Outcome:
        return outcome

    return at_once


async def turns() -> None:
    """Let everybody take a few steps who can."""
    for _ in range(5):
        await asyncio.sleep(0)


def job_of(body: bytes) -> str:
    return str(msgspec.json.decode(body)["data"]["object"]["id"])


def ids(ends: list[Ended]) -> list[str]:
    return [ended.job.id for ended in ends]


def near(receiver: Receiver, **given: Any) -> Webhook:
    return a_hook(receiver.url, **given)


# --- order, lanes ----------------------------------------------------------------------------------


def test_deliveries_start_in_the_order_of_their_ends_so_many_at_once() -> None:
    ends = some_ends(AT_ONCE + 3, a_hook())

    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate) as post:
            for ended in ends:
                post.send(ended)
            await turns()
            assert [job_of(body) for _, body in gate.begun] == ids(ends[:AT_ONCE])
            assert not post.activity.is_quiet()
            # One that is done makes room for the next one, whichever it is.
            await gate.open(5)
            await gate.open(3)
            assert [job_of(body) for _, body in gate.begun] == ids(ends[: AT_ONCE + 2])

    in_a_loop(walk())


def test_each_end_is_reported_exactly_once() -> None:
    ends = some_ends(300, a_hook(), a_hook("http://127.0.0.1:1/"))

    async def walk() -> None:
        gate = Gate()

        async def at_once(url: str, *, body: bytes, **_: Any) -> Outcome:
            gate.begun.append((url, body))
            await asyncio.sleep(0)
            return FINE

        async with Post(deliver=at_once) as post:
            for ended in ends:
                post.send(ended)
            await post.rest()
            assert sorted(job_of(body) for _, body in gate.begun) == sorted(ids(ends))
            assert post.log == [(n, "delivered") for n in range(1, 601)]
            # A lane is there for as long as there is something in it.
            assert post.sender._lanes == {}

    in_a_loop(walk())


def test_bodies_are_written_when_they_are_needed_and_once() -> None:
    ends = some_ends(AT_ONCE + 10, a_hook())

    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate, retries=STEPS) as post:
            for ended in ends:
                post.send(ended)
            assert post.written == []
            await turns()
            assert len(post.written) == AT_ONCE
            await gate.open(0, Outcome(status=500))
            assert len(post.written) == AT_ONCE + 1
            post.agenda.run(post.clock.now_ms() + 1_000)
            await gate.open(1)
            assert len(post.written) == AT_ONCE + 1
            assert gate.begun[-1] == gate.begun[0]

    in_a_loop(walk())


def test_a_dead_receiver_delays_nobody_else() -> None:
    """More for the dead one than it may have at once; sent before and between the others."""

    async def walk() -> None:
        async with receiving(silent) as dead, receiving() as live:
            ends = some_ends(AT_ONCE + 20, near(dead), near(live))
            async with Post() as post:
                for ended in ends:
                    post.send(ended)
                to_dead, to_live = by_key(post).values()
                await until(lambda: all(one.state == "delivered" for one in to_live))
                assert {one.state for one in to_dead} == {"pending"}
                assert len(live.came) == AT_ONCE + 20
                assert dead.connections <= AT_ONCE

    in_a_loop(walk())


def by_key(post: Post) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for delivery in post.record.deliveries:
        found.setdefault(delivery.key_id, []).append(delivery)
    return found


@pytest.mark.parametrize("keys", [1, 8, 9, 100, AT_ONCE_ALTOGETHER + 50])
def test_connections_are_shared_and_each_key_has_one(keys: int) -> None:
    each = 70 if keys < 20 else 8
    hooks = [a_hook(f"https://h{nth}.test/") for nth in range(keys)]
    ends = some_ends(each, *hooks)

    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate) as post:
            for ended in ends:
                post.send(ended)
            await turns()
            begun = [url for url, _ in gate.begun]
            assert set(begun) == {hook.url for hook in hooks}
            assert len(begun) <= max(AT_ONCE_ALTOGETHER, keys)
            assert max(begun.count(hook.url) for hook in hooks) <= AT_ONCE

    in_a_loop(walk())


def test_what_others_leave_is_taken_up() -> None:
    """Sixteen keys have half of it each; when they are gone, the one that is left has all of it."""
    ends = some_ends(AT_ONCE * 2, *[a_hook(f"https://h{nth}.test/") for nth in range(16)])
    mine = next(ended.key.id for ended in ends if ended.key.webhook == a_hook("https://h0.test/"))

    async def walk() -> None:
        gate = Gate()

        async def only_mine(url: str, **given: Any) -> Outcome:
            return await gate(url, **given) if url == "https://h0.test/" else FINE

        async with Post(deliver=only_mine) as post:
            for ended in ends:
                post.send(ended)
            await turns()
            await until(lambda: len(post.sender._lanes) == 1)
            assert list(post.sender._lanes) == [mine]
            assert len(gate.begun) == AT_ONCE_ALTOGETHER // 16
            for nth in range(8):
                await gate.open(nth)
            assert len([each for each in gate.under_way if not each.done()]) > AT_ONCE_ALTOGETHER // 16

    in_a_loop(walk())


def test_without_a_loop_everything_waits_for_one() -> None:
    ended = an_end()

    async def walk() -> None:
        post = Post(deliver=instantly())
        post.send(ended)
        assert post.activity.is_quiet()
        async with post:
            await post.rest()
            assert post.log == [(1, "delivered")]

    in_a_loop(walk())


# --- attempts --------------------------------------------------------------------------------------


def test_a_receiver_that_recovers_is_tried_again_on_the_clock() -> None:
    async def walk() -> None:
        async with receiving(answering(OOPS), answering(b""), answering(OK)) as receiver:
            async with Post(retries=STEPS) as post:
                delivery = post.send(an_end(near(receiver)))
                await post.rest()
                assert (len(receiver.came), delivery.state) == (1, "pending")
                await post.move(999)
                assert len(receiver.came) == 1
                await post.move(1)
                assert len(receiver.came) == 2
                await post.move(60_000)
                assert len(receiver.came) == 3
                told = [(one.at_ms - MANUAL_START_MS, one.status, one.error) for one in delivery.attempts]
                assert told == [(0, 500, ""), (1_000, None, "hung up"), (6_000, 200, "")]
                assert delivery.state == "delivered"
            # The same bytes each time.
            assert len({came.body for came in receiver.came}) == 1

    in_a_loop(walk())


def test_one_step_of_the_clock_is_as_good_as_many() -> None:
    async def attempts_ms(*steps_ms: int) -> list[int]:
        async with receiving(answering(OOPS)) as receiver, Post(retries=STEPS) as post:
            delivery = post.send(an_end(near(receiver)))
            await post.rest()
            for step_ms in steps_ms:
                await post.move(step_ms)
            assert delivery.state == "failed"
            return [attempt.at_ms for attempt in delivery.attempts]

    async def walk() -> None:
        assert await attempts_ms(100_000) == await attempts_ms(*[500] * 100)

    in_a_loop(walk())


def test_a_clock_that_jumps_jumps_over_the_pauses_and_never_over_an_attempt() -> None:
    async def walk() -> None:
        hours = Retries(pauses_ms=(3_600_000, 36_000_000))
        async with (
            receiving(answering(OOPS), answering(OOPS), answering(OK)) as receiver,
            Post(mode=Mode.AUTO, retries=hours) as post,
        ):
            delivery = post.send(an_end(near(receiver)))
            await until(lambda: delivery.state != "pending")
            first, second, third = delivery.attempts
            assert 3_600_000 <= second.at_ms - first.ended_ms < 3_601_000
            assert 36_000_000 <= third.at_ms - second.ended_ms < 36_001_000
            # The attempts themselves took no hours.
            assert all(one.ended_ms - one.at_ms < 60_000 for one in delivery.attempts)

    in_a_loop(walk())


def test_without_retries_one_attempt_is_all() -> None:
    async def walk() -> None:
        async with Post() as post:
            delivery = post.send(an_end(a_hook(await a_dead_url())))
            await post.rest()
            assert [one.error for one in delivery.attempts] == ["connection refused"]
            assert delivery.state == "failed"
            assert post.agenda.due_ms() is None

    in_a_loop(walk())


def test_a_slow_receiver_is_given_up() -> None:
    async def walk() -> None:
        async with receiving(silent) as receiver, Post(timeout_ms=SHORT_MS) as post:
            delivery = post.send(an_end(near(receiver)))
            await post.rest()
            assert [one.error for one in delivery.attempts] == ["timeout"]

    in_a_loop(walk())


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "delivered"), (201, "delivered"), (204, "delivered"), (299, "delivered"), (302, "failed"),
     (304, "failed"), (101, "failed"), (400, "failed"), (410, "failed"), (500, "failed")],
)  # fmt: skip
def test_two_hundreds_alone_take_it(status: int, state: str) -> None:
    async def walk() -> None:
        async with Post(deliver=instantly(Outcome(status=status))) as post:
            delivery = post.send(an_end())
            await post.rest()
            assert delivery.state == state

    in_a_loop(walk())


def test_what_may_not_be_sent_is_not_tried_again() -> None:
    async def walk() -> None:
        async with Post(retries=STEPS) as post:
            delivery = post.send(an_end(a_hook("https://169.254.169.254/latest")))
            await post.rest()
            [attempt] = delivery.attempts
            assert attempt.error == "refused: address 169.254.169.254 is not allowed"
            assert (delivery.state, post.agenda.due_ms()) == ("failed", None)

    in_a_loop(walk())


def test_a_retry_goes_before_what_is_new() -> None:
    ends = some_ends(AT_ONCE + 2, a_hook())

    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate, retries=STEPS) as post:
            for ended in ends:
                post.send(ended)
            await turns()
            await gate.open(0, Outcome(status=500))
            post.agenda.run(post.clock.now_ms() + 1_000)
            await gate.open(1)
            assert job_of(gate.begun[-1][1]) == ends[0].job.id

    in_a_loop(walk())


def test_a_bug_of_ours_is_told_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    first, second = some_ends(2, a_hook())

    def write(letter: Letter) -> Any:
        if letter.ended is first:
            raise RuntimeError("planted")
        return (), b"{}"

    async def walk() -> None:
        async with Post(deliver=instantly(), write=write, retries=STEPS) as post:
            broken, fine = post.send(first), post.send(second)
            await post.rest()
            assert (broken.state, fine.state) == ("failed", "delivered")
            assert broken.attempts[0].error == webhooks.BUG

    with caplog.at_level(logging.ERROR, logger="mockleo"):
        in_a_loop(walk())
    assert "planted" in caplog.text


# --- the log ---------------------------------------------------------------------------------------


def test_an_attempt_is_logged_with_all_that_is_known_of_it() -> None:
    async def walk() -> None:
        async with receiving() as receiver, Post() as post:
            ended = an_end(near(receiver))
            delivery = post.send(ended, faults=("f1",))
            looks: list[int] = []
            post.record.waiting.append(lambda: looks.append(len(delivery.attempts)))
            await post.rest()
            assert list(post.record.deliveries) == [delivery]
            now_ms = MANUAL_START_MS
            assert delivery.attempts == [
                Attempt(at_ms=now_ms, ended_ms=now_ms, address="127.0.0.1", status=200, answer=b"ok")
            ]
            assert (delivery.at_ms, delivery.user_id, delivery.key_id, delivery.job_id) == (
                ended.at_ms, ended.account.user_id, ended.key.id, ended.job.id,
            )  # fmt: skip
            assert (delivery.type, delivery.url) == ("image_generation.complete", receiver.url)
            assert (delivery.faults, delivery.copy_of) == (("f1",), None)
            # Whoever waits for a delivery is told after it.
            assert looks == [1]

    in_a_loop(walk())


def test_no_secret_is_logged_and_every_secret_is_sent() -> None:
    """In the payload of 2023, the header, the URL, and an answer that repeats it all."""

    async def walk() -> None:
        echo = f"HTTP/1.1 500 No\r\n\r\nwhat is {HOOK_KEY} and {KEY}?".encode()
        long_echo = b"HTTP/1.1 500 No\r\n\r\n" + b"y" * (BODY_BYTES_MOST - 12) + b" " + HOOK_KEY.encode()
        async with receiving(answering(echo), answering(long_echo)) as receiver:
            hook = a_hook(f"{receiver.url}&key={HOOK_KEY}", payload="legacy2023")
            async with Post(retries=STEPS) as post:
                delivery = post.send(an_end(hook, prompt=f"draw {KEY}"))
                await post.rest()
                await post.move(1_000)
                post.sender.redeliver(delivery)
                await post.rest()
                raw = msgspec.json.encode([list(post.record.deliveries)]) + repr(delivery).encode()
                assert not [secret for secret in (KEY, HOOK_KEY) if secret.encode() in raw]
                assert [b"[redacted]" in one.answer for one in delivery.attempts] == [True, True]
                assert dict(delivery.headers)["authorization"] == "Bearer [redacted]"
                assert b'"key":"[redacted]"' in delivery.body
        assert len(receiver.came) == 3
        for came in receiver.came:
            assert came.headers["authorization"] == f"Bearer {HOOK_KEY}"
            assert came.body.count(KEY.encode()) >= 2
            assert came.body.count(HOOK_KEY.encode()) == 2
            assert HOOK_KEY in came.line

    in_a_loop(walk())


def test_a_redelivery_has_the_same_bytes_and_an_entry_of_its_own() -> None:
    async def walk() -> None:
        async with receiving(answering(OOPS), answering(OK)) as receiver, Post() as post:
            delivery = post.send(an_end(near(receiver)))
            await post.rest()
            again = post.sender.redeliver(delivery)
            await post.rest()
            assert (delivery.state, again.state) == ("failed", "delivered")
            assert (again.n, again.copy_of, again.body) == (2, 1, delivery.body)
            assert receiver.came[0] == receiver.came[1]
            assert len(post.written) == 1

    in_a_loop(walk())


def test_what_is_kept_is_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def walk() -> None:
        async with Post(deliver=instantly()) as post:
            sent = [post.send(ended) for ended in some_ends(5, a_hook())]
            await post.rest()
            weight = len(sent[0].body)
            monkeypatch.setattr(webhooks, "KEPT_BYTES_MOST", 4 * weight)
            last = [post.send(ended) for ended in some_ends(2, a_hook())]
            await post.rest()
            kept = [delivery.n for delivery in (*sent, *last) if delivery.body]
            assert 2 <= len(kept) <= 5
            assert kept == list(range(8 - len(kept), 8))
            with pytest.raises(Forgotten, match="delivery 1"):
                post.sender.redeliver(sent[0])
            assert post.sender.redeliver(last[1]).copy_of == 7

    in_a_loop(walk())


def test_a_delivery_of_before_a_reset_is_forgotten() -> None:
    async def walk() -> None:
        async with Post(deliver=instantly()) as post:
            before = post.send(an_end())
            await post.rest()
            post.sender.clear()
            after = post.send(an_end())
            assert after.n == before.n == 1
            with pytest.raises(Forgotten):
                post.sender.redeliver(before)

    in_a_loop(walk())


def test_a_webhook_whose_key_an_import_has_lost_is_not_sent() -> None:
    async def walk() -> None:
        async with receiving() as receiver, Post(retries=STEPS) as post:
            lost = msgspec.structs.replace(near(receiver), key=None)
            delivery = post.send(an_end(lost))
            wrong = post.send(an_end(lost), bearer="wrong")
            none = post.send(an_end(near(receiver, key=None)))
            await post.rest()
            assert [one.error for one in delivery.attempts] == [webhooks.KEY_UNKNOWN]
            assert [each.state for each in (delivery, wrong, none)] == ["failed", "delivered", "delivered"]
            assert len(receiver.came) == 2
            assert post.agenda.due_ms() is None

    in_a_loop(walk())


# --- the end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["clear", "stop"])
def test_what_is_under_way_is_broken_off(how: str) -> None:
    ends = some_ends(AT_ONCE + 5, a_hook())

    async def walk() -> None:
        async with receiving(silent) as receiver, Post(retries=STEPS) as post:
            for ended in ends:
                post.send(msgspec.structs.replace(ended, key=with_hook(ended, near(receiver))))
            post.send(an_end(), late_ms=500)
            post.send(an_end(), hold_ms=500)
            await until(lambda: receiver.connections == AT_ONCE)
            if how == "clear":
                post.sender.clear()
                assert post.activity.is_quiet()
                await turns()
            else:
                await post.sender.stop()
            assert post.agenda.due_ms() is None
            assert not any(delivery.attempts for delivery in post.record.deliveries)
            assert post.sender._tasks == set()

    in_a_loop(walk())


def with_hook(ended: Ended, hook: Webhook) -> Any:
    return msgspec.structs.replace(ended.key, webhook=hook)


def test_after_a_reset_it_goes_on_as_if_new() -> None:
    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate) as post:
            first, second = some_ends(2, a_hook())
            post.send(first)
            await turns()
            post.sender.clear()
            # At once, while what was broken off has not heard of it.
            fresh = post.send(second)
            await turns()
            await gate.open(1)
            assert (fresh.n, fresh.state) == (1, "delivered")
            assert post.activity.is_quiet()

    in_a_loop(walk())


# --- mischief --------------------------------------------------------------------------------------


def test_a_lost_one_is_logged_and_never_sent() -> None:
    async def walk() -> None:
        async with receiving() as receiver, Post() as post:
            delivery = post.send(an_end(near(receiver)), lost=True)
            await post.move(100_000)
            assert (delivery.state, delivery.attempts, receiver.connections) == ("lost", [], 0)
            # Who looks for it later can have it.
            post.sender.redeliver(delivery)
            await post.rest()
            assert len(receiver.came) == 1

    in_a_loop(walk())


@pytest.mark.parametrize("copies", [1, 2, 5])
def test_copies_are_the_same_bytes(copies: int) -> None:
    async def walk() -> None:
        async with receiving() as receiver, Post() as post:
            post.send(an_end(near(receiver)), copies=copies)
            await post.rest()
            assert len(receiver.came) == copies
            assert len({came.body for came in receiver.came}) == 1
            assert [one.copy_of for one in post.record.deliveries] == [None, *[1] * (copies - 1)]
            assert len(post.written) == 1

    in_a_loop(walk())


def test_a_late_one_starts_that_much_later() -> None:
    first, second = some_ends(2, a_hook())

    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate) as post:
            post.send(first, late_ms=5_000)
            post.send(second)
            await turns()
            await gate.open(0)
            await post.move(4_999)
            assert [job_of(body) for _, body in gate.begun] == [second.job.id]
            post.clock.jump(post.clock.now_ms() + 1)
            post.agenda.run(post.clock.now_ms())
            await turns()
            assert [job_of(body) for _, body in gate.begun] == ids([second, first])
            await gate.open(1)

    in_a_loop(walk())


def test_one_that_is_held_back_is_overtaken_by_the_next_one_of_its_key() -> None:
    before, held, after, last = some_ends(4, a_hook())

    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate) as post:
            post.send(before)
            await turns()
            post.send(held, hold_ms=60_000)
            post.send(an_end(a_hook("https://another.test/")))
            await turns()
            # What came before it, and what is another key's, does not overtake it.
            await gate.open(0)
            await gate.open(1)
            post.send(after)
            post.send(last)
            await turns()
            assert [job_of(body) for url, body in gate.begun if "another" not in url] == ids(
                [before, after, last]
            )
            # It is sent when the other has been, not merely begun: so it does arrive later.
            await gate.open(2, Outcome(status=500))
            assert job_of(gate.begun[-1][1]) == held.job.id
            await gate.open(3)
            await gate.open(4)
            assert post.agenda.due_ms() is None

    in_a_loop(walk())


def test_one_that_is_held_back_is_sent_in_the_end_when_no_next_comes() -> None:
    async def walk() -> None:
        async with receiving() as receiver, Post() as post:
            post.send(an_end(near(receiver)), hold_ms=60_000)
            await post.move(59_999)
            assert receiver.came == []
            await post.move(1)
            assert len(receiver.came) == 1
            assert post.sender._lanes == {}

    in_a_loop(walk())


def test_a_bearer_a_type_a_payload_and_a_length_of_somebodys_own() -> None:
    async def walk() -> None:
        async with receiving() as receiver, Post() as post:
            ended = an_end(near(receiver))
            delivery = post.send(
                ended,
                bearer="wrong",
                type="image_generation.improved",
                payload="legacy2023",
                pad_bytes=100_000,
            )
            post.send(ended, bearer="")
            await post.rest()
            first, second = receiver.came
            told = msgspec.json.decode(first.body)
            assert first.headers["authorization"] == "Bearer wrong"
            assert told["type"] == delivery.type == "image_generation.improved"
            assert "apiKey" in told["data"]["object"]
            assert len(first.body) > 100_000
            assert "authorization" not in second.headers

    in_a_loop(walk())


@pytest.mark.parametrize(
    "mischief",
    [{"bearer": "a\r\nx-evil: 1"}, {"bearer": "ключ"}, {"late_ms": -1}, {"pad_bytes": -1}, {"copies": -1},
     {"hold_ms": -5}],
)  # fmt: skip
def test_mischief_that_cannot_be_is_refused(mischief: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(mischief))):
        Mischief(**mischief)


def test_an_order_can_wait_for_its_webhook() -> None:
    async def walk() -> None:
        gate = Gate()
        async with Post(deliver=gate, retries=STEPS) as post:
            before_answer = asyncio.Event()
            post.send(an_end(), before_answer=before_answer)
            await turns()
            assert not before_answer.is_set()
            # However it ended: the first attempt is what is waited for.
            await gate.open(0, Outcome(error="timeout"))
            assert before_answer.is_set()

    in_a_loop(walk())


@pytest.mark.parametrize("mischief", [{"lost": True}, {"late_ms": 5}, {"hold_ms": 5}])
def test_no_order_waits_for_what_waits_for_the_clock(mischief: dict[str, Any]) -> None:
    async def walk() -> None:
        async with Post(deliver=instantly()) as post:
            before_answer = asyncio.Event()
            post.send(an_end(), before_answer=before_answer, **mischief)
            assert before_answer.is_set()

    in_a_loop(walk())


@pytest.mark.parametrize("how", ["clear", "stop"])
def test_no_order_waits_for_what_is_broken_off(how: str) -> None:
    async def walk() -> None:
        async with Post(deliver=Gate()) as post:
            before_answer = asyncio.Event()
            post.send(an_end(), before_answer=before_answer)
            await turns()
            post.sender.clear() if how == "clear" else await post.sender.stop()
            assert before_answer.is_set()

    in_a_loop(walk())
