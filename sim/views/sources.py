"""The tables of pictures and pages: of one run, many runs, a folder, or a running model."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, cast

from sim.errors import UsageError
from sim.views.texts import TEXTS, text, text_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.life import Life
    from sim.scenario.schema import Scenario

__all__ = [
    "events_of", "figure_stem", "keys", "name_of", "names", "once", "progress", "read_once", "record",
    "records", "regimes_said", "study_of", "sweep_table", "table",
]


class Shown(Protocol):
    """The source of pictures and pages: a run, many runs, a results folder or a running model."""

    @property
    def weekly(self) -> Any:
        """The weekly table; for a running model, its rows so far."""
        ...


def records(result: Shown) -> Data:
    """Return the scenarios of a result by their names in the tables."""
    design = getattr(result, "design", None)
    if design is not None:
        return dict(zip(design.labels, design.scenarios, strict=True))
    one = getattr(result, "scenario", None)
    if one is None:
        return {}
    weekly = table(result, "weekly")
    label = str(weekly["scenario"].iloc[0]) if len(weekly) and "scenario" in weekly \
        else name_of(one)
    return {label: one}


def record(result: Shown, name: str | None = None) -> Any:
    """Return the scenario of this name; without a name the only one, or None if there are several."""
    found = records(result)
    if name is not None:
        return found.get(name)
    return next(iter(found.values())) if len(found) == 1 else None


def names(result: Shown) -> list[str]:
    """Return the names of the scenarios in the tables, in their order."""
    found = list(records(result))
    if found:
        return found
    weekly = table(result, "weekly")
    return [str(name) for name in weekly["scenario"].unique()]


def events_of(result: Shown, scenario: Scenario, lang: str) -> tuple[list[Any], list[str]]:
    """Return the events to mark on a picture, by week, and the plan of each (empty: all plans).

    Without a scenario they are the events of all scenarios, unless there are too many to read.
    """
    if scenario is not None:
        events = sorted(scenario.events, key=lambda event: int(event.week))
        return events, [""] * len(events)
    plans = records(result)
    whose: dict[str, list[str]] = {}
    known: Data = {}
    for name, plan in plans.items():
        for event in plan.events:
            key = event.model_dump_json()
            known[key] = event
            whose.setdefault(key, []).append(name)
    if len(known) > EVENTS_AT_ONCE:
        return [], []
    order = sorted(known, key=lambda key: int(known[key].week))
    comma = "、" if lang == "zh" else ", "
    return [known[key] for key in order], [
        "" if len(whose[key]) == len(plans) else comma.join(whose[key]) for key in order]


EVENTS_AT_ONCE = 6
"""The most events of several plans that are marked on one picture."""


def figure_stem(name: str, place: int, count: int) -> str:
    """Return the file name, without ending, of a figure of the scenario at `place` of `count`."""
    return name if count < 2 else f"{place + 1}-{name}"


def name_of(scenario: Scenario, lang: str | None = None) -> str:
    """Return the title of a scenario, or its regime if it has none.

    Without `lang` it is the name in the tables.
    """
    if lang is None:
        return str(scenario.title or scenario.regime)
    return text_of(scenario.title or scenario.regime, lang)


def regimes_said(scenario: Scenario, lang: str) -> str:
    """Return the regime of a scenario, and the regimes and weeks to which its timeline switches."""
    said = regime_said(scenario.regime, lang)
    for event in scenario.events:
        if "regime" in event.set:
            said += " → " + text(
                "regime from", lang, regime=regime_said(event.set["regime"], lang), week=event.week)
    return said


def regime_said(regime: str, lang: str) -> str:
    """Return the title of a regime; a custom regime has only its name."""
    key = f"regime {regime}"
    return text(key, lang) if key in TEXTS else str(regime)


class _Relabelled:
    """A result with other names for its scenarios; everything else is passed through."""

    def __init__(self, result: Any, said: dict[str, str]) -> None:
        self._result, self._said = result, said
        self._design: Any = None
        if getattr(result, "design", None) is not None:
            self._design = _Relabelled(result.design, said)
            self._design.labels = tuple(said.get(name, name) for name in result.design.labels)

    def __getattr__(self, name: str) -> Any:
        if name == "design" and self._design is not None:
            return self._design
        found = getattr(self._result, name)
        if name in TABLES and "scenario" in found:
            return found.assign(scenario=found["scenario"].astype(str).replace(self._said))
        return found


TABLES = ("weekly", "tiers", "cohorts", "resellers")


def in_language(result: Shown, lang: str) -> Shown:
    """Return the result with each scenario named by its title in a language.

    Names in tables do not depend on the language; pages and pictures show these titles.
    """
    if hasattr(result, "world"):
        return result
    design = getattr(result, "design", None)
    said = dict(zip(design.labels, design.called(lang), strict=True)) if design is not None else {
        name: name_of(one, lang) for name, one in records(result).items() if name == name_of(one)}
    said = {name: words for name, words in said.items() if words != name}
    kept = set(records(result)) - set(said)
    if not said or len(set(said.values())) < len(said) or kept & set(said.values()):
        return result
    return _Relabelled(result, said)


def keys(result: Shown) -> list[str]:
    """Return the dotted names of the settings that a sweep varies."""
    design = getattr(result, "design", None)
    return list(design.keys) if design is not None else []


def progress(result: Shown) -> tuple[int, int]:
    """Return the numbers of finished and of planned runs."""
    planned = getattr(result, "planned", None)
    return (1, 1) if planned is None else (len(getattr(result, "done", ())), int(planned))


def study_of(result: Shown) -> Data:
    """Return the description of the study that a results folder holds; empty for plain runs."""
    return getattr(getattr(result, "design", None), "study", None) or {}


_kept: contextvars.ContextVar[dict[Hashable, tuple[object, Any]] | None] = contextvars.ContextVar(
    "_kept", default=None)


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """Read each table of a result only once within this block, for any number of pictures."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(result: Shown, what: Hashable, compute: Callable[[], Any]) -> Any:
    """Return `compute()`; within `read_once`, it is computed once for each `what` of a result."""
    kept = _kept.get()
    if kept is None:
        return compute()
    key = (id(result), what)
    if key not in kept:
        kept[key] = (result, compute())  # a reference keeps the id of the result from being used again
    return kept[key][1]


def table(result: Shown, name: str, scenario: str | None = None) -> pd.DataFrame:
    """Return a table of a result, or the part of one scenario.

    In a sweep each run counts as a seed of its own, so that bands span all points.

    Raises
    ------
    UsageError
        When there is no such table, or no such scenario in it.
    """
    found: Any
    if hasattr(result, "world"):
        from sim.runs.result import tables_of

        found = tables_of(cast("Life", result))[name]
    else:
        found = once(result, name, lambda: getattr(result, name, None))
    if found is None:
        raise UsageError(text("no table", name=name))
    if scenario is not None and "scenario" in found:
        kept = found[found["scenario"] == scenario]
        # A table may be empty, such as that of resellers when nobody ever joined.
        if not len(kept) and len(found) and scenario not in records(result):
            known = ", ".join(str(label) for label in found["scenario"].unique())
            raise UsageError(text("no scenario", name=scenario, names=known))
        found = kept
    varied = [key for key in keys(result) if key in found]
    if varied:
        found = found.assign(seed=found.groupby([*varied, "seed"], sort=False).ngroup())
    return found


def sweep_table(result: Shown, scenario: str | None = None) -> pd.DataFrame:
    """Return the last week of every run of a sweep: varied settings, seed and all measures."""
    weekly = table(result, "weekly", scenario)
    return weekly[weekly["week"] == weekly["week"].max()]
