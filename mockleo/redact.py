"""The one place that takes secrets out of what is stored, shown or printed.

Known secrets (API keys, webhook keys, the control token, the bucket's) are found by their value,
wherever they stand; what a presigned form is signed with by its name. A value shorter than
`SHORTEST` is no secret: it would be found in every other word.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import weakref
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

SHORTEST = 8
MASK = "[redacted]"
_MASK = MASK.encode()

# So many are looked for one by one, which is the fastest for few.
_FEW = 64

# What most secrets are made of: among more than a few, one of these is looked up, not looked for.
_RUN = re.compile(rb"[A-Za-z0-9_-]+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")

# Form fields and query parameters that let somebody upload, and what those begin with in which
# nothing else does.
_SIGNED_NAMES = frozenset(
    {
        "x-amz-signature", "x-amz-credential", "x-amz-security-token",
        "policy", "signature", "awsaccesskeyid",
    }
)  # fmt: skip
_SIGNS = (b"x-amz-", b"policy", b"signature", b"awsaccesskeyid")
# In JSON (as it is, or as text within JSON), in a query, in a urlencoded form, or in a part of a
# multipart one. The plain words mean other things too, so what follows must look signed.
_SIGNED = re.compile(
    rb"""((?:(x-amz-(?:signature|credential|security-token))|(?<![a-z])(?:policy|signature|awsaccesskeyid))"""
    rb"""\\*["']?(?:\s*[=:]\s*|\r?\n\r?\n)\\*["']?)"""
    rb"""((?(2)[^"'\\&,}\s]+|[A-Za-z0-9+/=%_-]{16,}))""",
    re.IGNORECASE,
)


class Redactor:
    """Knows the secrets of one emulator."""

    def __init__(self) -> None:
        self._words: set[bytes] = set()
        # Secrets with other signs in them; few, if any.
        self._others: list[bytes] = []
        # The same words, the longest first: one may be part of another. Made anew when needed.
        self._in_turn: tuple[bytes, ...] | None = ()
        self._sizes: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Redactor({len(self._words) + len(self._others)} secrets)"

    def learn(self, *secrets: str | None) -> None:
        """Take these for secrets from now on."""
        for secret in secrets:
            if secret is None or len(secret) < SHORTEST:
                continue
            for raw in _forms(secret):
                if _RUN.fullmatch(raw):
                    if raw not in self._words:
                        self._words.add(raw)
                        self._in_turn = None
                elif raw not in self._others:
                    self._others.append(raw)
                    self._others.sort(key=lambda other: (-len(other), other))

    def clean(self, raw: bytes, *, own: bytes = b"") -> bytes:
        """`raw` without secrets; `own` is the one that most likely stands there, in whatever way."""
        lowered = raw.lower()
        if any(sign in lowered for sign in _SIGNS):
            raw = _SIGNED.sub(rb"\1" + _MASK, raw)
        if own:
            raw = raw.replace(own, _MASK)
        for other in self._others:
            raw = raw.replace(other, _MASK)
        if self._in_turn is None:
            self._sort()
            assert self._in_turn is not None, "it was just made"
        if len(self._in_turn) <= _FEW:
            for word in self._in_turn:
                raw = raw.replace(word, _MASK)
            return raw
        return _RUN.sub(self._without, raw)

    def text(self, text: str, *, own: bytes = b"") -> str:
        """`text` without secrets."""
        raw = text.encode("utf-8", "surrogatepass")
        cleaned = self.clean(raw, own=own)
        return text if cleaned == raw else cleaned.decode("utf-8", "surrogatepass")

    def copy(self, value: Any) -> Any:
        """`value` without secrets, whatever it is made of: texts, bytes, collections, structs."""
        if type(value) is str:
            return self.text(value)
        if isinstance(value, bytes):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.copy(key): self._entry(key, each) for key, each in value.items()}
        if type(value) in {list, tuple}:
            return type(value)(self.copy(each) for each in value)
        if isinstance(value, msgspec.Struct):
            told = {name: getattr(value, name) for name in value.__struct_fields__}
            changed = {name: new for name, old in told.items() if (new := self.copy(old)) != old}
            return msgspec.structs.replace(value, **changed) if changed else value
        return value

    def _entry(self, key: Any, value: Any) -> Any:
        """The value of a mapping's entry, whose key may say that it is a secret."""
        name = key.decode("latin-1") if isinstance(key, bytes) else key
        if isinstance(value, str | bytes) and isinstance(name, str) and name.lower() in _SIGNED_NAMES:
            return MASK if isinstance(value, str) else _MASK
        return self.copy(value)

    def _sort(self) -> None:
        self._in_turn = tuple(sorted(self._words, key=lambda word: (-len(word), word)))
        self._sizes = tuple(sorted({len(word) for word in self._words}, reverse=True))

    def _without(self, found: re.Match[bytes]) -> bytes:
        """A run of signs without the secrets in it, be they whole or in its middle."""
        run = found[0]
        for size in self._sizes:
            start = 0
            while start + size <= len(run):
                if run[start : start + size] in self._words:
                    run = run[:start] + _MASK + run[start + size :]
                    start += len(_MASK)
                else:
                    start += 1
        return run


def _forms(secret: str) -> set[bytes]:
    """The bytes that a secret may stand as: plain, in a URL, in a form, in JSON, as a header's."""
    ids = {secret.lower(), secret.upper()} if _UUID.fullmatch(secret) else set()
    texts = {secret, *ids, quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace")}
    texts |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms = {text.encode("utf-8", "surrogatepass") for text in texts}
    # A header's bytes are read one by one; in a body the same ones are UTF-8.
    with contextlib.suppress(UnicodeEncodeError):
        forms.add(secret.encode("latin-1"))
    return forms


# The redactors of every emulator in this process; each goes when its emulator does.
_redactors: weakref.WeakSet[Redactor] = weakref.WeakSet()

# Whoever logs while an emulator runs: we, its server, and the loop about tasks that broke.
_LOGGERS = ("mockleo", "uvicorn", "uvicorn.error", "asyncio", "concurrent.futures", "py.warnings")


class RedactingFilter(logging.Filter):
    """Takes secrets out of whatever is logged, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{logging.Formatter().formatException(record.exc_info)}"
            record.exc_info = record.exc_text = None
        if record.stack_info:
            text, record.stack_info = f"{text}\n{record.stack_info}", None
        for redactor in list(_redactors):
            text = redactor.text(text)
        record.msg, record.args = text, None
        return True


_FILTER = RedactingFilter()


def guard_logs(redactor: Redactor) -> None:
    """Let nothing be logged any more that `redactor` knows for a secret."""
    _redactors.add(redactor)
    for name in _LOGGERS:
        # Adding it twice does nothing.
        logging.getLogger(name).addFilter(_FILTER)
