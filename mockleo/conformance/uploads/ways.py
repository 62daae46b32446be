"""What can be done to a form between its asking and its sending: each a function from the form and
the file's bytes to a post, or None where the form has nothing of the kind.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.uploads.posting import Field, Post, encode, filled_in, the_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.conformance.uploads.forms import Form

# AWS: sigv4-HTTPPOSTForms; all that stands before the file, with its boundaries.
HEAD_BYTES_MOST = 20_480


def changed(name: str, by: Callable[[str], str]) -> Callable[[Form, bytes], Post | None]:
    """A form with one field changed."""

    def make(form: Form, content: bytes) -> Post | None:
        spelled = form.name(name)
        return (
            None if spelled is None else filled_in(form, content, changes={spelled: by(form.fields[spelled])})
        )

    return make


def without(*names: str) -> Callable[[Form, bytes], Post | None]:
    """A form without some of its fields."""

    def make(form: Form, content: bytes) -> Post | None:
        spelled = [form.name(name) for name in names]
        if None in spelled:
            return None
        return filled_in(form, content, without=[name for name in spelled if name is not None])

    return make


def added(**fields: str) -> Callable[[Form, bytes], Post | None]:
    return lambda form, content: filled_in(
        form, content, changes={name.replace("_", "-"): value for name, value in fields.items()}
    )


def other_end(text: str) -> str:
    """Another last character, of the same alphabet."""
    return text[:-1] + ("0" if text[-1:] != "0" else "1")


def longer_life(encoded: str) -> str:
    """A policy that says the same, but until the year 2099."""
    policy = msgspec.json.decode(base64.b64decode(encoded))
    policy["expiration"] = "2099-01-01T00:00:00.000Z"
    return base64.b64encode(msgspec.json.encode(policy)).decode()


def no_conditions(encoded: str) -> str:
    policy = msgspec.json.decode(base64.b64decode(encoded))
    policy["conditions"] = []
    return base64.b64encode(msgspec.json.encode(policy)).decode()


def no_file(form: Form, _: bytes) -> Post:
    return Post(fields=filled_in(form, b"").fields[:-1])


def file_first(form: Form, content: bytes) -> Post:
    *fields, file = filled_in(form, content).fields
    return Post(fields=(file, *fields))


def policy_behind(form: Form, content: bytes) -> Post:
    """The key before the file, and all else behind it, where nobody looks."""
    *fields, file = filled_in(form, content).fields
    before = [field for field in fields if field.name.lower() == "key"]
    return Post(fields=(*before, file, *(field for field in fields if field not in before)))


def field_behind(form: Form, content: bytes) -> Post:
    plain = filled_in(form, content)
    return Post(fields=(*plain.fields, Field(name="x-amz-meta-behind", value=b"nobody sees me")))


def named_fields(form: Form, content: bytes) -> Post:
    """As a Python client does that hands its fields over as files."""
    *fields, file = filled_in(form, content).fields
    return Post(fields=(*(msgspec.structs.replace(field, filename=field.name) for field in fields), file))


def shouted(form: Form, content: bytes) -> Post:
    *fields, file = filled_in(form, content).fields
    return Post(fields=(*(msgspec.structs.replace(field, name=field.name.upper()) for field in fields), file))


def plain_file(form: Form, content: bytes) -> Post:
    fields = filled_in(form, content).fields[:-1]
    return Post(fields=(*fields, the_file(content, filename=None)))


def with_key(form: Form, content: bytes) -> Post:
    """What a client does that sends its API headers with everything."""
    return msgspec.structs.replace(
        filled_in(form, content), headers=(("authorization", "Bearer not-a-key-of-anybodys"),)
    )


def as_json(form: Form, _: bytes) -> Post:
    return Post(
        content_type="application/json",
        body=msgspec.json.encode(dict(form.fields)),
        about="the form's fields as JSON",
    )


def cut_off(form: Form, content: bytes) -> Post:
    """The multipart body ends within the file, without its last boundary."""
    body, boundary = encode(filled_in(form, content).fields)
    kept = body[: -len(boundary) - 8]
    return Post(
        content_type=f"multipart/form-data; boundary={boundary}",
        body=kept,
        about="the form and its file, cut off before the last boundary",
    )


def long_head(form: Form, content: bytes) -> Post:
    return filled_in(form, content, changes={"x-ignore-much": "x" * HEAD_BYTES_MOST})
