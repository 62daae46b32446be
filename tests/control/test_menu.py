"""The menu as a whole: it is what is served, and nobody can break it by what he sends."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.control.menu import OPERATIONS

from .operator import Operator, a_busy_emulator, paths_of, refused

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PATHS = sorted({operation.path for operation in OPERATIONS})


def test_every_operation_stands_there_once_and_says_what_it_does() -> None:
    places = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(places)) == len(places)
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)
    for operation in OPERATIONS:
        assert operation.summary
        assert not operation.summary.endswith(".")


def test_only_what_was_decided_shows_secrets_or_is_for_anybody() -> None:
    assert {operation.id for operation in OPERATIONS if operation.shows_secrets} == {
        "health.environment",
        "bucket.show",
        "keys.create",
    }
    assert {operation.path for operation in OPERATIONS if operation.for_anybody} == {"/ready"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", [*METHODS, "OPTIONS", "BREW"])
def test_what_a_path_does_not_know_is_refused(method: str, path: str) -> None:
    known = {operation.method for operation in OPERATIONS if operation.path == path}
    literal = path.replace("{", "").replace("}", "").lstrip("/")
    if method in known:
        return
    answer = Operator().send(method, literal)
    assert refused(answer) == (405, "method")
    assert {each.strip() for each in answer.headers["allow"].split(",")} == known


@pytest.mark.parametrize(
    "path", ["nothing", "", "health/", "health/x", "key", "faults/x/y", "clock/advance/now", "%2e%2e", "é"]
)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_there_is_refused(method: str, path: str) -> None:
    assert Operator().no(method, path) == (404, "path")


def test_the_nearest_path_is_told() -> None:
    assert "did you mean /accounts?" in Operator().send("GET", "acounts").json()["error"]


def test_head_is_get_without_a_body() -> None:
    assert Operator().send("HEAD", "health").status_code == 200


def test_the_operators_calls_are_not_in_the_journal() -> None:
    operator = Operator()
    for path in paths_of(operator, "GET"):
        if path != "state":
            operator.send("GET", path)
    assert list(operator.app.record.exchanges) == []


def test_nothing_of_the_operators_is_below_the_emulated_paths() -> None:
    leo = Operator().leo
    assert leo.ask("GET", "/_mockleo/health").status_code == 404


def test_a_bug_of_ours_is_a_500_that_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    operator = Operator()
    monkeypatch.setattr(operator.app, "catch_up", lambda: 1 / 0)
    with pytest.raises(AssertionError, match="a bug of ours"):
        operator.send("GET", "health")
    assert "ZeroDivisionError" in caplog.text


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(
    {
        name
        for operation in OPERATIONS
        for name in getattr(operation.takes, "__struct_encode_fields__", ())
        if name != "timeout_ms"
    }
    | {"fault", "id", "times", "operations", "nth", "share", "status", "accounts", "version"}
)
# Values that some field or other takes.
LIKELY = st.sampled_from(
    ["status", "latency", "real", "manual", "FAIL", "5xx", "newest", "http://127.0.0.1:1/", 1, 0, 10**15, "1"]
)
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON, max_size=4)
# Who waits for what does not come waits for no time.
BODIES = JSON | OBJECTS | st.lists(OBJECTS, max_size=3)
SENT = st.sampled_from([operation for operation in OPERATIONS if operation.id != "state.show"])


@settings(max_examples=250, deadline=None)
@given(
    operation=SENT,
    body=BODIES,
    query=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=8), max_size=2),
)
def test_whatever_is_sent_is_answered_or_refused(operation: Any, body: Any, query: dict[str, str]) -> None:
    operator = busy()
    if operation.path.endswith("wait_for") and isinstance(body, dict):
        body = {**body, "timeout_ms": 0}
    path = operation.path.lstrip("/").replace("{", "").replace("}", "")
    given: dict[str, Any] = {"params": query} if operation.method == "GET" else {"json": body}
    answer = operator.send(operation.method, path, **given)
    if not answer.is_success:
        refused(answer)


@settings(max_examples=100, deadline=None)
@given(operation=SENT, body=st.binary(max_size=200) | JSON.map(lambda each: json.dumps(each).encode()[:-1]))
def test_whatever_bytes_are_sent(operation: Any, body: bytes) -> None:
    path = operation.path.lstrip("/").replace("{", "").replace("}", "")
    headers = {"content-type": "application/json"}
    answer = busy().send(operation.method, path, content=body, headers=headers)
    if not answer.is_success:
        refused(answer)


_BUSY: list[Operator] = []


def busy() -> Operator:
    """One emulator for all examples: what one has done to it, the next one meets."""
    if not _BUSY:
        _BUSY.append(a_busy_emulator())
    return _BUSY[0]
