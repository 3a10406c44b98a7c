"""Made-up brands whose future is known: how often the bands of a forecast hold what they say."""

from __future__ import annotations

import datetime
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sim
from sim.studies.forecast import periods_of
from tests.brand.books import SCENARIO, write_csv

RANGES = {
    "leaving.base": (0.001, 0.006), "recruiting.approaches": (1.0, 6.0), "prospecting.asks": (5.0, 40.0)}
"""What a fit may vary; the hidden world is drawn evenly from the same ranges."""
COUNTED = ("sell_in", "sell_through", "resellers_active", "exits")
"""Series that the brand kept."""
FORETOLD = (*COUNTED, "inventory_channel", "price_street_mean")
HISTORY, AHEAD = 30, 13
"""Weeks of the history and after it."""


@dataclass(frozen=True)
class MadeUp:
    """A brand, the world that it lives in unknown to itself, and what came of it."""

    scenario: Any
    hidden: dict[str, float]
    truth: pd.DataFrame
    rows: list[list[str]]


def made_up(number: int) -> MadeUp:
    """Return a brand of 600 persons that sells in the first week, with months counted to 4 %."""
    luck = random.Random(90_000 + number)
    tiers = [{"name": tier["name"]["zh"], "resellers": (many := max(1, round(base * luck.uniform(0.5, 1.5)))),
              "inventory": round(many * stock * luck.uniform(0.5, 1.5))}
             for tier, base, stock in zip(SCENARIO["tiers"], (2, 6, 14, 30), (300, 90, 30, 10), strict=True)]
    hidden = {name: luck.uniform(*ends) for name, ends in RANGES.items()}
    scenario = sim.load("pyramid", {
        **SCENARIO, "persons": 600, "weeks": HISTORY, "network": {"contacts": 24.0, "close": 6},
        "offer": {"list_price": 198.0, "unit_cost": 12.0, "quality": luck.uniform(0.4, 0.8)},
        "recruiting": {"open_to_selling": 0.12},
        "start": {"tiers": tiers, "aware": luck.uniform(0.2, 0.5), "age": luck.randrange(20, 120)}})
    truth = sim.run(scenario.changed({**hidden, "weeks": HISTORY + AHEAD}), seed=700_000 + number).weekly
    return MadeUp(scenario, hidden, truth, counted(truth, scenario.calendar, luck))


def counted(truth: pd.DataFrame, calendar: Any, luck: random.Random) -> list[list[str]]:
    """Return the months of the history as an office counts them: 4 % off, with gaps."""
    rows = [["month", *COUNTED]]
    for first, last in periods_of(calendar, HISTORY):
        part = truth[(truth["week"] >= first) & (truth["week"] <= last)]
        middle = calendar.date_of_week(first) + datetime.timedelta(days=10)
        values = [part["sell_in"].sum(), part["sell_through"].sum(), part["resellers_active"].iloc[-1],
                  part["exits"].sum()]
        if last - first >= 3:
            rows.append([middle.strftime("%Y-%m"), *(
                "" if not np.isfinite(value) or luck.random() < 0.06
                else f"{max(0.0, value * luck.gauss(1, 0.04)):.6g}" for value in values)])
    return rows


def months_held(number: int, folder: Path, *, budget: int = 30, worlds: int = 40) -> pd.DataFrame:
    """Return one row per series and month after the history: the truth, and the bands that were foretold."""
    brand = made_up(number)
    history = write_csv(folder / f"history{number}.csv", brand.rows)
    fit = folder / f"fit{number}"
    sim.calibrate(brand.scenario, RANGES, history=history, budget=budget, worlds=worlds, out=fit, workers=1)
    found = sim.forecast(fit, ahead=AHEAD, keep=False, workers=1)
    bands = found.bands[(found.bands["first"] > found.end) & found.bands["series"].isin(FORETOLD)].copy()
    ends = {"resellers_active", "inventory_channel"}
    bands["truth"] = [
        brand.truth[row["series"]].iloc[row["last"] - 1] if row["series"] in ends
        else brand.truth[row["series"]].iloc[row["first"] - 1 : row["last"]].mean()
        for row in bands.to_dict("records")]
    return bands.dropna().assign(brand=number, effective=found.particles.effective,
                                 heat=found.particles.heat)


def held(bands: pd.DataFrame, band: int) -> pd.Series:
    """Return whether the truth lies in the 50 % or the 90 % bands, by row."""
    return (bands["truth"] >= bands[f"low{band}"]) & (bands["truth"] <= bands[f"high{band}"])


if __name__ == "__main__":
    target = Path(sys.argv[1])
    for brand in range(int(sys.argv[2]), int(sys.argv[3])):
        table = months_held(brand, target)
        table.to_csv(target / f"bands{brand}.csv", index=False)
        print(brand, len(table), held(table, 50).mean(), held(table, 90).mean(), table["effective"].iloc[0],
              table["heat"].iloc[0], flush=True)
