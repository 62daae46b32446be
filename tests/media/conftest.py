"""What the tests of several modules need: a second process to compare with."""

import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256

import pytest

# Each line on standard input is an expression that gives bytes; each line of output is its digest.
ELSEWHERE = """
import sys, hashlib
from mockleo.media import picture, scene, sound, textures, video
for line in sys.stdin:
    print(hashlib.sha256(eval(line)).hexdigest())
"""


@pytest.fixture
def drawn_alike_elsewhere() -> Callable[[str, bytes], None]:
    """Assert that an expression gives these bytes in a process with another hash seed, twice."""

    def compare(expression: str, here: bytes) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": "4242"}
        there = subprocess.run(
            [sys.executable, "-W", "error", "-c", ELSEWHERE],
            input=f"{expression}\n{expression}\n",
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.split() == [sha256(here).hexdigest()] * 2

    return compare
