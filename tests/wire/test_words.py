"""Words drawn from a seed: the same for the same seed, whoever else draws at the time."""

import sys
from concurrent.futures import ThreadPoolExecutor

from mockleo.wire.words import improved, invented, user_name

SEEDS = range(60)


def told(seed: int) -> tuple[str, str, str]:
    return user_name(seed), invented(seed), improved("a cat", seed=seed)


def test_a_seed_has_its_words() -> None:
    assert [told(seed) for seed in SEEDS] == [told(seed) for seed in SEEDS]
    assert len({invented(seed) for seed in SEEDS}) == len(SEEDS)


def test_what_is_given_is_kept() -> None:
    assert improved("a cat.", seed=1).startswith("a cat, in ")


def test_threads_do_not_mix_their_words() -> None:
    """Two emulators of one process draw at the same time."""
    expected = [told(seed) for seed in SEEDS]
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(told, SEEDS)) == expected
    finally:
        sys.setswitchinterval(interval_s)
