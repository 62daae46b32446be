"""A request's variables against an operation's types, in the engine's own words.

Path, query and body make one set of variables. They are looked at in the engine's order, and
the first fault is the only one told: a name that the operation does not have, a name that it
needs, a value of another type. Ranges are no matter of types; the service looks at them later.

    Variables       all of one operation
    Variable        one of them
    compile_type    from a schema to a function that takes a value or tells the mismatch

Source: ERR, n8n-io/n8n #14918 (recorded texts and paths); the engine's source for the rest.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mockleo.core.errors import ListInQuery, MalformedUuid, MissingVariable, UnexpectedVariable, WrongType
from mockleo.core.models import is_uuid

Check = Callable[[Any], Any]
Schema = Mapping[str, Any]

_NOTHING: Mapping[str, Any] = {}

_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)
_FLOAT_MOST = sys.float_info.max

# Numbers as JSON has them: Python reads more, such as 1_000, other alphabets' digits and nan.
_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_FOUND = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


class Mismatch(Exception):
    """A value of another type. `where` grows while it climbs out of nested values.

    `expected` is the JSON type that is wanted there, where it is a matter of that.
    """

    def __init__(self, message: str, *, expected: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.where = ""

    def under(self, step: str) -> "Mismatch":
        self.where = step + self.where
        return self


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """One name. `kind` is the JSON type, which a text in a path or query is read as."""

    name: str
    kind: str
    required: bool
    uuid_in_path: bool
    check: Check


class Variables:
    """All variables of one operation."""

    def __init__(self, variables: Iterable[Variable], *, root: str) -> None:
        self._by_name = {variable.name: variable for variable in variables}
        self._checks = {variable.name: variable.check for variable in self._by_name.values()}
        self._needed = tuple(variable.name for variable in self._by_name.values() if variable.required)
        # What a call of nothing but a path gives, where that is all that is needed.
        self._of_path_alone = set(self._needed)
        self._root = root

    @classmethod
    def of(cls, operation: Mapping[str, Any], openapi: Mapping[str, Any]) -> "Variables":
        """Those that an operation of the OpenAPI document describes."""
        found: dict[str, Variable] = {}
        content = operation.get("requestBody", {}).get("content", {})
        body = _resolve(content.get("application/json", {}).get("schema", {}), openapi)
        needed = set(body.get("required", ()))
        for name, schema in body.get("properties", {}).items():
            found[name] = _variable(name, schema, openapi, required=name in needed)
        for given in operation.get("parameters", ()):
            parameter = _resolve(given, openapi)
            in_path = parameter["in"] == "path"
            found[parameter["name"]] = _variable(
                parameter["name"],
                parameter["schema"],
                openapi,
                required=parameter.get("required", False),
                in_path=in_path,
            )
        return cls(found.values(), root=operation["x-root"])

    def read(self, *, path: Mapping[str, str], query: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the variables that a request gives, checked; nulls are left out."""
        if not body and not query and path.keys() == self._of_path_alone:
            return {name: self._from_text(self._by_name[name], text) for name, text in path.items()}
        given = body or _NOTHING
        texts = {**dict(self._of_query(query)), **path} if query else path
        self._expect(given, texts)
        self._require(given, texts)
        taken: dict[str, Any] = {}
        for name, value in given.items():
            if value is not None:
                try:
                    taken[name] = self._checks[name](value)
                except Mismatch as mismatch:
                    raise self._told(mismatch.under(f".{name}")) from None
        for name, text in texts.items():
            value = self._from_text(self._by_name[name], text)
            if value is not None:
                taken[name] = value
        return taken

    def _expect(self, given: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        known = self._checks.keys()
        if not known >= given.keys() or not known >= texts.keys():
            unexpected = next(name for name in (*given, *texts) if name not in self._checks)
            raise UnexpectedVariable(name=unexpected)

    def _require(self, given: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        for name in self._needed:
            if given.get(name) is None and name not in texts:
                raise MissingVariable(name=name)

    def _of_query(self, query: str) -> Iterable[tuple[str, str]]:
        seen: set[str] = set()
        for name, text in parse_qsl(query, keep_blank_values=True):
            variable = self._by_name.get(name)
            if variable is not None and (variable.kind == "array" or name in seen):
                raise ListInQuery(name=name)
            seen.add(name)
            yield name, text

    def _from_text(self, variable: Variable, text: str) -> Any:
        """A text from path or query as the type it stands for."""
        if variable.uuid_in_path:
            if not is_uuid(text):
                raise MalformedUuid(value=text)
            return text.lower()
        if not text and variable.kind != "string":
            return True if variable.kind == "boolean" else None
        try:
            return variable.check(_parsed(variable.kind, text))
        except Mismatch as mismatch:
            raise self._told(mismatch.under(f".{variable.name}")) from None

    def _told(self, mismatch: Mismatch) -> WrongType:
        path = f"$.selectionSet.{self._root}.args.arg1{mismatch.where}"
        return WrongType(message=mismatch.message, path=path, expected=mismatch.expected)


def _parsed(kind: str, text: str) -> Any:
    """`text` as a number or a boolean where it reads as one, else as it is: the check will tell."""
    match kind:
        case "integer" if len(text) < 20 and _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case "boolean" if text in {"true", "false"}:
            return text == "true"
    return text


def _variable(
    name: str, schema: Schema, openapi: Mapping[str, Any], *, required: bool, in_path: bool = False
) -> Variable:
    resolved, _ = _plain(schema, openapi)
    return Variable(
        name=name,
        kind=_kind(resolved),
        required=required,
        uuid_in_path=in_path and resolved.get("format") == "uuid",
        # A null never gets here: it is the same as nothing, or missing.
        check=_compile(resolved, openapi),
    )


def compile_type(schema: Schema, openapi: Mapping[str, Any]) -> Check:
    """A function that returns the value it is given, or raises `Mismatch`.

    Only what the engine knows is looked at: scalars, enums, lists, the fields of objects. A
    keyword with `x-rule` beside it is a range of the service's, and is left to the service.
    """
    resolved, nullable = _plain(schema, openapi)
    check = _compile(resolved, openapi)
    if not nullable:
        return check

    def or_null(value: Any) -> Any:
        return None if value is None else check(value)

    return or_null


def _compile(schema: Schema, openapi: Mapping[str, Any]) -> Check:
    named = schema.get("x-type", "")
    kind = _kind(schema)
    if "oneOf" in schema:
        return _either([compile_type(choice, openapi) for choice in schema["oneOf"]])
    if kind == "string" and "enum" in schema and "x-rule" not in schema:
        return _enum([value for value in schema["enum"] if value is not None], named)
    match kind:
        case "boolean":
            return _boolean
        case "string":
            return _string(named or "String")
        case "integer":
            return _integer(named or "Int", _INT64 if schema.get("format") == "int64" else _INT32)
        case "number":
            return _number(named or "Float")
        case "array":
            return _list(compile_type(schema["items"], openapi))
        case "object":
            return _object(schema, openapi)
        case _:
            return _anything


def _other(wanted: str, *, named: str, found: Any, expected: str) -> Mismatch:
    """The engine's words for a value of another type."""
    return Mismatch(f"expected {wanted} for type '{named}', but found {_found(found)}", expected=expected)


def _anything(value: Any) -> Any:
    return value


def _boolean(value: Any) -> Any:
    if value is True or value is False:
        return value
    raise _other("a boolean", named="Boolean", found=value, expected="boolean")


def _string(named: str) -> Check:
    def check(value: Any) -> Any:
        if type(value) is str:
            return value
        raise _other("a string", named=named, found=value, expected="string")

    return check


def _integer(named: str, bounds: tuple[int, int]) -> Check:
    bits = 32 if bounds is _INT32 else 64
    low, high = bounds

    def check(value: Any) -> Any:
        if type(value) is float and value.is_integer() and abs(value) <= high:
            value = int(value)
        if type(value) is int and low <= value <= high:
            return value
        if type(value) in {int, float}:
            raise Mismatch(
                f"The value {value} lies outside the bounds or is not an integer."
                " Maybe it is a float, or is there integer overflow?"
            )
        raise _other(f"a {bits}-bit integer", named=named, found=value, expected="integer")

    return check


def _number(named: str) -> Check:
    def check(value: Any) -> Any:
        if type(value) not in {int, float}:
            raise _other("a float", named=named, found=value, expected="number")
        if -_FLOAT_MOST <= value <= _FLOAT_MOST:
            return value
        raise Mismatch(f"The value {value} lies outside the bounds. Is it overflowing the float bounds?")

    return check


def _enum(values: list[str], named: str) -> Check:
    known = frozenset(values)
    listed = ", ".join(f"'{value}'" for value in values)

    def check(value: Any) -> Any:
        if type(value) is str:
            if value in known:
                return value
            raise Mismatch(f"expected one of the values [{listed}] for type '{named}', but found '{value}'")
        raise _other("an enum value", named=named, found=value, expected="string")

    return check


def _list(check_item: Check) -> Check:
    def check(value: Any) -> Any:
        if type(value) is not list:
            raise Mismatch(f"expected a list, but found {_found(value)}", expected="array")
        taken = []
        for index, item in enumerate(value):
            try:
                taken.append(check_item(item))
            except Mismatch as mismatch:
                raise mismatch.under(f"[{index}]") from None
        return taken

    return check


def _object(schema: Schema, openapi: Mapping[str, Any]) -> Check:
    named = schema.get("x-type", schema.get("title", "Object"))
    fields = {name: compile_type(field, openapi) for name, field in schema.get("properties", {}).items()}
    required = tuple(schema.get("required", ()))

    def check(value: Any) -> Any:
        if type(value) is not dict:
            raise _other("an object", named=named, found=value, expected="object")
        for name in value:
            if name not in fields:
                raise Mismatch(f"field '{name}' not found in type: '{named}'").under(f".{name}")
        for name in required:
            if name not in value:
                raise Mismatch(f"missing required field '{name}'").under(f".{name}")
        taken = {}
        for name, field in value.items():
            try:
                taken[name] = fields[name](field)
            except Mismatch as mismatch:
                raise mismatch.under(f".{name}") from None
        return taken

    return check


def _either(checks: list[Check]) -> Check:
    def check(value: Any) -> Any:
        for one in checks[:-1]:
            try:
                return one(value)
            except Mismatch:
                continue
        return checks[-1](value)

    return check


def _found(value: Any) -> str:
    return _FOUND[type(value)]


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    return str(kind)


def _plain(schema: Schema, openapi: Mapping[str, Any]) -> tuple[Schema, bool]:
    """`schema` with its references followed, and whether null stands beside it."""
    resolved = _resolve(schema, openapi)
    for keyword in ("anyOf", "oneOf"):
        choices = resolved.get(keyword, [])
        rest = [choice for choice in choices if choice.get("type") != "null"]
        if len(rest) == 1:
            return _plain(rest[0], openapi)[0], len(choices) > 1
    kind = resolved.get("type")
    return resolved, isinstance(kind, list) and "null" in kind


def _resolve(schema: Schema, openapi: Mapping[str, Any]) -> Schema:
    """Follow `$ref`; what stands beside it goes before."""
    if "$ref" not in schema:
        return schema
    target: Any = openapi
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**_resolve(target, openapi), **beside}
