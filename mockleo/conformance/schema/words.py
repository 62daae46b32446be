"""schemathesis' failures, in words for somebody who has never heard of it.

One row for each of its checks: what is wrong, what the contract says, what to look at. A message
is the same for all answers that are wrong in the same way, since alike findings are told as one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from schemathesis.openapi.checks import JsonSchemaError

from mockleo.conformance.checks.promise import graded_as
from mockleo.conformance.curl import curl
from mockleo.conformance.schema.way_out import as_request
from mockleo.conformance.tally import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemathesis.core.failures import Failure
    from schemathesis.core.transport import Response
    from schemathesis.generation.case import Case

    from mockleo.conformance.schema.walk import Nothing

PART = "schema"

_SEEN_CHARS_MOST = 600
_KEPT_AWAY = (
    "Look at where the first call keeps what it makes: the second does not find it by the id it was told."
)
_BROKEN_LINE = "Invalid component: "


class Failed(msgspec.Struct, frozen=True):
    """A failure with the call that shows it."""

    failure: Any  # schemathesis' `Failure`
    case: Any  # schemathesis' `Case`
    response: Any  # schemathesis' `Response`


class Words(msgspec.Struct, frozen=True):
    message: Callable[[Failed], str]
    expected: Callable[[Failed], str]
    fix: str


def called(check: str) -> str:
    """How reports call one of schemathesis' checks."""
    return check.replace("_", "-")


def finding(
    check: str,
    failure: Failure,
    case: Case[Any],
    response: Response,
    *,
    api_key: str,
    steps: tuple[str, ...] = (),
    replay: str = "",
) -> Finding:
    """A failure of schemathesis' `check` as the suite tells it."""
    failed = Failed(failure, case, response)
    words = WORDS.get(check, _ANY)
    text = response.content[:_SEEN_CHARS_MOST].decode("utf-8", "replace")
    return Finding(
        part=PART,
        check=called(check),
        operation=str(case.operation.definition.raw["operationId"]),
        message=words.message(failed),
        expected=words.expected(failed),
        fix=words.fix,
        curl=curl(as_request(response.request, ""), api_key=api_key),
        seen=f"{response.status_code} {text}".replace(api_key, "$LEONARDO_API_KEY"),
        steps=steps,
        replay=replay,
    )


def led_nowhere(nothing: Nothing, *, api_key: str) -> Finding:
    """A link of the contract whose end is empty."""
    link = nothing.link
    text = nothing.answer.body[:_SEEN_CHARS_MOST].decode("utf-8", "replace")
    return Finding(
        part=PART,
        check="link-followed",
        operation=link.target,
        message=f"what {link.source} has given is not there: the link {link.name} leads to null",
        expected=f"{link.target} finds what it is given from the answer of {link.source}",
        fix=_KEPT_AWAY,
        curl=curl(nothing.request, api_key=api_key),
        seen=f"{nothing.answer.status} {text}".replace(api_key, "$LEONARDO_API_KEY"),
        steps=tuple(curl(step, api_key=api_key) for step in nothing.steps),
    )


def _status(failed: Failed) -> int:
    return int(failed.response.status_code)


def _evidence(failed: Failed) -> str:
    raw = failed.case.operation.definition.raw
    return graded_as(raw["x-evidence"], tuple(raw["x-source"]))


def _listed(failed: Failed) -> str:
    statuses = ", ".join(sorted(failed.case.operation.definition.raw["responses"]))
    return f"the contract lists {statuses} for this operation {_evidence(failed)}"


def _content_type(failed: Failed) -> str:
    return ", ".join(failed.response.headers.get("content-type", ["missing"]))


def _where(failed: Failed) -> str:
    """Where in an answer's body: `generations[].id`."""
    made = ""
    for step in getattr(failed.failure, "instance_path", ()):
        made += "[]" if isinstance(step, int) else f".{step}"
    return made.removeprefix(".") or "the whole body"


def _unlike(failed: Failed) -> str:
    if not isinstance(failed.failure, JsonSchemaError):
        return "the answer's body cannot be read as the JSON that its Content-Type says it is"
    path = failed.failure.schema_path
    broken = path[-1] if path else ""
    return f"the answer is not as the contract describes it: {_where(failed)} breaks “{broken}”"


def _unlike_what(failed: Failed) -> str:
    first = str(failed.failure.message).split("\n\n", 1)[0]
    return f"{first} {_evidence(failed)}"


def _broken(failed: Failed) -> str:
    """What is wrong with a request that was made wrong on purpose."""
    for line in str(failed.failure.message).splitlines():
        if line.startswith(_BROKEN_LINE):
            # Values differ from call to call.
            return re.sub(r"'[^']*'|\"[^\"]*\"", "…", line.removeprefix(_BROKEN_LINE))
    return "its form"


def _refusal(failed: Failed) -> str:
    """What a refusal says, without what was filled in."""
    text = failed.response.content[:2_000].decode("utf-8", "replace")
    found = re.search(r'"(?:error|message)" *: *"((?:[^"\\]|\\.)*)"', text)
    said = found[1] if found else text[:80]
    return re.sub(r"\\\".*?\\\"|'[^']*'|\d+", "…", said)[:120]


def _auth(failed: Failed) -> str:
    kind = {
        "no_auth": "without any key",
        "invalid_auth": "with a key that nobody was issued",
        "generated_auth": "with a key that nobody was issued",
    }.get(str(failed.failure.scenario), "without a good key")
    return f"a call {kind} is answered with {_status(failed)}"


WORDS: Mapping[str, Words] = {
    "not_a_server_error": Words(
        lambda failed: (
            f"the server fails: status {_status(failed)}, with an error that the contract does not know"
        ),
        lambda failed: "a status of 500 or more only with the text and code of a row of errors.toml",
        "Look for the exception in the server's log; bad input has to be refused with a 4xx.",
    ),
    "status_code_conformance": Words(
        lambda failed: f"status {_status(failed)} is not one that the contract lists for this operation",
        _listed,
        "Answer with a listed status, or list this one for the operation if it is right.",
    ),
    "content_type_conformance": Words(
        lambda failed: f"the answer's Content-Type is {_content_type(failed)}",
        lambda failed: f"application/json {_evidence(failed)}",
        "Look at how this answer's headers are written.",
    ),
    "response_headers_conformance": Words(
        lambda failed: "a header of the answer is missing, or not as the contract describes it",
        _unlike_what,
        "Look at how this answer's headers are written.",
    ),
    "response_schema_conformance": Words(
        _unlike,
        _unlike_what,
        "Compare the answer with the operation's schema: a field is missing, misnamed or of another type.",
    ),
    "negative_data_rejection": Words(
        lambda failed: (
            f"a request that breaks the contract is answered with {_status(failed)}: {_broken(failed)}"
        ),
        lambda failed: f"a refusal, with a 4xx that the contract lists {_evidence(failed)}",
        "Check this value before the request is carried out.",
    ),
    "positive_data_acceptance": Words(
        lambda failed: (
            f"a request that keeps the contract is refused with {_status(failed)}: {_refusal(failed)}"
        ),
        lambda failed: f"valid values are taken, or refused for a reason of errors.toml {_evidence(failed)}",
        "Look at which value is refused: the check is stricter than the contract, or its refusal is worded "
        "in a way that errors.toml does not know.",
    ),
    "use_after_free": Words(
        lambda failed: f"what was deleted is still there: status {_status(failed)}",
        lambda failed: "null under the answer's root key, or a refusal",
        "Look at what the delete takes away, and at what this operation reads.",
    ),
    "ensure_resource_availability": Words(
        lambda failed: f"what was just made is not found: status {_status(failed)}",
        lambda failed: f"the thing that the call before has made {_evidence(failed)}",
        _KEPT_AWAY,
    ),
    "missing_required_header": Words(
        lambda failed: f"a call without a header that is required is answered with {_status(failed)}",
        lambda failed: "a refusal",
        "Refuse calls without this header.",
    ),
    "ignored_auth": Words(
        _auth,
        lambda failed: "401, “Authentication hook unauthorized this request” (observed; source: errors.toml)",
        "Look at whether the key is checked for this operation at all, and before anything else.",
    ),
    "object_level_authorization": Words(
        lambda failed: "another account's things are shown",
        lambda failed: "nobody sees what is another account's",
        "Look at whether this operation asks whose the thing is.",
    ),
    "unsupported_method": Words(
        lambda failed: (
            f"the method {failed.case.method}, which is none of the path, is answered with {_status(failed)}"
        ),
        lambda failed: (
            "405, and the methods that there are (inferred; source: errors.toml, method-not-allowed)"
        ),
        "Look at how calls are brought to their operation.",
    ),
    "allow_header_conformance": Words(
        lambda failed: "the header Allow names other methods than the contract has",
        lambda failed: "the methods of this path",
        "Look at what is written into the header Allow.",
    ),
}
_ANY = Words(
    lambda failed: str(failed.failure.title),
    lambda failed: str(failed.failure.message).split("\n\n", 1)[0],
    "Look at the answer beside the contract's description of the operation.",
)
