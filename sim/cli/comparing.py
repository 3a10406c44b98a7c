"""What the command compare prints before and after its runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.cli.options import answer
from sim.texts import _

__all__ = ["head_of", "rows_of", "tell_answer", "tell_differences"]

MAX_ROWS = 12
"""Differences that are listed unless all are asked for."""
HEADLINES = ("brand_profit", "lost_money", "sell_through")
"""Key figures that are told in a sentence above the table, the first that were measured."""


def tell_differences(
    first: str, other: str, model: Any, rows: Sequence[tuple[str, Any, Any]], *,
    everything: bool = False,
) -> None:
    """Say what two plans resolve to differently, so that nobody reads more into an answer."""
    from sim.cli.tables import table
    from sim.scenario.resolved import leaves, said

    if not rows:
        answer(_("{other} and {first} resolve to the same settings.").format(
            other=other, first=first))
        return
    answer(_("{other} differs from {first} in {count} settings:").format(
        other=other, first=first, count=len(rows)))
    shapes = leaves(model)
    shown = rows if everything else rows[:MAX_ROWS]
    answer(table([_("setting"), first, other], [
        [name, *(said(value, shapes.get(name)) for value in values)] for name, *values in shown]))
    if len(shown) < len(rows):
        answer(_("and {count} more: weishang diff {first} {other}, or --verbose").format(
            count=len(rows) - len(shown), first=first, other=other))
    answer("")


def head_of() -> list[str]:
    """Return the headings of the table of a comparison."""
    return [_("measure"), "A", "B", "B - A", _("interval"), _("pairs"), _("verdict")]


def rows_of(found: Any, other: str) -> list[list[str]]:
    """Return one row a measure: both plans, the difference with its interval, and the verdict."""
    from sim.texts.numbers import labelled, scale_of

    rows = []
    for one in found.of:
        pair = found.pair(one, other)
        gap = pair.difference
        scale = scale_of([pair.baseline, pair.other, gap.mean, gap.low, gap.high], one.unit)
        known = math.isfinite(gap.low) and not pair.identical
        rows.append([
            labelled(_(one.label), scale, one.unit),
            scale.figure(pair.baseline), scale.figure(pair.other),
            "0" if pair.identical else scale.figure(gap.mean, plus=True),
            f"{scale.figure(gap.low, plus=True)} … {scale.figure(gap.high, plus=True)}"
            if known else "-",
            str(pair.pairs), _verdict(pair)])
    return rows


def _verdict(pair: Any) -> str:
    if pair.identical:
        return _("same")
    if pair.difference.direction > 0:
        return _("higher")
    return _("lower") if pair.difference.direction < 0 else _("unclear")


def _overview(found: Any, other: str) -> str:
    """Return how many measures differ, in one sentence."""
    verdicts = [_verdict(found.pair(one, other)) for one in found.of]
    return _("{other} against {first} on the same seeds: {up} measures are higher, {down} lower, "
             "{open} cannot be told apart, {same} are the same.").format(
                 other=found.called(other), first=found.called(found.baseline),
                 up=verdicts.count(_("higher")), down=verdicts.count(_("lower")),
                 open=verdicts.count(_("unclear")), same=verdicts.count(_("same")))


def tell_answer(found: Any, *, verbose: bool = False) -> None:
    """Print the answer of a comparison: sentences, then one table a plan."""
    from sim.cli.tables import paragraph, table
    from sim.runs.figures import FIGURES
    from sim.studies.compare import cautions, verdict

    design, first = found.runs.design, found.called(found.baseline)
    for caution in cautions(
            design.scenarios, [found.called(label) for label in design.labels]):
        answer(paragraph(caution))
    wanted = [_(FIGURES[name].label) for name in HEADLINES]
    headlines = sorted((one for one in found.of if _(one.label) in wanted),
                       key=lambda one: wanted.index(_(one.label)))[:2] or found.of[:2]
    for other in found.others:
        if all(found.pair(one, other).identical for one in found.of):
            answer(paragraph(_("{other} and {first}: identical in every measure.").format(
                other=found.called(other), first=first)))
            continue
        answer(paragraph(_overview(found, other)))
        for one in found.of if verbose else headlines:
            answer(paragraph(verdict(one, found.pair(one, other), found.called(other), first)))
        answer("")
        answer(f"A: {first}   B: {found.called(other)}")
        answer(table(head_of(), rows_of(found, other), flexible=0, right=range(1, 6)))
        answer("")
    if verbose:
        _tell_method(found)


def _tell_method(found: Any) -> None:
    """Say how the intervals were made, and how many seeds more precision would need."""
    from sim.cli.tables import paragraph

    table = found.table
    helped = table["narrowing"].dropna()
    if len(helped):
        answer(paragraph(_(
            "Each interval holds the true difference with {confidence} confidence, by itself. "
            "Pairing the seeds narrowed the intervals by a factor of {factor} (median).").format(
                confidence=f"{100 * found.confidence:g}%", factor=f"{helped.median():.1f}")))
    needed = table["seeds_for_1_percent"].dropna()
    if len(needed):
        first = table.loc[needed.index[0]]
        answer(paragraph(_(
            "For 1% either side in '{measure}' about {seeds} seeds would be needed; "
            "--precision '1%@{text}' runs them.").format(
                measure=first["meaning"], text=first["measure"],
                seeds=f"{int(needed.iloc[0]):,}")))
