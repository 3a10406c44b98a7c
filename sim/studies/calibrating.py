"""Calibration: the settings that could have produced the data, as an ensemble of worlds.

Priors (declared with the parameters, or given as ranges) and targets (figures, bands, series) lead to
worlds that are all equally plausible. These are run with fresh seeds into a results folder: the fit
shows runs of the model, not of the emulator that found them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.design import Design, canonical
from sim.runs.errors import EngineError
from sim.runs.folder import run_into
from sim.runs.many import TIMEOUT, Progress, run_many
from sim.runs.results import Runs
from sim.runs.version import code_version
from sim.runs.worlds import Worlds
from sim.studies.history_fit import Backtest, backtest, span_of, targets_of_history
from sim.studies.inference.reading import contradictions, learnt, tied
from sim.studies.inference.search import SEEDS, WAVES, Posterior, infer
from sim.studies.inference.targets import Target
from sim.studies.measures import Measure, measure, table_of
from sim.studies.plans import Factor
from sim.studies.searched import Searched
from sim.studies.searching import need_ranges
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.kernel.plain import Data
    from sim.runs.reading import Results
    from sim.scenario.history_files import History
    from sim.scenario.schema import Scenario

__all__ = ["Fit", "calibrate", "default_folder", "priors_of"]


@dataclass
class Fit:
    """The worlds that are plausible given the data.

    Attributes
    ----------
    ensemble
        One row per world: ``weight`` and one column per setting.
    table
        One row per target: its value, and that of the worlds (mean, 90 % band); ``met`` says whether
        the band, widened by the error of the figure, includes the target.
    learnt
        One row per setting: its prior, its median and 90 % interval, the share of the prior variance
        that the data removed.
    together
        Pairs of settings that the data determine only together, with their correlation.
    chance
        How likely so large a misfit is if the settings are right.
    contradicting
        Targets that no plausible setting meets together.
    covered
        Share of the later runs that lay in the 90 % bands predicted for them.
    runs
        Runs of the worlds with fresh seeds: a results folder, or in memory.
    history
        The history that was fitted, if any.
    backtest
        How well the last quarter of that history would have been predicted from the earlier part.
    left_out
        Figures of the history that too few runs have: nothing could be learnt from them.
    """

    scenario: Scenario
    posterior: Posterior
    measures: tuple[Measure, ...]
    targets: tuple[Target, ...]
    ensemble: pd.DataFrame
    table: pd.DataFrame
    learnt: pd.DataFrame
    together: list[tuple[str, str, float]]
    chance: float
    contradicting: list[str]
    covered: float
    runs: Runs
    searched: pd.DataFrame
    failed: Mapping[str, int]
    history: History | None = None
    backtest: Backtest | None = None
    left_out: tuple[Target, ...] = ()

    @property
    def settings(self) -> Data:
        """The median of each setting over the worlds."""
        return {row["setting"]: row["median"] for row in self.learnt.to_dict("records")}

    @property
    def worlds(self) -> Worlds:
        """The ensemble, for other studies: `sim.compare(..., worlds=fit.worlds)`."""
        return worlds_of(self.ensemble, _("fitted to {count} targets").format(
            count=len(self.targets)))

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        from sim.studies.calibrated import sentences

        return sentences(self)

    def plot(self, what: str = "posterior") -> Figure:
        """Draw ``posterior`` (pairs of settings), ``fit`` (data and worlds) or ``learnt``."""
        from sim.faces import plot_fit

        return plot_fit(self, what)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def priors_of(scenario: Scenario, keys: Iterable[str] | None = None) -> tuple[Factor, ...]:
    """Return the prior ranges of a scenario's parameters.

    Settings that the scenario states are known and not fitted, unless `keys` include them.

    Raises
    ------
    UsageError
        For a key without a prior.
    """
    from sim.runs.worlds import stated
    from sim.scenario.manual import settings

    known = {row["name"]: row["prior"] for row in settings(model=type(scenario)) if row["prior"]}
    wanted = list(keys) if keys is not None else [
        name for name in known if name not in stated(scenario) and _acts(scenario, name)]
    missing = [key for key in wanted if key not in known]
    if missing:
        raise UsageError(_(
            "{key} has no prior; give a range, such as --vary {key}=A:B (`weishang describe priors` "
            "lists those that have one)").format(key=missing[0]))
    return tuple(Factor(name, (), known[name]["low"], known[name]["high"], known[name]["log"])
                 for name in wanted)


def _acts(scenario: Scenario, name: str) -> bool:
    """Return whether the rule of this parameter takes part in the scenario's week."""
    section = getattr(scenario, name.split(".")[0], None)
    return not getattr(section, "dial", "") or section.takes_part  # type: ignore[union-attr]


def worlds_of(ensemble: pd.DataFrame, source: str, *, insist: bool = False) -> Worlds:
    """Return the worlds of an ensemble, repeated according to their weights."""
    keys = tuple(name for name in ensemble.columns if name not in ("world", "weight"))
    return Worlds(keys, tuple(ensemble[list(keys)].itertuples(index=False, name=None)), source,
                  insist)


def default_folder(
    scenario: Scenario, factors: Sequence[Factor], targets: Sequence[Target], budget: int, worlds: int,
    first_seed: int,
) -> Path:
    """Return the folder of a fit; the same command finds it again."""
    design = Design.of(scenario, 1)
    plain = [design.digest, [[one.key, one.low, one.high, one.log] for one in factors],
             _study(targets), budget, worlds, first_seed, code_version()]
    digest = hashlib.sha256(canonical(plain).encode()).hexdigest()[:8]
    return Path("results") / f"{design.names[0]}-fit-{digest}"


def calibrate(
    scenario: Scenario, factors: Sequence[Factor] = (), targets: Sequence[Target] = (), *,
    history: History | None = None, first_seed: int = 0, budget: int = 400, worlds: int = 200,
    out: str | os.PathLike[str] | None = None, executor: Executor | None = None,
    workers: int | None = None, timeout: float = TIMEOUT, progress: Progress | None = None,
) -> Fit:
    """Return the worlds that could have produced the targets.

    Parameters
    ----------
    factors
        Settings and their prior ranges; by default all parameters of the scenario that have a prior.
    targets
        What was observed.
    history
        Observed series; runs are as long as these.
    first_seed
        First seed. Seeds are not fitted: the luck behind the data cannot be known.
    budget
        Runs of the search: half from the priors, the rest from what is plausible by then.
    worlds
        Worlds of the ensemble, each run once more with a fresh seed.
    out
        Folder for the fit; without it the fit stays in memory. An interrupted search goes on.

    Raises
    ------
    UsageError
        Without a setting or a target.
    FailedError
        When a measure has a number in too few runs.
    """
    import pandas as pd

    if importlib.util.find_spec("sklearn") is None:
        raise EngineError(_("this study needs scikit-learn: pip install 'weishang[studies]'"))
    factors = need_ranges(factors or priors_of(scenario))
    if history is not None:
        scenario = span_of(scenario, history)
        targets = (*targets, *targets_of_history(history))
    if not targets:
        raise UsageError(_("there is no target; write --target 'loss_share at end = 70%'"))
    names = [one.name for one in targets]
    if len(set(names)) < len(names):
        raise UsageError(_("a measure appears twice"))
    read = tuple(measure(name, scenario.weeks) for name in names)
    planned = sum(round(part * budget) for part in WAVES) + worlds
    engine: Data = {"executor": executor, "workers": workers, "timeout": timeout}
    log = None if out is None else Path(out).with_name(f"{Path(out).name}.search.jsonl")
    with Searched(scenario, factors, read, log, progress=progress, planned=planned,
                  **engine) as search:
        series = set() if history is None else {one.measure for one in history.observations}
        found = infer(search.values, len(factors), targets, [one.bounds for one in read],
                      budget=budget, first_seed=first_seed, optional=[name in series for name in names])
        left_out = [targets[place] for place in range(len(targets)) if place not in set(found.kept)]
        targets, read = [targets[place] for place in found.kept], tuple(read[place] for place in found.kept)
        names = [one.name for one in targets]
        lived, failed = search.count, dict(search.failed)
    keys = [factor.key for factor in factors]
    rows = [tuple(factor.at(min(float(share), 1.0 - 1e-12)) for factor, share in
                  zip(factors, row, strict=True)) for row in found.worlds(worlds)]
    ensemble = pd.DataFrame(rows, columns=keys)
    ensemble.insert(0, "weight", 1.0 / len(rows))

    def tell(done: float, _planned: int) -> None:
        if progress is not None:
            progress(lived + done, lived + len(rows))

    seeds = range(first_seed + SEEDS * len(WAVES), first_seed + SEEDS * len(WAVES) + len(rows))
    design = Design.of(scenario, seeds, study={"calibrate": _study(targets)},
                       worlds=worlds_of(ensemble, "calibrate", insist=True))
    runs: Runs = run_many(design, progress=tell, **engine) if out is None else run_into(
        design, out=out, progress=tell, **engine)
    chance, against = contradictions(found.likelihood, found.shares)
    fit = Fit(
        scenario, found, read, tuple(targets), ensemble, _table(runs, read, targets),
        _learnt(factors, ensemble, found), [
            (keys[a], keys[b], together) for a, b, together in tied(found.shares)],
        chance, against, found.covered, runs, _searched(keys, factors, found, names),
        {reason: count for reason, count in failed.items()}, history,
        None if history is None else backtest(found, targets, [one.bounds for one in read], history),
        tuple(left_out))
    if out is not None:
        from sim.studies.calibrated import publish

        publish(fit, cast("Results", runs))
        if log is not None:
            log.unlink(missing_ok=True)
    return fit


def _study(targets: Sequence[Target]) -> list[Data]:
    return [{"measure": one.name, "low": one.low, "high": one.high, "error": one.error}
            for one in targets]


def _table(
    runs: Runs, read: Sequence[Measure], targets: Sequence[Target]
) -> pd.DataFrame:
    """Return the worlds' values next to the observed ones."""
    import pandas as pd

    values = table_of(runs, read)
    rows = []
    for one, target in zip(read, targets, strict=True):
        numbers = values[one.text].dropna().to_numpy(float)
        low, high = np.quantile(numbers, [0.05, 0.95]) if len(numbers) else (np.nan, np.nan)
        room = 1.645 * target.error
        rows.append({
            "measure": one.text, "unit": one.unit, "wanted": target.low, "to": target.high,
            "error": target.error, "reached": float(np.mean(numbers)) if len(numbers) else np.nan,
            "low": float(low), "high": float(high), "series": target.group,
            "without_number": len(values) - len(numbers),
            "met": bool(low - room <= target.high and high + room >= target.low)})
    return pd.DataFrame(rows)


def _learnt(
    factors: Sequence[Factor], ensemble: pd.DataFrame, found: Posterior
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for factor, share in zip(factors, learnt(found.shares), strict=True):
        ends = np.quantile(ensemble[factor.key].to_numpy(float), [0.05, 0.5, 0.95])
        rows.append({
            "setting": factor.key, "prior_low": factor.low, "prior_high": factor.high,
            "log": factor.log,
            "median": factor._typed(float(ends[1])), "low": float(ends[0]), "high": float(ends[2]),
            "learnt": max(0.0, float(share))})
    return pd.DataFrame(rows)


def _searched(
    keys: Sequence[str], factors: Sequence[Factor], found: Posterior, names: Sequence[str]
) -> pd.DataFrame:
    import pandas as pd

    points = [[factor.at(min(float(share), 1.0 - 1e-12)) for factor, share in
               zip(factors, row, strict=True)] for row in found.runs.shares]
    table = pd.DataFrame(points, columns=list(keys))
    table["seed"] = found.runs.seeds
    return pd.concat([table, pd.DataFrame(found.runs.values, columns=list(names))], axis=1)
