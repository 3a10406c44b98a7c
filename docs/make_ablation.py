"""Write docs/ablation.md from fresh pairs: ``python docs/make_ablation.py`` (an hour on a quiet machine).

First each effect alone, then pairs of effects that work together according to the essays. Seeds start
at 101, because measures were chosen on lower ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("ablation.md")
HEAD = """# Ablation: what each effect changes

Written by `python docs/make_ablation.py` ({seeds} paired seeds from {first}, {persons:,} persons, the
weeks of each scenario). The rules that implement an effect declare the settings that switch it off
(`weishang describe effects`). Each effect is tried in the scenario where the essays expect it to matter;
runs with and without it share their seeds, so persons share their luck. *Share* is the change divided by
the larger of the two means; below 2 % the effect exists in name only. *Expected* is the sign of the change
when the effect is switched off; *agrees* says whether the 95 % interval of the paired change lies on that
side of zero and survives the correction for all rows (false discovery rate, 5 %). Money is in fen.

Read it with care: it shows that each effect does in the model what the essays say, not that it does so in
the world. Some rows are nearly true by construction (A11, B5, B9: without prosumers or asks nobody sells),
others are not (A2, A6, A12, A17, B1, B2, B7, B12: the effect passes through other persons).

"""
PAIRS = """
## Pairs: what two effects do together

`weishang ablate --pairs`. Two effects are switched off one at a time, and both at once. *Together* is the
change without both minus the sum of the changes without each, with its 95 % interval over the same seeds;
it is *clear* if the interval excludes zero and survives the correction for all rows.

| pair | what the essays say | scenario | measure | with both | without the first | without the second \
| without both | together, 95 % interval | clear |
|---|---|---|---|---|---|---|---|---|---|
"""
COLUMNS = ("id", "what the essays say", "scenario", "measure", "with", "without",
           "change, 95 % interval", "share", "expected", "agrees")


def line(row: dict[str, Any]) -> str:
    """Return the table's line of a row of `sim.ablate`."""
    share = "below 2 %" if row["small"] else f"{row['share']:.0%}"
    return (
        f"| {row['id']} | {row['claim']} | `{row['scenario']}` | `{row['measure']}` "
        f"| {row['with']:.4g} | {row['without']:.4g} "
        f"| {row['change']:+.4g} ({row['low']:.4g} .. {row['high']:.4g}) | {share} "
        f"| {row['expected']} | {row['agrees']} |\n")


def pair_line(row: dict[str, Any]) -> str:
    """Return the second table's line of a row of `sim.studies.ablation.ablate_pairs`."""
    return (
        f"| {row['first']} and {row['second']} | {row['claim']} | `{row['scenario']}` "
        f"| `{row['measure']}` | {row['with']:.4g} | {row['without_first']:+.4g} "
        f"| {row['without_second']:+.4g} | {row['without_both']:+.4g} "
        f"| {row['together']:+.4g} ({row['low']:.4g} .. {row['high']:.4g}) "
        f"| {'yes' if row['clear'] else 'no'} |\n")


def main() -> None:
    """Run the pairs and write the page."""
    from sim import ablate
    from sim.studies.ablation import ablate_pairs

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--persons", type=int, default=4000)
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    found = ablate(seeds=given.seeds, first_seed=given.first_seed, persons=given.persons,
                   workers=given.workers)
    head = HEAD.format(seeds=given.seeds, first=given.first_seed, persons=given.persons)
    head += f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n"
    pairs = ablate_pairs(seeds=given.seeds, first_seed=given.first_seed, persons=given.persons,
                         workers=given.workers)
    PAGE.write_text(
        head + "".join(line(row) for row in found.to_dict(orient="records"))
        + PAIRS + "".join(pair_line(row) for row in pairs.to_dict(orient="records")), "utf-8")


if __name__ == "__main__":
    main()
