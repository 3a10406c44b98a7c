"""The tables of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.runs.observed import columns_of
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.life import Life
    from sim.scenario.schema import Scenario

__all__ = ["OPTIONAL", "TABLES", "Result", "tables_of"]

TABLES = ("weekly", "tiers", "cohorts", "resellers")
"""Names of the tables of a run."""
OPTIONAL = ("persons", "purchases")
"""Names of the tables that a run keeps only if its scenario asks for them."""


@dataclass(repr=False)
class Result:
    """The results of one run of one scenario with one seed.

    The tables are tidy: their first columns are ``scenario``, ``seed`` and, for tables over time,
    ``week``. Goods are whole units; money is in whole fen.
    """

    scenario: Scenario
    seed: int
    weekly: pd.DataFrame
    tiers: pd.DataFrame
    cohorts: pd.DataFrame
    resellers: pd.DataFrame
    persons: pd.DataFrame | None = None
    purchases: pd.DataFrame | None = None

    def __repr__(self) -> str:
        name = text_of(self.scenario.title) or self.scenario.regime
        return f"<Result of '{name}', seed {self.seed}: {len(self.weekly):,} weeks>"

    @property
    def monthly(self) -> pd.DataFrame:
        """Return the weekly table by month; see `sim.runs.months.monthly`."""
        from sim.runs.months import monthly

        return monthly(self.weekly, self.scenario.calendar)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "result")

    def plot(self, what: str, **options: Any) -> Axes:
        """Draw one picture (``inventory``, ``churn``, ``sell_through``, ...); return its Axes."""
        from sim.faces import plot

        return plot(self, what, **options)


def tables_of(model: Life) -> dict[str, pd.DataFrame]:
    """Return the tables of a model up to its current week, as data frames."""
    import pandas as pd

    name = model.scenario.title or model.scenario.regime
    tables = {}
    for table, columns in columns_of(model).items():
        tables[table] = pd.DataFrame({
            column: pd.arrays.IntegerArray(values.data, np.ma.getmaskarray(values))
            if isinstance(values, np.ma.MaskedArray) else values
            for column, values in columns.items()})
        tables[table].insert(0, "scenario", name)
        tables[table].insert(1, "seed", model.world.seed)
    return tables
