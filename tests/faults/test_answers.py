"""All faults on answers, before the call is carried out and after: what the client gets, what is
booked, and which of the two cannot be.
"""

from itertools import product

import pytest

from mockleo.faults.fault import AnswerFault
from mockleo.faults.menu import MENU
from mockleo.wire.sending import Sending
from tests.wire.tiny import Served, read_all, read_answer

from .rig import ANSWER, CUT, GOOD, HTML_TYPE, Description, Seen, Service, applied, read, refused, seen

PAGE = (
    b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n"
    b"<center><h1>%s</h1></center>\r\n</body>\r\n</html>\r\n"
)
SLOW = {"fault": "slow-body", "piece_bytes": 20, "piece_ms": 1_000}
NULL = {"fault": "null-field", "path": "sdGenerationJob.generationId"}
ADD = {"fault": "add-field", "path": "sdGenerationJob.cost", "value": {"amount": "1"}}


def flat(error: str, code: str = "unexpected") -> bytes:
    return f'{{"error":"{error}","path":"$","code":"{code}"}}'.encode()


def page(title: bytes) -> bytes:
    return PAGE % (title, title)


# Each fault, and what a client sees of it: where the call is carried out, and where it is not.
# None: it cannot be, for there is no answer to change.
TABLE: list[tuple[Description, Seen, Seen | None]] = [
    *[
        (fault, both, both)
        for fault, both in (
            ({"fault": "status", "status": 503}, Seen(503, flat("Service Unavailable"))),
            ({"fault": "status", "status": 204}, Seen(204)),
            ({"fault": "throttle"}, Seen(429, flat("Too many requests"))),
            (
                {"fault": "gateway-error", "status": 500},
                Seen(500, flat("Invalid response from authorization hook")),
            ),
            ({"fault": "gateway-error"}, Seen(502, page(b"502 Bad Gateway"), HTML_TYPE)),
            ({"fault": "redirect", "to": "/elsewhere"}, Seen(307)),
            ({"fault": "html-page"}, Seen(200, page(b"Just a moment..."), HTML_TYPE)),
            ({"fault": "empty-body"}, Seen(200)),
            ({"fault": "connection-close"}, CUT),
            ({"fault": "connection-reset"}, CUT),
            ({"fault": "connection-reset", "where": "head"}, CUT),
            ({"fault": "connection-reset", "where": "body"}, CUT),
            ({"fault": "outage"}, CUT),
        )
    ],
    ({"fault": "status", "status": 201}, Seen(201, ANSWER), Seen(201, b"{}")),
    ({"fault": "truncated-json"}, Seen(200, ANSWER[: len(ANSWER) // 2]), None),
    ({"fault": "wrong-type"}, Seen(200, ANSWER, "text/plain"), None),
    ({"fault": "latency", "ms": 30_000}, GOOD, None),
    (SLOW, GOOD, None),
    (NULL, Seen(200, ANSWER.replace(b'"a"', b"null")), None),
    (ADD, Seen(200, ANSWER.replace(b"7", b'7,"cost":{"amount":"1"}')), None),
]


def name(value: object) -> str | None:
    return f"{value['fault']} {value.get('status', '')}" if isinstance(value, dict) else None


def test_every_fault_on_answers_is_in_the_table() -> None:
    ours = {kind.__struct_config__.tag for kind in MENU if issubclass(kind, AnswerFault)}
    assert {description["fault"] for description, _, _ in TABLE} == ours


@pytest.mark.parametrize(("description", "after", "before"), TABLE, ids=name)
def test_what_a_client_gets_of_a_call_that_is_carried_out(
    description: Description, after: Seen, before: Seen | None
) -> None:
    service = Service({**description, "commit": True})
    assert seen(service) == after
    assert service.booked == 1


@pytest.mark.parametrize(("description", "after", "before"), TABLE, ids=name)
def test_what_a_client_gets_of_a_call_that_is_not(
    description: Description, after: Seen, before: Seen | None
) -> None:
    if before is None:
        refused({**description, "commit": False}, "^commit: ")
        # What is not said is what can be.
        assert read(description).commit
        return
    assert not read(description).commit
    service = Service(description)
    assert seen(service) == before
    assert service.booked == 0


@pytest.mark.parametrize("first", [description for description, _, _ in TABLE], ids=name)
@pytest.mark.parametrize("second", [description for description, _, _ in TABLE], ids=name)
def test_any_two_go_together(first: Description, second: Description) -> None:
    """In both orders, since the table is squared: an answer comes, or it is cut."""
    service = Service(first, second)
    got = seen(service)
    silent = {"connection-close", "connection-reset", "outage"}
    assert (got == CUT) is bool({first["fault"], second["fault"]} & silent)
    assert service.booked == (read(first).commit and read(second).commit)


# --- on a real socket ------------------------------------------------------------------------------

LOST = {
    "before": ({"fault": "connection-reset"}, "reset", None),
    "head": ({"fault": "connection-reset", "where": "head", "commit": True}, "reset", b""),
    "body": (
        {"fault": "connection-reset", "where": "body", "after_bytes": 9, "commit": True}, "reset", ANSWER[:9],
    ),
    "close": ({"fault": "connection-close", "commit": True}, "closed", None),
    "outage": ({"fault": "outage"}, "reset", None),
}  # fmt: skip


@pytest.mark.parametrize(("description", "end", "body"), LOST.values(), ids=LOST)
def test_on_a_socket_an_answer_is_lost(description: Description, end: str, body: bytes | None) -> None:
    with Served(Service(description)) as served, served.ask() as connection:
        came, ended = read_all(connection)
    assert ended == end
    assert served.noise == []
    if body is None:
        assert came == b""
        return
    head, _, rest = came.partition(b"\r\n\r\n")
    assert rest == body
    assert f"content-length: {len(ANSWER)}".encode() in head


def test_on_a_socket_truncated_json_is_whole_http() -> None:
    with Served(Service({"fault": "truncated-json"})) as served, served.ask() as connection:
        for _ in range(2):
            assert read_answer(connection)[2] == ANSWER[: len(ANSWER) // 2]
            # Nothing is wrong with the connection.
            connection.sendall(b"GET / HTTP/1.1\r\nhost: leo.test\r\n\r\n")


def test_on_a_socket_every_status_is_an_answer() -> None:
    served_statuses = [200, 204, 207, 299, 301, 304, 400, 418, 499, 500, 599]
    service = Service()
    with Served(service) as served, served.ask() as connection:
        read_answer(connection)
        for status in served_statuses:
            served.call(service.plan.clear)
            fault = read({"fault": "status", "status": status})
            served.call(lambda fault=fault: service.plan.add(fault, now_ms=0))  # type: ignore[misc]  # bound now
            connection.sendall(b"GET / HTTP/1.1\r\nhost: leo.test\r\n\r\n")
            assert read_answer(connection)[0] == status
    assert served.noise == []


# --- a fault that finds nothing to do --------------------------------------------------------------


NOWHERE = [{"fault": kind, "path": "nothing.here"} for kind in ("null-field", "add-field")]


@pytest.mark.parametrize(
    ("description", "body"),
    [
        *product(NOWHERE, [ANSWER, b"", b"<html>", b'{"a":', b"\xff", b"7", b'{"a": [ ]}']),
        ({"fault": "truncated-json"}, b""),
    ],
)
def test_what_cannot_be_done_leaves_the_answer_as_it_is(description: Description, body: bytes) -> None:
    assert applied(description, body) == Sending(status=200, body=body)
