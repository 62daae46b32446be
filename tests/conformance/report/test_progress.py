"""How far it is: lines where nobody looks, one line that changes where somebody does."""

import io
import sys

import pytest

from mockleo.conformance.report.progress import Lines, Spinner, ended, watching
from mockleo.conformance.suite import Stretch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def walk(watch: Lines | Spinner) -> None:
    watch.begin("schema", "generated calls")
    watch.tell("10 calls [red]secret[/red]")
    watch.tell("10 calls [red]secret[/red]")
    watch.end(
        Stretch(part="schema", about="", state="broken", elapsed_ms=1_260, error="KeyError: secret\nmore")
    )
    watch.close()


def without_secrets(text: str) -> str:
    return text.replace("secret", "***")


def test_elsewhere_it_is_plain_lines_and_none_twice() -> None:
    stream = io.StringIO()
    walk(watching(stream, clean=without_secrets))
    assert stream.getvalue().splitlines() == [
        "schema: generated calls",
        "schema: 10 calls [red]***[/red]",
        "schema: broken after 1.3 s: KeyError: ***",
    ]


def test_on_a_terminal_it_changes_and_keeps_what_has_ended() -> None:
    pytest.importorskip("rich", reason="optional: rich is not there")
    stream = Terminal()
    watch = watching(stream, clean=without_secrets)
    assert isinstance(watch, Spinner)
    walk(watch)
    assert "schema: broken after 1.3 s: KeyError: ***" in stream.getvalue()
    assert "secret" not in stream.getvalue()


def test_a_terminal_without_rich_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert isinstance(watching(Terminal(), clean=without_secrets), Lines)


@pytest.mark.parametrize(
    ("state", "error", "line"),
    [
        ("made", "", "schema: made after 0.0 s"),
        ("stopped", "the budget is used up", "schema: stopped after 0.0 s: the budget is used up"),
    ],
)
def test_how_a_part_has_ended_is_said_in_a_line(state: str, error: str, line: str) -> None:
    assert ended(Stretch(part="schema", about="", state=state, error=error)) == line
