"""What waits on the one clock: soonest first, in the order of entry, each once."""

from hypothesis import given
from hypothesis import strategies as st

from mockleo.runtime.agenda import Agenda


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
