"""Resuming a study that was stopped, and writing its files again, from its folder alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.runs.reading import Results
from sim.studies.answers import ANSWER
from sim.studies.plans import Factor
from sim.texts import _

if TYPE_CHECKING:
    from typing import Unpack

    from sim.kernel.plain import Data
    from sim.runs.design import Design
    from sim.runs.many import EngineOptions

__all__ = ["SEARCHES", "again", "is_part", "kind_of"]

SEARCHES = ("sensitivity", "tipping", "optimise")
WHOLE = ("decide", "ladder", "loops")
PILOT = "pilot"


def kind_of(results: Results) -> str:
    """Return which study a folder holds; "" if it holds only runs."""
    kind = str(_study(results).get("kind", ""))
    return kind if kind in (*SEARCHES, *WHOLE, PILOT) else ""


def is_part(results: Results) -> bool:
    """Return whether a folder holds a search that was stopped, or a pilot before its full runs."""
    study = results.design.study
    if study.get("kind") == PILOT and study.get("part") == "pilot":
        return not (_whole_of(results) / ANSWER).exists()
    return study.get("kind") == "part" and bool(study.get("study"))


def again(results: Results, **engine: Unpack[EngineOptions]) -> Any:
    """Return the study of a folder, with its tables and answer written; existing runs are reused.

    A search that was stopped goes on from ``NAME-part`` to its end, in ``NAME``; a pilot from
    ``NAME-pilot`` to the plans at full size.

    Raises
    ------
    UsageError
        When the folder holds no such study.
    """
    design, kind = results.design, kind_of(results)
    if kind in WHOLE:
        from sim.studies.decide import decide_in
        from sim.studies.ladder import ladder_in
        from sim.studies.loops import loops_in

        made = {"decide": decide_in, "ladder": ladder_in, "loops": loops_in}[kind]
        return made(design, results.path, **engine)
    if kind == PILOT:
        return _piloted(design, results, engine)
    if kind not in SEARCHES:
        raise UsageError(_("{path} holds no study that can be repeated").format(path=results.path))
    study, out = _study(results), results.path
    if is_part(results):
        out = out.with_name(out.name.removesuffix("-part"))
    return _searched(design, study, out, engine)


def _study(results: Results) -> Data:
    study = results.design.study
    return dict(study["study"] if study.get("kind") == "part" else study)


def _whole_of(results: Results) -> Path:
    """Return the folder of the plans at full size."""
    path = results.path
    small = results.design.study.get("part") == "pilot"
    return path.with_name(path.name.removesuffix("-pilot")) if small else path


def _piloted(design: Design, results: Results, engine: EngineOptions) -> Any:
    from sim.studies.pilot import pilot

    study = results.design.study
    plans = [scenario.changed({"persons": persons, "weeks": weeks}) for scenario, (persons, weeks) in
             zip(design.scenarios, study["full"], strict=True)]
    seeds = tuple(design.seeds)
    if study["part"] == "full":
        # Their seeds begin after the last of the pilot's.
        last = (max(seeds) - 1) // 2
        seeds = tuple(seed - last - 1 for seed in seeds)
    factors = [Factor(key, (), low, high, log) for key, low, high, log in study["ranges"]]
    worlds = design.worlds or len(design.points) // len(plans)
    return pilot(plans, factors, study["of"], persons=study["persons"], weeks=study["weeks"], worlds=worlds,
                 seeds=seeds, sign=1 if study["highest"] else -1, pilot_of=study["pilot_of"],
                 out=_whole_of(results), **engine)


def _searched(design: Design, study: Data, out: Path, engine: EngineOptions) -> Any:
    [scenario], seeds = design.scenarios, tuple(design.seeds)
    factors = [Factor(key, (), low, high, log) for key, low, high, log in study["ranges"]]
    how: Data = {"seeds": seeds, "out": out, **engine}
    if study["kind"] == "sensitivity":
        from sim.studies.sensitivity import sensitivity

        return sensitivity(scenario, factors, study["of"], method=study["method"],
                           samples=study["samples"], **how)
    if study["kind"] == "tipping":
        from sim.studies.tipping import tipping

        return tipping(scenario, factors, study["when"], tolerance=study["tolerance"],
                       worlds=design.worlds, **how)
    from sim.studies.optimise import optimise

    return optimise(scenario, factors, study["of"], highest=study["highest"], satisfy=study["satisfy"],
                    surely=study["surely"], worst=study["worst"], budget=study["budget"],
                    worlds=design.worlds, **how)
