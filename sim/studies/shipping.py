"""Makes the ensemble that comes with the package: both regimes fitted to the facts at once.

    python -m sim.studies.shipping                  # about an hour on two quiet cores
    python -m sim.studies.shipping --dry-run        # only the targets

A fact is a target where it can be read from a weekly table; the others stay predictions, against which
the ensemble can be judged. Interrupted, the command goes on where it was.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.kernel import np
from sim.runs.version import code_version
from sim.scenario.load import load
from sim.studies.calibrating import priors_of
from sim.studies.inference.reading import contradictions, learnt, tied
from sim.studies.inference.search import WAVES, infer
from sim.studies.inference.targets import Target
from sim.studies.measures import measure
from sim.studies.plans import Factor
from sim.studies.searched import Searched
from sim.studies.worlds import SHIPPED

__all__ = ["AIMS", "Aim", "main", "make"]

MONTHLY = 100 * 12 / 52
"""Fen a week for a yuan a month."""
CUSTOMERS = "(stage_customer at end + stage_user at end + stage_fan at end + stage_geek at end)"


@dataclass(frozen=True)
class Aim:
    """A fact as a target: a band of a measure in one of the scenarios."""

    fact: str
    scenario: str
    measure: str
    low: float
    high: float
    source: str


def aims(persons: int) -> tuple[Aim, ...]:
    """Return the facts that are targets; counts are for a market of this size."""
    return (
        Aim("how many sell", "pyramid", "max(resellers_active)", 0.005 * persons, 0.06 * persons,
            "about 2 % of a platform's users in 2015; a factor of three either way"),
        Aim("S1", "pyramid", "loss_share at end", 0.70, np.inf, "AARP Foundation 2018"),
        Aim("S2", "pyramid", "recruiting_share at end", 0.80, np.inf,
            "FTC v. Fortune Hi-Tech 2014: 81 %"),
        # 40-60 % leave within a year: a hazard of .51 to .92 a year.
        Aim("S3", "pyramid", "52 * sum(exits) / sum(resellers_active)", 0.51, 0.92,
            "Herbalife complaint 2016"),
        Aim("S5b", "pyramid", "min(price_street_min from week 53 to 104)", -np.inf, 15_000,
            "LuLaRoe; Li Ning: clearance below wholesale (150 yuan)"),
        Aim("S9", "pyramid", "sum(revenue_retail) / sum(resellers_active)", 500 * MONTHLY,
            5000 * MONTHLY, "industry totals; 韩束: 500-5,000 yuan a month"),
        Aim("S13", "prosumer", f"stage_geek at end / {CUSTOMERS}", 0.005, 0.02,
            "Nielsen 2006: about 1 %"),
        Aim("S13b", "prosumer", f"stage_fan at end / {CUSTOMERS}", 0.05, 0.15,
            "Nielsen 2006: about 9 %"),
    )


AIMS = aims(20_000)
PREDICTIONS = ("S3b", "S4", "S5", "S7", "S10", "S10b", "S11", "S11b", "S12", "S14")
"""Facts that no target uses."""


def make(
    *, persons: int = 12_000, budget: int = 600, worlds: int = 200, workers: int | None = None,
    folder: Path = SHIPPED.parent, log: Path = Path("results/shipping"), quiet: bool = False,
) -> dict[str, Any]:
    """Fit both regimes to the facts, write the table and where it comes from; return the latter."""
    import pandas as pd

    wanted = aims(persons)
    names = list(dict.fromkeys(one.scenario for one in wanted))
    scenarios = {name: load(name, {"persons": persons}) for name in names}
    factors = _shared([priors_of(scenario) for scenario in scenarios.values()])
    of = {name: [measure(one.measure, scenarios[name].weeks) for one in wanted
                 if one.scenario == name] for name in names}
    planned = len(names) * sum(round(part * budget) for part in WAVES)
    done = 0

    def tell(count: float, _planned: int) -> None:
        if not quiet and count == int(count) and int(count) % 50 == 0:
            print(f"{done + int(count)} of {planned} runs", file=sys.stderr, flush=True)

    log.mkdir(parents=True, exist_ok=True)
    searches = {name: Searched(scenarios[name], factors, of[name], log / f"{name}.jsonl",
                               workers=workers, progress=tell) for name in names}

    def simulate(shares: Any, seeds: Any) -> Any:
        return np.hstack([searches[name].values(shares, seeds) for name in names])

    targets = [Target(f"{one.fact} ({one.scenario})", one.low, one.high)
               for name in names for one in wanted if one.scenario == name]
    try:
        found = infer(simulate, len(factors), targets,
                      [one.bounds for name in names for one in of[name]], budget=budget)
    finally:
        for search in searches.values():
            search.__exit__()
    rows = [[_short(factor, share) for factor, share in zip(factors, row, strict=True)]
            for row in found.worlds(worlds)]
    chance, against = contradictions(found.likelihood, found.shares)
    table = pd.DataFrame(rows, columns=[factor.key for factor in factors])
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / SHIPPED.name, index=False, lineterminator="\n")
    about = {
        "made": datetime.date.today().isoformat(), "commit": _commit(), "code": code_version(),
        "persons": persons, "runs": len(names) * len(found.runs.shares), "worlds": len(rows),
        "scenarios": names,
        "targets": [{"fact": one.fact, "scenario": one.scenario, "measure": one.measure,
                     "low": _finite(one.low), "high": _finite(one.high), "source": one.source}
                    for one in wanted],
        "predictions": list(PREDICTIONS),
        "learnt": {factor.key: round(max(0.0, float(share)), 2) for factor, share in
                   zip(factors, learnt(found.shares), strict=True)},
        "together": [[factors[a].key, factors[b].key, round(alike, 2)]
                     for a, b, alike in tied(found.shares)],
        "chance": chance, "contradicting": against, "covered": round(found.covered, 3),
        "in_band": _in_band(found, wanted, names),
    }
    (folder / f"{SHIPPED.stem}.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return about


def _in_band(found: Any, wanted: Sequence[Aim], names: Sequence[str]) -> dict[str, float]:
    """Return for each target the share of the last wave's plausible runs that lie in its band."""
    ordered = [one for name in names for one in wanted if one.scenario == name]
    count = round(WAVES[-1] * sum(1 for _seed in found.runs.seeds))
    last = found.runs.values[-count:][: round(0.8 * count)]
    return {one.fact: round(float(np.mean((column >= one.low) & (column <= one.high))), 2)
            for one, column in zip(ordered, last.T, strict=True)}


def _shared(found: Sequence[Sequence[Factor]]) -> tuple[Factor, ...]:
    """Return the settings that no scenario states itself."""
    keys = set.intersection(*({factor.key for factor in one} for one in found))
    return tuple(factor for factor in found[0] if factor.key in keys)


def _short(factor: Factor, share: Any) -> Any:
    value = factor.at(min(float(share), 1.0 - 1e-12))
    return value if isinstance(value, int) else float(f"{value:.4g}")


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _commit() -> str:
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True,
                              cwd=Path(__file__).parent)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the ensemble, or only list its targets."""
    parser = argparse.ArgumentParser(prog="python -m sim.studies.shipping")
    parser.add_argument("--persons", type=int, default=12_000)
    parser.add_argument("--budget", type=int, default=600, help="points, each run in both regimes")
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--folder", type=Path, default=SHIPPED.parent)
    parser.add_argument("--log", type=Path, default=Path("results/shipping"))
    parser.add_argument("--dry-run", action="store_true")
    given = parser.parse_args(arguments)
    if given.dry_run:
        for one in aims(given.persons):
            print(f"{one.fact:14} {one.scenario:9} {one.low:10.4g} {one.high:10.4g}  {one.measure}")
        return
    made = make(persons=given.persons, budget=given.budget, worlds=given.worlds,
                workers=given.workers, folder=given.folder, log=given.log)
    print(json.dumps(made, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
