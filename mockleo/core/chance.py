"""All chance of one account, drawn from one seed.

Nothing here has a state: a draw is a keyed hash of the seed and a label, so the same label
gives the same draw however often and in whatever order it is asked for.
"""

from hashlib import blake2b

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}

# The widest digest there is makes this many ids.
_AT_ONCE = 4

# UUID version 6 counts steps of 100 ns from the start of the Gregorian calendar.
_GREGORIAN_OFFSET = 0x01B21DD213814000
_STEPS_IN_A_MS = 10_000


class Chance:
    """Draws from one `seed`. Two with the same seed are the same."""

    __slots__ = ("_base", "_wide", "seed")

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self._base = blake2b(key=seed, digest_size=16)
        self._wide = blake2b(key=seed, digest_size=16 * _AT_ONCE)

    def __repr__(self) -> str:
        return "Chance(...)"

    def bytes16(self, label: str) -> bytes:
        """16 bytes that belong to `label`."""
        draw = self._base.copy()
        draw.update(label.encode())
        return draw.digest()

    def below(self, bound: int, label: str) -> int:
        """A whole number from 0 to `bound` - 1."""
        return int.from_bytes(self.bytes16(label), "big") % bound

    def child(self, label: str) -> "Chance":
        """A door of its own for a part, such as one account of a world."""
        return Chance(self.bytes16(label))

    def uuid4(self, label: str) -> str:
        """An id in the form of UUID version 4, as images and uploads have."""
        return _as_uuid4(self.bytes16(label).hex())

    def uuid4s(self, label: str, count: int) -> tuple[str, ...]:
        """`count` ids at once, which costs less than one after the other."""
        text = ""
        for block in range(0, count, _AT_ONCE):
            draw = self._wide.copy()
            draw.update(f"{label}:{block}".encode())
            text += draw.hexdigest()
        return tuple([_as_uuid4(text[32 * nth : 32 * nth + 32]) for nth in range(count)])

    def uuid6(self, label: str, *, at_ms: int, nth: int) -> str:
        """An id in the form of UUID version 6, as newer generations have.

        It carries the time, so ids sort as their jobs were made; `nth` tells apart what was
        made in one millisecond.
        """
        steps = at_ms * _STEPS_IN_A_MS + nth % _STEPS_IN_A_MS + _GREGORIAN_OFFSET
        text = self.bytes16(label).hex()
        head = f"{steps >> 12:012x}"
        return f"{head[:8]}-{head[8:]}-6{steps & 0xFFF:03x}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


def _as_uuid4(text: str) -> str:
    """32 hexadecimal digits in the form of UUID version 4."""
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"
