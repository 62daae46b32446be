"""What schemathesis takes for a failure, and the contract says is right.

It judges by what is usual on the web: valid data is taken, a server does not answer 5xx, what was
deleted is 404. The service is not always usual, and the contract writes down where. So each of
these is looked at again with the answer in hand, and dropped only where the answer is, word for
word, what the contract has for that case. No check is switched off by this.

    not_a_server_error          a 5xx that is a row of errors.toml
    positive_data_acceptance    a refusal about something else than the form of the request, which
                                is all that a schema can say: the thing does not exist, the model
                                cannot do it, the credits do not suffice
    negative_data_rejection     a list of errors under 200, as the blueprints' backend sends them;
                                a call whose fault is in what the service does not read: a null,
                                a body on a GET that repeats what the path says
    use_after_free              the thing's root key with null under 200: there is no 404 for it
    unsupported_method          405 without the header Allow, where the text names the methods
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator
from schemathesis.core.failures import AcceptedNegativeData, ServerError
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse, UseAfterFree

from mockleo.conformance.checks import refusals
from mockleo.conformance.checks.seen import Seen
from mockleo.conformance.schema.way_out import as_answer, as_request, operation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemathesis.core.failures import Failure
    from schemathesis.core.transport import Response
    from schemathesis.generation.case import Case

    from mockleo.conformance.checks.promise import Promise

Json = Any
Validator = Draft202012Validator

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})

# Rows about the form of a request: what keeps to the schema is never refused with one of them.
OF_THE_FORM = frozenset(
    {
        "unauthenticated",
        "malformed-key",
        "endpoint-not-found",
        "method-not-allowed",
        "body-too-large",
        "not-the-api",
        "nowhere-at-all",
        "invalid-json",
        "unexpected-variable",
        "missing-variable",
        "wrong-type",
        "list-in-query",
        "malformed-uuid",
        "blueprint-wrong-type",
    }
)


class Allowed:
    """Knows the contract; `keep` is schemathesis' hook `filter_failure`."""

    def __init__(self, promise: Promise) -> None:
        self._promise = promise
        self._validators: dict[str, tuple[Mapping[str, Validator], Validator | None]] = {}

    def keep(self, failure: Failure, case: Case[Any], response: Response) -> bool:
        """Whether `failure` is one in the contract's eyes, too."""
        rule = next((rule for kind, rule in _RULES.items() if isinstance(failure, kind)), None)
        if rule is None:
            return True
        return not rule(self, failure, self._seen(case, response))

    def row(self, seen: Seen) -> str:
        """The name of the row of errors.toml that an answer is in every respect, "" where none."""
        told = refusals.told(seen.answer.status, seen.answer.body, seen.body, is_html=seen.is_html)
        for match in refusals.matches(self._promise.rows, told):
            if not refusals.differences(match.row, told):
                return match.row.name
        return ""

    def methods(self, label: str) -> frozenset[str]:
        """The methods that the contract has for a path; `label` is as in "GET /me"."""
        item = self._promise.openapi["paths"][label.partition(" ")[2]]
        return frozenset(method.upper() for method in item if method in _METHODS)

    def is_sound_as_read(self, seen: Seen) -> bool:
        """Whether a call keeps the contract in all that the service reads of it."""
        operation = seen.operation
        if operation is None:
            return False
        parameters, body = self._schemas(operation.id)
        for name, schema in parameters.items():
            text = seen.in_path.get(name, seen.query.get(name))
            # `?limit=` says nothing, as a null does.
            if text and not schema.is_valid(_typed(text)):
                return False
        return body is None or body.is_valid(_read(seen))

    def _schemas(self, name: str) -> tuple[Mapping[str, Validator], Validator | None]:
        """Validators for an operation's parameters in path and query, and for its body."""
        if name not in self._validators:
            self._validators[name] = self._compiled(name)
        return self._validators[name]

    def _compiled(self, name: str) -> tuple[Mapping[str, Validator], Validator | None]:
        openapi = self._promise.openapi
        operation = self._promise.operations[name]
        described = openapi["paths"][operation.path][operation.method.lower()]

        def compiled(schema: Json) -> Validator:
            return Draft202012Validator(
                {**schema, "components": openapi["components"]}, validate_formats=True
            )

        parameters = {}
        for given in described.get("parameters", ()):
            at = given.get("$ref", "").rpartition("/")[2]
            parameter = openapi["components"]["parameters"][at] if at else given
            parameters[parameter["name"]] = compiled(parameter["schema"])
        if "requestBody" not in described:
            return parameters, None
        return parameters, compiled(described["requestBody"]["content"]["application/json"]["schema"])

    def _seen(self, case: Case[Any], response: Response) -> Seen:
        operation = self._promise.operations.get(operation_of(case))
        return Seen(operation, as_request(response.request, ""), as_answer(response))


def _read(seen: Seen) -> Json:
    """What the service reads of a request's body.

    A null is the same as nothing at all. Of a GET or DELETE, what path or query say as well is
    taken from there, and what is no object says nothing. The prices of one service do not hang on the
    parameters of the others. Source: HAS; the last is assumed.
    """
    assert seen.operation is not None, "what is no operation has no variables"
    reads_only = seen.operation.method in {"GET", "DELETE"}
    if seen.sent is None:
        return {} if reads_only else seen.request.body.decode("utf-8", "replace")
    above = {**seen.in_path, **seen.query} if reads_only else {}
    body = {name: value for name, value in seen.sent.items() if value is not None and name not in above}
    if seen.operation.id == "pricingCalculator" and isinstance(body.get("serviceParams"), dict):
        asked = body.get("service")
        body["serviceParams"] = {
            name: value for name, value in body["serviceParams"].items() if name == asked
        }
    return body


def _typed(text: str) -> Json:
    """A text of a path or query as the value it stands for."""
    try:
        return int(text)
    except ValueError:
        return text


def _is_a_row(allowed: Allowed, failure: Failure, seen: Seen) -> bool:
    return bool(allowed.row(seen))


def _is_about_something_else(allowed: Allowed, failure: Failure, seen: Seen) -> bool:
    row = allowed.row(seen)
    if row == "blueprint-wrong-type":
        # Which type it has to have hangs on the field beside it, settingName.
        return "'input.nodeInputs.value'" in str(seen.body)
    return row not in OF_THE_FORM | {""}


def _is_refused_or_unread(allowed: Allowed, failure: Failure, seen: Seen) -> bool:
    if seen.is_refusal:
        return bool(allowed.row(seen))
    return allowed.is_sound_as_read(seen)


def _is_gone(allowed: Allowed, failure: Failure, seen: Seen) -> bool:
    return seen.is_success and seen.content is None


def _names_the_methods(allowed: Allowed, failure: Failure, seen: Seen) -> bool:
    if allowed.row(seen) != "method-not-allowed" or not isinstance(seen.body, dict):
        return False
    named = seen.body["error"].partition(": ")[2].replace(" ", "").split(",")
    return frozenset(named) == allowed.methods(str(failure.operation))


_RULES: Mapping[type[Failure], Callable[[Allowed, Failure, Seen], bool]] = {
    ServerError: _is_a_row,
    RejectedPositiveData: _is_about_something_else,
    AcceptedNegativeData: _is_refused_or_unread,
    UseAfterFree: _is_gone,
    UnsupportedMethodResponse: _names_the_methods,
}
