"""Simulation-based calibration: does inference find what brought made-up data about?

Settings are drawn from the prior, data are made with them (a run with luck of its own, and an error of
measurement), and the settings are inferred. When inference is right, the rank of the truth among the
points of the posterior is even, and 90 % intervals hold it in 90 % of the cases (Talts et al. 2018).

    python -m tests.studies.inference.proving docs/pictures/ranks.png
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.studies.inference.posterior import Likelihood, sample
from sim.studies.inference.search import Runs, learn, shared_out
from sim.studies.inference.targets import Target

Array = Any


def toy(shares: Array, seeds: Array) -> Array:
    """Return a count, a share and a size: of four settings the last does nothing."""
    rows = []
    for (a, b, c, _nothing), seed in zip(shares, seeds, strict=True):
        luck = np.random.default_rng(int(seed)).standard_normal(3)
        rows.append([np.floor(50 * np.exp(2 * a + 0.3 * luck[0])),
                     1 / (1 + np.exp(-(4 * b - 2 + a + 0.3 * luck[1]))),
                     np.exp(1.5 * a * b + c + 0.2 * luck[2])])
    return np.array(rows)


TOY_BOUNDS = ((0.0, np.inf), (0.0, 1.0), (0.0, np.inf))


def observed(values: Sequence[float], errors: Sequence[float], rng: Any) -> list[Target]:
    """Return what somebody saw who measured with these errors."""
    return [Target(f"m{place}", seen, seen, error) for place, (value, error) in enumerate(
        zip(values, errors, strict=True)) for seen in [value + error * rng.standard_normal()]]


def ranks(
    simulate: Callable[[Array, Array], Array], dimensions: int,
    bounds: Sequence[tuple[float, float]], errors: Callable[[Array], Sequence[float]], *,
    runs: int, data_sets: int, particles: int = 300,
) -> tuple[Array, Array]:
    """Return for each data set and setting the rank of the truth, and whether 90 % hold it.

    The runs that teach the emulator are shared by all data sets; each data set has its own run.
    """
    from scipy.stats import qmc

    rng = np.random.default_rng(5)
    points = qmc.LatinHypercube(dimensions, rng=rng).random(runs)
    seeds = shared_out(runs)
    taught = Runs(points, seeds, simulate(points, seeds))
    dummy = [Target(f"m{place}", 0.5, 0.5, 0.1) for place in range(len(bounds))]
    likelihood, scales = learn(taught, dummy, bounds)
    truths = rng.random((data_sets, dimensions))
    made = simulate(truths, 1000 + np.arange(data_sets))
    places, held = [], []
    for number, (truth, values) in enumerate(zip(truths, made, strict=True)):
        if not np.isfinite(values).all():
            continue
        mine = Likelihood(likelihood.emulator, likelihood.basis,
                          observed(values, errors(values), rng), scales)
        found = sample(mine, dimensions, particles, number)
        places.append((found < truth).mean(axis=0))
        low, high = np.quantile(found, [0.05, 0.95], axis=0)
        held.append((low <= truth) & (truth <= high))
    return np.array(places), np.array(held)


MARKET = ("recruiting.approaches=1:9", "recruiting.base=-1:2", "leaving.base=0.005:0.035",
          "brand_awareness.seller_weight=0.3:3", "prospecting.mute=0.01:0.073")
MEASURES = ("sum(joins)", "sum(exits)", "sum(sell_through)", "muted_share at end",
            "awareness at end")


def market(persons: int, weeks: int) -> tuple[Callable[[Array, Array], Array], list[Any]]:
    """Return a small pyramid as a simulator on the unit cube, and the bounds of its measures."""
    import sim
    from sim.studies.measures import measure
    from sim.studies.plans import varied
    from sim.studies.searched import Searched

    scenario = sim.load("pyramid", {"persons": persons, "weeks": weeks})
    factors = [replace(factor, log=factor.low > 0) for factor in varied(scenario, MARKET)]
    read = [measure(text, weeks) for text in MEASURES]
    search = Searched(scenario, factors, read, None, workers=1)
    return search.values, [one.bounds for one in read]


def market_errors(values: Array) -> list[float]:
    """Return errors of measurement: a twentieth, of counts at least one."""
    return [max(1.0, 0.05 * value) for value in values[:3]] + [0.02, 0.02]


def picture(path: Path, panels: Sequence[tuple[str, Array]]) -> None:
    """Draw histograms of ranks, with the band in which 99 of 100 bars lie when they are even."""
    from matplotlib.figure import Figure
    from scipy.stats import binom

    bins = 10
    most = max(found.shape[1] for _title, found in panels)
    figure = Figure(figsize=(2.2 * most, 2.3 * len(panels)), layout="constrained")
    grid = figure.subplots(len(panels), most, squeeze=False, sharex=True)
    for axes, (title, found) in zip(grid, panels, strict=True):
        for place, ax in enumerate(axes):
            if place >= found.shape[1]:
                ax.set_axis_off()
                continue
            low, high = binom.ppf([0.005, 0.995], len(found), 1 / bins)
            ax.axhspan(low, high, color="#DDDDDD")
            ax.hist(found[:, place], bins=bins, range=(0, 1), color="#0072B2")
            ax.set_title(f"{title} {place + 1}", fontsize=9)
            ax.tick_params(labelsize=7)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    toys, held = ranks(toy, 4, TOY_BOUNDS, lambda values: (0.05 * values[0], 0.02, 0.1),
                       runs=300, data_sets=400)
    print("toy: 90 % intervals hold", held.mean(axis=0).round(3))
    simulate, limits = market(1000, 52)
    markets, held = ranks(simulate, 5, limits, market_errors, runs=400, data_sets=400)
    print("market: 90 % intervals hold", held.mean(axis=0).round(3))
    picture(Path(sys.argv[1]), [("toy, setting", toys), ("market, setting", markets)])
