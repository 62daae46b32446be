"""The client's process: what it is told, what it prints, and when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# What is kept of what a client prints, in bytes of each stream: its beginning.
_PRINTED_MOST = 4 * 1024 * 1024
# Real seconds that a client has to end after it was asked to.
_GRACE_S = 2.0


class CannotStart(Exception):
    """The client's command cannot be started; the message says why."""


class Client:
    """One started client. What it prints is collected while it runs, so that it never blocks."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        echo: Callable[[str, bytes], None] | None = None,
    ) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  the user's own command
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # All that it starts ends with it.
                start_new_session=True,
            )
        except OSError as error:
            raise CannotStart(f"{command[0]}: {error.strerror}") from None
        self._kept = {"stdout": bytearray(), "stderr": bytearray()}
        self._echo = echo
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("stdout", self._process.stdout), ("stderr", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def wait(self, seconds: float) -> int | None:
        """Its exit code; None where it has not ended within so many real seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End it and all that it has started."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            self._signal(how)
            if self.wait(_GRACE_S) is not None:
                break
        # Its children may live on, and keep the pipes open.
        self._signal(signal.SIGKILL)

    def printed(self) -> tuple[str, str]:
        """What it has printed to stdout and to stderr."""
        for reader in self._readers:
            reader.join(_GRACE_S)
        return self._text("stdout"), self._text("stderr")

    def _signal(self, how: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, how)
        except (ProcessLookupError, PermissionError):
            # Nobody of it is left.
            return

    def _text(self, name: str) -> str:
        return self._kept[name].decode("utf-8", "replace")

    def _read(self, name: str, stream: IO[bytes]) -> None:
        kept = self._kept[name]
        while chunk := os.read(stream.fileno(), 65_536):
            if len(kept) < _PRINTED_MOST:
                kept += chunk
            if self._echo is not None:
                self._echo(name, chunk)
        stream.close()
