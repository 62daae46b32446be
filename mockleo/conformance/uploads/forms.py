"""Which operations give forms, and what a form is.

An operation of the contract gives a form where its answer has a member `fields`, or one that
ends so; what else belongs to the form is spelled alike: `initFields`, `initUrl`, `initKey`,
`initImageId`.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from mockleo import contracts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockleo.conformance.caller import Entry, Told

_FIELDS = re.compile(r"(|.*[a-z])[Ff]ields")
# The mask's form is spelled in two ways, with the same values in both: the prefix, and the one that
# it repeats.
_SPELLED_TWICE = {"masks": "mask"}
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

# What signs a form, in SigV4.
SIGNING = ("x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date")


class Giver(msgspec.Struct, frozen=True, kw_only=True):
    """One form of an operation's answer. `prefix` is how its members begin: "", "init", "mask";
    `id`, `fields`, `key`, `url` are the names of the members, empty for one that it has not;
    `twins` other names of the same, and what they repeat.
    `bodies` are what is asked with, one for each kind of file; `name` is how a finding calls it:
    "uploadCanvasInitImage (mask)".
    """

    name: str
    operation: str
    prefix: str
    id: str
    fields: str
    key: str
    url: str
    twins: Mapping[str, str]
    bodies: tuple[Mapping[str, str], ...]
    in_dataset: bool


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was given. `dataset` is where a dataset's image goes, else empty."""

    giver: Giver
    id: str
    key: str
    url: str
    fields: Mapping[str, str]
    asked: Told
    dataset: str = ""

    @property
    def policy(self) -> dict[str, Any]:
        """The policy as it can be read; empty where it cannot."""
        return _policy(self.value("policy"))

    def name(self, wanted: str) -> str | None:
        """How the form spells a field: case does not matter there."""
        return next((name for name in self.fields if name.lower() == wanted.lower()), None)

    def value(self, wanted: str) -> str:
        name = self.name(wanted)
        return "" if name is None else self.fields[name]

    @property
    def bound(self) -> frozenset[str]:
        """The fields, in small letters, that nobody may change: signed, or under a condition."""
        conditions = {name for name, _ in _matches(self.policy)}
        sent = {name.lower() for name in self.fields}
        return frozenset(sent & (conditions | {*SIGNING, "policy"}))

    @property
    def sizes(self) -> tuple[int, int] | None:
        """The least and most bytes that the policy allows; None where it says nothing of sizes."""
        for condition in self.policy.get("conditions", ()):
            if isinstance(condition, list) and len(condition) == 3:
                operator, least, most = condition
                if str(operator).lower() == "content-length-range":
                    return int(least), int(most)
        return None

    @property
    def life_s(self) -> float | None:
        """For how long it is good, as its policy and its date tell."""
        try:
            ends = datetime.fromisoformat(str(self.policy["expiration"]))
            begins = datetime.strptime(self.value("x-amz-date") + "+0000", "%Y%m%dT%H%M%SZ%z")
        except (KeyError, ValueError):
            return None
        return (ends - begins).total_seconds()


def givers(operations: Mapping[str, Entry]) -> Iterator[Giver]:
    """All forms that operations of the contract answer with, in the contract's order."""
    schemas = contracts.openapi()["components"]["schemas"]
    for entry in operations.values():
        if entry.method != "POST":
            continue
        members = _members(entry, schemas)
        found = {name: match[1] for name in members if (match := _FIELDS.fullmatch(name)) is not None}
        forms = {name: prefix for name, prefix in found.items() if prefix not in _SPELLED_TWICE}
        for fields, prefix in forms.items():
            yield Giver(
                name=f"{entry.id} ({prefix})" if len(forms) > 1 else entry.id,
                operation=entry.id,
                prefix=prefix,
                id=_member(members, prefix, "id"),
                fields=fields,
                key=_member(members, prefix, "key"),
                url=_member(members, prefix, "url"),
                twins=_twins(members, prefix),
                bodies=_bodies(entry),
                in_dataset="{datasetId}" in entry.path,
            )


def extension_of(giver: Giver, body: Mapping[str, str]) -> str:
    """The kind of file that a form is asked for; of several, the one that is said for this form."""
    own = [value for name, value in body.items() if name.startswith(giver.prefix)]
    return (own or [*body.values(), ""])[0]


def form_of(giver: Giver, told: Told, *, dataset: str = "") -> Form | str:
    """The form in an answer, or what is wrong with it."""
    value = told.value
    if not isinstance(value, dict):
        return "the answer holds no form"
    texts = {}
    for member in (giver.id, giver.fields, giver.url, *([giver.key] if giver.key else [])):
        if not isinstance(value.get(member), str) or not value[member]:
            return f"{member} is {value.get(member)!r} and no text"
        texts[member] = value[member]
    for other, name in giver.twins.items():
        if value.get(other) != value.get(name):
            return f"{other} is not the same as {name}, which it repeats"
    if not _UUID.fullmatch(texts[giver.id]):
        return f"{giver.id} is {texts[giver.id]!r} and no UUID"
    split = urlsplit(texts[giver.url])
    if split.scheme not in {"http", "https"} or not split.hostname:
        return f"{giver.url} is {texts[giver.url]!r}, which is no address that can be posted to"
    try:
        fields = msgspec.json.decode(texts[giver.fields], type=dict[str, str])
    except msgspec.ValidationError as error:
        return f"{giver.fields} is no JSON object of texts: {error}"
    except msgspec.DecodeError as error:
        return f"{giver.fields} is no JSON text: {error}"
    form = Form(
        giver=giver,
        id=texts[giver.id],
        key=texts.get(giver.key) or "",
        url=texts[giver.url],
        fields=fields,
        asked=told,
        dataset=dataset,
    )
    return _flaw(form) or form


def _flaw(form: Form) -> str:
    """What a form lacks to be one; empty where it lacks nothing."""
    for name in ("key", "policy"):
        if not form.value(name):
            return f"the form has no field {name}"
    if form.key and form.value("key") != form.key:
        return f"the form's field key is {form.value('key')!r}, and {form.giver.key} is {form.key!r}"
    if not form.policy:
        return "the form's Policy is no base64 text of a JSON object"
    lacking = [name for name in SIGNING if not form.value(name)]
    return f"the form is not signed: {', '.join(lacking)} is missing" if lacking else ""


def _members(entry: Entry, schemas: Mapping[str, Any]) -> tuple[str, ...]:
    schema: Any = entry.described["responses"].get("200", {})
    for step in ("content", "application/json", "schema", "properties", entry.root):
        schema = schema.get(step, {})
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return tuple(schema.get("properties", ()))


def _member(members: tuple[str, ...], prefix: str, noun: str) -> str:
    """The member that says `noun` of a form: by its own prefix, else the only one there is."""
    own = [name for name in members if name.startswith(prefix) and name.lower().endswith(noun)]
    return own[0] if own else ""


def _twins(members: tuple[str, ...], prefix: str) -> dict[str, str]:
    """The members of a form that are there a second time under another name."""
    found: dict[str, str] = {}
    for other, repeated in _SPELLED_TWICE.items():
        if repeated == prefix:
            own = {name: prefix + name.removeprefix(other) for name in members if name.startswith(other)}
            found |= {name: twin for name, twin in own.items() if twin in members}
    return found


def _bodies(entry: Entry) -> tuple[dict[str, str], ...]:
    """What to ask with, so that each kind of file is asked for once."""
    schema = entry.described["requestBody"]["content"]["application/json"]["schema"]
    kinds = {name: told["enum"] for name, told in schema["properties"].items() if "enum" in told}
    most = max(map(len, kinds.values()), default=1)
    return tuple({name: values[nth % len(values)] for name, values in kinds.items()} for nth in range(most))


def _policy(encoded: str) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(base64.b64decode(encoded))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _matches(policy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The conditions on fields: name in small letters, and the value that is compared with."""
    for condition in policy.get("conditions", ()):
        if isinstance(condition, dict):
            yield from ((str(name).lower(), str(value)) for name, value in condition.items())
        elif isinstance(condition, list) and len(condition) == 3:
            operator, name, value = condition
            if str(operator).lower() != "content-length-range":
                yield str(name).removeprefix("$").lower(), str(value)
