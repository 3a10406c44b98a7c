"""Histories of agents: what a sample of resellers held, sold and earned, week by week.

The sample is stratified by tier, and takes the same persons in every scenario in which they sell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.run import market_of
from sim.scenario.records import scenario_of
from sim.texts import _
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from sim.kernel.plain import Data
    from sim.scenario.records import ScenarioLike
    from sim.scenario.schema import Scenario

__all__ = ["COLUMNS", "histories"]

COLUMNS = {
    "tier": "tier", "active": "active", "stock": "inventory", "ordered": "cumulative_orders",
    "recruits": "recruits", "cash": "cash", "invested": "invested", "retail_margin": "own_retail_margin",
    "from_downline": "upline_payments", "optimism": "optimism",
}
"""Columns of the table, each with its column of resellers; money in fen."""


def histories(
    scenarios: ScenarioLike | Sequence[ScenarioLike], seed: int = 1, *, agents: int = 200,
) -> pd.DataFrame:
    """Return one row per scenario, agent and week since joining.

    Parameters
    ----------
    scenarios
        One or several scenarios, given as records, names or paths; they share their luck.
    seed
        Seed of the luck.
    agents
        Approximate number of agents of each scenario. Each tier has its share of all who ever joined, at
        least one agent; persons who sell in more of the scenarios come first.

    Notes
    -----
    Columns: ``scenario``, ``person``, ``week``, ``tier`` (0 is the top), ``active`` (0 after leaving),
    ``stock`` and ``ordered`` (units, orders since joining), ``recruits``, ``cash``, ``invested``,
    ``retail_margin``, ``from_downline`` (fen, since joining), ``optimism``.
    """
    import pandas as pd

    if agents < 1:
        raise UsageError(_("histories are of at least one agent"))
    given = scenarios if isinstance(scenarios, (list, tuple)) else [scenarios]
    records = [scenario_of(one) for one in given]
    seen = [_watched(record, seed) for record in records]
    often: dict[int, int] = {}
    for rows in seen:
        for person in rows[-1]["person"]:
            often[int(person)] = often.get(int(person), 0) + 1
    tables = []
    for number, (record, weeks) in enumerate(zip(records, seen, strict=True)):
        chosen = _stratified(weeks, often, agents)
        table = pd.concat([_of_week(rows, week, chosen) for week, rows in enumerate(weeks, 1)])
        name = text_of(record.title) or record.regime
        same = [text_of(one.title) or one.regime for one in records].count(name) > 1
        table.insert(0, "scenario", f"{name} {number + 1}" if same else name)
        tables.append(table)
    return pd.concat(tables).sort_values(
        ["scenario", "person", "week"], kind="stable").reset_index(drop=True)


def _watched(scenario: Scenario, seed: int) -> list[Data]:
    """Return the state of every reseller at the end of each week."""
    market = market_of(scenario, seed)
    weeks = []
    while market.running:
        market.step()
        held = market.world.resellers
        weeks.append({"person": np.array(held.person)} | {
            name: np.array(getattr(held, column)) for name, column in COLUMNS.items()})
    return weeks


def _stratified(weeks: list[Data], often: dict[int, int], agents: int) -> set[int]:
    """Return the sample: each tier by its share of all, persons in more scenarios first."""
    last = weeks[-1]
    people, tiers = last["person"], last["tier"]
    chosen: set[int] = set()
    for tier in np.unique(tiers):
        mine = [int(person) for person in people[tiers == tier]]
        count = max(1, round(agents * len(mine) / len(people)))
        # Persons are numbered community by community; a fixed permutation makes this a random sample.
        mine.sort(key=lambda person: (-often[person], person * 2_654_435_761 % 2**32))
        chosen.update(mine[:count])
    return chosen


def _of_week(rows: Data, week: int, chosen: set[int]) -> pd.DataFrame:
    import pandas as pd

    kept = [at for at, person in enumerate(rows["person"]) if int(person) in chosen]
    return pd.DataFrame({"person": rows["person"][kept].astype(int), "week": week} | {
        name: rows[name][kept] for name in COLUMNS})
