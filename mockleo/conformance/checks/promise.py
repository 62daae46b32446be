"""What the contract promises, as the judge goes by it: read once for a run."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import contracts
from mockleo.conformance.checks.refusals import Row, rows
from mockleo.conformance.checks.schemas import grades, tight, tightened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_rs import Draft202012Validator, ValidationError

    from mockleo.conformance.checks.seen import Seen

Json = Any

_METHODS = ("get", "post", "put", "patch", "delete")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the contract; `way` finds the values in a path, `needed` and `known` are
    names of variables, wherever they are sent, and `named` has also those of fields inside them.
    """

    id: str
    method: str
    path: str
    root: str
    dialect: str
    way: re.Pattern[str]
    statuses: frozenset[int]
    needed: frozenset[str]
    known: frozenset[str]
    named: frozenset[str]
    defaults: Mapping[str, Json]
    evidence: str
    sources: tuple[str, ...]


class Promise:
    """The contract, and a validator for each operation's answer."""

    def __init__(self) -> None:
        self.openapi = contracts.openapi()
        self.rules = contracts.rules()
        self.rows = rows(contracts.errors())
        self.operations = {operation.id: operation for operation in self._operations()}
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def schemas(self) -> Mapping[str, Json]:
        return tight(self.openapi)

    def operation(self, name: str, method: str, url: str) -> Operation | None:
        """The operation of that name, if a call with this method and path is one of it."""
        operation = self.operations.get(name)
        if operation is None or operation.method != method or operation.way.fullmatch(url) is None:
            return None
        return operation

    def row(self, name: str) -> Row:
        """A row of errors.toml."""
        return next(row for row in self.rows if row.name == name)

    def errors(self, seen: Seen) -> Iterator[ValidationError]:
        """Where the content of a successful answer is not as its schema says."""
        assert seen.operation is not None, "there is no schema for what is no operation"
        validator = self._validator(seen.operation)
        if not validator.is_valid(seen.content):
            yield from validator.iter_errors(seen.content)

    def evidence(self, operation: Operation, error: ValidationError | None = None) -> str:
        """How sure the contract is, in brackets, and where that comes from."""
        graded = None
        if error is not None:
            graded = grades(self._schema(operation), self.schemas, iter(error.schema_path))
        if graded is None:
            return graded_as(operation.evidence, operation.sources)
        return graded_as(graded["x-evidence"], tuple(graded.get("x-source", ())))

    def _validator(self, operation: Operation) -> Draft202012Validator:
        validator = self._validators.get(operation.id)
        if validator is None:
            import jsonschema_rs

            whole = {**self._schema(operation), "components": {"schemas": self.schemas}}
            validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
            self._validators[operation.id] = validator
        return validator

    def _schema(self, operation: Operation) -> Json:
        """The schema of what stands under the root key."""
        described = self.openapi["paths"][operation.path][operation.method.lower()]
        schema = described["responses"]["200"]["content"]["application/json"]["schema"]
        answers = [schema, *schema.get("oneOf", ())]
        (own,) = [each for each in answers if operation.root in each.get("properties", {})]
        return tightened(own["properties"][operation.root], self.openapi["components"]["schemas"])

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.openapi["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(path, method, item[method])

    def _operation(self, path: str, method: str, described: Json) -> Operation:
        body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
        schema = self._at(body.get("schema", {}))
        parameters = [self._at(each) for each in described.get("parameters", ())]
        fields = {name: self._at(field) for name, field in schema.get("properties", {}).items()}
        fields |= {each["name"]: self._at(each["schema"]) for each in parameters}
        return Operation(
            id=described["operationId"],
            method=method.upper(),
            path=path,
            root=described["x-root"],
            dialect=described["x-dialect"],
            way=re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)),
            statuses=frozenset(int(status) for status in described["responses"]),
            needed=frozenset(
                {*schema.get("required", ()), *(each["name"] for each in parameters if each["required"])}
            ),
            known=frozenset(fields),
            named=frozenset({*fields, *self._names(schema)}),
            defaults={name: field["default"] for name, field in fields.items() if "default" in field},
            evidence=described["x-evidence"],
            sources=tuple(described["x-source"]),
        )

    def _names(self, schema: Json) -> Iterator[str]:
        """The names of all fields of a schema, the inner ones too."""
        schema = self._at(schema)
        for name, field in schema.get("properties", {}).items():
            yield name
            yield from self._names(field)
        for below in (schema.get("items"), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if below is not None:
                yield from self._names(below)

    def _at(self, node: Json) -> Json:
        """What a reference leads to, and what is said beside it."""
        if "$ref" not in node:
            return node
        found = self.openapi
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return {**self._at(found), **{key: value for key, value in node.items() if key != "$ref"}}


def graded_as(evidence: str, sources: tuple[str, ...] | str) -> str:
    """How sure the contract is, for the end of a sentence."""
    told = sources if isinstance(sources, str) else ", ".join(sources)
    return f"({evidence}; source: {told})" if told else f"({evidence})"
