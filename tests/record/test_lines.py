"""A run as JSON Lines, written and read again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.core.lifecycle import State
from mockleo.core.world import Booked, Moved
from mockleo.record import BODY_BYTES_MOST, CUT_MARGIN_BYTES, Attempt, Record
from mockleo.record.lines import BadRecord, Run, lines, read
from mockleo.record.shapes import Booking, Head, Opening
from mockleo.redact import MASK, Redactor

from .test_entries import a_decision, a_delivery, an_exchange

Json = Any

HEAD = Head(version="1.2.3", seed=7, settings={"time": "manual"}, accounts=(Opening("user", 100),))


def a_run(*exchanges: Any) -> Run:
    record = Record()
    for exchange in exchanges:
        record.exchange(exchange)
    return Run(head=HEAD, record=record, ledger=[])


def a_full_run() -> Run:
    """Everything at one instant, 5, but for an exchange that was answered late and came early."""
    run = a_run(an_exchange(1, at_ms=5), an_exchange(2, at_ms=3, answered_ms=9, booked=("job-1",)))
    record = run.record
    record.moved(
        [
            Booked(5, "user", "job-1", "Generation", "image", 8, "key"),
            Moved(5, "user", "job-1", "Generation", State.RUNNING),
        ]
    )
    record.delivery(
        a_delivery(5, body=b"\xff\xfe", attempts=[Attempt(at_ms=5, ended_ms=6, status=200, answer=b"ok")])
    )
    record.decided(a_decision(5))
    run.ledger.append(Booking(5, "user", "CHARGE", 8, "job-1"))
    return run


def told(run: Run) -> list[Json]:
    return [json.loads(line) for line in lines(run)]


def test_the_order_is_that_of_time_and_then_of_cause() -> None:
    kinds = [(entry["kind"], entry.get("n")) for entry in told(a_full_run())]
    assert kinds == [
        ("run", None),
        ("exchange", 2),
        ("decision", None),
        ("exchange", 1),
        ("booked", None),
        ("moved", None),
        ("ledger", None),
        ("delivery", 5),
    ]


def test_what_a_line_says() -> None:
    entries = {entry["kind"]: entry for entry in told(a_full_run())}
    assert entries["run"]["accounts"] == [{"user_id": "user", "opening": 100}]
    assert entries["booked"] == {
        "kind": "booked", "at_ms": 5, "user_id": "user", "job_id": "job-1", "job_kind": "Generation",
        "lane": "image", "cost": 8, "key_id": "key",
    }  # fmt: skip
    assert entries["moved"]["state"] == "RUNNING"
    assert entries["decision"]["fault_kind"] == "status"
    assert entries["exchange"]["headers"] == {"host": "leo.test"}
    assert entries["delivery"]["body"] == {"base64": "//4="}
    assert entries["delivery"]["attempts"][0]["answer"] == "ok"


def test_a_run_is_read_as_it_was() -> None:
    run = a_full_run()
    again = read(lines(run))
    assert b"".join(lines(again)) == b"".join(lines(run))
    assert again.head == HEAD
    assert [exchange.n for exchange in again.record.exchanges] == [1, 2]
    assert again.record.exchanges[1].booked == ("job-1",)
    assert again.record.deliveries[0].body == b"\xff\xfe"
    assert again.record.deliveries[0].attempts[0].delivered
    assert list(again.record.decisions) == [a_decision(5)]


def test_it_is_read_as_text_as_well() -> None:
    assert read(line.decode() for line in lines(a_run())).head == HEAD


def test_ports_do_not_matter_but_connections_do() -> None:
    clients = [("::1", 7), ("::1", 9), None, ("::1", 7)]
    exchanges = [an_exchange(n, at_ms=0, client=client) for n, client in enumerate(clients, 1)]
    assert [entry["connection"] for entry in told(a_run(*exchanges))[1:]] == [1, 2, None, 1]
    others = [("::1", 70), ("::1", 8), None, ("::1", 70)]
    moved = [an_exchange(n, at_ms=0, client=client) for n, client in enumerate(others, 1)]
    assert list(lines(a_run(*moved))) == list(lines(a_run(*exchanges)))


def test_how_many_were_dropped_is_known_again() -> None:
    run = a_run(an_exchange(4))
    run.head = Head(version="1", seed=1, dropped=3)
    assert read(lines(run)).record.dropped == 3


def test_more_than_a_journal_holds_is_read() -> None:
    run = a_run()
    run.record = Record(exchanges_most=20_000)
    for n in range(10_500):
        run.record.exchange(an_exchange(n, at_ms=0))
    assert len(read(lines(run)).record.exchanges) == 10_500


@pytest.mark.parametrize(
    ("body", "whole", "shown"),
    [
        (b"", 0, ""),
        ("é".encode(), 2, "é"),
        (b"\xff", 1, {"base64": "/w=="}),
        ("aé".encode()[:-1], 3, "a"),
        ("a\U0001f600".encode()[:-1], 5, "a"),
        ("aé".encode()[:-1], 2, {"base64": "YcM="}),
        (b"\xff" + b"a" * 9, 20, {"base64": "/2FhYWFhYWFhYQ=="}),
    ],
)
def test_bodies_are_text_where_they_are_text(body: bytes, whole: int, shown: Json) -> None:
    entry = told(a_run(an_exchange(body=body, body_bytes=whole)))[1]
    assert entry["body"] == shown


def test_an_answer_to_a_webhook_that_was_cut_is_text_too() -> None:
    answer = b"a" * (BODY_BYTES_MOST - 1) + "é".encode()[:1]
    run = a_run()
    run.record.delivery(a_delivery(attempts=[Attempt(at_ms=0, ended_ms=1, answer=answer)]))
    assert told(run)[1]["attempts"][0]["answer"] == "a" * (BODY_BYTES_MOST - 1)


KEY = "canary-0123456789-abcdefghijklmnopqrstuv"


@pytest.mark.parametrize("kept", [1, 8, 30, len(KEY) - 1, len(KEY)])
def test_bodies_are_cut_after_they_were_cleaned(kept: int) -> None:
    body = "x" * (BODY_BYTES_MOST - kept) + KEY + "y" * 2 * CUT_MARGIN_BYTES
    raw = body.encode()[: BODY_BYTES_MOST + CUT_MARGIN_BYTES]
    redactor = Redactor()
    redactor.learn(KEY)
    run = a_run(an_exchange(body=raw, body_bytes=len(body), answer=raw, answer_bytes=len(body)))
    entry = list(map(json.loads, lines(run, copy=redactor.copy)))[1]
    for told_body in (entry["body"], entry["answer"]):
        assert told_body == body.replace(KEY, MASK)[:BODY_BYTES_MOST]
    assert entry["body_bytes"] == len(body)


def test_a_sign_at_the_cut_goes_although_the_body_was_kept_whole() -> None:
    body = "a" * (BODY_BYTES_MOST - 1) + "é"
    entry = told(a_run(an_exchange(body=body.encode(), body_bytes=len(body.encode()))))[1]
    assert entry["body"] == "a" * (BODY_BYTES_MOST - 1)


@given(
    body=st.binary(max_size=40),
    cut=st.integers(0, 3),
    path=st.text(max_size=10) | st.just("\ud800"),
    value=st.binary(max_size=10),
)
def test_whatever_was_sent_can_be_told_and_read(body: bytes, cut: int, path: str, value: bytes) -> None:
    exchange = an_exchange(body=body, body_bytes=len(body) + cut, path=path, headers={b"x": value})
    run = a_run(exchange)
    written = list(lines(run))
    again = read(written)
    assert list(lines(again)) == written
    assert again.record.exchanges[0].headers == {b"x": value}
    if cut == 0:
        assert again.record.exchanges[0].body == body


def test_copy_sees_each_entry_before_it_is_told() -> None:
    seen: list[str] = []

    def note(entry: Json) -> Json:
        seen.append(type(entry).__name__)
        return entry

    list(lines(a_full_run(), copy=note))
    assert seen.count("Exchange") == 2
    assert "Delivery" in seen


LINE = next(iter(lines(a_run()))).decode()


@pytest.mark.parametrize(
    ("written", "number", "says"),
    [
        ([], 1, "there is none"),
        (["{"], 1, "truncated"),
        (["{}"], 1, "kind"),
        (['{"kind":"ledger","at_ms":1,"user_id":"u","why":"CHARGE","credits":1,"job_id":"j"}'], 1, "head"),
        ([LINE, LINE], 2, "head"),
        ([LINE, '{"kind":"other"}'], 2, "other"),
        ([LINE, '{"kind":"moved","at_ms":"x"}'], 2, "at_ms"),
        ([LINE, ""], 2, "truncated"),
        ([LINE, "\xff"], 2, ""),
        ([LINE.replace('"format":1', '"format":2')], 1, "format 2"),
    ],
)
def test_what_is_no_record_is_refused_by_its_line(written: list[str], number: int, says: str) -> None:
    with pytest.raises(BadRecord, match=rf"^line {number}: .*{says}"):
        read(written)
