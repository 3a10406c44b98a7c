"""Proving: a table that compares the shipped model with closed forms, with pass or fail."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.studies.limits import LIMITS, Limit, Row
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEVEL", "prove", "verdicts"]

LEVEL = 0.01
"""Chance that the table shows any failure if all limits hold."""


def names_of(wanted: Iterable[str]) -> list[str]:
    """Return the limits with these names; a name may be the first word of several.

    Raises
    ------
    UsageError
        For a name that no limit has.
    """
    found: list[str] = []
    for name in wanted:
        mine = [known for known in LIMITS if known == name] or [
            known for known in LIMITS if known.startswith(f"{name}_")]
        if not mine:
            raise UsageError(_("there is no closed form '{name}'; there are: {names}").format(
                name=name[:60], names=", ".join(LIMITS)))
        found += [known for known in mine if known not in found]
    return found or list(LIMITS)


def prove(
    names: Sequence[str] = (), overrides: Mapping[str, object] | None = None, *,
    seeds: int | None = None, first_seed: int = 1, texts: bool = False,
) -> pd.DataFrame:
    """Return one row for each quantity of each closed form.

    Parameters
    ----------
    names
        Limits to check, such as ``bullwhip``; all when empty.
    overrides
        Settings that override their scenarios, by dotted names; the formula is recomputed.
    seeds
        Replicates of each; by default the usual number of each limit.
    first_seed
        The first of the seeds.
    texts
        Whether the values of `overrides` are texts, as on the command line.

    Raises
    ------
    UsageError
        For an unknown limit, or values outside a formula's range.
    """
    import pandas as pd

    from sim.scenario.load import load

    lines: list[tuple[Limit, Row]] = []
    for name in names_of(names):
        limit = LIMITS[name]
        scenario = load(f"limits/{name}", dict(overrides or {}), texts=texts)
        count = seeds or limit.seeds
        rows = limit.check(scenario, range(first_seed, first_seed + count))
        if any(row.replicates < 2 and math.isnan(row.error) for row in rows):
            raise UsageError(f"{name}: a standard error needs at least two replicates; "
                             "take more seeds (or fixed_sellers.lines)")
        lines += [(limit, row) for row in rows]
    passed = verdicts([row for _, row in lines])
    return pd.DataFrame([
        {
            "limit": limit.name, "quantity": row.quantity, "expected": row.expected,
            "bias": row.bias, "simulated": row.simulated, "error": row.error,
            "replicates": row.replicates, "z": _z(row), "passed": good,
            "remark": row.broken or row.why, "source": limit.source,
        }
        for (limit, row), good in zip(lines, passed, strict=True)
    ])


def _distance(row: Row) -> float:
    """Return the distance between model and formula, beyond bias and rounding."""
    return max(0.0, abs(row.simulated - row.expected - row.bias) - row.rounding)


def _z(row: Row) -> float:
    """Return that distance in standard errors; 0 if it is zero."""
    distance = _distance(row)
    if distance == 0.0:
        return 0.0
    return distance / row.error if row.error > 0 else math.inf


def _chance(row: Row) -> float:
    """Return the chance of such a distance if the formula holds."""
    from scipy.stats import norm, t

    if row.broken or math.isnan(row.error) or math.isnan(row.simulated):
        return 0.0
    z = _z(row)
    return float(2 * (t.sf(z, row.freedom) if row.freedom else norm.sf(z)))


def verdicts(rows: Sequence[Row], level: float = LEVEL) -> list[bool]:
    """Return which rows pass; Holm's step-down method keeps the chance of any false alarm below `level`."""
    chances = np.array([_chance(row) for row in rows])
    passed = [True] * len(rows)
    for rank, place in enumerate(np.argsort(chances, kind="stable")):
        if chances[place] > level / (len(rows) - rank):
            break
        passed[int(place)] = False
    return passed
