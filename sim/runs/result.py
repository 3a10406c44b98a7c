"""The tables of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.market.logging import CHANNELS
from sim.market.resellers import STILL

if TYPE_CHECKING:
    import pandas as pd

    from sim.life import Life

__all__ = ["OPTIONAL", "TABLES", "Result", "tables_of"]

TABLES = ("weekly", "tiers", "cohorts", "resellers")
"""Names of the tables of a run."""
OPTIONAL = ("persons", "purchases")
"""Names of the tables that a run keeps where its scenario asks for them."""

BULLWHIP_WINDOW = 26
"""Weeks over which the variances of the bullwhip ratio are taken."""


@dataclass(repr=False)
class Result:
    """What one run of one scenario with one seed brought.

    The tables are tidy: their first columns are ``scenario, seed`` and, where they run over time,
    ``week``. Units are integers, money is integer fen.
    """

    scenario: Any
    seed: int
    weekly: pd.DataFrame
    tiers: pd.DataFrame
    cohorts: pd.DataFrame
    resellers: pd.DataFrame
    persons: pd.DataFrame | None = None
    purchases: pd.DataFrame | None = None

    def __repr__(self) -> str:
        name = self.scenario.title or self.scenario.regime
        return f"<Result of '{name}', seed {self.seed}: {len(self.weekly):,} weeks>"

    @property
    def monthly(self) -> pd.DataFrame:
        """The weekly table by month; see `sim.runs.months.monthly`."""
        from sim.runs.months import monthly

        return monthly(self.weekly, self.scenario.calendar)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "result")

    def plot(self, what: str, **options: Any) -> Any:
        """Draw one picture (``inventory``, ``churn``, ``sell_through``, ...); return its Axes."""
        from sim.faces import plot

        return plot(self, what, **options)


def tables_of(model: Life) -> dict[str, pd.DataFrame]:
    """Return the four tables of a model, as far as it has run."""
    import pandas as pd

    world, name = model.world, model.scenario.title or model.scenario.regime
    weekly = pd.DataFrame(model.weekly)
    calendar = model.scenario.calendar
    if calendar.first_week and len(weekly):
        weekly.insert(1, "date", [calendar.date_of_week(week).isoformat() for week in weekly["week"]])
    if "price_street_min" in weekly:
        weekly["price_street_min"] = weekly["price_street_min"].astype("Int64")
    tiers = (
        pd.DataFrame({
            column: np.concatenate([row[column] for row in model.tiers])
            for column in model.tiers[0]
        })
        if model.tiers else pd.DataFrame()
    )
    if len(tiers):
        tiers["bullwhip"] = _bullwhip(tiers)
    resellers = world.resellers
    joined = resellers.joined_week.astype(np.int64)
    left = resellers.left_week.astype(np.int64)
    person = resellers.person.astype(np.int64)
    upline = resellers.sponsor.astype(np.int64)
    people = pd.DataFrame({
        "person": person,
        "tier": resellers.tier.astype(np.int64),
        "joined_week": joined,
        "left_week": pd.array(left, "Int64"),
        "upline": pd.array(person[np.maximum(upline, 0)] if len(person) else person, "Int64"),
        "invested": resellers.invested.copy(),
        "entry_money": resellers.entry_money.copy(),
        "own_retail_margin": resellers.own_retail_margin.copy(),
        "upline_payments": resellers.upline_payments.copy(),
        "profit": resellers.cash - resellers.opening_cash,
        "recruits": resellers.recruits.astype(np.int64),
        "inventory_left": resellers.inventory.astype(np.int64),
    })
    people.loc[left == STILL, "left_week"] = pd.NA
    people.loc[upline < 0, "upline"] = pd.NA
    tables = {
        "weekly": weekly, "tiers": tiers, "cohorts": _cohorts(joined, left, world.week, world.scale),
        "resellers": people,
    }
    if model.scenario.outputs.persons:
        tables["persons"] = _persons(world)
    if model.purchases is not None:
        tables["purchases"] = _purchases(model.purchases)
    for table in tables.values():
        table.insert(0, "scenario", name)
        table.insert(1, "seed", model.world.seed)
    return tables


def _persons(world: Any) -> pd.DataFrame:
    """Return what persons are and have; whom they would buy of, by the seller's person."""
    import pandas as pd

    persons, resellers = world.persons, world.resellers
    columns: dict[str, Any] = {"person": np.arange(len(persons), dtype=np.int64)}
    for name, column in persons.schema.items():
        values = persons[name]
        if column.passing or values.ndim > 1 or name == "reseller":
            continue
        if name == "seller" and len(resellers):
            values = np.where(values >= 0, resellers.person[np.maximum(values, 0)], -1)
        wide = values.astype(np.float64 if values.dtype.kind == "f" else np.int64)
        columns[name] = _or_empty(wide) if name in ("seller", "convinced_by") else wide
    return pd.DataFrame(columns)


def _purchases(log: Any) -> pd.DataFrame:
    """Return the log of purchases."""
    import pandas as pd

    columns: dict[str, Any] = log.columns()
    columns["seller"] = _or_empty(columns["seller"])
    columns["channel"] = np.array(CHANNELS, object)[columns["channel"]]
    return pd.DataFrame(columns)


def _or_empty(numbers: np.ndarray) -> Any:
    """Return numbers as a column of pandas in which those below zero are empty."""
    import pandas as pd

    return pd.Series(numbers, dtype="Int64").mask(numbers < 0)


def _bullwhip(tiers: pd.DataFrame) -> Any:
    """Return Var(orders) / Var(demand) of each tier over the last weeks; NaN where undefined."""
    grouped = tiers.groupby("tier", sort=False)
    variances = [
        grouped[column].rolling(BULLWHIP_WINDOW).var().reset_index(level=0, drop=True)
        for column in ("orders", "demand")
    ]
    ratio = variances[0] / variances[1]
    return ratio.replace([float("inf")], float("nan")).sort_index()


def _cohorts(joined: np.ndarray, left: np.ndarray, weeks: int, scale: int) -> pd.DataFrame:
    """Return how many of each week's joiners are active in each week from then on."""
    import pandas as pd

    rows = []
    # Who left before the run is in none of its weeks.
    known = (left == STILL) | (left > 0)
    joined, left = joined[known], left[known]
    for cohort in np.unique(joined):
        mine = left[joined == cohort]
        gone = np.bincount(np.where(mine == STILL, weeks + 1, mine), minlength=weeks + 2)
        active = mine.size - np.cumsum(gone)
        first = max(int(cohort), 1)
        span = np.arange(first, weeks + 1)
        rows.append(pd.DataFrame({
            "week": span, "cohort": int(cohort), "joined": mine.size * scale,
            "active": active[span] * scale,
        }))
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype="int64")
                             for name in ("week", "cohort", "joined", "active")})
    return pd.concat(rows, ignore_index=True)
