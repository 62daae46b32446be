"""Statuses, refusals, and who is let in: a wrong code, a wrong shape, a door that stands open."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mockleo.core import errors
from mockleo.core.errors import LeoError
from mockleo.wire import http
from mockleo.wire.auth import Doorkeeper
from mockleo.wire.call import Call
from mockleo.wire.errors import Answer, Refusals
from tests.conformance.bugs.planting import Bug, Planted, answer, function, method, refusal


def _written(change: Callable[[Answer, LeoError], Answer]) -> Planted:
    """Let refusals be written otherwise."""

    def make(true: Any) -> Any:
        return lambda refusals, error: change(true(refusals, error), error)

    return method(Refusals, "write", make)


def _body(change: Callable[[dict[str, Any]], object]) -> Planted:
    """Let the body of each refusal of the usual shape be another one."""

    def write(told: Answer, error: LeoError) -> Answer:
        body = None if told.html else msgspec.json.decode(told.body)
        if not isinstance(body, dict):
            return told
        return msgspec.structs.replace(told, body=msgspec.json.encode(change(body)))

    return _written(write)


def _status(of: type[LeoError], status: int) -> Planted:
    return _written(
        lambda told, error: msgspec.structs.replace(told, status=status) if isinstance(error, of) else told
    )


def _crash(where: Callable[[Call], bool]) -> Callable[[Any, Call], Any]:
    """Break down at some calls."""

    def change(told: Any, call: Call) -> Any:
        assert not where(call), "a mistake that was planted"
        return told

    return change


def _headers(content_type: bytes) -> Planted:
    def make(true: Any) -> Any:
        async def write(writer: Any, send: Any, **named: Any) -> None:
            await true(writer, send, **{**named, "content_type": content_type})

        return write

    return method(http.Writer, "write", make)


def _status_of_answers(operation: str, status: int) -> Planted:
    """Answer one operation with another status, whenever it is answered and not refused."""

    def make(true: Any) -> Any:
        async def answer_call(app: Any, visit: Any, scope: Any, receive: Any, send: Any) -> None:
            async def sent(message: Any) -> None:
                if message.get("status") == 200 and visit.name == operation:
                    message = {**message, "status": status}
                await send(message)

            await true(app, visit, scope, receive, sent)

        return answer_call

    return function("mockleo.app.answer_call", make)


def _anybody(true: Any) -> Any:
    """Whoever comes is taken for the owner of the first key."""

    def key(keeper: Doorkeeper, world: Any, authorization: bytes | None) -> Any:
        return next(iter(world.keys.values()))

    return key


def _any_key(true: Any) -> Any:
    def key(keeper: Doorkeeper, world: Any, authorization: bytes | None) -> Any:
        if authorization is None:
            raise errors.Unauthenticated
        return next(iter(world.keys.values()))

    return key


def _no_scheme(true: Any) -> Any:
    def good_key(keeper: Doorkeeper, world: Any, authorization: str) -> Any:
        bare = authorization.partition(" ")[2] or authorization
        return true(keeper, world, f"Bearer {bare}")

    return good_key


def _validates_first(steps: tuple[Callable[..., None], ...]) -> tuple[Callable[..., None], ...]:
    by_name = {step.__name__: step for step in steps}
    order = ("catch_up", "find_operation", "validate", "authenticate", "meet_faults", "keep_limits", "answer")
    return tuple(by_name[name] for name in order)


def _missing_is_404(operation: str) -> Planted:
    """Answer 404 where the service says null."""

    def change(told: Any, call: Call) -> Any:
        if told is None:
            raise errors.EndpointNotFound
        return told

    return answer(operation, change)


BUGS: Mapping[str, Bug] = {
    "created-is-201": Bug("a new dataset is answered 201", lambda: _status_of_answers("createDataset", 201)),
    "read-is-206": Bug("a generation is answered 206", lambda: _status_of_answers("getGenerationById", 206)),
    "delete-is-204": Bug("a delete is answered 204", lambda: _status_of_answers("deleteGenerationById", 204)),
    "unknown-generation-breaks": Bug(
        "an unknown id is answered 500",
        lambda: answer(
            "getGenerationById", _crash(lambda call: call.args["id"] not in call.account.generations)
        ),
    ),
    "unknown-dataset-is-404": Bug(
        "an unknown dataset is answered 404, not null",
        lambda: _missing_is_404("getDatasetById"),
    ),
    "breaks-at-foreign-letters": Bug(
        "a prompt with letters beyond ASCII is answered 500",
        lambda: answer("createGeneration", _crash(lambda call: not call.args["prompt"].isascii())),
    ),
    "breaks-at-offset": Bug(
        "a large offset is answered 500",
        lambda: answer("getGenerationsByUserId", _crash(lambda call: call.args.get("offset", 0) > 1_000)),
    ),
    "breaks-at-description": Bug(
        "a dataset with a description is answered 500",
        lambda: answer("createDataset", _crash(lambda call: bool(call.args.get("description")))),
    ),
    "wrong-code": Bug(
        "an unexpected variable is refused with another code",
        lambda: refusal("unexpected-variable", code="validation-failed"),
    ),
    "wrong-code-for-credits": Bug(
        "an empty account is refused with another code",
        lambda: refusal("out-of-credits", code="payment-required"),
    ),
    "unknown-code": Bug(
        "a missing variable is refused with a code that is not in the contract",
        lambda: refusal("missing-variable", code="missing"),
    ),
    "wrong-text": Bug(
        "an unknown key is refused in other words", lambda: refusal("unauthenticated", error="Who are you?")
    ),
    "wrong-path": Bug(
        "a wrong type is refused without saying where", lambda: refusal("wrong-type", path="$")
    ),
    "refusal-without-code": Bug(
        "refusals have no code",
        lambda: _body(lambda body: {name: told for name, told in body.items() if name != "code"}),
    ),
    "refusal-in-an-envelope": Bug(
        "refusals stand in an envelope", lambda: _body(lambda body: {"errors": [body]})
    ),
    "refusal-with-message": Bug(
        "refusals call their text `message`",
        lambda: _body(lambda body: {"message": body["error"], "path": body["path"], "code": body["code"]}),
    ),
    "refusal-with-a-stack": Bug(
        "refusals tell where in the code they were made",
        lambda: _body(lambda body: {**body, "stack": "at handler (index.js:10)"}),
    ),
    "refusal-is-empty": Bug(
        "refusals have no body", lambda: _written(lambda told, error: msgspec.structs.replace(told, body=b""))
    ),
    "blueprint-refusal-is-flat": Bug(
        "the blueprint backend refuses in the other one's shape",
        lambda: refusal("blueprint-not-found", shape="flat"),
    ),
    "unknown-key-is-403": Bug("an unknown key is answered 403", lambda: _status(errors.Unauthenticated, 403)),
    "bad-variables-are-422": Bug(
        "what does not fit the types is answered 422", lambda: _status(errors.BadVariables, 422)
    ),
    "bad-values-are-200": Bug(
        "what is out of range is answered 200", lambda: _status(errors.InvalidInput, 200)
    ),
    "filtered-word-is-500": Bug("a filtered word is answered 500", lambda: _status(errors.WordFiltered, 500)),
    "out-of-credits-is-402": Bug(
        "an empty account is answered 402", lambda: _status(errors.OutOfCredits, 402)
    ),
    "throttled-is-503": Bug("too many calls are answered 503", lambda: _status(errors.Throttled, 503)),
    "no-such-path-is-200": Bug(
        "an unknown path is answered 200", lambda: _status(errors.EndpointNotFound, 200)
    ),
    "wrong-method-is-404": Bug(
        "a wrong method is answered 404", lambda: _status(errors.MethodNotAllowed, 404)
    ),
    "json-as-html": Bug("JSON is said to be a page", lambda: _headers(b"text/html; charset=utf-8")),
    "json-as-text": Bug("JSON is said to be text", lambda: _headers(b"text/plain")),
    "nobody-is-let-in": Bug("a call without a key is let in", lambda: method(Doorkeeper, "key", _anybody)),
    "any-key-is-let-in": Bug("any key is let in", lambda: method(Doorkeeper, "key", _any_key)),
    "key-without-its-scheme": Bug(
        "a key is let in whatever stands before it", lambda: method(Doorkeeper, "_good_key", _no_scheme)
    ),
    "malformed-key-is-401": Bug(
        "a key that is none is refused as an unknown one",
        lambda: refusal(
            "malformed-key",
            status=401,
            error="Authentication hook unauthorized this request",
            code="access-denied",
        ),
    ),
    "looks-before-it-asks-who": Bug(
        "variables are looked at before the key", lambda: function("mockleo.pipeline.STEPS", _validates_first)
    ),
}
