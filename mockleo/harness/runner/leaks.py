"""Secrets in what a client prints, found while it prints it, however much that is."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockleo.harness.run import Leak

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockleo.redact import Redactor

MASK = "[redacted]"
# What is kept of a line, in signs, and how much of that may stand before the secret.
_LINE_MOST = 200
_BEFORE_MOST = 80
# So much stands by until all secrets are known: far more than is kept, since they are cut out of it.
_BESIDE_BYTES = 1_000
# A line is looked at in pieces of so many bytes.
_PIECE_BYTES = 65_536
# What is kept of the end, in bytes, and what of it is told, in signs.
_END_BYTES = 65_536
_TAIL_SIGNS = 4_000
# More of the same prove no more.
_LEAKS_MOST = 100
# Of base64 three bytes make four signs, so a text stands there in one of three ways.
_GROUP = 3


class Printed:
    """One stream of what a client prints: its end, and the lines in which a secret stands.

    `secrets` are by what they are ("the API key").
    """

    def __init__(self, stream: str, secrets: Mapping[str, str]) -> None:
        self.stream = stream
        self._secrets = {what: forms(secret) for what, secret in secrets.items() if secret}
        every = [form for each in self._secrets.values() for form in each]
        self._every = sorted(every, key=len, reverse=True)
        # The rest of a piece in which a secret may have begun.
        self._kept = max(map(len, every), default=1) - 1
        self._rest = b""
        self._end = b""
        self._lines = 0
        # By line and by what it is: a long line is looked at more than once.
        self._found: dict[tuple[int, str], bytes] = {}

    def feed(self, chunk: bytes) -> None:
        """Take what was printed next."""
        self._end = (self._end + chunk)[-_END_BYTES:]
        whole, newline, rest = (self._rest + chunk).rpartition(b"\n")
        if newline:
            self._look(whole)
            self._lines += whole.count(b"\n") + 1
        while len(rest) > _PIECE_BYTES:
            self._look(rest[:_PIECE_BYTES])
            rest = rest[_PIECE_BYTES - self._kept :]
        self._rest = rest

    def close(self) -> None:
        """No more comes."""
        self._look(self._rest)
        self._rest = b""

    def leaks(self, redactor: Redactor) -> Iterator[Leak]:
        """Each line in which a secret stands, the first ones of many."""
        for (number, what), line in self._found.items():
            text = redactor.text(self._masked(line))
            start = max(0, text.find(MASK) - _BEFORE_MOST)
            yield Leak(stream=self.stream, line=number, what=what, text=text[start : start + _LINE_MOST])

    def tail(self, redactor: Redactor) -> str:
        """The end of all that was printed, without secrets. It is cut where none can be in half."""
        return redactor.text(self._masked(self._end))[-_TAIL_SIGNS:]

    def _look(self, block: bytes) -> None:
        if not any(form in block for form in self._every):
            return
        for nth, line in enumerate(block.split(b"\n"), 1):
            for what, those in self._secrets.items():
                at = min((place for form in those if (place := line.find(form)) >= 0), default=None)
                if at is not None and len(self._found) < _LEAKS_MOST:
                    beside = line[max(0, at - _BESIDE_BYTES) : at + _BESIDE_BYTES]
                    self._found.setdefault((self._lines + nth, what), beside)

    def _masked(self, raw: bytes) -> str:
        for form in self._every:
            raw = raw.replace(form, MASK.encode())
        return raw.decode("utf-8", "replace")


def forms(secret: str) -> list[bytes]:
    """What a secret looks like as it is, in capitals, in a URL, and in base64 wherever it begins."""
    raw = secret.encode()
    found = {raw, raw.upper(), raw.lower(), quote(secret, safe="").encode()}
    for before in range(_GROUP):
        coded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        # Signs at either end hang on what stands beside it.
        inner = coded[(before * 4 + 2) // 3 : -1]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return sorted(found)
