from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.cavlc import (
    CHROMA_COEFF_TOKEN,
    CHROMA_TOTAL_ZEROS,
    COEFF_TOKEN,
    RUN_BEFORE,
    TOTAL_ZEROS,
    residual,
    signed,
    unsigned,
)

# Mostly small, as after a transform; now and then as large as 8 bits allow.
LEVEL = st.one_of(st.just(0), st.integers(-2, 2), st.integers(-20, 20), st.integers(-255, 255))

# Every set of codes that a decoder chooses among at one point.
CODES = {
    "coeff_token": [code for row in COEFF_TOKEN for code in row],
    "chroma coeff_token": [code for row in CHROMA_COEFF_TOKEN for code in row],
    **{f"total_zeros {number}": list(row) for number, row in enumerate(TOTAL_ZEROS, 1)},
    **{f"chroma total_zeros {number}": list(row) for number, row in enumerate(CHROMA_TOTAL_ZEROS, 1)},
    **{f"run_before {number}": list(row) for number, row in enumerate(RUN_BEFORE, 1)},
}


@pytest.mark.parametrize("name", CODES)
def test_no_code_begins_with_another(name: str) -> None:
    for one, other in combinations(CODES[name], 2):
        assert not one.startswith(other)
        assert not other.startswith(one)


def test_the_tables_have_a_code_for_every_case() -> None:
    assert [len(row) for row in COEFF_TOKEN] == [min(total, 3) + 1 for total in range(17)]
    assert [len(row) for row in CHROMA_COEFF_TOKEN] == [min(total, 3) + 1 for total in range(5)]
    assert [len(row) for row in TOTAL_ZEROS] == [17 - total for total in range(1, 16)]
    assert [len(row) for row in CHROMA_TOTAL_ZEROS] == [5 - total for total in range(1, 4)]
    assert [len(row) for row in RUN_BEFORE] == [2, 3, 4, 5, 6, 7, 15]


# Table 9-2 and table 9-3 of the standard.
@pytest.mark.parametrize(
    ("value", "bits"), [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (7, "0001000"), (9, "0001010")]
)
def test_unsigned(value: int, bits: str) -> None:
    assert unsigned(value) == bits


@pytest.mark.parametrize(
    ("value", "bits"), [(0, "1"), (1, "010"), (-1, "011"), (2, "00100"), (-2, "00101"), (-6, "0001101")]
)
def test_signed(value: int, bits: str) -> None:
    assert signed(value) == bits


# The worked examples of I. Richardson's "The H.264 Advanced Video Compression Standard", section 7.4.2.
@pytest.mark.parametrize(
    ("levels", "bits"),
    [
        ((0, 3, 0, 1, -1, -1, 0, 1), "000010001110010111101101"),
        ((-2, 4, 3, -3, 0, 0, -1), "0000000110100010010000101110011" + "00"),
        ((0, 0, 0, 1, 0, 1, 0, 0, 0, -1), "0001110001110010"),
    ],
)
def test_the_worked_examples(levels: tuple[int, ...], bits: str) -> None:
    assert residual(levels + (0,) * (16 - len(levels))) == bits


def test_no_coefficients_are_one_code() -> None:
    assert residual((0,) * 16) == "1"
    assert residual((0,) * 4) == "01"


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([4, 16]).flatmap(lambda size: st.lists(LEVEL, min_size=size, max_size=size)))
def test_a_decoder_reads_back_what_was_coded(levels: list[int]) -> None:
    assert decoded(residual(levels), size=len(levels)) == levels


class Reader:
    """Bits from the front of a string."""

    def __init__(self, bits: str) -> None:
        self._bits = bits
        self._at = 0

    def number(self, count: int) -> int:
        self._at += count
        assert self._at <= len(self._bits)
        return int("0" + self._bits[self._at - count : self._at], 2)

    def one_of(self, codes: dict[str, tuple[int, int]]) -> tuple[int, int]:
        (code,) = (code for code in codes if self._bits.startswith(code, self._at))
        self._at += len(code)
        return codes[code]

    def zeros(self) -> int:
        count = self._bits.index("1", self._at) - self._at
        self._at += count + 1
        return count

    def finished(self) -> bool:
        return self._at == len(self._bits)


def decoded(bits: str, *, size: int) -> list[int]:
    """A block, read in the order of clause 9.2 (the encoder goes by cases, this one by the text)."""
    reader = Reader(bits)
    tokens, zeros_tables = (
        (COEFF_TOKEN, TOTAL_ZEROS) if size == 16 else (CHROMA_COEFF_TOKEN, CHROMA_TOTAL_ZEROS)
    )
    total, ones = reader.one_of(
        {code: (total, ones) for total, row in enumerate(tokens) for ones, code in enumerate(row)}
    )
    levels = [1 - 2 * reader.number(1) for _ in range(ones)]
    suffix_length = int(total > 10 and ones < 3)
    for number in range(total - ones):
        prefix = reader.zeros()
        size_of_suffix = 4 if prefix == 14 and suffix_length == 0 else 12 if prefix == 15 else suffix_length
        code = (min(15, prefix) << suffix_length) + reader.number(size_of_suffix)
        code += 15 if prefix >= 15 and suffix_length == 0 else 0
        code += 2 if number == 0 and ones < 3 else 0
        levels.append((code + 2) >> 1 if code % 2 == 0 else (-code - 1) >> 1)
        suffix_length = suffix_length or 1
        if abs(levels[-1]) > 3 << (suffix_length - 1) and suffix_length < 6:
            suffix_length += 1
    left = 0
    if 0 < total < size:
        left, _ = reader.one_of({code: (zeros, 0) for zeros, code in enumerate(zeros_tables[total - 1])})
    block = [0] * size
    at = total + left - 1
    for number, level in enumerate(levels):
        block[at] = level
        run = 0
        if left and number + 1 < total:
            run, _ = reader.one_of({code: (run, 0) for run, code in enumerate(RUN_BEFORE[min(left, 7) - 1])})
        left -= run
        at -= run + 1
    assert reader.finished()
    return block
