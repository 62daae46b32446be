"""All that looks random in a drawing, and the mark that says which drawing it is.

Both depend on what the drawing is about and on nothing else. Python's own `hash` differs between processes
and `random` promises nothing between versions, so both are BLAKE2.
"""

from hashlib import blake2b


def _key(about: tuple[int | str, ...]) -> bytes:
    """A digest of 32 bytes; ("ab", "c") and ("a", "bc") have different ones."""
    digest = blake2b(digest_size=32, person=b"mockleo.media")
    for part in about:
        if isinstance(part, int):
            kind, data = b"i", part.to_bytes(part.bit_length() // 8 + 1, "big", signed=True)
        else:
            # A prompt may hold half of a surrogate pair: JSON can spell one.
            kind, data = b"s", part.encode("utf-8", "surrogatepass")
        digest.update(kind + len(data).to_bytes(8, "big") + data)
    return digest.digest()


def mark(*about: int | str) -> str:
    """32 hexadecimal digits that name a drawing. Written into each file, so no two drawings are equal."""
    return _key(about)[:16].hex()


class Chance:
    """An endless row of numbers that depends on `about` alone."""

    __slots__ = ("_block", "_key", "_left")

    def __init__(self, *about: int | str) -> None:
        self._key = _key(about)
        self._block = 0
        self._left = b""

    def octets(self, count: int) -> bytes:
        """The next `count` bytes."""
        parts = [self._left]
        missing = count - len(self._left)
        while missing > 0:
            parts.append(blake2b(self._block.to_bytes(8, "big"), key=self._key).digest())
            self._block += 1
            missing -= 64
        row = b"".join(parts)
        self._left = row[count:]
        return row[:count]

    def between(self, low: int, high: int) -> int:
        """The next number, `low` and `high` included. At most 2**24 apart: the bias stays under 1/256."""
        assert low <= high < low + (1 << 24), f"no number between {low} and {high}"
        return low + int.from_bytes(self.octets(4), "big") % (high - low + 1)
