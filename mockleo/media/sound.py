"""A tune: a few notes of a pentatonic scale, in the seed's order, as a WAV file.

A note is one period of a triangle wave, repeated; louder periods first. That is integer arithmetic and
copying, so a minute of sound costs a few milliseconds.
"""

from __future__ import annotations

import sys
import wave
from array import array
from io import BytesIO

from mockleo.media.chance import Chance

SAMPLES_PER_SECOND = 24_000
NOTE_MS = 250
# Periods in samples: C, D, E, G and A from middle C on, and C above them.
PERIODS = (92, 82, 73, 61, 55, 46)
# A note fades in this many steps.
FADE = 8
LOUDEST = 12_000


def wav(*, seed: int, prompt: str, duration_ms: int) -> bytes:
    """PCM, 16 bits, mono, `SAMPLES_PER_SECOND`; exactly `duration_ms` long."""
    assert duration_ms >= 0, f"a sound of {duration_ms} ms"
    chance = Chance("sound", seed, prompt)
    notes = [PERIODS[chance.between(0, len(PERIODS) - 1)] for _ in range(-(-duration_ms // NOTE_MS))]
    # Each pitch is made once; the tune strings them together.
    made = {period: _note(period) for period in sorted(set(notes))}
    samples = array("h")
    for note in notes:
        samples.extend(made[note])
    del samples[duration_ms * SAMPLES_PER_SECOND // 1_000 :]
    if sys.byteorder == "big":
        samples.byteswap()
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLES_PER_SECOND)
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def _note(period: int) -> array[int]:
    """`NOTE_MS` of a triangle wave that fades to silence."""
    length = NOTE_MS * SAMPLES_PER_SECOND // 1_000
    step = -(-length // FADE)
    samples = array("h")
    for part in range(FADE):
        loud = LOUDEST * (FADE - part) // FADE
        # From -loud up to loud and down again.
        wave_form = array(
            "h", (loud - 4 * loud * abs(period - 2 * at) // (2 * period) for at in range(period))
        )
        samples.extend((wave_form * (step // period + 1))[:step])
    return samples[:length]
