"""What waits on the one clock: soonest first, in the order of entry, each once."""

import weakref

from hypothesis import given
from hypothesis import strategies as st

from mockleo.runtime.agenda import CANCELLED_MOST, Agenda, Entry


@given(st.lists(st.integers(0, 50)), st.lists(st.integers(0, 60)))
def test_each_is_done_once_at_the_first_look_that_is_not_too_early(
    due_ms: list[int], looks: list[int]
) -> None:
    agenda = Agenda()
    done: list[tuple[int, int]] = []
    for nth, at_ms in enumerate(due_ms):
        agenda.at(at_ms, lambda entry=(at_ms, nth): done.append(entry))  # type: ignore[misc]
    for now_ms in sorted(looks):
        agenda.run(now_ms)
        assert all(at_ms <= now_ms for at_ms, _ in done)
        assert agenda.due_ms() is None or agenda.due_ms() > now_ms  # type: ignore[operator]
    agenda.run(50)
    # Of those due at one instant, the first entered comes first.
    assert done == sorted((at_ms, nth) for nth, at_ms in enumerate(due_ms))


def test_what_is_cancelled_is_not_done_and_not_due() -> None:
    agenda = Agenda()
    done: list[str] = []
    first = agenda.at(5, lambda: done.append("first"))
    agenda.at(9, lambda: done.append("second"))
    agenda.cancel(first)
    assert agenda.due_ms() == 9
    agenda.run(100)
    assert done == ["second"]


def test_what_enters_while_it_runs_is_done_too_if_it_is_due() -> None:
    agenda = Agenda()
    done: list[int] = []

    def again() -> None:
        done.append(len(done))
        if len(done) < 3:
            agenda.at(5, again)

    agenda.at(5, again)
    agenda.at(6, lambda: done.append(99))
    agenda.run(5)
    assert done == [0, 1, 2]
    assert agenda.due_ms() == 6


def test_it_tells_when_something_new_is_to_be_done() -> None:
    told: list[None] = []
    agenda = Agenda(changed=lambda: told.append(None))
    agenda.at(5, lambda: None)
    assert told == [None]


def test_what_is_cancelled_leaves_nothing_behind_before_it_is_due() -> None:
    """Held answers that are hung up on, tests again and again: each would have stayed for hours."""
    agenda = Agenda()
    agenda.at(10_000, lambda: None)
    for nth in range(10_000):
        agenda.cancel(agenda.at(5_000 + nth % 7, lambda: None))
        assert len(agenda._heap) <= 1 + CANCELLED_MOST + 1
    assert agenda.due_ms() == 10_000


def test_of_a_long_agenda_no_more_than_half_is_cancelled() -> None:
    agenda = Agenda()
    entries = [agenda.at(at_ms, lambda: None) for at_ms in range(4_000)]
    for left, entry in zip(range(3_999, -1, -1), entries[::-1], strict=True):
        agenda.cancel(entry)
        assert len(agenda._heap) <= max(2 * left + 2, left + CANCELLED_MOST)


def test_what_a_cancelled_entry_needed_is_let_go_of_at_once() -> None:
    class Held:
        pass

    held = Held()
    seen = weakref.ref(held)
    agenda = Agenda()
    entry = agenda.at(5, lambda held=held: None)  # type: ignore[misc]
    del held
    agenda.cancel(entry)
    assert seen() is None


steps = st.lists(
    st.one_of(
        st.tuples(st.just("at"), st.integers(0, 50)),
        st.tuples(st.just("cancel"), st.integers(0, 400)),
        st.tuples(st.just("run"), st.integers(0, 50)),
    ),
    max_size=400,
)


@given(steps, st.integers(0, 150))
def test_cancelling_changes_nothing_for_the_others(steps: list[tuple[str, int]], doomed: int) -> None:
    """Against the plainest agenda there is; whatever is done or cancelled may be cancelled again."""
    agenda = Agenda()
    done: list[tuple[int, int]] = []
    expected: list[tuple[int, int]] = []
    entries: list[Entry] = []
    waiting: dict[int, tuple[int, int]] = {}

    def enter(at_ms: int) -> None:
        told = (at_ms, len(entries))
        waiting[len(entries)] = told
        entries.append(agenda.at(at_ms, lambda: done.append(told)))

    def cancel(nth: int) -> None:
        agenda.cancel(entries[nth])
        waiting.pop(nth, None)

    for nth in range(doomed):
        enter(nth % 50)
    for nth in range(doomed):
        if nth % 10:
            cancel(nth)
    for step, value in [*steps, ("run", 50)]:
        if step == "at":
            enter(value)
        elif step == "cancel" and entries:
            cancel(value % len(entries))
        elif step == "run":
            due = sorted(told for told in waiting.values() if told[0] <= value)
            expected += due
            for _, nth in due:
                del waiting[nth]
            agenda.run(value)
        assert agenda.due_ms() == min((at_ms for at_ms, _ in waiting.values()), default=None)
        assert agenda._cancelled == sum(entry.do is None for _, _, entry in agenda._heap)
    assert done == expected
    assert agenda._heap == []
