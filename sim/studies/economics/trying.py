"""Testing the laws: their runs (each made once, even if several laws use it) and a table of findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.studies.economics.judging import UNCLEAR, Finding, Law, Times, judge
from sim.studies.economics.laws import LAWS, MONEY, PRICE_LIST
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario

__all__ = ["PERSONS", "SEEDS", "laws_of", "prove_economics"]

NOT_THERE = object()
Place = tuple[Law, str, list[tuple[str, str]]]
"""A law and a scenario, with the keys of its steps among the plans."""
PERSONS = 5_000
"""Default size of the markets in which laws are tested."""
SEEDS = 8
AGAIN = 4
"""Factor by which seeds are increased, all fresh, to test unclear findings again."""


def laws_of(names: Iterable[str]) -> list[Law]:
    """Return the laws with these names; all if there are no names.

    Raises
    ------
    UsageError
        For a name that no law has.
    """
    from sim.scenario.problems import did_you_mean

    known = {law.name: law for law in LAWS}
    found = []
    for name in dict.fromkeys(names):
        if name not in known:
            hint = did_you_mean(name, known)
            raise UsageError(_("there is no law '{name}'; there are: {names}").format(
                name=name[:60], names=", ".join(known)) + (f" {hint}" if hint else ""))
        found.append(known[name])
    return found or list(LAWS)


def prove_economics(
    names: Sequence[str] = (),
    overrides: Mapping[str, object] | None = None,
    *,
    seeds: int = SEEDS,
    first_seed: int = 1,
    scenarios: Sequence[str] = (),
    texts: bool = False,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[float, int], None] | None = None,
) -> pd.DataFrame:
    """Return one row per law and scenario: what was expected, what was found, and the verdict.

    The steps of a law share their seeds, so that persons share their luck and differences are taken pair by
    pair. Unclear findings are tested again with `AGAIN` times as many seeds, and only these count, because
    the first ones selected the laws to be tested again.

    Parameters
    ----------
    names
        Laws to test; all by default.
    overrides
        Settings that override those of every scenario, by dotted names; the steps of a law start from
        there.
    seeds, first_seed
        Number of seeds, and the first of them.
    scenarios
        Scenarios to use instead of those of the laws.
    texts
        Whether the values of `overrides` are texts as on the command line.
    executor, workers, progress
        As in `sim.run_many`.

    Raises
    ------
    UsageError
        For an unknown law, fewer than two seeds, or settings that are invalid in some step.
    """
    import pandas as pd

    if seeds < 2:
        raise UsageError(_("an interval over seeds needs at least two"))
    laid = {"persons": PERSONS, **(overrides or {})}
    plans: dict[tuple[str, str], Any] = {}
    bases: Data = {}
    places: list[Place] = []
    for law in laws_of(names):
        for scenario in scenarios or law.scenarios:
            if scenario not in bases:
                bases[scenario] = _base(scenario, laid, texts)
            steps = [{**law.common, **step} for step in law.steps]
            if any(missing(bases[scenario], key) for step in steps for key in step):
                continue
            keys = []
            for step in steps:
                key = scenario, repr(sorted(step.items()))
                if key not in plans:
                    made = changed(bases[scenario], step)
                    plans[key] = made.changed({"title": f"{len(plans)}"})
                keys.append(key)
            places.append((law, scenario, keys))
    if not places:
        raise UsageError(_("no law applies: the scenario has not the settings that they change"))
    def judged(asked: list[Place], lived: range) -> list[Data]:
        wanted = {key: plans[key] for _law, _scenario, keys in asked for key in keys}
        values = _values(wanted, asked, lived, executor, workers, progress)
        return [
            _row(law, scenario, judge(law, np.array([values[key, law.measure] for key in keys])),
                 len(lived), bases[scenario].persons)
            for law, scenario, keys in asked
        ]

    rows = judged(places, range(first_seed, first_seed + seeds))
    unclear = [place for place, row in enumerate(rows) if row["verdict"] == UNCLEAR]
    if unclear:
        fresh = first_seed + seeds
        again = judged([places[place] for place in unclear], range(fresh, fresh + AGAIN * seeds))
        for place, row in zip(unclear, again, strict=True):
            rows[place] = row
    return pd.DataFrame(rows)


def _base(name: str, laid: Mapping[str, object], texts: bool) -> Scenario:
    from sim.scenario.load import load

    size = laid["persons"]
    return load(name, {**laid, "persons": str(size) if texts else size}, texts=texts)


def changed(base: Scenario, changes: Mapping[str, object]) -> Scenario:
    """Return a scenario with the changes of a step, which apply to the same settings in events as well."""
    plain: Data = {}
    events = base.given.get("events") or []
    for key, change in _spelt_out(base, changes).items():
        if not isinstance(change, Times):
            plain[key] = change
            continue
        path = _number_at(base, key)
        if path is None:
            raise UsageError(_("{name} is not a number that can be scaled").format(name=key))
        plain[path] = _times(_value(base, path), change)
        for event in events:
            moved = event.get("set", {})
            if isinstance(moved.get(key), (int, float)):
                moved[key] = _times(moved[key], change)
    made = base.changed(plain)
    return made.again({**made.given, "events": events}) if events else made


def _spelt_out(base: Scenario, changes: Mapping[str, object]) -> Data:
    """Return the changes with `MONEY` and `PRICE_LIST` replaced by the settings that they stand for."""
    found: Data = {}
    for key, change in changes.items():
        if key == MONEY:
            found |= dict.fromkeys(_amounts(base), change)
        elif key == PRICE_LIST:
            found |= dict.fromkeys(["offer.list_price", *_tier_prices(base)], change)
        else:
            found[key] = change
    return found


def missing(base: Scenario, key: str) -> bool:
    """Return whether a scenario lacks a setting, because it has fewer tiers or lacks a rule."""
    return key not in (MONEY, PRICE_LIST) and _value(base, key) is NOT_THERE


def _tier_prices(base: Scenario) -> list[str]:
    return [f"tiers.{rung}.price" for rung in range(len(base.tiers))]


def _amounts(base: Scenario) -> list[str]:
    """Return the settings that hold amounts of money."""
    from sim.scenario.parameters import walk

    found = [shape.path for shape in walk(type(base)) if shape.unit.startswith("CNY")]
    return [path for path in found if not path.startswith("tiers.")
            and _number_at(base, path) is not None] + _tier_prices(base)


def _number_at(base: Scenario, key: str) -> str | None:
    """Return the path of a setting's number: the setting itself, or the mean of its distribution."""
    return next((path for path in (key, f"{key}.mean")
                 if isinstance(_value(base, path), (int, float))), None)


def _times(before: float, change: Times) -> Any:
    after = before * change.factor
    return round(after) if isinstance(before, int) else float(f"{after:.10g}")


def _value(base: Scenario, path: str) -> Any:
    found: Any = base
    for part in path.split("."):
        if isinstance(found, tuple) and part.isdigit():
            found = found[int(part)] if int(part) < len(found) else NOT_THERE
        else:
            found = getattr(found, part, NOT_THERE)
    return found


def _values(
    plans: Mapping[tuple[str, str], Any], places: Sequence[Place],
    seeds: range, executor: Executor | None, workers: int | None,
    progress: Callable[[float, int], None] | None,
) -> dict[tuple[tuple[str, str], str], list[float]]:
    """Return the measures of each plan, one number per seed."""
    from sim.errors import FailedError
    from sim.market.outputs import WEEKLY
    from sim.runs.many import run_many
    from sim.scenario.expect import Figure

    units = {column.name: column.unit for column in WEEKLY}
    wanted: dict[tuple[str, str], dict[str, Figure]] = {key: {} for key in plans}
    for law, _scenario, keys in places:
        for key in keys:
            weeks = plans[key].weeks
            late = f"from week {weeks - weeks // 4} to {weeks}"
            wanted[key][law.measure] = Figure.parse(law.measure.format(late=late), units, weeks)
    runs = run_many(
        list(plans.values()), list(seeds), executor=executor, workers=workers, progress=progress)
    if not runs.complete:
        raise FailedError(_("some runs failed: {reasons}").format(
            reasons="; ".join(list(runs.failed.values())[:3])))
    keys = list(plans)
    found: dict[tuple[tuple[str, str], str], list[float]] = {}
    for run in runs.done:
        point, _seed = runs.design.of_run(run)
        key = keys[point]
        figures = wanted[key]
        columns = sorted({column for figure in figures.values() for column in figure.columns()})
        weekly = runs.table_of_run(run, "weekly", columns)
        for measure, figure in figures.items():
            found.setdefault((key, measure), []).append(float(figure.value(weekly)))
    return found


def _row(law: Law, scenario: str, found: Finding, seeds: int, persons: int) -> Data:
    return {
        "law": law.name, "scenario": scenario, "change": law.change, "measure": law.measure,
        "expected": law.wanted, "found": found.found, "low": found.low, "high": found.high,
        "verdict": found.verdict, "remark": found.remark, "reason": law.reason,
        "steps": len(law.steps), "seeds": seeds, "persons": persons,
    }
