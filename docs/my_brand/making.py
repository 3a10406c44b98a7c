"""Makes the roster and the history of the worked case docs/my_brand.md, in a world that nobody is told.

    python docs/my_brand/making.py FOLDER

Everything is drawn with fixed seeds: the roster as an office in China would save it (GBK, 万, dates with
slashes), the history with errors of 4 % and gaps.
"""

from __future__ import annotations

import datetime
import random
import sys
from pathlib import Path
from typing import Any

import sim

HIDDEN = {
    "recruiting.approaches": 8.0, "leaving.base": 0.003, "leaving.gloom_weight": 1.5,
    "prospecting.asks": 15.0}
"""The settings of the hidden world."""
SEED = 20_240_101
TIERS = (("总代", 20, 900), ("一级", 180, 260), ("二级", 800, 70), ("特约", 2000, 22))
LAST = 78
"""Last week of the history."""


def roster(luck: random.Random) -> list[list[str]]:
    """Return 3,000 agents, uplines a tier above."""
    rows = [["编号", "上级", "级别", "库存", "加入日期"]]
    above: list[str] = []
    number = 0
    for name, count, stock in TIERS:
        mine = []
        for _one in range(count):
            number += 1
            units = int(stock * luck.lognormvariate(0.0, 0.6))
            day = datetime.date(2024, 1, 1) - datetime.timedelta(days=int(luck.triangular(5, 700, 60)))
            rows.append([f"A{number:04}", luck.choice(above) if above else "", name,
                         f"{units / 10_000:.4g}万" if units >= 1000 else str(units),
                         f"{day.year}/{day.month}/{day.day}"])
            mine.append(f"A{number:04}")
        above = mine
    return rows


def history(weekly: Any, luck: random.Random) -> list[list[str]]:
    """Return the months of a run as somebody would have counted them."""
    months = [(datetime.date.fromisoformat(day) + datetime.timedelta(days=3)).strftime("%Y-%m")
              for day in weekly["date"]]
    rows = [["月份", "出货量", "终端销量", "代理数", "新增代理数", "流失代理数", "市场价"]]
    for month, part in weekly.groupby(months):
        first = 3000 if int(part["week"].iloc[0]) == 1 else 0
        values = [part["sell_in"].sum(), part["sell_through"].sum(), part["resellers_active"].iloc[-1],
                  part["joins"].sum() - first, part["exits"].sum(), part["price_street_mean"].mean() / 100]
        rows.append([month, *("" if luck.random() < 0.06 else said(max(0.0, value * luck.gauss(1, 0.04)))
                              for value in values)])
    return rows


def said(value: float) -> str:
    """Return a figure as an office writes it."""
    return f"{value / 10_000:.2f}万" if value >= 10_000 else f"{value:.0f}"


def write(path: Path, rows: list[list[str]]) -> None:
    """Write rows as a Chinese Excel saves them."""
    path.write_bytes("".join(",".join(row) + "\r\n" for row in rows).encode("gbk"))


def main(folder: Path) -> None:
    """Make roster and history; the truth, with a year more, stays beside them."""
    luck = random.Random(SEED)
    write(folder / "agents.csv", roster(luck))
    scenario = sim.load(folder / "brand.yaml", {**HIDDEN, "weeks": LAST + 52})
    truth = sim.run(scenario, seed=SEED).weekly
    truth.to_csv(folder / "truth.csv", index=False)
    write(folder / "history.csv", history(truth[truth["week"] <= LAST], luck))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
