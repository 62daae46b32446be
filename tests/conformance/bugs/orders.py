"""What is let through and should not be, what is refused and should not be, and wrong defaults."""

from collections.abc import Mapping
from typing import Any

from mockleo.core import errors
from mockleo.wire.contract import load
from mockleo.wire.variables import Variables
from tests.conformance.bugs.planting import Bug, Planted, both, function, instead, method, rule

_GENERATION = "mockleo.core.generations"


def _quietly(*refusals: type[errors.LeoError]) -> Any:
    """Let a check that would refuse so say nothing."""

    def make(true: Any) -> Any:
        def check(*given: Any, **named: Any) -> Any:
            try:
                return true(*given, **named)
            except refusals:
                return None

        return check

    return make


def _except_for(*fields: str) -> Any:
    """Let `Rules.check` look at everything but these fields."""

    def make(true: Any) -> Any:
        def check(rules: Any, name: str, *, field: str, given: Any) -> None:
            if field not in fields:
                true(rules, name, field=field, given=given)

        return check

    return make


def _unchecked(*fields: str) -> Planted:
    from mockleo.core.rules import Rules

    return method(Rules, "check", _except_for(*fields))


def _reads(true: Any) -> Any:
    """Leave out what the operation does not know."""

    def read(known: Variables, *, path: Any, query: str, body: Any) -> Any:
        if body:
            body = {name: value for name, value in body.items() if name in known._checks}
        return true(known, path=path, query=query, body=body)

    return read


def _no_json(true: Any) -> Any:
    def variables_in(body: bytes, content_type: bytes) -> Any:
        try:
            return true(body, content_type)
        except errors.InvalidJson:
            return None

    return variables_in


def _lenient(true: Any) -> Any:
    """Take a number that is written as text."""

    def integer(named: str, bounds: Any) -> Any:
        check = true(named, bounds)

        def lenient(value: Any) -> Any:
            return check(int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value)

        return lenient

    return integer


def _takes_floats(true: Any) -> Any:
    def integer(named: str, bounds: Any) -> Any:
        check = true(named, bounds)
        return lambda value: check(int(value) if isinstance(value, float) and abs(value) < 1e9 else value)

    return integer


def _enum_of_anything(true: Any) -> Any:
    def enum(values: Any, named: str) -> Any:
        check = true(values, named)

        def any_text(value: Any) -> Any:
            return values[0] if isinstance(value, str) else check(value)

        return any_text

    return enum


def _truthy(true: Any) -> Any:
    def boolean(value: Any) -> Any:
        return true(bool(value) if isinstance(value, int | str) else value)

    return boolean


def _unchecked_fields(true: Any) -> Any:
    """Nested objects may have any field."""

    def compiled(schema: Any, openapi: Any) -> Any:
        check = true(schema, openapi)
        known = set(schema.get("properties", {}))

        def lenient(value: Any) -> Any:
            if isinstance(value, dict):
                value = {name: each for name, each in value.items() if name in known}
            return check(value)

        return lenient

    return compiled


def _any_uuid(true: Any) -> Any:
    def from_text(known: Variables, variable: Any, text: str) -> Any:
        return text if variable.uuid_in_path else true(known, variable, text)

    return from_text


def _optional(*names: str) -> Planted:
    """Need nothing of the sort."""

    def make(true: Any) -> Any:
        def require(known: Variables, given: Any, texts: Any) -> None:
            if not set(names) & set(known._needed):
                true(known, given, texts)

        return require

    def order(true: Any) -> Any:
        def read(known: Variables, **given: Any) -> Any:
            taken = true(known, **given)
            for name in set(names) & set(known._needed):
                taken.setdefault(name, "something")
            return taken

        return read

    return both(method(Variables, "_require", make), method(Variables, "read", order))


def _needs_more(true: Any) -> Any:
    def require(known: Variables, given: Any, texts: Any) -> None:
        true(known, given, texts)
        if known._root == "sdGenerationJob" and given.get("modelId") is None:
            raise errors.MissingVariable(name="modelId")

    return require


def _capital_enum(true: Any) -> Any:
    """Know one value less of each enum."""
    return lambda values, named: true(values[:-1] if len(values) > 3 else values, named)


def _sides(px_max: int) -> Planted:
    """Another longest side, with Alchemy and without."""
    return rule(
        {
            "generation.width.max": float(px_max),
            "generation.side_px_max.lucid": px_max,
            "generation.side_px_max_alchemy.value": px_max,
        }
    )


_DEFAULT_MODEL = load().rules.default("generation.modelId")

BUGS: Mapping[str, Bug] = {
    "width-without-end": Bug(
        "no width is too large",
        lambda: _sides(100_000),
    ),
    "no-least-width": Bug("no width is too small", lambda: rule({"generation.width.min": 1.0})),
    "any-multiple": Bug("a side need be no multiple of 8", lambda: rule({"generation.width.multiple_of": 1})),
    "images-without-end": Bug(
        "no number of images is too large", lambda: rule({"generation.num_images.max": 1_000.0})
    ),
    "no-images-at-all": Bug(
        "an order of 0 images is taken", lambda: rule({"generation.num_images.min": 0.0})
    ),
    "guidance-unchecked": Bug("any guidance is taken", lambda: _unchecked("guidance_scale")),
    "seed-unchecked": Bug("any seed is taken", lambda: _unchecked("seed")),
    "steps-unchecked": Bug("any number of steps is taken", lambda: _unchecked("num_inference_steps")),
    "strength-unchecked": Bug("any strength is taken", lambda: _unchecked("init_strength", "motionStrength")),
    "learning-rate-unchecked": Bug(
        "an element may be trained at any rate",
        lambda: function("mockleo.core.training._check_element", _quietly(errors.InvalidValue)),
    ),
    "realtime-unchecked": Bug(
        "a realtime picture of any size is taken",
        lambda: _unchecked("guidance", "strength", "steps", "width", "height"),
    ),
    "negative-offset": Bug("a negative offset is taken", lambda: _unchecked("offset", "limit")),
    "prompt-without-end": Bug("no prompt is too long", lambda: rule({"generation.prompt.max": 10_000_000.0})),
    "empty-prompt": Bug(
        "an empty prompt is taken", lambda: function(f"{_GENERATION}.check_prompt", instead(None))
    ),
    "unmoderated": Bug(
        "no prompt is refused for what it says", lambda: function(f"{_GENERATION}.moderate", instead(None))
    ),
    "unknown-model": Bug(
        "an unknown model is taken",
        lambda: function(
            f"{_GENERATION}.usable_model",
            lambda true: lambda world, account, order: world.catalogue.models[_DEFAULT_MODEL],
        ),
    ),
    "unknown-init-image": Bug(
        "an image that is nobody's is taken",
        lambda: function(f"{_GENERATION}.inputs_of", instead(True)),
    ),
    "company-unchecked": Bug(
        "parameters that exclude each other are taken together",
        lambda: function("mockleo.core.generation_checks._check_company", instead(None)),
    ),
    "photo-real-unchecked": Bug(
        "PhotoReal is taken without Alchemy",
        lambda: function("mockleo.core.generation_checks._check_photo_real", instead(None)),
    ),
    "unknown-variable": Bug("an unknown variable is overlooked", lambda: method(Variables, "read", _reads)),
    "unknown-field": Bug(
        "an unknown field of an object is overlooked",
        lambda: function("mockleo.wire.variables._object", _unchecked_fields),
    ),
    "prompt-optional": Bug("a prompt need not be given", lambda: _optional("prompt")),
    "name-optional": Bug("a dataset need have no name", lambda: _optional("name")),
    "bad-json-is-nothing": Bug(
        "a body that is no JSON is taken as none", lambda: function("mockleo.pipeline.variables_in", _no_json)
    ),
    "text-for-a-number": Bug(
        "a number may be text", lambda: function("mockleo.wire.variables._integer", _lenient)
    ),
    "fraction-for-a-whole": Bug(
        "a whole number may have a fraction",
        lambda: function("mockleo.wire.variables._integer", _takes_floats),
    ),
    "any-enum": Bug(
        "a value that is none of the enum is taken",
        lambda: function("mockleo.wire.variables._enum", _enum_of_anything),
    ),
    "any-boolean": Bug(
        "a number or a text is taken for a boolean",
        lambda: function("mockleo.wire.variables._boolean", _truthy),
    ),
    "any-path-id": Bug(
        "an id in the path need be no UUID", lambda: method(Variables, "_from_text", _any_uuid)
    ),
    "any-extension": Bug(
        "any kind of file may be uploaded",
        lambda: function("mockleo.core.uploads.check_extension", instead(None)),
    ),
    "narrow-width": Bug(
        "a width that is allowed is refused",
        lambda: _sides(1_024),
    ),
    "short-prompts-only": Bug(
        "a prompt that is allowed is refused", lambda: rule({"generation.prompt.max": 40.0})
    ),
    "model-needed": Bug(
        "an order that names no model is refused", lambda: method(Variables, "_require", _needs_more)
    ),
    "enum-cut-short": Bug(
        "a value of an enum is refused", lambda: function("mockleo.wire.variables._enum", _capital_enum)
    ),
    "one-image-by-default": Bug(
        "an order that does not say how many gets one image",
        lambda: rule({"generation.num_images.default": 1}),
    ),
    "small-by-default": Bug(
        "an order that says no width gets a smaller one", lambda: rule({"generation.width.default": 512})
    ),
    "short-page-by-default": Bug("a page is 3 long by default", lambda: rule({"page.limit.default": 3})),
    "other-steps-by-default": Bug(
        "other steps are taken where nothing was said",
        lambda: rule({"generation.num_inference_steps.default": 40}),
    ),
    "other-guidance-by-default": Bug(
        "another guidance is taken where nothing was said",
        lambda: rule({"generation.guidance_scale.default": 3}),
    ),
}
