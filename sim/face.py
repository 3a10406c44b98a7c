"""The commands as functions: studies of a scenario over varied settings, and help with scenario files.

``vary`` gives the varied settings by dotted names: a list holds values, a pair is a range, three numbers
are a range with its number of points, and a text is read as on the command line::

    sim.sweep("pyramid", {"controls.stock_pressure": (0, 1, 5), "offer.quality": [0.3, 0.6]})
    sim.tipping("pyramid", {"controls.stock_pressure": "0:1"}, "loss_share at end > 70%")
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sim.errors import UsageError
from sim.runs.worlds import Worlds
from sim.scenario.load import load
from sim.scenario.records import scenario_of
from sim.scenario.seeds import seeds_of
from sim.studies.plans import Factor, Plan, Values, factor_of, varied
from sim.studies.study_file import read_plan
from sim.studies.worlds import worlds_from
from sim.texts import _

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from sim.runs.estimate import Estimate
    from sim.runs.many import EngineOptions
    from sim.scenario.records import ScenarioLike
    from sim.studies.calibrating import Fit
    from sim.studies.decide import Decision
    from sim.studies.engines import ScenarioModel
    from sim.studies.optimise import Optimum
    from sim.studies.pilot import Pilot
    from sim.studies.running import Out
    from sim.studies.sensitivity import Sensitivity
    from sim.studies.sweep import Sweep
    from sim.studies.tipping import Tipping
    from sim.views.sources import Shown

__all__ = [
    "Vary", "as_model", "calibrate", "check", "dashboard", "decide", "describe", "diff", "estimate", "new",
    "optimise", "pilot", "report", "sensitivity", "sweep", "tipping",
]

Vary = Mapping[str, Any] | Sequence[str] | Sequence[Factor]
"""The varied settings: by dotted names, as texts of the command line, or as factors."""
Seeds = int | str | Iterable[int]
Ensemble = Worlds | int | str | os.PathLike[str] | None


def sweep(
    scenario: ScenarioLike | Sequence[ScenarioLike], vary: Vary | None = None, *,
    seeds: Seeds | None = None, sampling: str | None = None, samples: int = 64,
    measures: Iterable[str] | None = None, worlds: Ensemble = None,
    out: Out = None, allow_code: bool = False,
    **engine: Unpack[EngineOptions],
) -> Sweep:
    """Run a scenario over values of settings and return the measures at every point.

    Parameters
    ----------
    scenario
        A scenario, its name or path, or several; without `vary`, the path of a study file.
    vary
        The varied settings.
    seeds
        Seeds, or their number (0, 1, ...).
    sampling
        How ranges without points are sampled: ``lhs`` (default), ``sobol`` or ``grid``.
    samples
        Number of samples of the ranges without points.
    measures
        Measures such as ``cumulative(sell_through)``; by default, the standard ones.
    worlds
        Plausible worlds for the seeds: a number of worlds of the shipped ensemble, the folder of a fit, or
        worlds made by hand.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    allow_code
        Whether custom rules of a study file may be executed.
    engine
        Arguments of `sim.run_many`: ``executor``, ``workers``, ``timeout``, ``progress``.
    """
    from dataclasses import replace

    from sim.studies.sweep import sweep as study

    chosen = tuple(measures) if measures is not None else None
    if vary is None:
        plan = read_plan(cast("str | Path", scenario), allow_code=allow_code)
    else:
        given: list[Any] = list(scenario) if isinstance(scenario, (list, tuple)) else [scenario]
        records = tuple(scenario_of(one) for one in given)
        if not records:
            raise UsageError(_("there is no scenario to run"))
        factors = _factors(records[0], vary)
        ranges = any(not factor.values for factor in factors)
        names = tuple(Path(one).stem if isinstance(one, (str, Path)) else
                      record.title or record.regime for one, record in zip(given, records, strict=True))
        plan = Plan(records, names, factors, (0,), "lhs" if ranges else "grid")
    plan = replace(plan, samples=samples if vary is not None else plan.samples,
                   sampling=sampling or plan.sampling,
                   seeds=tuple(seeds_of(seeds)) if seeds is not None else plan.seeds)
    drawn = worlds_from(worlds)
    if drawn is not None:
        plan = replace(plan, worlds=drawn, seeds=plan.seeds if seeds is not None
                       else tuple(range(len(drawn.rows))))
    return study(plan, measures=chosen, out=out, **engine)


def sensitivity(
    scenario: ScenarioLike, vary: Vary, measure: str, *, seeds: Seeds = 5, method: str = "morris",
    samples: int = 16, **engine: Unpack[EngineOptions],
) -> Sensitivity:
    """Return how much each varied setting moves a measure, strongest first.

    `method` is ``morris`` (screening, `samples` trajectories) or ``sobol`` (shares of the variation,
    `samples` a power of two).
    """
    from sim.studies.sensitivity import sensitivity as study

    record = scenario_of(scenario)
    return study(record, _factors(record, vary), measure, seeds=seeds_of(seeds), method=method,
                 samples=samples, **engine)


def as_model(scenario: object, vary: Vary, measures: Iterable[str]) -> ScenarioModel:
    """Return a scenario as a function of the varied settings, for other tools.

    ``model.problem`` and ``model.array`` have SALib's formats, ``model.ema()`` is a model of the EMA
    workbench, and ``sim.explore(model)`` runs samples of the ranges.
    """
    from sim.studies.engines import ScenarioModel
    from sim.studies.measures import measures as read_measures
    from sim.studies.searching import need_ranges

    record = scenario_of(scenario)
    return ScenarioModel(record, need_ranges(_factors(record, vary)), read_measures(measures, record.weeks))


def tipping(
    scenario: ScenarioLike, vary: Vary, condition: str, *, seeds: Seeds | None = None,
    tolerance: float = 0.02, worlds: Ensemble = None, **engine: Unpack[EngineOptions],
) -> Tipping:
    """Return the value of one setting at which a condition changes for half of the seeds.

    An example of a condition is ``loss_share at end > 70%``; `tolerance` is a share of the range. By
    default there are ten seeds, or one in each of the `worlds` (a number of worlds of the shipped ensemble,
    the folder of a fit, or worlds made by hand).
    """
    from sim.studies.tipping import tipping as study

    record, drawn = scenario_of(scenario), worlds_from(worlds)
    if seeds is None:
        seeds = 10 if drawn is None else len(drawn.rows)
    return study(record, _factors(record, vary), condition, seeds=seeds_of(seeds),
                 tolerance=tolerance, worlds=drawn, **engine)


def optimise(
    scenario: ScenarioLike, vary: Vary, measure: str, *, highest: bool = True, satisfy: Iterable[str] = (),
    surely: float = 0.9, worst: bool | float = False, seeds: Seeds | None = None, budget: int = 60,
    worlds: Ensemble = None, **engine: Unpack[EngineOptions],
) -> Optimum:
    """Return the settings that make a measure highest (or lowest), judged with unseen seeds.

    Parameters
    ----------
    vary
        Lowest and highest value of each setting; settings of events by their id (``转型.week``).
    satisfy
        Conditions such as ``loss_share at end <= 20%`` or ``cumulative(bought_back) <= 20000``.
    surely
        Share of the seeds in which the conditions must be met.
    worst
        Optimise the mean of the worst tenth of the seeds instead of the mean of all; with a number, the
        value that this share of the seeds fall short of (a quantile).
    seeds
        Seeds, or their number; by default five, or one in each of the worlds.
    budget
        Approximate number of points tried, each with all seeds.
    worlds
        A number of worlds of the shipped ensemble, the folder of a fit, or worlds made by hand.
    """
    from sim.studies.optimise import optimise as study

    record, drawn = scenario_of(scenario), worlds_from(worlds)
    if seeds is None:
        seeds = 5 if drawn is None else len(drawn.rows)
    return study(record, _factors(record, vary), measure, highest=highest, satisfy=tuple(satisfy),
                 surely=surely, worst=worst, seeds=seeds_of(seeds), budget=budget, worlds=drawn, **engine)


def calibrate(
    scenario: ScenarioLike, vary: Vary | None = None, targets: object = None, *, budget: int = 400,
    worlds: int = 200, first_seed: int = 0, history: str | os.PathLike[str] | None = None,
    out: Out = None,
    **engine: Unpack[EngineOptions],
) -> Fit:
    """Return the worlds that could have produced the data, as an ensemble.

    Parameters
    ----------
    scenario
        A scenario, its name or path.
    vary
        Ranges of plausible settings before the data are seen; by default, the declared priors
        (``weishang describe priors``).
    targets
        For each measure a figure, a pair (figure, standard error) or a band such as ``40%..60%``; or a
        table of series with a column ``week``. Money is in fen.
    budget
        Number of runs of the search.
    worlds
        Number of worlds in the ensemble.
    first_seed
        First seed; seeds are not fitted.
    history
        File of series by month or week, as `weishang template history` writes them; money in yuan.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    """
    from sim.scenario.history_files import read_history
    from sim.studies.aims import targets_of
    from sim.studies.calibrating import calibrate as study
    from sim.studies.calibrating import default_folder
    from sim.studies.history_fit import targets_of_history

    record = scenario_of(scenario)
    factors = () if vary is None else _factors(record, vary)
    aims = targets_of(targets if targets is not None else {}, record.weeks)
    kept = None if history is None else read_history(os.fspath(history), record)
    folder = None if out is None or out is False else out
    if folder is True:
        everything = (*aims, *(targets_of_history(kept) if kept is not None else ()))
        folder = default_folder(record, factors, everything, budget, worlds, first_seed)
    return study(record, factors, aims, history=kept, budget=budget, worlds=worlds,
                 first_seed=first_seed, out=folder, **engine)


def pilot(
    scenarios: Sequence[ScenarioLike], vary: Vary = (), measure: str = "cumulative(profit_brand)", *,
    persons: int = 1000, weeks: int = 12, worlds: Ensemble = 32, seeds: Seeds = 1,
    highest: bool = True, pilot_measure: str | None = None, **engine: Unpack[EngineOptions],
) -> Pilot:
    """Return the value of trying plans in a small pilot and scaling the one that did best.

    `vary` gives the ranges of what is unknown, from which `worlds` worlds are drawn. Without it, worlds are
    those of an ensemble: a number of worlds of the shipped one, the folder of a fit, or worlds made by
    hand.
    """
    from sim.studies.pilot import pilot as study

    records = [scenario_of(one) for one in scenarios]
    if len(records) < 2:
        raise UsageError(_("a comparison needs at least two scenarios"))
    return study(records, _factors(records[0], vary), measure, persons=persons, weeks=weeks,
                 worlds=worlds if vary else worlds_from(worlds),  # type: ignore[arg-type]
                 seeds=seeds_of(seeds), sign=1 if highest else -1,
                 pilot_of=pilot_measure, **engine)


def decide(
    plans: Sequence[ScenarioLike], of: str = "cumulative(profit_brand)", *, highest: bool = True,
    satisfy: Sequence[str] = (), vary: Vary = (), worlds: Ensemble = None, seeds: Seeds | None = None,
    out: Out = None, **engine: Unpack[EngineOptions],
) -> Decision:
    """Run plans in the same plausible worlds with the same luck, and say which to choose.

    Parameters
    ----------
    plans
        Two or more scenarios, or names or paths of them.
    of
        The measure by which they are judged.
    highest
        Whether more of it is better.
    satisfy
        Conditions such as ``weeks_of_supply at end < 8`` and ``share(resellers.profit < 0) <= 30%``.
    vary
        Ranges of what is unknown, from which worlds are drawn (100, or as many as `worlds`).
    worlds
        Without `vary`, a number of worlds of the shipped ensemble, the folder of a fit, or worlds made by
        hand.
    seeds
        Seeds, or their number; by default 30, or one in each world.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    """
    from sim.studies.decide import decide as study

    records = [scenario_of(one) for one in plans]
    if len(records) < 2:
        raise UsageError(_("a decision needs at least two plans"))
    names = [Path(one).stem if isinstance(one, (str, Path)) else "" for one in plans]
    return study(records, of, highest=highest, satisfy=satisfy,
                 vary=_factors(records[0], vary) if vary else (),
                 worlds=worlds, seeds=seeds, names=names, out=out, **engine)


# -- scenarios, pages -------------------------------------------------------------------------


def new(path: str | os.PathLike[str], start: str = "pyramid", *, everything: bool = False) -> Path:
    """Write a commented scenario file that extends a shipped one; return its path.

    With `everything`, all other settings follow as comments.
    """
    from sim.scenario.starting import starting_file

    target = Path(path)
    if target.exists():
        raise UsageError(_("{path} is there already and holds something else").format(path=target))
    text = starting_file(load(start), start, target.stem, everything=everything)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def check(scenario: ScenarioLike, *, allow_code: bool = False) -> list[str]:
    """Return what makes no economic sense in a scenario; an invalid one raises `ScenarioError`."""
    from sim.scenario.sense import doubts_about

    return doubts_about(load(scenario, allow_code=allow_code) if isinstance(scenario, (str, Path))
                        else scenario_of(scenario))


def diff(a: object, b: object) -> pd.DataFrame:
    """Return the settings that two scenarios resolve to differently: one row each."""
    import pandas as pd

    from sim.scenario.resolved import differences

    return pd.DataFrame(
        differences(scenario_of(a), scenario_of(b)), columns=["setting", "a", "b"])


def describe(topic: str | None = None) -> pd.DataFrame:
    """Return what settings (of a section, or all) or columns of results mean, with their units.

    `topic` is a section, a dotted name, a table such as ``weekly``, or a column.
    """
    import pandas as pd

    from sim.scenario.manual import rows_of, settings
    from sim.scenario.problems import did_you_mean
    from sim.scenario.schema import Scenario

    rows = settings() if topic is None else rows_of(topic)[1]
    if not rows:
        hint = did_you_mean(str(topic), Scenario.model_fields)
        raise UsageError(_("'{topic}' is neither a setting nor a column").format(topic=topic)
                         + (_("; ") + hint if hint else ""))
    return pd.DataFrame(rows)


def estimate(scenarios: object, seeds: Seeds = 1, *, workers: int | None = None) -> Estimate:
    """Return what runs take on this machine: seconds, bytes of memory, bytes on disk."""
    from sim.runs.estimate import estimate as study

    given = scenarios if isinstance(scenarios, (list, tuple)) else [scenarios]
    return study([scenario_of(one) for one in given], len(seeds_of(seeds)), workers=workers,
                 figures=False)


def report(results: Shown, path: str | os.PathLike[str] = "report.html", *, lang: str | None = None) -> Path:
    """Write one page about results, with verdict, charts and figures; it opens without internet."""
    from sim.views.report import write_report

    return Path(write_report(results, Path(path), lang=lang))


def dashboard(scenario: object = "pyramid", *, port: int = 0, show: bool = True,
              lang: str | None = None) -> None:
    """Serve the live view of a scenario in a browser until it is interrupted."""
    from sim.views.dashboard import serve

    serve(scenario_of(scenario), port=port, show=show, lang=lang)


def _factors(scenario: ScenarioLike, vary: Vary) -> tuple[Factor, ...]:
    """Return the varied settings, checked against those of the scenario."""
    if isinstance(vary, Mapping):
        return tuple(factor for key, said in vary.items() for factor in (
            varied(scenario, [f"{key}={said}"]) if isinstance(said, str)
            else (factor_of(Values(scenario), key, _spelt(key, said)),)))
    if isinstance(vary, str):
        return varied(scenario, [vary])
    if all(isinstance(one, Factor) for one in vary):
        return tuple(one for one in vary if isinstance(one, Factor))
    return varied(scenario, [str(text) for text in vary])


def _spelt(key: str, said: object) -> Any:
    """Return values or a range as a study file spells them."""
    if isinstance(said, tuple) and len(said) in (2, 3):
        return dict(zip(("from", "to", "points"), said, strict=False))
    if isinstance(said, Mapping):
        return said
    if not isinstance(said, Iterable):
        raise UsageError(_("{key}: write a list of values, a pair (from, to), or (from, to, points)")
                         .format(key=key))
    return [value.item() if hasattr(value, "item") else value for value in said]
