"""What came of graded runs, told.

    document.py   a run and its verdict as plain data, without signs that a terminal or a browser would obey
    gathering.py  findings of one check, told together
    terminal.py   for people, in words
    junit.py      for CI servers
    page.py       for people, as one HTML file
    timeline.py   what happened when: lanes of marks, thinned out to what can be seen
    svg.py        the lanes, drawn
    words.py      numbers, times and lists as people read them

All are made of the saved run and its verdict alone: the same run gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockleo.harness.judged import Judged


def as_text(judged: Sequence[Judged], *, colours: bool) -> str:
    """For a terminal, without a line's end; `colours` are ANSI's."""
    from mockleo.harness.report import document, terminal

    return terminal.written([document.of(each) for each in judged], colours=colours)


def as_json(judged: Sequence[Judged]) -> bytes:
    """One JSON document; `document` tells its shape."""
    from mockleo.harness.report import document

    return document.encoded([document.of(each) for each in judged])


def as_junit(judged: Sequence[Judged]) -> bytes:
    """JUnit XML: a suite for each scenario, a case for each check."""
    from mockleo.harness.report import document, junit

    return junit.written([document.of(each) for each in judged])


def as_page(judged: Sequence[Judged]) -> bytes:
    """One HTML file that needs nothing beside it."""
    from mockleo.harness.report import document, page, timeline

    return page.written([(document.of(each), timeline.of(each)) for each in judged])
