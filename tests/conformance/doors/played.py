"""A second server that plays the real service, with differences that somebody has planted.

Behind it is an emulator, so that it has a state and books; in front of it a real socket on this
machine. What it has heard and what it has charged, it knows itself.
"""

import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import msgspec

from mockleo import contracts
from mockleo.conformance.door import Answer, Request
from mockleo.proving import TheEmulator

CREDITS = 1_000_000
CREDIT_MICRO = 1_495

# Makes another answer of the emulator's, or none: then the line goes dead after everything was done.
Difference = Callable[[Request, Answer], Answer | None]


class Played:
    """The real service, for as long as the `with` block lasts; `differences` come one after the other."""

    def __init__(self, *differences: Difference, plan: str = "payg", credits: int = CREDITS) -> None:
        self._differences = differences
        self._credits = credits
        settings = {"plan": plan, "credits": credits, "rules": _without_limits(plan)}
        self._door = TheEmulator().fresh(seed=7, settings=settings)
        self.api_key = self._door.api_key
        self.heard: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.base_url = f"{self.url}/api/rest/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._door.close()

    def read(self, path: str) -> Any:
        """What the account sees, past all differences."""
        headers = (("authorization", f"Bearer {self.api_key}"),)
        answer = self._door.send(Request(method="GET", url=self._door.base_url + path, headers=headers))
        return msgspec.json.decode(answer.body)

    def pass_time(self, ms: int) -> None:
        """Let so much of the service's time pass; its jobs come to their ends."""
        self._door.wait(ms)

    @property
    def charged_micro(self) -> int:
        """What it has charged, in millionths of a dollar, by the emulator's books."""
        (me,) = self.read("/me")["user_details"]
        return (self._credits - int(me["apiPaidTokens"]) - int(me["apiSubscriptionTokens"])) * CREDIT_MICRO

    def methods(self) -> list[str]:
        """Methods and paths of what was heard."""
        return [f"{request.method} {request.url.removeprefix('/api/rest/v1')}" for request in self.heard]

    def _answer(self, request: Request) -> Answer | None:
        self.heard.append(request)
        inside = self._door.base_url.removesuffix("/api/rest/v1")
        headers = tuple((name, value) for name, value in request.headers if name.lower() != "host")
        told: Answer | None = self._door.send(
            Request(method=request.method, url=inside + request.url, headers=headers, body=request.body)
        )
        for difference in self._differences:
            if told is None:
                return None
            told = difference(request, told)
        if told is None:
            return None
        # It calls itself by its own name.
        return msgspec.structs.replace(told, body=told.body.replace(inside.encode(), self.url.encode()))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        played = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet: two of them wait for each other's acknowledgement.
            wbufsize = -1

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(
                    method=self.command, url=self.path, headers=tuple(self.headers.items()), body=body
                )
                told = played._answer(request)
                if told is None:
                    self.close_connection = True
                    return
                self.send_response_only(told.status)
                for name, value in told.headers:
                    if name not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_OPTIONS = answer

            def log_message(self, *said: object) -> None:
                """Keep quiet."""

        return Handler


def _without_limits(plan: str) -> dict[str, str]:
    """Its clock stands still, and so would a minute's count of calls."""
    limits = contracts.rules()["plans"][plan]["values"]
    return {
        f"plans.{plan}.{table}.{name}": "1000000"
        for table in ("per_minute", "pending")
        for name in limits[table]
    }


# --- differences -----------------------------------------------------------------------------------


def lost(*, every: int, of: str = "POST") -> Difference:
    """Each so many-th answer to such calls is lost, after the money was taken."""
    counted, lock = [0], threading.Lock()

    def difference(request: Request, answer: Answer) -> Answer | None:
        if request.method != of:
            return answer
        with lock:
            counted[0] += 1
            return None if counted[0] % every == 0 else answer

    return difference


def replaced(pattern: str, by: str, *, at: str = "") -> Difference:
    """Other words in the bodies of answers to calls whose path contains `at`: a field, a type, a price."""

    def difference(request: Request, answer: Answer) -> Answer:
        if at not in request.url:
            return answer
        return msgspec.structs.replace(answer, body=re.sub(pattern.encode(), by.encode(), answer.body))

    return difference


def status(
    number: int, *, at: str, headers: tuple[tuple[str, str], ...] = (), method: str = ""
) -> Difference:
    """Another status for calls whose path contains `at`."""

    def difference(request: Request, answer: Answer) -> Answer:
        if at not in request.url or (method and request.method != method):
            return answer
        return msgspec.structs.replace(answer, status=number, headers=(*answer.headers, *headers))

    return difference
