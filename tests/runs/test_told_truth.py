"""Every sentence of a summary against numbers computed anew from the tables, in lived markets.

Each sentence must fit one of the forms below, and each number in it what the tables say: computed
here with other formulas than those of `sim.runs.figures`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.runs.sentences import FEW, amount, count, few_losers, percent, yuan
from sim.runs.summary import summarise

MARKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "pyramid": ("pyramid", {"persons": 1500, "weeks": 60, "recruiting.founders": "12 persons"}),
    "prosumer": ("prosumer", {"persons": 1500, "weeks": 60}),
    "transition": ("transition", {"persons": 800, "recruiting.founders": "8 persons"}),
    "conflict": ("channel_conflict", {"persons": 1200, "weeks": 60,
                                      "recruiting.founders": "10 persons"}),
    "empty": ("pyramid", {"persons": 1200, "weeks": 20, "recruiting.founders": "0 persons"}),
    "alone": ("pyramid", {"persons": 1200, "weeks": 60, "recruiting.founders": "1 persons",
                          "recruiting.approaches": 0.0}),
    "few": ("pyramid", {"persons": 1200, "weeks": 40, "recruiting.founders": "4 persons",
                        "recruiting.approaches": 0.2}),
}
SEEDS = {"pyramid": (1, 2, 10), "prosumer": (1, 2), "transition": (1, 2), "conflict": (1, 2),
         "empty": (1, 2), "alone": (1, 3), "few": (1, 2)}
CASES = [(name, seeds) for name, all_seeds in SEEDS.items() for seeds in all_seeds]

N = r"([\d,]+)"
FORMS: dict[str, tuple[str, ...]] = {
    rf"Of {N} persons {N} became resellers; at most {N} sold at a time \(week {N}\), {N} at the end of "
    rf"week {N}\.": ("persons", "joined", "peak", "peak_week", "end", "weeks"),
    rf"Of {N} persons {N} became resellers; {N} sell at the end of week {N}\.": (
        "persons", "joined", "end", "weeks"),
    r"Nobody became a reseller\.": (),
    rf"Of {N} persons one became a reseller, who (?:still sells|had left) (?:at|by) the end of week {N}\.": (
        "persons", "weeks"),
    r"The only one who ever joined (?:lost money|neither lost nor earned|earned money)\.": (),
    rf"Of the {N} who ever joined, {N} lost money and {N} neither lost nor earned\.": (
        "joined", "lost", "idle"),
    rf"Of the {N} who joined in all {N} runs together, {N} lost money and {N} neither lost nor earned\.": (
        "all_joined", "runs", "all_lost", "all_idle"),
    rf"Consumers bought {N} units; the channel took no stock\.": ("sold",),
    rf"The brand shipped {N} units to the channel, which sold {N}; {N} were still there at the end, {N} "
    rf"were dumped, {N} kept by leavers and {N} written off\.": (
        "into", "channel_sold", "stock", "dumped", "kept", "spoilt"),
    rf"The brand delivered {N} units to consumers itself\.": ("direct",),
    rf"It bought {N} units back, for (.+)\.": ("back", "refunds"),
    r"Sell-through rate of the channel: (\S+) of what it took and did not give back\.": ("rate",),
    r"The brand has (.+) (?:more|less) than at the start after ([\d,]+) weeks\.": ("profit", "weeks"),
    r"Of all who ever joined, (.+) lost money and (.+) neither lost nor earned\.": ("lost", "idle"),
    r"(\S+) of the resellers' income came from recruits and downlines, not from retail \((.+) over "
    r"the whole run\)\.": ("recruiting", "uplines"),
    r"Nothing was paid for recruits or downlines: resellers earned from retail alone\.": (),
    r"Trust in the channel went from (\S+) to (\S+); (\S+) of the persons know the product\.": (
        "trust_before", "trust", "aware"),
    r"Trust in the channel stayed at (\S+); (\S+) of the persons know the product\.": ("trust", "aware"),
    r"People think the product (\d+) points (?:better|worse) than it is\.": ("gap",),
    r"The list price (?:is|went from ([\d.,]+) to) ([\d.,]+) yuan; people paid ([\d.,]+) yuan in "
    rf"the last {N} weeks, the lowest price ever was ([\d.,]+) yuan\.": (
        "list_before", "list", "street", "four", "lowest"),
    rf"In {N} weeks, the first of them week {N}, the price paid was below what the lowest tier pays\."
    r"(?: \((\d+) of (\d+) runs\))?": ("under", "first_under", "hit", "runs"),
    r"The network \(.*": (),
}


def middle(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    # What most runs have not is not told as theirs.
    return float(np.median(known)) if 2 * len(known) > len(values) else float("nan")


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def one(result: Any) -> dict[str, float]:
    """Return what a run brought, from its tables by the shortest way."""
    weekly, people = result.weekly, result.resellers
    total = weekly.sum(numeric_only=True)
    last, start = weekly.iloc[-1], weekly.iloc[0]
    active = weekly["resellers_active"].to_numpy()
    at = int(np.argmax(active))
    settled = len(active) - 1 - at >= 8 and active[-1] < 0.98 * active[at]
    # Where the channel neither takes nor holds a unit, nobody pays what the lowest tier would.
    stocked = (weekly["inventory_channel"] > 0) | (weekly["sell_in"] > 0)
    # Where the brand delivers most units itself, the price paid is not the channel's.
    channel = weekly["sell_through"] - weekly["direct_sales"] >= weekly["direct_sales"]
    under = weekly[stocked & channel & (weekly["price_street_mean"] < weekly["price_wholesale_low"])]
    # Losses from the table of resellers, where summaries take the weekly one.
    lost, idle = (people["profit"] < 0).sum(), (people["profit"] == 0).sum()
    late = weekly["price_street_mean"].iloc[-4:].dropna()
    margin = max(0.0, float(people["own_retail_margin"].sum()))
    uplines = float(people["upline_payments"].sum())
    return {
        "joined": len(people), "peak": active.max(), "end": active[-1],
        "peak_week": weekly["week"].iloc[at] if settled else np.nan,
        "sold": total["sell_through"], "into": total["sell_in"],
        "channel_sold": total["sell_through"] - total["direct_sales"],
        "stock": last["inventory_channel"], "dumped": total["dumped"],
        "kept": total["self_consumed"], "spoilt": total["written_off"],
        "direct": total["direct_sales"], "back": total["bought_back"],
        "refunds": total["refunds"],
        "rate": ratio(total["sell_through"] - total["direct_sales"],
                      total["sell_in"] - total["bought_back"]),
        "profit": total["profit_brand"], "lost": ratio(lost, len(people)),
        "idle": ratio(idle, len(people)), "recruiting": ratio(uplines, uplines + margin),
        "uplines": uplines, "trust_before": start["trust_mean"], "trust": last["trust_mean"],
        "aware": last["awareness"], "gap": last["quality_perceived"] - last["quality_true"],
        "list_before": start["price_list"], "list": last["price_list"],
        "street": late.mean() if len(late) else np.nan,
        "lowest": float(weekly["price_street_min"].astype("Float64").min())
        if weekly["price_street_min"].notna().any() else np.nan,
        "under": len(under), "first_under": under["week"].min() if len(under) else np.nan,
    }


SAID: dict[str, Callable[[float], str]] = {
    **dict.fromkeys(("rate", "recruiting", "trust_before", "trust", "aware"), percent),
    **dict.fromkeys(("list_before", "list", "street", "lowest"), yuan),
    **dict.fromkeys(("profit", "uplines", "refunds"), lambda value: amount(abs(value))),
    "gap": lambda value: f"{abs(value) * 100:.0f}",
}


@pytest.fixture(scope="module")
def lived() -> dict[str, list[Any]]:
    made = {}
    for name, (base, changes) in MARKETS.items():
        plan = sim.load(base, {**changes, "expect": []})
        made[name] = [sim.run(plan, seed=seed, threads=1) for seed in range(max(SEEDS[name]))]
    return made


@pytest.mark.parametrize(("name", "seeds"), CASES, ids=[f"{name}-{seeds}" for name, seeds in CASES])
def test_each_number_of_each_sentence(lived: dict[str, list[Any]], name: str, seeds: int) -> None:
    runs = lived[name][:seeds]
    plan = runs[0].scenario
    found = [one(run) for run in runs]
    numbers = {key: middle([float(row[key]) for row in found]) for key in found[0]}
    numbers |= {"persons": plan.persons, "weeks": plan.weeks, "four": 4, "runs": len(runs),
                "hit": sum(row["under"] > 0 for row in found)}
    # Few people are added up over the runs: medians of their numbers would be those of no market.
    numbers |= {"all_joined": sum(row["joined"] for row in found)} | {
        f"all_{what}": sum(round(row["joined"] * row[what]) for row in found if row["joined"])
        for what in ("lost", "idle")}
    numbers["lowest"] = min(float(row["lowest"]) for row in found)  # ever, in any run
    told = summarise(runs, plan, name).sentences
    seen = set()
    for sentence in told:
        fitting = [form for form in FORMS if re.fullmatch(form, sentence)]
        assert len(fitting) == 1, sentence
        seen.add(fitting[0])
        match = re.fullmatch(fitting[0], sentence)
        assert match is not None
        for key, said in zip(FORMS[fitting[0]], match.groups(), strict=True):
            if said is None:
                continue
            wanted = percent(numbers[key]) if key in ("lost", "idle") and numbers["joined"] >= FEW else \
                count(numbers[key] * numbers["joined"]) if key in ("lost", "idle") else \
                SAID.get(key, count)(numbers[key])
            assert said == wanted, f"{key} in: {sentence}"
        words = " ".join(told)
    if name == "empty":
        assert "Nobody became a reseller" in words
        assert "lost money" not in words
        assert "Sell-through rate" not in words
    if name == "prosumer":
        assert "Consumers bought" in words
        assert numbers["lost"] < 0.05, "who lost no fen is not said to have lost"
    if name == "transition":
        assert "bought" in words
        assert "units back" in words
        assert numbers["rate"] <= 1
    if name == "alone":
        assert ("only one who ever joined" in words) == (seeds == 1)
        assert ("runs together" in words) == (seeds > 1)
        assert ("still sells" in words) == (numbers["end"] == 1)
        assert ("one who ever joined lost" in words) == (seeds == 1 and numbers["lost"] == 1)
        assert "1 became resellers" not in words
    if name == "few":
        assert "%" not in " ".join(one for one in told if "ever joined" in one)
    if numbers["under"] and numbers["hit"] < len(runs):
        assert f"({numbers['hit']} of {len(runs)} runs)" in words
    assert ("more than at the start" in words) == (numbers["profit"] >= 0)
    if re.search("points (better|worse)", words):
        assert ("points better" in words) == (numbers["gap"] > 0)


def test_the_resellers_tables_add_up(lived: dict[str, list[Any]]) -> None:
    for runs in lived.values():
        for run in runs:
            assert run.weekly["retail_margin_resellers"].sum() == pytest.approx(
                run.resellers["own_retail_margin"].sum())
            assert isinstance(run.weekly, pd.DataFrame)


def test_few_losers_are_counted_in_one_table() -> None:
    """Medians of three markets with two people each would tell of two losers, and of another's gain."""
    rows = [{"ever_joined": 2.0, "lost_money": lost, "earned_nothing": idle}
            for lost, idle in ((1.0, 0.0), (1.0, 0.0), (0.0, 0.5))]
    rows.append({"ever_joined": 0.0, "lost_money": math.nan, "earned_nothing": math.nan})
    assert few_losers(rows) == (
        "Of the 6 who joined in all 4 runs together, 4 lost money and 1 neither lost nor earned.")
    assert few_losers(rows[2:3]) == (
        "Of the 2 who ever joined, 0 lost money and 1 neither lost nor earned.")
