"""Ablation: each effect switched off where it should matter, and what that changes.

The rules that implement an effect declare the settings that switch it off (`Mechanism.off`). Each
effect is tried in a scenario in which the essays expect it to matter. Runs with and without share
their seeds, so persons share their luck, and differences are taken pair by pair. Over plausible worlds
each pair shares its world, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.runs.statistics import Paired, false_alarms, paired
from sim.runs.worlds import Worlds

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from sim.kernel.plain import Data
    from sim.runs.many import EngineOptions
    from sim.scenario.schema import Scenario

__all__ = ["CASES", "PAIRS", "Case", "PairCase", "ablate", "ablate_pairs", "switches"]


@dataclass(frozen=True)
class Case:
    """What switching one effect off should change."""

    id: str
    """The effect (`sim.mechanisms.effects`)."""
    claim: str
    """What the essays say it does."""
    scenario: str
    measure: str
    """Figure of a weekly table, in the language of reality checks."""
    direction: int
    """Sign of the change of the measure when the effect is switched off."""
    settings: Data = field(default_factory=dict)
    """Settings of both runs."""
    part: Data = field(default_factory=dict)
    """Settings that switch off the part that the claim is about; empty: the whole effect is off."""

    @property
    def base(self) -> tuple[str, str]:
        """Return the key that distinguishes the run with the effect from those of other cases."""
        return self.scenario, repr(self.settings) if self.settings else "as shipped"

    @property
    def without(self) -> tuple[str, ...]:
        """Return the key that distinguishes the run without the effect from all others."""
        return (*self.base, self.id, *([repr(self.part)] if self.part else []))


SMALL = 0.02
"""Share of the measure below which a change is called small."""
LATE = "from week 79 to 104"

CASES = (
    Case("A1", "a low entry brings people in", "pyramid", "sum(joins)", -1),
    Case("A2", "uplines recruit for what the ladder pays them", "pyramid", "max(resellers_active)", -1),
    Case("A3", "training inflates orders", "pyramid", "sum(sell_in)", -1),
    Case("A4", "hidden prices carry the premium", "pyramid", "sum(sell_through)", -1),
    Case("A5", "over-claiming disappoints", "pyramid", f"mean(satisfaction_mean {LATE})", +1),
    Case("A6", "closed information keeps apart what people believe", "pyramid",
         f"mean(quality_spread {LATE})", -1),
    Case("A7", "pressure fills the channel", "pyramid", "max(inventory_channel)", -1),
    Case("A8", "selling to friends burns trust", "pyramid", "trust_mean at end", +1),
    Case("A9", "annoyed people mute sellers, who reach fewer", "pyramid", "sum(purchases_seller)", +1),
    Case("A10", "open information sells a good product", "fission", "sum(sell_through)", -1),
    Case("A10", "and spreads what people say of a bad one", "bad_product_open_information",
         "sum(sell_through)", +1),
    Case("A11", "prosumers carry the sales", "prosumer", "sum(sell_through)", -1),
    Case("A12", "fans spread, geeks create", "prosumer", "sum(purchases_word_of_mouth)", -1),
    Case("A13", "data tell what people like", "prosumer", f"mean(product_distance {LATE})", +1),
    Case("A13", "data of behaviour tell how many will buy, so fewer wait", "prosumer",
         "sum(preorders) / sum(sell_through)", +1, part={"supply_chain.anticipation": 0.0}),
    Case("A14", "cells and the own channel make buyers into users", "prosumer", "stage_user at end", -1),
    Case("A14", "own media and own brands speak for the product", "prosumer",
         "sum(purchases_word_of_mouth)", -1),
    Case("A15", "consumer-led production makes a better product", "prosumer",
         "quality_true at end", -1),
    Case("A15", "who finds nothing in stock orders ahead", "prosumer", "sum(lost_sales)", +1),
    Case("A16", "dumping and price war bring prices down", "pyramid",
         f"mean(price_street_mean {LATE})", +1),
    Case("A17", "satisfied users and fans convince others", "prosumer", "sum(new_customers)", -1),
    Case("A18", "rivals take buyers and bring prices down", "rival_brands", "sum(sell_through)", +1),
    Case("A19", "fans carry a brand over its first year", "fan_financed", "sum(sell_through)", -1),
    Case("A20", "a brand whose money runs out sells no more", "fan_financed", "sum(sell_through)", +1,
         {"brand_funding.pledge": 0.0}),
    # Measured while there are many sellers; later all prices are low.
    Case("A21", "diverted goods bring prices down", "diverted_goods",
         "mean(price_street_mean from week 27 to 78)", +1, {"fake_performance.inflation": 0.0}),
    Case("A22", "faked incomes win resellers", "diverted_goods", "sum(joins from week 1 to 26)", -1,
         {"diversion.share": 0.0}),
    Case("A23", "own traffic replaces bought traffic", "supplier_of_its_users",
         "sum(traffic_bought) / sum(direct_sales)", +1),
    Case("A24", "buyers of a narrow range get bored", "prosumer", "sum(sell_through)", +1,
         {"product_range.products": 1}),
    Case("A25", "preset answers keep the product away from tastes", "preset_surveys",
         "product_distance at end", -1),
    Case("A26", "cells that order for themselves buy more", "supplier_of_its_users", "sum(sell_through)",
         -1),
    Case("A27", "a personal experience satisfies", "supplier_of_its_users",
         f"mean(satisfaction_mean {LATE})", -1),
    # If few people would ever sell, they run out before circles are full.
    Case("B1", "recruiting saturates where one in ten would sell", "pyramid", "max(resellers_active)", +1,
         {"recruiting.open_to_selling": 0.1}),
    Case("B2", "exits climb the tree", "pyramid", "sum(exits)", -1),
    Case("B3", "conversion and buy-back clear old stock", "transition",
         "mean(inventory_channel from week 53 to 156)", +1, {"weeks": 156}),
    Case("B4", "wholesale stock serves sales", "benign_wholesale", "sum(lost_sales)", +1),
    Case("B5", "many short personal paths sell", "prosumer", "sum(purchases_seller)", -1),
    Case("B6", "one-to-one and one-to-circle spread fast", "new_product_launch",
         "mean(awareness from week 1 to 26)", -1),
    Case("B6", "and precisely: to people whom the product fits", "new_product_launch",
         "mean(product_distance from week 27 to 52)", +1),
    Case("B6", "broadcast alone tells everybody something else", "new_product_launch",
         "quality_spread at end", +1),
    Case("B7", "circles make customers stay", "prosumer", "sum(customers_lost) / sum(new_customers)", +1),
    Case("B8", "service satisfies", "prosumer", f"mean(satisfaction_mean {LATE})", -1),
    Case("B8", "advice and help in deciding win customers", "prosumer", "sum(new_customers)", -1),
    Case("B9", "a legacy channel is cannibalised by its relabelled copy", "channel_conflict",
         "sum(cannibalised)", -1),
    Case("B10", "binding ties keep sellers", "prosumer", "sum(exits) / mean(resellers_active)", +1),
    Case("B11", "a pilot spares people a plan that fails", "pyramid", "resellers_lost_money at end", +1,
         {"piloting.share": 0.1, "piloting.weeks": 26}),
    Case("B12", "business wears ties, and worn ties sell less", "pyramid",
         "sum(purchases_seller) / sum(joins)", +1),
    Case("B13", "a name gathers and sells", "prosumer", "sum(sell_through)", -1,
         {"brand_equity.weight": 0.9}),
    Case("B14", "who is among people like oneself buys more", "supplier_of_its_users",
         "sum(sell_through) / sum(new_customers)", -1),
    Case("B15", "coordinated channels sell more together", "coordinated_channels",
         "sum(sell_through) + sum(purchases_legacy)", -1),
)
"""One case per effect, and more if it should help one product and hurt another, or do several things."""


@dataclass(frozen=True)
class PairCase:
    """Two effects that work together according to the essays."""

    first: str
    second: str
    claim: str
    scenario: str
    measure: str
    settings: Data = field(default_factory=dict)


PAIRS = (
    PairCase("A3", "A7", "training makes pressed stock bearable", "pyramid", "max(inventory_channel)"),
    PairCase("A1", "A2", "a low entry and pay for recruiting fill the ladder", "pyramid", "sum(joins)"),
    PairCase("A7", "A16", "pressed stock is dumped", "pyramid", f"mean(price_street_mean {LATE})"),
    PairCase("A8", "A9", "burnt trust makes people mute", "pyramid", "sum(purchases_seller)"),
    PairCase("A5", "A10", "over-claiming lives from closed information",
             "bad_product_open_information", "sum(sell_through)"),
    PairCase("A13", "A15", "data are worth what production makes of them", "prosumer",
             "sum(sell_through)"),
    PairCase("A12", "A17", "stages give word of mouth its speakers", "prosumer",
             "sum(purchases_word_of_mouth)"),
    PairCase("A14", "B7", "cells hold the circles together", "prosumer", "sum(customers_lost)"),
    PairCase("A15", "A17", "a better product is talked about", "prosumer", "sum(new_customers)"),
    PairCase("A8", "B12", "burnt trust and worn ties end friendly sales", "pyramid",
             "sum(purchases_seller)"),
)
"""Pairs whose joint effect may differ from the sum of both."""


def switches() -> dict[str, Data]:
    """Return the settings that switch each effect off, from the rules that implement it."""
    from sim.regimes.week import WEEK

    found: dict[str, Data] = {}
    for rule in WEEK:
        for row, settings in rule.off.items():
            found.setdefault(row, {}).update(settings)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], int(item[0][1:]))))


def ablate(
    ids: Iterable[str] | None = None,
    *,
    seeds: int = 30,
    first_seed: int = 1,
    persons: int | None = None,
    worlds: Worlds | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[float, int], None] | None = None,
) -> pd.DataFrame:
    """Switch effects off one by one and return the paired changes.

    Parameters
    ----------
    ids
        Rows to try; all by default.
    seeds
        Number of paired seeds.
    first_seed
        The first of them.
    persons
        Size of the market, if not that of the scenarios.
    worlds
        Plausible worlds, one per seed.
    executor, workers, progress
        As in `sim.run_many`.

    Returns
    -------
    pandas.DataFrame
        One row per effect: mean with and without, paired change with its 95 % interval, the change as a
        share of the larger of the two means, whether that is below 2 % (``small``), expected sign, and
        whether the interval lies on that side of zero (``agrees``: yes, no, or unclear where it
        includes zero, or where so large a change may be chance among so many effects:
        ``corrected``, the false discovery rate of ``chance``). ``holding`` is the share of the pairs with
        the expected sign; ``dropped`` counts pairs of which a side has no number.
    """
    import pandas as pd

    wanted = set(ids or [case.id for case in CASES])
    off = switches()
    chosen = [case for case in CASES if case.id in wanted]
    # A scenario and its settings, and the effect that is off in it, if any.
    plans: dict[tuple[str, ...], Any] = {}
    for case in chosen:
        base = _base(case, persons)
        plans.setdefault(case.base, base)
        plans.setdefault(case.without, base.changed(case.part or off[case.id]))
    read = _run(plans, [case.measure for case in chosen], range(first_seed, first_seed + seeds),
                worlds, executor=executor, workers=workers, progress=progress)
    rows: list[Data] = []
    pairs: list[Paired] = []
    for case in chosen:
        given, without = read(case.base, case.measure), read(case.without, case.measure)
        pair = paired(given, without)
        pairs.append(pair)
        larger = max(abs(pair.baseline), abs(pair.other))
        share = abs(pair.difference.mean) / larger if larger else 0.0
        gaps = [(b - a) * case.direction for a, b in zip(given, without, strict=True)
                if a == a and b == b]  # NaN: a side without a number
        rows.append({
            "id": case.id, "claim": case.claim, "scenario": case.scenario,
            "measure": case.measure, "with": pair.baseline,
            "without": pair.other, "change": pair.difference.mean, "low": pair.difference.low,
            "high": pair.difference.high, "share": share, "small": share < SMALL,
            "expected": "+" if case.direction > 0 else "-",
            "holding": sum(gap > 0 for gap in gaps) / len(gaps) if gaps else float("nan"),
            "seeds": seeds, "dropped": pair.dropped, "chance": pair.chance,
        })
    table = pd.DataFrame(rows)
    table["corrected"] = false_alarms(table["chance"].tolist())
    table["agrees"] = [
        _agrees(case.direction, pair.difference.direction, chance)
        for case, pair, chance in zip(chosen, pairs, table["corrected"], strict=True)]
    return table


def ablate_pairs(
    *, seeds: int = 30, first_seed: int = 1, persons: int | None = None,
    executor: Executor | None = None, workers: int | None = None,
    progress: Callable[[float, int], None] | None = None,
) -> pd.DataFrame:
    """Switch off pairs of effects, each alone and both together, and return their joint effects.

    Returns
    -------
    pandas.DataFrame
        One row per pair of `PAIRS`: the mean with both, the changes without the first, without the second and
        without both, and by how much the last change exceeds the sum of the other two (``together``), with
        its 95 % interval over seeds; ``corrected`` as in `ablate`; and ``clear``: whether the interval
        excludes zero.
    """
    import pandas as pd

    off = switches()
    plans: dict[tuple[str, ...], Any] = {}
    keys: list[list[tuple[str, ...]]] = []
    for case in PAIRS:
        base = _base(case, persons)
        tag = (case.scenario, repr(case.settings))
        named = [tag, (*tag, case.first), (*tag, case.second), (*tag, case.first, case.second)]
        keys.append(named)
        for key, settings in zip(named, (
                {}, off[case.first], off[case.second], {**off[case.first], **off[case.second]}),
                strict=True):
            plans.setdefault(key, base.changed(settings))
    read = _run(plans, [case.measure for case in PAIRS], range(first_seed, first_seed + seeds), None,
                executor=executor, workers=workers, progress=progress)
    rows: list[Data] = []
    pairs: list[Paired] = []
    for case, named in zip(PAIRS, keys, strict=True):
        both, first, second, none = (read(key, case.measure) for key in named)
        # Change without both, beside the sum of the changes without each.
        sums = [a + b - whole for a, b, whole in zip(first, second, both, strict=True)]
        pair = paired(sums, none)
        pairs.append(pair)
        rows.append({
            "first": case.first, "second": case.second, "claim": case.claim,
            "scenario": case.scenario, "measure": case.measure,
            "with": paired(both, none).baseline,
            "without_first": paired(both, first).difference.mean,
            "without_second": paired(both, second).difference.mean,
            "without_both": paired(both, none).difference.mean,
            "together": pair.difference.mean, "low": pair.difference.low,
            "high": pair.difference.high, "dropped": pair.dropped, "chance": pair.chance,
        })
    table = pd.DataFrame(rows)
    table["corrected"] = false_alarms(table["chance"].tolist())
    table["clear"] = [bool(pair.difference.direction) and chance <= 0.05
                      for pair, chance in zip(pairs, table["corrected"], strict=True)]
    return table


def _base(case: Case | PairCase, persons: int | None) -> Scenario:
    from sim.scenario.load import load

    return load(case.scenario, {
        **case.settings, **({} if persons is None else {"persons": persons})})


def _run(
    plans: dict[tuple[str, ...], Any], measures: Iterable[str], seeds: Sequence[int],
    worlds: Worlds | None, **engine: Unpack[EngineOptions],
) -> Callable[[tuple[str, ...], str], list[float]]:
    """Run plans on shared seeds; return a function that reads a plan's measure, seed by seed."""
    from sim.market.outputs import weekly_outputs
    from sim.runs.design import Design
    from sim.runs.many import run_many
    from sim.scenario.expect import Figure

    columns = {column.name: column.unit for column in weekly_outputs()}
    figures = {text: Figure.parse(text, columns) for text in measures}
    named = [plan.changed({"title": " ".join(key)[:190]}) for key, plan in plans.items()]
    runs = run_many(Design.of(named, seeds, worlds=worlds), **engine)
    weekly = runs.table("weekly")
    label = dict(zip(plans, runs.design.labels, strict=True))
    found = {key: [one for _, one in weekly[weekly["scenario"] == label[key]].groupby("seed")]
             for key in plans}
    return lambda key, text: [float(figures[text].value(one)) for one in found[key]]


def _agrees(expected: int, found: int, chance: float) -> str:
    """Return whether a change has the expected sign; it is unclear if it may be chance among many."""
    if not found or not chance <= 0.05:
        return "unclear"
    return "yes" if found == expected else "no"
