"""What the contract knows and what it guesses, read out of its files as rows of plain data.

An `Entry` is anything with evidence; a `Guess` is an entry that is assumed, with its switch.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import contracts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = Any

GRADES = ("documented", "observed", "inferred", "assumed")
ALL = "*"
METHODS = ("get", "post", "put", "patch", "delete")

# Rows that the contract suite goes by when it judges the real service; the emulator reads none.
_OF_THE_SUITE = ("pricing.worst", "real.")
# What can stand for many operations at once, where rows name operations.
_GENERAL = frozenset({ALL, "hasura", "blueprint"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the contract says. `kind` is what it is a row of; `operations` what it concerns."""

    kind: str
    name: str
    evidence: str
    source: str
    operations: tuple[str, ...] = ()
    row: Mapping[str, Json] = {}


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """Something assumed: what mockleo does, why it had to guess, and how to have it otherwise.

    `kind` is that of its entry, `what` says it in a few words; `switch` is a flag of `mockleo
    serve`, empty where there is none.
    """

    kind: str
    name: str
    what: str
    why: str
    switch: str
    operations: tuple[str, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. `refusals` are those it does not share with all others, `links` the
    operations that its answer leads to; `graded` are its parameters with a grade of their own, by
    grade.
    """

    id: str
    method: str
    path: str
    tag: str
    summary: str
    dialect: str
    evidence: str
    sources: tuple[str, ...]
    refusals: tuple[str, ...]
    links: tuple[str, ...]
    graded: Mapping[str, tuple[str, ...]]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, in the order of the files."""

    operations: tuple[Operation, ...]
    entries: tuple[Entry, ...]
    guesses: tuple[Guess, ...]


def read() -> Known:
    """Read the whole contract."""
    openapi, webhooks = contracts.openapi(), contracts.webhooks()
    refusals = tuple(_refusals(contracts.errors()))
    rules = tuple(_rules(contracts.rules()))
    behaviours = tuple(_behaviours(contracts.behaviours()))
    events = tuple(_events(webhooks))
    places = tuple(_places(openapi))
    return Known(
        operations=tuple(_operations(openapi, refusals)),
        entries=(*places, *rules, *refusals, *behaviours, *events, *_catalogue()),
        guesses=(
            *(_guessed_behaviour(entry) for entry in behaviours if entry.evidence == "assumed"),
            *(_guessed_rule(entry) for entry in rules if entry.evidence == "assumed"),
            *_guessed_keywords(openapi, {each.name for each in rules if each.evidence == "assumed"}),
            *(_guessed_refusal(entry) for entry in refusals if "assumed" in _grades_of(entry)),
            *(_guessed_event(entry) for entry in events if entry.evidence == "assumed"),
        ),
    )


def is_general(operations: tuple[str, ...]) -> bool:
    """Whether they are all, or all of a dialect."""
    return bool(_GENERAL & set(operations))


def is_of_the_suite(name: str) -> bool:
    """Whether a rule is about how the real service is judged, and not about what the emulator does."""
    return name.startswith(_OF_THE_SUITE)


# --- what there is --------------------------------------------------------------------------------


def described(openapi: Mapping[str, Json]) -> Iterator[tuple[str, str, Mapping[str, Json]]]:
    """Each operation of the document, with its method and path."""
    for path, item in openapi["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def _operations(openapi: Mapping[str, Json], refusals: tuple[Entry, ...]) -> Iterator[Operation]:
    for method, path, told in described(openapi):
        links = {
            link["operationId"]: None
            for answer in told["responses"].values()
            for link in answer.get("links", {}).values()
        }
        yield Operation(
            id=told["operationId"],
            method=method,
            path=path,
            tag=told["tags"][0],
            summary=told["summary"],
            dialect=told["x-dialect"],
            evidence=told["x-evidence"],
            sources=tuple(told["x-source"]),
            refusals=tuple(each.name for each in refusals if told["operationId"] in each.operations),
            links=tuple(links),
            graded=_parameters(told),
        )


def _parameters(operation: Mapping[str, Json]) -> Mapping[str, tuple[str, ...]]:
    """The names of parameters that have a grade of their own, by grade."""
    found: dict[str, list[str]] = {}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    for where, node in graded(body):
        name = where.removeprefix("/properties/").replace("/properties/", ".").replace("/items", "[]")
        found.setdefault(node["x-evidence"], []).append(name)
    return {grade: tuple(found[grade]) for grade in GRADES if grade in found}


def _rules(tables: Mapping[str, Json], prefix: str = "") -> Iterator[Entry]:
    for key, table in tables.items():
        name = f"{prefix}{key}"
        if "evidence" not in table:
            yield from _rules(table, f"{name}.")
            continue
        yield _entry("rules", name, table)


def _refusals(rows: Mapping[str, Json]) -> Iterator[Entry]:
    for name, row in rows.items():
        yield _entry("refusals", name, row)


def _behaviours(rows: Mapping[str, Json]) -> Iterator[Entry]:
    for name, row in rows.items():
        yield _entry("behaviours", name, row)


def _entry(kind: str, name: str, row: Mapping[str, Json]) -> Entry:
    return Entry(
        kind=kind,
        name=name,
        evidence=row["evidence"],
        source=row["source"],
        operations=tuple(row.get("operations", ())),
        row=row,
    )


def _events(asyncapi: Mapping[str, Json]) -> Iterator[Entry]:
    """Messages by their names, and what else in the document says how sure it is."""
    for where, node in graded(asyncapi):
        yield Entry(
            kind="webhooks",
            name=where.removeprefix("/components/messages/").removeprefix("/components/schemas/"),
            evidence=node["x-evidence"],
            source=", ".join(node["x-source"]),
            row=node,
        )


def _places(openapi: Mapping[str, Json]) -> Iterator[Entry]:
    """Every part of the document that has evidence: the operations first, then what is in them."""
    operations = {id(told) for _, _, told in described(openapi)}
    for where, node in graded(openapi):
        yield Entry(
            kind="operations" if id(node) in operations else "parts",
            name=where,
            evidence=node["x-evidence"],
            source=", ".join(node["x-source"]),
            row=node,
        )


def _catalogue() -> Iterator[Entry]:
    for name in contracts.CATALOGUE:
        for where, node in graded(contracts.catalogue(name), "evidence"):
            source = node.get("source", "")
            yield Entry(
                kind="catalogue", name=f"{name}{where}", evidence=node["evidence"], source=str(source)
            )


def graded(node: Json, key: str = "x-evidence", where: str = "") -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Every object under `node` that says how sure it is, with the JSON pointer to it."""
    if isinstance(node, dict):
        if isinstance(node.get(key), str):
            yield where, node
        for name, value in node.items():
            yield from graded(value, key, f"{where}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for nth, value in enumerate(node):
            yield from graded(value, key, f"{where}/{nth}")


# --- what is guessed ------------------------------------------------------------------------------


def _guessed_behaviour(entry: Entry) -> Guess:
    return Guess(
        kind=entry.kind,
        name=entry.name,
        what=entry.row["does"],
        why=entry.source,
        switch=entry.row.get("switch", ""),
        operations=entry.operations,
    )


def _guessed_rule(entry: Entry) -> Guess:
    row = entry.row
    return Guess(
        kind=entry.kind,
        name=entry.name,
        what=": ".join(filter(None, (told(row), row.get("note", "")))),
        why=entry.source,
        switch="" if is_of_the_suite(entry.name) else f"--rule {shlex.quote(_setting(entry))}",
        operations=entry.operations,
    )


def _setting(entry: Entry) -> str:
    """What can be set of a rule, as NAME=VALUE: another choice, or the value that it has."""
    row, name = entry.row, entry.name
    if "value" in row:
        others = [each for each in row.get("one_of", ()) if each != row["value"]]
        value = not row["value"] if isinstance(row["value"], bool) else [*others, row["value"]][0]
        return f"{name}={_plain(value)}"
    if "values" in row:
        numbers = [key for key, value in row["values"].items() if isinstance(value, int | float)]
        key = [*numbers, *row["values"]][0]
        return f"{name}.{key}={_plain(row['values'][key])}"
    bound = next(bound for bound in ("max", "min", "default", "multiple_of", "one_of") if bound in row)
    return f"{name}.{bound}={_plain(row[bound])}"


def told(row: Mapping[str, Json]) -> str:
    """The value of a rule, in a few words."""
    unit = f" {row['unit']}" if row.get("unit") else ""
    if "value" in row:
        others = [_plain(each) for each in row.get("one_of", ()) if each != row["value"]]
        return f"{_plain(row['value'])}{unit}{_instead_of(others)}"
    if "values" in row:
        return ", ".join(f"{key} {_plain(value)}" for key, value in row["values"].items()) + unit
    bounds = ("min", "max", "multiple_of", "default", "one_of")
    shown = [f"{bound.replace('_', ' ')} {_plain(row[bound])}" for bound in bounds if bound in row]
    return ", ".join(shown) + unit


def _instead_of(others: list[str]) -> str:
    return f" (or {', '.join(others)})" if others else ""


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _guessed_keywords(openapi: Mapping[str, Json], told_already: set[str]) -> Iterator[Guess]:
    """Bounds that no source states, in rows of rules.toml that are surer for the rest."""
    names = {"minimum": "min", "maximum": "max", "minLength": "min", "maxLength": "max"}
    found: dict[tuple[str, str], tuple[Json, list[str]]] = {}
    for _, _, operation in described(openapi):
        for node in _assuming(operation, openapi):
            for keyword in node.get("x-assumed", names.keys() & node.keys()):
                place = f"{node['x-rule']}.{names[keyword]}", keyword
                found.setdefault(place, (node[keyword], []))[1].append(operation["operationId"])
    for (setting, keyword), (value, operations) in found.items():
        if setting.rpartition(".")[0] in told_already:
            continue
        yield Guess(
            kind="rules",
            name=setting,
            what=f"{keyword} {_plain(value)}",
            why="no source states this bound",
            switch=f"--rule {setting}={_plain(value)}",
            operations=tuple(dict.fromkeys(operations)),
        )


def _assuming(node: Json, openapi: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """What is under `node` and has a bound that is assumed, in parameters that are shared too."""
    if isinstance(node, dict):
        if "x-assumed" in node or ("x-rule" in node and node.get("x-evidence") == "assumed"):
            yield node
        shared = str(node.get("$ref", "")).partition("#/components/parameters/")[2]
        if shared:
            yield from _assuming(openapi["components"]["parameters"][shared], openapi)
        for value in node.values():
            yield from _assuming(value, openapi)
    elif isinstance(node, list):
        for value in node:
            yield from _assuming(value, openapi)


def _grades_of(entry: Entry) -> tuple[str, ...]:
    return entry.evidence, entry.row.get("status_evidence", entry.evidence)


def _guessed_refusal(entry: Entry) -> Guess:
    """A refusal whose text, shape or status nobody has seen."""
    text, status = _grades_of(entry)
    guessed = ["error"] * (text == "assumed") + ["status"] * (status == "assumed")
    setting = f"{entry.name}.{guessed[-1]}={entry.row[guessed[-1]]}"
    return Guess(
        kind=entry.kind,
        name=entry.name,
        what=", ".join(str(entry.row[field]) for field in reversed(guessed)),
        why=entry.source,
        switch=f"--refusal {shlex.quote(setting)}",
        operations=entry.operations,
    )


def _guessed_event(entry: Entry) -> Guess:
    """A payload that nobody has seen as it is sent; the contract names what brings another."""
    return Guess(
        kind=entry.kind,
        name=entry.name,
        what=entry.row.get("summary") or entry.row.get("description", ""),
        why=entry.source,
        switch=entry.row.get("x-switch", ""),
        operations=(),
    )
