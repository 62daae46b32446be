"""How far a run is, while it lasts: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.conformance.suite import Stretch


class Lines:
    """A line for each thing that is told, but never the same twice in a row."""

    def __init__(self, stream: TextIO, *, clean: Callable[[str], str]) -> None:
        self._stream = stream
        self._clean = clean
        self._part = ""
        self._last = ""

    def begin(self, part: str, about: str) -> None:
        self._part = part
        self._write(f"{part}: {about}")

    def tell(self, words: str) -> None:
        self._write(f"{self._part}: {words}")

    def end(self, stretch: Stretch) -> None:
        self._write(ended(stretch))

    def close(self) -> None:
        """Nothing is left to be cleared away."""

    def _write(self, line: str) -> None:
        if line != self._last:
            self._last = line
            self._stream.write(f"{self._clean(line)}\n")
            self._stream.flush()


class Spinner:
    """One line that changes; of each part that has ended a line stays."""

    def __init__(self, stream: TextIO, *, clean: Callable[[str], str]) -> None:
        from rich.console import Console

        self._clean = clean
        self._part = ""
        self._console = Console(file=stream, highlight=False)
        self._status: Any = self._console.status("")

    def begin(self, part: str, about: str) -> None:
        self._part = part
        self._show(about)
        self._status.start()

    def tell(self, words: str) -> None:
        self._show(words)

    def end(self, stretch: Stretch) -> None:
        self._status.stop()
        self._console.print(self._clean(ended(stretch)), markup=False)

    def close(self) -> None:
        self._status.stop()

    def _show(self, words: str) -> None:
        from rich.text import Text

        self._status.update(Text(self._clean(f"{self._part}: {words}"), overflow="ellipsis", no_wrap=True))


def ended(stretch: Stretch) -> str:
    """How a part has ended, in a line."""
    why = f": {stretch.error.splitlines()[0]}" if stretch.error else ""
    return f"{stretch.part}: {stretch.state} after {stretch.elapsed_ms / 1000:.1f} s{why}"


def watching(stream: TextIO, *, clean: Callable[[str], str]) -> Lines | Spinner:
    """What suits `stream`; `clean` takes secrets and signs out of a text."""
    if stream.isatty():
        try:
            return Spinner(stream, clean=clean)
        except ImportError:  # rich comes along with schemathesis, not with us
            pass
    return Lines(stream, clean=clean)
