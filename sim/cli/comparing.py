"""Output of the command compare before and after its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.cli.options import answer
from sim.cli.sheets import tell_sheet
from sim.errors import typed
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.settings import Settings
    from sim.studies.compare import Comparison

__all__ = ["tell_answer", "tell_differences"]

MAX_ROWS = 12
"""Number of differences listed, unless all are asked for."""


def tell_differences(
    first: str, other: str, model: type[Settings], rows: Sequence[tuple[str, Any, Any]], *,
    everything: bool = False,
) -> None:
    """Print the settings in which two plans differ, so that nobody reads more into an answer."""
    from sim.cli.tables import table
    from sim.scenario.resolved import leaves, said, shape_in

    if not rows:
        answer(_("{other} and {first} resolve to the same settings.").format(
            other=other, first=first))
        return
    answer(_("{other} differs from {first} in {count} settings:").format(
        other=other, first=first, count=len(rows)))
    shapes = leaves(model)
    shown = rows if everything else rows[:MAX_ROWS]
    answer(table([_("setting"), first, other], [
        [name, *(said(value, shape_in(shapes, name)) for value in values)] for name, *values in shown]))
    if len(shown) < len(rows):
        answer(_("and {count} more: weishang diff {first} {other}, or --verbose").format(
            count=len(rows) - len(shown), first=typed(first), other=typed(other)))
    answer("")


def tell_answer(found: Comparison, *, verbose: bool = False) -> None:
    """Print the answer of a comparison: sentences, then one table per plan."""
    from sim.cli.tables import paragraph
    from sim.studies.compared import cautions
    from sim.studies.sheets import sheet_of_comparison

    design, first = found.runs.design, found.called(found.baseline)
    for caution in cautions(
            design.scenarios, [found.called(label) for label in design.labels]):
        answer(paragraph(caution))
    for other in found.others:
        if all(found.pair(one, other).identical for one in found.of):
            answer(paragraph(_("{other} and {first}: identical in every measure.").format(
                other=found.called(other), first=first)))
            continue
        tell_sheet(sheet_of_comparison(found, other, every=verbose), right=range(1, 6))
    if verbose:
        _tell_method(found)


def _tell_method(found: Comparison) -> None:
    """Say how the intervals were made, and how many seeds more precision would need."""
    from sim.cli.tables import paragraph

    table = found.table
    helped = table["narrowing"].dropna()
    if len(helped):
        answer(paragraph(_(
            "Each interval holds the true difference with {confidence} confidence, by itself; a "
            "direction is told only where it survives the correction for {count} differences. "
            "Pairing the seeds narrowed the intervals by a factor of {factor} (median).").format(
                confidence=f"{100 * found.confidence:g}%", count=len(table),
                factor=f"{helped.median():.1f}")))
    needed = table["seeds_for_1_percent"].dropna()
    if len(needed):
        first = table.loc[needed.index[0]]
        answer(paragraph(_(
            "For 1% either side in '{measure}' about {seeds} seeds would be needed; "
            "--precision '1%@{text}' runs them.").format(
                measure=first["meaning"], text=first["measure"],
                seeds=f"{int(needed.iloc[0]):,}")))
