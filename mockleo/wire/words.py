"""Words that no source gives: user names, prompts made and improved. Drawn from a seed.

Faker is imported where it is used: it costs a tenth of a second.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


def user_name(seed: int) -> str:
    return str(_speaker(seed).user_name())


def invented(seed: int) -> str:
    """A prompt out of the blue."""
    speaker = _speaker(seed)
    colour, job, place = speaker.color_name(), speaker.job(), speaker.city()
    return (
        f"A {colour.lower()} portrait of a {job.lower()} in {place}, {speaker.sentence(nb_words=8).lower()}"
    )


def improved(prompt: str, *, seed: int) -> str:
    """`prompt` with more words around it."""
    speaker = _speaker(seed)
    light, mood = speaker.color_name().lower(), speaker.sentence(nb_words=6).lower()
    return f"{prompt.rstrip('. ')}, in {light} light, rich in detail, {mood}"


def _speaker(seed: int) -> Faker:
    speaker: Faker | None = getattr(_of_this_thread, "speaker", None)
    if speaker is None:
        from faker import Faker

        speaker = _of_this_thread.speaker = Faker("en_US")
    speaker.seed_instance(seed)
    return speaker


# Each emulator of a process runs in a thread of its own, and a speaker's chance is its state.
_of_this_thread = threading.local()
