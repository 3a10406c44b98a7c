"""The effect of each feedback loop, found by cutting loops in every combination."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.mechanisms.loops import LOOPS, Loop
from sim.runs.design import Design
from sim.runs.many import TIMEOUT, Progress
from sim.runs.results import Runs
from sim.runs.statistics import Interval
from sim.scenario.records import scenario_of
from sim.scenario.seeds import seeds_of
from sim.studies.games import Game, all_coalitions, coalitions_of, orders_of
from sim.studies.measures import measure, said
from sim.studies.running import Out, run_study
from sim.studies.sharing import Part, Sharing, believed, values_of
from sim.studies.worlds import worlds_from
from sim.texts import _
from sim.texts.bilingual import text_of
from sim.texts.numbers import tidy

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from matplotlib.axes import Axes

    from sim.kernel.plain import Data
    from sim.runs.many import EngineOptions
    from sim.runs.worlds import Worlds
    from sim.scenario.records import ScenarioLike
    from sim.scenario.schema import Scenario
    from sim.studies.worlds import Given

__all__ = ["DEFAULT_COMBINATIONS", "DEFAULT_SEEDS", "Loops", "live_loops", "loops", "loops_design",
           "loops_in", "loops_of"]

DEFAULT_SEEDS, DEFAULT_COMBINATIONS = 10, 64
SHOWN_PAIRS = 5
"""Largest number of interactions reported."""


@dataclass(repr=False)
class Loops(Sharing):
    """The effect of each feedback loop.

    The first scenario has all loops cut, the second is the scenario itself.
    """

    idle: tuple[str, ...] = ()
    """Loops that do not act in this scenario."""

    @property
    def name(self) -> str:
        """Title of the scenario."""
        return text_of(self.runs.design.scenarios[1].title) or self.runs.design.labels[1]

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The loops that have a share."""
        known = {loop.name: loop for loop in LOOPS}
        return tuple(known[part.name] for part in self.parts)

    @property
    def table(self) -> pd.DataFrame:
        """One row per loop: its share, its effect when no other loop acts, and the loss when it alone is
        cut, each with its interval over the seeds."""
        import pandas as pd

        rows = []
        for place, loop in enumerate(self.loops):
            row: Data = {
                "loop": loop.name, "meaning": self.titled(place), "grows": loop.grows,
                "path": " > ".join((*loop.path, loop.path[0])),
                "off": ", ".join(f"{key}={value}" for key, value in loop.off.items()),
                "measure": self.of.text, "unit": self.of.unit}
            for name, found in (
                ("share", self.game.share(place)), ("alone", self.told(self.game.alone(place))),
                ("last", self.told(self.game.last(place))),
            ):
                row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
            rows.append(row | {"seeds": len(self.seeds)})
        return pd.DataFrame(rows)

    @property
    def by_seed(self) -> pd.DataFrame:
        """One row per seed and loop: its share."""
        import pandas as pd

        return pd.DataFrame([
            {"seed": seed, "loop": part.name, "share": float(self.game.shares[place][column])}
            for column, seed in enumerate(self.seeds) for place, part in enumerate(self.parts)])

    @property
    def interactions(self) -> pd.DataFrame:
        """One row per pair of loops, the strongest first: how much more they add together than each by
        itself, with its interval, and whether that is significant among so many pairs.

        Shapley's interaction index if every combination was run; else the interaction while all other
        loops act, without the pairs for which `combinations` left no room.
        """
        import pandas as pd

        known = {pair: value for pair in itertools.combinations(range(len(self.parts)), 2)
                 if (value := self.game.interaction(*pair)) is not None}
        pairs, values = list(known), list(known.values())
        rows = []
        for (one, other), pair, sure in zip(
                pairs, values, believed([[pair] for pair in values]) if values else [], strict=True):
            found = self.game.told(pair)
            rows.append({
                "loop": self.parts[one].name, "other": self.parts[other].name,
                "together": found.mean, "low": found.low, "high": found.high,
                "believed": sure and found.direction != 0})
        table = pd.DataFrame(rows, columns=["loop", "other", "together", "low", "high", "believed"])
        return table.sort_values("together", key=lambda column: -column.abs(), kind="stable",
                                 ignore_index=True)

    # -- sentences ----------------------------------------------------------------------------------

    def verdicts(self) -> list[str]:
        """Return the effect of all loops together, the share of each, and which act through each other."""
        game, unit = self.game, self.of.unit
        told = [_("{what}: {with_} with all loops, {without} with all of them cut: {gap}, means of {n} seeds."
                  ).format(what=_(self.of.label), with_=said(float(game.values[game.full].mean()), unit),
                           without=said(float(game.values[0].mean()), unit),
                           gap=self.change(game.told(game.whole)), n=len(self.seeds))]
        how = _("every combination was run") if not game.orders else _(
            "{orders} orders of cutting them were run").format(orders=len(game.orders))
        told.append(_("The share of each loop ({how}; they add up to that seed by seed):").format(how=how))
        shares = [game.share(place) for place in range(len(self.parts))]
        for place in sorted(range(len(shares)), key=lambda place: -abs(shares[place].mean)):
            told.append(_("{name}, {what}: {share}; on top of all the others it adds {last}.").format(
                name=self.parts[place].name, what=self.titled(place), share=self.change(shares[place]),
                last=self.change(self.told(game.last(place)))))
        told += self._together()
        if self.idle:
            told.append(_("Not acting in this scenario: {names}.").format(names=", ".join(
                _(loop.title) for loop in LOOPS if loop.name in self.idle)))
        return [tidy(sentence) for sentence in [*told, *self.left_out()]]

    def _together(self) -> list[str]:
        table = self.interactions
        titles = {part.name: _(part.title) for part in self.parts}
        words = _("{one} and {other} together bring {gap} more than each by itself.") \
            if not self.game.orders else \
            _("While all other loops act, {one} and {other} together bring {gap} more than each by itself.")
        return [words.format(
            one=titles[row["loop"]], other=titles[row["other"]],
            gap=self.change(Interval(row["together"], row["low"], row["high"], len(self.seeds))))
            for row in table[table["believed"]].head(SHOWN_PAIRS).to_dict("records")]

    def plot(self, **options: Any) -> Axes:
        """Draw the map of causes with the strength of each loop, and the shares; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "cause_map", **options)


def live_loops(scenario: Scenario) -> tuple[tuple[Loop, ...], tuple[str, ...]]:
    """Return the loops that act in some week of a scenario, and the names of those that do not."""
    weeks = [week for week in range(1, scenario.weeks + 1) if week == 1 or scenario.changes_in(week)]
    live, idle = [], []
    for loop in LOOPS:
        cut = scenario.changed(loop.off)
        if any(cut.at(week) != scenario.at(week) and _acts(scenario.at(week), loop.needs)
               for week in weeks):
            live.append(loop)
        else:
            idle.append(loop.name)
    return tuple(live), tuple(idle)


def _acts(holding: Any, needs: str) -> bool:
    """Return whether the parameter that a loop needs is above zero in a week's settings."""
    name, _dot, parameter = needs.partition(".")
    return not needs or bool(getattr(holding.rule(name), parameter, 0))


def _title(scenario: Scenario, cut: Sequence[Loop]) -> dict[str, str]:
    """Return the name of the scenario with these loops cut, in both languages."""
    from sim.texts import LANGUAGES, speaking

    titles = {}
    for lang in LANGUAGES:
        with speaking(lang):
            titles[lang] = _("{name} without {loops}").format(
                name=(text_of(scenario.title) or scenario.regime)[:80],
                loops=_(", ").join(loop.name for loop in cut))
    return titles


def loops_design(
    scenario: Scenario, *, of: str, seeds: Sequence[int] = tuple(range(DEFAULT_SEEDS)),
    combinations: int = DEFAULT_COMBINATIONS, worlds: Worlds | None = None, name: str = "scenario",
) -> Design:
    """Return the runs of a scenario with its loops cut: every combination, or a sample of orders.

    Raises
    ------
    UsageError
        When no loop acts, or the measure cannot be understood.
    """
    measure(of, scenario.weeks)
    live, idle = live_loops(scenario)
    if not live:
        raise UsageError(_("no feedback loop acts in '{name}'").format(name=text_of(scenario.title) or name))
    count = len(live)
    orders: tuple[tuple[int, ...], ...] = ()
    masks = all_coalitions(count) if 2 ** count <= combinations else []
    if not masks:
        full = 2 ** count - 1
        singles = [full & ~(1 << place) for place in range(count)]
        pairs = [full & ~(1 << one | 1 << other) for one, other in itertools.combinations(range(count), 2)]
        # Cutting both of two loops gives their joint effect, if `combinations` leaves room for it.
        room = combinations - len({*singles, *coalitions_of(orders_of(count, 2))})
        singles += pairs if len(pairs) <= room else []
        wanted = 2
        while True:
            sample = orders_of(count, wanted)
            found = list(dict.fromkeys([*coalitions_of(sample), *singles]))
            if masks and len(found) > combinations:
                break
            orders, masks, wanted = sample, found, wanted + 2
    rungs = []
    for mask in masks:
        cut = [loop for place, loop in enumerate(live) if not mask >> place & 1]
        off = {key: value for loop in cut for key, value in loop.off.items()}
        rungs.append(scenario.changed({**off, "title": _title(scenario, cut)}) if cut else scenario)
    study = {"kind": "loops", "of": of, "masks": masks, "orders": [list(order) for order in orders],
             "loops": [loop.name for loop in live], "idle": list(idle)}
    return Design.of(rungs, seeds, study=study, worlds=worlds, names=[
        f"{name}-loops-cut", name, *(f"loops-{mask:0{count}b}" for mask in masks[2:])])


def loops_of(runs: Runs) -> Loops:
    """Return the effects of loops from existing runs.

    Raises
    ------
    UsageError
        When they are not the runs of `loops`.
    """
    study = runs.design.study
    if study.get("kind") != "loops":
        raise UsageError(_("these results are not those of feedback loops"))
    one = measure(study["of"], min(scenario.weeks for scenario in runs.design.scenarios))
    values, seeds, dropped = values_of(runs, one, study["masks"])
    known = {loop.name: loop for loop in LOOPS}
    parts = tuple(Part(name, known[name].title, known[name].off) for name in study["loops"])
    orders = tuple(tuple(order) for order in study["orders"])
    return Loops(runs, one, parts, Game(len(parts), values, orders), seeds, dropped, tuple(study["idle"]))


def loops(
    scenario: ScenarioLike, of: str, *, seeds: Iterable[int] | int | str = DEFAULT_SEEDS,
    combinations: int = DEFAULT_COMBINATIONS, worlds: Given = None,
    out: Out = None, executor: Executor | None = None,
    workers: int | None = None, timeout: float = TIMEOUT, progress: Progress | None = None,
) -> Loops:
    """Cut the feedback loops of a scenario in every combination and return the effect of each.

    Parameters
    ----------
    scenario
        A scenario, its name or path.
    of
        The measure.
    seeds
        Seeds, or their number (0, 1, ...); every combination is run with each of them.
    combinations
        Largest number of combinations to run; if there are more, orders are sampled.
    worlds
        Plausible worlds for the seeds: a number of worlds of the shipped ensemble, or the folder of a fit.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    executor, workers, timeout, progress
        As in `sim.run_many`.
    """
    design = loops_design(
        scenario_of(scenario), of=of, seeds=tuple(seeds_of(seeds)), combinations=combinations,
        worlds=worlds_from(worlds),
        name=Path(scenario).stem if isinstance(scenario, (str, Path)) else "scenario")
    return loops_in(design, out, executor=executor, workers=workers, timeout=timeout, progress=progress)


def loops_in(design: Design, out: Out, **engine: Unpack[EngineOptions]) -> Loops:
    """Run the design of `loops`; a folder also gets its tables and its answer."""
    return run_study(design, out, loops_of, _tables, **engine)


def _tables(found: Loops) -> dict[str, pd.DataFrame]:
    return {"loops.csv": found.table, "loops-by-seed.csv": found.by_seed,
            "loops-interactions.csv": found.interactions}
