"""The part about webhooks: silent on a sound emulator, and for each mistake the check that is for it.

A mistake is planted in what the emulator sends, or when, by changing one function for one test.
"""

import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.request import Request as Call
from urllib.request import urlopen

import msgspec
import pytest

from mockleo.conformance.door import Answer, Door, Request
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.tally import Tally
from mockleo.conformance.webhooks import part, promise
from mockleo.conformance.webhooks.orders import IMAGE, KINDS, UPSCALE, VIDEO, Job
from mockleo.conformance.webhooks.part import run
from mockleo.conformance.webhooks.receiver import DEFAULT_PORT, Address, Receiver
from mockleo.core.world import Ended, World
from mockleo.proving import TheEmulator
from mockleo.reporting import Reporter
from mockleo.runtime.webhooks import Mischief, Sender
from mockleo.wire.webhooks import Author

PLAN = Plan(seed=1)
# A planted mistake is looked for in one stage of the part.
TODAY, WITHOUT_KEY, OF_2023, _ = part.STAGES


def made(plan: Plan = PLAN, opener: Any = None) -> Tally:
    tally = Tally()
    run(plan, opener or TheEmulator(), tally, lambda _: None)
    return tally


def found_by(tally: Tally) -> set[str]:
    return {finding.check for finding in tally.findings.values()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sound_emulator_has_no_findings(seed: int) -> None:
    tally = made(Plan(seed=seed))
    assert not tally.findings, list(tally.findings.values())[:3]
    assert not tally.doubts
    assert not tally.omissions
    assert tally.verdict == "passed"


def test_every_event_of_the_contract_is_received() -> None:
    tally = made()
    assert tally.made["webhooks", "every-event-seen", ""] == len(promise.events()) == 16
    for kind in KINDS:
        for check in ("webhook-payload", "webhook-once", "webhook-agrees-with-get", "webhook-in-time"):
            assert tally.made["webhooks", check, kind.order], (kind.name, check)


def test_an_event_that_never_comes_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "STAGES", part.STAGES[:2])
    tally = made()
    assert not tally.findings
    assert len(tally.doubts) == 8
    assert all(doubt.why.endswith("which the contract lists") for doubt in tally.doubts.values())
    assert tally.verdict == "inconclusive"


# --- planted mistakes -------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def payload_is(change: Callable[[dict[str, Any]], object]) -> Plant:
    """Change the whole payload, in place."""
    sound = Author.write

    def write(self: Author, letter: Any) -> Any:
        headers, body = sound(self, letter)
        told = msgspec.json.decode(body)
        change(told)
        body = msgspec.json.encode(told)
        return with_header("content-length", str(len(body)))(headers), body

    return lambda patch: patch.setattr(Author, "write", write)


def told_is(change: Callable[[dict[str, Any]], object]) -> Plant:
    """Change what a payload says of its job, in place."""
    return payload_is(lambda told: change(told["data"]["object"]))


def headers_are(change: Callable[[Any], Any]) -> Plant:
    sound = Author.write

    def write(self: Author, letter: Any) -> Any:
        headers, body = sound(self, letter)
        return change(headers), body

    return lambda patch: patch.setattr(Author, "write", write)


def with_header(name: str, value: str) -> Callable[[Any], Any]:
    return lambda headers: tuple((known, value if known == name else said) for known, said in headers)


def without_header(name: str) -> Callable[[Any], Any]:
    return lambda headers: tuple((known, said) for known, said in headers if known != name)


def mischief(**settings: Any) -> Plant:
    """Let something befall every webhook."""
    sound = Sender.send

    def send(self: Sender, ended: Any, type_: str, _: Any = None) -> Any:
        return sound(self, ended, type_, Mischief(**settings))

    return lambda patch: patch.setattr(Sender, "send", send)


def not_told_where(is_so: Callable[[Any], bool]) -> Plant:
    sound = Reporter.tell

    def tell(self: Reporter, ended: Any) -> None:
        if not is_so(ended):
            sound(self, ended)

    return lambda patch: patch.setattr(Reporter, "tell", tell)


def told_when_ordered(patch: pytest.MonkeyPatch) -> None:
    """A job is told as ended as soon as it is booked."""
    sound = World._accept

    def accept(self: World, account: Any, job: Any) -> None:
        sound(self, account, job)
        key = account.keys[account.calling]
        self.has_ends = True
        self._effects.append(Ended(self.now_ms, account, key, job))

    patch.setattr(World, "_accept", accept)


def shown_late(patch: pytest.MonkeyPatch) -> None:
    """GET lags behind: it shows a job as going on for a while after its end was reported."""
    from mockleo.wire.endpoints import HANDLERS

    sound = HANDLERS["getGenerationById"]
    looks: dict[str, int] = {}

    def show(call: Any) -> Any:
        reply = sound(call)
        told = msgspec.json.decode(reply.encoded())
        row = told["generations_by_pk"]
        if row["status"] != "PENDING" and looks.setdefault(row["id"], 0) < 2:
            looks[row["id"]] += 1
            row["status"] = "PENDING"
            return call.reply(row)
        return reply

    patch.setitem(HANDLERS, "getGenerationById", show)


def other_requests(old: bytes, new: bytes) -> Plant:
    """Change what goes over the wire."""
    from mockleo.runtime import delivery

    sound = delivery._request
    return lambda patch: patch.setattr(delivery, "_request", lambda *given: sound(*given).replace(old, new))


def image_told(change: Callable[[dict[str, Any]], object]) -> Plant:
    return told_is(lambda told: [change(image) for image in told.get("images", ())])


PLANTS: dict[str, tuple[Plant, str]] = {
    "never": (mischief(lost=True), "webhook-sent"),
    "twice": (mischief(copies=2), "webhook-once"),
    "an hour late": (mischief(late_ms=3_600_000), "webhook-sent"),
    "a minute late": (mischief(late_ms=60_000), "webhook-in-time"),
    "not when it failed": (
        not_told_where(lambda ended: ended.job.state.name == "FAILED"),
        "webhook-sent",
    ),
    "not of variations": (not_told_where(lambda ended: hasattr(ended.job, "transform_type")), "webhook-sent"),
    "before the end": (told_when_ordered, "webhook-after-the-end"),
    "before it is shown": (shown_late, "webhook-after-the-end"),
    "another bearer": (mischief(bearer="of-somebody-else"), "webhook-bearer"),
    "no bearer": (mischief(bearer=""), "webhook-bearer"),
    "another scheme": (
        headers_are(lambda all_: tuple((n, v.replace("Bearer", "Token")) for n, v in all_)),
        "webhook-bearer",
    ),
    "a bearer for nobody": (
        headers_are(lambda all_: (*without_header("authorization")(all_), ("authorization", "Bearer x"))),
        "webhook-bearer",
    ),
    "another content type": (headers_are(with_header("content-type", "text/plain")), "webhook-headers"),
    "another user agent": (headers_are(with_header("user-agent", "mockleo")), "webhook-headers"),
    "no accept": (headers_are(without_header("accept")), "webhook-headers"),
    "a further header": (headers_are(lambda all_: (*all_, ("x-signature", "abc"))), "webhook-headers"),
    "a put": (other_requests(b"POST ", b"PUT "), "webhook-address"),
    "without its query": (other_requests(b"?tenant=1", b""), "webhook-address"),
    "another type": (payload_is(lambda told: told.update(type="image_generation.complete")), "webhook-type"),
    "an unknown type": (payload_is(lambda told: told.update(type="job.done")), "webhook-payload"),
    "another noun": (payload_is(lambda told: told.update(object="image")), "webhook-payload"),
    "another version": (payload_is(lambda told: told.update(api_version="v2")), "webhook-payload"),
    "a member missing": (told_is(lambda told: told.pop("tokenCost")), "webhook-payload"),
    "a member more": (told_is(lambda told: told.update(extra=1)), "webhook-payload"),
    "a member more outside": (payload_is(lambda told: told.update(id="1")), "webhook-payload"),
    "another kind of number": (told_is(lambda told: told.update(tokenCost="0")), "webhook-payload"),
    "no zone": (told_is(lambda told: told.update(createdAt=told["createdAt"][:-1])), "webhook-payload"),
    "an image without its URL": (image_told(lambda image: image.pop("url")), "webhook-payload"),
    "another status": (told_is(lambda told: told.update(status="FAILED")), "webhook-agrees-with-get"),
    "another prompt": (
        told_is(lambda told: told.update(prompt="a goat") if "prompt" in told else None),
        "webhook-agrees-with-get",
    ),
    "another seed": (
        told_is(lambda told: told.update(seed=type(told["seed"])(7)) if "seed" in told else None),
        "webhook-agrees-with-get",
    ),
    "another price": (
        told_is(lambda told: told.update(apiDollarCost=type(told["apiDollarCost"])(7))),
        "webhook-agrees-with-get",
    ),
    "other ids of images": (
        image_told(lambda image: image.update(id="00000000-0000-4000-8000-000000000000")),
        "webhook-agrees-with-get",
    ),
    "other addresses": (
        image_told(lambda image: image.update(url=f"{image['url']}?x")),
        "webhook-agrees-with-get",
    ),
    "another day": (
        told_is(lambda told: told.update(createdAt="2001-01-01T00:00:00.000Z")),
        "webhook-agrees-with-get",
    ),
    "seconds": (
        payload_is(lambda told: told.update(timestamp=told["timestamp"] // 1000)),
        "webhook-timestamp",
    ),
    "the past": (payload_is(lambda told: told.update(timestamp=told["timestamp"] - 1)), "webhook-timestamp"),
    "of another job": (
        told_is(lambda told: told.update(id="00000000-0000-4000-8000-000000000000")),
        "webhook-of-a-job",
    ),
    "no object": (payload_is(lambda told: told.update(data={})), "webhook-of-a-job"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_mistake_is_found_by_its_check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "STAGES", (WITHOUT_KEY if name == "a bearer for nobody" else TODAY,))
    plant, check = PLANTS[name]
    plant(monkeypatch)
    tally = made()
    assert check in found_by(tally)
    assert tally.verdict == "failed"


@pytest.mark.parametrize(("stage", "other"), [(TODAY, "legacy2023"), (OF_2023, "2026")])
def test_the_other_generation_is_a_mistake(
    stage: part.Stage, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "STAGES", (stage,))
    mischief(payload=other)(monkeypatch)
    assert found_by(made()) == {"webhook-payload"}


@pytest.mark.parametrize("gone", ["apiKey", "apiKeyId"])
def test_what_was_there_in_2023_is_missed(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "STAGES", (OF_2023,))
    told_is(lambda told: told.pop(gone, None))(monkeypatch)
    assert found_by(made()) == {"webhook-payload"}


def test_a_body_that_is_no_json_is_of_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "STAGES", (TODAY,))
    sound = Author.write

    def write(self: Author, letter: Any) -> Any:
        headers, _ = sound(self, letter)
        return with_header("content-length", "2")(headers), b"{\xff"

    monkeypatch.setattr(Author, "write", write)
    assert found_by(made()) == {"webhook-of-a-job", "webhook-sent"}


def test_no_finding_tells_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 2023 the payload told both."""
    told_is(lambda told: told.update(extra=1))(monkeypatch)
    other_requests(b"POST ", b"PUT ")(monkeypatch)
    tally = made()
    door = TheEmulator().open(seed=1)
    door.close()
    told = repr(list(tally.findings.values()))
    assert "legacy2023" in told
    assert "$LEONARDO_API_KEY" in told
    assert door.api_key not in told
    assert "webhook-key-of-seed" not in told


def test_a_finding_says_what_is_wrong_and_how_sure_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    told_is(lambda told: told.pop("tokenCost"))(monkeypatch)
    findings = [each for each in made().findings.values() if each.operation == "createGeneration"]
    complete = next(each for each in findings if "image_generation.complete" in each.message)
    assert '"tokenCost" is a required property' in complete.message
    assert "data.object" in complete.message
    assert "(observed: src 57639627918, REC)" in complete.expected
    assert "/generations" in complete.curl
    assert complete.seen.startswith("POST /leonardo/hook")
    assert "--only webhooks --seed 1" in complete.replay


# --- where the user has the receiver ----------------------------------------------------------


class Limited(TheEmulator, frozen=True, kw_only=True):
    """An emulator that can do no more than a running one, or the real service."""

    allowed: frozenset[str] = frozenset({"spend"})
    calls: list[Request]

    def fresh(self, **told: Any) -> Door:
        door: Any = super().fresh(**told)
        door.abilities = self.allowed
        sound = door.send

        def send(request: Request) -> Answer:
            self.calls.append(request)
            answer: Answer = sound(request)
            return answer

        door.send = send
        return door  # type: ignore[no-any-return]


def a_free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_nothing_is_ordered_without_leave_to_spend() -> None:
    opener = Limited(calls=[], allowed=frozenset())
    tally = made(PLAN, opener)
    assert not opener.calls
    assert next(iter(tally.omissions.values())).why.endswith("--spend allows them")


def test_without_a_receiver_the_user_is_told_how_to_give_one() -> None:
    opener = Limited(calls=[])
    tally = made(PLAN, opener)
    assert not opener.calls
    assert not tally.findings
    assert "--receiver PUBLIC_URL@PORT" in next(iter(tally.omissions.values())).why


def test_the_user_s_receiver_is_reported_to() -> None:
    port = a_free_port()
    url = f"http://127.0.0.1:{port}/hook"
    opener = Limited(calls=[], settings={"webhook": url, "webhook_key": "k" * 20})
    tally = made(Plan(seed=1, receiver=f"{url}@{port}"), opener)
    assert not tally.findings
    assert not tally.doubts
    assert tally.notes["webhooks: events that were received"] == [
        "image_generation.complete",
        "post_processing.complete",
    ]
    # What is paid for is little.
    assert sorted(each.operation for each in opener.calls if each.method == "POST") == [
        "createGeneration",
        "createVariationNoBG",
    ]


def test_a_receiver_that_nobody_reports_to_is_a_finding() -> None:
    opener = Limited(calls=[])
    tally = made(Plan(seed=1, receiver=f"https://hooks.test/x@{a_free_port()}"), opener)
    assert found_by(tally) == {"webhook-sent"}


def test_the_old_payload_is_known_by_its_looks() -> None:
    port = a_free_port()
    settings = {
        "webhook": f"http://127.0.0.1:{port}/hook",
        "rules": {"webhooks.payload": '"legacy2023"'},
    }

    class Old(Limited, frozen=True, kw_only=True):
        def open(self, *, seed: int) -> Door:
            return self.fresh(seed=seed, settings={"credits": 1_000_000})

    tally = made(Plan(seed=1, receiver=f"https://hooks.test/x@{port}"), Old(calls=[], settings=settings))
    assert not tally.findings
    assert tally.notes["webhooks: events that were received"] == [
        "image_generation.complete.legacy2023",
        "post_processing.complete.legacy2023",
    ]


def test_a_port_that_is_taken_is_a_doubt() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        tally = made(Plan(seed=1, receiver=f"https://hooks.test/x@{port}"), Limited(calls=[]))
    assert tally.verdict == "inconclusive"
    assert f"port {port}" in next(iter(tally.doubts.values())).why


def test_other_jobs_of_the_user_s_key_are_not_judged() -> None:
    port = a_free_port()
    url = f"http://127.0.0.1:{port}/hook"

    class Busy(Limited, frozen=True, kw_only=True):
        def fresh(self, **told: Any) -> Door:
            door: Any = super().fresh(**told)
            sound = door.wait

            def wait(ms: int) -> None:
                body = b'{"data":{"object":{"id":"of another"}}}'
                with urlopen(Call(url, data=body)):
                    pass
                sound(ms)

            door.wait = wait
            return door  # type: ignore[no-any-return]

    opener = Busy(calls=[], settings={"webhook": url})
    tally = made(Plan(seed=1, receiver=f"{url}@{port}"), opener)
    assert not tally.findings
    assert "webhooks: of other jobs of the key" in tally.notes


def test_operations_that_are_not_reported_leave_the_part_out() -> None:
    tally = made(Plan(seed=1, operations=frozenset({"getUserSelf"})))
    assert not tally.made
    assert tally.omissions


def test_the_part_is_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "STAGES", (TODAY,))
    tally = Tally()
    PARTS["webhooks"][1](PLAN, TheEmulator(), tally, lambda _: None)
    assert tally.made


# --- the receiver, and what is expected -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url", "port"),
    [
        ("https://x.test/hook", "https://x.test/hook", DEFAULT_PORT),
        ("https://x.test/hook@8080", "https://x.test/hook", 8080),
        ("https://me:pw@x.test:444/hook@80", "https://me:pw@x.test:444/hook", 80),
        ("https://me@x.test/hook", "https://me@x.test/hook", DEFAULT_PORT),
    ],
)
def test_an_address_may_name_its_port(text: str, url: str, port: int) -> None:
    assert Address.of(text) == Address(url=url, port=port)


def test_the_receiver_keeps_what_came_and_ends_its_thread() -> None:
    before = threading.active_count()
    with Receiver() as receiver:
        call = Call(f"{receiver.url}/a?b=1", data=b"{}", headers={"X-Shouted": "1"})  # noqa: S310  our own receiver
        with urlopen(call) as answer:  # noqa: S310  our own receiver
            assert answer.status == 200
        (came,) = receiver.came
    assert (came.method, came.path, came.body) == ("POST", "/a?b=1", b"{}")
    assert came.header("x-shouted") == "1"
    assert threading.active_count() <= before


NAMES = ("image_generation", "video_generation", "post_processing")
ENDINGS = ("complete", "completed", "failed", "done", "")
RIGHT = {
    ("image", "COMPLETE"): {"image_generation.complete"},
    # Which of the two it is nobody knows.
    ("image", "FAILED"): {"image_generation.complete", "image_generation.failed"},
    ("video", "COMPLETE"): {"video_generation.complete"},
    ("video", "FAILED"): {"video_generation.complete", "video_generation.failed"},
    ("upscaled image", "COMPLETE"): {"post_processing.complete", "post_processing.completed"},
    ("upscaled image", "FAILED"): {"post_processing.complete", "post_processing.completed"},
}


@pytest.mark.parametrize("kind", [IMAGE, VIDEO, UPSCALE], ids=lambda kind: str(kind.name))
@pytest.mark.parametrize("status", ["COMPLETE", "FAILED"])
def test_each_job_has_its_events_and_no_others(kind: Any, status: str) -> None:
    job = Job(kind=kind, id="x", request=Request(method="GET", url=""), price=None, shown={"status": status})
    said = {f"{name}.{ending}" for name in NAMES for ending in ENDINGS}
    assert {each for each in said if job.is_reported_as(each)} == RIGHT[kind.name, status]
