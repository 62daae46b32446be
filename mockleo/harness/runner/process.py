"""The client's process: what it is told, what it prints, and when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import IO, TYPE_CHECKING

from mockleo.harness.runner.leaks import Printed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Real seconds that a client has to end after it was asked to, and that are waited for what it has
# printed after it has ended.
_GRACE_S = 2.0
_READ_BYTES = 65_536


class CannotStart(Exception):
    """The client's command cannot be started; the message says why."""


class Interrupted(Exception):
    """Whoever has started the runner has had enough."""


class Client:
    """One started client. What it prints is read while it runs, so that it never blocks."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        secrets: Mapping[str, str],
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
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise CannotStart(f"{command[0]}: cannot be started: {why}") from None
        self._is_over = False
        self._echo = echo
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.stdout, self.stderr = Printed("stdout", secrets), Printed("stderr", secrets)
        self._readers = [
            threading.Thread(target=self._read, args=(printed, stream), daemon=True)
            for printed, stream in (
                (self.stdout, self._process.stdout),
                (self.stderr, self._process.stderr),
            )
        ]
        for reader in self._readers:
            reader.start()

    def wait(self, seconds: float) -> int | None:
        """Its exit code; None where it has not ended within so many real seconds. What it has
        started ends with it.
        """
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._signal(signal.SIGKILL)
        self._is_over = True
        return code

    def stop(self) -> None:
        """End it and all that it has started."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            self._signal(how)
            if self.wait(_GRACE_S) is not None:
                return

    def finish_reading(self) -> None:
        """Wait for the rest of what it has printed, but not for somebody else who keeps the pipes."""
        for reader in self._readers:
            reader.join(_GRACE_S / len(self._readers))
        self.stdout.close()
        self.stderr.close()

    def _signal(self, how: signal.Signals) -> None:
        # Later its number may be another's.
        if self._is_over:
            return
        try:
            os.killpg(self._process.pid, how)
        except (ProcessLookupError, PermissionError):
            # Nobody of it is left.
            return

    def _read(self, printed: Printed, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), _READ_BYTES):
                printed.feed(chunk)
                self._show(printed.stream, chunk)

    def _show(self, name: str, chunk: bytes) -> None:
        if self._echo is None:
            return
        try:
            self._echo(name, chunk)
        except (OSError, ValueError):
            # Nobody looks any more; the client goes on.
            self._echo = None


class Running:
    """The clients that are running now, so that all of them can be stopped at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: list[Client] = []
        self._is_over = False

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        secrets: Mapping[str, str],
        echo: Callable[[str, bytes], None] | None = None,
    ) -> Client:
        """Start one more; raises `CannotStart`, and `Interrupted` once all were stopped."""
        with self._lock:
            self.go_on()
            client = Client(command, environment=environment, secrets=secrets, echo=echo)
            self._clients.append(client)
        return client

    def ended(self, client: Client) -> None:
        """Forget one that was stopped."""
        with self._lock:
            self._clients.remove(client)

    def go_on(self) -> None:
        """Raise `Interrupted` once all were stopped."""
        if self._is_over:
            raise Interrupted

    def stop(self) -> None:
        """Stop all of them, and let none start any more."""
        with self._lock:
            self._is_over = True
            clients = list(self._clients)
        for client in clients:
            client.stop()
