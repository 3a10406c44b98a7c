"""Going on with a study that was stopped, and making its files again: from what its folder says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.runs.reading import Results, open_results
from sim.studies.answers import ANSWER
from sim.studies.plans import Factor
from sim.texts import _

__all__ = ["SEARCHES", "WHOLE", "again", "beside", "is_part", "kind_of", "unfinished"]

SEARCHES = ("sensitivity", "tipping", "optimise", "pilot")
WHOLE = ("decide", "ladder", "loops")
ENDS = {"pilot": "-pilot", "fresh": "-fresh"}
"""How the folders end that lie beside that of a study, by the part of it that they hold."""


def kind_of(results: Results) -> str:
    """Return which study a folder holds; "" where it holds runs alone."""
    kind = str(_study(results).get("kind", ""))
    return kind if kind in (*SEARCHES, *WHOLE) else ""


def is_part(results: Results) -> bool:
    """Return whether a folder holds what a search had when it was stopped."""
    return results.design.study.get("kind") == "part" and bool(results.design.study.get("study"))


def unfinished(results: Results) -> bool:
    """Return whether a folder is of a study, or of a part of one, that has no answer yet."""
    return bool(kind_of(results)) and not (_home(results) / ANSWER).exists()


def beside(results: Results) -> list[Path]:
    """Return the folders that hold other runs of the same study: the pilots, those of fresh seeds."""
    home = _home(results)
    paths = [home, *(home.with_name(home.name + end) for end in ENDS.values())]
    return [path for path in paths if path != results.path and (path / "runs.journal").exists()] \
        if kind_of(results) in ("optimise", "pilot") else []


def _home(results: Results) -> Path:
    """Return the folder of the study that this one holds or is a part of."""
    end = "-part" if is_part(results) else ENDS.get(str(results.design.study.get("part")), "")
    return results.path.with_name(results.path.name.removesuffix(end))


def again(results: Results, **engine: Any) -> Any:
    """Return the study of a folder, with its tables and its answer written; runs that are there are taken.

    A search that was stopped goes on from ``NAME-part`` to its end, in ``NAME``; a pilot from either of its
    folders.

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
    if kind not in SEARCHES:
        raise UsageError(_("{path} holds no study that can be repeated").format(path=results.path))
    study, out = _study(results), _home(results)
    if kind == "pilot":
        return _piloted(design, study, out, engine)
    if study.get("part") == "fresh":
        design = open_results(out).design
    return _searched(design, study, out, engine)


def _study(results: Results) -> dict[str, Any]:
    study = results.design.study
    return dict(study["study"] if is_part(results) else study)


def _piloted(design: Any, study: dict[str, Any], out: Path, engine: dict[str, Any]) -> Any:
    from sim.studies.pilot import pilot

    plans = [scenario.changed({"persons": persons, "weeks": weeks}) for scenario, (persons, weeks) in
             zip(design.scenarios, study["sizes"], strict=True)]
    return pilot(plans, _ranges(study), study["of"], persons=study["persons"], weeks=study["weeks"],
                 worlds=design.worlds or study["worlds"], seeds=study["seeds"],
                 sign=1 if study["highest"] else -1, pilot_of=study["pilot_of"], names=design.names,
                 out=out, **engine)


def _ranges(study: dict[str, Any]) -> list[Factor]:
    return [Factor(key, (), low, high, log) for key, low, high, log in study["ranges"]]


def _searched(design: Any, study: dict[str, Any], out: Path, engine: dict[str, Any]) -> Any:
    [scenario], seeds = design.scenarios, tuple(design.seeds)
    factors = _ranges(study)
    how: dict[str, Any] = {"seeds": seeds, "out": out, **engine}
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
