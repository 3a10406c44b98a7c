"""The interactive charts of the report, as Vega-Lite specifications.

Each chart is a specification of its own, so that a page can lay them out for any width. Charts share the
signals `week` (the week under the pointer) and `from` and `to` (the weeks that are shown).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.runs.figures import wholesale_paid
from sim.studies.gaps import setting_said
from sim.views import sources
from sim.views.comparing import drawn_unit
from sim.views.dates import week_labels
from sim.views.messages import message
from sim.views.panels import quantiles, smooth
from sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PLACES,
    SKY,
    STAGES,
    VERMILLION,
    filled,
    scenario_colours,
    tier_colour,
)
from sim.views.sweeps import MOST, labelled, measured
from sim.views.texts import column, text, text_of
from sim.views.waterfall import axis_unit

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.views.sources import Shown

__all__ = ["charts_of", "comparison_charts", "sweep_charts"]

MAX_WEEKS = 300
"""Largest number of points of a curve; longer runs are thinned out."""

CURVES: tuple[tuple[str, bool, tuple[tuple[str, str], ...]], ...] = (
    ("sell_through", False, (("sell_in", VERMILLION), ("sell_through", GREEN))),
    ("inventory", True, tuple((name, PLACES[name]) for name in (
        "inventory_homes", "inventory_channel", "inventory_transit", "inventory_factory"))),
    ("joins_exits", False, (("joins", BLUE), ("exits", VERMILLION))),
    ("prices", False, (("price_list", BLACK), ("price_street_mean", BLUE),
                       ("price_street_min", VERMILLION), ("price_wholesale_low", ORANGE))),
    ("minds", False, (("trust_mean", BLUE), ("satisfaction_mean", GREEN), ("awareness", GREY),
                      ("muted_share", VERMILLION))),
    ("recruiting", False, (("recruiting_share", VERMILLION), ("loss_share", BLACK))),
    ("money", False, (("profit_brand", BLACK), ("upline_payments", VERMILLION),
                      ("retail_margin_resellers", GREEN))),
    ("stages", True, tuple((name, STAGES[name]) for name in (
        "stage_geek", "stage_fan", "stage_user", "stage_customer"))),
    ("quality", False, (("quality_perceived", ORANGE), ("quality_true", BLACK))),
    ("learning", False, (("knowledge", BLACK),)),
    ("product", False, (("product_distance", SKY),)),
)
SMOOTHED = {"sell_in", "sell_through", "joins", "exits"}
SUMMED = {"profit_brand", "upline_payments", "retail_margin_resellers"}
COMPARED = ("profit_brand", "resellers_active", "sell_through", "inventory_channel", "trust_mean",
            "loss_share", "recruiting_share", "price_street_mean", "stage_user", "knowledge")


def rounded(value: float) -> float | None:
    """Return a number with the digits that a chart can show; None for NaN."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _values(weekly: pd.DataFrame, name: str) -> pd.Series:
    if name == "price_wholesale_low":
        return weekly[name].astype("float64").where(np.isfinite(wholesale_paid(weekly)))
    if name in SUMMED:
        return weekly.groupby("seed")[name].cumsum()
    return smooth(weekly, name) if name in SMOOTHED else weekly[name]


def _rows(weekly: pd.DataFrame, values: pd.Series, label: str, scale: float
          ) -> list[Data]:
    bands = quantiles(weekly, values) / scale
    every = max(1, math.ceil(len(bands) / MAX_WEEKS))
    bands = bands.iloc[::every]
    many = weekly["seed"].nunique() > 1
    rows = []
    for week, low, middle, high in zip(bands.index, bands[0.1], bands[0.5], bands[0.9],
                                       strict=True):
        row = {"week": int(week), "series": label, "value": rounded(middle)}
        if many:
            row["low"], row["high"] = rounded(low), rounded(high)
        rows.append(row)
    return rows


def chart(
    title: str, unit: str, rows: Sequence[Data], colours: dict[str, str], *,
    stacked: bool = False, lang: str = "en", x: str = "week", x_title: str = "",
    events: Sequence[Any] = (), dates: str = "", dots: bool = False, subtitle: str = "",
) -> Data:
    """Return one chart: lines (with a band, if the rows have one), stacked areas, or dots."""
    share = unit == "share"
    axis: Data = {
        "title": "" if share else text("yuan" if unit == "fen" else unit, lang),
        "format": "%" if share else "~s", "labelLimit": 80,
        # Horizontal above the axis, since rotated Chinese is hard to read.
        "titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0, "titleY": -6,
    }
    if not share:
        axis["labelExpr"] = (
            "abs(datum.value) >= 1e4 ? format(datum.value / 1e4, '~g') + '万' : format(datum.value, ',~g')"
            if lang == "zh" else
            "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, '~g') + ' million' : "
            "format(datum.value, ',~g')")
    scale = {"domain": [0, 1]} if share else {"zero": True}
    along: Data = {"field": x, "type": "quantitative", "axis": {
        "title": x_title or text("week axis", lang), "format": "d" if x == "week" else "~g",
        "tickMinStep": 1 if x == "week" else 0.0001, "grid": False},
        "scale": {"zero": False, "nice": False}}
    if x != "week" and setting_said(x_title, 1.0).endswith("%"):
        along["axis"]["format"] = "~%"
    if dates and x == "week":
        along["axis"] |= {"labelExpr": dates, "title": text("date", lang), "labelFlush": False}
    colour = {"field": "series", "type": "nominal", "title": None, "sort": list(colours),
              "scale": {"domain": list(colours), "range": list(colours.values())},
              "legend": {"orient": "bottom", "columns": 2, "labelLimit": 220, "symbolOpacity": 1,
                         "symbolType": "square" if stacked else "stroke"}}
    upright = {"field": "value", "type": "quantitative", "axis": axis, "scale": scale}
    layers: list[Data] = []
    if stacked:
        layers.append({"mark": {"type": "area", "opacity": 0.9}, "encoding": {
            "x": along, "color": colour,
            "y": {**upright, "stack": "zero"},
            "order": {"field": "place", "type": "quantitative"}}})
    elif dots:
        layers.append({"mark": {"type": "point", "filled": True, "size": 60},
                       "encoding": {"x": along, "y": upright, "color": {**colour, "legend": None}}})
    else:
        if any("low" in row for row in rows):
            layers.append({"mark": {"type": "area", "opacity": 0.18}, "encoding": {
                "x": along, "color": colour,
                "y": {**upright, "field": "low"}, "y2": {"field": "high"}}})
        layers.append({"mark": {"type": "line", "strokeWidth": 2.2,
                                **({"point": True} if x != "week" else {})},
                       "encoding": {"x": along, "y": upright, "color": colour}})
    weeks = max((row["week"] for row in rows if "week" in row), default=0)
    marks = [{"week": first, "until": min(weeks, last if last is not None else first + event.over)}
             for event in events for first, last in event.spans(weeks)]
    if marks:
        layers += [
            {"data": {"values": [mark for mark in marks if mark["until"] > mark["week"]]},
             "mark": {"type": "rect", "color": "#444", "opacity": 0.08},
             "encoding": {"x": {**along, "field": "week"}, "x2": {"field": "until"}}},
            {"data": {"values": marks},
             "mark": {"type": "rule", "color": "#444", "strokeDash": [3, 3]},
             "encoding": {"x": {**along, "field": "week"}}}]
    params: list[Data] = []
    transform: list[Data] = []
    if x == "week":
        params = [{"name": "week", "value": -1}, {"name": "from", "value": 0},
                  {"name": "to", "value": 1_000_000}]
        transform = [{"filter": "datum.week >= from && datum.week <= to"}]
        layers += [
            {"params": [{"name": "hover", "select": {
                "type": "point", "on": "pointermove, click", "nearest": True, "fields": ["week"],
                "clear": "pointerout"}}],
             "mark": {"type": "point", "opacity": 0},
             "encoding": {"x": along}},
            {"transform": [{"filter": "datum.week == week"}],
             "mark": {"type": "rule", "color": "#888"},
             "encoding": {"x": along}},
            {"transform": [{"filter": "datum.week == week"}],
             "mark": {"type": "text", "align": "left", "fontSize": 11.5, "fontWeight": 600,
                      "x": 8, "y": {"expr": "14 * datum.place + 6"}},
             "encoding": {"text": {"field": "shown"}, "color": colour}},
        ]
    for row in rows:
        if row.get("value") is not None:
            row["shown"] = _shown(row["value"], unit, row["week"] if x == "week" else None)
    labels = list(colours)
    for row in rows:
        row["place"] = labels.index(row["series"])
    colon, comma = ("：", "、") if lang == "zh" else (": ", ", ")
    under = {"subtitle": subtitle, "subtitleFontSize": 12, "subtitleColor": "#595959"} if subtitle else {}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{title}{f' ({x_title})' if x_title else ''}{colon}{comma.join(colours)}",
        "title": {"text": title, "anchor": "start", "fontSize": 14, "fontWeight": 600,
                  "offset": 8 if share else 20, **under},
        "width": "container", "height": 260, "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": list(rows)}, "params": params, "transform": transform,
        "layer": layers,
        "config": {"font": "Weishang Sans, sans-serif", "view": {"stroke": None},
                   "axis": {"gridColor": "#e8e8e8", "domainColor": "#888", "labelFontSize": 11.5,
                            "titleFontSize": 11.5, "titleFontWeight": 400},
                   "legend": {"labelFontSize": 11.5, "symbolStrokeWidth": 3}},
    }


def _shown(value: float, unit: str, week: int | None) -> str:
    number = f"{value:.1%}" if unit == "share" else f"{value:,.4g}" if abs(value) < 1000 \
        else f"{value:,.0f}"
    return number if week is None else f"{week}: {number}"


def charts_of(result: Shown, scenario: str | None, lang: str) -> list[Data]:
    """Return the charts of one scenario."""
    weekly = sources.table(result, "weekly", scenario)
    charts: list[Data] = []
    told = False
    record = sources.record(result, scenario)
    events, dates = getattr(record, "events", ()), week_labels(getattr(record, "calendar", None))
    for picture, stacked, shown in CURVES:
        names = [(name, colour) for name, colour in shown
                 if name in weekly and weekly[name].notna().any()]
        if picture == "learning" and not weekly["knowledge"].any():
            continue
        # Curves that are empty or always zero are left out.
        shown_here = weekly[[name for name, _colour in names]]
        if not names or not shown_here.to_numpy(dtype=float, na_value=0.0).any():
            continue
        unit = drawn_unit(names[0][0])
        rows: list[Data] = []
        for name, _ in names:
            rows += _rows(weekly, _values(weekly, name), column(name, lang),
                          100.0 if unit == "fen" else 1.0)
        charts.append(chart(
            text(f"picture.{picture}", lang), unit, rows,
            {column(name, lang): colour for name, colour in names}, stacked=stacked, lang=lang,
            events=events, dates=dates))
        if not told:
            charts[0]["title"] |= _message(result, picture, scenario, charts[0]["title"]["text"], lang)
            told = True
    if _has_tiers(result, scenario):
        charts.insert(1, _tier_chart(result, scenario, lang))
    return charts


SIGNS = 46
"""Characters of a message on one line of a phone; a Chinese character counts as two."""


def _message(result: Shown, picture: str, scenario: str | None, plain: str, lang: str) -> Data:
    """Return message and plain name as title and subtitle of the first chart; empty without a message."""
    from sim.views.plots import FIGURES

    if picture not in FIGURES:
        return {}
    said = message(result, picture, scenario, lang)
    if said == text(f"figure.{picture}", lang):
        return {}
    lines = filled(said, SIGNS).splitlines()
    return {"text": lines, "subtitle": plain, "subtitleFontSize": 12, "subtitleColor": "#595959",
            "fontSize": 15}


def _has_tiers(result: Shown, scenario: str | None) -> bool:
    return bool(sources.table(result, "tiers", scenario)["resellers"].any())


def _tier_chart(result: Shown, scenario: str | None, lang: str) -> Data:
    tiers = sources.table(result, "tiers", scenario)
    record = sources.record(result, scenario)
    said = [text_of(tier.name, lang) for tier in record.tiers] if record is not None else []
    rows: list[Data] = []
    colours: dict[str, str] = {}
    for key, table in tiers.groupby("tier"):
        tier = int(str(key))
        label = said[tier] if tier < len(said) else text("tier n", lang, n=tier + 1)
        label = label if label not in colours else f"{label} ({tier + 1})"
        colours[label] = tier_colour(tier)
        rows += _rows(table, table["resellers"], label, 1.0)
    return chart(text("picture.churn", lang), "persons", rows, colours, stacked=True, lang=lang,
                 events=getattr(record, "events", ()),
                 dates=week_labels(getattr(record, "calendar", None)))


def comparison_charts(result: Shown, lang: str) -> list[Data]:
    """Return one chart for each compared column, one line for each scenario."""
    names = sources.names(result)
    regimes = {name: one.regime for name, one in sources.records(result).items()}
    colours = scenario_colours(names, [regimes.get(name) for name in names])
    weekly = sources.table(result, "weekly")
    charts = []
    for name in COMPARED:
        if name not in weekly or not weekly[name].notna().any() or not weekly[name].any():
            continue
        unit = drawn_unit(name)
        rows: list[Data] = []
        for label in names:
            table = weekly[weekly["scenario"] == label]
            rows += _rows(table, _values(table, name), label, 100.0 if unit == "fen" else 1.0)
        title = text("profit so far", lang) if name == "profit_brand" else column(name, lang)
        charts.append(chart(title, unit, rows, colours, lang=lang))
    return charts


MAX_CURVES = 6
"""Largest number of values of a second setting for which each value has a curve."""


def sweep_charts(result: Shown, scenario: str | None, lang: str) -> list[Data]:
    """Return charts of each measure over each varied number, as means over the seeds.

    Runs with different settings are not repetitions: each value of a second setting has its own curve. If
    settings were sampled, or have many values, each point is a dot.
    """
    table, measures = measured(result, scenario)
    charts = []
    keys = [key for key in sources.keys(result) if key in table]
    for key in keys:
        if table[key].dtype.kind not in "if":
            continue
        others = [one for one in keys if one != key]
        for one in measures[:MOST]:
            known = table[table[one.text].notna()]
            if not len(known):
                continue
            unit, label = axis_unit(one.unit), labelled(one, lang)
            scale = 100.0 if unit == "fen" else 1.0
            means = known.groupby(keys)[one.text].mean().reset_index()
            curves = len(others) == 1 and means[others[0]].nunique() <= MAX_CURVES \
                and 2 * len(means) > means[key].nunique() * means[others[0]].nunique()
            if curves:
                kinds = list(dict.fromkeys(means.sort_values(others[0])[others[0]]))
                colours = {f"{others[0]}={setting_said(others[0], value)}": tier_colour(
                    place * 4 // max(1, len(kinds) - 1)) for place, value in enumerate(kinds)}
                rows = [{"at": float(row[key]), "value": rounded(row[one.text] / scale),
                         "series": f"{others[0]}={setting_said(others[0], row[others[0]])}"}
                        for row in means.sort_values(key).to_dict("records")]
            else:
                colours = {label: BLUE}
                rows = [{"at": float(row[key]), "value": rounded(row[one.text] / scale), "series": label}
                        for row in means.sort_values(key).to_dict("records")]
            if not others and table["seed"].nunique() > 1:
                spread = known.groupby(key)[one.text]
                lows, highs = spread.min().to_dict(), spread.max().to_dict()
                for row in rows:
                    row["low"], row["high"] = (
                        rounded(float(ends[row["at"]]) / scale) for ends in (lows, highs))
            how = "sweep curves" if curves else "sweep dots" if others else "sweep range"
            charts.append(chart(label, unit, rows, colours, lang=lang, x="at", x_title=key,
                                dots=bool(others) and not curves, subtitle=text(how, lang)))
    return charts
