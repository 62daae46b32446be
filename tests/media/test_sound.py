import wave
from array import array
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.sound import LOUDEST, SAMPLES_PER_SECOND, wav


@settings(deadline=None, max_examples=30)
@given(st.integers(), st.text(alphabet=st.characters()), st.integers(0, 12_000))
def test_it_lasts_exactly_as_long_as_asked(seed: int, prompt: str, duration_ms: int) -> None:
    with wave.open(BytesIO(wav(seed=seed, prompt=prompt, duration_ms=duration_ms))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert sound.getframerate() == SAMPLES_PER_SECOND
        assert sound.getnframes() * 1_000 == duration_ms * SAMPLES_PER_SECOND
        assert len(sound.readframes(sound.getnframes())) == 2 * sound.getnframes()


def test_it_can_be_heard_and_does_not_clip() -> None:
    samples = array("h", wav(seed=1, prompt="rain", duration_ms=2_000)[44:])
    assert max(samples) > LOUDEST * 9 // 10
    assert min(samples) < -LOUDEST * 9 // 10
    assert abs(sum(samples) / len(samples)) < LOUDEST / 50
    assert max(abs(sample) for sample in samples) <= LOUDEST


def test_seed_and_prompt_matter() -> None:
    tunes = [
        wav(seed=seed, prompt=prompt, duration_ms=4_000) for seed in (1, 2) for prompt in ("rain", "sun")
    ]
    assert len(set(tunes)) == len(tunes)


def test_another_process_draws_the_same(drawn_alike_elsewhere: Callable[[str, bytes], None]) -> None:
    here = wav(seed=1, prompt="rain", duration_ms=1_234)
    drawn_alike_elsewhere("sound.wav(seed=1, prompt='rain', duration_ms=1234)", here)


def test_less_than_nothing_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="a sound of -1 ms"):
        wav(seed=1, prompt="", duration_ms=-1)
