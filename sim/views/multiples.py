"""Small multiples: one panel per plan with the others in grey, so that many plans stay readable."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sim.views import sources
from sim.views.comparing import drawn_column, drawn_unit, named_column
from sim.views.messages import caption, comparison_message
from sim.views.panels import line, quantiles, weeks_axis, wrapped
from sim.views.style import GREY, filled, headed, number_axis, plain, scenario_colours, style
from sim.views.texts import language, text

__all__ = ["multiples_figure"]


def multiples_figure(
    results: Any, of: str = "profit_brand", lang: str | None = None, *,
    size: tuple[float, float] = (13.3, 7.5),
) -> Figure:
    """Return a figure of one weekly column, with one panel per scenario and common axes."""
    results = sources.in_language(results, language(lang))
    weekly = drawn_column(sources.table(results, "weekly"), of)
    names = [str(name) for name in weekly["scenario"].unique()]
    regimes = {name: one.regime for name, one in sources.records(results).items()}
    colours = scenario_colours(names, [regimes.get(name) for name in names])
    across = min(len(names), math.ceil(math.sqrt(len(names))))
    with style(lang) as spoken:
        made = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1))
        FigureCanvasAgg(made)
        grid = made.subplots(
            math.ceil(len(names) / across), across, sharex=True, sharey=True, squeeze=False)
        tables = {name: weekly[weekly["scenario"] == name] for name in names}
        middles = {name: quantiles(table, table[of])[0.5] for name, table in tables.items()}
        for ax, name in zip(grid.flat, names, strict=False):
            for other, middle in middles.items():
                if other != name:
                    ax.plot(middle.index, middle, color=GREY, lw=1.1, alpha=0.5)
            line(ax, tables[name], tables[name][of], name, colours[name])
            ax.set_title(wrapped(plain(name, 60), ax), color=colours[name], fontsize=13)
            weeks_axis(ax, weekly, spoken)
        for ax in grid.flat[len(names):]:
            ax.set_axis_off()
        for ax in grid.flat[:len(names)]:
            number_axis(ax, drawn_unit(of), spoken)
            ax.tick_params(labelleft=True, labelbottom=True)
        said = plain(comparison_message(results, names, spoken), 300)
        headed(made, filled(said, size[0] * 6.6),
               f"{named_column(of, spoken)}  |  {text('multiples', spoken)}")
        made.supxlabel(caption(results, None, spoken), fontsize=10.5, x=0.01, ha="left",
                       color="#595959")
    return made
