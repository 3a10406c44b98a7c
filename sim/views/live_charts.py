"""The charts of the live view: curves of one market or of two, and who recruited whom."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from bokeh.models import CustomJSTickFormatter, NumeralTickFormatter, Range1d
from bokeh.models.annotations import LabelSet
from bokeh.plotting import figure

from sim.views.live_market import CHARTS, LiveMarket
from sim.views.panels import width_of
from sim.views.style import (
    BLACK,
    BLUE,
    FAMILY,
    GREEN,
    GREY,
    STAGES,
    VERMILLION,
    scenario_colours,
    tier_colour,
)
from sim.views.texts import column, text, text_of

__all__ = ["charts", "colours_of", "legend", "tree"]

DASHES = ("solid", [6, 4])
"""Dashes of the first and the second curve of a chart."""
WIDTHS = (2.6, 1.6)
NARROWEST, WIDE_LINE = 290, 35
"""Pixels for the legend of a chart on a phone, and for the line in front of a name."""

SHORT_NUMBERS = """
const size = Math.abs(tick)
for (const [step, word] of steps) {
  if (size >= step) return (tick / step).toLocaleString("en", {maximumFractionDigits: 2}) + word
}
return tick.toLocaleString("en", {maximumFractionDigits: 2})
"""
STEPS = {"en": [[1e9, " bn"], [1e6, " m"]], "zh": [[1e8, " 亿"], [1e4, " 万"]]}


def colours_of(markets: Sequence[LiveMarket]) -> list[str]:
    """Return the colour of each market: that of its regime, as on every picture."""
    regimes = [market.model.scenario.regime for market in markets]
    names = [str(place) for place in range(len(markets))]
    return list(scenario_colours(names, regimes).values())


def charts(markets: Sequence[LiveMarket], lang: str) -> list[Any]:
    """Return a chart for each of `CHARTS`, with the curves of all markets."""
    return [_chart(name, unit, curves, markets, lang) for name, unit, curves in CHARTS]


def _chart(
    name: str, unit: str, curves: Sequence[str], markets: Sequence[LiveMarket], lang: str
) -> Any:
    weeks = max(market.model.scenario.weeks for market in markets)
    title = f"{text(f'picture.{name}', lang)} · {text(unit, lang)}"
    named = sum(WIDE_LINE + width_of(column(curve, lang)) for curve in curves)
    long = len(markets) > 1 or named > NARROWEST
    rows = len(curves) * len(markets) if long else 1
    chart: Any = figure(
        height=250 + 20 * rows, min_width=300, sizing_mode="stretch_width", toolbar_location=None,
        x_range=Range1d(start=0, end=weeks), title=title, name=name)
    if unit == "share":
        chart.y_range = Range1d(start=0, end=1.03)
        chart.yaxis.formatter = NumeralTickFormatter(format="0%")
    else:
        chart.yaxis.formatter = CustomJSTickFormatter(
            code=SHORT_NUMBERS, args={"steps": STEPS[lang]})
    several = len(markets) > 1
    followed: list[Any] = []
    for market, own in zip(markets, colours_of(markets), strict=True):
        chart.vstrip(x0="start", x1="end", source=market.spans, fill_color=own, fill_alpha=0.07,
                     line_color=None)
        chart.vspan(x="week", source=market.events, color=own, line_dash="dotted")
        marks = LabelSet(
            x="week", y=170, y_units="screen", text="mark", source=market.events, x_offset=2,
            text_color=own, text_font_size="12px", text_font=FAMILY)
        chart.add_layout(marks)
        for place, curve in enumerate(curves):
            said = column(curve, lang)
            colour = own if several or place == 0 else BLUE
            followed.append(chart.line(
                "week", curve, source=market.curves, color=colour, line_width=WIDTHS[place],
                line_dash=DASHES[place],
                legend_label=f"{said} · {market.label}" if several else said))
    if unit != "share":
        # Before the first week there are no numbers; invisible points give the chart its axes.
        ground = chart.scatter([0, 0], [0, 1], alpha=0)
        chart.y_range.renderers = [*followed, ground]
        if "brand_money" not in curves:
            chart.y_range.start = 0
    legend_below(chart, long)
    chart.xaxis.axis_label = text("week axis", lang)
    return fonts(chart)


def legend_below(chart: Any, long: bool) -> None:
    """Put the legend below the chart, one entry per row where names are long."""
    box = chart.legend[0]
    box.ncols = 1 if long else 2
    box.location = "left"
    box.border_line_alpha = 0
    box.padding = box.margin = 0
    box.label_text_font_size = "12px"
    box.label_text_font = FAMILY
    chart.add_layout(box, "below")


def tree(market: LiveMarket, lang: str) -> Any:
    """Return the chart of who recruited whom."""
    chart = figure(
        height=380, min_width=300, sizing_mode="stretch_width", toolbar_location=None,
        match_aspect=True, title=f"{text('picture.tree', lang)} · {market.label}", name="tree")
    chart.multi_line("xs", "ys", source=market.ties, color="#CCCCCC", line_width=0.7)
    chart.scatter("x", "y", source=market.people, fill_color="fill", line_color="line",
                  size="size", line_width=1.4)
    chart.scatter([0], [0], marker="star", size=17, color=BLACK)
    chart.axis.visible = False
    chart.grid.visible = False
    chart.outline_line_color = None
    return fonts(chart)


def legend(market: LiveMarket, by: str, lang: str) -> str:
    """Return as HTML what the colours of the tree stand for, and how much of it is shown."""
    if by == "gain":
        kinds = [(GREEN, text("gained", lang)), (VERMILLION, text("in loss", lang)),
                 (GREY, text("neither", lang))]
    elif by == "stage":
        kinds = [(colour, column(name, lang)) for name, colour in STAGES.items()]
    else:
        kinds = [(tier_colour(place), text_of(tier.name, lang) or text("tier n", lang, n=place + 1))
                 for place, tier in enumerate(market.model.scenario.tiers)]
    said = "".join(
        f'<span style="white-space:nowrap;margin-right:12px"><span aria-hidden="true" '
        f'style="display:inline-block;width:11px;height:11px;border-radius:6px;background:{colour}">'
        f"</span> {escape(words)}</span>" for colour, words in kinds)
    return (f'<p style="margin:0">{said}<span style="white-space:nowrap">○ '
            f"{escape(text('left hollow', lang))}</span><br>{escape(market.shown_of(lang))}</p>")


def fonts(chart: Any) -> Any:
    """Use our font on a chart, so that Chinese shows on any machine."""
    chart.title.text_font = FAMILY
    chart.axis.axis_label_text_font = FAMILY
    chart.axis.major_label_text_font = FAMILY
    chart.axis.axis_label_text_font_style = "normal"
    return chart
