"""Other engines and tools: scenarios as functions, and ranges in the formats of SALib and the EMA workbench.

Any `Model` (named inputs with ranges, named outputs, called with settings and a seed) can be explored like
a scenario, with the same samples, table and sentences.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from sim.errors import UsageError, pip_install
from sim.runs.errors import EngineError
from sim.runs.run import run
from sim.runs.statistics import interval
from sim.scenario.seeds import seeds_of
from sim.studies.gaps import named_point, setting_said, told_gaps
from sim.studies.measures import Measure, said
from sim.texts import _

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario
    from sim.studies.plans import Factor

__all__ = ["Explored", "Model", "ScenarioModel", "explore"]


@runtime_checkable
class Model(Protocol):
    """What a study needs from an engine, ours or another."""

    @property
    def inputs(self) -> Mapping[str, tuple[float, float]]:
        """Lowest and highest value of each setting, by its name."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the numbers that a run returns."""

    def __call__(self, settings: Mapping[str, float], seed: int = 0) -> Mapping[str, float]:
        """Return the outputs of one run with these settings and the luck of `seed`."""


@dataclass(frozen=True)
class ScenarioModel:
    """A scenario as a function of some of its settings."""

    scenario: Scenario
    factors: tuple[Factor, ...]
    measures: tuple[Measure, ...]

    @property
    def inputs(self) -> Mapping[str, tuple[float, float]]:
        """Lowest and highest value of each setting, by its dotted name."""
        return {factor.key: (factor.low, factor.high) for factor in self.factors}

    @property
    def outputs(self) -> tuple[str, ...]:
        """The measures as written."""
        return tuple(one.text for one in self.measures)

    def __call__(self, settings: Mapping[str, float], seed: int = 0) -> Mapping[str, float]:
        """Return the measures of one run."""
        changed = {key: self._plain(key, value) for key, value in settings.items()}
        result = run(self.scenario.changed(changed), seed)
        return {one.text: one.of(getattr(result, one.table)) for one in self.measures}

    def _plain(self, key: str, value: float) -> float | int:
        from sim.scenario.parameters import find

        shape = find(type(self.scenario), key)
        return round(value) if shape is not None and shape.whole else float(value)

    @property
    def problem(self) -> Data:
        """The ranges in SALib's format: ``SALib.sample.saltelli.sample(model.problem, 64)``."""
        return {"num_vars": len(self.factors), "names": list(self.inputs),
                "bounds": [list(ends) for ends in self.inputs.values()]}

    def array(self, points: np.ndarray, seed: int = 0) -> np.ndarray:
        """Return the outputs at SALib's points, one row per point."""
        import numpy as np

        names = list(self.inputs)
        return np.array([list(self(dict(zip(names, map(float, point), strict=True)), seed).values())
                         for point in points])

    def ema(self, name: str = "weishang") -> Any:
        """Return the scenario as a model of the EMA workbench: uncertainties, outcomes, function."""
        try:
            tools = importlib.import_module("ema_workbench")
        except ImportError as error:
            raise EngineError(_("the EMA workbench is not installed: {command}").format(
                command=pip_install("ema-workbench"))) from error
        # The workbench passes settings as keyword arguments, which cannot contain dots.
        plain = {_identifier(key): key for key in self.inputs}
        outcomes = {_identifier(text): text for text in self.outputs}

        def function(**settings: float) -> dict[str, float]:
            found = self({plain[key]: value for key, value in settings.items() if key in plain},
                         int(settings.get("seed", 0)))
            return {key: found[text] for key, text in outcomes.items()}

        made = tools.Model(name, function=function)
        made.uncertainties = [tools.RealParameter(key, *self.inputs[path]) for key, path in plain.items()]
        made.outcomes = [tools.ScalarOutcome(key) for key in outcomes]
        return made


def _identifier(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text).strip("_")


@dataclass
class Explored:
    """The results of a model over samples of its ranges.

    Attributes
    ----------
    table
        One row per sample and seed: settings, seed, outputs.
    points
        One row per sample and output: settings, ``measure``, ``mean``, ``low``, ``high``, ``runs``.
    """

    model: Model
    table: pd.DataFrame
    points: pd.DataFrame

    def verdicts(self) -> list[str]:
        """Return where each output is lowest and highest, in plain sentences."""
        sentences: list[str] = []
        keys = list(self.model.inputs)
        known = {one.text: one for one in getattr(self.model, "measures", ())}
        for name in self.model.outputs:
            label = _(known[name].label) if name in known else name
            unit = known[name].unit if name in known else ""
            mine = self.points[self.points["measure"] == name]
            sentences += told_gaps(label, [
                (named_point(dict(zip(keys, place, strict=True))), list(group[name]))
                for place, group in self.table.groupby(keys, sort=False)])
            mine = mine[mine["mean"].notna()].sort_values("mean", kind="stable")
            if mine.empty:
                continue
            low, high = mine.iloc[0], mine.iloc[-1]
            if low["mean"] == high["mean"]:
                sentences.append(_("{what}: {value} at every point.").format(
                    what=label, value=said(low["mean"], unit)))
                continue
            at = [", ".join(f"{key}={setting_said(key, float(row[key]))}" for key in keys)
                  for row in (low, high)]
            sentences.append(_(
                "{what}: from {low} ({low_at}) to {high} ({high_at}), means over the seeds.").format(
                    what=label, low=said(low["mean"], unit), high=said(high["mean"], unit),
                    low_at=at[0], high_at=at[1]))
        return sentences

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")


def explore(
    model: Model, *, samples: int = 64, seeds: int | str | Iterable[int] = 5,
    progress: Callable[[float, int], None] | None = None,
) -> Explored:
    """Return the outputs of a model, ours or another engine's, at Latin-hypercube samples of its ranges.

    The samples are the same every time, and each is run with the same seeds.
    """
    import numpy as np
    import pandas as pd
    from scipy.stats import qmc

    ranges = dict(model.inputs)
    if not ranges or not all(low < high for low, high in ranges.values()):
        raise UsageError(_("a model to explore has inputs, each with a lowest and a higher value"))
    luck = seeds_of(seeds)
    shares = qmc.LatinHypercube(len(ranges), rng=np.random.default_rng(0)).random(samples)
    rows, points = [], []
    for number, share in enumerate(shares):
        place = {key: float(low + part * (high - low))
                 for part, (key, (low, high)) in zip(share, ranges.items(), strict=True)}
        mine = []
        for seed in luck:
            found = model(place, seed)
            mine.append({name: float(found.get(name, math.nan)) for name in model.outputs})
            rows.append(place | {"seed": seed} | mine[-1])
            if progress is not None:
                progress(len(rows), samples * len(luck))
        for name in model.outputs:
            held = interval([one[name] for one in mine])
            points.append(place | {"point": number, "measure": name, "mean": held.mean, "low": held.low,
                                   "high": held.high, "runs": held.count})
    return Explored(model, pd.DataFrame(rows), pd.DataFrame(points))
