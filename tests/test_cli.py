"""The command line: what it prints, how it ends, what it says of bad input."""

import json
import os
import shutil
import signal
import subprocess
import sys

import httpx
import pytest

from tests.processes import MOCKLEO, PATIENCE_S, environment, run, serving


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("serve", "ready", "env", "contract"):
        assert f"\n  {command} " in done.stdout


def test_version() -> None:
    assert run("--version").stdout.startswith("mockleo, version 0.")


def test_help_imports_nothing_heavy() -> None:
    """The command line starts fast because of what it does not import."""
    code = "import sys, mockleo.cli; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "starlette", "uvicorn", "msgspec", "faker", "PIL", "httpx", "asyncio", "mockleo.app",
        "schemathesis", "hypothesis", "tracecov", "rich", "mockleo.conformance",
    }  # fmt: skip
    assert not heavy & set(done.stdout.split())


def test_serving_imports_nothing_that_only_some_requests_need() -> None:
    code = "import sys, mockleo.app; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"faker", "PIL", "httpx", "schemathesis", "hypothesis", "jsonschema_rs", "rich"}
    assert not heavy & set(done.stdout.split())


def test_serve_tells_where_it_is_and_answers_there() -> None:
    with serving("--seed", "5") as told:
        assert told["seed"] == 5
        assert told["base_url"] == f"{told['url']}/api/rest/v1"
        key = {"authorization": f"Bearer {told['api_key']}"}
        answer = httpx.get(f"{told['base_url']}/me", headers=key)
        assert answer.status_code == 200
        os.kill(told["pid"], 0)


def test_the_seed_that_is_drawn_is_printed() -> None:
    with serving() as told:
        assert isinstance(told["seed"], int)
        health = httpx.get(f"{told['url']}/_mockleo/health").json()
        assert health["seed"] == told["seed"]


def test_one_seed_replays_everything() -> None:
    """Two processes, the same seed, the same calls on a clock that stands: the same bytes."""

    def walk() -> list[bytes]:
        with serving("--seed", "11", "--time", "manual", "--public-url", "http://leo.test") as told:
            key = {"authorization": "Bearer one"}
            with httpx.Client(base_url=told["base_url"], headers=key) as client:
                made = client.post("/generations", json={"prompt": "a cat"})
                job = made.json()["sdGenerationJob"]["generationId"]
                answers = [
                    made,
                    client.get(f"/generations/{job}"),
                    client.post("/prompt/random"),
                    client.post("/init-image", json={"extension": "png"}),
                    client.get("/me"),
                ]
                return [answer.content + repr(sorted(answer.headers.items())).encode() for answer in answers]

    assert walk() == walk()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--time", "yesterday"), ("time", "yesterday")),
        (("--keys", "opne"), ("keys", "did you mean open")),
        (("--profile", "sdk-save"), ("profile", "did you mean sdk-safe")),
        (("--plan", "credit"), ("plan", "did you mean credits")),
        (("--credits", "-1"), ("credits", "-1")),
        (("--host", "0.0.0.0"), ("host", "control-token")),  # noqa: S104  refused is what is tested
        (("--rule", "durations.spraed=0"), ("durations.spraed", "did you mean durations.spread")),
        (("--rule", "durations.spread=fast"), ("durations.spread", "'fast'")),
        (("--rule", "durations.spread"), ("NAME=VALUE",)),
        (("--refusal", "word-filterd.status=403"), ("word-filterd", "did you mean word-filtered")),
        (("--refusal", "word-filtered.status=nine"), ("word-filtered.status", "nine")),
        (("--port", "99999"), ("port", "99999")),
    ],
)
def test_bad_input_is_named(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = run("serve", "--port", "0", *arguments)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_variable_names_the_nearest() -> None:
    done = run("serve", MOCKLEO_SEDE="1")
    assert done.returncode == 2
    assert "MOCKLEO_SEDE" in done.stderr
    assert "did you mean seed" in done.stderr


def test_a_taken_port_is_said() -> None:
    with serving() as told:
        done = run("serve", "--port", told["url"].rpartition(":")[2])
    assert done.returncode == 2
    assert "cannot listen" in done.stderr


def test_ready_and_env_speak_of_a_running_emulator() -> None:
    with serving() as told:
        assert run("ready", "--wait", "--url", told["url"]).returncode == 0
        variables = json.loads(run("env", "--json", "--url", told["url"]).stdout)
        assert variables["LEONARDO_BASE_URL"] == told["base_url"]
        assert variables["MOCKLEO_URL"] == told["url"]
        shell = run("env", "--url", told["url"]).stdout
        assert f"export LEONARDO_API_KEY={told['api_key']}" in shell
    assert run("ready", "--url", told["url"]).returncode == 1
    assert run("env", "--url", told["url"]).returncode == 2


def test_env_with_a_control_token() -> None:
    with serving("--control-token", "sesame") as told:
        assert run("env", "--url", told["url"]).returncode == 2
        given = run("env", "--url", told["url"], MOCKLEO_CONTROL_TOKEN="sesame")
        assert "LEONARDO_API_KEY" in given.stdout
        assert run("ready", "--url", told["url"]).returncode == 0


def test_it_stops_in_order_when_interrupted() -> None:
    with subprocess.Popen(
        [*MOCKLEO, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert "emulated at" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in errors
        assert process.returncode in {0, 130}


def test_the_curl_line_of_the_banner_works() -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is needed to paste the banner's line")
    with subprocess.Popen(
        [*MOCKLEO, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        line = ""
        while "curl" not in line:
            line = process.stdout.readline()
        done = subprocess.run(["sh", "-c", line.strip()], capture_output=True, text=True, check=True)
        process.terminate()
    assert "generationId" in json.loads(done.stdout)["sdGenerationJob"]


def test_env_tells_the_address_that_was_reached() -> None:
    """A container calls itself by an address that only it has."""
    with serving("--host", "0.0.0.0", "--control-token", "sesame") as told:  # noqa: S104  as in a container
        port = told["url"].rpartition(":")[2]
        shown = run("env", "--json", "--url", f"http://127.0.0.1:{port}/", "--control-token", "sesame")
        variables = json.loads(shown.stdout)
    assert variables["MOCKLEO_URL"] == f"http://127.0.0.1:{port}"
    assert variables["LEONARDO_BASE_URL"] == f"http://127.0.0.1:{port}/api/rest/v1"


@pytest.mark.parametrize("url", ["foo", "http://", "ftp://x", "http://127.0.0.1:1"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    for command, exit_code in (("env", 2), ("ready", 1)):
        done = run(command, "--url", url)
        assert done.returncode == exit_code
        assert "Traceback" not in done.stderr


def test_a_missing_token_is_told_as_such() -> None:
    with serving("--control-token", "sesame") as told:
        assert "wants its control token" in run("env", "--url", told["url"]).stderr
