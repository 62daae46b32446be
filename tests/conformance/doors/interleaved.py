"""Threads that run one at a time, in an order that a seed decides: what goes wrong, goes wrong again."""

import random
import threading
from collections.abc import Callable
from types import TracebackType


class Interleaved:
    """Runs `tasks` to their ends. Each hands over where it calls `pause`, and nowhere else.

    What a task raises is raised by `run`.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  a seed is what it is for
        self._turns: dict[int, threading.Semaphore] = {}
        self._back = threading.Semaphore(0)
        self._errors: list[BaseException] = []
        self._done: set[int] = set()

    def pause(self) -> None:
        """Let others go on, perhaps."""
        turn = self._turns[threading.get_ident()]
        self._back.release()
        turn.acquire()

    def run(self, tasks: list[Callable[[], None]]) -> None:
        running = [self._begun(task) for task in tasks]
        while running:
            thread, turn = chosen = self._chance.choice(running)
            turn.release()
            self._back.acquire()
            if id(thread) in self._done:
                running.remove(chosen)
                thread.join()
        if self._errors:
            raise self._errors[0]

    def _begun(self, task: Callable[[], None]) -> tuple[threading.Thread, threading.Semaphore]:
        turn = threading.Semaphore(0)

        def work() -> None:
            turn.acquire()
            self._turns[threading.get_ident()] = turn
            try:
                task()
            except BaseException as error:
                self._errors.append(error)
            self._done.add(id(thread))
            self._back.release()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread, turn


class PausingLock:
    """A lock at whose door others go on: before it is taken, and after it was given back."""

    def __init__(self, order: Interleaved) -> None:
        self._order = order
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._order.pause()
        while not self._lock.acquire(blocking=False):
            self._order.pause()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
