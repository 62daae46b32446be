"""The documents say what is there: every command is run, every flag is told, every link leads somewhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
import yaml

from mockleo.cli import contract, main, serve
from mockleo.cli import run as run_command
from mockleo.conformance.parts import PARTS
from mockleo.control.menu import OPERATIONS
from mockleo.faults.menu import BY_NAME
from mockleo.harness.scenario import shipped
from mockleo.harness.verdict import RULES
from tests.harness.faketime import needs_faketime
from tests.harness.playing import module
from tests.processes import environment, run, serving

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = (
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "contracts/README.md",
    "scenarios/README.md",
    "docs/sdks.md",
)

COMMANDS = re.findall(r"```sh\n(.+?)\n```", README, re.DOTALL)
# What is asked of the operator's API, in the order in which the README tells it.
ASKED = [command for command in COMMANDS if "/_mockleo/" in command]
# What is asked of the contract suite.
JUDGING = [command for command in COMMANDS if command.startswith(".venv/bin/mockleo contract ")]
# What is asked of the scenario runner, in its order.
GRADING = [command for command in COMMANDS if re.match(r"\.venv/bin/mockleo (run|grade|scenarios) ", command)]


def test_every_command_of_the_readme_is_one_that_a_test_here_runs() -> None:
    assert set(COMMANDS) == {
        "make serve",
        "make test",
        next(command for command in COMMANDS if command.startswith("curl ")),
        *ASKED,
        ".venv/bin/mockleo env --format dotenv",
        ".venv/bin/mockleo ready --wait",
        *JUDGING,
        *GRADING,
    }


def test_make_serve_and_the_curl_line_that_follows() -> None:
    curl = next(command for command in COMMANDS if command.startswith("curl "))
    arguments = ["make", "--no-print-directory", "serve", "ARGS=--json --port 0"]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        line = ""
        while not line.startswith("{"):
            line = process.stdout.readline()
            assert line, "make serve has ended"
        told = json.loads(line)
        here = curl.replace("http://127.0.0.1:5360", told["url"])
        done = subprocess.run(["sh", "-c", here], capture_output=True, text=True, check=True)
        process.terminate()
    assert "generationId" in json.loads(done.stdout)["sdGenerationJob"]


def test_make_test_runs_these_tests() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "python -m pytest" in done.stdout
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_commands_that_speak_of_a_running_emulator() -> None:
    with serving() as told:
        shown = run("env", "--format", "dotenv", MOCKLEO_URL=told["url"])
        assert f"LEONARDO_BASE_URL={told['base_url']}" in shown.stdout.splitlines()
        assert run("ready", "--wait", MOCKLEO_URL=told["url"]).returncode == 0


def test_the_commands_of_the_contract_suite(tmp_path: Path) -> None:
    in_process, by_url = (command.split()[1:] for command in JUDGING)
    # The other parts take their time: `tests/conformance/test_emulator_keeps_it.py` makes them.
    done = run(*in_process, "--only", "webhooks")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("the emulator, in process; seed 7\n")
    files = {"contract.xml": tmp_path / "contract.xml", "contract.html": tmp_path / "contract.html"}
    with serving("--time", "auto") as told:
        here = {"http://127.0.0.1:5360": told["url"], **{name: str(file) for name, file in files.items()}}
        done = run(*(here.get(word, word) for word in by_url))
    assert done.returncode in {0, 3}, done.stdout
    assert all(file.stat().st_size for file in files.values())


@needs_faketime
def test_the_commands_that_grade_a_client(tmp_path: Path) -> None:
    played, again, explained = (command.split()[1:] for command in GRADING)
    here = {
        "graded": str(tmp_path),
        "graded/lost-answer.jsonl": str(tmp_path / "lost-answer.jsonl"),
        ".venv/bin/python": sys.executable,
        "scenarios/clients/careless.py": str(ROOT / "scenarios/clients/careless.py"),
    }
    # `run` leaves the machine's own settings out, and this is one.
    where = {name: os.environ[name] for name in ("MOCKLEO_LIBFAKETIME",) if name in os.environ}
    first = run(*(here.get(word, word) for word in played), **where)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "Grade F" in first.stdout
    assert (tmp_path / "report.html").stat().st_size
    second = run(*(here.get(word, word) for word in again))
    assert (second.returncode, second.stdout) == (first.returncode, first.stdout)
    told = run(*explained)
    assert told.returncode == 0
    assert "two-clicks: The same wish, started twice" in told.stdout


def test_make_demo_lets_the_sdks_meet_every_scenario() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "demo"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "python -m scenarios.clients.table" in done.stdout


def test_what_the_readme_says_of_grading_is_so() -> None:
    told = README.partition("## Grading a client")[2].partition("\n## ")[0]
    for parameter in run_command.params:
        assert parameter.name == "scenarios" or any(f"`{flag}" in told for flag in parameter.opts), parameter
    assert f"The {len(shipped())} scenarios" in told
    assert f"{len(module('careless').MISTAKES)} mistakes" in told
    assert all(f"| {letter} | {rule}" in told for letter, rule, _ in RULES)
    for name in ("LEONARDO_BASE_URL", "MOCKLEO_TASK", "MOCKLEO_OUT", "MOCKLEO_WEBHOOK_PORT"):
        assert f"`{name}`" in told


MY_APP = """
import json, os, time, urllib.request

def call(method, path, body=None):
    told = {"Authorization": "Bearer " + os.environ["LEONARDO_API_KEY"], "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    url = os.environ["LEONARDO_BASE_URL"] + path
    with urllib.request.urlopen(urllib.request.Request(url, sent, told, method=method)) as answer:
        return json.load(answer)

def draw(prompt):
    try:
        told = call("POST", "/generations", {"prompt": prompt, "num_images": 1})
        job = told["sdGenerationJob"]["generationId"]
    except OSError:
        me = call("GET", "/me")["user_details"][0]["user"]["id"]
        job = call("GET", f"/generations/user/{me}?offset=0&limit=1")["generations"][0]["id"]
    while True:
        shown = call("GET", f"/generations/{job}")["generations_by_pk"]
        if shown["status"] != "PENDING":
            break
        time.sleep(0.05)
    for image in shown["generated_images"]:
        urllib.request.urlopen(image["url"]).close()
"""


def test_the_readmes_test_with_the_fixture_passes(tmp_path: Path) -> None:
    block = next(
        block for block in re.findall(r"```python\n(.+?)\n```", README, re.DOTALL) if "my_app" in block
    )
    (tmp_path / "my_app.py").write_text(MY_APP, "utf-8")
    (tmp_path / "test_it.py").write_text(block, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment(PYTHONPATH=str(tmp_path)),
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout


def test_make_contract_makes_the_long_run() -> None:
    arguments = ["make", "--no-print-directory", "-n", "contract", "ARGS=--seed 7"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "mockleo contract --max-examples 300 --seed 7" in done.stdout


def test_every_flag_and_part_of_the_contract_suite_is_told_in_the_readme() -> None:
    told = README.partition("## The contract suite")[2].partition("\n## ")[0]
    for parameter in contract.params:
        assert any(f"`{flag}" in told for flag in parameter.opts), parameter.opts
    for part in PARTS:
        assert f"`{part}`" in told


def test_what_is_asked_of_the_operators_api_is_answered() -> None:
    order = next(command for command in COMMANDS if command.startswith("curl "))
    with serving() as told:

        def do(command: str) -> str:
            here = command.replace("http://127.0.0.1:5360", told["url"])
            return subprocess.run(["sh", "-c", here], capture_output=True, text=True, check=True).stdout

        do(order)
        answers = {command.split("/_mockleo/")[1].split()[0]: do(command) for command in ASKED}
    assert json.loads(answers["faults"])["fault"]["fault"] == "connection-close"
    assert json.loads(answers["requests/wait_for"])["requests"]
    assert json.loads(answers["record"].splitlines()[0])["kind"] == "run"
    assert "a bearer of yours" not in "".join(answers.values())


def test_every_kind_of_fault_is_told_in_the_readme() -> None:
    table = README.partition("## Its bad days")[2].partition("## Time")[0]
    assert set(BY_NAME) <= set(re.findall(r"`([\w-]+)`", table))


def test_every_part_of_the_operators_api_is_told_in_the_readme() -> None:
    nouns = {operation.path.split("/")[1] for operation in OPERATIONS}
    part = README.partition("## The operator's API")[2].partition("## Settings")[0]
    assert nouns <= set(re.findall(r"`([\w.]+)`", part))


@pytest.mark.parametrize(
    "block",
    [block for block in re.findall(r"```python\n(.+?)\n```", README, re.DOTALL) if "my_app" not in block],
)
def test_the_python_of_the_readme_runs(block: str) -> None:
    with serving("--time", "instant") as told:
        exec(block.replace("http://127.0.0.1:5360", told["url"]), {})  # noqa: S102  our own words


def test_every_flag_is_told_in_the_readme() -> None:
    table = README.partition("## Settings")[2]
    for parameter in serve.params:
        assert isinstance(parameter, click.Option)
        if parameter.name != "as_json":
            named = [*parameter.opts, *parameter.secondary_opts]
            assert any(f"{flag}`" in table or f"{flag} " in table for flag in named), named


def test_every_command_can_speak_json() -> None:
    for command in main.commands.values():
        assert any(parameter.name == "as_json" for parameter in command.params), command.name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_every_path_in_the_architecture_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for path in re.findall(r"`((?:mockleo|contracts|tests|core|wire|bucket|media|runtime)/[\w./]*)`", text):
        assert (ROOT / path).exists() or (ROOT / "mockleo" / path).exists(), path


def test_the_container_is_published_on_loopback_and_not_run_by_root() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    service = compose["services"]["mockleo"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["healthcheck"]["test"] == ["CMD", "mockleo", "ready"]
    assert "MOCKLEO_CONTROL_TOKEN" in service["environment"]


def test_the_dockerfile_is_slim_and_has_a_health_check() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "ENV", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {keyword for keyword, _ in steps} <= known
    assert all("-slim" in rest for keyword, rest in steps if keyword == "FROM")
    users = [rest for keyword, rest in steps if keyword == "USER"]
    assert users
    assert users[-1] not in {"0", "root"}
    health = next(rest for keyword, rest in steps if keyword == "HEALTHCHECK")
    assert '["mockleo", "ready"]' in health
    for keyword, rest in steps:
        if keyword == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source


def test_what_the_container_sets_is_known() -> None:
    """The settings of Dockerfile and compose file together make an emulator that starts."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    given = compose["services"]["mockleo"]["environment"]
    defaults = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in given.items()}
    with serving(**defaults, MOCKLEO_HOST="0.0.0.0") as told:  # noqa: S104  as the Dockerfile has it
        port = told["url"].rpartition(":")[2]
        assert httpx.get(f"http://127.0.0.1:{port}/_mockleo/ready").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/_mockleo/health").status_code == 401
