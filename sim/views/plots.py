"""Pictures of results by name, and figures composed of several."""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.backend_bases import get_registered_canvas_class
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sim.errors import UsageError
from sim.runs.reading import Results
from sim.texts.wrapping import width_of
from sim.views import comparing, curves, flows, further, lasting, learnt, people, sources
from sim.views.dates import date_axis
from sim.views.further_messages import first_run
from sim.views.messages import caption, comparison_message, difference_message, message, sweep_message
from sim.views.multiples import multiples_figure
from sim.views.panels import FEW_RUNS, PANELS, band_key, event_lines, mark_events
from sim.views.style import empty, filled, headed, plain, style
from sim.views.sweeps import MOST, labelled, measured
from sim.views.texts import language, text, text_of
from sim.views.waterfall import axis_unit

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Calendar
    from sim.views.sources import Shown

__all__ = ["FIGURES", "PANELS", "compare_figure", "figure", "plot", "save_figures", "sweep_figure"]

FIGURES: dict[str, tuple[tuple[str, ...], ...]] = {
    "inventory": (("inventory", "inventory"), ("inventory_by_tier", "weeks_of_supply")),
    "churn": (("churn", "churn"), ("joins_exits", "still_selling")),
    "sell_through": (
        ("sell_through", "sell_through"), ("sell_through_cumulative", "sell_through_rate")),
    "prices_and_trust": (("prices",), ("minds",)),
    "money": (("money", "recruiting"), ("profit_by_tier", "loss_by_cohort")),
    "customers": (("funnel", "stages"), ("customer_flows", "sources")),
    "quality_and_learning": (
        ("quality", "product", "forecasting"), ("learning", "data_stocks", "word_of_mouth")),
    "lorenz_and_bullwhip": (("lorenz", "bullwhip"),),
    "goods_flow": (("goods_flow",),),
    "money_flow": (("money_flow",),),
    "tree": (("tree",),),
    "rivals": (("rivals",), ("rival_prices",)),
    "funding": (("funding", "fan_money"),),
    "own_traffic": (("traffic", "followers"),),
    "diversion": (("diverted", "shown"),),
    "circles": (("circles", "conversion"),),
    "sourcing": (("orders_of_cells", "range_bored"),),
    "channels": (("channels", "equity"),),
    "surveys": (("survey_answers",),),
    "legacy_channel": (("cannibalisation", "money"),),
}
"""The figures of a run, as rows of pictures; a picture named twice is twice as wide."""

NEEDS = {
    "rivals": "rival_sales", "funding": "brand_cash", "own_traffic": "followers", "diversion": "diverted",
    "circles": "circle_partner", "sourcing": "cells_sourced", "channels": "served_by_both",
    "surveys": "survey_confirmed", "legacy_channel": "purchases_legacy",
}
"""Figures of rules that few markets have, with the weekly column that they need."""
EVER = ("legacy_channel",)
"""Figures whose column every market has: it must once be other than zero."""

ONE_RUN = ("tree",)
MEANS = ("goods_flow", "money_flow")
"""Figures of the first run only, and of means over the runs: medians of parts do not add up."""

SIZES = {"slide": (13.3, 7.5), "paper": (10.0, 8.6), "web": (11.0, 8.8)}
"""Size of figures in inches, by medium; texts keep their size, so they look larger in smaller figures."""

COMPARED = (
    ("profit_brand", "sell_through", "inventory_channel"),
    ("trust_mean", "resellers_active", "price_street_mean"),
)
"""Columns on the figure that compares scenarios."""

_DEFINING = (curves, learnt, flows, lasting, people, comparing, further)
"""The modules whose import registers pictures in `PANELS`."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown picture or figure."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    return text(
        f"no {kind}", name=plain(name, 60), names=", ".join(names),
        hint=text("did you mean", near=near[0]) if near else "")


def _source(result: Shown, name: str, scenario: str | None) -> Any:
    if name == "model":
        return result
    if name == "sweep":
        return sources.sweep_table(result, scenario)
    return sources.table(result, name, scenario)


def weekly_seeds(result: Shown, scenario: str | None) -> int:
    """Return the number of runs in a curve."""
    return int(sources.table(result, "weekly", scenario)["seed"].nunique())


def heading(result: Shown, record: Scenario, scenario: str | None, lang: str, name: str = "") -> str:
    """Return the heading of a figure: scenario, size, number of runs, and number of missing runs.

    `name` is the figure, as some show means or a single run only.
    """
    weekly = sources.table(result, "weekly", scenario)
    seeds = sorted(weekly["seed"].unique())
    design: Any = getattr(result, "design", None)
    parts = [
        plain(sources.name_of(record, lang), 80),
        text("market", lang, persons=f"{record.real_persons:,}", weeks=record.weeks),
        text("of points", lang, points=len(design.points), n=len(design.seeds))
        if sources.keys(result) else text("seed", lang, n=int(seeds[0])) if len(seeds) == 1
        else text("first of seeds", lang, seed=int(first_run(weekly)["seed"].iloc[0]), n=len(seeds))
        if name in ONE_RUN
        else text("mean of seeds" if name in MEANS else
                  "many seeds" if len(seeds) >= FEW_RUNS else "few seeds", lang, n=len(seeds)),
    ]
    done, planned = sources.progress(result)
    if done < planned:
        parts.append(text("partial", lang, done=f"{done:,}", all=f"{planned:,}"))
    return "  |  ".join(parts)


def plot(
    result: Shown, what: str, ax: Axes | None = None, lang: str | None = None, **options: Any
) -> Axes:
    """Draw one picture of a result and return its Axes.

    Parameters
    ----------
    result
        The return value of `sim.run`, `sim.run_many` or `sim.open_results`, a running model, or anything
        with the tables that the picture needs. With many seeds, a curve is a median in a band.
    what
        Name of the picture, one of `PANELS`.
    ax
        Axes to draw on; by default, a new figure is made.
    lang
        ``en`` or ``zh``.
    options
        Further options of the picture, such as ``of="trust_mean"`` for a comparison, or
        ``scenario="..."`` to choose one of several.

    Raises
    ------
    UsageError
        For an unknown picture or scenario.
    """
    if what not in PANELS:
        raise UsageError(unknown("picture", what, PANELS))
    if sources.keys(result) and "sweep" not in PANELS[what].tables:
        raise UsageError(text("of a sweep", lang))
    chosen = options.pop("scenario", None)
    if chosen is None:  # else it is named as in the tables
        result = sources.in_language(result, language(lang))
    captions = options.pop("captions", True)
    title = options.pop("title", True)
    scenario = sources.record(result, chosen)
    wanted = PANELS[what]
    tables = [_source(result, name, chosen) for name in wanted.tables]
    takes = wanted.draw.__wrapped__.__kwdefaults__ or {}  # type: ignore[attr-defined]
    if "names" in takes and "names" not in options:
        options["names"] = [text_of(tier.name, lang) for tier in getattr(scenario, "tiers", ())]
    if "regimes" in takes and "regimes" not in options:
        options["regimes"] = {
            name: one.regime for name, one in sources.records(result).items()}
    drawn = wanted.draw(*tables, ax=ax, lang=lang, **options)
    with style(lang) as spoken:
        if wanted.over_time:
            events, whose = sources.events_of(result, scenario, spoken)
            mark_events(drawn, events, spoken, captions=captions, whose=whose)
            date_axis(drawn, _calendar(result, scenario), spoken)
        if title and scenario is not None and what not in ("comparison", "difference"):
            name = plain(sources.name_of(scenario, spoken), 80)
            drawn.set_title(f"{name}\n{drawn.get_title(loc='left')}")
    return drawn


def _calendar(result: Shown, scenario: object) -> Calendar | None:
    """Return the calendar of a scenario or, if several are drawn together, their common calendar."""
    records = [scenario] if scenario is not None else list(sources.records(result).values())
    found = [getattr(record, "calendar", None) for record in records]
    return found[0] if found and all(one == found[0] for one in found) else None


def figure(
    result: Shown, name: str, lang: str | None = None, *, scenario: str | None = None,
    size: tuple[float, float] = (13.3, 7.5),
) -> Figure:
    """Return one of the composed `FIGURES` of a result, at the size of a slide."""
    grid = FIGURES[name]
    with style(lang) as spoken:
        made = Figure(figsize=size, layout=ConstrainedLayoutEngine(
            w_pad=0.12, h_pad=0.1, hspace=0.04, wspace=0.03))
        FigureCanvasAgg(made)
        cells = made.subplot_mosaic([list(row) for row in grid])
        record = sources.record(result, scenario)
        for what, ax in cells.items():
            plot(result, what, ax, spoken, scenario=scenario, captions=False, title=False)
            if ax.get_title(loc="right") and weekly_seeds(result, scenario) > 1:
                ax.set_title("", loc="right")  # the heading of the figure says it
        if record is not None:
            _headed(made, message(result, name, scenario, spoken),
                    heading(result, record, scenario, spoken, name), size)
        events, _whose = sources.events_of(result, record, spoken) if record is not None else ([], [])
        below = [caption(result, scenario, spoken)]
        if events and any(PANELS[what].over_time for what in cells):
            below.insert(0, "     ".join(event_lines(events, spoken, record.calendar)))
        made.supxlabel("\n".join(below), fontsize=10.5, x=0.01, ha="left", color="#595959",
                       linespacing=1.4)
    return made


def compare_figure(
    results: Any, columns: Sequence[Sequence[str]] = COMPARED, lang: str | None = None, *,
    kind: str = "comparison", size: tuple[float, float] = (13.3, 7.5),
) -> Figure:
    """Return a figure of several columns over all scenarios (`kind`: comparison or difference)."""
    results = sources.in_language(results, language(lang))
    weekly = sources.table(results, "weekly")
    with style(lang) as spoken:
        made = Figure(figsize=size, layout=ConstrainedLayoutEngine(
            w_pad=0.12, h_pad=0.1, hspace=0.04, wspace=0.03))
        FigureCanvasAgg(made)
        there: list[Any] = [[name for name in row if name in weekly] for row in columns]
        cells = made.subplot_mosaic([row for row in there if row])
        for name, ax in cells.items():
            plot(results, kind, ax, spoken, of=name, title=False, captions=False)
            if kind == "comparison":
                legend = ax.get_legend()
                if legend:
                    legend.remove()
            ax.set_title("", loc="right")
        handles, labels = next(iter(cells.values())).get_legend_handles_labels()
        names = [str(name) for name in weekly["scenario"].unique()]
        if handles:
            made.legend(handles, labels, loc="outside lower right", ncols=min(2, len(labels)),
                        handlelength=2.6)
            message = comparison_message(results, names, spoken)
        else:
            message = difference_message(results, names[0], names[-1], spoken) or text(
                "minus", spoken, a=plain(names[-1], 40), b=plain(names[0], 40))
        _headed(made, message, _conditions(results, weekly, spoken), size)
        events, whose = sources.events_of(results, sources.record(results), spoken)
        lines = _rows(event_lines(events, spoken, _calendar(results, None), whose), int(size[0] * 5.5))
        made.supxlabel("\n".join([*lines, caption(results, None, spoken)]), fontsize=10.5, x=0.01,
                       ha="left", color="#595959", linespacing=1.4)
    return made


def _headed(made: Figure, message: str, conditions: str, size: tuple[float, float]) -> None:
    """Put the message on top of a figure, and the conditions below it."""
    room = int(size[0] * 6.6)
    headed(made, filled(plain(message, 300), room),
           "\n".join(_rows(conditions.split("  |  "), int(size[0] * 9), "  |  ")))


def _rows(parts: Sequence[str], room: int, between: str = "     ") -> list[str]:
    """Return the parts joined into as few rows as they fit in."""
    rows: list[str] = []
    for part in parts:
        if rows and width_of(rows[-1]) + len(between) + width_of(part) <= room:
            rows[-1] += between + part
        else:
            rows.append(part)
    return rows


def _conditions(results: Results, weekly: pd.DataFrame, lang: str) -> str:
    """Return the size and length of the compared markets, and what the lines show."""
    records = sources.records(results).values()
    parts = []
    if len({(one.real_persons, one.weeks) for one in records}) == 1:
        one = next(iter(records))
        parts.append(text("market", lang, persons=f"{one.real_persons:,}", weeks=one.weeks))
    n = int(weekly.groupby("scenario")["seed"].nunique().min())
    parts.append(text("same luck", lang))
    if n > 1:
        parts.append(text(band_key(n), lang, n=n))
    return "  |  ".join(parts)


def sweep_figure(
    results: Any, scenario: str | None = None, lang: str | None = None, *,
    size: tuple[float, float] = (13.3, 7.5),
) -> Figure:
    """Return a figure of up to four measures of a sweep.

    They are phase maps over the first two varied settings, or curves if only one setting varies.
    """
    varied = sources.keys(results)
    with style(lang) as spoken:
        table, measures = measured(results, scenario)
        drawn = measures[:MOST]
        numbers = [key for key in varied if key in table and table[key].dtype.kind in "if"]
        made = Figure(figsize=size, layout=ConstrainedLayoutEngine(
            w_pad=0.12, h_pad=0.1, hspace=0.06, wspace=0.05))
        FigureCanvasAgg(made)
        record = sources.record(results, scenario)
        baseline = _baseline(record, numbers)
        places = made.subplots(1 if len(drawn) < 3 else 2, 1 if len(drawn) == 1 else 2, squeeze=False).flat
        for ax, one in itertools.zip_longest(places, drawn):
            if one is None:
                ax.set_axis_off()
            elif len(numbers) >= 2:
                comparing.phase_map(
                    table, ax=ax, lang=spoken, x=numbers[0], y=numbers[1], value=one.text,
                    unit=axis_unit(one.unit), title=labelled(one, spoken), baseline=baseline)
            elif numbers:
                comparing.response(table, ax=ax, lang=spoken, x=numbers[0], value=one.text,
                                   unit=axis_unit(one.unit), title=labelled(one, spoken))
            else:
                empty(ax, spoken)
        if record is not None:
            parts = [heading(results, record, scenario, spoken)]
            if len(numbers) == 1:
                many = table["seed"].nunique() >= FEW_RUNS
                parts.append(text("response band" if many else "response dots", spoken))
            elif len(varied) > 2:
                parts.append(text("over others", spoken))
            if any(line.get_gid() == comparing.BASELINE for ax in made.axes for line in ax.lines):
                parts.append(text("diamond", spoken))
            _headed(made, sweep_message(results, scenario, spoken), "  |  ".join(parts), size)
            made.supxlabel(caption(results, scenario, spoken), fontsize=10.5, x=0.01, ha="left",
                           color="#595959")
    return made


def _baseline(record: object, names: Sequence[str]) -> tuple[float, float] | None:
    """Return the scenario's own values of the first two varied settings, if there are two."""
    if len(names) < 2:
        return None
    found = []
    for name in names[:2]:
        value = record
        for part in name.split("."):
            value = getattr(value, part, None)
        if not isinstance(value, (int, float)):
            return None
        found.append(float(value))
    return found[0], found[1]


def save_figures(
    result: Shown, folder: str | os.PathLike[str], *, lang: str | None = None,
    kinds: Sequence[str] = ("png", "svg"), only: Iterable[str] | None = None, dpi: int = 110,
    medium: str = "slide",
) -> list[Path]:
    """Write the figures of a result (of each scenario, and their comparison) into `folder`.

    `medium` is ``slide``, ``paper`` or ``web``.

    Returns the written files, the most important first. The same result gives the same bytes: there are
    no dates, and names inside the SVG files are fixed. Each file appears completely or not at all.
    """
    with sources.read_once():
        return _save_figures(result, Path(folder), lang, kinds, only, dpi, medium)


def _save_figures(
    result: Shown, target: Path, lang: str | None, kinds: Sequence[str], only: Iterable[str] | None,
    dpi: int, medium: str,
) -> list[Path]:
    target.mkdir(parents=True, exist_ok=True)
    names = sources.names(result)
    written: list[Path] = []
    varied = sources.keys(result)
    # The runs of a sweep differ in their settings, so only the figure of the sweep shows them.
    usual = () if varied and only is None else only or FIGURES
    weekly = sources.table(result, "weekly") if usual is FIGURES else None
    for place, scenario in enumerate(names or [None]):
        for name in usual:
            if usual is FIGURES and not is_there(name, weekly):
                continue
            if name not in FIGURES:
                raise UsageError(unknown("figure", name, FIGURES))
            stem = sources.figure_stem(name, place, len(names))
            made = figure(result, name, lang, scenario=scenario if len(names) > 1 else None,
                          size=SIZES[medium])
            written += _save(made, target / stem, kinds, dpi)
    if varied and only is None:
        for place, scenario in enumerate(names):
            made = sweep_figure(result, scenario, lang=lang, size=SIZES[medium])
            written = _save(made, target / f"sweep-{place + 1}", kinds, dpi) + written
    if len(names) > 1 and only is None:
        for kind in ("comparison", "difference"):
            if kind == "difference" and len(names) != 2:
                continue
            made = compare_figure(result, lang=lang, kind=kind, size=SIZES[medium])
            written = _save(made, target / kind, kinds, dpi) + written
        if len(names) > 2:
            made = multiples_figure(result, lang=lang, size=SIZES[medium])
            written = written[:len(kinds)] + _save(made, target / "plans", kinds, dpi) \
                + written[len(kinds):]
    if isinstance(result, Results):
        result.seal(written)
    return written


def is_there(name: str, weekly: Any) -> bool:
    """Return whether a market has what a figure shows."""
    column = NEEDS.get(name)
    return column is None or (column in weekly and (name not in EVER or bool(weekly[column].any())))


METADATA: dict[str, Data] = {
    "png": {"Software": "weishang"},
    "svg": {"Creator": "weishang", "Date": None},
    "pdf": {"Creator": "weishang", "CreationDate": None},
}
"""Metadata of the files: no dates, so that the same result gives the same bytes."""


def _save(made: Figure, stem: Path, kinds: Iterable[str], dpi: int) -> list[Path]:
    files = []
    with style():
        for kind in kinds:
            path = stem.with_name(f"{stem.name}.{kind}")
            passing = stem.with_name(f".{stem.name}.{os.getpid()}.{kind}")
            metadata = METADATA[kind]
            try:
                # This does what savefig does, without drawing everything twice.
                made.set_dpi(dpi)
                canvas: Any = get_registered_canvas_class(kind)(made)
                getattr(canvas, f"print_{kind}")(passing, metadata=metadata)
                passing.replace(path)
            finally:
                passing.unlink(missing_ok=True)
            files.append(path)
            # The layout is computed once and kept for the other formats.
            made.set_layout_engine("none")
    return files
