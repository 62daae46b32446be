"""Every state with every event: the moves, and that nothing else moves."""

from itertools import product

import pytest

from mockleo.core.lifecycle import STATUS, TRANSITIONS, Event, ImpossibleMove, Job, State, move

MOVES = {
    (State.QUEUED, Event.START): State.RUNNING,
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.FINISH): State.COMPLETE,
    (State.RUNNING, Event.FAIL): State.FAILED,
}


def a_job(state: State = State.QUEUED) -> Job:
    return Job(
        id="1", lane="image", cost=5, seed=1, created_ms=100, changed_ms=200, duration_ms=10, state=state
    )


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_move_is_made_or_impossible(state: State, event: Event) -> None:
    job = a_job(state)
    if (state, event) in MOVES:
        move(job, event, now_ms=250)
        assert (job.state, job.changed_ms, job.revision) == (MOVES[state, event], 250, 1)
    else:
        with pytest.raises(ImpossibleMove, match=f"{event.name} while {state.name}"):
            move(job, event, now_ms=250)
        assert job == a_job(state)


def test_the_table_knows_every_state_and_has_two_ends() -> None:
    assert set(TRANSITIONS) == set(STATUS) == set(State)
    assert [state for state in State if a_job(state).ended] == [State.COMPLETE, State.FAILED]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.QUEUED, "PENDING"),
        (State.RUNNING, "PENDING"),
        (State.COMPLETE, "COMPLETE"),
        (State.FAILED, "FAILED"),
    ],
)
def test_a_client_reads_three_words_for_four_states(state: State, status: str) -> None:
    assert a_job(state).status == status


@pytest.mark.parametrize(("now_ms", "fine"), [(199, False), (200, True), (201, True)])
def test_a_job_does_not_change_before_its_last_change(now_ms: int, *, fine: bool) -> None:
    job = a_job()
    if fine:
        move(job, Event.START, now_ms=now_ms)
    else:
        with pytest.raises(AssertionError, match="time went backwards"):
            move(job, Event.START, now_ms=now_ms)


def test_an_impossible_move_is_our_mistake_and_no_refusal() -> None:
    assert issubclass(ImpossibleMove, AssertionError)
