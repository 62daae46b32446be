"""A call as a line for the shell, so that a finding can be seen again without us."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockleo.conformance.door import Request

KEY = "$LEONARDO_API_KEY"

# curl says these itself, and says them right.
_OF_THE_WAY = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})
# Longer bodies are no reading matter.
_BODY_CHARS_MOST = 4_000


def curl(request: Request, *, api_key: str = "") -> str:
    """The call as one line of a POSIX shell; the key in it is a variable of the shell's.

    `api_key` is what is replaced, wherever it stands; where it is not told, what a header
    Authorization says after its scheme is. A body that is no text goes in as base64.
    """
    key = api_key or _key_of(request)
    words = ["curl", "-sS", "-i"]
    if request.method == "HEAD":
        words.append("--head")
    elif request.method != ("POST" if request.body else "GET"):
        words += ["-X", _quoted(request.method, key)]
    words += ["--globoff", "--path-as-is", _quoted(request.url, key)]
    for name, value in request.headers:
        if name.lower() not in _OF_THE_WAY:
            # curl leaves a header with an empty value out, unless it ends with a semicolon.
            words += ["-H", _quoted(f"{name}: {value}" if value else f"{name};", key)]
    before, after = "", ""
    if request.body:
        if not any(name.lower() == "content-type" for name, _ in request.headers):
            words += ["-H", "'Content-Type:'"]
        words.append("--data-binary")
        text = _text(request.body)
        if text is None:
            before = f"printf %s {base64.b64encode(request.body).decode()} | base64 -d | "
            words.append("@-")
        elif len(text) > _BODY_CHARS_MOST:
            words.append("@body.txt")
            after = f"  # body.txt: {len(request.body)} bytes, too long to be shown; they begin {text[:60]!r}"
        else:
            # What begins with an at sign would be read from a file.
            if text.startswith("@"):
                words[-1] = "--data-raw"
            words.append(_quoted(text, key))
    if len(before) > _BODY_CHARS_MOST:
        before, after = "", f"  # {len(request.body)} bytes that are no text: have them in a file"
        words[-1] = "@body.bin"
    return before + " ".join(words) + after


def _text(body: bytes) -> str | None:
    """The body as text, where it is one that a shell can hold."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if any(ord(char) < 32 and char not in "\n\t" for char in text) else text


def _key_of(request: Request) -> str:
    for name, value in request.headers:
        if name.lower() == "authorization":
            return value.rpartition(" ")[2].strip()
    return ""


def _quoted(word: str, key: str) -> str:
    """`word` for the shell; the key in it is left to be filled in by the shell."""
    if not key or key not in word:
        return shlex.quote(word)
    parts = word.split(key)
    return f'"{KEY}"'.join(shlex.quote(part) if part else "" for part in parts)
