"""Sensitivity: which settings a result depends on (Morris's screening, Sobol's indices)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import FailedError, UsageError, pip_install
from sim.runs.errors import EngineError
from sim.studies.answers import keep_answer
from sim.studies.measures import Measure, measure
from sim.studies.plans import Factor
from sim.studies.searching import Lab, folder_of, need_ranges, settings_of
from sim.studies.sharing import keep_table
from sim.texts import _
from sim.texts.numbers import said_gap

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from matplotlib.axes import Axes

    from sim.runs.many import EngineOptions
    from sim.runs.reading import Results
    from sim.scenario.schema import Scenario
    from sim.studies.running import Out

__all__ = ["Sensitivity", "asked_of", "sensitivity"]


@dataclass
class Sensitivity:
    """How much each setting moves a measure.

    Attributes
    ----------
    table
        One row per setting. Sobol: ``first`` (share of the variance it explains alone), ``total``
        (with its interactions), each with the half width of its interval. Morris: ``mean_effect``
        (mean absolute effect over the whole range, in the measure's unit) with the half width of
        its interval, ``spread`` (its standard deviation: interactions and curvature), and
        ``mean_change`` (mean of the effects with their signs).
    noise
        Share of the variance over the points that is luck, after averaging over the seeds.
    """

    measure: Measure
    method: str
    table: pd.DataFrame
    noise: float
    runs: int
    results: Results | None = None
    """The folder with all runs, if any."""

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences, the strongest setting first."""
        effect = "total" if self.method == "sobol" else "mean_effect"
        ordered = self.table.sort_values(effect, ascending=False)
        top, what = ordered.iloc[0], _(self.measure.label)
        sentences = [
            _("{what}: {key} moves it most.").format(what=what, key=top["setting"])
            if top[effect] - top[f"{effect}_half_width"] > 0 else
            _("{what}: nothing that was varied moves it beyond luck.").format(what=what)]
        for _place, row in ordered.iterrows():
            low = row[effect] - row[f"{effect}_half_width"]
            if not low > 0:
                sentences.append(_("{key}: no effect can be told.").format(key=row["setting"]))
            elif self.method == "sobol":
                sentences.append(_(
                    "{key}: {total}% of the variation, {first}% by itself (interval {low}% to "
                    "{high}%).").format(
                        key=row["setting"], total=f"{100 * row['total']:.0f}",
                        first=f"{100 * row['first']:.0f}", low=f"{100 * max(0, low):.0f}",
                        high=f"{100 * (2 * row[effect] - low):.0f}"))
            else:
                sentences.append(_moved(row).format(
                    key=row["setting"], effect=said_gap(row["mean_effect"], self.measure.unit),
                    spread=said_gap(row["spread"], self.measure.unit)))
        if self.method == "sobol" and (self.table["total_half_width"] > 0.2).any():
            sentences.append(_("The intervals are wide: take more samples."))
        sentences.append(_("Luck left after averaging the seeds: {noise}% of the variation; more "
                           "seeds lower it.").format(noise=f"{100 * self.noise:.0f}"))
        return sentences

    def plot(self, **options: Any) -> Axes:
        """Draw how much each setting moves the measure, the strongest on top; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "tornado", **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


ONE_WAY = 0.9
"""Share of its mean absolute effect that a setting moves a measure in one direction, to be told as one."""


def _moved(row: pd.Series) -> str:
    """Return the sentence on a setting: in which direction its upper end moves the measure."""
    change = row.get("mean_change")
    if change is None:  # written by an earlier version
        return _("{key}: moves it by {effect} on average over its range (spread {spread}).")
    if change >= ONE_WAY * row["mean_effect"]:
        return _("{key}: raising it over its range adds {effect} on average (spread {spread}).")
    if change <= -ONE_WAY * row["mean_effect"]:
        return _("{key}: raising it over its range takes away {effect} on average (spread {spread}).")
    return _("{key}: moves it by {effect} on average over its range, up here and down there (spread "
             "{spread}).")


def asked_of(
    scenario: Scenario, factors: Sequence[Factor], of: str, method: str, samples: int,
) -> tuple[tuple[Factor, ...], Measure]:
    """Return the ranges and the measure of a study.

    Raises
    ------
    UsageError
        When one of them, or the method, makes no sense.
    """
    if method not in ("morris", "sobol"):
        raise UsageError(_("the method is morris or sobol, not '{method}'").format(method=method))
    if method == "sobol" and samples & (samples - 1):
        raise UsageError(_("samples is a power of two for Sobol's indices, such as 64"))
    return need_ranges(factors), measure(of, scenario.weeks)


def sensitivity(
    scenario: Scenario,
    factors: Sequence[Factor],
    of: str,
    *,
    seeds: Iterable[int] = range(5),
    method: str = "morris",
    samples: int = 16,
    out: Out = None,
    **engine: Unpack[EngineOptions],
) -> Sensitivity:
    """Return how much each of `factors` moves the measure `of`.

    Parameters
    ----------
    samples
        Morris: trajectories, each of (settings + 1) points. Sobol: a power of two, each of
        (settings + 2) points.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.

    Raises
    ------
    UsageError
        For an unknown method or measure, or a setting without a range.
    FailedError
        When a point has no number.
    """
    import numpy as np
    import pandas as pd

    try:
        from SALib.analyze import morris as analyze_morris
        from SALib.analyze import sobol as analyze_sobol
        from SALib.sample import morris as sample_morris
        from SALib.sample import sobol as sample_sobol
    except ImportError:
        raise EngineError(_("this study needs SALib: {command}").format(
            command=pip_install("weishang[studies]"))) from None
    factors, read = asked_of(scenario, factors, of, method, samples)
    problem = {"num_vars": len(factors), "names": [factor.key for factor in factors],
               "bounds": [[0.0, 1.0]] * len(factors)}
    if method == "morris":
        shares = sample_morris.sample(problem, samples, num_levels=4, seed=1)
    else:
        shares = sample_sobol.sample(problem, samples, calc_second_order=False, seed=1)
    points = [settings_of(factors, row) for row in shares]
    seeds = tuple(seeds)
    study = {"kind": "sensitivity", "of": of, "method": method, "samples": samples,
             "ranges": [[factor.key, factor.low, factor.high, factor.log] for factor in factors]}
    folder = folder_of(out, scenario, factors, seeds, study)
    names = [factor.key for factor in factors]
    with Lab(scenario, names, seeds, [read], out=folder, study=study, **engine) as lab:
        tables = lab.measured(points)
        lived, gaps = lab.runs_lived, lab.gaps()
    results = lab.keep()
    values = np.array([table[of].mean() for table in tables])
    if not np.isfinite(values).all():
        raise FailedError(_("{gaps} Without them nothing can be said; take another measure or "
                            "narrower ranges.").format(gaps=" ".join(gaps)))
    within = np.mean([table[of].var(ddof=1) / table[of].count() for table in tables])
    noise = float(within / values.var(ddof=1)) if values.var(ddof=1) > 0 else 0.0
    if method == "morris":
        found = analyze_morris.analyze(problem, shares, values, num_levels=4, seed=1)
        columns = {"mean_effect": found["mu_star"], "mean_effect_half_width":
                   found["mu_star_conf"], "spread": found["sigma"], "mean_change": found["mu"]}
    elif values.var() == 0:
        nought = np.zeros(len(factors))
        columns = {name: nought for name in (
            "first", "first_half_width", "total", "total_half_width")}
    else:
        found = analyze_sobol.analyze(problem, values, calc_second_order=False, seed=1)
        columns = {"first": found["S1"], "first_half_width": found["S1_conf"],
                   "total": found["ST"], "total_half_width": found["ST_conf"]}
    table = pd.DataFrame({"setting": problem["names"], **columns})
    if results is not None:
        keep_table(results, "sensitivity.csv", table)
    told = Sensitivity(read, method, table, min(1.0, noise), lived, results)
    keep_answer(results, told)
    return told
