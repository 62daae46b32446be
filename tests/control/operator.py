"""The operator of one emulator in this process: asks its control API from the same machine."""

from typing import Any, NamedTuple

import httpx

from mockleo.control.menu import OPERATIONS
from tests.wire.leo import Leo

Json = Any

HERE = "http://127.0.0.1:5360"

# Whoever waits in a test for what does not come waits no time.
AT_ONCE = {"timeout_ms": 0}


class No(NamedTuple):
    """A refusal."""

    status: int
    field: str | None


class Operator:
    """Asks `leo`'s emulator. The verbs insist on success; `no` on a refusal."""

    def __init__(self, leo: Leo | None = None, **settings: Any) -> None:
        self.leo = Leo(**settings) if leo is None else leo
        self.app = self.leo.app

    def send(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self.leo.send(method, f"{HERE}/_mockleo/{path}", **given)

    def get(self, path: str, /, **query: Any) -> Json:
        return done(self.send("GET", path, params=query or None))

    def post(self, path: str, body: Json = None, /, **fields: Any) -> Json:
        return done(self.send("POST", path, json=fields if body is None else body))

    def put(self, path: str, body: Json) -> Json:
        return done(self.send("PUT", path, json=body))

    def patch(self, path: str, /, **fields: Any) -> Json:
        return done(self.send("PATCH", path, json=fields))

    def delete(self, path: str) -> Json:
        return done(self.send("DELETE", path))

    def no(self, method: str, path: str, **given: Any) -> No:
        """The status and the field of a refusal, which says something."""
        return refused(self.send(method, path, **given))


def done(answer: httpx.Response) -> Json:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json()


def refused(answer: httpx.Response) -> No:
    assert 400 <= answer.status_code < 500, f"{answer.request.method} {answer.request.url}: {answer.text}"
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["error", "field"]
    assert body["error"]
    if body["field"] is not None:
        assert body["field"] in body["error"], "a refusal says which field it is about"
    return No(answer.status_code, body["field"])


def a_busy_emulator(**settings: Any) -> Operator:
    """One with accounts, jobs that run, wait and have ended, faults, and a journal."""
    operator = Operator(**settings)
    leo = operator.leo
    leo.made(num_images=1, width=64, height=64)
    for _ in range(12):
        leo.order(num_images=1, width=64, height=64)
    leo.beside("another").order()
    leo.ask("GET", "/nothing")
    operator.post("faults", fault="status", id="busy", status=503, operations=["createDataset"])
    operator.send("POST", "keys", json={"name": "spare", "account": leo.user_id})
    return operator


def paths_of(operator: Operator, method: str) -> list[str]:
    """The path of each operation of that method, its placeholders filled with what is there."""
    values = {
        "/keys/{id}": next(iter(operator.leo.account.keys)),
        "/faults/{id}": "busy",
        "/jobs/{id}": next(iter(operator.leo.account.generations), "none"),
        "/accounts/{user_id}": operator.leo.user_id,
    }
    paths = []
    for operation in OPERATIONS:
        if operation.method == method:
            head, brace, rest = operation.path.partition("{")
            value = values.get(operation.path, "1")
            paths.append(f"{head}{value}{rest.partition('}')[2]}".lstrip("/") if brace else head.lstrip("/"))
    return paths
