"""The official TypeScript SDK, unmodified, against the emulator: every function, both interfaces.

The journeys are in `typescript/journeys.mjs`; here they are run, and each one must have passed.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

import mockleo

HERE = Path(__file__).parent / "typescript"
LOCK = HERE / "package-lock.json"
INSTALLED = HERE / "node_modules" / ".package-lock.json"

RESULT = re.compile(r"^(ok|not ok) \d+ - (.+?)(?: # (SKIP|TODO).*)?$", re.MULTILINE)
INSTALL_SECONDS_MAX = 120
JOURNEYS_SECONDS_MAX = 120

# That nothing is left out is for these to say.
COMPLETE = {
    "every method of the classes was called",
    "every standalone function was called",
    "the SDK has as many functions as this suite was written for",
}


def unavailable(reason: str) -> NoReturn:
    """Where everything is to be tested this is a failure; on a machine without Node.js it is not."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def node() -> str:
    """The Node.js to run, with the SDK installed as the lock says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        unavailable("Node.js and npm are needed for the TypeScript SDK")
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime:
        install = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = run(install, seconds_max=INSTALL_SECONDS_MAX)
        if done.returncode != 0:
            unavailable(f"npm ci could not install the TypeScript SDK:\n{done.stdout}{done.stderr}")
        INSTALLED.touch()
    return node


@pytest.mark.node
def test_every_journey_passes(node: str, emulator: mockleo.Emulator, api_key: str) -> None:
    done = run(
        [node, "--test", "--test-reporter=tap", "journeys.mjs"],
        seconds_max=JOURNEYS_SECONDS_MAX,
        MOCKLEO_URL=emulator.url,
        LEONARDO_BASE_URL=emulator.base_url,
        LEONARDO_API_KEY=api_key,
    )

    results = RESULT.findall(done.stdout)
    failed = {name for result, name, directive in results if result != "ok" or directive}
    assert not failed, "".join(told for told in by_subtest(done.stdout) if told.startswith(tuple(failed)))
    assert {name for _, name, _ in results} > COMPLETE, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.node
def test_a_broken_journey_is_seen(node: str) -> None:
    """With nobody at home every journey fails, and so does the count of what was called."""
    done = run(
        [node, "--test", "--test-reporter=tap", "journeys.mjs"],
        seconds_max=JOURNEYS_SECONDS_MAX,
        LEONARDO_BASE_URL="http://127.0.0.1:1/api/rest/v1",
        LEONARDO_API_KEY="00000000-0000-4000-8000-000000000000",
    )

    passed = [name for result, name, _ in RESULT.findall(done.stdout) if result == "ok"]
    assert passed == ["the SDK has as many functions as this suite was written for"], done.stdout
    assert done.returncode != 0


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in LOCK.read_text(encoding="utf-8")


def by_subtest(report: str) -> list[str]:
    """The parts of a TAP report, each beginning with the name of its test."""
    return report.split("# Subtest: ")


def run(command: list[str], *, seconds_max: float, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=HERE,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=seconds_max,
        check=False,
    )
