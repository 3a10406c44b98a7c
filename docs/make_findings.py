"""Write the figures of docs/findings.md from fresh pairs: ``python docs/make_findings.py`` (an hour).

What stands between ``from the runs`` and ``end`` is written; the rest is by hand. ``--persons`` and
``--seeds`` make it shorter; the page says which were taken.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("findings.md")

DIFFERENCES = (
    ("sell-through, four years, units", "sum(sell_through)"),
    ("sell-through, half-year to week 104, units", "sum(sell_through from week 79 to 104)"),
    ("sell-through, half-year to week 208, units", "sum(sell_through from week 183 to 208)"),
    ("shipped into the channel, four years, units", "sum(sell_in)"),
    ("most resellers at a time", "max(resellers_active)"),
    ("channel inventory, week 104, units", "inventory_channel at week 104"),
    ("exits of resellers, four years", "sum(exits)"),
    ("of all who ever joined, not in profit, week 208", "loss_share at week 208"),
    ("trust in the channel, week 208", "trust_mean at week 208"),
    ("ties that mute their seller, week 208", "muted_share at week 208"),
    ("satisfaction of buyers, week 208", "satisfaction_mean at week 208"),
    ("true quality, week 208", "quality_true at week 208"),
    ("consumer surplus, four years, yuan", "sum(consumer_surplus) / 100"),
    ("street price, week 104, yuan", "price_street_mean at week 104 / 100"),
    ("money of the brand, week 52, yuan", "sum(profit_brand from week 1 to 52) / 100"),
    ("money of the brand, week 104, yuan", "sum(profit_brand from week 1 to 104) / 100"),
    ("money of the brand, week 208, yuan", "sum(profit_brand from week 1 to 208) / 100"),
    ("word-of-mouth reproduction, most", "max(wom_reproduction)"),
)
FOUR: Mapping[str, Any] = {"weeks": 208}
CONTRADICTIONS = (
    ("a", "the 1.0 brand has earned more after a year, yuan", "short_horizon", {}, "prosumer",
     {"weeks": 52}, "sum(profit_brand) / 100"),
    ("b", "share of all who ever joined and do not profit", "benign_wholesale", {}, "pyramid", {},
     "loss_share at end"),
    ("c", "repeat purchases, share of the last half-year", "repeat_without_survival", {}, "prosumer",
     FOUR, "1 - sum(new_customers from week 183 to 208) / sum(sell_through from week 183 to 208)"),
    ("d", "a bad product sells, units: open against closed", "bad_product_open_information", {},
     "bad_product_open_information", {"controls.information_asymmetry": 0.9}, "sum(sell_through)"),
    ("e", "true quality in the end: crowds that know less against a firm that listens to nobody",
     "crowd_knows_less", {}, "crowd_knows_less", {"controls.feedback": 0.0}, "quality_true at end"),
)
TURN = (
    ("trust, two years after the turn", "trust_mean at week 156"),
    ("stock in the channel, two years after the turn, units", "inventory_channel at week 156"),
    ("sell-through in the fourth year, units", "sum(sell_through from week 157 to 208)"),
    ("money of the brand since the turn, yuan", "sum(profit_brand from week 53 to 208) / 100"),
)


def compared(
    rows: Sequence[tuple[str, str]], plans: Sequence[Any], seeds: int
) -> list[str]:
    """Return table lines: each measure under both plans, and the paired difference."""
    from sim.market.outputs import WEEKLY
    from sim.runs.many import run_many
    from sim.runs.statistics import paired
    from sim.scenario.expect import Figure

    units = {column.name: column.unit for column in WEEKLY}
    named = [plan.changed({"title": str(place)}) for place, plan in enumerate(plans)]
    runs = run_many(named, range(seeds), workers=1)
    figures = [Figure.parse(measure, units) for _, measure in rows]
    values: list[list[dict[int, float]]] = [[{} for _ in plans] for _ in rows]
    for run in runs.done:
        point, seed = runs.design.of_run(run)
        weekly = runs.table_of_run(run, "weekly")
        for place, figure in enumerate(figures):
            values[place][point][seed] = float(figure.value(weekly))
    lines = []
    for (words, _), (first, second) in zip(rows, values, strict=True):
        order = sorted(first)
        found = paired([first[seed] for seed in order], [second[seed] for seed in order])
        gap = found.difference
        lines.append(f"| {words} | {_said(found.baseline)} | {_said(found.other)} | "
                     f"{_said(gap.mean, sign=True)} ({_said(gap.low, sign=True)} .. "
                     f"{_said(gap.high, sign=True)}) |")
    return lines


def _said(value: float, *, sign: bool = False) -> str:
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 3
    return f"{value:{'+' if sign else ''},.{digits}f}"


def written(text: str, block: str, lines: Sequence[str]) -> str:
    """Return the page with a block renewed."""
    pattern = re.compile(rf"(<!-- from the runs: {block} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"{PAGE.name} has no block '{block}'")
    body = "\n".join(lines)
    return pattern.sub(lambda found: f"{found[1]}\n{body}\n\n{found[2]}", text)


def main() -> None:
    """Run the pairs and write the page."""
    import sim

    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--persons", type=int, default=20_000)
    given.add_argument("--seeds", type=int, default=30)
    options = given.parse_args()
    size = {"persons": options.persons}

    def plan(name: str, changes: Mapping[str, Any] = FOUR) -> Any:
        return sim.load(name, {**size, **changes})

    head = [f"{options.seeds} paired seeds, {options.persons:,} persons; intervals are of the paired "
            "difference, 95 %.", ""]
    columns = ["| measure | {} | {} | difference |", "|---|---|---|---|"]
    text = PAGE.read_text("utf-8")
    lines = compared(DIFFERENCES, [plan("pyramid"), plan("prosumer")], options.seeds)
    text = written(text, "differences", [*head, columns[0].format("1.0", "2.0"), columns[1], *lines])
    lines = compared(TURN, [plan("pyramid"), plan("transition")], options.seeds)
    text = written(
        text, "turn", [*head, columns[0].format("1.0 goes on", "transition"), columns[1], *lines])
    table = []
    for letter, words, name, changes, other, others, measure in CONTRADICTIONS:
        found = compared([(words, measure)], [plan(other, others), plan(name, changes)], options.seeds)
        table.append(f"| {letter} | `{name}` {found[0]}")
    text = written(text, "contradictions", [
        *head, "|  | scenario | measure | beside it | there | difference |",
        "|---|---|---|---|---|---|", *table])
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
