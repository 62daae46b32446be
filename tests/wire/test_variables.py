"""Variables in the engine's own words: which fault is told, in which words, at which path.

The types that matter are put together in one small operation; the last tests ask the real ones.
"""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.core.errors import (
    BadVariables,
    ListInQuery,
    MalformedUuid,
    MissingVariable,
    UnexpectedVariable,
    WrongType,
)
from mockleo.wire.variables import Variables

from .leo import STRANGER, Leo
from .promise import OPERATIONS

Json = Any

HERE = "$.selectionSet.job.args.arg1"

NOTHING = {"type": "null"}

# One field of each type that the engine tells apart.
FIELDS: dict[str, Json] = {
    "flag": {"type": "boolean", "x-type": "Boolean"},
    "count": {"type": "integer", "format": "int32", "x-type": "Int"},
    "seed": {"type": "integer", "format": "int64", "x-type": "bigint"},
    "share": {"type": "number", "x-type": "Float"},
    "text": {"type": "string", "x-type": "String"},
    "kind": {"type": "string", "x-type": "kinds", "enum": ["A", "B"]},
    "texts": {"type": "array", "items": {"type": "string", "x-type": "String"}},
    "part": {
        "type": "object",
        "x-type": "part_input",
        "properties": {
            "name": {"type": "string", "x-type": "String"},
            "size": {"type": ["integer", "null"], "format": "int32", "x-type": "Int"},
        },
        "required": ["name"],
    },
}


def an_operation(
    properties: Json, *, required: tuple[str, ...] = (), parameters: tuple[Json, ...] = ()
) -> Variables:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    described = {
        "x-root": "job",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "parameters": list(parameters),
    }
    return Variables.of(described, {})


def in_path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


UUID = {"type": "string", "format": "uuid", "x-type": "uuid"}

OPERATION = an_operation(FIELDS)


def read(
    body: Json = None, *, query: str = "", path: Json = None, of: Variables = OPERATION
) -> dict[str, Any]:
    return of.read(path=path or {}, query=query, body=body)


# --- every type and every kind of value ----------------------------------------------------------

VALUES: dict[str, tuple[Json, str]] = {
    # case: value, and what the engine says it found
    "a boolean": (True, "a boolean"),
    "a number": (7, "a number"),
    "a fraction": (1.5, "a number"),
    "a string": ("x", "a string"),
    "a list": ([], "a list"),
    "an object": ({}, "an object"),
}

OUT_OF_BOUNDS = (
    "The value {} lies outside the bounds or is not an integer."
    " Maybe it is a float, or is there integer overflow?"
)

TAKEN = {
    ("flag", "a boolean"),
    ("count", "a number"),
    ("seed", "a number"),
    ("share", "a number"),
    ("share", "a fraction"),
    ("text", "a string"),
    ("texts", "a list"),
}

TOLD = {
    "flag": "expected a boolean for type 'Boolean', but found {}",
    "count": "expected a 32-bit integer for type 'Int', but found {}",
    "seed": "expected a 64-bit integer for type 'bigint', but found {}",
    "share": "expected a float for type 'Float', but found {}",
    "text": "expected a string for type 'String', but found {}",
    "kind": "expected an enum value for type 'kinds', but found {}",
    "texts": "expected a list, but found {}",
    "part": "expected an object for type 'part_input', but found {}",
}

# Where the words are others than of the type.
OTHERWISE = {
    ("count", "a fraction"): (OUT_OF_BOUNDS.format(1.5), ""),
    ("seed", "a fraction"): (OUT_OF_BOUNDS.format(1.5), ""),
    ("kind", "a string"): ("expected one of the values ['A', 'B'] for type 'kinds', but found 'x'", ""),
    ("part", "an object"): ("missing required field 'name'", ".name"),
}


@pytest.mark.parametrize(("field", "case"), list(product(FIELDS, VALUES)))
def test_every_type_takes_its_own_and_tells_the_others(field: str, case: str) -> None:
    value, found = VALUES[case]
    if (field, case) in TAKEN:
        assert read({field: value}) == {field: value}
        return
    message, below = OTHERWISE.get((field, case), (TOLD[field].format(found), ""))
    with pytest.raises(WrongType) as refusal:
        read({field: value})
    assert refusal.value.facts == {"message": message, "path": f"{HERE}.{field}{below}"}


def test_an_explicit_null_is_the_same_as_nothing() -> None:
    assert read(dict.fromkeys(FIELDS)) == {}


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("count", 2**31 - 1, True),
        ("count", 2**31, False),
        ("count", -(2**31), True),
        ("count", -(2**31) - 1, False),
        ("count", 3.0, True),
        ("count", 1e308, False),
        ("seed", 2**63 - 1, True),
        ("seed", 2**63, False),
        ("seed", 9_999_999_998, True),
        ("share", 10**308, True),
        ("share", 10**309, False),
        ("share", -(10**309), False),
        ("kind", "A", True),
        ("kind", "a", False),
        ("kind", "", False),
        ("text", "", True),
    ],
)
def test_bounds(field: str, value: Json, taken: bool) -> None:
    if taken:
        assert read({field: value}) == {field: value}
    else:
        with pytest.raises(WrongType, match=r"lies outside the bounds|expected one of"):
            read({field: value})


def test_a_whole_number_may_have_a_point() -> None:
    assert repr(read({"count": 3.0})) == "{'count': 3}"


# --- nested values -------------------------------------------------------------------------------

BOX = {
    "type": "object",
    "x-type": "box",
    "properties": {"parts": {"type": "array", "items": FIELDS["part"]}},
}

NESTED = an_operation(
    {
        "part": FIELDS["part"],
        "parts": {"type": ["array", "null"], "items": FIELDS["part"]},
        "boxes": {"type": "array", "items": BOX},
        "either": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "where"),
    [
        ({"part": {"name": 1}}, "expected a string for type 'String', but found a number", ".part.name"),
        ({"part": {"name": "x", "foo": 1}}, "field 'foo' not found in type: 'part_input'", ".part.foo"),
        ({"part": {"size": 1}}, "missing required field 'name'", ".part.name"),
        ({"part": {"foo": 1}}, "field 'foo' not found in type: 'part_input'", ".part.foo"),
        ({"part": {"name": None}}, "expected a string for type 'String', but found null", ".part.name"),
        ({"parts": {}}, "expected a list, but found an object", ".parts"),
        ({"parts": [None]}, "expected an object for type 'part_input', but found null", ".parts[0]"),
        (
            {"parts": [{"name": "x"}, {"name": "y", "size": "1"}]},
            "expected a 32-bit integer for type 'Int', but found a string",
            ".parts[1].size",
        ),
        (
            {"boxes": [{}, {"parts": [{"name": "x"}, {"name": True}]}]},
            "expected a string for type 'String', but found a boolean",
            ".boxes[1].parts[1].name",
        ),
        ({"either": 1}, "expected a list, but found a number", ".either"),
        ({"either": [1]}, "expected a string for type 'String', but found a number", ".either[0]"),
    ],
)
def test_a_path_leads_to_the_fault(body: Json, message: str, where: str) -> None:
    with pytest.raises(WrongType) as refusal:
        read(body, of=NESTED)
    assert refusal.value.facts == {"message": message, "path": f"{HERE}{where}"}


@pytest.mark.parametrize(
    "body",
    [
        {"part": {"name": "x", "size": None}},
        {"parts": []},
        {"boxes": [{"parts": [{"name": "x", "size": 1}]}]},
        {"either": "x"},
        {"either": ["x", "y"]},
    ],
)
def test_what_is_nested_well_is_taken_as_it_is(body: Json) -> None:
    assert read(body, of=NESTED) == body


# --- the order of faults -------------------------------------------------------------------------

FAULTY = an_operation(
    {"prompt": FIELDS["text"], "count": FIELDS["count"], "text": FIELDS["text"]}, required=("prompt", "text")
)


@pytest.mark.parametrize(
    ("body", "refusal", "fact"),
    [
        # a name that is not there, one that is needed, a type: the first of these, not of the body
        ({"count": "x", "foo": 1}, UnexpectedVariable, "foo"),
        ({"prompt": 1, "text": "x", "foo": 1}, UnexpectedVariable, "foo"),
        ({"foo": None}, UnexpectedVariable, "foo"),
        ({"Prompt": "x", "text": "x"}, UnexpectedVariable, "Prompt"),
        ({"b": 1, "a": 1}, UnexpectedVariable, "b"),
        ({"count": "x", "text": "x"}, MissingVariable, "prompt"),
        ({}, MissingVariable, "prompt"),
        ({"prompt": "x"}, MissingVariable, "text"),
        ({"prompt": None, "text": "x"}, MissingVariable, "prompt"),
        (None, MissingVariable, "prompt"),
    ],
)
def test_one_fault_is_told_and_it_is_the_engines_first(
    body: Json, refusal: type[BadVariables], fact: str
) -> None:
    with pytest.raises(refusal) as told:
        read(body, of=FAULTY)
    assert told.value.facts == {"name": fact}


def test_of_two_wrong_types_the_first_of_the_body_is_told() -> None:
    for body, where in (({"count": "x", "text": 1}, "count"), ({"text": 1, "count": "x"}, "text")):
        with pytest.raises(WrongType) as told:
            read({"prompt": "x", **body}, of=FAULTY)
        assert told.value.facts["path"] == f"{HERE}.{where}"


@given(st.permutations(["foo", "count", "prompt"]))
def test_the_order_of_the_body_does_not_matter_between_kinds_of_fault(names: list[str]) -> None:
    wrong = {"foo": 1, "count": "x", "prompt": 1}
    with pytest.raises(UnexpectedVariable):
        read({name: wrong[name] for name in names}, of=FAULTY)


# --- path and query ------------------------------------------------------------------------------

TEXTS = an_operation(
    FIELDS,
    parameters=(in_path("id", UUID), in_path("number", FIELDS["seed"]), in_query("limit", FIELDS["count"])),
)
PATH = {"id": STRANGER, "number": "7"}


def test_path_query_and_body_make_one_set() -> None:
    taken = read({"text": "x"}, query="limit=3&flag=true", path=PATH, of=TEXTS)
    assert taken == {"text": "x", "limit": 3, "flag": True, "id": STRANGER, "number": 7}


@pytest.mark.parametrize(
    ("body", "query", "taken"),
    [
        ({"count": 1}, "count=2", 2),
        ({"count": None}, "count=2", 2),
        ({"count": 1}, "", 1),
        ({}, "count=2", 2),
        ({"count": 1}, "count=", 1),
    ],
)
def test_the_url_goes_before_the_body(body: Json, query: str, taken: int) -> None:
    assert read(body, query=query)["count"] == taken


def test_the_path_goes_before_the_query() -> None:
    assert read(query="number=8", path=PATH, of=TEXTS)["number"] == 7


def test_what_the_url_gives_is_not_missing() -> None:
    assert read(query="prompt=a&text=b", of=FAULTY) == {"prompt": "a", "text": "b"}


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("count=7", {"count": 7}),
        ("count=-7", {"count": -7}),
        ("count=007", {"count": 7}),
        ("seed=9999999998", {"seed": 9_999_999_998}),
        ("share=1.5", {"share": 1.5}),
        ("share=2", {"share": 2}),
        ("share=1e-3", {"share": 0.001}),
        ("flag=true", {"flag": True}),
        ("flag=false", {"flag": False}),
        ("flag=", {"flag": True}),
        ("flag", {"flag": True}),
        ("text=7", {"text": "7"}),
        ("text=", {"text": ""}),
        ("text=a+b%20c", {"text": "a b c"}),
        ("text=%C3%A9", {"text": "é"}),
        ("kind=A", {"kind": "A"}),
        ("count=", {}),
        ("share=", {}),
        ("", {}),
        ("&", {}),
    ],
)
def test_a_text_is_read_as_its_type(query: str, taken: Json) -> None:
    assert read(query=query) == taken


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("count=x", TOLD["count"].format("a string")),
        ("count=1.0", TOLD["count"].format("a string")),
        ("count=1_0", TOLD["count"].format("a string")),
        ("count=%201", TOLD["count"].format("a string")),
        ("count=%2B1", TOLD["count"].format("a string")),
        ("count=%D9%A3", TOLD["count"].format("a string")),
        ("count=4294967296", OUT_OF_BOUNDS.format(4294967296)),
        ("count=" + "9" * 5_000, TOLD["count"].format("a string")),
        ("share=nan", TOLD["share"].format("a string")),
        ("share=inf", TOLD["share"].format("a string")),
        ("share=1_0", TOLD["share"].format("a string")),
        ("share=1e999", "The value inf lies outside the bounds. Is it overflowing the float bounds?"),
        ("flag=True", TOLD["flag"].format("a string")),
        ("flag=1", TOLD["flag"].format("a string")),
        ("kind=C", "expected one of the values ['A', 'B'] for type 'kinds', but found 'C'"),
        ("part=x", TOLD["part"].format("a string")),
    ],
)
def test_a_text_that_does_not_read_as_its_type_is_told(query: str, message: str) -> None:
    with pytest.raises(WrongType) as told:
        read(query=query)
    assert told.value.facts == {"message": message, "path": f"{HERE}.{query.partition('=')[0]}"}


@pytest.mark.parametrize("query", ["texts=a", "texts=", "count=1&count=2", "text=a&text=a", "count=&count="])
def test_a_list_in_the_query_is_refused(query: str) -> None:
    with pytest.raises(ListInQuery) as told:
        read(query=query)
    assert told.value.facts == {"name": query.partition("=")[0]}


def test_a_name_of_nothing_twice_in_the_query_is_unexpected() -> None:
    with pytest.raises(UnexpectedVariable):
        read(query="foo=1&foo=2")


@pytest.mark.parametrize(
    "text",
    ["abc", "", STRANGER[:-1], f"{STRANGER}0", STRANGER.replace("-", ""), f"{{{STRANGER}}}"],
)
def test_a_malformed_uuid_in_the_path_is_told_as_it_was_sent(text: str) -> None:
    with pytest.raises(MalformedUuid) as told:
        read(path={**PATH, "id": text}, of=TEXTS)
    assert told.value.facts == {"value": text}


@pytest.mark.parametrize(
    "uuid",
    [STRANGER, STRANGER.upper(), "1f0bba44-923a-69b0-8000-0123456789ab", f"{0:08}-0000-0000-0000-{0:012}"],
)
def test_a_uuid_of_any_version_is_taken_and_made_small(uuid: str) -> None:
    assert read(path={**PATH, "id": uuid}, of=TEXTS)["id"] == uuid.lower()


def test_a_fault_of_the_body_is_told_before_one_of_the_path() -> None:
    with pytest.raises(WrongType):
        read({"count": "x"}, path={**PATH, "id": "abc"}, of=TEXTS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "size", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "foo"]), json_values))
def test_a_body_is_taken_as_it_is_or_refused(body: Json) -> None:
    try:
        taken = read(body)
    except BadVariables:
        return
    assert taken == {name: value for name, value in body.items() if value is not None}


@given(st.text())
def test_a_query_is_taken_or_refused(query: str) -> None:
    try:
        assert set(read(query=query)) <= set(FIELDS)
    except BadVariables:
        return


# --- the real operations -------------------------------------------------------------------------

GENERATION = "$.selectionSet.sdGenerationJob.args.arg1"
SCHEDULERS = ["KLMS", "EULER_ANCESTRAL_DISCRETE", "EULER_DISCRETE", "DDIM", "DPM_SOLVER", "PNDM", "LEONARDO"]


@pytest.mark.parametrize(
    ("variables", "error", "path", "code"),
    [
        (
            {"width": "512"},
            "expected a 32-bit integer for type 'Int', but found a string",
            f"{GENERATION}.width",
            "validation-failed",
        ),
        (
            {"scheduler": "EULER"},
            f"expected one of the values {SCHEDULERS} for type 'sd_generation_schedulers', but found 'EULER'",
            f"{GENERATION}.scheduler",
            "validation-failed",
        ),
        (
            {"controlnets": [{"foo": 1}]},
            "field 'foo' not found in type: 'controlnet_input'",
            f"{GENERATION}.controlnets[0].foo",
            "validation-failed",
        ),
        (
            {"elements": {}},
            "expected a list, but found an object",
            f"{GENERATION}.elements",
            "validation-failed",
        ),
        ({"prompt_magic": True}, "Unexpected variable prompt_magic", "$", "bad-request"),
        ({"photoreal": True}, "Unexpected variable photoreal", "$", "bad-request"),
    ],
)  # fmt: skip
def test_an_order_is_refused_in_the_engines_words(variables: Json, error: str, path: str, code: str) -> None:
    refusal = Leo().refusal("/generations", **{"prompt": "a lighthouse", **variables})
    assert refusal == (400, error, path, code)


def test_the_path_names_the_root_of_the_answer() -> None:
    refusal = Leo().refusal("/variations/nobg", id=STRANGER, isVariation="no")
    assert refusal.path == "$.selectionSet.sdNobgJob.args.arg1.isVariation"


def test_a_list_in_the_query_of_an_order() -> None:
    answer = Leo().ask("POST", "/generations?elements=x", json={"prompt": "a"})
    assert answer.json() == {
        "error": "List variables are not currently supported in URL or Query parameters (found elements)",
        "path": "$",
        "code": "bad-request",
    }


def test_an_order_by_query_is_an_order() -> None:
    answer = Leo().ask("POST", "/generations?prompt=a+lighthouse&width=64&height=64&num_images=1")
    assert answer.json()["sdGenerationJob"]["generationId"]


def test_an_order_full_of_nulls_is_the_order_without_them() -> None:
    names = OPERATIONS["createGeneration"][2]["requestBody"]["content"]["application/json"]["schema"]
    nulls = dict.fromkeys(names["properties"].keys() - {"prompt"})
    assert len(nulls) > 30
    full, bare = Leo(), Leo()
    assert full.generation(full.order(**nulls)) == bare.generation(bare.order())


def test_a_malformed_uuid_in_a_path() -> None:
    answer = Leo().ask("GET", "/generations/abc")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": 'invalid input syntax for type uuid: "abc"', "path": "$", "code": "data-exception"},
    )
