"""Coefficients to bits: CAVLC, the variable-length code of clause 9.2 of ITU-T H.264.

Bits are strings of "0" and "1": Python joins and turns those into bytes faster than it shifts numbers. Only
what this encoder sends is here: blocks whose neighbours have no coefficients (nC = 0), and the DC of 4:2:0
chroma.
"""

from collections.abc import Sequence
from itertools import pairwise

Table = tuple[tuple[str, ...], ...]


def unsigned(value: int) -> str:
    """ue(v), clause 9.1: 0 is "1", 1 is "010", 2 is "011", ..."""
    code = format(value + 1, "b")
    return "0" * (len(code) - 1) + code


def signed(value: int) -> str:
    """se(v): 0, 1, -1, 2, -2, ... are the first codes of ue(v)."""
    return unsigned(2 * value - 1 if value > 0 else -2 * value)


def residual(levels: Sequence[int]) -> str:
    """A block of coefficients, lowest frequency first: 16 of luma (Intra16x16DCLevel) or 4 of chroma DC."""
    found = [(at, level) for at, level in enumerate(levels) if level]
    tokens, totals = (
        (CHROMA_COEFF_TOKEN, CHROMA_TOTAL_ZEROS) if len(levels) == 4 else (COEFF_TOKEN, TOTAL_ZEROS)
    )
    if not found:
        return tokens[0][0]
    # All that follows is sent from the highest frequency down.
    found.reverse()
    ones = _trailing_ones(found)
    bits = [tokens[len(found)][ones]]
    bits += ["1" if level < 0 else "0" for _, level in found[:ones]]
    bits += _levels([level for _, level in found[ones:]], total=len(found), ones=ones)
    if len(found) < len(levels):
        zeros = found[0][0] + 1 - len(found)
        bits.append(totals[len(found) - 1][zeros])
        bits += _runs([at for at, _ in found], zeros)
    return "".join(bits)


def _trailing_ones(found: list[tuple[int, int]]) -> int:
    """How many of the highest coefficients, three at most, are 1 or -1."""
    for ones, (_, level) in enumerate(found[:3]):
        if abs(level) != 1:
            return ones
    return min(3, len(found))


def _levels(levels: list[int], *, total: int, ones: int) -> list[str]:
    """Each level as a prefix in unary and a suffix whose length grows with the levels before it."""
    bits = []
    suffix_bits = 1 if total > 10 and ones < 3 else 0
    for number, level in enumerate(levels):
        code = 2 * level - 2 if level > 0 else -2 * level - 1
        if number == 0 and ones < 3:
            code -= 2  # it cannot be 1 or -1, or it would be a trailing one
        if suffix_bits == 0 and code < 14:
            bits.append("0" * code + "1")
        elif suffix_bits == 0 and code < 30:
            bits.append("0" * 14 + "1" + format(code - 14, "04b"))
        elif suffix_bits > 0 and code < 15 << suffix_bits:
            suffix = format(code & ((1 << suffix_bits) - 1), f"0{suffix_bits}b")
            bits.append("0" * (code >> suffix_bits) + "1" + suffix)
        else:
            escaped = code - (15 << suffix_bits if suffix_bits else 30)
            assert escaped < 1 << 12, f"a level of {level} in a picture of 8 bits"
            bits.append("0" * 15 + "1" + format(escaped, "012b"))
        suffix_bits = max(suffix_bits, 1)
        if abs(level) > 3 << (suffix_bits - 1) and suffix_bits < 6:
            suffix_bits += 1
    return bits


def _runs(places: list[int], zeros: int) -> list[str]:
    """The zeros before each coefficient but the lowest, until none are left."""
    bits = []
    for place, below in pairwise(places):
        if zeros == 0:
            break
        run = place - below - 1
        bits.append(RUN_BEFORE[min(zeros, 7) - 1][run])
        zeros -= run
    return bits


# Table 9-5, 0 <= nC < 2: by number of coefficients, then of trailing ones.
COEFF_TOKEN: Table = (
    ("1",),
    ("000101", "01"),
    ("00000111", "000100", "001"),
    ("000000111", "00000110", "0000101", "00011"),
    ("0000000111", "000000110", "00000101", "000011"),
    ("00000000111", "0000000110", "000000101", "0000100"),
    ("0000000001111", "00000000110", "0000000101", "00000100"),
    ("0000000001011", "0000000001110", "00000000101", "000000100"),
    ("0000000001000", "0000000001010", "0000000001101", "0000000100"),
    ("00000000001111", "00000000001110", "0000000001001", "00000000100"),
    ("00000000001011", "00000000001010", "00000000001101", "0000000001100"),
    ("000000000001111", "000000000001110", "00000000001001", "00000000001100"),
    ("000000000001011", "000000000001010", "000000000001101", "00000000001000"),
    ("0000000000001111", "000000000000001", "000000000001001", "000000000001100"),
    ("0000000000001011", "0000000000001110", "0000000000001101", "000000000001000"),
    ("0000000000000111", "0000000000001010", "0000000000001001", "0000000000001100"),
    ("0000000000000100", "0000000000000110", "0000000000000101", "0000000000001000"),
)

# Table 9-5, nC = -1.
CHROMA_COEFF_TOKEN: Table = (
    ("01",),
    ("000111", "1"),
    ("000100", "000110", "001"),
    ("000011", "0000011", "0000010", "000101"),
    ("000010", "00000011", "00000010", "0000000"),
)

# Tables 9-7 and 9-8: by number of coefficients (from 1 on), then of zeros below the highest.
TOTAL_ZEROS: Table = (
    (
        "1",
        "011",
        "010",
        "0011",
        "0010",
        "00011",
        "00010",
        "000011",
        "000010",
        "0000011",
        "0000010",
        "00000011",
        "00000010",
        "000000011",
        "000000010",
        "000000001",
    ),
    (
        "111",
        "110",
        "101",
        "100",
        "011",
        "0101",
        "0100",
        "0011",
        "0010",
        "00011",
        "00010",
        "000011",
        "000010",
        "000001",
        "000000",
    ),
    (
        "0101",
        "111",
        "110",
        "101",
        "0100",
        "0011",
        "100",
        "011",
        "0010",
        "00011",
        "00010",
        "000001",
        "00001",
        "000000",
    ),
    ("00011", "111", "0101", "0100", "110", "101", "100", "0011", "011", "0010", "00010", "00001", "00000"),
    ("0101", "0100", "0011", "111", "110", "101", "100", "011", "0010", "00001", "0001", "00000"),
    ("000001", "00001", "111", "110", "101", "100", "011", "010", "0001", "001", "000000"),
    ("000001", "00001", "101", "100", "011", "11", "010", "0001", "001", "000000"),
    ("000001", "0001", "00001", "011", "11", "10", "010", "001", "000000"),
    ("000001", "000000", "0001", "11", "10", "001", "01", "00001"),
    ("00001", "00000", "001", "11", "10", "01", "0001"),
    ("0000", "0001", "001", "010", "1", "011"),
    ("0000", "0001", "01", "1", "001"),
    ("000", "001", "1", "01"),
    ("00", "01", "1"),
    ("0", "1"),
)

# Table 9-9 (a).
CHROMA_TOTAL_ZEROS: Table = (
    ("1", "01", "001", "000"),
    ("1", "01", "00"),
    ("1", "0"),
)

# Table 9-10: by zeros left (from 1 on; 7 stands for more), then the run before this coefficient.
RUN_BEFORE: Table = (
    ("1", "0"),
    ("1", "01", "00"),
    ("11", "10", "01", "00"),
    ("11", "10", "01", "001", "000"),
    ("11", "10", "011", "010", "001", "000"),
    ("11", "000", "001", "011", "010", "101", "100"),
    (
        "111",
        "110",
        "101",
        "100",
        "011",
        "010",
        "001",
        "0001",
        "00001",
        "000001",
        "0000001",
        "00000001",
        "000000001",
        "0000000001",
        "00000000001",
    ),
)
