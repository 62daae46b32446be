"""Which faults a call meets: by what it is, which it is, when it comes, and by seed.

A retry is another attempt of the same logical call, and shifts nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.core.chance import Chance
from mockleo.faults.fault import SIZE_BYTES_MOST
from mockleo.faults.menu import KINDS, MENU
from mockleo.faults.plan import BadFault, Plan
from mockleo.runtime.clock import SPAN_MS_MOST, Mode

if TYPE_CHECKING:
    from mockleo.faults.fault import Fault
    from mockleo.record import Decision

ALICE, BOB, KEY = (
    "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5",
    "0b9ff5bd-2d63-4bb2-9e12-b1c0a7a5b2d1",
    "c2b94cb0-1c39-4d5b-8f0a-3a5d9e7f1c22",
)

OPERATIONS = {
    "api": ("createGeneration", "getGenerationById", "getUserSelf"),
    "job": ("createGeneration",),
    "s3": ("s3.post", "s3.get"),
    "cdn": ("cdn.get",),
    "webhook": ("image_generation.complete",),
}


def fault(**fields: Any) -> Fault:
    described = {"fault": "status", "status": 503, **fields}
    found: Fault = msgspec.convert(described, KINDS)
    return found


class Rig:
    """A plan, what it has decided, and a client that sends calls to it."""

    def __init__(self, *faults: Fault, seed: bytes = b"1" * 16) -> None:
        self.decisions: list[Decision] = []
        self.plan = Plan(chance=Chance(seed), operations=OPERATIONS, note=self.decisions.append)
        for each in faults:
            self.plan.add(each, now_ms=0)

    def call(
        self,
        sent: str,
        *,
        operation: str = "createGeneration",
        user: str = ALICE,
        key: str = KEY,
        now_ms: int = 0,
        fails: bool | None = None,
    ) -> bool:
        """Whether the call meets a fault. It has failed if so, or as `fails` says."""
        call = self.plan.open(operation, user_id=user, key_id=key, sent=sent.encode(), now_ms=now_ms)
        met = bool(call.faults)
        self.plan.close(call, failed=met if fails is None else fails)
        return met


def met_of(rig: Rig, count: int) -> list[int]:
    """Which of so many different calls meet a fault, counted from 1."""
    return [number for number in range(1, count + 1) if rig.call(f"call {number}")]


@pytest.mark.parametrize(
    ("fields", "met"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"first": 2}, [1, 2]),
        ({"nth": (3,)}, [3]),
        ({"nth": (2, 5, 99)}, [2, 5]),
        ({"every": 2}, [2, 4, 6]),
        ({"first": 4, "every": 2}, [2, 4]),
        ({"times": 1}, [1]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"share": 0.0}, []),
        ({"share": 1.0}, [1, 2, 3, 4, 5, 6]),
        ({"operations": ("create*",)}, [1, 2, 3, 4, 5, 6]),
        ({"operations": ("getUserSelf",)}, []),
        ({"account": ALICE}, [1, 2, 3, 4, 5, 6]),
        ({"account": BOB}, []),
        ({"key": KEY}, [1, 2, 3, 4, 5, 6]),
        ({"key": ALICE}, []),
    ],
    ids=str,
)
def test_the_calls_that_are_named_are_met_and_no_others(fields: dict[str, Any], met: list[int]) -> None:
    assert met_of(Rig(fault(**fields)), 6) == met


def test_a_retry_does_not_shift_the_script() -> None:
    """The third order fails, whether or not the client tries the second one five times."""
    rig = Rig(fault(nth=(3,)))
    assert not rig.call("one")
    for _ in range(5):
        assert not rig.call("two", fails=True)
    assert not rig.call("two")
    assert rig.call("three")
    assert not rig.call("three"), "the retry of the third one comes through"
    assert not rig.call("four")
    assert [(each.call, each.attempt) for each in rig.decisions] == [(3, 1)]


def test_the_same_again_after_an_answer_is_another_call() -> None:
    rig = Rig(fault(nth=(2,)))
    assert not rig.call("poll")
    assert rig.call("poll")
    assert not rig.call("poll"), "this one is the retry of the second"
    assert not rig.call("poll")


@pytest.mark.parametrize(
    ("fields", "failures"),
    [
        ({"nth": (1,)}, 1),
        ({"nth": (1,), "attempts": 3}, 3),
        ({"first": 1}, 1),
        # What has come through is over: after that the same bytes are another call.
        ({"every": 1}, 5),
        ({}, 9),
        ({"attempts": 2}, 6),
        ({"times": 4}, 4),
    ],
    ids=str,
)
def test_so_many_attempts_of_one_call_are_met(fields: dict[str, Any], failures: int) -> None:
    rig = Rig(fault(**fields))
    assert [rig.call("the same") for _ in range(9)].count(True) == failures


def test_a_window_of_time_is_counted_from_when_the_fault_was_added() -> None:
    rig = Rig()
    rig.plan.add(fault(from_ms=1_000, until_ms=2_000), now_ms=500)
    times_ms = (500, 1_499, 1_500, 2_499, 2_500)
    assert [rig.call(f"at {now_ms}", now_ms=now_ms) for now_ms in times_ms] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_what_comes_outside_of_the_window_is_not_counted() -> None:
    rig = Rig(fault(from_ms=1_000, nth=(1,)))
    assert [rig.call(f"at {now_ms}", now_ms=now_ms) for now_ms in (0, 999, 1_000, 1_001)] == [
        False, False, True, False,
    ]  # fmt: skip


def test_accounts_are_counted_each_by_itself() -> None:
    rig = Rig(fault(nth=(2,)))
    met = [rig.call(f"{user} {number}", user=user) for number in (1, 2, 3) for user in (ALICE, BOB)]
    assert met == [False, False, True, True, False, False]


def test_the_same_bytes_of_two_accounts_are_two_calls() -> None:
    rig = Rig(fault(first=1))
    assert rig.call("same", user=ALICE)
    assert rig.call("same", user=BOB)


calls = st.lists(
    st.tuples(st.sampled_from([ALICE, BOB]), st.sampled_from("abcd"), st.integers(0, 500)), max_size=40
)


@given(calls, st.binary(min_size=16, max_size=16))
def test_the_same_seed_and_the_same_traffic_give_the_same_decisions(
    traffic: list[tuple[str, str, int]], seed: bytes
) -> None:
    def play() -> bytes:
        rig = Rig(fault(share=0.5), fault(share=0.3, operations=("get*",)), fault(every=3), seed=seed)
        now_ms = 0
        for user, sent, wait_ms in traffic:
            now_ms += wait_ms
            rig.call(sent, user=user, now_ms=now_ms)
        return msgspec.json.encode(rig.decisions)

    assert play() == play()


@given(calls, st.randoms(use_true_random=False))
def test_what_others_do_changes_nothing_for_an_account(
    traffic: list[tuple[str, str, int]], random: Any
) -> None:
    """However the calls of two accounts are mixed, each meets the same."""

    def met(order: list[tuple[str, str, int]]) -> dict[str, list[bool]]:
        rig = Rig(fault(share=0.5), fault(nth=(2, 3)))
        found: dict[str, list[bool]] = {ALICE: [], BOB: []}
        for user, sent, _ in order:
            found[user].append(rig.call(sent, user=user))
        return found

    queues = {user: [each for each in traffic if each[0] == user] for user in (ALICE, BOB)}
    mixed = []
    while any(queues.values()):
        user = random.choice([user for user, queue in queues.items() if queue])
        mixed.append(queues[user].pop(0))
    assert met(traffic) == met(mixed)


def test_a_share_is_about_that_large() -> None:
    rig = Rig(fault(share=0.25))
    assert 200 < len(met_of(rig, 1_000)) < 300


def test_another_seed_draws_otherwise() -> None:
    assert met_of(Rig(fault(share=0.5), seed=b"1" * 16), 64) != met_of(
        Rig(fault(share=0.5), seed=b"2" * 16), 64
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first": 0}, "first"),
        ({"every": 0}, "every"),
        ({"times": -1}, "times"),
        ({"attempts": 0}, "attempts"),
        ({"nth": (1, 0)}, "nth"),
        ({"share": 1.5}, "share"),
        ({"share": -0.1}, "share"),
        ({"from_ms": -1}, "from_ms"),
        ({"from_ms": 5, "until_ms": 5}, "until_ms"),
        ({"until_ms": 0}, "until_ms"),
        ({"nth": 3}, "nth"),
        ({"nosuch": 3}, "nosuch"),
        ({"account": "alice"}, "account"),
        ({"account": ALICE.upper()}, "account"),
        ({"account": ""}, "account"),
        ({"key": "k"}, "key"),
    ],
    ids=str,
)
def test_a_fault_that_cannot_be_names_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        fault(**fields)


@pytest.mark.parametrize(
    ("operations", "told"),
    [
        (("createGenerations",), "did you mean createGeneration"),
        (("cdn.get",), "is no operation that status can meet"),
        (("create*", "nothing*"), r"nothing\*"),
    ],
)
def test_an_operation_that_is_not_there_is_refused(operations: tuple[str, ...], told: str) -> None:
    rig = Rig()
    with pytest.raises(BadFault, match=told):
        rig.plan.add(fault(operations=operations), now_ms=0)
    assert rig.plan.is_empty


def test_ids_are_drawn_or_given_and_never_twice() -> None:
    rig = Rig()
    rig.plan.add(fault(id="fault-1"), now_ms=0)
    assert rig.plan.add(fault(), now_ms=0).fault.id == "fault-2"
    with pytest.raises(BadFault, match="id: 'fault-2' is in force already"):
        rig.plan.add(fault(id="fault-2"), now_ms=0)


def test_a_lifted_fault_is_met_no_more() -> None:
    rig = Rig(fault(id="one"))
    assert rig.call("a")
    assert rig.plan.remove("one")
    assert not rig.plan.remove("one")
    assert rig.plan.is_empty
    assert not rig.call("b")


@given(calls, calls)
def test_a_saved_plan_goes_on_as_the_first_one(
    before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]
) -> None:
    first = Rig(fault(share=0.5, attempts=2), fault(nth=(2, 4)), fault(times=3))
    for user, sent, _ in before:
        first.call(sent, user=user)
    saved = msgspec.json.decode(msgspec.json.encode(first.plan.export()))
    second = Rig()
    second.plan.restore(saved, kinds=KINDS, mode=Mode.MANUAL)
    assert second.plan.export() == first.plan.export()
    assert [second.call(sent, user=user) for user, sent, _ in after] == [
        first.call(sent, user=user) for user, sent, _ in after
    ]


def test_failed_calls_that_nobody_repeats_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockleo.faults.plan._OPEN_MOST", 3)
    rig = Rig(fault(first=2))
    for number in range(5):
        rig.call(f"call {number}", fails=True)
    assert len(rig.plan.export()["open"]) == 3


def test_each_met_fault_is_a_decision() -> None:
    rig = Rig(fault(id="a", first=1), fault(id="b", first=2))
    met_of(rig, 3)
    assert Counter(each.fault for each in rig.decisions) == {"a": 1, "b": 2}


@pytest.mark.parametrize("lift", [True, False])
def test_a_fault_that_is_added_again_by_its_id_begins_anew(lift: bool) -> None:
    rig = Rig(fault(id="x", nth=(1,)))
    assert rig.call("same")
    if lift:
        rig.plan.remove("x")
        rig.plan.add(fault(id="x", nth=(1,)), now_ms=0)
    assert rig.call("same") is lift


def test_what_is_lifted_while_it_acts_is_forgotten_with_it() -> None:
    rig = Rig(fault(id="x", nth=(1,)), fault(id="other", nth=(2,)))
    asked = rig.plan.open("createGeneration", user_id=ALICE, key_id=KEY, sent=b"same", now_ms=0)
    rig.plan.remove("x")
    rig.plan.add(fault(id="x", nth=(1,)), now_ms=0)
    rig.plan.draw(asked.faults[0], asked)
    rig.plan.close(asked, failed=True)
    assert rig.plan.export()["open"][0]["numbers"] == {"other": 1}
    assert rig.call("same")


def test_nothing_of_what_was_under_way_outlives_a_new_beginning() -> None:
    rig = Rig(fault(id="x"))
    asked = rig.plan.open("createGeneration", user_id=ALICE, key_id=KEY, sent=b"same", now_ms=0)
    rig.plan.clear()
    rig.plan.add(fault(id="x"), now_ms=0)
    rig.plan.close(asked, failed=True)
    assert rig.plan.export()["open"] == []


SIZED = [
    (kind, name, SPAN_MS_MOST if name.endswith("ms") else SIZE_BYTES_MOST)
    for kind in MENU
    for name in kind.__struct_fields__
    if name == "ms" or name.endswith(("_ms", "_bytes"))
]
NEEDED: dict[str, Any] = {"status": 503, "ms": 1, "path": "a", "model_id": "a", "where": "body", "to": "a"}


@pytest.mark.parametrize(("kind", "name", "most"), SIZED, ids=lambda value: str(value))
def test_no_wait_and_no_size_is_without_measure(kind: type[Fault], name: str, most: int) -> None:
    tag = str(kind.__struct_config__.tag)
    needed = {field: value for field, value in NEEDED.items() if field in kind.__struct_fields__}
    if tag in {"gateway-error", "asset-status", "html-page", "unknown-status", "redirect"}:
        del needed["status"]
    described = {"fault": tag, **needed}
    assert getattr(msgspec.convert({**described, name: most}, KINDS), name) == most
    with pytest.raises(msgspec.ValidationError, match=f"^{name}: "):
        msgspec.convert({**described, name: most + 1}, KINDS)


def test_so_many_copies_and_no_more() -> None:
    msgspec.convert({"fault": "webhook-doubled", "copies": 1_000}, KINDS)
    with pytest.raises(msgspec.ValidationError, match=r"^copies: "):
        msgspec.convert({"fault": "webhook-doubled", "copies": 1_001}, KINDS)


def test_what_may_be_a_key_is_not_said_again() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"^key: ") as refused:
        fault(key="CANARY-of-a-key")
    assert "CANARY" not in str(refused.value)
