"""From method and path to the operation: the table, and everything beside it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.core.errors import EndpointNotFound, MethodNotAllowed
from mockleo.wire.contract import load
from mockleo.wire.dispatch import Dispatch

from .leo import STRANGER, Leo, refused
from .promise import OPERATIONS

ROUTES = {
    ("GET", "/things"): "list",
    ("POST", "/things"): "create",
    ("GET", "/things/{id}"): "show",
    ("DELETE", "/things/{id}"): "delete",
    ("GET", "/things/user/{userId}"): "of user",
    ("POST", "/things/{thingId}/parts"): "add",
    ("GET", "/things/{id}/parts/{partId}"): "part",
    ("GET", "/me"): "me",
}


def a_dispatch() -> Dispatch[str]:
    dispatch: Dispatch[str] = Dispatch()
    for (method, template), name in ROUTES.items():
        dispatch.add(method, template, name)
    return dispatch


FOUND = {
    ("GET", "/things"): ("list", {}),
    ("POST", "/things"): ("create", {}),
    ("GET", "/things/7"): ("show", {"id": "7"}),
    ("DELETE", "/things/7"): ("delete", {"id": "7"}),
    ("GET", "/things/user/8"): ("of user", {"userId": "8"}),
    ("POST", "/things/7/parts"): ("add", {"thingId": "7"}),
    ("GET", "/things/7/parts/9"): ("part", {"id": "7", "partId": "9"}),
    ("GET", "/me"): ("me", {}),
    ("GET", "//me"): ("me", {}),
    ("GET", "me"): ("me", {}),
    ("GET", "/things//7"): ("show", {"id": "7"}),
}

# Paths that are there, and what may be done with them.
ALLOWED = {
    "/things": "GET,POST",
    "/things/7": "DELETE,GET",
    "/things/user/8": "GET",
    "/things/7/parts": "POST",
    "/things/7/parts/9": "GET",
    "/me": "GET",
}

NOWHERE = (
    "", "/", "//", "/thing", "/Things", "/things/", "/me/", "/me//", "/me/7", "/things/7/parts/9/8", "/{id}",
    "/things/user",  # a word of a path is never an id
)  # fmt: skip

METHODS = ("GET", "POST", "DELETE", "PUT", "HEAD", "get", "")


@pytest.mark.parametrize(("method", "path"), FOUND)
def test_a_route_is_found(method: str, path: str) -> None:
    name, values = FOUND[method, path]
    found, given_values = a_dispatch().find(method, path)
    assert (found, dict(given_values)) == (name, values)


@pytest.mark.parametrize(("method", "path"), list(product(METHODS, ALLOWED)))
def test_every_other_method_is_not_allowed(method: str, path: str) -> None:
    if (method, path) in FOUND:
        return
    with pytest.raises(MethodNotAllowed) as told:
        a_dispatch().find(method, path)
    assert told.value.facts == {"allowed": ALLOWED[path]}


@pytest.mark.parametrize(("method", "path"), list(product(METHODS, NOWHERE)))
def test_every_other_path_is_nowhere(method: str, path: str) -> None:
    with pytest.raises(EndpointNotFound):
        a_dispatch().find(method, path)


def test_a_part_of_a_path_is_nowhere() -> None:
    dispatch: Dispatch[str] = Dispatch()
    dispatch.add("GET", "/a/b/c", "deep")
    with pytest.raises(EndpointNotFound):
        dispatch.find("GET", "/a/b")


def test_a_route_stands_there_once() -> None:
    dispatch = a_dispatch()
    with pytest.raises(AssertionError, match="GET /me stands there twice"):
        dispatch.add("GET", "/me", "again")


@given(
    st.lists(st.sampled_from(["things", "user", "parts", "7", "", "me"]), max_size=6),
    st.sampled_from(METHODS),
)
def test_any_path_is_found_or_refused(segments: list[str], method: str) -> None:
    path = "/" + "/".join(segments)
    try:
        name, values = a_dispatch().find(method, path)
    except (EndpointNotFound, MethodNotAllowed):
        return
    assert not path.endswith("/")
    template = next(template for (of, template), each in ROUTES.items() if each == name and of == method)
    filled = template.format(**values)
    assert filled.split("/")[1:] == [segment for segment in segments if segment]


# --- the real table ------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_found_by_its_own_path(operation: str) -> None:
    dispatch: Dispatch[str] = Dispatch()
    for each in load().operations:
        dispatch.add(each.method, each.path, each.id)
    method, path, _ = OPERATIONS[operation]
    names = [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]

    found, values = dispatch.find(method, path.format(**dict.fromkeys(names, STRANGER)))

    assert (found, dict(values)) == (operation, dict.fromkeys(names, STRANGER))


@pytest.mark.parametrize(
    ("method", "path", "status", "error", "code"),
    [
        ("GET", "/nothing", 404, "Endpoint not found", "not-found"),
        ("GET", "", 404, "Endpoint not found", "not-found"),
        ("GET", "/", 404, "Endpoint not found", "not-found"),
        ("GET", "/me/", 404, "Endpoint not found", "not-found"),
        ("GET", "/me/more", 404, "Endpoint not found", "not-found"),
        ("PUT", "/me", 405, "Allowed methods: GET", "method-not-allowed"),
        ("HEAD", "/me", 405, "Allowed methods: GET", "method-not-allowed"),
        ("PATCH", f"/generations/{STRANGER}", 405, "Allowed methods: DELETE,GET", "method-not-allowed"),
        ("GET", "/generations", 405, "Allowed methods: POST", "method-not-allowed"),
    ],
)
def test_a_path_or_method_of_nothing(method: str, path: str, status: int, error: str, code: str) -> None:
    answer = Leo().ask(method, path)
    if method == "HEAD":
        assert answer.status_code == status
    else:
        assert refused(answer) == (status, error, "$", code)
