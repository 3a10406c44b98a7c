"""How many persons a market needs before what happens per person stands still.

``python -m benchmarks.standing_still`` runs the same plans with the same seeds in markets of growing
size, and prints means per person beside those of the largest one, and how far single seeds lie apart.
"""

from __future__ import annotations

import click
import numpy as np

import sim

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
MEASURES = ("sell_through", "joins", "profit_brand")
"""Weekly columns whose sum over the run is taken by person."""


def per_person(regime: str, persons: int, seeds: int) -> np.ndarray:
    """Return the measures by person, one row per seed."""
    runs = sim.run_many([sim.load(regime, {"persons": persons})], seeds)
    weekly = runs.table("weekly", list(MEASURES))
    return np.asarray(weekly.groupby("seed")[list(MEASURES)].sum()) / persons


@click.command()
@click.option("--seeds", default=10, help="Runs of each size.")
def main(seeds: int) -> None:
    """Print one line for each regime and size."""
    for regime in sim.REGIMES:
        found = {size: per_person(regime, size, seeds) for size in SIZES}
        largest = found[SIZES[-1]].mean(axis=0)
        for size, rows in found.items():
            told = [f"{name} {mean / large:5.2f} ± {spread / abs(large):.2f}" for name, mean, spread, large
                    in zip(MEASURES, rows.mean(axis=0), rows.std(axis=0, ddof=1), largest, strict=True)]
            click.echo(f"{regime:10} {size:8,}  " + "   ".join(told))


if __name__ == "__main__":
    main()
