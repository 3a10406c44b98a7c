"""Pictures of results by name, and figures composed of several."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.views import comparing, curves, people  # the pictures register themselves
from sim.views.panels import PANELS, event_lines, mark_events
from sim.views.style import plain, style
from sim.views.texts import text

__all__ = ["FIGURES", "PANELS", "compare_figure", "figure", "plot", "save_figures"]

FIGURES: dict[str, tuple[tuple[str, ...], ...]] = {
    "inventory": (("inventory", "inventory"), ("inventory_by_tier", "weeks_of_supply")),
    "churn": (("churn", "churn"), ("joins_exits", "survival")),
    "sell_through": (
        ("sell_through", "sell_through"), ("sell_through_cumulative", "sell_through_rate")),
    "prices_and_trust": (("prices",), ("minds",)),
    "money": (("money", "recruiting"), ("profit_by_tier", "loss_by_cohort")),
    "customers": (("funnel", "stages"), ("customer_flows", "sources")),
    "quality_and_learning": (("quality", "product"), ("learning", "forecasting")),
    "lorenz_and_bullwhip": (("lorenz", "bullwhip"),),
    "tree": (("tree",),),
}
"""The figures that a run brings: rows of pictures; a picture named twice is twice as wide."""

COMPARED = (
    ("resellers_active", "sell_through", "inventory_channel"),
    ("trust_mean", "loss_share", "price_street_mean"),
)
"""Columns on the figure that compares scenarios."""

_DEFINING = (curves, people, comparing)


def plot(
    result: Any, what: str, ax: Axes | None = None, lang: str | None = None, **options: Any
) -> Axes:
    """Draw one picture of a result and return its Axes.

    Parameters
    ----------
    result
        What `sim.run`, `sim.run_many` or `sim.open_results` returned, a running model, or anything
        with the tables that the picture needs. With many seeds, curves become a median in a band.
    what
        Name of the picture; `PANELS` has them all.
    ax
        Axes to draw on; a new figure when left out.
    lang
        ``en`` or ``zh``.
    options
        What the picture takes beyond that, such as ``of="trust_mean"`` for a comparison, or
        ``scenario="..."`` to choose one of several.

    Raises
    ------
    ValueError
        For an unknown picture or scenario.
    """
    if what not in PANELS:
        import difflib

        near = difflib.get_close_matches(what, PANELS, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"no picture '{what}'{hint} There are: {', '.join(PANELS)}")
    chosen = options.pop("scenario", None)
    captions = options.pop("captions", True)
    title = options.pop("title", True)
    scenario = _scenario(result, chosen)
    wanted = PANELS[what]
    tables = [_table(result, name, chosen) for name in wanted.tables]
    takes = wanted.draw.__wrapped__.__kwdefaults__ or {}  # type: ignore[attr-defined]
    if "names" in takes and "names" not in options:
        options["names"] = [tier.name for tier in getattr(scenario, "tiers", ())]
    if "regimes" in takes and "regimes" not in options:
        options["regimes"] = _regimes(result)
    drawn = wanted.draw(*tables, ax=ax, lang=lang, **options)
    with style(lang) as spoken:
        if wanted.over_time:
            events = getattr(scenario, "events", ())
            mark_events(drawn, events, spoken, captions=captions)
        if title and scenario is not None and what not in ("comparison", "difference"):
            drawn.set_title(f"{_name(scenario)}\n{drawn.get_title(loc='left')}")
    return drawn


def figure(
    result: Any, name: str, lang: str | None = None, *, scenario: str | None = None,
    size: tuple[float, float] = (13.3, 7.5),
) -> Figure:
    """Return one of the composed `FIGURES` of a result, at the size of a slide."""
    grid = FIGURES[name]
    with style(lang) as spoken:
        made = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(made)
        cells = made.subplot_mosaic([list(row) for row in grid])
        record = _scenario(result, scenario)
        for what, ax in cells.items():
            plot(result, what, ax, spoken, scenario=scenario, captions=False, title=False)
            if ax.get_title(loc="right") and seeds_of(result, scenario) > 1:
                ax.set_title("", loc="right")  # said once, on top
        if record is not None:
            made.suptitle(_heading(result, record, spoken), ha="left", x=0.01)
        events = getattr(record, "events", ())
        if events and any(PANELS[what].over_time for what in cells):
            made.supxlabel("     ".join(event_lines(events, spoken)), fontsize=11.5, x=0.01,
                           ha="left")
        made.get_layout_engine().set(w_pad=0.12, h_pad=0.1, hspace=0.04, wspace=0.03)
    return made


def compare_figure(
    results: Any, columns: Sequence[Sequence[str]] = COMPARED, lang: str | None = None, *,
    kind: str = "comparison", size: tuple[float, float] = (13.3, 7.5),
) -> Figure:
    """Return a figure of several columns over all scenarios (`kind`: comparison or difference)."""
    weekly = _table(results, "weekly", None)
    with style(lang) as spoken:
        made = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(made)
        there = [[name for name in row if name in weekly] for row in columns]
        cells = made.subplot_mosaic([row for row in there if row])
        for name, ax in cells.items():
            plot(results, kind, ax, spoken, of=name, title=False)
            if kind == "comparison":
                legend = ax.get_legend()
                if legend:
                    legend.remove()
            ax.set_title("", loc="right")
        handles, labels = next(iter(cells.values())).get_legend_handles_labels()
        names = [plain(str(name), 40) for name in weekly["scenario"].unique()]
        heading = " / ".join(names[:4])
        if handles:
            made.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)))
        else:
            heading = text("minus", spoken, a=names[0], b=names[-1])
            for ax in cells.values():
                ax.set_xlabel(text("week axis", spoken))
        n = int(weekly.groupby("scenario")["seed"].nunique().min())
        tail = f"  |  {text('band', spoken, n=n)}" if n > 1 else ""
        made.suptitle(heading + tail, ha="left", x=0.01)
        made.get_layout_engine().set(w_pad=0.12, h_pad=0.1, hspace=0.04, wspace=0.03)
    return made


def save_figures(
    result: Any, folder: str | os.PathLike[str], *, lang: str | None = None,
    kinds: Iterable[str] = ("png", "svg"), only: Iterable[str] | None = None, dpi: int = 110,
) -> list[Path]:
    """Write the figures of a result (of each scenario, and their comparison) into `folder`.

    Returns the files written, the most telling first. The same result gives the same bytes: no
    dates, fixed names inside the SVG files. Each file appears whole or not at all.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    names = _names(result)
    written: list[Path] = []
    for place, scenario in enumerate(names or [None]):
        for name in only or FIGURES:
            if name not in FIGURES:
                raise ValueError(f"no figure '{name}'; there are: {', '.join(FIGURES)}")
            stem = name if len(names) < 2 else f"{place + 1}-{name}"
            made = figure(result, name, lang, scenario=scenario if len(names) > 1 else None)
            written += _save(made, target / stem, kinds, dpi)
    if len(names) > 1 and only is None:
        for kind in ("comparison", "difference"):
            if kind == "difference" and len(names) != 2:
                continue
            written = _save(
                compare_figure(result, lang=lang, kind=kind), target / kind, kinds, dpi) + written
    return written


def _save(made: Figure, stem: Path, kinds: Iterable[str], dpi: int) -> list[Path]:
    files = []
    with style():
        for kind in kinds:
            path = stem.with_name(f"{stem.name}.{kind}")
            passing = stem.with_name(f".{stem.name}.{os.getpid()}.{kind}")
            metadata: dict[str, Any] = {"Date": None, "Creator": "weishang"} if kind == "svg" \
                else {"Software": "weishang"} if kind == "png" else {}
            try:
                made.savefig(passing, format=kind, dpi=dpi, metadata=metadata)
                passing.replace(path)
            finally:
                passing.unlink(missing_ok=True)
            files.append(path)
    return files


# -- reading results -----------------------------------------------------------------------------


def _table(result: Any, name: str, scenario: str | None) -> Any:
    """Return a table of a result, of one scenario only where one is named."""
    if name == "model":
        return result
    table = getattr(result, name, None)
    if table is None or isinstance(table, list):
        from sim.runs.result import tables_of

        if not hasattr(result, "world"):
            raise ValueError(f"this picture needs the table '{name}', which is not there")
        table = tables_of(result)[name]
    if scenario is not None and "scenario" in table:
        kept = table[table["scenario"] == scenario]
        if not len(kept):
            known = ", ".join(str(found) for found in table["scenario"].unique())
            raise ValueError(f"no scenario '{scenario}' in the results; there are: {known}")
        return kept
    return table


def seeds_of(result: Any, scenario: str | None) -> int:
    """Return how many seeds a result holds."""
    weekly = _table(result, "weekly", scenario)
    return int(weekly["seed"].nunique()) if "seed" in weekly else 1


def _scenarios(result: Any) -> list[Any]:
    found = getattr(result, "scenarios", None)
    if callable(found):
        found = found()
    if isinstance(found, dict):
        return list(found.values())
    if found is not None:
        return list(found)
    one = getattr(result, "scenario", None)
    return [one] if one is not None else []


def _name(scenario: Any) -> str:
    return plain(scenario.title or scenario.regime, 80)


def _names(result: Any) -> list[str]:
    """Return the names of the scenarios as the tables spell them."""
    weekly = _table(result, "weekly", None)
    return [str(name) for name in weekly["scenario"].unique()] if "scenario" in weekly else []


def _scenario(result: Any, chosen: str | None) -> Any:
    records = [one for one in _scenarios(result) if hasattr(one, "regime")]
    for one in records:
        if chosen is None or chosen in (one.title, one.regime):
            return one if chosen is not None or len(records) == 1 else None
    return None


def _regimes(result: Any) -> dict[str, str]:
    return {one.title or one.regime: one.regime
            for one in _scenarios(result) if hasattr(one, "regime")}


def _heading(result: Any, scenario: Any, lang: str) -> str:
    """Return what stands on top of a figure: scenario, size, seeds, and what is still missing."""
    weekly = _table(result, "weekly", scenario.title or scenario.regime)
    seeds = sorted(weekly["seed"].unique())
    parts = [
        _name(scenario),
        text("market", lang, persons=f"{scenario.persons:,}", weeks=scenario.weeks),
    ]
    if len(seeds) == 1:
        parts.append(text("seed", lang, n=int(seeds[0])))
    else:
        parts.append(text("many seeds", lang, n=len(seeds)))
    done, total = getattr(result, "done", None), getattr(result, "total", None)
    if isinstance(done, int) and isinstance(total, int) and done < total:
        parts.append(text("partial", lang, done=f"{done:,}", all=f"{total:,}"))
    return "  |  ".join(parts)


