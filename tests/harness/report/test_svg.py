"""The drawing: marks where they belong, findings pinned to the spot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import msgspec
import pytest

from mockleo.harness.report import svg, timeline
from mockleo.harness.report.svg import LEFT, PLOT, Pin
from mockleo.harness.report.timeline import Balance, Bar, Lane, Mark, Timeline

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NS = "{http://www.w3.org/2000/svg}"
EMPTY = Timeline(span_ms=100_000, calls=(), bars=(), under_way=(), in_flight_most=None, beside=(), balance=())


def a_pin(at_ms: int, label: str = "1", **more: Any) -> Pin:
    told: dict[str, Any] = {"severity": "major", "target": "run1-1", "title": "t", **more}
    return Pin(at_ms=at_ms, label=label, **told)


def a_lane(*marks: Mark, name: str = "Orders") -> Lane:
    return Lane(name=name, marks=marks)


def a_mark(at_ms: int, to_ms: int, kind: str = "good", title: str = "m") -> Mark:
    return Mark(at_ms=at_ms, to_ms=to_ms, kind=kind, title=title)


def drawn(*pins: Pin, **changed: object) -> Element:
    written = svg.drawn(msgspec.structs.replace(EMPTY, **changed), pins)
    return ElementTree.fromstring(written)  # noqa: S314  our own


def of_class(root: Element, name: str) -> list[Element]:
    return [each for each in root.iter() if each.get("class") == name]


def test_a_mark_stands_at_its_time_and_is_as_long() -> None:
    root = drawn(calls=(a_lane(a_mark(25_000, 75_000)),))
    (mark,) = of_class(root, "good")
    assert float(str(mark.get("x"))) == LEFT + PLOT / 4
    assert float(str(mark.get("width"))) == PLOT / 2
    assert mark.findtext(f"{NS}title") == "m"


@pytest.mark.parametrize(("at_ms", "x"), [(-9, LEFT), (0, LEFT), (50_000, LEFT + PLOT / 2),
                                          (999_999, LEFT + PLOT)])  # fmt: skip
def test_a_finding_is_pinned_to_its_spot_and_leads_to_its_text(at_ms: int, x: float) -> None:
    root = drawn(a_pin(at_ms, "2.1", target="run1-2-1"))
    (link,) = root.findall(f"{NS}a")
    assert link.get("href") == "#run1-2-1"
    (text,) = link.iter(f"{NS}text")
    assert (text.text, float(str(text.get("x")))) == ("2.1", x)
    (hair,) = of_class(root, "hair")
    assert str(hair.get("d")).startswith(f"M{x:.1f},")


def test_pins_at_one_spot_stand_in_rows() -> None:
    root = drawn(*(a_pin(50_000, str(nth)) for nth in range(1, 4)))
    ys = {link.find(f".//{NS}rect").get("y") for link in root.findall(f"{NS}a")}  # type: ignore[union-attr]
    assert len(ys) == 3


def test_pins_without_a_place_are_counted() -> None:
    root = drawn(*(a_pin(50_000, str(nth)) for nth in range(1, 8)))
    assert len(root.findall(f"{NS}a")) == 4
    told = [text.text for text in root.iter(f"{NS}text")]
    assert "Findings (7)" in told
    assert "3 without a place here" in told


def test_lanes_do_not_lie_on_each_other() -> None:
    one = a_mark(0, 1)
    root = drawn(calls=(a_lane(one), a_lane(one, name="Uploads")), beside=(a_lane(one, name="Faults"),))
    assert len({mark.get("y") for mark in of_class(root, "good")}) == 3
    labels = [text.text for text in of_class(root, "lane")]
    assert labels == ["Orders (1)", "Uploads (1)", "Faults (1)"]


def test_a_job_that_has_not_ended_runs_to_the_end() -> None:
    bar = Bar(booked_ms=0, started_ms=50_000, ended_ms=None, state="RUNNING", title="j")
    root = drawn(bars=(bar,))
    (queued,), (running,) = of_class(root, "queued"), of_class(root, "running")
    assert float(str(queued.get("width"))) == float(str(running.get("width"))) == PLOT / 2


def test_the_balance_is_a_line_of_steps() -> None:
    points = (Balance(at_ms=0, credits=100), Balance(at_ms=50_000, credits=40))
    (line,) = of_class(drawn(balance=points), "balance")
    assert re.match(rf"M{LEFT}\.0,[\d.]+H{LEFT + PLOT / 2}V[\d.]+H", str(line.get("d")))
    assert line.findtext(f"{NS}title") == "from 100 to 40 credits"


@pytest.mark.parametrize("span_ms", [1, 40, 999, 60_000, 3_600_000, 86_400_000 * 20])
def test_time_has_some_marks_and_not_too_many(span_ms: int) -> None:
    root = drawn(span_ms=span_ms)
    assert 2 <= len(of_class(root, "tick")) <= 12


def test_hostile_text_stays_text() -> None:
    bad = '"><script>&'
    root = drawn(
        a_pin(1, bad, target=bad, title=bad, severity=bad), calls=(a_lane(a_mark(1, 2, title=bad), name=bad),)
    )
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert root.findall(f"{NS}a")[0].get("href") == f"#{bad}"


def test_the_scenarios_limit_is_drawn() -> None:
    under = (timeline.Under(at_ms=0, waiting=1, running=2),)
    (limit,) = of_class(drawn(under_way=under, in_flight_most=5), "limit")
    assert "not more than 5" in str(limit.findtext(f"{NS}title"))
    assert not of_class(drawn(under_way=under), "limit")
