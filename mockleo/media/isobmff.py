"""A byte stream to a file: MP4 (ISO 14496-12 and -15) with one track of H.264, its index before its data."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# In the time scale of the film: then any whole rate gives whole times.
TICKS_PER_FRAME = 1_000

# No rotation, no scaling: 16.16 numbers but for the last column, which is 2.30.
UPRIGHT = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Pictures in the order of decoding and showing, all equally long.

    A sample is a picture's NAL units. `keys` are the numbers, from 0 on, of those a player can start at.
    """

    width: int
    height: int
    frames_per_second: int
    samples: Sequence[Sequence[bytes]]
    keys: Sequence[int]
    sequence_parameters: bytes
    picture_parameters: bytes
    note: bytes

    @property
    def time_scale(self) -> int:
        return self.frames_per_second * TICKS_PER_FRAME

    @property
    def duration(self) -> int:
        return len(self.samples) * TICKS_PER_FRAME


def mp4(film: Film) -> bytes:
    """The file: what it is, a note for whom it may concern, the index, the pictures."""
    samples = [b"".join(struct.pack(">I", len(unit)) + unit for unit in sample) for sample in film.samples]
    head = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41") + _box(b"free", film.note)
    # The index is as long whatever address is in it.
    data_at = len(head) + len(_index(film, samples, 0)) + 8
    return head + _index(film, samples, data_at) + _box(b"mdat", *samples)


def _box(kind: bytes, *content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, content)), kind) + b"".join(content)


def _full_box(kind: bytes, flags: int, *content: bytes) -> bytes:
    """A box with a version, 0, and flags."""
    return _box(kind, struct.pack(">I", flags), *content)


def _index(film: Film, samples: Sequence[bytes], data_at: int) -> bytes:
    times = struct.pack(">IIII", 0, 0, film.time_scale, film.duration)  # made, changed: not told
    movie = _full_box(
        b"mvhd", 0, times, struct.pack(">IH10x", 1 << 16, 1 << 8), UPRIGHT, bytes(24), struct.pack(">I", 2)
    )
    track = _full_box(
        b"tkhd",
        3,  # enabled, and part of the film
        struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, film.duration, 0, 0, 0, 0),
        UPRIGHT,
        struct.pack(">II", film.width << 16, film.height << 16),
    )
    media = _full_box(b"mdhd", 0, times, struct.pack(">HH", 0x55C4, 0))  # language: "und"
    handler = _full_box(b"hdlr", 0, bytes(4), b"vide", bytes(12), b"VideoHandler\0")
    here = _box(b"dinf", _full_box(b"dref", 0, struct.pack(">I", 1), _full_box(b"url ", 1)))
    information = _box(b"minf", _full_box(b"vmhd", 1, bytes(8)), here, _sample_table(film, samples, data_at))
    return _box(b"moov", movie, _box(b"trak", track, _box(b"mdia", media, handler, information)))


def _sample_table(film: Film, samples: Sequence[bytes], data_at: int) -> bytes:
    count = len(samples)
    return _box(
        b"stbl",
        _full_box(b"stsd", 0, struct.pack(">I", 1), _sample_entry(film)),
        _full_box(b"stts", 0, struct.pack(">III", 1, count, TICKS_PER_FRAME)),
        _full_box(
            b"stss", 0, struct.pack(f">I{len(film.keys)}I", len(film.keys), *(n + 1 for n in film.keys))
        ),
        # One chunk holds them all.
        _full_box(b"stsc", 0, struct.pack(">IIII", 1, 1, count, 1)),
        _full_box(b"stsz", 0, struct.pack(f">II{count}I", 0, count, *map(len, samples))),
        _full_box(b"stco", 0, struct.pack(">II", 1, data_at)),
    )


def _sample_entry(film: Film) -> bytes:
    sequence, picture = film.sequence_parameters, film.picture_parameters
    decoder = _box(
        b"avcC",
        # Version; profile, constraints and level as in the parameters; lengths are 4 bytes; one set of each.
        struct.pack(">B3sBBH", 1, sequence[1:4], 0xFF, 0xE1, len(sequence)),
        sequence,
        struct.pack(">BH", 1, len(picture)),
        picture,
    )
    visual = struct.pack(">16xHHIIIH32xHh", film.width, film.height, 72 << 16, 72 << 16, 0, 1, 24, -1)
    return _box(b"avc1", struct.pack(">6xH", 1), visual, decoder)
