"""`mockleo run`, `grade` and `scenarios`: what is printed, and with what they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.processes import MOCKLEO, PATIENCE_S, environment, run

if TYPE_CHECKING:
    from pathlib import Path

QUIET = (sys.executable, "-c", "")
ORDERS_AND_GOES = """
import json, os, urllib.request
head = {'authorization': 'Bearer ' + os.environ['LEONARDO_API_KEY'], 'content-type': 'application/json'}
data = json.dumps({'prompt': 'a cat', 'num_images': 1}).encode()
urllib.request.urlopen(urllib.request.Request(os.environ['LEONARDO_BASE_URL'] + '/generations', data, head))
"""


def a_file(folder: Path, name: str = "mine.toml", more: str = "") -> str:
    path = folder / name
    path.write_text(f'title = "Mine"\nstory = "Nothing."\n[client]\ntask = "none"\nexit = "any"\n{more}')
    return str(path)


def test_nothing_found_is_0(tmp_path: Path) -> None:
    done = run("run", a_file(tmp_path), "--json", "--", *QUIET)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)


def test_something_found_is_1(tmp_path: Path) -> None:
    done = run("run", a_file(tmp_path), "--", sys.executable, "-c", ORDERS_AND_GOES)
    assert done.returncode == 1
    assert "orphaned-job" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "lost-anser", "--", "true"], "did you mean lost-answer"),
        (["run", "/no/such.toml", "--", "true"], "no such file"),
        (["run", ".", "--", "true"], "no such file"),
        (["run", "happy-polling"], "command is missing"),
        (["run", "happy-polling", "--"], "command is missing"),
        (["run", "happy-polling", "--", "no-such-command"], "no-such-command: cannot be started"),
        (["run", "happy-polling", "--speed", "0", "--", "true"], "--speed"),
        (["run", "happy-polling", "--jobs", "0", "--", "true"], "--jobs"),
        (["run", "happy-polling", "--seed", "x", "--", "true"], "--seed"),
        (["run", "happy-webhook", "--webhook-url", "nowhere", "--", "true"], "webhook-url"),
        (["run", "all", "--jobs", "2", "--webhook-url", "http://127.0.0.1:9/", "--", "true"], "{port}"),
        (["run", "happy-polling", "--report", "/dev/null/x", "--", "true"], "/dev/null"),
        (["run", "--", "true"], "SCENARIO"),
        (["grade", "/no/such.jsonl"], "no such file"),
        (["grade", "/dev/null"], "/dev/null: line 1"),
        (["grade", __file__], "line 1"),
        (["scenarios", "lost-anser"], "did you mean lost-answer"),
    ],
)
def test_misuse_is_2_and_says_why(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("jbos = 1", "client.jbos: there is no such field; did you mean jobs?"),
        ("jobs = '1'", "client.jobs: Expected `int"),
        ("[checks]\nskip = ['orphaned-jbo']", "did you mean orphaned-job?"),
        ("[checks.thresholds.polls-too-fats]\ninterval_ms = 1", "did you mean polls-too-fast?"),
        ("[checks.thresholds.polls-too-fast]\ninterval = 1", "did you mean interval_ms?"),
        ("[[faults]]\nfault = 'throtle'", "mine: fault 1: 'throtle' is none of"),
        ("[[faults]]\nfault = 'status'\nstatus = 'x'", "mine: fault 1, status"),
        ("[emulator.rules]\n'durations.spraed' = 0", "did you mean durations.spread?"),
        ("= = =", "mine.toml: "),
    ],
)
def test_a_scenario_that_cannot_be_starts_nothing(tmp_path: Path, more: str, words: str) -> None:
    """Not even the one before it, which is sound."""
    trace = tmp_path / "trace"
    good, bad = a_file(tmp_path, "good.toml"), a_file(tmp_path, more=more)
    done = run("run", good, bad, "--", "touch", str(trace))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not trace.exists()


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    done = run("run", a_file(tmp_path), a_file(tmp_path / "other"), "--", *QUIET)
    assert done.returncode == 2
    assert "another scenario of that name" in done.stderr


def test_a_saved_run_is_graded_the_same_byte_for_byte(tmp_path: Path) -> None:
    names = [a_file(tmp_path, f"{name}.toml") for name in ("one", "two", "three")]
    kept = tmp_path / "kept"
    command = ["--", sys.executable, "-c", ORDERS_AND_GOES]
    first = run("run", *names, "--jobs", "3", "--json", "--report", str(kept), *command)
    saved = [str(kept / f"{name}.jsonl") for name in ("one", "two", "three")]
    again = run("grade", *saved, "--json", "--html", str(tmp_path / "again.html"))
    assert (first.returncode, again.returncode) == (1, 1)
    assert first.stdout == again.stdout
    assert (kept / "report.html").read_bytes() == (tmp_path / "again.html").read_bytes()
    # Named once more it is the same scenario, and played once.
    assert len(json.loads(first.stdout)["runs"]) == 3


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    run("run", a_file(tmp_path), "--report", str(tmp_path), "--", sys.executable, "-c", ORDERS_AND_GOES)
    lines = (tmp_path / "mine.jsonl").read_bytes().splitlines(keepends=True)
    for nth in range(1, len(lines) + 1):
        broken = tmp_path / "broken.jsonl"
        broken.write_bytes(b"".join([*lines[: nth - 1], lines[nth - 1][:-3] + b"\n", *lines[nth:]]))
        if nth in {1, 2, len(lines)}:
            done = run("grade", str(broken))
            assert done.returncode == 2
            assert f"broken.jsonl: line {nth}: " in done.stderr


def test_flags_behind_the_dashes_are_the_clients(tmp_path: Path) -> None:
    code = "import sys; assert sys.argv[1:] == ['--seed', 'x', '--', '--json']"
    done = run(
        "run", a_file(tmp_path), "--show", "--", sys.executable, "-c", code, "--seed", "x", "--", "--json"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nobody_behind(tmp_path: Path, how: signal.Signals) -> None:
    code = "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()"
    names = [a_file(tmp_path, f"{name}.toml") for name in ("one", "two", "three")]
    with subprocess.Popen(
        [*MOCKLEO, "run", *names, "--jobs", "2", "--show", "--", sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        # Who is started in the background is deaf to it, and so are these tests' children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        clients = [int(process.stdout.readline().split()[1]) for _ in range(2)]
        process.send_signal(how)
        told, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert "pid" not in told, "the third was started"
    for client in clients:
        with pytest.raises(ProcessLookupError):
            os.kill(client, 0)


def test_a_mistake_of_our_own_is_no_verdict(tmp_path: Path) -> None:
    code = (
        "import sys, mockleo.harness.checks as checks\n"
        "def broken(run): raise ZeroDivisionError\n"
        "import mockleo.harness.judged as judged\n"
        "judged.judge = broken\n"
        "from mockleo.cli import main\n"
        f"sys.argv = ['mockleo', 'run', {a_file(tmp_path)!r}, '--', 'true']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ZeroDivisionError" in done.stderr
    assert "a mistake of mockleo's own" in done.stderr


def test_scenarios_are_listed_and_explained() -> None:
    listed = run("scenarios").stdout
    told = json.loads(run("scenarios", "--json").stdout)
    assert len(told) >= 24
    assert all(each["name"] in listed for each in told)
    one = run("scenarios", "lost-answer").stdout
    assert "A fault: " in one
    assert "The client: " in one
