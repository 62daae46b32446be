"""One scenario, played: what the client is told, what is kept of it, and that nothing is left behind."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockleo.harness import judged, run, scenario
from mockleo.harness.runner import process
from mockleo.harness.runner.play import Options, check, play
from mockleo.harness.runner.process import CannotStart, Interrupted
from mockleo.harness.runner.speed import NoSpeed
from mockleo.settings import BadSetting
from tests.harness.faketime import needs_faketime

if TYPE_CHECKING:
    from mockleo.harness.scenario import Scenario

# What every client of this module begins with: `ask` sends, `ordered` books a picture.
ASK = """
import json, os, sys, time, urllib.request
KEY = os.environ['LEONARDO_API_KEY']
def ask(method, path, body=None, key=KEY):
    head = {'authorization': 'Bearer ' + key, 'content-type': 'application/json'}
    data = None if body is None else json.dumps(body).encode()
    url = os.environ['LEONARDO_BASE_URL'] + path
    with urllib.request.urlopen(urllib.request.Request(url, data, head, method=method), timeout=60) as told:
        return json.load(told)
def order(prompt='a cat'):
    return ask('POST', '/generations', {'prompt': prompt, 'num_images': 1})['sdGenerationJob']['generationId']
"""
COLLECT = (
    ASK
    + """
job, wait = order(), 3.0
while True:
    time.sleep(wait)
    wait *= 1.3
    shown = ask('GET', '/generations/' + job)['generations_by_pk']
    if shown['status'] != 'PENDING':
        break
for nth, image in enumerate(shown['generated_images']):
    with urllib.request.urlopen(image['url']) as told:
        open(os.environ['MOCKLEO_OUT'] + f'/{nth}.jpg', 'wb').write(told.read())
"""
)


def a_scenario(name: str = "a-test", **table: Any) -> Scenario:
    client = {"task": "test", "exit": "any", **table.pop("client", {})}
    return scenario.of(
        {"title": "A test", "story": "What a test makes of it.", "client": client, **table}, name=name
    )


def played(
    code: str, options: Options | None = None, named: Scenario | None = None, **table: Any
) -> tuple[run.Run, bytes]:
    """The run of a client that is this Python code, and its bytes."""
    told = list(play(named or a_scenario(**table), [sys.executable, "-c", code], options or Options()))
    return run.read(told), b"".join(told)


def test_what_a_client_is_told() -> None:
    environment = {"LEONARDO_API_KEY": "the user's own", "LEONARDO_WEBHOOK_KEY": "as well"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("NO_PROXY", "intern.example")
        patch.setenv("A_WORD", "kept")
        _, raw = played(WRITES_ENVIRONMENT, client={"with": {"count": 3}})
    told = dict(line.split("=", 1) for line in _stdout(raw).splitlines())
    base = told["LEONARDO_BASE_URL"]
    assert base == told["LEONARDO_API_URL"] == told["LEONARDO_API_BASE_URL"]
    assert base == told["MOCKLEO_URL"] + "/api/rest/v1"
    assert told["LEONARDO_API_KEY"] == "[redacted]"
    assert told["MOCKLEO_SCENARIO"] == "a-test"
    assert told["MOCKLEO_TASK"] == "test"
    assert told["MOCKLEO_TASK_WITH"] == '{"count": 3}'
    assert told["A_WORD"] == "kept"
    assert told["NO_PROXY"].endswith("127.0.0.1,localhost")
    assert told["empty"] == "[]"
    assert told["cwd"] == str(Path.cwd())
    absent = {"LEONARDO_WEBHOOK_KEY", "LEONARDO_API_KEY_NEXT", "MOCKLEO_WEBHOOK_PORT"}
    assert not absent & set(told)


WRITES_ENVIRONMENT = """
import os
for name, value in os.environ.items():
    if name.startswith(('LEONARDO', 'MOCKLEO', 'A_WORD', 'NO_PROXY')):
        print(name + '=' + value)
print('empty=' + repr(os.listdir(os.environ['MOCKLEO_OUT'])))
print('cwd=' + os.getcwd())
"""


def _stdout(raw: bytes) -> str:
    return run.read(raw.splitlines(keepends=True)).client.stdout_tail


def test_a_receiver_is_told_its_port_and_key() -> None:
    options = Options(receiver="http://localhost:{port}/{hook}")
    told, raw = played(WRITES_ENVIRONMENT, options, client={"webhook": True, "keys": 2})
    words = dict(line.split("=", 1) for line in _stdout(raw).splitlines())
    assert told.client.receiver == f"http://localhost:{words['MOCKLEO_WEBHOOK_PORT']}/{{hook}}"
    assert words["LEONARDO_WEBHOOK_KEY"] == words["LEONARDO_API_KEY_NEXT"] == "[redacted]"
    assert {leak.what for leak in told.client.leaks} == {
        "the API key", "the second API key", "the webhook key",
    }  # fmt: skip


def test_a_receiver_may_have_a_port_of_its_own() -> None:
    options = Options(receiver="http://127.0.0.1:9123/hook")
    told, raw = played(WRITES_ENVIRONMENT, options, client={"webhook": True})
    assert told.client.receiver == "http://127.0.0.1:9123/hook"
    assert "MOCKLEO_WEBHOOK_PORT=9123" in _stdout(raw)


@pytest.mark.parametrize("template", ["nowhere", "ftp://x/hook", "http://x:port/hook"])
def test_a_receiver_that_is_nowhere_is_refused(template: str) -> None:
    with pytest.raises(BadSetting, match="webhook-url"):
        check([a_scenario()], ["true"], Options(receiver=template))


def test_the_second_key_is_of_the_same_account() -> None:
    code = ASK + (
        "one, two = ask('GET', '/me'), ask('GET', '/me', key=os.environ['LEONARDO_API_KEY_NEXT'])\n"
        "print(one['user_details'][0]['user']['id'] == two['user_details'][0]['user']['id'])"
    )
    assert "True" in _stdout(played(code, client={"keys": 2})[1])


def test_started_twice_side_by_side_and_both_are_kept() -> None:
    code = ASK + "order(); print('done'); raise SystemExit(7)"
    told, _ = played(code, client={"starts": 2})
    assert told.client.stdout_tail == "done\ndone\n"
    assert told.client.exit_code == 7
    assert sum(bool(each.booked) for each in told.record.record.exchanges) == 2


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("import signal; signal.pause()", None),
    ],
)
def test_how_it_ended(code: str, exit_code: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE_S", 0.3)
    told, _ = played(code, clock={"longest_s": 1} if exit_code is None else {})
    assert told.client.exit_code == exit_code
    assert told.client.ended_ms >= told.client.started_ms


def test_one_of_two_that_dies_by_a_signal_is_not_hidden_by_the_other() -> None:
    code = (
        "import os, signal\n"
        "try: os.mkdir(os.environ['MOCKLEO_OUT'] + '/first')\n"
        "except FileExistsError: raise SystemExit(0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert played(code, client={"starts": 2})[0].client.exit_code == -9


CANARY = """
import base64, sys
for name in ('LEONARDO_API_KEY', 'LEONARDO_API_KEY_NEXT', 'LEONARDO_WEBHOOK_KEY'):
    key = os.environ[name]
    for word in (key, key.upper(), 'Bearer ' + key, base64.b64encode(('Bearer ' + key).encode()).decode()):
        print(word)
        print('x' * 70000 + word, file=sys.stderr)
    open(os.environ['MOCKLEO_OUT'] + '/' + key + '.jpg', 'w').write(key)
    try:
        ask('POST', '/generations?key=' + key, {'prompt': key, 'num_images': 1, key: key}, key=key)
    except OSError:
        pass
    try:
        urllib.request.urlopen(os.environ['MOCKLEO_URL'] + '/cdn/' + key)
    except OSError:
        pass
"""


def test_no_key_is_in_any_byte_of_a_run_or_of_a_report() -> None:
    from mockleo.harness import report

    seen: list[str] = []
    told = a_scenario(client={"webhook": True, "keys": 2})
    options = Options(echo=lambda stream, chunk: seen.append(chunk.decode()) if stream == "stdout" else None)
    lines = list(play(told, [sys.executable, "-c", ASK + CANARY, "a word"], options))
    keys = [line for line in "".join(seen).splitlines() if len(line) == 36]
    assert len(set(keys)) == 6
    coded = [line for line in "".join(seen).splitlines() if len(line) == 60 and " " not in line]
    assert len(set(coded)) == 3
    done = judged.of(lines)
    everything = b"".join(
        [*lines, report.as_json([done]), report.as_junit([done]), report.as_page([done]),
         report.as_text([done], colours=False).encode()]
    )  # fmt: skip
    for word in (*keys, *coded):
        assert word.encode() not in everything
    assert len(done.run.client.leaks) == 24
    assert len(done.run.client.files) == 3


def test_several_at_once_are_not_mixed_up() -> None:
    code = ASK + (
        "import http.server\n"
        "name = os.environ['MOCKLEO_SCENARIO']\n"
        "server = http.server.HTTPServer(('127.0.0.1', int(os.environ['MOCKLEO_WEBHOOK_PORT'])), None)\n"
        "for nth in range(4): order(name + str(nth))\n"
        "open(os.environ['MOCKLEO_OUT'] + '/' + name + '.jpg', 'w').write(name)\n"
        "print(name)"
    )
    names = [f"number-{nth}" for nth in range(8)]
    options = Options()

    def one(name: str) -> run.Run:
        return played(code, options, a_scenario(name, client={"webhook": True}))[0]

    with ThreadPoolExecutor(4) as pool:
        for name, told in zip(names, pool.map(one, names), strict=True):
            assert told.scenario.name == name
            assert (told.client.stdout_tail, told.client.exit_code) == (f"{name}\n", 0)
            assert [file.name for file in told.client.files] == [f"{name}.jpg"]
            bodies = [each.body for each in told.record.record.exchanges if each.method == "POST"]
            assert len(bodies) == 4
            assert all(name.encode() in body for body in bodies)


def test_the_seed_is_that_which_was_asked_for() -> None:
    told, _ = played("", Options(seed=77))
    assert told.scenario.emulator.seed == told.record.head.seed == 77


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"faults": [{"fault": "throtle"}]}, "a-test: fault 1: 'throtle' is none of"),
        ({"faults": [{"fault": "outage", "for_ms": 1}, {"fault": "status", "status": 1}]}, "fault 2, status"),
        ({"faults": [{"fault": "status", "status": 503, "opertions": []}]}, "opertions"),
        ({"faults": [{"fault": "status", "status": 503, "operations": ["createModle"]}]}, "createModel"),
        ({"emulator": {"rules": {"durations.spraed": 0}}}, "did you mean durations.spread"),
        ({"emulator": {"plan": "credit"}}, "did you mean credits"),
        ({"emulator": {"profile": "x"}}, "profile"),
        ({"emulator": {"seed": 2**64}}, "seed"),
    ],
)  # fmt: skip
def test_a_scenario_that_cannot_be_is_told_before_anything_starts(table: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSetting) as told:
        check([a_scenario("good"), a_scenario(**table)], ["true"], Options())
    assert words in str(told.value)


def test_a_command_that_cannot_be_started_leaves_nothing_running() -> None:
    with pytest.raises(CannotStart, match="no-such-command"):
        list(play(a_scenario(), ["no-such-command"], Options()))
    assert "mockleo" not in {thread.name for thread in threading.enumerate()}


def test_what_is_due_comes_to_its_end_also_when_the_client_ends_in_an_outage() -> None:
    code = ASK + (
        "order()\n"
        "try: order('another')\n"
        "except OSError: pass\n"
        "try: order('another')\n"
        "except OSError: print('nobody is there')"
    )
    fault = {"fault": "outage", "operations": ["createGeneration"], "nth": [2], "for_ms": 600_000}
    told, raw = played(code, faults=[fault])
    assert "nobody is there" in _stdout(raw)
    states = [each.state for each in told.record.record.transitions if hasattr(each, "state")]
    assert states[-1] == "COMPLETE"


def test_a_client_that_is_stopped_from_outside_is_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE_S", 0.3)
    options = Options(echo=lambda _stream, _chunk: threading.Thread(target=options.running.stop).start())
    with pytest.raises(Interrupted):
        played("import signal; print('here', flush=True); signal.pause()", options)


def test_speed_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKLEO_LIBFAKETIME", "/no/such/file")
    with pytest.raises(NoSpeed):
        check([a_scenario()], ["true"], Options(speed=60))
    with pytest.raises(NoSpeed):
        list(play(a_scenario(), ["true"], Options(speed=60)))


@needs_faketime
def test_a_minute_of_the_clients_is_a_second() -> None:
    code = COLLECT + "time.sleep(max(0, 60 - (time.time() - began)))"
    told, _ = played(
        "import time; began = time.time()\n" + code, Options(speed=60), client={"jobs": 1, "files": 1}
    )
    client = told.client
    assert (client.exit_code, client.speed) == (0, 60)
    assert [(file.kind, file.is_whole) for file in client.files] == [("jpg", True)]
    # What it takes to start, real time, counts sixty times.
    assert 60_000 <= client.ended_ms - client.started_ms < 600_000
    polls = [each.at_ms for each in told.record.record.exchanges if each.operation == "getGenerationById"]
    assert all(later - earlier >= 3_000 for earlier, later in pairwise(polls))
