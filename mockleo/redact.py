"""The one place that takes secrets out of what is stored, shown or printed.

Known secrets (API keys, webhook keys, the control token, the bucket's) are found by their value,
wherever they stand. By their names, however short they are: what a presigned form is signed with,
headers that keys are sent in, and such members of a query; of these the name stays.

A value shorter than `SHORTEST` is no secret: it would be found in every other word. Nor is one of
nothing but ASCII letters with fewer than `LETTERS_FEWEST` of them: that is no key but what stands
where one should (`undefined`, `password`), and our own documents are made of such words. What those
documents are held together by (the names in them, ids, digests) is left alone.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import weakref
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote_plus

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 8
LETTERS_FEWEST = 20
# Of what was refused, and so cost nobody anything; the oldest goes first. The journal holds as many.
SUSPECTS_MOST = 10_000
MASK = "[redacted]"
_MASK = MASK.encode()

# So many are looked for one by one, which is the fastest for few.
_FEW = 64

_LETTERS = re.compile(r"[A-Za-z]+")
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


# Headers that keys are sent in, beside the authorization, which is not kept at all.
_KEY_HEADERS = frozenset(
    {
        "authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token", "cookie",
        "set-cookie",
    }
)  # fmt: skip
_KEY_MEMBERS = frozenset({"api_key", "apikey", "key", "token", "access_token"})
_MASKED_NAMES = _SIGNED_NAMES | _KEY_HEADERS

# Fields of our own documents in which nothing stands that a client has thought of.
_OURS = frozenset(
    {
        "user_id", "key_id", "job_id", "calling", "chance", "digest", "key_digest", "etag", "bytes",
        "kind", "lane", "operation", "state",
    }
)  # fmt: skip

# How they are named; headers, and whatever else a client has named, look otherwise or are bytes.
_OUR_NAME = re.compile(r"[A-Za-z]+(?:[_.][A-Za-z]+)*")


class Redactor:
    """Knows the secrets of one emulator. `spared` are words of our own that are none."""

    def __init__(self, *, spared: Iterable[str] = ()) -> None:
        self._spared = frozenset(spared)
        self._secrets: set[str] = set()
        # What may be one, the oldest first.
        self._suspects: dict[str, None] = {}
        # What they may stand as, and for how many of them.
        self._words: Counter[bytes] = Counter()
        self._search = _Search(())
        self._is_stale = False

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets) + len(self._suspects)} secrets)"

    def learn(self, *secrets: str | None) -> None:
        """Take these for secrets from now on."""
        for secret in secrets:
            if secret is None or secret in self._secrets or not self._can_be_one(secret):
                continue
            self._secrets.add(secret)
            if secret in self._suspects:
                del self._suspects[secret]
            else:
                self._enter(secret)

    def suspect(self, *secrets: str) -> None:
        """Take these for secrets as long as there are no more than `SUSPECTS_MOST` newer ones."""
        for secret in secrets:
            if secret in self._secrets or not self._can_be_one(secret):
                continue
            if secret in self._suspects:
                del self._suspects[secret]
            else:
                self._enter(secret)
            self._suspects[secret] = None
            if len(self._suspects) > SUSPECTS_MOST:
                self._leave(next(iter(self._suspects)))

    def clean(self, raw: bytes, *, own: bytes = b"") -> bytes:
        """`raw` without secrets; `own` is the one that most likely stands there, in whatever way."""
        lowered = raw.lower()
        if any(sign in lowered for sign in _SIGNS):
            raw = _SIGNED.sub(rb"\1" + _MASK, raw)
        if own:
            raw = raw.replace(own, _MASK)
        if self._is_stale:
            self._search, self._is_stale = _Search(self._words), False
        return self._search.without(raw)

    def text(self, text: str, *, own: bytes = b"") -> str:
        """`text` without secrets."""
        raw = text.encode("utf-8", "surrogatepass")
        cleaned = self.clean(raw, own=own)
        return text if cleaned == raw else cleaned.decode("utf-8", "surrogatepass")

    def copy(self, value: Any) -> Any:
        """`value` without secrets, whatever it is made of: texts, bytes, collections, structs.

        Names that look like ours stay, be there a secret of the same letters.
        """
        if type(value) is str:
            return self.text(value)
        if isinstance(value, bytes):
            return self.clean(value)
        if isinstance(value, dict):
            return {
                key if _is_ours(key) else self.copy(key): self._entry(key, each)
                for key, each in value.items()
            }
        if type(value) in {list, tuple}:
            return type(value)(self.copy(each) for each in value)
        if isinstance(value, msgspec.Struct):
            told = {name: getattr(value, name) for name in value.__struct_fields__}
            changed = {name: new for name, old in told.items() if (new := self._field(name, old)) != old}
            return msgspec.structs.replace(value, **changed) if changed else value
        return value

    def _entry(self, key: Any, value: Any) -> Any:
        """The value of a mapping's entry, whose key may say that it is a secret."""
        if isinstance(key, bytes):
            if not isinstance(value, bytes):
                return self.copy(value)
            if key.decode("latin-1").lower() in _MASKED_NAMES:
                return _MASK
            return self.clean(without_members(value.decode("latin-1")).encode("latin-1"))
        if isinstance(key, str):
            if isinstance(value, str) and key.lower() in _MASKED_NAMES:
                return MASK
            return self._unless_ours(key, value)
        return self.copy(value)

    def _field(self, name: str, value: Any) -> Any:
        """The value of a field of what is told.

        In plain data, such as an exported state, a URL has to lead to the same place again.
        """
        if type(value) is str:
            if name == "query":
                value = _members_without_keys(value)
            elif name == "url":
                value = without_members(value)
        return self._unless_ours(name, value)

    def _unless_ours(self, name: str, value: Any) -> Any:
        return value if name in _OURS and type(value) is str else self.copy(value)

    def _can_be_one(self, secret: str) -> bool:
        if len(secret) < SHORTEST or secret in self._spared:
            return False
        return len(secret) >= LETTERS_FEWEST or _LETTERS.fullmatch(secret) is None

    def _enter(self, secret: str) -> None:
        self._words.update(_forms(secret))
        self._is_stale = True

    def _leave(self, suspect: str) -> None:
        del self._suspects[suspect]
        for form in _forms(suspect):
            self._words[form] -= 1
            if not self._words[form]:
                del self._words[form]
        self._is_stale = True


class _Search:
    """Finds words in bytes: few one by one, and many at once, however many they are."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = sorted(words)
        # Few are looked for one by one, the longest first: one may be part of another.
        self._few = sorted(self._words, key=len, reverse=True) if len(self._words) <= _FEW else None
        if self._few is None:
            self._prepare()

    def _prepare(self) -> None:
        signs = b"".join(re.escape(bytes([sign])) for sign in sorted(set(b"".join(self._words))))
        self._run = re.compile(b"[%s]{%d,}" % (signs, SHORTEST))
        self._longest = max(map(len, self._words))
        self._begins = frozenset(word[:SHORTEST] for word in self._words)
        # For each word the longest other one that it begins with, if any.
        self._within: dict[bytes, bytes] = {}
        open_: list[bytes] = []
        for word in self._words:
            while open_ and not word.startswith(open_[-1]):
                open_.pop()
            if open_:
                self._within[word] = open_[-1]
            open_.append(word)

    def without(self, raw: bytes) -> bytes:
        if self._few is None:
            return self._run.sub(self._without, raw)
        for word in self._few:
            raw = raw.replace(word, _MASK)
        return raw

    def _without(self, found: re.Match[bytes]) -> bytes:
        """A run of signs without the words in it, be they whole or in its middle."""
        run, begins = found[0], self._begins
        kept: list[bytes] = []
        since = start = 0
        last = len(run) - SHORTEST
        while start <= last:
            if run[start : start + SHORTEST] in begins and (size := self._size_at(run, start)):
                kept += (run[since:start], _MASK)
                since = start = start + size
            else:
                start += 1
        return b"".join((*kept, run[since:])) if kept else run

    def _size_at(self, run: bytes, start: int) -> int:
        """How long the longest word is that stands at `start`; 0 where none does.

        What begins with a word sorts behind it, and whatever sorts in between begins with it too.
        So it is the last word that sorts no later, or one that this begins with.
        """
        rest = run[start : start + self._longest]
        nth = bisect_right(self._words, rest)
        word = self._words[nth - 1] if nth else None
        while word is not None and not rest.startswith(word):
            word = self._within.get(word)
        return 0 if word is None else len(word)


def _is_ours(name: Any) -> bool:
    """Whether a mapping's key is a name that one of our own documents may have."""
    return isinstance(name, str) and _OUR_NAME.fullmatch(name) is not None


def _members_without_keys(query: str) -> str:
    """A query whose members show no keys; that there was one stays to be seen."""
    if "=" not in query:
        return query
    members = (member.partition("=") for member in query.split("&"))
    return "&".join(
        f"{name}={MASK}" if value and unquote_plus(name).lower() in _KEY_MEMBERS else f"{name}{sign}{value}"
        for name, sign, value in members
    )


def without_members(url: str) -> str:
    """A URL whose query shows no keys."""
    path, mark, query = url.partition("?")
    return path + mark + _members_without_keys(query)


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
