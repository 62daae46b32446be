"""Running the command line as a user does: in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_S = 60
MOCKLEO = (sys.executable, "-m", "mockleo")


def environment(**more: str) -> dict[str, str]:
    """The environment without settings of the machine's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKLEO_")}
    return {**kept, **more}


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `mockleo` to its end."""
    return subprocess.run(
        [*MOCKLEO, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=environment(**more),
        check=False,
    )


@contextmanager
def serving(*arguments: str, **more: str) -> Iterator[dict[str, Any]]:
    """`mockleo serve --json` for as long as the block lasts; yields what it says when ready."""
    process = subprocess.Popen(
        [*MOCKLEO, "serve", "--json", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(**more),
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"it did not start, exit {process.wait(PATIENCE_S)}"
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()
