"""Fan charts: the observations, and the forecasts without changes and under each plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.studies.foretold import called, headline, sentences
from sim.texts import speaking
from sim.views.dates import date_axis
from sim.views.panels import wrapped
from sim.views.style import BLACK, DASHES, GREY, PAGE, SERIES, headed_by, nothing, number_axis, plain, style
from sim.views.texts import column, text

if TYPE_CHECKING:
    from sim.studies.forecast import Forecast

__all__ = ["forecast_figure"]

PANELS = 6
COLOURS = (GREY, *SERIES)
"""Colours: grey without changes, then one for each plan."""


def forecast_figure(found: Forecast, lang: str | None = None) -> Figure:
    """Return the fan charts of a forecast: up to six series, data before, a fan per plan after."""
    shown = list(dict.fromkeys(found.bands["series"]))
    # Observed series first, tiers last.
    observed = [name for name in found.history.series if name in shown]
    # Series that are always zero are left out, unless they were observed.
    some = found.bands.groupby("series")[["low90", "high90"]].agg(lambda values: bool((values > 0).any()))  # type: ignore[misc]
    shown = [name for name in shown if name in observed or some.loc[name].any()]
    shown = sorted(shown, key=lambda name: ("@" in name, name not in observed))[:PANELS]
    columns = 1 if len(shown) == 1 else 2 if len(shown) <= 4 else 3
    rows = -(-len(shown) // columns)
    with style(lang) as spoken, speaking(spoken):
        figure = Figure(figsize=(PAGE, 6.0), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for ax, name in zip(axes, shown, strict=False):
            _fan(ax, found, name, spoken, 10 // columns)
        for ax in axes[len(shown):]:
            ax.set_axis_off()
        handles, labels = max((ax.get_legend_handles_labels() for ax in axes), key=lambda pair: len(pair[1]))
        if handles:
            figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)))
        headed_by(figure, [*headline(found), sentences(found)[0]])
    return figure


def _fan(ax: Axes, found: Forecast, name: str, lang: str, most: int) -> None:
    bands = found.bands[found.bands["series"] == name]
    unit = _unit(name)
    ax.set_title(wrapped(_title(name, lang), ax, 12.5), fontsize=12.5)
    seen = [one for one in found.history.observations if one.series == name]
    known = bands[["low90", "high90"]].to_numpy(float)
    if not (known[np.isfinite(known)] != 0).any() and not any(one.value for one in seen):
        nothing(ax, text("always nothing", lang) if np.isfinite(known).any() else text("nothing", lang))
        return
    for place, label in enumerate(found.labels):
        rows = bands[(bands["scenario"] == label) & (bands["last"] > (found.end if place else 0))]
        middle = (rows["first"] + rows["last"]) / 2
        colour = COLOURS[place % len(COLOURS)]
        values = {part: rows[part].to_numpy(float)
                  for part in ("low90", "low50", "median", "high50", "high90")}
        ax.fill_between(middle, values["low90"], values["high90"], color=colour, alpha=0.16, lw=0)
        ax.fill_between(middle, values["low50"], values["high50"], color=colour, alpha=0.26, lw=0)
        ax.plot(middle, values["median"], color=colour, ls=DASHES[place % len(DASHES)],
                label=plain(called(found, label), 40))
    if seen:
        at = [(one.first + one.last) / 2 for one in seen]
        each = [one.value / (one.last - one.first + 1) if one.how == "sum" else one.value for one in seen]
        ax.plot(at, each, "o", color=BLACK, ms=4, label=text("data", lang), zorder=5)
    ax.axvline(found.end + 0.5, color=BLACK, lw=1, ls=(0, (3, 3)))
    top = np.nanmax(bands[["high90"]].to_numpy(float)) if len(bands) else 0.0
    if unit != "share" and np.isfinite(top) and bands["low90"].min() >= 0:
        ax.set_ylim(bottom=0)
    number_axis(ax, unit, lang)
    ax.yaxis.label.set_fontsize(11.5)
    ax.set_xlim(0, found.last + 1)
    ax.set_xlabel(text("week axis", lang))
    date_axis(ax, found.calendar, lang, most)


def _title(name: str, lang: str) -> str:
    from sim.scenario.history_columns import how_read

    base, _at, tier = name.partition("@")
    said = column(base, lang) + (f" ({plain(tier, 30)})" if tier else "")
    return f"{said}{text('a week', lang)}" if how_read(base) == "sum" else said


def _unit(name: str) -> str:
    from sim.market.outputs import TIERS, WEEKLY

    base = name.partition("@")[0]
    return next((one.unit for one in (*WEEKLY, *TIERS) if one.name == base), "units")
