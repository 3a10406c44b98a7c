"""Statements about futures: their chances, and the dates of first weeks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.studies.particles import Particles, chance_of, quantiles_of
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Statement", "chances_of", "statements_of"]


IN_STOCK = ("price_street_mean < price_wholesale_low at end", "weeks_of_supply > 26 at end")
"""Default statements about a channel that holds stock."""


@dataclass(frozen=True)
class Statement:
    """A statement about futures: its text, its parsed form, whether it asks for a first week, and whether
    it applies only to plans whose channel holds stock (without stock nobody pays a wholesale price)."""

    text: str
    parsed: Any
    first_week: bool
    in_stock: bool = False


def statements_of(
    scenarios: Sequence[Scenario], asks: Sequence[str], end: int, last: int
) -> list[Statement]:
    """Return the given statements, else the scenarios' expectations, else the default ones.

    Raises
    ------
    UsageError
        For a statement that cannot be read.
    """
    from sim.market.outputs import weekly_outputs
    from sim.scenario.expect import Expectation, ExpectationError, Figure
    from sim.scenario.timeline import dated

    units = {column.name: column.unit for column in weekly_outputs()}
    said = [*asks, *(str(check) for scenario in scenarios for check in scenario.expect)]
    said = list(dict.fromkeys(said)) or [
        f"sum(profit_brand from week {end + 1} to {last}) > 0", *IN_STOCK]
    suggested = not (asks or any(scenario.expect for scenario in scenarios))
    found = []
    for text in said:
        plain = dated(text, scenarios[0].calendar.first_week)
        first_week = plain.strip().startswith("first week")
        try:
            parsed: Any = Figure.parse(plain, units, last) if first_week \
                else Expectation.parse(plain, units, last)
        except ExpectationError as error:
            raise UsageError(_("statement '{text}': {what}").format(text=text[:200], what=error)) from None
        found.append(Statement(text, parsed, first_week, suggested and text in IN_STOCK))
    return found


def chances_of(
    weeklies: Sequence[Sequence[Any]], labels: Sequence[str], statements: Sequence[Statement],
    particles: Particles,
) -> pd.DataFrame:
    """Return one row per statement and plan: chance, its 90 % interval, median week of a first week.

    `weeklies` holds for each plan the weekly tables of its futures.
    """
    import pandas as pd

    rows = []
    for one in statements:
        for label, mine in zip(labels, weeklies, strict=True):
            if one.in_stock and not any(weekly["inventory_channel"].iloc[-1] > 0 for weekly in mine):
                continue
            week = math.nan
            if one.first_week:
                weeks = np.array([one.parsed.value(weekly) for weekly in mine])
                held = np.isfinite(weeks)
                week = quantiles_of(weeks, particles.weights, (0.5,))[0]
            else:
                held = np.array([one.parsed.has_numbers(weekly) and one.parsed.holds(weekly)
                                 for weekly in mine])
            share, low, high = chance_of(held, particles.weights, particles.effective)
            rows.append({"statement": one.text, "scenario": label, "chance": share, "low": low,
                         "high": high, "week": week})
    return pd.DataFrame(rows)
