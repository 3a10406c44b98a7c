"""The model as Mesa's users meet it: steps, collectors, batches."""

from __future__ import annotations

from collections import Counter
from typing import Any

import mesa
import numpy as np
import pytest

import sim
from sim.errors import UsageError
from sim.market.outputs import TIERS, WEEKLY
from tests.scenarios import names, small

RESELLERS = {"sellers": lambda m: len(m.agents_by_type[sim.Reseller]), "week": "week"}


class CustomerData(sim.MicroCommerce):
    """A model that collects what Mesa's users like to collect."""

    def __init__(self, **given: Any) -> None:
        super().__init__(small(persons=100), **given)
        self.datacollector = mesa.DataCollector(
            model_reporters=RESELLERS, agent_reporters={"kind": lambda a: type(a).__name__},
            agenttype_reporters={sim.Reseller: {"inventory": "inventory", "tier": "tier"}})

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)


def batch(model: type, parameters: dict[str, Any], seeds: list[int], **given: Any) -> Any:
    """Call mesa.batch_run, whose seeds moved from the parameters to an argument in Mesa 3.4."""
    if "rng" in mesa.batch_run.__code__.co_varnames:
        given["rng"] = seeds
    else:
        parameters = {**parameters, "rng": seeds}
    return mesa.batch_run(model, parameters, display_progress=False, **given)


def test_weeks_are_lived_one_by_one() -> None:
    model = sim.MicroCommerce(small(weeks=3), rng=1)
    assert (model.week, model.steps, model.running) == (0, 0, True)
    weeks = []
    while model.running:
        model.step()
        weeks.append(model.week)
    assert weeks == [1, 2, 3]
    assert model.steps == 3


def test_run_model_lives_all_weeks() -> None:
    model = sim.MicroCommerce(small(weeks=4), rng=1)
    model.run_model()
    assert len(model.weekly) == 4


def of_rules(model: Any) -> list[Any]:
    """Return the columns that the rules of a model add."""
    return [output for rule in model.scenario.plan() for output in rule.outputs]


@pytest.mark.parametrize("regime", names())
def test_rows_have_the_columns_that_are_documented(regime: str) -> None:
    model = sim.MicroCommerce(small(regime), rng=1)
    model.step()
    assert set(model.weekly[0]) == {column.name for column in (*WEEKLY, *of_rules(model))}
    assert set(model.tiers[0]) == {column.name for column in TIERS} - {"bullwhip"}
    for column in (*WEEKLY, *TIERS):
        assert column.unit, column.name
        assert column.meaning, column.name


def test_parameters_by_name() -> None:
    model = sim.MicroCommerce(small(), controls__stock_pressure=0.25, persons=77)
    assert model.scenario.controls.stock_pressure == 0.25
    assert len(model.agents_by_type[sim.Consumer]) == 77
    assert small().persons != 77, "the scenario itself is not changed"
    with pytest.raises(ValueError, match="stock_pressures"):
        sim.MicroCommerce(small(), controls__stock_pressures=0.25)


def test_seeds_of_all_kinds() -> None:
    def seed(rng: Any) -> int:
        return sim.MicroCommerce(small(persons=20), rng=rng).world.seed

    assert seed(5) == seed(np.int64(5)) == 5
    assert seed(None) == small().seed
    assert seed(np.random.SeedSequence(5)) == seed(np.random.SeedSequence(5)) != 5
    assert seed(np.random.default_rng(5)) == seed(np.random.default_rng(5))
    assert sim.MicroCommerce(small(persons=20), seed=9).world.seed == 9
    with pytest.raises(UsageError, match="a seed is a whole number"):
        seed("five")


def test_mesas_generator_is_seeded() -> None:
    draws = [sim.MicroCommerce(small(persons=20), rng=rng).rng.integers(10**9) for rng in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_the_weekly_table_as_a_data_collector() -> None:
    model = sim.MicroCommerce(small(), rng=1)
    assert model.datacollector.get_model_vars_dataframe().empty
    for _ in range(3):
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    # Rules add columns of their own behind those of every market.
    assert list(frame.columns) == [column.name for column in (*WEEKLY, *of_rules(model))]
    assert frame.week.tolist() == [1, 2, 3]
    assert frame.sell_in.tolist() == [row["sell_in"] for row in model.weekly]


def test_collectors_of_ones_own() -> None:
    model = CustomerData(rng=1)
    for _ in range(4):
        model.step()
    collector = model.datacollector
    frame = collector.get_model_vars_dataframe()
    assert frame.week.tolist() == [1, 2, 3, 4]
    agents = collector.get_agent_vars_dataframe()
    assert (agents.kind == "Consumer").sum() == 4 * 100
    assert (agents.kind == "Brand").sum() == 4
    by_type = collector.get_agenttype_vars_dataframe(sim.Reseller)
    assert len(by_type) == frame.sellers.sum()
    assert set(by_type.tier) <= {0, 1, 2}


def test_batch_run() -> None:
    """Seeds and settings as Mesa spreads them."""
    rows = batch(
        sim.MicroCommerce,
        {"scenario": [small(persons=100)], "weeks": 5, "controls__stock_pressure": [0.0, 1.0]},
        [1, 2], data_collection_period=1)
    assert len(rows) == 2 * 2 * 5
    seed = "rng" if "rng" in rows[0] else "seed"  # as Mesa 3.4 calls it
    assert {(row["controls__stock_pressure"], row[seed]) for row in rows} == {
        (0.0, 1), (0.0, 2), (1.0, 1), (1.0, 2)}
    alone = sim.MicroCommerce(
        small(persons=100, controls={"stock_pressure": 1.0}), rng=2, weeks=5)
    alone.run_model()
    mine = [row for row in rows if (row["controls__stock_pressure"], row[seed]) == (1.0, 2)]
    assert [row["sell_in"] for row in mine] == [row["sell_in"] for row in alone.weekly]


def test_batch_run_with_agent_reporters() -> None:
    rows = batch(CustomerData, {"weeks": 3}, [1])
    weeks = Counter(row["week"] for row in rows if row.get("kind") == "Consumer")
    assert weeks  # which ones, versions of Mesa disagree about
    assert set(weeks.values()) == {100}


def test_models_do_not_share_anything() -> None:
    one, other = (sim.MicroCommerce(small(), rng=1) for _ in range(2))
    for _ in range(5):
        one.step()
    for _ in range(5):
        other.step()
    assert str(one.weekly) == str(other.weekly)
    one.agents_by_type[sim.Consumer].set("trust", 0.0)
    assert other.agents_by_type[sim.Consumer].agg("trust", max) > 0.0
