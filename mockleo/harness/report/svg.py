"""A timeline as inline SVG: lanes from the top down, one scale of time, findings pinned to it.

Whatever is text goes through `escape`. Colours are the page's classes.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import msgspec

from mockleo.harness.report.timeline import BINS
from mockleo.harness.report.words import after, duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockleo.harness.report.timeline import Bar, Lane, Mark, Timeline, Under

# In units of the drawing, which fills the page's width.
WIDTH, LEFT, RIGHT = 1160, 140, 20
PLOT = WIDTH - LEFT - RIGHT
_LANE, _GAP, _BAR = 16, 8, 7
_GRAPH = 42
_PIN_ROWS, _PIN_ROW, _SIGN = 4, 18, 6.5
_TICKS_MOST = 10
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A finding: `target` is the id of its text on the page."""

    at_ms: int
    label: str
    severity: str
    target: str
    title: str


def drawn(timeline: Timeline, pins: Sequence[Pin]) -> str:
    """The whole drawing."""
    return "\n".join(_Drawing(timeline).draw(pins))


class _Drawing:
    """Goes down lane by lane; `_y` is where the next one begins."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._y = 0.0

    def draw(self, pins: Sequence[Pin]) -> Iterator[str]:
        rows, below = self._pins(pins)
        left_out = len(pins) - len(rows)
        body = [*self._lanes()]
        axis = [*self._axis(below)]
        # A hair from each pin through all lanes, below everything else.
        hairs = [
            f'<path class="hair" d="M{x:.1f},{y:.1f}V{self._y:.1f}"/>'
            for x, y in sorted({(self._x(pin.at_ms), y) for pin, y in rows})
        ]
        height = self._y + 24
        yield (
            f'<svg class="timeline" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
            'xmlns="http://www.w3.org/2000/svg">'
        )
        yield "<title>What happened when, in the client's own time</title>"
        yield from (*axis, *hairs, *body)
        if pins:
            yield f'<text class="lane" x="0" y="12">Findings ({len(pins):,})</text>'
        if left_out:
            yield f'<text class="small" x="0" y="26">{left_out:,} without a place here</text>'
        yield from (self._pin(pin, y) for pin, y in rows)
        yield "</svg>"

    def _x(self, at_ms: int) -> float:
        """Where an instant is; what is beyond an end is at that end."""
        span_ms = self._timeline.span_ms
        return LEFT + PLOT * min(max(at_ms, 0), span_ms) / span_ms

    # --- findings -----------------------------------------------------------------------------

    def _pins(self, pins: Sequence[Pin]) -> tuple[list[tuple[Pin, float]], float]:
        """Each pin in the first row in which there is place; those without any are not drawn."""
        taken = [0.0] * _PIN_ROWS
        placed: list[tuple[Pin, float]] = []
        for pin in sorted(pins, key=lambda pin: (pin.at_ms, pin.label)):
            x, half = self._x(pin.at_ms), _width(pin.label) / 2 + 1
            row = next((row for row in range(_PIN_ROWS) if taken[row] <= x - half), None)
            if row is not None:
                taken[row] = x + half
                placed.append((pin, row * _PIN_ROW + 2.0))
        used = sum(1 for end in taken if end)
        self._y = used * _PIN_ROW + (_GAP if used else 2)
        return placed, self._y

    def _pin(self, pin: Pin, y: float) -> str:
        width = _width(pin.label)
        x = self._x(pin.at_ms)
        return (
            f'<a href="#{escape(pin.target)}"><g class="pin {escape(pin.severity)}">'
            f"<title>{escape(pin.title)}</title>"
            f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="14" rx="7"/>'
            f'<text x="{x:.1f}" y="{y + 10.5:.1f}">{escape(pin.label)}</text></g></a>'
        )

    # --- lanes --------------------------------------------------------------------------------

    def _lanes(self) -> Iterator[str]:
        for lane in self._timeline.calls:
            yield from self._lane(lane)
        if self._timeline.under_way:
            yield from self._under_way(self._timeline.under_way)
        if self._timeline.bars:
            yield from self._bars(self._timeline.bars)
        for lane in self._timeline.beside:
            yield from self._lane(lane)
        if self._timeline.balance:
            yield from self._balance()

    def _label(self, name: str, height: float, beside: str = "") -> str:
        told = f'<text class="lane" x="0" y="{self._y + 12:.1f}">{escape(name)}</text>'
        if beside:
            told += f'<text class="small" x="0" y="{self._y + 26:.1f}">{escape(beside)}</text>'
        line = f'<path class="floor" d="M{LEFT},{self._y + height:.1f}H{LEFT + PLOT}"/>'
        return told + line

    def _lane(self, lane: Lane) -> Iterator[str]:
        times = sum(mark.times for mark in lane.marks)
        yield self._label(f"{lane.name} ({times:,})", _LANE)
        # What went wrong is drawn over what went well.
        for mark in sorted(lane.marks, key=lambda mark: (mark.kind != "good", mark.at_ms)):
            yield self._mark(mark)
        self._y += _LANE + _GAP

    def _mark(self, mark: Mark) -> str:
        x = self._x(mark.at_ms)
        width = max(PLOT / BINS - 0.5, self._x(mark.to_ms) - x)
        return (
            f'<rect class="{mark.kind}" x="{x:.1f}" y="{self._y:.0f}" width="{width:.1f}" height="{_LANE}">'
            f"<title>{escape(mark.title)}</title></rect>"
        )

    def _under_way(self, points: Sequence[Under]) -> Iterator[str]:
        limit = self._timeline.in_flight_most
        most = max(limit or 0, 1, *(point.waiting + point.running for point in points))
        yield self._label("Jobs under way", _GRAPH, f"at most {most:,}")
        for kind, values in (
            ("queued", [(point.at_ms, point.waiting + point.running) for point in points]),
            ("running", [(point.at_ms, point.running) for point in points]),
        ):
            line = self._steps([(0, 0), *values], low=0, high=most)
            floor = self._y + _GRAPH
            yield f'<path class="{kind}" d="{line}V{floor:.1f}H{LEFT}Z"/>'
        if limit is not None:
            y = self._y + _GRAPH * (1 - limit / most)
            yield (
                f'<path class="limit" d="M{LEFT},{y:.1f}H{LEFT + PLOT}">'
                f"<title>not more than {limit:,} at once, the scenario says</title></path>"
            )
        self._y += _GRAPH + _GAP

    def _bars(self, bars: Sequence[Bar]) -> Iterator[str]:
        height = len(bars) * (_BAR + 2)
        yield self._label(f"Jobs ({len(bars)})", height, "waiting, running" if height > _LANE else "")
        for bar in bars:
            yield self._bar(bar)
            self._y += _BAR + 2
        self._y += _GAP

    def _bar(self, bar: Bar) -> str:
        span_ms = self._timeline.span_ms
        end_ms = span_ms if bar.ended_ms is None else bar.ended_ms
        start_ms = end_ms if bar.started_ms is None else bar.started_ms
        booked, start, end = self._x(bar.booked_ms), self._x(start_ms), self._x(end_ms)
        parts = [("queued", booked, start - booked), ("running", start, end - start)]
        if bar.ended_ms is not None:
            parts.append(("good" if bar.state == "COMPLETE" else "broken", end - 1, 3.0))
        rects = "".join(
            f'<rect class="{kind}" x="{x:.1f}" y="{self._y:.0f}" width="{width:.1f}" height="{_BAR}"/>'
            for kind, x, width in parts
            if width > 0
        )
        return f"<g><title>{escape(bar.title)}</title>{rects}</g>"

    def _balance(self) -> Iterator[str]:
        points = [(point.at_ms, point.credits) for point in self._timeline.balance]
        low, high = min(value for _, value in points), max(value for _, value in points)
        change = points[-1][1] - points[0][1]
        yield self._label("Credits", _GRAPH, f"{change:+,} in all")
        line = self._steps(points, low=low, high=max(high, low + 1))
        yield (
            f'<path class="balance" d="{line}H{LEFT + PLOT}">'
            f"<title>from {points[0][1]:,} to {points[-1][1]:,} credits</title></path>"
        )
        self._y += _GRAPH + _GAP

    def _steps(self, points: Sequence[tuple[int, int]], *, low: int, high: int) -> str:
        """A line that goes along, and up or down where a value changes, to the end."""
        scale = _GRAPH / (high - low)
        floor = self._y + _GRAPH
        path = [f"M{self._x(points[0][0]):.1f},{floor - (points[0][1] - low) * scale:.1f}"]
        path += [f"H{self._x(at_ms):.1f}V{floor - (value - low) * scale:.1f}" for at_ms, value in points[1:]]
        return f"{''.join(path)}H{LEFT + PLOT}"

    # --- time ---------------------------------------------------------------------------------

    def _axis(self, top: float) -> Iterator[str]:
        span_ms = self._timeline.span_ms
        step_ms = next(
            (step_s * 1000 for step_s in _STEPS_S if span_ms / (step_s * 1000) <= _TICKS_MOST),
            -(-span_ms // _TICKS_MOST),
        )
        if span_ms < step_ms:
            step_ms = max(1, span_ms // 4)
        for at_ms in range(0, span_ms + 1, step_ms):
            x = self._x(at_ms)
            yield (
                f'<path class="tick" d="M{x:.1f},{top:.1f}V{self._y:.1f}"/>'
                f'<text class="time" x="{x:.1f}" y="{self._y + 14:.1f}">{_tick(at_ms)}</text>'
            )
        end = self._x(span_ms)
        yield (
            f'<path class="end" d="M{end:.1f},{top:.1f}V{self._y:.1f}">'
            f"<title>The client ended {escape(after(span_ms))}; what came later is drawn here</title></path>"
        )


def _tick(at_ms: int) -> str:
    if at_ms % 60_000 == 0 and at_ms:
        minutes = at_ms // 60_000
        return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{at_ms // 1000} s" if at_ms % 1000 == 0 else duration(at_ms)


def _width(label: str) -> float:
    return max(14.0, len(label) * _SIGN + 7)
