"""The client's own clock, many times faster: libfaketime stands between it and the system's.

Then an hour of an unmodified client's patience passes in a minute. What does not ask the C library
for the time cannot be reached: static binaries, and Go's. Python's waits for a lock with a time-out
(`Event.wait(5)`, `queue.get(timeout=5)`) are not reached by libfaketime 0.9.10 either, and last far
too long; `time.sleep`, asyncio, sockets and Node's timers are.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Where distributions put it; {lib} of the several architectures.
_PLACES = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
    "/opt/homebrew/lib/faketime/libfaketime.1.dylib",
    "/usr/local/lib/faketime/libfaketime.1.dylib",
)
# Names the library where it lies elsewhere.
VARIABLE = "MOCKLEO_LIBFAKETIME"

# A script's interpreter may be a script; so deep the system goes.
_SCRIPTS_MOST = 4
_ELF = b"\x7fELF"
_PT_INTERP = 3
_GO = b"\xff Go buildinf:"


class NoSpeed(Exception):
    """The client's clock cannot be made faster; the message says why, and what would help."""


def library() -> Path:
    """Where libfaketime is; raises `NoSpeed` where it is not installed."""
    told = os.environ.get(VARIABLE)
    if told is not None:
        if not Path(told).is_file():
            raise NoSpeed(f"{VARIABLE}: there is no file {told}")
        return Path(told)
    for place in _PLACES:
        for found in sorted(Path("/").glob(place[1:])):
            return found
    raise NoSpeed(
        "--speed needs libfaketime, which is not installed here (Debian, Ubuntu: apt install faketime;"
        f" macOS: brew install libfaketime). Where it lies elsewhere, {VARIABLE} names the file."
    )


def environment(speed: float, *, at_ms: int, beside: Mapping[str, str]) -> dict[str, str]:
    """What makes a process that starts when the clock says `at_ms` live so many times faster, in an
    environment that has `beside`. What it starts itself lives as fast, and sets out from `at_ms` again.
    """
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    preload = "DYLD_INSERT_LIBRARIES" if _is_mac() else "LD_PRELOAD"
    return {
        preload: ":".join(filter(None, (str(library()), beside.get(preload)))),
        "FAKETIME": f"@{at:%Y-%m-%d %H:%M:%S} x{speed:g}",
        "FAKETIME_FMT": "%Y-%m-%d %H:%M:%S",
        "TZ": "UTC",
        **({"DYLD_FORCE_FLAT_NAMESPACE": "1"} if _is_mac() else {}),
    }


def refuse_deaf(command: Sequence[str], *, depth: int = 0) -> None:
    """Raise `NoSpeed` where the command's program does not ask the C library for the time."""
    found = shutil.which(command[0])
    if found is None or depth > _SCRIPTS_MOST:
        return
    program = Path(found).resolve()
    try:
        head = program.read_bytes()
    except OSError:
        # Some may be run and not be read.
        return
    if head.startswith(b"#!"):
        # A script: its interpreter counts.
        words = head[2:].split(b"\n", 1)[0].decode("utf-8", "replace").split()
        if words and Path(words[0]).name == "env":
            # Its flags, and variables that it sets, stand before the program.
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        if words:
            refuse_deaf(words, depth=depth + 1)
        return
    if not head.startswith(_ELF):
        return
    if _GO in head:
        raise NoSpeed(
            f"--speed cannot reach {program}: a Go program asks the kernel itself for the time. Run it"
            " without --speed; the scenario then takes the time that it takes."
        )
    if not _is_dynamic(head):
        raise NoSpeed(
            f"--speed cannot reach {program}: it is a static binary, so libfaketime has no way in. Run it"
            " without --speed, or build it with dynamic linking."
        )


def _is_dynamic(elf: bytes) -> bool:
    """Whether an ELF file names an interpreter: the dynamic loader."""
    is_64, order = elf[4] == 2, "little" if elf[5] == 1 else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(elf[at : at + size], "little" if order == "little" else "big")

    table = number(32, 8) if is_64 else number(28, 4)
    size, count = (number(54, 2), number(56, 2)) if is_64 else (number(42, 2), number(44, 2))
    return any(number(table + nth * size, 4) == _PT_INTERP for nth in range(count))


def _is_mac() -> bool:
    return os.uname().sysname == "Darwin"
