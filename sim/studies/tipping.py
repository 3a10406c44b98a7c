"""Tipping: at which value of a setting does a condition change?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.studies.plans import Factor
from sim.studies.searching import Lab, Tally, need_ranges
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Tipping", "tipping"]

POINTS = 5
"""Points tried in each round, the ends of the bracket included."""


@dataclass
class Tipping:
    """Where a condition changes.

    Attributes
    ----------
    key, condition
        The setting and the condition.
    table
        One row a value that was tried: the share of the seeds for which the condition holds.
    low, high
        Bracket in which that share crosses one half; NaN when it does not cross.
    thresholds
        One number a seed that changes exactly once: the middle of its own bracket.
    unclear
        Seeds that change more than once.
    """

    key: str
    condition: str
    table: pd.DataFrame
    low: float
    high: float
    thresholds: tuple[float, ...]
    unclear: int
    runs: int

    def spread(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the values around the bracket where nine in ten seeds agree, each with its share.

        They hold the bracket between them; an end of the range stands where fewer agree all along.
        """
        rows = list(zip(self.table["value"], self.table["share"], strict=True))
        below = [row for row in rows if row[0] <= self.low]
        above = [row for row in rows if row[0] >= self.high]

        def agree(row: tuple[float, float]) -> bool:
            return min(row[1], 1 - row[1]) <= 0.1

        return (next((row for row in reversed(below) if agree(row)), below[0]),
                next((row for row in above if agree(row)), above[-1]))

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        shares = self.table["share"]
        if math.isnan(self.low):
            return [_("'{condition}' does not tip over {key} from {low} to {high}: it holds for "
                      "{least}% to {most}% of the seeds.").format(
                condition=self.condition, key=self.key, low=f"{self.table['value'].min():.4g}",
                high=f"{self.table['value'].max():.4g}", least=f"{100 * shares.min():.0f}",
                most=f"{100 * shares.max():.0f}")]
        sentences = [_("'{condition}' tips at {key} between {low} and {high}: there it changes for "
                       "half of the seeds.").format(
            condition=self.condition, key=self.key, low=f"{self.low:.4g}",
            high=f"{self.high:.4g}")]
        (low, few), (high, many) = self.spread()
        sentences.append(_("It holds for {few}% of the seeds at {low} and for {many}% at {high}; "
                           "between them luck decides.").format(
            low=f"{low:.4g}", high=f"{high:.4g}", few=f"{100 * few:.0f}",
            many=f"{100 * many:.0f}"))
        if self.unclear:
            sentences.append(_("{count} seeds change more than once: the threshold is no sharp "
                               "line.").format(count=self.unclear))
        return sentences


def tipping(
    scenario: Any, factors: Sequence[Factor], condition: str, *,
    seeds: Iterable[int] = range(10), tolerance: float = 0.02, **engine: Any,
) -> Tipping:
    """Return where over a setting's range the condition changes for half of the seeds.

    Five values are tried, then five in the bracket where the share of seeds crosses one half, and
    so on until the bracket is `tolerance` of the range (or one, for whole numbers).

    Raises
    ------
    UsageError
        When the condition cannot be understood or not exactly one range is given.
    """
    import pandas as pd

    from sim.market.outputs import weekly_outputs
    from sim.scenario.expect import Expectation, ExpectationError

    (factor, *others) = need_ranges(factors)
    if others:
        raise UsageError(_("one setting tips at a time; write --vary once"))
    if not 0 < tolerance < 1:
        raise UsageError(_("tolerance is a share of the range, above 0 and below 1"))
    try:
        check = Expectation.parse(
            condition, {column.name: column.unit for column in weekly_outputs()}, scenario.weeks)
    except ExpectationError as error:
        raise UsageError(_("condition '{text}': {what}").format(
            text=condition[:200], what=error)) from None
    held: dict[Any, list[bool]] = {}
    low, high = factor.low, factor.high
    found = (math.nan, math.nan)
    seeds = tuple(seeds)
    rounds = math.ceil(math.log(tolerance) / math.log(1 / (POINTS - 1)))
    tally = Tally(engine.get("progress"), ((POINTS - 2) * rounds + 2) * len(seeds))
    engine["progress"] = tally
    with Lab(scenario, [factor.key], seeds, [], **engine) as lab:
        while True:
            part = Factor(factor.key, (), low, high, factor.log)
            values = [value for value in part.grid(POINTS) if value not in held]
            if not values:
                break
            runs = lab.live([(value,) for value in values])
            for run in runs.done:
                value = runs.design.values(runs.design.of_run(run)[0])[factor.key]
                held.setdefault(value, []).append(check.holds(runs.table_of_run(run, "weekly")))
            bracket = _bracket(held, low, high)
            if bracket is None:
                break
            found = low, high = bracket
            width = math.log(high / low) / math.log(factor.high / factor.low) if factor.log \
                else (high - low) / (factor.high - factor.low)
            if width <= tolerance or (factor.whole and high - low <= 1):
                break
        lived = lab.runs_lived
    tally.finish()
    tried = sorted(held)
    thresholds, unclear = [], 0
    for place in range(len(lab.seeds)):
        changes = [(a + b) / 2 for a, b in itertools.pairwise(tried)
                   if held[a][place] != held[b][place]]
        if len(changes) == 1:
            thresholds.append(changes[0])
        unclear += len(changes) > 1
    table = pd.DataFrame({
        "value": tried, "share": [sum(held[value]) / len(held[value]) for value in tried]})
    return Tipping(factor.key, condition, table, *found, tuple(thresholds), unclear, lived)


def _bracket(held: dict[Any, list[bool]], low: Any, high: Any) -> tuple[Any, Any] | None:
    """Return the first neighbours between which the share of seeds crosses one half."""
    tried = [value for value in sorted(held) if low <= value <= high]
    for a, b in itertools.pairwise(tried):
        sides = [2 * sum(held[value]) > len(held[value]) for value in (a, b)]
        if sides[0] != sides[1]:
            return a, b
    return None
