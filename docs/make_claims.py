"""Write which claims of the essays hold in plausible worlds: ``python docs/make_claims.py`` (an hour).

Renews the blocks ``worlds``, ``effects`` and ``fail`` of docs/findings.md and its pictures
docs/pictures/claims-en.png and -zh.png. Each seed lives in a world of the shipped ensemble; both plans
of a pair share world and luck.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from make_findings import PAGE, written

PICTURES = Path(__file__).parent / "pictures"
HORIZONS = (26, 52, 104, 208)
SURE = 0.9
"""Share of plausible worlds from which a claim counts as holding."""
BACK = 26
"""Weeks over which late figures are taken."""


@dataclass(frozen=True)
class Claim:
    """What the essays claim of 2.0 against 1.0, at each horizon."""

    who: str
    words: str
    chinese: str
    measure: str
    """A figure of the weekly table up to week `{week}`; or of the tiers: `top`, `bottom`."""
    sign: int
    """+1 when 2.0 should have more of it."""


CLAIMS = (
    Claim("brand", "the brand earns more", "品牌净赚更多",
          "sum(profit_brand from week 1 to {week})", 1),
    Claim("brand", "consumers buy more", "真实动销更多",
          "sum(sell_through from week 1 to {week})", 1),
    Claim("brand", "late sales are higher", "后期动销更高",
          "sum(sell_through from week {back} to {week})", 1),
    Claim("brand", "less stock lies in the channel", "渠道库存更少",
          "inventory_channel at week {week}", -1),
    Claim("top tier", "the top tier earns more a head", "最高级代理人均收入更高", "top", 1),
    Claim("bottom tier", "the bottom tier earns more a head", "最低级代理人均收入更高", "bottom", 1),
    Claim("resellers", "fewer of all who joined make no profit", "没赚到钱的代理占比更低",
          "loss_share at week {week}", -1),
    Claim("consumers", "trust is higher", "信任更高", "trust_mean at week {week}", 1),
    Claim("consumers", "buyers are more satisfied", "买家更满意",
          "satisfaction_mean at week {week}", 1),
    Claim("consumers", "consumers gain more from what they buy", "消费者剩余更多",
          "sum(consumer_surplus from week 1 to {week})", 1),
    Claim("consumers", "fewer ties mute their seller", "被屏蔽的关系更少",
          "muted_share at week {week}", -1),
    Claim("product", "the product is better", "产品更好", "quality_true at week {week}", 1),
)


def values(runs: Any, claim: Claim, week: int) -> tuple[list[float], list[float]]:
    """Return the measure of a claim in 1.0 and in 2.0, seed by seed."""
    from sim.market.outputs import WEEKLY
    from sim.scenario.expect import Figure

    found: list[dict[int, float]] = [{}, {}]
    for run in runs.done:
        point, seed = runs.design.of_run(run)
        if claim.measure in ("top", "bottom"):
            found[point][seed] = _a_head(runs.table_of_run(run, "tiers"), claim.measure, week)
            continue
        text = claim.measure.format(week=week, back=max(1, week - BACK + 1))
        figure = Figure.parse(text, {column.name: column.unit for column in WEEKLY})
        found[point][seed] = float(figure.value(runs.table_of_run(run, "weekly")))
    shared = sorted(found[0].keys() & found[1].keys())
    return [found[0][seed] for seed in shared], [found[1][seed] for seed in shared]


def _a_head(tiers: Any, which: str, week: int) -> float:
    """Return what the active of the top or the bottom populated rung have earned so far, in fen a head."""
    here = tiers[(tiers["week"] == week) & (tiers["resellers"] > 0)]
    if not len(here):
        return math.nan
    row = here.loc[here["tier"].idxmin() if which == "top" else here["tier"].idxmax()]
    return float((row["own_retail_margin"] + row["upline_payments"]) / row["resellers"])


def shares(
    runs: Any, worlds: Any, weeks: Sequence[int]
) -> list[tuple[Claim, list[tuple[float, int]], str]]:
    """Return for each claim in how many worlds it holds at each horizon, and what decides the last."""
    from sim.studies.splitting import split

    found = []
    for claim in CLAIMS:
        cells, decides = [], ""
        for week in weeks:
            first, second = values(runs, claim, week)
            holds = [(b - a) * claim.sign > 0 for a, b in zip(first, second, strict=True)
                     if a == a and b == b]
            cells.append((sum(holds) / len(holds) if holds else math.nan, len(holds)))
            if week == weeks[-1] and len(holds) == len(worlds.rows):
                cut = split(worlds.keys, worlds.rows, holds)
                decides = "" if cut is None else (
                    f"`{cut.key}`: {cut.below:.0%} up to {cut.value:.3g}, {cut.above:.0%} above")
        found.append((claim, cells, decides))
    return found


def drawn(found: Sequence[tuple[Claim, list[tuple[float, int]], str]], weeks: Sequence[int],
          lang: str) -> Any:
    """Return the table of shares as a picture: orange where 2.0 is ahead, purple where 1.0 is."""
    from matplotlib.figure import Figure

    from sim.views.style import style

    years = {"en": {26: "half a year", 52: "a year", 104: "two years", 208: "four years"},
             "zh": {26: "半年", 52: "一年", 104: "两年", 208: "四年"}}[lang]
    sure = sum(cells[-1][0] >= SURE for _claim, cells, _cut in found)
    title = {"en": f"After four years {sure} of {len(found)} claims for 2.0 hold in at least nine of ten "
                   "plausible worlds",
             "zh": f"四年后，2.0 的 {len(found)} 条主张中有 {sure} 条在至少九成的合理世界里成立"}[lang]
    under = {"en": f"share of {found[0][1][0][1]} plausible worlds in which 2.0 is ahead of 1.0",
             "zh": f"2.0 好于 1.0 的合理世界占比，共 {found[0][1][0][1]} 个世界"}[lang]
    with style(lang):
        figure = Figure(figsize=(8.6, 5.4), layout="constrained")
        axes = figure.subplots()
        grid = [[cell[0] for cell in cells] for _claim, cells, _cut in found]
        axes.imshow(grid, cmap="PuOr_r", vmin=0, vmax=1, aspect="auto")
        for row, line in enumerate(grid):
            for column, share in enumerate(line):
                axes.text(column, row, "-" if share != share else f"{share:.0%}", ha="center", va="center",
                          color="white" if share == share and abs(share - 0.5) > 0.35 else "black")
        axes.set_xticks(range(len(weeks)), [years[week] for week in weeks])
        axes.set_yticks(range(len(found)), [
            claim.words if lang == "en" else claim.chinese for claim, _cells, _cut in found])
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
        figure.suptitle(title, x=0.01, ha="left", wrap=True)
        axes.set_title(under, loc="left", fontsize="medium")
    return figure


def main() -> None:
    """Run the worlds and write the page."""
    import sim
    from sim.runs.design import Design
    from sim.runs.many import run_many
    from sim.studies.worlds import worlds_from

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--persons", type=int, default=4000)
    parser.add_argument("--from", dest="fit", help="a fit instead of the shipped ensemble")
    given = parser.parse_args()
    worlds = worlds_from(given.worlds, given.fit)
    assert worlds is not None
    plans = [sim.load(name, {"persons": given.persons, "weeks": HORIZONS[-1]})
             for name in ("pyramid", "prosumer")]
    runs = run_many(Design.of(plans, range(given.worlds), worlds=worlds))
    found = shares(runs, worlds, HORIZONS)
    head = [f"{given.worlds} plausible worlds, {given.persons:,} persons; 1.0 and 2.0 share world and luck. "
            "Of a share near 90 % the 95 % interval is about six points either way, near 50 % ten.", ""]
    lines = [*head, "| who | 2.0 against 1.0 | half a year | a year | two years | four years | "
             "what decides it after four years |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {claim.who} | {claim.words} | " + " | ".join(
        "-" if share != share else f"{share:.0%}" for share, _count in cells)
        + f" | {decides} |" for claim, cells, decides in found]
    text = written(PAGE.read_text("utf-8"), "worlds", lines)
    PAGE.write_text(text, "utf-8")
    for lang in ("en", "zh"):
        drawn(found, HORIZONS, lang).savefig(PICTURES / f"claims-{lang}.png", dpi=110)

    effects = sim.ablate(seeds=given.worlds, first_seed=0, persons=given.persons, worlds=worlds)
    lines = [*head, "| effect | what the essays say | scenario | holds in | change of the measure |",
             "|---|---|---|---|---|"]
    lines += [f"| {row['id']} | {row['claim']} | `{row['scenario']}` | {row['holding']:.0%} | "
              f"{row['share']:.0%} of `{row['measure']}` |" for row in effects.to_dict("records")]
    text = written(PAGE.read_text("utf-8"), "effects", lines)

    weak = [f"| {claim.who} | {claim.words}, after four years | {cells[-1][0]:.0%} | {decides} |"
            for claim, cells, decides in found if not cells[-1][0] >= SURE]
    weak += [f"| {row['id']} | {row['claim']} (`{row['scenario']}`) | {row['holding']:.0%} |  |"
             for row in effects.to_dict("records") if not row["holding"] >= SURE]
    text = written(text, "fail", [
        "| who or effect | claim | holds in | what decides it |", "|---|---|---|---|", *weak])
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
