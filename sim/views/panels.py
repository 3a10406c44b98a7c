"""The parts of pictures: functions from tables to Axes, registered by name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from sim.errors import UsageError
from sim.views.style import BLACK, empty, filled, own_font, plain, says_nothing, style
from sim.views.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.timeline import Calendar

__all__ = [
    "PANELS", "Panel", "below", "cumulative", "end_labels", "line", "mark_events", "mean_by_week",
    "panel", "quantiles", "seeds_note", "smooth",
]


@dataclass(frozen=True)
class Panel:
    """One picture: its name, its tables, and the function that draws it."""

    name: str
    tables: tuple[str, ...]
    draw: Callable[..., Axes]
    over_time: bool


LINES_APART = 1.45
"""Line spacing of text below an axis; Chinese characters are higher than the usual spacing."""
FEW_RUNS = 10
"""Least number of runs for a band; fewer are drawn as thin lines."""

PANELS: dict[str, Panel] = {}
"""Every picture by name, in the order of the files that define them."""


def panel(*tables: str, over_time: bool = True) -> Callable[[Callable[..., None]], Any]:
    """Turn a function that draws the named tables on Axes into a picture.

    A picture called with its tables alone (``inventory(result.weekly)``) makes a new figure; with ``ax=``
    it draws on the caller's Axes. It returns the Axes.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., Axes]:
        @functools.wraps(function)
        def draw(*data: Any, ax: Axes | None = None, lang: str | None = None, **options: Any
                 ) -> Axes:
            if ax is None:
                # Import it outside our style: pyplot decides at its first import whether it is
                # interactive, and the end of a style block would undo that (matplotlib #24351).
                from matplotlib import pyplot
            with style(lang) as spoken:
                if ax is None:
                    _, ax = pyplot.subplots(figsize=(9.6, 5.4), layout="constrained")
                ax.set_title(text(f"picture.{function.__name__}", spoken))
                ax.xaxis.label.set_linespacing(LINES_APART)
                if any(getattr(table, "empty", False) for table in data):
                    empty(ax, spoken)
                else:
                    function(*data, ax=ax, lang=spoken, **options)
                    if over_time:
                        weeks_axis(ax, data[0], spoken)
                own_font(ax)
            return ax

        PANELS[function.__name__] = Panel(function.__name__, tables, draw, over_time)
        return draw

    return decorate


def weeks_axis(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    """Label the axis of weeks, unless the picture has done so, and let it span the whole run."""
    if says_nothing(ax):
        return
    if not ax.get_xlabel():
        ax.set_xlabel(text("week axis", lang))
    last = int(table["week"].max())
    ax.set_xlim(0, last + max(0.5, 0.01 * last))
    if all(np.isnan(np.asarray(line.get_ydata(), dtype=float)).all()
           for line in ax.lines) and not (ax.collections or ax.patches):
        empty(ax, lang)


def seeds(table: pd.DataFrame) -> int:
    """Return the number of seeds in a table.

    Raises
    ------
    UsageError
        When the table holds more than one scenario, which only a comparison can show.
    """
    if "scenario" in table and table["scenario"].nunique() > 1:
        names = ", ".join(str(name) for name in table["scenario"].unique())
        raise UsageError(text("one scenario", names=names))
    return int(table["seed"].nunique()) if "seed" in table else 1


def quantiles(table: pd.DataFrame, values: pd.Series, by: str = "week") -> pd.DataFrame:
    """Return the quantiles over the seeds for each value of `by`, in the columns 0.1, 0.5 and 0.9."""
    grouped = values.astype("float64").groupby(table[by].to_numpy())
    return grouped.quantile(np.array([0.1, 0.5, 0.9])).unstack()


def line(
    ax: Axes, table: pd.DataFrame, values: pd.Series, label: str, colour: str, *,
    by: str = "week", dashes: object = "-", **options: Any,
) -> None:
    """Draw one line over the weeks: with many seeds, the median in a band from 10 to 90 %."""
    bands = quantiles(table, values, by)
    n = table["seed"].nunique() if "seed" in table else 1
    if 1 < n < FEW_RUNS and by == "week":
        # Too few runs for a band: show the runs themselves.
        for _, rows in values.astype("float64").groupby(table["seed"].to_numpy()):
            ax.plot(table.loc[rows.index, by], rows, color=colour, lw=0.7, alpha=0.5)
    elif n > 1 and len(bands):
        ax.fill_between(bands.index, bands[0.1], bands[0.9], color=colour, alpha=0.18, lw=0)
    ax.plot(bands.index, bands[0.5], ls=dashes, color=colour, label=label, **options)


def end_labels(ax: Axes, ends: Sequence[Any]) -> None:
    """Write labels at the right ends of curves so that they do not overlap.

    An end is (value, words, colour), followed by its week if the curve is shorter than others.
    """
    low, high = ax.get_ylim()
    figure = ax.get_figure()
    assert figure is not None
    box = ax.get_position()
    inches = figure.get_figheight()  # type: ignore[union-attr]
    gap = 17.0 / (72.0 * inches * max(box.height, 0.15)) * (high - low)
    reached: dict[float | None, float] = {}
    for value, words, colour, *week in sorted(ends, key=lambda end: end[:2]):
        if not np.isfinite(value):
            continue
        # Beside the picture or, for a shorter curve, where it ends.
        at = week[0] if week else None
        place = reached[at] = max(value, reached.get(at, -np.inf) + gap)
        ax.annotate(words, (1.0 if at is None else at, place),
                    xycoords=("axes fraction" if at is None else "data", "data"),
                    xytext=(6 if at is None else 4, 0), textcoords="offset points", va="center", color=colour,
                    fontsize=12, annotation_clip=False,
                    bbox=None if at is None else {"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none",
                                                  "alpha": 0.8})


def mean_by_week(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the mean over the seeds, one row per week."""
    return table.groupby("week")[list(columns)].mean()


def cumulative(table: pd.DataFrame, column: str) -> pd.Series:
    """Return the running sum of a column within each seed."""
    return table.groupby("seed")[column].cumsum()


def smooth(table: pd.DataFrame, column: str, weeks: int = 4) -> pd.Series:
    """Return a moving average over the last weeks of each seed, so that single orders do not hide trends."""
    rolled = table.groupby("seed")[column].rolling(weeks, min_periods=1).mean()
    return rolled.reset_index(level=0, drop=True).reindex(table.index)


def seeds_note(table: pd.DataFrame, lang: str, *, stacked: bool = False) -> str:
    """Return the note on how a picture shows many seeds; empty for a single seed."""
    n = seeds(table)
    if n < 2:
        return ""
    return text("mean of seeds" if stacked else band_key(n), lang, n=n)


def band_key(n: int) -> str:
    """Return the key of the text that says what is drawn for `n` runs."""
    return "band" if n >= FEW_RUNS else "thin lines"


def width_of(words: str) -> float:
    """Return the approximate width of a text in points, at the size of legends."""
    return sum(11.5 if ord(sign) > 0x2E80 else LETTER for sign in words)


LETTER = 6.2
"""Approximate width of a letter in points, at the size of legends."""


def room(ax: Axes) -> float:
    """Return the approximate width of the picture in points, before it is laid out."""
    figure, place = ax.get_figure(), ax.get_subplotspec()
    width = 72.0 * figure.get_figwidth() - 90.0 if figure is not None else 500.0  # type: ignore[union-attr]
    return width * len(place.colspan) / place.get_gridspec().ncols if place is not None else width


BESIDE = 0.3
"""Largest share of a picture's width for a legend beside it."""


def wrapped(words: str, ax: Axes, size: float = 13.0) -> str:
    """Return a title broken into lines no wider than its picture."""
    most = room(ax) * 11.5 / size - 20.0
    if width_of(words) <= most:
        return words
    return filled(words, max(16.0, most / LETTER))


def below(ax: Axes, columns: int = 3, *, piled: bool = False) -> None:
    """Place the legend.

    Short words go beside the ends of the curves, in the order of these ends; longer ones go below the
    label of the axis, in at most `columns` columns. For stacked areas (`piled`) the order is from the top.
    """
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    figure = ax.get_figure()
    assert figure is not None
    narrow = room(ax) < NARROW
    length = (1.1 if narrow else 1.5) + (0.9 if any(map(_is_dashed, handles)) else 0.0)
    widest = max(width_of(label) for label in labels) * (0.86 if narrow else 1.0) \
        + (11.0 if narrow else 16.0) + length * (10.0 if narrow else 11.5)
    if widest <= BESIDE * room(ax) and len(labels) <= LINES_BESIDE:
        order = list(range(len(labels)))
        if piled:
            order.reverse()
        else:
            curves = [handle for handle in handles if isinstance(handle, Line2D)]
            if len(curves) == len(handles):
                order.sort(key=lambda place: -_end(curves[place]))
        ax.legend([handles[place] for place in order], [labels[place] for place in order],
                  loc="center left", bbox_to_anchor=(1.0, 0.5), borderaxespad=0.3, handlelength=length)
        return
    columns = max(1, min(columns, len(labels), int(room(ax) / widest)))
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=columns, borderaxespad=0.0,
        handlelength=length,
        **({"fontsize": 10, "handletextpad": 0.4, "columnspacing": 0.8} if narrow
           else {"columnspacing": 1.4}),
        bbox_transform=ax.transAxes + ScaledTranslation(
            0, -46 / 72, figure.dpi_scale_trans))


LINES_BESIDE = 6
"""Largest number of lines of a legend beside a small picture."""
NARROW = 320.0
"""Width of a picture, in points, below which its legend is small."""


def _is_dashed(handle: Any) -> bool:
    """Return whether the key of a line must be long enough to show a whole period of its dashes."""
    return isinstance(handle, Line2D) and handle.get_linestyle() != "-"


def _end(handle: Line2D) -> float:
    """Return the last value of a curve."""
    values = np.asarray(handle.get_ydata(), dtype=float)
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if finite.size else -np.inf


CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"


def event_lines(
    events: Iterable[Any], lang: str, calendar: Calendar | None = None, whose: Sequence[str] = (),
) -> list[str]:
    """Return one line for each event of a scenario, with its number on pictures.

    `whose` names the plan of each event, for pictures of several plans.
    """
    dated = bool(getattr(calendar, "first_week", ""))
    lines = []
    for place, event in enumerate(events):
        key = ("dated event" if dated else "event") + (" again" if event.every else "")
        note = plain(event.said(lang) or text("change", lang), 60)
        if place < len(whose) and whose[place]:
            note = text("event of", lang, note=note, plan=plain(whose[place], 60))
        lines.append(text(
            key, lang, mark=CIRCLED[place % 10], every=event.every, note=note,
            week=calendar.begins(event) if calendar is not None and dated else event.week))
    return lines


def mark_events(
    ax: Axes, events: Iterable[Any], lang: str | None = None, *, captions: bool = True,
    whose: Sequence[str] = (),
) -> None:
    """Mark the events of a scenario by numbered lines; gradual changes shade their weeks.

    With `captions`, the legend explains each number.
    """
    with style(lang) as spoken:
        events = list(events)
        weeks = int(ax.get_xlim()[1])
        taken: list[int] = []
        for place, (event, words) in enumerate(
                zip(events, event_lines(events, spoken, whose=whose), strict=True)):
            for turn, (first, last) in enumerate(event.spans(weeks)):
                end = last if last is not None else first + event.over
                if end > first:
                    ax.axvspan(first, min(end, weeks), color=BLACK, alpha=0.05, lw=0)
                ax.axvline(first, color=BLACK, lw=1.1, ls=(0, (2, 2)), alpha=0.7,
                           label=words if captions and not turn else None)
                # Numbers of events in the same week go one below the other.
                ax.annotate(
                    CIRCLED[place % 10], (first, 1.0), xycoords=("data", "axes fraction"),
                    xytext=(0, -1 - 16 * taken.count(first)), textcoords="offset points",
                    ha="center", va="top", color=BLACK, fontsize=12,
                    bbox={"boxstyle": "circle,pad=0.05", "fc": "white", "ec": "none"})
                taken.append(first)
        if events and captions:
            below(ax)
