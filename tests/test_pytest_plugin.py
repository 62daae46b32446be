"""The fixture `mockleo`, as somebody else's tests meet it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

CLIENT = """
    import json, os, urllib.request

    def call(method, path, body=None):
        request = urllib.request.Request(
            os.environ["LEONARDO_BASE_URL"] + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": "Bearer " + os.environ["LEONARDO_API_KEY"],
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def order(prompt="a cat"):
        told = call("POST", "/generations", {"prompt": prompt, "num_images": 1})
        return told["sdGenerationJob"]["generationId"]

    def status(job):
        return call("GET", f"/generations/{job}")["generations_by_pk"]["status"]
"""


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(client=CLIENT)
    pytester.makeini("[pytest]\nfilterwarnings = error")
    return pytester


def run(tests: pytest.Pytester, text: str, *flags: str) -> pytest.RunResult:
    tests.makepyfile(test_it="from client import *\nimport pytest\n" + text)
    return tests.runpytest_subprocess("-p", "no:cacheprovider", *flags)


def test_code_under_test_need_not_change(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
def test_it(mockleo):
    job = order()
    mockleo.clock.advance(60_000)
    assert status(job) == "COMPLETE"
    assert mockleo.requests.count(operation="createGeneration") == 1
    assert os.environ["MOCKLEO_URL"] == mockleo.url
    assert mockleo.base_url.endswith("/api/rest/v1")
    verdict = mockleo.grade(jobs=1)
    assert (verdict.grade, verdict.findings) == ("A", ())

def test_the_environment_is_as_before():
    assert "LEONARDO_API_KEY" not in os.environ
""",
    )
    result.assert_outcomes(passed=2)


def test_each_test_has_an_account_of_its_own(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
seen = set()

@pytest.mark.parametrize("nth", range(3))
def test_it(mockleo, nth):
    assert mockleo.account not in seen
    seen.add(mockleo.account)
    before = mockleo.balance()
    order()
    assert mockleo.balance() == before - 15
    assert len(mockleo.requests.all()) == 1
    assert mockleo.webhooks.all() == []

def test_on_one_server(mockleo, mockleo_server):
    assert mockleo.emulator is mockleo_server.emulator
""",
    )
    result.assert_outcomes(passed=4)


def test_faults_are_one_tests(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
def test_it(mockleo):
    mockleo.faults.add("status", status=503, operations=["createGeneration"], nth=[1])
    with pytest.raises(urllib.error.HTTPError) as caught:
        order()
    caught.value.close()
    assert caught.value.code == 503
    order()
    assert mockleo.requests.count(status="503") == 1

def test_others_have_none(mockleo):
    order()
    assert mockleo.emulator.control("GET", "faults")["faults"] == []
""",
    )
    result.assert_outcomes(passed=2)


def test_time_passes_as_before_after_a_test_that_has_moved_it(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
def test_it(mockleo):
    now = mockleo.clock.now_ms
    mockleo.clock.advance(5_000)
    assert mockleo.clock.now_ms >= now + 5_000
    assert mockleo.emulator.control("GET", "clock")["mode"] == "manual"

def test_another(mockleo):
    assert mockleo.emulator.control("GET", "clock")["mode"] == "auto"
""",
    )
    result.assert_outcomes(passed=2)


def test_what_went_wrong_is_graded(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
def test_it(mockleo):
    mockleo.faults.add("status", status=500, commit=True, operations=["createGeneration"], nth=[1])
    with pytest.raises(urllib.error.HTTPError) as caught:
        order()
    caught.value.close()
    order()
    assert "double-spend" in {found.check for found in mockleo.grade().findings}
    assert mockleo.grade().grade == "F"
""",
    )
    result.assert_outcomes(passed=1)


def test_a_scenario_by_name_and_settings(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
@pytest.mark.mockleo(scenario="lost-answer")
def test_it(mockleo):
    order("one")
    with pytest.raises(ConnectionError):
        order("two")
    assert mockleo.grade(exit_code=1).scenario == "lost-answer"

@pytest.mark.mockleo(credits=10)
def test_settings(mockleo):
    assert mockleo.balance() == 10
""",
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("mark", "words"),
    [("scenario='lost-anser'", "did you mean lost-answer?"), ("'lost-answer'", "by name"),
     ("creditz=1", "creditz")],
)  # fmt: skip
def test_what_there_is_not_is_named(tests: pytest.Pytester, mark: str, words: str) -> None:
    result = run(tests, f"@pytest.mark.mockleo({mark})\ndef test_it(mockleo): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words}*"])


def test_a_failure_shows_the_last_exchanges(tests: pytest.Pytester) -> None:
    result = run(tests, "def test_it(mockleo):\n    order()\n    assert False\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mockleo: the last exchanges*", "*POST   /api/rest/v1/generations -> 200*"])
    result.stdout.no_fnmatch_line("*Bearer *-*-*")


def test_a_webhook_is_waited_for(tests: pytest.Pytester) -> None:
    result = run(
        tests,
        """
def test_it(mockleo, monkeypatch):
    key = mockleo.webhooks.send_to("http://127.0.0.1:9/hook", "a bearer of ours")
    monkeypatch.setenv("LEONARDO_API_KEY", key)
    job = order()
    [sent] = mockleo.webhooks.wait_for(job=job)
    assert sent["type"] == "image_generation.complete"
    [asked] = mockleo.requests.wait_for(operation="createGeneration")
    assert asked["booked"] == [job]
""",
    )
    result.assert_outcomes(passed=1)


def test_workers_have_servers_of_their_own(tests: pytest.Pytester) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is among the tests' requirements")
    result = run(
        tests,
        """
@pytest.mark.parametrize("nth", range(6))
def test_it(mockleo, nth):
    order()
    assert mockleo.requests.count() == 1
""",
        "-n", "2",
    )  # fmt: skip
    result.assert_outcomes(passed=6)


def test_settings_of_the_project(tests: pytest.Pytester) -> None:
    tests.makeini("[pytest]\nmockleo_time = manual\nmockleo_seed = 7")
    result = run(
        tests,
        """
def test_it(mockleo):
    assert (mockleo.emulator.settings.time, mockleo.emulator.settings.seed) == ("manual", 7)
""",
    )
    result.assert_outcomes(passed=1)


def test_unused_it_costs_nothing() -> None:
    """Nothing of mockleo's is imported but the plugin itself."""
    code = (
        "import sys, mockleo.pytest_plugin\n"
        "heavy = ('mockleo.', 'starlette', 'httpx', 'msgspec')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "['mockleo.pytest_plugin']"
