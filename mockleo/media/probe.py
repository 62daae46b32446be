"""What an uploaded file is: by its bytes, never by its name or by what its sender says.

It is fed whatever a client uploads, so nothing here trusts a number it reads. `Window` answers reads beyond
the end with nothing; every walk moves forward at each step and stops after `STEPS_MAX`; nesting is spelled
out, not followed. A file that is recognised and broken gives a `Probe` with None where the truth is not to
be had. `probe` never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MediaType = Literal["image", "video", "audio", "model"]

# Steps in one walk: markers in a JPEG, chunks in a WAV, boxes beside each other in an MP4.
STEPS_MAX = 512
# A film of changing frame rate has an entry for each change.
ENTRIES_MAX = 4_096
TRACKS_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Sizes in pixels, duration in seconds. None: this file does not have it, or does not say it."""

    media_type: MediaType
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    frames_per_second: float | None = None


def probe(head: bytes, *, size_bytes: int | None = None) -> Probe | None:
    """What `head` is the beginning of, or None if it is nothing known.

    `head` may be the whole file; if it is not, `size_bytes` is the whole file's size: the duration of a WAV
    or an MP3 is taken from it. An MP4 whose index is at its end needs the whole file.
    """
    size_bytes = max(len(head), size_bytes or 0)
    whole = Window(head, 0, len(head))
    for recognise in RECOGNISERS:
        found = recognise(whole, size_bytes)
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the file. Reads outside it give b"" and None."""

    data: bytes
    start: int
    end: int

    def take(self, at: int, count: int) -> bytes:
        """`count` bytes from `at` (counted from the window's start) on, or b"" if they are not all there."""
        begin = self.start + at
        return self.data[begin : begin + count] if at >= 0 and begin + count <= self.end else b""

    def number(self, at: int, count: int, *, little: bool = False) -> int | None:
        found = self.take(at, count)
        return int.from_bytes(found, "little" if little else "big") if found else None

    def part(self, at: int, end: int) -> Window:
        """The window from `at` to `end`, as much of it as there is."""
        begin = min(self.start + max(at, 0), self.end)
        return Window(self.data, begin, max(begin, min(self.start + end, self.end)))

    def __len__(self) -> int:
        return self.end - self.start


def _positive(number: int | None) -> int | None:
    return number or None


def _ratio(above: int | None, below: int | None) -> float | None:
    """None unless both are known and neither is zero."""
    return above / below if above and below else None


# -- images


def _jpeg(whole: Window, size_bytes: int) -> Probe | None:
    del size_bytes
    if whole.take(0, 3) != b"\xff\xd8\xff":
        return None
    at = 2
    for _ in range(STEPS_MAX):
        marker, length = whole.take(at, 2), whole.number(at + 2, 2)
        if len(marker) < 2 or marker[0] != 0xFF:
            break
        if marker[1] == 0xFF:  # padding before a marker
            at += 1
            continue
        # A start of frame, unless it is one of the three tables that share its row: DHT, JPG, DAC.
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            return Probe(
                media_type="image",
                width=_positive(whole.number(at + 7, 2)),
                height=_positive(whole.number(at + 5, 2)),
            )
        if length is None or length < 2 or marker[1] in (0xD9, 0xDA):
            break
        at += 2 + length
    return Probe(media_type="image")


def _png(whole: Window, size_bytes: int) -> Probe | None:
    del size_bytes
    if whole.take(0, 8) != b"\x89PNG\r\n\x1a\n":
        return None
    if whole.take(12, 4) != b"IHDR":
        return Probe(media_type="image")
    return Probe(
        media_type="image", width=_positive(whole.number(16, 4)), height=_positive(whole.number(20, 4))
    )


def _webp(whole: Window, size_bytes: int) -> Probe | None:
    del size_bytes
    if whole.take(0, 4) != b"RIFF" or whole.take(8, 4) != b"WEBP":
        return None
    width = height = None
    match whole.take(12, 4):
        case b"VP8 " if whole.take(23, 3) == b"\x9d\x01\x2a":
            # The upper two bits say how to scale it for display.
            width, height = (whole.number(at, 2, little=True) for at in (26, 28))
            width, height = (None if side is None else side & 0x3FFF for side in (width, height))
        case b"VP8L" if whole.take(20, 1) == b"\x2f":
            packed = whole.number(21, 4, little=True)
            if packed is not None:
                width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width, height = (whole.number(at, 3, little=True) for at in (24, 27))
            width, height = (None if side is None else side + 1 for side in (width, height))
        case _:
            pass
    return Probe(media_type="image", width=_positive(width), height=_positive(height))


# -- video: the boxes of ISO 14496-12, and QuickTime's, which are the same where it matters


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    handler: bytes
    width: int | None
    height: int | None
    duration_s: float | None
    frames_per_second: float | None


# Brands that start with these are no films.
STILLS = (b"avif", b"heic", b"heix", b"mif1")
SOUNDS = (b"M4A ", b"M4B ")


def _iso_media(whole: Window, size_bytes: int) -> Probe | None:
    del size_bytes
    # A QuickTime file may lack `ftyp` and begin with any of these.
    if whole.take(4, 4) not in (b"ftyp", b"moov", b"wide", b"free", b"mdat", b"skip"):
        return None
    brand = whole.take(8, 4) if whole.take(4, 4) == b"ftyp" else b"qt  "
    if brand in STILLS:
        return Probe(media_type="image")
    film = _child(whole, b"moov")
    tracks = [_track(box) for box in _children(film, b"trak", limit=TRACKS_MAX)]
    pictures = next((track for track in tracks if track.handler == b"vide"), None)
    duration_s = _duration_s(_child(film, b"mvhd"))
    if pictures is None:
        only_sound = brand in SOUNDS or any(track.handler == b"soun" for track in tracks)
        return Probe(media_type="audio" if only_sound else "video", duration_s=duration_s)
    return Probe(
        media_type="video",
        width=pictures.width,
        height=pictures.height,
        duration_s=duration_s or pictures.duration_s,
        frames_per_second=pictures.frames_per_second,
    )


def _boxes(within: Window) -> Iterator[tuple[bytes, Window]]:
    """Kind and content of the boxes in `within`, side by side; those inside them are not looked at."""
    at = 0
    for _ in range(STEPS_MAX):
        size, kind, header = within.number(at, 4), within.take(at + 4, 4), 8
        if size is None or not kind:
            return
        if size == 1:
            size, header = within.number(at + 8, 8), 16
        elif size == 0:  # to the end of the file
            size = len(within) - at
        if size is None or size < header:
            return
        yield kind, within.part(at + header, at + size)
        at += size


def _children(within: Window, kind: bytes, *, limit: int) -> Iterator[Window]:
    for found, content in _boxes(within):
        if found == kind and limit > 0:
            limit -= 1
            yield content


def _child(within: Window, *path: bytes) -> Window:
    """The content of the first box at `path`; an empty window if there is none."""
    for kind in path:
        within = next(_children(within, kind, limit=1), within.part(0, 0))
    return within


def _track(box: Window) -> _Track:
    header, media = _child(box, b"tkhd"), _child(box, b"mdia")
    # Whole pixels; the other half of each number is a fraction.
    sides_at = 88 if header.number(0, 1) == 1 else 76
    width, height = (_positive(header.number(sides_at + offset, 2)) for offset in (0, 4))
    media_header = _child(media, b"mdhd")
    duration_s = _duration_s(media_header)
    samples = _samples(_child(media, b"minf", b"stbl", b"stts"))
    return _Track(
        handler=_child(media, b"hdlr").take(8, 4),
        width=width,
        height=height,
        duration_s=duration_s,
        frames_per_second=samples / duration_s if samples and duration_s else None,
    )


def _duration_s(header: Window) -> float | None:
    """The duration in an `mvhd` or `mdhd`: both begin alike. All bits set means unknown."""
    if header.number(0, 1) == 1:
        scale, duration, unknown = header.number(20, 4), header.number(24, 8), (1 << 64) - 1
    else:
        scale, duration, unknown = header.number(12, 4), header.number(16, 4), (1 << 32) - 1
    return None if duration == unknown else _ratio(duration, scale)


def _samples(table: Window) -> int | None:
    """How many samples an `stts` counts; None if it is longer than a sane one."""
    entries = table.number(4, 4)
    if entries is None or entries > ENTRIES_MAX:
        return None
    counts = [table.number(8 + 8 * entry, 4) for entry in range(entries)]
    return sum(count for count in counts if count is not None)


# -- sound


def _wav(whole: Window, size_bytes: int) -> Probe | None:
    if whole.take(0, 4) not in (b"RIFF", b"RF64") or whole.take(8, 4) != b"WAVE":
        return None
    at, bytes_per_second = 12, None
    for _ in range(STEPS_MAX):
        kind, size = whole.take(at, 4), whole.number(at + 4, 4, little=True)
        if size is None:
            break
        if kind == b"fmt ":
            bytes_per_second = whole.number(at + 16, 4, little=True)
        if kind == b"data":
            # A recorder that streams writes 0xFFFFFFFF; there is never more than the file holds.
            held = min(size, max(0, size_bytes - at - 8))
            return Probe(media_type="audio", duration_s=_ratio(held, bytes_per_second))
        at += 8 + size + size % 2
    return Probe(media_type="audio")


# kbit/s by index, of layer III: MPEG 1, then MPEG 2 and 2.5. The 0 stands for "free".
KILOBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
# Hz by the header's version bits (2.5, reserved, 2, 1) and index.
MP3_HERTZ = ((11_025, 12_000, 8_000), (), (22_050, 24_000, 16_000), (44_100, 48_000, 32_000))


def _mp3(whole: Window, size_bytes: int) -> Probe | None:
    """Layer III. The duration is exact with a Xing or Info header, and else taken from the bit rate."""
    at = 0
    tagged = whole.take(0, 3) == b"ID3"
    if tagged:
        # Seven bits to a byte.
        lengths = whole.take(6, 4)
        at = 10 + sum((value & 0x7F) << shift for value, shift in zip(lengths, (21, 14, 7, 0), strict=False))
    header = whole.number(at, 4)
    if header is None or header >> 21 != 0x7FF or header >> 17 & 3 != 1:
        return Probe(media_type="audio") if tagged else None
    version, rate, hertz = header >> 19 & 3, header >> 12 & 15, header >> 10 & 3
    if version == 1 or hertz == 3 or rate == 15:
        return Probe(media_type="audio") if tagged else None
    newest, mono = version == 3, header >> 6 & 3 == 3
    samples_per_second = MP3_HERTZ[version][hertz]
    side_info = (17 if mono else 32) if newest else (9 if mono else 17)
    info = whole.part(at + 4 + side_info, len(whole))
    duration_s = None
    if info.take(0, 4) in (b"Xing", b"Info") and (info.number(4, 4) or 0) & 1:
        frames = info.number(8, 4) or 0
        duration_s = _ratio(frames * (1_152 if newest else 576), samples_per_second)
    if duration_s is None:
        duration_s = _ratio(max(0, size_bytes - at), KILOBITS[0 if newest else 1][rate] * 125)
    return Probe(media_type="audio", duration_s=duration_s)


# -- models


def _glb(whole: Window, size_bytes: int) -> Probe | None:
    del size_bytes
    return Probe(media_type="model") if whole.take(0, 4) == b"glTF" else None


# MP3 last: its sign is eleven bits, and many things begin like that.
RECOGNISERS: tuple[Callable[[Window, int], Probe | None], ...] = (
    _jpeg,
    _png,
    _webp,
    _iso_media,
    _wav,
    _glb,
    _mp3,
)
