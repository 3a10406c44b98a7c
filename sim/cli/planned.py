"""The output of --dry-run: runs, time, memory, disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.cli.groups import Place, Talk
from sim.cli.options import answer, answer_json, tell_notices
from sim.texts import _

if TYPE_CHECKING:
    from sim.runs.design import Design

__all__ = ["tell_plan"]


def tell_plan(
    design: Design, place: Place, talk: Talk, *, figures: bool = True, about: bool = False,
    keys: Iterable[str] | None = None,
) -> None:
    """Print what would run, after the same checks as for the runs themselves.

    Parameters
    ----------
    design
        The runs, or the same number of runs of the same size.
    figures
        Whether pictures are drawn afterwards.
    about
        Whether the number of runs is approximate, because a search decides it.
    keys
        Settings that were changed, in addition to those that the design varies; notices tell of events
        that set them again. None if the notices were already printed.
    """
    from sim.kernel.machine import size
    from sim.texts.agreement import agreed
    from sim.texts.numbers import duration

    expected = place.admit(design, figures=figures)
    if keys is not None:
        tell_notices(design.called(), design.scenarios,
                     [*design.keys, *(design.worlds.keys if design.worlds else ()), *keys], quiet=talk.silent)
    if talk.as_json:
        answer_json({
            "dry_run": True, "runs": expected.runs, "points": len(design.points),
            "seeds": list(design.seeds),
            "scenarios": [scenario.title or scenario.regime for scenario in design.scenarios],
            "seconds": expected.seconds, "memory_bytes": expected.memory,
            "disk_bytes": expected.disk,
        })
        return
    runs, time = f"{expected.runs:,}", duration(expected.seconds)
    memory, disk = size(expected.memory), size(expected.disk)
    if about:
        answer(agreed(_("about {runs} runs, {time}, {memory} of memory; nothing was run").format(
            runs=runs, time=time, memory=memory)))
        return
    for name, scenario in zip(design.called(), design.scenarios, strict=True):
        answer(agreed(_("{name}: {persons} persons, {weeks} weeks, {seeds} seeds").format(
            name=name, persons=f"{scenario.persons:,}",
            weeks=f"{scenario.weeks:,}", seeds=f"{len(design.seeds):,}")))
    answer(_("runs: {runs}; about {time}, {memory} of memory, {disk} on disk; nothing was run")
           .format(runs=runs, time=time, memory=memory, disk=disk))
