"""Draw the demand curve of each shipped scenario: ``python docs/pictures/demand.py`` (minutes).

Units sold at list prices from a quarter to a hundred times the scenario's own, means of paired seeds,
and the elasticity at the scenario's own price (list price plus and minus a tenth).
"""

from __future__ import annotations

import argparse
import itertools
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from make import save

HERE = Path(__file__).parent
NEAR = (0.9, 1.1)
TEXTS = {
    "en": ("From the own price on, {falling} of {all} shipped scenarios sell less at each dearer step",
           "list price, times the scenario's own", "units sold, share of the most", "elasticity"),
    "zh": ("从自身标价起，{all} 个自带情景中有 {falling} 个每提一档价就少卖",
           "标价，为情景自身标价的倍数", "销量，占最高销量的比例", "弹性"),
}


def curves(persons: int, seeds: int) -> dict[str, tuple[str, str, list[float], float]]:
    """Return title (English, Chinese), units at each price, and elasticity, of each scenario."""
    import sim
    from sim.studies.economics.judging import Times
    from sim.studies.economics.laws import PRICES, SCENARIOS
    from sim.studies.economics.trying import changed
    from sim.texts.bilingual import text_of

    found = {}
    for name in SCENARIOS:
        base = sim.load(name, {"persons": persons})
        def sold(factors: Sequence[float], seeds: int, base: Any = base) -> list[float]:
            plans = [changed(base, {"offer.list_price": Times(factor)}).changed({"title": f"{factor}"})
                     for factor in factors]
            runs = sim.run_many(plans, range(1, seeds + 1), workers=1)
            units = [0.0] * len(plans)
            for run in runs.done:
                point, _seed = runs.design.of_run(run)
                weekly = runs.table_of_run(run, "weekly", ["sell_through"])
                units[point] += float(weekly["sell_through"].sum()) / seeds
            return units

        units = sold(PRICES, seeds)
        # A slope between near points takes more luck to average out than a curve does.
        low, high = sold(NEAR, 6 * seeds)
        elastic = math.log(high / low) / math.log(NEAR[1] / NEAR[0]) if low and high else math.nan
        found[name] = (text_of(base.title, "en"), text_of(base.title, "zh"), units, elastic)
    return found


def drawn(found: dict[str, tuple[str, str, list[float], float]], lang: str) -> Any:
    """Return the small multiples in a language."""
    from matplotlib.figure import Figure

    from sim.studies.economics.laws import PRICES
    from sim.views.style import style

    title, across, up, said = TEXTS[lang]
    with style(lang):
        figure = Figure(figsize=(12.5, 10.0), layout="constrained")
        axes = figure.subplots(4, 5, sharex=True, sharey=True)
        for ax in axes.flat[len(found):]:
            ax.axis("off")
        for ax, (english, chinese, units, elastic) in zip(axes.flat, found.values(), strict=False):
            most = max(*units, 1.0)
            ax.plot(PRICES, [unit / most for unit in units], marker="o", markersize=3, color="#0072B2")
            ax.axvline(1.0, color="0.6", linewidth=0.8)
            ax.set_xscale("log")
            name = textwrap.fill(english, 28) if lang == "en" else chinese
            ax.set_title(f"{name}\n{said} {elastic:+.1f}", fontsize=9)
            ax.set_ylim(0.0, 1.1)
        own = PRICES.index(1.0)
        falling = sum(
            all(after < before or before == after == 0.0 for before, after in itertools.pairwise(units[own:]))
            for _english, _chinese, units, _elastic in found.values())
        figure.suptitle(title.format(falling=falling, all=len(found)))
        figure.supxlabel(across)
        figure.supylabel(up)
        figure.canvas.draw()
    return figure


def main() -> None:
    """Run the scenarios and draw both languages."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--persons", type=int, default=4000)
    given.add_argument("--seeds", type=int, default=5)
    options = given.parse_args()
    found = curves(options.persons, options.seeds)
    for name, (_english, _chinese, units, elastic) in found.items():
        print(name, [round(unit) for unit in units], f"{elastic:+.2f}")
    for lang in TEXTS:
        save(drawn(found, lang), HERE / f"demand-{lang}.png")


if __name__ == "__main__":
    main()
