"""Ladders from one scenario to another: groups of settings, one after the other, and their effects."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.design import Design
from sim.runs.many import TIMEOUT, Progress
from sim.runs.results import Runs
from sim.scenario.records import scenario_of
from sim.scenario.seeds import seeds_of
from sim.studies.changing import Changes, changes_between
from sim.studies.games import Game, coalitions_of, orders_of
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

__all__ = ["DEFAULT_OF", "DEFAULT_ORDERS", "DEFAULT_SEEDS", "Ladder", "ladder", "ladder_design",
           "ladder_in", "ladder_of"]

DEFAULT_OF = "cumulative(profit_brand)"
DEFAULT_SEEDS, DEFAULT_ORDERS = 10, 8
MAX_GROUPS = 20


@dataclass(repr=False)
class Ladder(Sharing):
    """The effect of each group of settings on the way from one scenario to another.

    The parts are the groups, in the given order; the first two scenarios of the runs are the ends.
    """

    @property
    def first(self) -> str:
        """Title of the scenario at the bottom."""
        return text_of(self.runs.design.scenarios[0].title) or self.runs.design.labels[0]

    @property
    def last(self) -> str:
        """Title of the scenario at the top."""
        return text_of(self.runs.design.scenarios[1].title) or self.runs.design.labels[1]

    @functools.cached_property
    def steps(self) -> np.ndarray:
        """What each change adds in the given order: an array change x seed."""
        return self.game.steps(tuple(range(len(self.parts))))

    @property
    def table(self) -> pd.DataFrame:
        """One row per group: its settings; what it adds in the given order, on average over the orders,
        as the only change and as the last one, each with its interval over the seeds."""
        import pandas as pd

        rows = []
        for place, change in enumerate(self.parts):
            row: Data = {
                "group": change.name, "meaning": self.titled(place),
                "settings": ", ".join(change.settings), "measure": self.of.text, "unit": self.of.unit}
            for name, found in (
                ("step", self.told(self.steps[place])), ("share", self.game.share(place)),
                ("alone", self.told(self.game.alone(place))), ("last", self.told(self.game.last(place))),
            ):
                row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
            rows.append(row | {"seeds": len(self.seeds)})
        return pd.DataFrame(rows)

    @property
    def by_seed(self) -> pd.DataFrame:
        """One row per seed and group: the step in the given order, and the average over the orders."""
        import pandas as pd

        return pd.DataFrame([
            {"seed": seed, "group": change.name, "step": float(self.steps[place][column]),
             "share": float(self.game.shares[place][column])}
            for column, seed in enumerate(self.seeds) for place, change in enumerate(self.parts)])

    # -- sentences ----------------------------------------------------------------------------------

    def verdicts(self) -> list[str]:
        """Return the whole difference, and the effect of each change, in sentences."""
        game, whole = self.game, self.told(self.game.whole)
        told = [_("{what}: {a} with {first}, {b} with {last}: {gap}, means of {n} seeds.").format(
            what=_(self.of.label), a=said(float(game.values[0].mean()), self.of.unit),
            b=said(float(game.values[game.full].mean()), self.of.unit), first=self.first,
            last=self.last, gap=self.change(whole), n=len(self.seeds))]
        told.append(_("One change at a time, in this order, they add up to that seed by seed:"))
        told += [_("{number}. {what}: {gap}; {share} on average over {orders} orders.").format(
            number=place + 1, what=self.titled(place), gap=self.change(self.told(self.steps[place])),
            share=self.change(game.share(place)), orders=len(game.orders))
            for place in range(len(self.parts))]
        told += [*self._strongest(), *self._conditional(), *self.left_out()]
        return [tidy(sentence) for sentence in told]

    def _strongest(self) -> list[str]:
        """Return the change with the largest effect by itself."""
        alone = [self.told(self.game.alone(place)) for place in range(len(self.parts))]
        sure = [(abs(found.mean), place) for place, found in enumerate(alone) if found.direction]
        if not sure:
            return []
        place = max(sure)[1]
        return [_("The single change that moves it most, made alone: {what}, {gap}.").format(
            what=self.titled(place), gap=self.change(alone[place]))]

    def _conditional(self) -> list[str]:
        """Return the changes that do harm unless another comes first."""
        pairs = [(one, other, self.met(one, other))
                 for one, other in itertools.permutations(range(len(self.parts)), 2)]
        known = [(one, other, sides) for one, other, sides in pairs
                 if sides[0] is not None and sides[1] is not None]
        sure = believed([sides for _one, _other, sides in known])
        told = []
        for (one, other, (later, before)), believe in zip(known, sure, strict=True):
            first, then = self.told(later), self.told(before)
            if believe and first.direction * then.direction < 0:
                told.append(_("{one} changes it by {first} where {other} comes later, and by {then} where "
                              "it came before.").format(
                    one=self.titled(one), other=self.titled(other), first=self.change(first),
                    then=self.change(then)))
        return told

    def met(self, one: int, other: int) -> tuple[Any, Any]:
        """Return what a change adds, seed by seed, in orders with another change after it, and in orders
        with that change before it; None if there are none."""
        sides: tuple[list[Any], list[Any]] = ([], [])
        for order, steps in zip(self.game.orders, self._each_steps, strict=True):
            sides[order.index(other) < order.index(one)].append(steps[one])
        later, before = (np.mean(side, axis=0) if side else None for side in sides)
        return later, before

    @functools.cached_property
    def _each_steps(self) -> list[Any]:
        return [self.game.steps(order) for order in self.game.orders]

    # -- showing ------------------------------------------------------------------------------------

    def plot(self, **options: Any) -> Axes:
        """Draw the waterfall from one scenario to the other; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "waterfall", **options)


def _title(changes: Changes, mask: int) -> dict[str, str]:
    """Return the name of a rung in both languages: the bottom, and what was changed."""
    from sim.texts import LANGUAGES, speaking

    titles = {}
    for lang in LANGUAGES:
        with speaking(lang):
            start = text_of(changes.first.title) or changes.first.regime
            names = [_(change.title) for place, change in enumerate(changes.each) if mask >> place & 1]
            long = f"{start} + {_(', ').join(names)}"
            titles[lang] = long if len(long) <= 180 else f"{start[:60]} + {mask:b}"
    return titles


def ladder_design(
    first: Scenario, last: Scenario, *, of: str = DEFAULT_OF,
    seeds: Sequence[int] = tuple(range(DEFAULT_SEEDS)), orders: int = DEFAULT_ORDERS,
    order: Sequence[str] | None = None, worlds: Worlds | None = None,
    names: Sequence[str] = ("first", "last"),
) -> Design:
    """Return the runs of a ladder: both scenarios, and those between them in the orders.

    Raises
    ------
    UsageError
        When the scenarios do not differ in settings, or differ in too many groups.
    """
    changes = changes_between(first, last, order)
    if len(changes.each) > MAX_GROUPS:
        raise UsageError(_("they differ in {count} groups of settings; the most is {most}").format(
            count=len(changes.each), most=MAX_GROUPS))
    measure(of, min(first.weeks, last.weeks))
    chosen = orders_of(len(changes.each), orders)
    masks = coalitions_of(chosen)
    singles = [1 << place for place in range(len(changes.each))]
    full = 2 ** len(changes.each) - 1
    masks += [mask for mask in (*singles, *(full & ~single for single in singles)) if mask not in masks]
    masks = list(dict.fromkeys(masks))
    rungs = [changes.scenario(mask, _title(changes, mask)) for mask in masks]
    study = {
        "kind": "ladder", "of": of, "masks": masks, "orders": [list(one) for one in chosen],
        "groups": [{"name": change.name, "title": change.title, "settings": list(change.settings)}
                   for change in changes.each]}
    return Design.of(
        rungs, seeds, study=study, worlds=worlds,
        names=[*names, *(f"rung-{mask:b}" for mask in masks[2:])])


def ladder_of(runs: Runs) -> Ladder:
    """Return the ladder from existing runs.

    Raises
    ------
    UsageError
        When they are not the runs of a ladder.
    """
    study = runs.design.study
    if study.get("kind") != "ladder":
        raise UsageError(_("these results are not those of a ladder"))
    one = measure(study["of"], min(scenario.weeks for scenario in runs.design.scenarios))
    values, seeds, dropped = values_of(runs, one, study["masks"])
    parts = tuple(Part(group["name"], group["title"], dict.fromkeys(group["settings"]))
                  for group in study["groups"])
    orders = tuple(tuple(order) for order in study["orders"])
    return Ladder(runs, one, parts, Game(len(parts), values, orders), seeds, dropped)


def ladder(
    first: ScenarioLike, last: ScenarioLike, of: str = DEFAULT_OF, *,
    seeds: Iterable[int] | int | str = DEFAULT_SEEDS, orders: int = DEFAULT_ORDERS,
    order: Sequence[str] | None = None, worlds: Given = None,
    out: Out = None, executor: Executor | None = None,
    workers: int | None = None, timeout: float = TIMEOUT, progress: Progress | None = None,
) -> Ladder:
    """Go from one scenario to another, one group of settings after the other.

    Parameters
    ----------
    first, last
        Scenarios, or names or paths of them.
    of
        The measure.
    seeds
        Seeds, or their number (0, 1, ...); every rung is run with each of them.
    orders
        Number of orders of the changes over which effects are averaged; all if there are no more.
    order
        Names of groups that come first in the given order (`sim.studies.changing.GROUPS`).
    worlds
        Plausible worlds for the seeds: a number of worlds of the shipped ensemble, or the folder of a fit.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    executor, workers, timeout, progress
        As in `sim.run_many`.
    """
    names = [Path(one).stem if isinstance(one, (str, Path)) else "" for one in (first, last)]
    design = ladder_design(
        scenario_of(first), scenario_of(last), of=of, seeds=tuple(seeds_of(seeds)), orders=orders,
        order=order, worlds=worlds_from(worlds),
        names=[name or side for name, side in zip(names, ("first", "last"), strict=True)])
    return ladder_in(design, out, executor=executor, workers=workers, timeout=timeout, progress=progress)


def ladder_in(design: Design, out: Out, **engine: Unpack[EngineOptions]) -> Ladder:
    """Run a ladder; a folder also gets its tables and its answer."""
    return run_study(design, out, ladder_of, _tables, **engine)


def _tables(found: Ladder) -> dict[str, pd.DataFrame]:
    return {"ladder.csv": found.table, "ladder-by-seed.csv": found.by_seed}
