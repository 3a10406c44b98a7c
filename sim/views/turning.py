"""The picture of an explanation: turning points over the weeks, run by run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from sim.texts import speaking
from sim.views.panels import mark_events
from sim.views.style import BLACK, BLUE, GREY, PAGE, filled, headed_by, nothing, own_font, plain, style
from sim.views.texts import text

if TYPE_CHECKING:
    from sim.studies.explain import Explanation

__all__ = ["study_axes", "turning_message", "turning_points"]


def study_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the Axes to draw on: those given, or those of a figure of this size in inches."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=(width, height), layout="constrained")
    return made


def turning_message(found: Explanation, lang: str) -> str:
    """Return what turned first and last among turning points in at least half of the runs."""
    usual = [point for point in found.points if point.usual]
    if not usual:
        return ""
    first, last = usual[0], usual[-1]
    values = {"first": first.title(), "a": f"{first.week:g}", "last": last.title(), "b": f"{last.week:g}"}
    key = "turning one" if len(usual) == 1 else "turning same" if first.week == last.week else "turning"
    said = text(f"msg {key}", lang, **values)
    return said[:1].upper() + said[1:]


def turning_points(found: Explanation, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw each turning point as a row: a dot per run, and the median week.

    Turning points in fewer than half of the runs are grey.
    """
    points = found.points
    if ax is None:
        from matplotlib import pyplot  # noqa: F401  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        drawn = study_axes(ax, PAGE, 1.9 + 0.5 * max(3, len(points)))
        name = plain(text("turning points of", spoken, name=found.name), 120)
        if ax is None:
            headed_by(drawn.figure, [said for said in (turning_message(found, spoken), name) if said])
        else:
            drawn.set_title(name)
        if not points:
            nothing(drawn, text("no turning point", spoken))
            return drawn
        for row, point in enumerate(points):
            colour = BLUE if point.usual else GREY
            weeks = sorted(point.weeks.values())
            drawn.plot([weeks[0], weeks[-1]], [row, row], color=colour, lw=2.0, alpha=0.5)
            drawn.plot(weeks, [row] * len(weeks), "o", color=colour, ms=6, alpha=0.45, mew=0)
            drawn.plot(point.week, row, "|", color=BLACK if point.usual else GREY, ms=17, mew=2.4)
        drawn.set_yticks(range(len(points)), [
            filled(plain(point.title(), 90), 38 if spoken == "en" else 40) for point in points])
        drawn.set_ylim(len(points) - 0.4, -0.6)
        drawn.set_xlim(0, found.weeks + 1)
        drawn.grid(axis="y", visible=False)
        drawn.set_xlabel(text("turning axis" if len(found.turns) > 1 else "week axis", spoken,
                              n=len(found.turns)))
        events = sorted(getattr(found.scenario, "events", ()), key=lambda event: int(event.week))
        mark_events(drawn, events, spoken)
        own_font(drawn)
    return drawn
