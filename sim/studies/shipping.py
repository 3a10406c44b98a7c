"""Makes the ensemble that is shipped with the package: both regimes are fitted to the facts together.

    python -m sim.studies.shipping                  # a quarter of an hour on two quiet cores
    python -m sim.studies.shipping --dry-run        # only the targets

Facts that a weekly table shows are targets; the others remain predictions, by which the ensemble can be
judged. After an interruption, the command goes on from where it was.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.kernel import np
from sim.runs.many import Progress
from sim.runs.version import code_version
from sim.scenario.load import load
from sim.studies.calibrating import priors_of
from sim.studies.inference.reading import contradictions, learnt, tied
from sim.studies.inference.search import WAVES, infer
from sim.studies.inference.targets import Target
from sim.studies.measures import Measure, measure
from sim.studies.plans import Factor
from sim.studies.searched import Searched
from sim.studies.worlds import SHIPPED

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario

__all__ = ["AIMS", "Aim", "main", "make"]

MONTHLY = 100 * 12 / 52
"""Fen per week in one yuan per month."""
CUSTOMERS = "(stage_customer at end + stage_user at end + stage_fan at end + stage_geek at end)"


@dataclass(frozen=True)
class Pair:
    """Two runs with the same luck, in which a setting is multiplied by two factors.

    The number is the logarithm of the ratio of the measure in the two runs; for an elasticity it is divided
    by the logarithm of the ratio of the factors.
    """

    setting: str
    first: float
    second: float
    elasticity: bool = False


class Run(NamedTuple):
    """A scenario, unchanged or with one setting multiplied by a factor."""

    scenario: str
    setting: str = ""
    times: float = 1.0

    @property
    def name(self) -> str:
        """Name of its log."""
        return f"{self.scenario}-{self.setting}-{self.times:g}" if self.setting else self.scenario

    def load(self, persons: int) -> Scenario:
        """Return the scenario for a market of this size."""
        plain = load(self.scenario, {"persons": persons})
        if not self.setting:
            return plain
        # A factor of zero also switches off a setting that follows another one.
        value = attrgetter(self.setting)(plain) * self.times if self.times else 0.0
        return load(self.scenario, {"persons": persons, self.setting: value})


@dataclass(frozen=True)
class Aim:
    """A fact as a target: a band for a measure of a scenario, or for a pair of its runs."""

    fact: str
    scenario: str
    measure: str
    low: float
    high: float
    source: str
    pair: Pair | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that the number needs."""
        if self.pair is None:
            return (Run(self.scenario),)
        return tuple(Run(self.scenario, self.pair.setting if times != 1.0 else "", times)
                     for times in (self.pair.first, self.pair.second))

    def number(self, seen: Sequence[Any]) -> np.ndarray:
        """Return the number at each point, given the measure in each of the runs."""
        if self.pair is None:
            return seen[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log(seen[0] / seen[1])
            found = np.where(np.isfinite(found), found, np.nan)
        return found / np.log(self.pair.first / self.pair.second) if self.pair.elasticity else found


def aims(persons: int) -> tuple[Aim, ...]:
    """Return the facts that are targets; counts are for a market of this size."""
    return (
        Aim("how many sell", "pyramid", "max(resellers_active)", 0.005 * persons, 0.06 * persons,
            "about 2 % of a platform's users in 2015; a factor of three either way"),
        Aim("S1", "pyramid", "loss_share at end", 0.70, np.inf, "AARP Foundation 2018"),
        Aim("S2", "pyramid", "recruiting_share at end", 0.80, np.inf,
            "FTC v. Fortune Hi-Tech 2014: 81 %"),
        Aim("S3", "pyramid", "left_within(52)", 0.40, 0.60, "Herbalife complaint 2016"),
        # No figure is published. Reseller markets of products passed their peak within about two years and
        # collapsed within months; a pyramid that still grows at the end of a run is not complete.
        Aim("bust", "pyramid", "resellers_active at end / max(resellers_active)", 0.1, 0.6,
            "LuLaRoe: 80,000 consultants late in 2017, \"tens of thousands\" a year on; a shape, no figure"),
        Aim("S5b", "pyramid", "min(price_street_min from week 53 to 104)", -np.inf, 15_000,
            "LuLaRoe; Li Ning: clearance below wholesale (150 yuan)"),
        Aim("S9", "pyramid", "sum(revenue_retail) / sum(resellers_active)", 500 * MONTHLY,
            5000 * MONTHLY, "industry totals; 韩束: 500-5,000 yuan a month"),
        # Nobody has measured an upper limit, but Muji's loop multiplied sales by less than this.
        Aim("S12", "prosumer", "sum(sell_through from week 53 to 104)", math.log(1.2), math.log(5.0),
            "Muji 3-5 x; Lilien et al. 2002: 1.2-5 x, as logarithm",
            Pair("controls.feedback_product", 1.0, 0.0)),
        Aim("S15", "prosumer", "sum(sell_through)", -3.5, -1.8, "Bijmolt et al. 2005: -2.6",
            Pair("offer.list_price", 1.1, 0.9, elasticity=True)),
        Aim("S13", "prosumer", f"stage_geek at end / {CUSTOMERS}", 0.005, 0.02,
            "Nielsen 2006: about 1 %"),
        Aim("S13b", "prosumer", f"stage_fan at end / {CUSTOMERS}", 0.05, 0.15,
            "Nielsen 2006: about 9 %"),
    )


SIZE = 16.0
"""Least ratio of the markets that facts describe to those of the runs: luck averages out in the former."""
AIMS = aims(20_000)
PREDICTIONS = ("S3b", "S4", "S5", "S7", "S10", "S10b", "S11", "S11b", "S14", "S15b", "S16", "S16b",
               "S17", "S18")
"""Facts that no target uses."""


def make(
    *, persons: int = 12_000, budget: int = 900, worlds: int = 200, workers: int | None = None,
    folder: Path = SHIPPED.parent, log: Path = Path("results/shipping"), quiet: bool = False,
) -> Data:
    """Fit both regimes to the facts, write the ensemble and its provenance, and return the provenance."""
    import pandas as pd

    wanted = aims(persons)
    names = list(dict.fromkeys(one.scenario for one in wanted))
    runs = list(dict.fromkeys(run for one in wanted for run in one.runs))
    scenarios = {run: run.load(persons) for run in runs}
    open_in = {name: priors_of(scenarios[Run(name)]) for name in names}
    factors = tuple({factor.key: factor for one in open_in.values() for factor in one}.values())
    # A setting has one value in all scenarios, except those that state it themselves or by their regime.
    taken = {name: [factor in one for factor in factors] for name, one in open_in.items()}
    of = {run: list({one.measure: measure(one.measure, scenarios[run].weeks) for one in wanted
                     if run in one.runs}.values()) for run in runs}
    planned = sum(round(part * budget) for part in WAVES)

    def teller(run: Run) -> Progress:
        def tell(count: float, _planned: int) -> None:
            if not quiet and count == int(count) and int(count) % 50 == 0:
                print(f"{run.name}: {int(count)} of {planned} runs", file=sys.stderr, flush=True)

        return tell

    log.mkdir(parents=True, exist_ok=True)
    searches = {run: Searched(scenarios[run], list(itertools.compress(factors, taken[run.scenario])), of[run],
                              log / f"{run.name}.jsonl", workers=workers, progress=teller(run))
                for run in runs}

    def simulate(shares: np.ndarray, seeds: object) -> np.ndarray:
        seen = {(run, one.text): column for run in runs for one, column in zip(
            of[run], searches[run].values(shares[:, taken[run.scenario]], seeds).T, strict=True)}
        return np.stack([one.number([seen[run, one.measure] for run in one.runs])
                         for one in wanted], axis=1)

    targets = [Target(f"{one.fact} ({one.scenario})", one.low, one.high) for one in wanted]
    try:
        found = infer(simulate, len(factors), targets, [_bounds(one, of) for one in wanted],
                      budget=budget, size=SIZE)
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
        "persons": persons, "runs": len(runs) * len(found.runs.shares), "worlds": len(rows),
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
        "in_band": _in_band(found, wanted),
    }
    (folder / f"{SHIPPED.stem}.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return about


def _bounds(aim: Aim, of: Mapping[Run, Sequence[Measure]]) -> tuple[float, float]:
    """Return the smallest and largest possible number of a target."""
    if aim.pair is not None:
        return -math.inf, math.inf
    return next(one.bounds for one in of[Run(aim.scenario)] if one.text == aim.measure)


def _in_band(found: Any, wanted: Sequence[Aim]) -> dict[str, float]:
    """Return for each target the share of the last wave's plausible runs that lie in its band."""
    count = round(WAVES[-1] * sum(1 for _seed in found.runs.seeds))
    last = found.runs.values[-count:][: round(0.8 * count)]
    return {one.fact: round(float(np.mean((column >= one.low) & (column <= one.high))), 2)
            for one, column in zip(wanted, last.T, strict=True)}


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
    parser.add_argument("--budget", type=int, default=900, help="points, each run in both regimes")
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
