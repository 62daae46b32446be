"""A form as it is sent: multipart/form-data, and the same as a line for the shell.

A form lives for two minutes, and who holds it may write: so the line takes the form's fields from
one that is asked for anew.
"""

from __future__ import annotations

import hashlib
import shlex
from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.door import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockleo.conformance.caller import Caller
    from mockleo.conformance.uploads.forms import Form

_FILE = "file"
# Longer files are not spelled out in a line for the shell.
_SPELLED_BYTES_MOST = 512


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a form. The part named `file` is the file."""

    name: str
    value: bytes
    filename: str | None = None
    content_type: str | None = None


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A form that is filled in. `headers` come along with it; `content_type` and `body` are sent in
    place of what the fields would make, and `about` says in words what that body is.
    """

    fields: tuple[Field, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = None
    body: bytes | None = None
    about: str = ""


def filled_in(
    form: Form,
    content: bytes,
    *,
    filename: str | None = "image.png",
    changes: dict[str, str] | None = None,
    without: Iterable[str] = (),
    order: tuple[str, ...] | None = None,
) -> Post:
    """A form with its file last. `changes` are made to its fields, or add to them; `without` are left out."""
    values = {name: value for name, value in form.fields.items() if name not in set(without)}
    values |= changes or {}
    names = order if order is not None else tuple(values)
    fields = [Field(name=name, value=values[name].encode()) for name in names if name in values]
    return Post(fields=(*fields, the_file(content, filename=filename)))


def the_file(content: bytes, *, filename: str | None = "image.png") -> Field:
    return Field(name=_FILE, value=content, filename=filename, content_type="application/octet-stream")


def request_of(post: Post, url: str) -> Request:
    """The call that sends it, without a key: storage is not the API."""
    encoded, boundary = encode(post.fields)
    body = encoded if post.body is None else post.body
    content_type = post.content_type or f"multipart/form-data; boundary={boundary}"
    return Request(method="POST", url=url, headers=(("content-type", content_type), *post.headers), body=body)


def encode(fields: Iterable[Field]) -> tuple[bytes, str]:
    """multipart/form-data and its boundary, which is drawn from what it must not be found in."""
    inside = [_head(field) + field.value for field in fields]
    boundary = f"mockleo-{hashlib.sha256(b''.join(inside)).hexdigest()[:32]}"
    line = b"--" + boundary.encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in inside) + line + b"--\r\n", boundary


def _head(field: Field) -> bytes:
    """A part's headers. Names are escaped as browsers do it (HTML, multipart form data)."""
    said = f'Content-Disposition: form-data; name="{_escaped(field.name)}"'
    if field.filename is not None:
        said += f'; filename="{_escaped(field.filename)}"'
    if field.content_type is not None:
        said += f"\r\nContent-Type: {field.content_type}"
    return said.encode() + b"\r\n\r\n"


def _escaped(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def curl_of(post: Post, form: Form) -> str:
    """The line that sends the same; what it needs before is told by `steps_of`."""
    words = ["curl", "-sS", "-i", shlex.quote(form.url)]
    for name, value in post.headers:
        words += ["-H", shlex.quote(f"{name}: {value}")]
    if post.body is not None:
        kind = post.content_type or "multipart/form-data"
        words += ["-H", shlex.quote(f"content-type: {kind}"), "--data-binary", "@body.bin"]
        return f"{' '.join(words)}  # body.bin: {post.about}"
    for field in post.fields:
        words += _words(field, form)
    return " ".join(words)


def _words(field: Field, form: Form) -> list[str]:
    if field.name == _FILE:
        if field.filename is None:
            return ["-F", shlex.quote(f"{_FILE}=<upload.bin")]
        return ["-F", shlex.quote(f'{_FILE}=@upload.bin;filename="{_escaped(field.filename)}"')]
    value = field.value.decode("utf-8", "replace")
    given = form.name(field.name)
    if given is not None and form.fields[given] == value:
        return ["-F", f'{shlex.quote(field.name)}="$(field {shlex.quote(given)})"']
    if len(value) > _SPELLED_BYTES_MOST and len(set(value)) == 1:
        return [
            "-F",
            f"{field.name}=\"$(head -c {len(value)} /dev/zero | tr '\\0' {shlex.quote(value[0])})\"",
        ]
    flag = "--form-string" if value.startswith(("@", "<")) or ";" in value else "-F"
    short = value if len(value) <= _SPELLED_BYTES_MOST else f"{value[:40]}...({len(value)} characters)"
    return [flag, shlex.quote(f"{field.name}={short}")]


def steps_of(post: Post, form: Form, caller: Caller) -> tuple[str, ...]:
    """What is to be done before: ask for a form, be able to read it, and have the file."""
    giver, root = form.giver, caller.operations[form.giver.operation].root
    ask = caller.curl(form.asked.request).replace("curl -sS -i", "curl -sS", 1)
    content = next((field.value for field in post.fields if field.name == _FILE), None)
    steps = [
        f"answer=$({ask})",
        f'field() {{ jq -r --arg n "$1" \'.{root}.{giver.fields} | fromjson | .[$n]\' <<<"$answer"; }}',
    ]
    if content is not None:
        steps.append(_making(content))
    return tuple(steps)


def _making(content: bytes) -> str:
    if len(content) > _SPELLED_BYTES_MOST:
        return f"head -c {len(content)} /dev/zero > upload.bin"
    escaped = "".join(f"\\{byte:03o}" for byte in content)
    return f"printf '{escaped}' > upload.bin"
