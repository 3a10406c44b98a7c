"""The command explain: turning points and flows of results, in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sim.cli.options import (
    answer,
    answer_json,
    command,
    json_option,
    option,
    quiet_option,
    results_argument,
    say,
    seeds_option,
)
from sim.cli.pictures import opened
from sim.texts import _, language, mark

__all__ = ["explain", "keep_pictures"]


@command("explain", examples=(
    "weishang explain results/pyramid-1a2b3c", "weishang explain results/transition-1a2b3c --week 52",
    "weishang explain results/pyramid-1a2b3c --seeds 1,2 --lang zh"))
@results_argument
@option("--week", type=click.IntRange(2), metavar="N",
        help=mark("Also which flows changed most around this week."))
@option("--scenario", metavar="NAME", help=mark("Only this scenario of the results."))
@seeds_option
@json_option
@quiet_option
def explain(
    results: Path, week: int | None, scenario: str | None, seeds: list[int] | None, as_json: bool,
    quiet: bool,
) -> None:
    """Say what turned in the runs of a results folder, when, and in which order.

    Each sentence names the columns and figures that it was read from. One thing is said to come before
    another, never because of it.
    """
    from sim.studies.explain import explain as study

    folder = opened(results)
    found = study(folder, week, scenario=scenario, seeds=seeds)
    pictures = keep_pictures(folder, found, quiet=quiet or as_json)
    if as_json:
        answer_json({"results": str(results), "scenarios": [{
            "scenario": one.name, "runs": len(one.turns), "sentences": one.verdicts(),
            "turns": one.table.to_dict("records"), "figures": one.figures.to_dict("records"),
            "flows": one.flows.to_dict("records") if week is not None else None,
        } for one in found], "pictures": [str(path) for path in pictures]})
        return
    from sim.cli.tables import paragraph

    for one in found:
        answer(_("{name}, {runs} runs: figures are medians, each by itself").format(
            name=one.name, runs=len(one.turns)) if len(one.turns) > 1 else one.name)
        for sentence in one.verdicts():
            answer(paragraph(sentence, "  "))
    for path in pictures:
        if path.suffix == ".png":
            answer(_("picture: {path}").format(path=path))


def keep_pictures(results: Any, found: Any, *, quiet: bool) -> list[Path]:
    """Save the pictures in the results folder; say which ones cannot be written."""
    from sim.cli.run import tell_lacking
    from sim.runs.errors import FilesError
    from sim.views.style import saved
    from sim.views.turning import turning_points

    made = []
    for place, one in enumerate(found):
        name = "turning_points" if len(found) == 1 else f"turning_points-{place + 1}"
        figure = turning_points(one, lang=language()).figure
        for kind in ("png", "svg"):
            try:
                made.append(results.publish(
                    f"figures/{name}.{kind}",
                    lambda to, kind=kind, figure=figure: saved(figure, to, kind)))
            except (OSError, FilesError) as error:
                say(_("note: {what}").format(what=error), quiet=quiet)
    tell_lacking()
    return made
