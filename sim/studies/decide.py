"""Choosing among plans in an uncertain world: regret, chances, the worst tenth, and where a plan fails."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.design import Design
from sim.runs.many import TIMEOUT, Progress
from sim.runs.results import Runs
from sim.runs.statistics import MIN_PAIRS, Interval, interval
from sim.runs.worlds import Worlds
from sim.scenario.records import scenario_of
from sim.scenario.seeds import seeds_of
from sim.studies.boxes import Box, discover
from sim.studies.conditions import Condition, condition, worst_tenth
from sim.studies.gaps import refuse_all_failed
from sim.studies.measures import Measure, measure, said, said_gap, table_of
from sim.studies.plans import Factor
from sim.studies.running import Out, run_study
from sim.studies.sharing import share_told
from sim.studies.worlds import worlds_from
from sim.texts import _
from sim.texts.numbers import tidy

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from matplotlib.axes import Axes

    from sim.kernel.plain import Data
    from sim.runs.many import EngineOptions
    from sim.scenario.records import ScenarioLike
    from sim.scenario.schema import Scenario
    from sim.studies.worlds import Given

__all__ = ["DEFAULT_OF", "DEFAULT_SEEDS", "Decision", "decide", "decide_design",
           "decide_in", "decide_of", "worlds_between"]

DEFAULT_OF = "cumulative(profit_brand)"
DEFAULT_SEEDS = 30

@dataclass
class Decision:
    """The results of plans in the same worlds with the same luck.

    Attributes
    ----------
    runs
        All runs: plans x seeds; with worlds, each seed has its own.
    of
        The measure by which plans are judged.
    highest
        Whether more of it is better.
    satisfy
        Conditions that a plan has to meet.
    values
        One row per seed, one column per plan: the measure.
    met
        The same rows and columns: whether all conditions are met; empty without conditions.
    dropped
        Seeds left out because a plan has no number there.
    """

    runs: Runs
    of: Measure
    highest: bool
    satisfy: tuple[Condition, ...]
    values: pd.DataFrame
    met: pd.DataFrame
    dropped: int = 0
    confidence: float = 0.95

    @property
    def plans(self) -> tuple[str, ...]:
        """Labels of the plans."""
        return self.runs.design.labels

    def called(self, label: str) -> str:
        """Return the title of a plan in the current language."""
        return self.runs.design.called()[self.plans.index(label)]

    @functools.cached_property
    def regrets(self) -> pd.DataFrame:
        """One row per seed, one column per plan: how far it is behind the best plan of that seed."""
        worth = self.values if self.highest else -self.values
        return worth.rsub(worth.max(axis=1), axis=0)

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row per plan: mean, worst tenth, regret, chance of being best, share of the worlds in which
        it meets the conditions, each with its interval; lowest mean regret first."""
        import pandas as pd

        rows = []
        for plan in self.plans:
            values, regret = self.values[plan], self.regrets[plan]
            mean, behind = self._told(values), self._told(regret)
            best = share_told((regret == 0.0).to_numpy(), self.confidence)
            met = share_told(self.met[plan].to_numpy(), self.confidence) if self.satisfy else \
                Interval(math.nan, math.nan, math.nan, 0)
            rows.append({
                "plan": plan, "meaning": self.called(plan), "measure": self.of.text, "unit": self.of.unit,
                "mean": mean.mean, "mean_low": mean.low, "mean_high": mean.high,
                "worst_tenth": worst_tenth(values, self.highest), "regret_mean": behind.mean,
                "regret_low": behind.low, "regret_high": behind.high, "regret_max": float(regret.max()),
                "best": best.mean, "best_low": best.low, "best_high": best.high,
                "met": met.mean, "met_low": met.low, "met_high": met.high, "seeds": len(self.values)})
        return pd.DataFrame(rows).sort_values("regret_mean", kind="stable", ignore_index=True)

    def _told(self, values: pd.Series) -> Interval:
        found = interval(values, self.confidence)
        if found.count < MIN_PAIRS:
            return Interval(found.mean, math.nan, math.nan, found.count)
        return found

    @property
    def favourite(self) -> str:
        """The plan with the least mean regret."""
        return str(self.table["plan"][0])

    @functools.cached_property
    def fails(self) -> Any:
        """Seeds in which the favourite misses a condition or, without conditions, is not best."""
        if self.satisfy:
            return ~self.met[self.favourite].to_numpy(dtype=bool)
        return self.regrets[self.favourite].to_numpy() > 0.0

    @functools.cached_property
    def box(self) -> Box | None:
        """The box of worlds in which the favourite fails most often; None if chance does as well."""
        keys, rows = self.world_rows
        return discover(keys, rows, self.fails)

    @functools.cached_property
    def world_rows(self) -> tuple[list[str], list[list[float]]]:
        """Names of the numeric settings, and their values in the world of each seed."""
        worlds = self.runs.design.worlds
        if worlds is None:
            return [], []
        places = [place for place, value in enumerate(worlds.rows[0])
                  if isinstance(value, (int, float)) and not isinstance(value, bool)]
        rows = [[list(worlds.of(int(seed)).values())[place] for place in places]
                for seed in self.values.index]
        return [worlds.keys[place] for place in places], rows

    # -- sentences ----------------------------------------------------------------------------------

    def verdicts(self) -> list[str]:
        """Return the plan that each rule chooses, how sure that is, and where the favourite fails."""
        unit, table = self.of.unit, self.table
        where = _("{n} worlds").format(n=len(self.values)) if self.runs.design.worlds is not None else \
            _("{n} seeds").format(n=len(self.values))
        told = [_("{what} over {where}, the same for every plan.").format(what=_(self.of.label), where=where)]
        for row in table.to_dict("records"):
            values = {
                "plan": self.called(row["plan"]), "mean": said(row["mean"], unit),
                "worst": said(row["worst_tenth"], unit), "regret": said_gap(row["regret_mean"], unit),
                "most": said_gap(row["regret_max"], unit), "best": _percent(row, "best"),
                "met": _percent(row, "met")}
            told.append((_(
                "{plan}: {mean} on average, {worst} in the worst tenth; behind the best plan by {regret} on "
                "average and {most} at most; best in {best}; meets the conditions in {met}.")
                if self.satisfy else _(
                "{plan}: {mean} on average, {worst} in the worst tenth; behind the best plan by {regret} on "
                "average and {most} at most; best in {best}.")).format(**values))
        told += [*self.rules(), *self.failing(), *self._satisfying()]
        if self.dropped:
            told.append(_("{count} of {all} seeds are left out: a plan has no such number there.").format(
                count=self.dropped, all=self.dropped + len(self.values)))
        return [tidy(sentence) for sentence in told]

    def headline(self) -> str:
        """Return which plan is chosen, in one line."""
        return tidy(" ".join(self.rules()))

    def choices(self) -> dict[str, str]:
        """Return the plan that each rule of choice takes, by rule."""
        table = self.table
        rules: Data = {
            "regret_mean": table["regret_mean"].idxmin(), "regret_max": table["regret_max"].idxmin(),
            "best": table["best"].idxmax(),
            "worst_tenth": (table["worst_tenth"] if self.highest else -table["worst_tenth"]).idxmax()}
        if self.satisfy:
            rules["met"] = table["met"].idxmax()
        return {rule: str(table["plan"][place]) for rule, place in rules.items()}

    def rules(self) -> list[str]:
        """Return the plan that each rule of choice takes, one sentence per plan."""
        names = {
            "regret_mean": _("least mean regret"), "regret_max": _("least largest regret"),
            "best": _("most often best"), "worst_tenth": _("best worst tenth"),
            "met": _("conditions met most often")}
        by_plan: dict[str, list[str]] = {}
        for rule, plan in self.choices().items():
            by_plan.setdefault(plan, []).append(names[rule])
        if len(by_plan) == 1:
            return [_("Every rule chooses {plan}.").format(plan=self.called(self.favourite))]
        return [_("By {rules}: {plan}.").format(
            plan=self.called(plan), rules=_(", ").join(rules)) for plan, rules in by_plan.items()]

    def failing(self) -> list[str]:
        """Return in how many worlds the favourite fails, and in which part of the space of worlds."""
        count, all_ = int(self.fails.sum()), len(self.fails)
        plan = self.called(self.favourite)
        told = [(_("{plan} misses a condition in {count} of {all}.") if self.satisfy else
                 _("{plan} is not the best plan in {count} of {all}.")).format(
                     plan=plan, count=count, all=all_)]
        if self.runs.design.worlds is None or count in (0, all_):
            return told
        if self.box is None:
            return [*told, _(
                "No part of the space of worlds holds these cases more densely than chance would.")]
        box = self.box
        return [*told, _(
            "That happens where {box}: in {density} of the worlds there (in {base} of all), which are "
            "{coverage} of all such cases.").format(
            box=box.said(), density=_share(box.density), base=_share(box.base),
            coverage=_share(box.coverage))]

    def _satisfying(self) -> list[str]:
        """Return the best plan among those that mostly meet the conditions, if the favourite does not."""
        if not self.satisfy or 2 * int(self.fails.sum()) <= len(self.fails):
            return []
        often = self.table[self.table["met"] > 0.5]
        if often.empty:
            return [_("No plan meets the conditions more often than not.")]
        return [_("Of the plans that meet the conditions more often than not, {plan} has the least mean "
                  "regret.").format(plan=self.called(str(often["plan"].iloc[0])))]

    # -- showing ------------------------------------------------------------------------------------

    def plot(self, what: str = "decision", **options: Any) -> Axes:
        """Draw each plan's results, regret and chances; return the Axes.

        `what` is ``decision``, or ``box``: the worlds in which the favourite fails.
        """
        from sim.faces import plot_study

        return plot_study(self, what, **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"


def _percent(row: Mapping[Any, Any], name: str) -> str:
    return _("{share} ({low} to {high})").format(
        share=_share(row[name]), low=_share(row[f"{name}_low"]), high=_share(row[f"{name}_high"]))


def worlds_between(factors: Sequence[Factor], count: int) -> Worlds:
    """Return worlds drawn from ranges of settings (Latin hypercube, the same every time).

    They override the settings of a plan.
    """
    from scipy.stats import qmc

    shares = qmc.LatinHypercube(len(factors), rng=np.random.default_rng(0)).random(count)
    return Worlds(tuple(factor.key for factor in factors),
                  tuple(tuple(factor.at(float(part)) for factor, part in zip(factors, row, strict=True))
                        for row in shares), "ranges", insist=True)


def decide_design(
    plans: Sequence[Scenario], *, of: str = DEFAULT_OF, highest: bool = True, satisfy: Sequence[str] = (),
    seeds: Sequence[int] = tuple(range(DEFAULT_SEEDS)), worlds: Worlds | None = None,
    names: Sequence[str] | None = None,
) -> Design:
    """Return the runs of a decision: every plan with every seed.

    Raises
    ------
    UsageError
        With fewer than two plans, an unknown measure, or a condition that cannot be understood.
    """
    if len(plans) < 2:
        raise UsageError(_("a decision needs at least two plans"))
    weeks = min(plan.weeks for plan in plans)
    measure(of, weeks)
    for text in satisfy:
        condition(text, weeks)
    study = {"kind": "decide", "of": of, "highest": highest, "satisfy": list(satisfy)}
    return Design.of(list(plans), seeds, names=names, study=study, worlds=worlds)


def decide_of(runs: Runs) -> Decision:
    """Return the decision from existing runs.

    Raises
    ------
    UsageError
        When they are not the runs of a decision, or no seed has a number for every plan.
    """
    import pandas as pd

    study, design = runs.design.study, runs.design
    if study.get("kind") != "decide":
        raise UsageError(_("these results are not those of a decision"))
    refuse_all_failed(runs.failed.values(), len(runs.done))
    weeks = min(scenario.weeks for scenario in design.scenarios)
    one, satisfy = measure(study["of"], weeks), tuple(condition(text, weeks) for text in study["satisfy"])
    table = table_of(runs, [one])
    values = table.pivot(index="seed", columns="scenario", values=one.text)
    values = values.reindex(index=list(design.seeds), columns=list(design.labels)).astype(float)
    whole = values.dropna()
    if whole.empty:
        raise UsageError(_("no seed has a number of '{measure}' for every plan").format(measure=one.text))
    met = pd.DataFrame(True, index=whole.index, columns=whole.columns) if satisfy else pd.DataFrame()
    if satisfy:
        for run in runs.done:
            point, seed = design.of_run(run)
            if seed in whole.index:
                # A condition without a number counts as missed.
                met.loc[seed, design.label(point)] = all(bool(each.holds(runs, run)) for each in satisfy)
    return Decision(runs, one, bool(study["highest"]), satisfy, whole, met, len(values) - len(whole))


def decide(
    plans: Sequence[ScenarioLike], of: str = DEFAULT_OF, *, highest: bool = True, satisfy: Sequence[str] = (),
    vary: Sequence[Factor] = (), seeds: Iterable[int] | int | str | None = None, worlds: Given = None,
    names: Sequence[str] | None = None,
    out: Out = None, executor: Executor | None = None,
    workers: int | None = None, timeout: float = TIMEOUT, progress: Progress | None = None,
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
        Ranges of unknown settings (`sim.studies.plans.Factor`), from which worlds are drawn.
    seeds
        Seeds, or their number; by default 30, or one per world.
    names
        File names of the plans.
    worlds
        Number of worlds, drawn from the ranges or else from the shipped ensemble; or the folder of a fit.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    executor, workers, timeout, progress
        As in `sim.run_many`.
    """
    if vary:
        drawn: Worlds | None = worlds_between(tuple(vary), worlds if isinstance(worlds, int) else 100)
    else:
        drawn = worlds_from(worlds)
    if seeds is None:
        seeds = DEFAULT_SEEDS if drawn is None else len(drawn.rows)
    design = decide_design(
        [scenario_of(plan) for plan in plans], of=of, highest=highest, satisfy=satisfy,
        seeds=tuple(seeds_of(seeds)), worlds=drawn,
        names=names)
    return decide_in(design, out, executor=executor, workers=workers, timeout=timeout, progress=progress)


def decide_in(design: Design, out: Out, **engine: Unpack[EngineOptions]) -> Decision:
    """Run a decision; a folder also gets its tables and its answer."""
    return run_study(design, out, decide_of, _tables, **engine)


def _tables(found: Decision) -> dict[str, pd.DataFrame]:
    return {"decision.csv": found.table, "regrets.csv": found.regrets.reset_index()}
