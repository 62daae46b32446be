"""The client's process: whatever it does, it is read, waited for, and ended with all that it has started."""

from __future__ import annotations

import os
import select
import sys

import pytest

from mockleo.core.chance import Chance
from mockleo.harness.runner import process
from mockleo.harness.runner.process import CannotStart, Client, Interrupted, Running
from mockleo.redact import Redactor

PATIENCE_S = 60
KEY = Chance(b"a key of a test's").uuid4("key")


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE_S", 0.4)


def start(code: str, **more: str) -> Client:
    """A client that is this Python code."""
    return Client(
        [sys.executable, "-c", code], environment={**os.environ, **more}, secrets={"the API key": KEY}
    )


def is_alive(pid: int, *, patience_s: float = 0) -> bool:
    """Whether a process is there, and not only its exit code, and does not end in that time."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    ended, _, _ = select.select([process], [], [], patience_s)
    os.close(process)
    return not ended


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_its_exit_code(code: int) -> None:
    client = start(f"raise SystemExit({code})")
    assert client.wait(PATIENCE_S) == code
    client.stop()


def test_a_death_by_signal_is_an_exit_code_below_zero() -> None:
    client = start("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert client.wait(PATIENCE_S) == -11


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["no-such-command-anywhere"], "No such file"),
        (["/"], "Permission denied"),
        (["./no/such/file"], "No such file"),
        (["sh\0"], "null byte"),
    ],
)
def test_what_cannot_be_started_is_told(command: list[str], words: str) -> None:
    with pytest.raises(CannotStart, match=words):
        Client(command, environment={}, secrets={})


def test_time_that_is_over_is_no_exit_code() -> None:
    client = start("import signal; print('here', flush=True); signal.pause()")
    assert client.wait(0.01) is None
    client.stop()
    assert client.wait(0) is not None


def test_one_that_does_not_want_to_end_is_killed() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); "
    client = start(code + "[signal.pause() for _ in iter(int, 1)]")
    heard(client, b"here")
    client.stop()
    assert client.wait(0) == -9


def heard(client: Client, words: bytes) -> None:
    """Wait until it has printed this."""
    for _ in range(PATIENCE_S * 100):
        if words in client.stdout._end:
            return
        assert client.wait(0.01) is None, "it has ended"
    raise AssertionError("it has said nothing")


@pytest.mark.parametrize("how", ["it ends", "it is stopped"])
def test_its_children_end_with_it(how: str) -> None:
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import signal;"
        " signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); [signal.pause() for _ in"
        " iter(int, 1)]'], stdout=subprocess.PIPE); child.stdout.readline(); print(child.pid, 'child',"
        " flush=True)"
    )
    client = start(code if how == "it ends" else code + "; child.wait()")
    if how == "it ends":
        assert client.wait(PATIENCE_S) == 0
    else:
        heard(client, b"child")
    client.stop()
    client.finish_reading()
    child = int(client.stdout._end.split()[0])
    # It was sent the signal; the system takes it in its own time.
    assert not is_alive(child, patience_s=PATIENCE_S)


def test_nobody_waits_for_who_has_fled_with_the_pipes() -> None:
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c',"
        " 'import signal; signal.pause()'], start_new_session=True); print(child.pid, flush=True)"
    )
    client = start(code)
    assert client.wait(PATIENCE_S) == 0
    client.finish_reading()
    fled = int(client.stdout._end.split()[0])
    try:
        assert is_alive(fled)
    finally:
        os.kill(fled, 9)


def test_megabytes_on_both_streams_block_nobody() -> None:
    client = start(
        "import sys; line = 'x' * 99 + '\\n'\n"
        "for _ in range(300): sys.stdout.write(line * 300); sys.stderr.write(line * 300)\n"
        "print('the end')"
    )
    assert client.wait(PATIENCE_S) == 0
    client.finish_reading()
    assert client.stdout.tail(Redactor()).endswith("the end\n")
    assert len(client.stdout.tail(Redactor())) == 4_000
    assert len(client.stderr._end) == 65_536


def test_it_goes_on_when_nobody_looks_any_more() -> None:
    def gone(_stream: str, _chunk: bytes) -> None:
        raise BrokenPipeError

    client = Client(
        [sys.executable, "-c", "print('x' * 1_000_000); print('the end')"],
        environment=os.environ,
        secrets={},
        echo=gone,
    )
    assert client.wait(PATIENCE_S) == 0
    client.finish_reading()
    assert client.stdout.tail(Redactor()).endswith("the end\n")


def test_all_that_are_running_are_stopped_at_once_and_none_starts_any_more() -> None:
    running = Running()
    clients = [
        running.start(
            [sys.executable, "-c", "import signal; signal.pause()"], environment=os.environ, secrets={}
        )
        for _ in range(2)
    ]
    running.go_on()
    running.stop()
    assert all(client.wait(0) is not None for client in clients)
    with pytest.raises(Interrupted):
        running.go_on()
    with pytest.raises(Interrupted):
        running.start(["true"], environment={}, secrets={})
    for client in clients:
        running.ended(client)
