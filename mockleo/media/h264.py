"""Pictures to a byte stream: as much of ITU-T H.264 as a mosaic needs, in constrained baseline profile.

A macroblock of 16 x 16 pixels is either skipped (as in the picture before) or Intra16x16 with DC
coefficients only. Those are 16 numbers for luma: a macroblock is one flat colour, or 4 x 4 cells of 4
pixels with a brightness each.

At luma QP 28 and chroma QP 22 the scaling and the inverse transform of a DC coefficient come to exactly 1,
so that a coefficient counts in grey steps and a flat macroblock is decoded to the very colour asked for.
Deblocking is off, for the same reason. Numbers of clauses and syntax elements in the comments are the
standard's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from mockleo.media.cavlc import residual, signed, unsigned

if TYPE_CHECKING:
    from collections.abc import Sequence

MACROBLOCK_PX = 16
PROFILE_IDC = 66
# constraint_set0 and 1: also within main profile, which is what browsers look for.
CONSTRAINTS = 0b1100_0000

# level_idc, macroblocks a second, macroblocks a picture: table A-1. Bit rate never decides here.
LEVELS = (
    (10, 1_485, 99),
    (11, 3_000, 396),
    (12, 6_000, 396),
    (13, 11_880, 396),
    (21, 19_800, 792),
    (22, 20_250, 1_620),
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
    (60, 4_177_920, 139_264),
    (61, 8_355_840, 139_264),
    (62, 16_711_680, 139_264),
)

# Brightness (one for all, or 16 of the cells, row by row), Cb, Cr; each 0..255.
Macroblock = tuple[int | tuple[int, ...], int, int]

LUMA_QP = 28
CHROMA_QP_OFFSET = -6

# The scan of a 4 x 4 block from low frequencies to high, as places in raster order.
ZIGZAG = (0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15)

# nal_ref_idc 3 in all of them: each picture is the next one's reference.
NAL_IDR, NAL_INTER, NAL_SEQUENCE, NAL_PICTURE = b"\x65", b"\x61", b"\x67", b"\x68"

# frame_num counts modulo this.
FRAME_NUMBERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What does not change within a clip. Sizes in pixels, both even: chroma has half of them."""

    width: int
    height: int
    frames_per_second: int

    def __post_init__(self) -> None:
        assert self.width % 2 == self.height % 2 == 0 < self.width * self.height, "4:2:0 needs even sizes"

    @property
    def columns(self) -> int:
        return -(-self.width // MACROBLOCK_PX)

    @property
    def rows(self) -> int:
        return -(-self.height // MACROBLOCK_PX)

    @property
    def level_idc(self) -> int:
        """The lowest level that allows this size at this rate."""
        macroblocks = self.columns * self.rows
        for level_idc, per_second_max, per_picture_max in LEVELS:
            if (
                macroblocks <= per_picture_max
                and macroblocks * self.frames_per_second <= per_second_max
                and max(self.columns, self.rows) <= isqrt(8 * per_picture_max)
            ):
                return level_idc
        raise AssertionError(f"no level of H.264 goes as far as {self}")


def sequence_parameters(format_: Format) -> bytes:
    """The NAL unit that says how large pictures are and how fast they follow."""
    crop_right = (format_.columns * MACROBLOCK_PX - format_.width) // 2
    crop_bottom = (format_.rows * MACROBLOCK_PX - format_.height) // 2
    head = bytes((PROFILE_IDC, CONSTRAINTS, format_.level_idc))
    bits = (
        format(int.from_bytes(head), "024b"),
        unsigned(0),  # seq_parameter_set_id
        unsigned(0),  # log2_max_frame_num_minus4
        unsigned(2),  # pic_order_cnt_type: shown in the order sent
        unsigned(1),  # max_num_ref_frames
        "0",  # gaps_in_frame_num_value_allowed_flag
        unsigned(format_.columns - 1),
        unsigned(format_.rows - 1),
        "1",  # frame_mbs_only_flag
        "1",  # direct_8x8_inference_flag
        *("1", unsigned(0), unsigned(crop_right), unsigned(0), unsigned(crop_bottom)),
        "1",  # vui_parameters_present_flag
        *("1", format(1, "08b")),  # square pixels
        "0",  # overscan_info_present_flag
        # Any video format, limited range; primaries and transfer of BT.709, matrix of BT.601.
        *("1", "101", "0", "1", format(1, "08b"), format(1, "08b"), format(6, "08b")),
        "0",  # chroma_loc_info_present_flag
        # Time counts fields, two a frame, at a fixed rate.
        *("1", format(1, "032b"), format(2 * format_.frames_per_second, "032b"), "1"),
        "000",  # no HRD parameters, no pic_struct
        # Nothing is reordered: a decoder may show each picture at once.
        *("1", "1", unsigned(0), unsigned(0), unsigned(0), unsigned(0), unsigned(0), unsigned(1)),
    )
    return _unit(NAL_SEQUENCE, "".join(bits))


def picture_parameters() -> bytes:
    """The NAL unit that says how pictures are coded."""
    bits = (
        *(unsigned(0), unsigned(0)),  # pic_parameter_set_id, seq_parameter_set_id
        *("0", "0"),  # CAVLC; no field pictures
        *(unsigned(0), unsigned(0), unsigned(0)),  # one slice group, one reference in either list
        *("0", "00"),  # no weighted prediction
        *(signed(LUMA_QP - 26), signed(0), signed(CHROMA_QP_OFFSET)),
        *("1", "0", "0"),  # deblocking is controlled by the slice; intra may use inter; nothing redundant
    )
    return _unit(NAL_PICTURE, "".join(bits))


def intra_slice(data: str, *, first_macroblock: int, picture_id: int) -> bytes:
    """A slice of an IDR picture, as a NAL unit. Two IDR pictures in a row need different `picture_id`."""
    header = (
        *(unsigned(first_macroblock), unsigned(7), unsigned(0)),  # slice_type: I, as all in this picture
        format(0, "04b"),  # frame_num starts anew
        unsigned(picture_id),
        "00",  # dec_ref_pic_marking
        *(signed(0), unsigned(1)),  # slice_qp_delta; deblocking off
    )
    return _unit(NAL_IDR, "".join(header) + data)


def inter_slice(data: str, *, first_macroblock: int, frame: int) -> bytes:
    """A slice of the `frame`-th picture after an IDR picture, as a NAL unit."""
    header = (
        *(unsigned(first_macroblock), unsigned(5), unsigned(0)),  # slice_type: P, as all in this picture
        format(frame % FRAME_NUMBERS, "04b"),
        *("0", "0"),  # one reference, in the order they come
        "0",  # dec_ref_pic_marking: the oldest leaves
        *(signed(0), unsigned(1)),
    )
    return _unit(NAL_INTER, "".join(header) + data)


def _unit(head: bytes, bits: str) -> bytes:
    """A NAL unit (clause 7.3.1): closed with a 1, filled to whole bytes, and no start code inside."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return head + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", data)


class Band:
    """Rows of macroblocks that make a slice in every picture, and what a decoder has of them by now.

    A macroblock is predicted from the ones left of it and above it, as decoded. Of each only the edges
    matter: the sums of the four cells at its right and its lower edge, and its two colours.
    """

    def __init__(self, *, columns: int, rows: int) -> None:
        self._columns = columns
        self._right = [0] * (columns * rows)
        self._lower = [0] * (columns * rows)
        self._colours = [(0, 0)] * (columns * rows)
        self._shown: list[Macroblock] = []
        self._codes: dict[tuple[int | tuple[int, ...], int, int, str], tuple[bool, str]] = {}

    def intra(self, blocks: Sequence[Macroblock]) -> str:
        """The slice data that draws `blocks`, row by row, on nothing."""
        self._shown = list(blocks)
        parts: list[str] = []
        for at, block in enumerate(blocks):
            has_chroma, code = self._macroblock(at, block)
            # mb_type I_16x16_2_0_0 or I_16x16_2_1_0
            parts += (unsigned(7) if has_chroma else unsigned(3), code)
        return "".join(parts)

    def inter(self, blocks: Sequence[Macroblock]) -> str:
        """The slice data that changes what is shown to `blocks`, and skips what stays."""
        parts: list[str] = []
        skipped = 0
        for at, block in enumerate(blocks):
            if block == self._shown[at]:
                skipped += 1
                continue
            has_chroma, code = self._macroblock(at, block)
            # The types of I slices come after the five of P slices.
            parts += (unsigned(skipped), unsigned(12) if has_chroma else unsigned(8), code)
            self._shown[at] = block
            skipped = 0
        if skipped:
            parts.append(unsigned(skipped))
        return "".join(parts)

    def _macroblock(self, at: int, block: Macroblock) -> tuple[bool, str]:
        """Whether chroma is coded, and all syntax elements of a macroblock after mb_type."""
        luma, *colours = block
        left = at - 1 if at % self._columns else None
        above = at - self._columns if at >= self._columns else None
        predicted = self._predicted_luma(left, above)
        # Chroma is taken over from one neighbour as it is: then a flat one stays one coefficient.
        if left is not None:
            mode, (blue, red) = unsigned(1), self._colours[left]
        elif above is not None:
            mode, (blue, red) = unsigned(2), self._colours[above]
        else:
            mode, (blue, red) = unsigned(0), (128, 128)
        if isinstance(luma, int):
            levels: int | tuple[int, ...] = luma - predicted
            self._right[at] = self._lower[at] = 4 * luma
        else:
            levels = _transformed([cell - predicted for cell in luma])
            decoded = [min(255, max(0, predicted + cell)) for cell in _inverse(levels)]
            self._right[at], self._lower[at] = sum(decoded[3::4]), sum(decoded[12:])
        self._colours[at] = (colours[0], colours[1])
        key = (levels, colours[0] - blue, colours[1] - red, mode)
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = _coded(*key)
        return code

    def _predicted_luma(self, left: int | None, above: int | None) -> int:
        """Clause 8.3.3.3: the mean of the edges there are. A sum of four cells stands for sixteen pixels."""
        if left is not None and above is not None:
            return (self._right[left] + self._lower[above] + 4) >> 3
        if left is not None:
            return (self._right[left] + 2) >> 2
        if above is not None:
            return (self._lower[above] + 2) >> 2
        return 128


def _coded(levels: int | tuple[int, ...], blue: int, red: int, mode: str) -> tuple[bool, str]:
    luma = (levels, *(0,) * 15) if isinstance(levels, int) else tuple(levels[place] for place in ZIGZAG)
    code = mode + signed(0) + residual(luma)  # intra_chroma_pred_mode, mb_qp_delta
    if blue or red:
        return True, code + residual((blue, 0, 0, 0)) + residual((red, 0, 0, 0))
    return False, code


def _transformed(cells: Sequence[int]) -> tuple[int, ...]:
    """The coefficients, in raster order, that come nearest to `cells` when transformed back."""
    return tuple((value + 8) >> 4 for value in _inverse(cells))


def _inverse(values: Sequence[int]) -> list[int]:
    """The 4 x 4 Hadamard transform of clause 8.5.10, by rows, by columns. Twice gives 16 times the start."""
    rows: list[int] = []
    for at in (0, 4, 8, 12):
        rows += _butterfly(*values[at : at + 4])
    columns = [_butterfly(*rows[at::4]) for at in range(4)]
    return [columns[x][y] for y in range(4) for x in range(4)]


def _butterfly(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    near, far, difference, distance = a + b, c + d, a - b, c - d
    return near + far, near - far, difference - distance, difference + distance
