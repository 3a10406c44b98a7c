"""One page for a board: sentences, one table and one picture, as an A4 PDF."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.texts.wrapping import close_up, wrapped
from sim.views.style import style

if TYPE_CHECKING:
    from sim.runs.reading import Results
    from sim.studies.sheets import Sheet

__all__ = ["draw_one_page"]

A4 = (8.27, 11.69)
WIDE = 88
"""Characters on a line; a Chinese character counts as two."""


def draw_one_page(results: Results, sheet: Sheet, path: Path, lang: str | None = None) -> None:
    """Draw a sheet and the main picture of its results on one page."""
    from matplotlib.figure import Figure

    from sim.errors import UsageError

    with style(lang) as spoken:
        figure = Figure(figsize=A4)
        texts = figure.add_axes((0.08, 0.76, 0.84, 0.19))
        texts.axis("off")
        texts.text(0, 1, "\n".join(wrapped(close_up(sheet.title), WIDE)), fontsize=15, va="top")
        lines = [line for sentence in sheet.sentences[:4] for line in wrapped(close_up(sentence), WIDE)]
        texts.text(0, 0.78, "\n".join(lines), fontsize=9.5, va="top", linespacing=1.5)
        place = figure.add_axes((0.08, 0.44, 0.84, 0.30))
        place.axis("off")
        rows = [[cell if at else "\n".join(wrapped(cell, 40)) for at, cell in enumerate(row)]
                for row in sheet.rows[:18]]
        longest = [max(len(row[at]) for row in [sheet.head, *rows]) + 1
                   for at in range(1, len(sheet.head))]
        widths = [0.36, *(0.64 * size / sum(longest) for size in longest)]
        table = place.table(
            rows, colLabels=[name[:18] for name in sheet.head], colWidths=widths, loc="upper left",
            cellLoc="right", edges="horizontal")
        table.auto_set_font_size(False)
        table.set_fontsize(8)
        for (row, column), cell in table.get_celld().items():
            if column == 0:
                cell.get_text().set_horizontalalignment("left")
            if row > 0 and "\n" in rows[row - 1][0]:
                cell.set_height(1.7 * cell.get_height())
        if sheet.legend:
            place.text(0, 1.02, sheet.legend, fontsize=8.5)
        with contextlib.suppress(UsageError):  # there is nothing to draw
            _picture(results, figure, spoken)
        figure.savefig(path, format="pdf", metadata={"CreationDate": None})


def _picture(results: Results, figure: Any, lang: str) -> None:
    """Draw two curves at the foot of the page."""
    from sim.views import sources
    from sim.views.panels import CIRCLED
    from sim.views.plots import plot

    if sources.keys(results):
        return
    several = len(sources.names(results)) > 1
    drawn: tuple[tuple[str, dict[str, str]], ...] = (
        ("comparison", {"of": "inventory_channel"}), ("comparison", {"of": "resellers_active"})) \
        if several else (("inventory", {}), ("sell_through", {}))
    for place, (what, options) in enumerate(drawn):
        axes = figure.add_axes((0.1 + 0.46 * place, 0.12, 0.37, 0.26))
        plot(results, what, axes, lang, title=False, captions=place == 0, **options)
        axes.tick_params(labelsize=7)
        axes.tick_params(axis="x", labelsize=5.5)
        axes.set_title(axes.get_title(loc="left"), fontsize=9, loc="left")
        axes.set_title("", loc="right")
        axes.xaxis.label.set_size(8)
        axes.yaxis.label.set_size(8)
        for label in axes.texts:
            label.set_fontsize(min(7.5, label.get_fontsize()))
        legend = axes.get_legend()
        if legend is not None:
            # Labels beside the curves move to a legend below: the picture is too narrow here.
            entries = {label.get_text(): handle for label, handle in zip(
                legend.get_texts(), legend.legend_handles, strict=True)}
            legend.remove()
            notes = [name for name in entries if name[0] in CIRCLED]
            plans = sources.names(sources.in_language(results, lang))
            names = sorted((name for name in entries if name not in notes),
                           key=lambda name: plans.index(name) if name in plans else len(plans))
            axes.legend([entries[name] for name in names], names, loc="upper center",
                        bbox_to_anchor=(0.5, -0.2), ncols=2, fontsize=7)
            if place == 0 and notes:
                lines = [line for note in notes for line in wrapped(close_up(note), 2 * WIDE)]
                figure.text(0.08, 0.042, "\n".join(lines[:4]), fontsize=7, va="top", linespacing=1.4)
