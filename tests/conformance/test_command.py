"""`mockleo contract` as it is typed: what it says, where it writes, how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from mockleo.cli import main
from mockleo.conformance import parts
from mockleo.conformance.door import Opener, Request
from mockleo.conformance.parts import Part, Plan
from mockleo.conformance.tally import Doubt, Tally
from tests.conformance.report.tallies import KEY, a_finding
from tests.processes import MOCKLEO, run, serving

PARTS_OF_THE_SUITE = ("schema", "lifecycle", "uploads", "webhooks")


def well(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.checked("well", "it-is-well", "getUserSelf")
    tally.cases["well"] += plan.examples
    progress(f"{plan.seed} for {opener.name}")


def wrong(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.checked("schema", "body-conforms", "createGeneration")
    tally.found(a_finding())


def undecided(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.checked("schema", "body-conforms")
    tally.doubt(Doubt(part="schema", check="payload", why="nobody knows"))


def mistaken(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.found(a_finding())
    raise KeyError("our own")


def interrupted(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    raise KeyboardInterrupt


def calling(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    """One honest call, whose answer becomes a finding; its parts tell the key on purpose."""
    door = opener.open(seed=plan.seed)
    try:
        key = (("authorization", f"Bearer {door.api_key}"),)
        answer = door.send(
            Request(method="GET", url=f"{door.base_url}/me", headers=key, operation="getUserSelf")
        )
    finally:
        door.close()
    progress(f"called with {door.api_key}")
    tally.checked("schema", "called", "getUserSelf")
    tally.statuses["getUserSelf", answer.status] += 1
    tally.found(
        a_finding(
            f"the key {door.api_key} is told",
            curl=f"curl -H 'Authorization: Bearer {door.api_key}'",
            seen=f"{answer.status} {answer.body.decode()}",
        )
    )


@pytest.fixture
def menu(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    for name in ("LEONARDO_API_KEY", "MOCKLEO_REAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def put(**given: Part) -> None:
        monkeypatch.setattr(parts, "PARTS", {name: (f"what {name} is", part) for name, part in given.items()})

    put(well=well)
    return put


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["contract", *arguments], prog_name="mockleo")


@pytest.mark.parametrize(
    ("part", "exit_code", "first"),
    [
        (well, 0, "PASSED: the emulator, in process keeps the contract"),
        (wrong, 1, "FAILED: the emulator, in process does not keep the contract: 1 finding in 1 operation."),
        (mistaken, 2, "NOT FINISHED: the suite itself has made a mistake"),
        (undecided, 3, "INCONCLUSIVE: nothing wrong was found"),
        (interrupted, 3, "INCONCLUSIVE: nothing wrong was found"),
    ],
)
def test_how_it_ends(menu: Callable[..., None], part: Part, exit_code: int, first: str) -> None:
    menu(schema=part)
    done = ask("--seed", "7")
    assert done.exit_code == exit_code
    assert done.stdout.splitlines()[0] == "the emulator, in process; seed 7"
    assert done.stdout.splitlines()[2].startswith(first)
    assert "Traceback" not in done.output


def test_our_own_mistake_says_where_when_it_is_asked(menu: Callable[..., None]) -> None:
    menu(schema=mistaken)
    done = ask("--debug")
    assert "KeyError: 'our own'" in done.stdout
    assert "test_command.py" in done.stderr


def test_a_seed_that_is_drawn_is_told_first_and_in_each_command(menu: Callable[..., None]) -> None:
    menu(schema=wrong)
    done = ask()
    seed = done.stdout.splitlines()[0].rpartition(" ")[2]
    assert int(seed) >= 0
    commands = [
        line.strip() for line in done.stdout.splitlines() if line.strip().startswith("mockleo contract")
    ]
    assert len(commands) == 2
    assert all(command.startswith(f"mockleo contract --seed {seed} ") for command in commands)
    assert ask().stdout.splitlines()[0] != done.stdout.splitlines()[0]


def test_a_command_of_the_report_can_be_typed(menu: Callable[..., None]) -> None:
    menu(schema=wrong, well=well)
    done = ask("--seed", "7", "--max-examples", "3")
    command = next(line for line in done.stdout.splitlines() if "--only schema" in line).split()
    again = ask(*command[2:])
    assert again.exit_code == 1
    assert "1 finding in 1 operation" in again.stdout


def test_json_is_one_document_and_nothing_else(menu: Callable[..., None]) -> None:
    menu(schema=wrong)
    done = ask("--seed", "7", "--json")
    told = json.loads(done.stdout)
    assert (told["verdict"], told["seed"], told["exit_code"]) == ("failed", 7, 1)
    assert "schema: what schema is" in done.stderr


def test_the_same_seed_gives_the_same_json(menu: Callable[..., None]) -> None:
    menu(schema=wrong, well=well)

    def told() -> object:
        document = json.loads(ask("--seed", "7", "--json").stdout)
        del document["began_at"]
        for part in document["parts"]:
            del part["elapsed_ms"]
        return document

    assert told() == told()


def test_files_are_written_beside(menu: Callable[..., None], tmp_path: Path) -> None:
    menu(schema=wrong)
    junit, page = tmp_path / "contract.xml", tmp_path / "contract.html"
    assert ask("--junit", str(junit), "--html", str(page)).exit_code == 1
    assert ElementTree.parse(junit).getroot().tag == "testsuites"  # noqa: S314  our own
    assert "the answer has no id" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--seed", "-1"), ("--seed", "-1")),
        (("--seed", "seven"), ("--seed", "seven")),
        (("--max-examples", "0"), ("--max-examples", "0")),
        (("--workers", "0"), ("--workers", "0")),
        (("--only", "wel"), ("--only", "'wel'", "did you mean well")),
        (("--only", "xyzzy"), ("--only", "'xyzzy'", "there are well")),
        (("--operation", "createGenration"), ("--operation", "did you mean createGeneration")),
        (("--operation", "xyzzy"), ("--operation", "'xyzzy'")),
        (("--junit", "/no/such/folder/a.xml"), ("--junit", "/no/such/folder/a.xml")),
        (("--html", "."), ("--html", "folder")),
        (("--budget", "5"), ("--budget", "--real")),
        (("--spend",), ("--spend", "--real")),
        (("--receiver", "http://127.0.0.1:1"), ("--receiver", "--url")),
        (("--api-key", KEY), ("--api-key", "--url")),
        (("--real", "--url", "http://127.0.0.1:1"), ("--real", "--url")),
        (("--real",), ("MOCKLEO_REAL_API_KEY", "--budget")),
        (("--real", "--budget", "5"), ("MOCKLEO_REAL_API_KEY",)),
        (("--real", "--budget", "5", "--api-key", KEY), ("--api-key", "MOCKLEO_REAL_API_KEY")),
        (("--url", "https://8.8.8.8/api/rest/v1"), ("8.8.8.8", "--real")),
        (("--url", "ftp://127.0.0.1"), ("ftp://127.0.0.1",)),
        (("--url", "http://127.0.0.1:1"), ("http://127.0.0.1:1", "nothing answers")),
    ],
)
def test_bad_input_is_named(
    menu: Callable[..., None], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = ask(*arguments)
    assert done.exit_code == 2, done.output
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.output


def test_a_budget_that_is_no_number_is_named(
    menu: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKLEO_REAL_API_KEY", KEY)
    done = ask("--real", "--budget", "much")
    assert done.exit_code == 2
    assert "--budget" in done.stderr
    assert KEY not in done.output


def test_a_key_for_other_programs_is_not_taken_for_the_real_one(
    menu: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEONARDO_API_KEY", KEY)
    done = ask("--real", "--budget", "5")
    assert done.exit_code == 2
    assert "MOCKLEO_REAL_API_KEY" in done.stderr


def test_a_key_in_the_environment_is_no_matter_to_the_emulator(
    menu: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEONARDO_API_KEY", KEY)
    assert ask().exit_code == 0


def test_several_names_come_one_by_one_or_with_commas(menu: Callable[..., None]) -> None:
    menu(one=well, two=well, three=well)
    for arguments in (("--only", "one", "--only", "two"), ("--only", "one, two")):
        told = json.loads(ask("--json", *arguments).stdout)
        states = {part["part"]: part["state"] for part in told["parts"]}
        assert states == {"one": "made", "two": "made", "three": "left out", "well": "made"}


@pytest.mark.parametrize("key", [KEY, "canary", "a key with / and & in it"])
def test_the_key_stands_in_no_report(menu: Callable[..., None], tmp_path: Path, key: str) -> None:
    menu(schema=calling)
    files = {"--junit": tmp_path / "a.xml", "--html": tmp_path / "a.html"}
    flags = [each for flag, file in files.items() for each in (flag, str(file))]
    with serving("--keys", "open") as told:
        for more in ((), ("--json",), ("--debug",)):
            done = ask("--url", told["url"], "--api-key", key, *flags, *more)
            assert done.exit_code == 1
            assert "[redacted]" in done.output
            assert key not in done.output
    for file in files.values():
        assert "[redacted]" in file.read_text("utf-8")
        assert key not in file.read_text("utf-8")


def test_a_url_is_judged_and_stands_in_each_command(menu: Callable[..., None]) -> None:
    menu(schema=calling)
    with serving() as told:
        done = ask("--url", told["url"])
        assert done.exit_code == 1
        assert f"--max-examples 100 --url {told['url']} --only schema" in done.stdout
        assert "getUserSelf" in done.stdout or "operations that were called   1 of 58" in done.stdout


def test_a_key_that_is_refused_is_told_before_anything_is_judged(menu: Callable[..., None]) -> None:
    with serving("--keys", "strict") as told:
        done = ask("--url", told["url"], "--api-key", KEY)
    assert done.exit_code == 2
    assert "refuses the key" in done.stderr
    assert KEY not in done.output


def test_the_suite_has_its_parts() -> None:
    assert set(parts.PARTS) == set(PARTS_OF_THE_SUITE)


def test_help_tells_every_flag_and_how_it_ends() -> None:
    text = run("contract", "--help").stdout
    for flag in (
        "url",
        "seed",
        "max-examples",
        "workers",
        "only",
        "operation",
        "real",
        "budget",
        "spend",
        "json",
    ):
        assert f"--{flag}" in text
    assert "Exit: 0" in text


def test_importing_the_command_brings_nothing_heavy_along() -> None:
    code = "import sys, mockleo.cli.contract; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"schemathesis", "hypothesis", "httpx", "tracecov", "msgspec", "rich", "starlette"}
    assert not heavy & set(done.stdout.split())


def test_what_is_noted_for_a_run_is_gone_after_it(
    menu: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY", raising=False)
    folders = []

    def noting(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
        folders.append(Path(os.environ["HYPOTHESIS_STORAGE_DIRECTORY"]))
        assert folders[0].is_dir()
        well(plan, opener, tally, progress)

    menu(well=noting)
    assert ask().exit_code == 0
    assert "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ
    assert not folders[0].exists()


def test_it_leaves_nothing_in_the_folder_it_is_started_in(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *MOCKLEO,
            *[
                "contract",
                "--seed",
                "1",
                "--max-examples",
                "1",
                "--only",
                "schema",
                "--operation",
                "getUserSelf",
            ],
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("HYPOTHESIS")},
        check=False,
    )
    assert "seed 1" in done.stdout
    assert not list(tmp_path.iterdir())
