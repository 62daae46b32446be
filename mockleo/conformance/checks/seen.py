"""One exchange as the checks look at it: read once, and looked at by all of them."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_rs import ValidationError

    from mockleo.conformance.checks.promise import Operation, Promise
    from mockleo.conformance.door import Answer, Request

Json = Any

API_PATH = "/api/rest/v1"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """What a check has found, before anybody knows in which part of the suite.

    `message` is the same for all answers that are wrong in this way: it names no value. `expected`
    is what the contract says and how sure that is, `fix` what to look at, `value` what was found.
    """

    message: str
    expected: str
    fix: str
    value: str = ""


class Field(msgspec.Struct, frozen=True):
    """One value of a body; `where` is as in `generations[].id`."""

    where: str
    name: str
    value: Json


def below_api(url: str) -> str:
    """The path of `url` below the API, as the contract writes paths; empty where it is elsewhere."""
    path = unquote(urlsplit(url).path)
    at = path.find(API_PATH)
    return re.sub("/{2,}", "/", path[at + len(API_PATH) :]) if at >= 0 else ""


class Seen:
    """A call and its answer. `operation` is None where the call is none of the contract's."""

    def __init__(self, operation: Operation | None, request: Request, answer: Answer) -> None:
        self.operation = operation
        self.request = request
        self.answer = answer
        # What stops the body from being read as JSON; empty where it can be, or is empty.
        self.unreadable = ""
        self.doubled: tuple[str, ...] = ()
        self.body = self._read()
        self._errors: tuple[ValidationError, ...] | None = None

    @cached_property
    def is_html(self) -> bool:
        return (self.answer.header("content-type") or "").lower().startswith("text/html")

    @cached_property
    def content(self) -> Json:
        """What stands under the operation's root key; None where the answer is no success."""
        operation, body = self.operation, self.body
        if operation is None or self.answer.status != 200 or type(body) is not dict:
            return None
        return body.get(operation.root)

    @property
    def is_success(self) -> bool:
        """An answer of an operation with its root key: what it is under is another matter."""
        operation, body = self.operation, self.body
        return (
            operation is not None
            and self.answer.status == 200
            and type(body) is dict
            and operation.root in body
        )

    @property
    def is_refusal(self) -> bool:
        """A "no": with its own status, or as the list that one backend sends under 200."""
        if self.answer.status >= 400:
            return True
        operation = self.operation
        return operation is not None and operation.dialect == "blueprint" and type(self.body) is list

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every value of the body that has a name, the outer before the inner."""
        return tuple(fields_of(self.body))

    def errors(self, promise: Promise) -> tuple[ValidationError, ...]:
        """Where a successful answer is not as its schema says: looked at once for all checks."""
        if self._errors is None:
            self._errors = tuple(promise.errors(self))
        return self._errors

    @cached_property
    def sent(self) -> Mapping[str, Json] | None:
        """The variables of the request's body; None where it is no JSON object, or a form."""
        if (self.header("content-type") or "").lower().startswith(_FORMS):
            return None
        try:
            body = json.loads(self.request.body) if self.request.body else None
        except (ValueError, RecursionError):
            return None
        return body if type(body) is dict else None

    @cached_property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(urlsplit(self.request.url).query, keep_blank_values=True))

    @cached_property
    def in_path(self) -> Mapping[str, str]:
        """The values of the path's placeholders."""
        if self.operation is None:
            return {}
        found = self.operation.way.fullmatch(below_api(self.request.url))
        return {} if found is None else found.groupdict()

    def header(self, name: str) -> str | None:
        """The request's first header of that name."""
        return next((value for known, value in self.request.headers if known.lower() == name), None)

    def _read(self) -> Json:
        if not self.answer.body or self.is_html:
            return None
        doubled: list[str] = []

        def taken(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
            made = dict(pairs)
            if len(made) < len(pairs):
                names = [name for name, _ in pairs]
                doubled.extend(sorted({name for name in names if names.count(name) > 1}))
            return made

        try:
            text = self.answer.body.decode("utf-8")
            body = json.loads(text, object_pairs_hook=taken, parse_constant=_no_constant)
        except UnicodeDecodeError:
            self.unreadable = "is not UTF-8"
        except (ValueError, RecursionError):
            self.unreadable = "is not JSON"
        else:
            self.doubled = tuple(doubled)
            return body
        return None


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def fields_of(node: Json, where: str = "") -> Iterator[Field]:
    """Every value in `node` that has a name, the outer before the inner."""
    if type(node) is dict:
        for name, value in node.items():
            below = f"{where}.{name}" if where else name
            yield Field(below, name, value)
            if type(value) is dict or type(value) is list:
                yield from fields_of(value, below)
    elif type(node) is list:
        for item in node:
            if type(item) is dict or type(item) is list:
                yield from fields_of(item, f"{where}[]")
