"""The commands that check and complete results folders: status, resume, verify, reproduce."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.groups import Place, Talk, gathers
from sim.cli.many import engine, engine_options, state, tell_failed
from sim.cli.options import (
    allow_code_option,
    answer,
    answer_json,
    command,
    json_option,
    option,
    quiet_option,
    results_argument,
    say,
)
from sim.errors import UsageError, typed
from sim.texts import _, language, mark

if TYPE_CHECKING:
    from sim.runs.folder import Results

__all__ = ["reproduce", "resume", "status", "verify"]

SHOWN = 4
"""Largest number of scenarios that are named; a ladder has dozens."""


@command("status", examples=(
    "weishang status results/pyramid-1a2b3c4d", "weishang status results/pyramid-1a2b3c4d --json"))
@results_argument
@json_option
def status(results: Path, as_json: bool) -> int:
    """Say what is done in a results folder, what failed, and how to go on."""
    from sim.runs.folder import open_results
    from sim.studies.again import is_part
    from sim.studies.answers import answer_of

    there = open_results(results)
    if as_json:
        answer_json(state(there) | {
            "version": there.version, "busy": there.busy, "scenarios": list(there.design.labels),
            "seeds": list(there.design.seeds), "varied": list(there.design.keys)})
        return 1 if there.failed else 0
    done, planned = len(there.done), there.planned
    labels = there.design.called()
    named = ", ".join(labels[:SHOWN])
    if len(labels) > SHOWN:
        named = _("{names} and {count} more").format(names=named, count=f"{len(labels) - SHOWN:,}")
    answer(_("{done} of {planned} runs ({share}%): {scenarios}").format(
        done=f"{done:,}", planned=f"{planned:,}", share=100 * done // planned, scenarios=named))
    kept = answer_of(there, language())
    if kept is not None:
        answer(kept["headline"])
    if there.design.keys:
        answer(_("varied: {keys}, at {points} points").format(
            keys=", ".join(there.design.keys), points=f"{len(there.design.points):,}"))
    answer(_("made by weishang {version}").format(version=there.version))
    code = 1 if there.failed else 0
    for run, reason in list(there.failed.items())[:10]:
        answer(_("failed: {run}: {reason}").format(run=there.design.describe(run), reason=reason))
    if there.busy:
        answer(_("another process is working on it"))
    elif not there.complete or is_part(there):
        answer(_("go on with: weishang resume {path}").format(path=typed(results)))
    return code


@command("resume", examples=(
    "weishang resume results/pyramid-1a2b3c4d",
    "weishang resume results/study-1a2b3c4d --workers 8"))
@results_argument
@engine_options
@allow_code_option
@json_option
@quiet_option
@gathers(place=Place, talk=Talk)
def resume(results: Path, allow_code: bool, *, place: Place, talk: Talk) -> int:
    """Run what is missing, failed or damaged in a results folder, and mend its files.

    The result has the same bytes as one that was never interrupted.
    """
    from sim.runs.folder import open_results
    from sim.runs.folder import resume as go_on
    from sim.studies.again import is_part

    there = open_results(results, allow_code=allow_code)
    if is_part(there):
        return _search_on(there, place, talk)
    with engine(place, quiet=talk.silent) as how:
        there = go_on(results, allow_code=allow_code, **how)
    _make_again(there, place, talk)
    if talk.as_json:
        answer_json(state(there))
        return 1 if there.failed else 0
    say(_("{lived} runs were missing").format(lived=f"{there.lived:,}") if there.lived else
        _("nothing was missing"), quiet=talk.quiet)
    for name in there.removed:
        say(_("{file} was damaged or missing; {what}").format(file=name, what=_(
            "it was made again") if (there.path / name).exists() else _(
            "it is not made by this command: repeat the one that made it")), quiet=talk.quiet)
    code = tell_failed(there)
    answer(_("results: {path}").format(path=there.path))
    return code


def _search_on(part: Results, place: Place, talk: Talk) -> int:
    """Continue an interrupted search to its end and its answer."""
    from sim.cli.tables import paragraph
    from sim.studies.again import again

    with engine(place, quiet=talk.silent) as how:
        found = again(part, **how)
    _draw_study(found, found.results)
    if talk.as_json:
        answer_json(state(found.results) | {"verdicts": found.verdicts()})
        return 1 if found.results.failed else 0
    for sentence in found.verdicts():
        answer(paragraph(sentence, "  "))
    code = tell_failed(found.results)
    answer(_("results: {path}").format(path=found.results.path))
    return code


def _draw_study(found: object, results: Results) -> None:
    """Draw the pictures of a study into its folder."""
    from sim.cli.studied import keep_picture
    from sim.views.studies import OF_KIND, PICTURES

    for name in OF_KIND[results.design.study["kind"]]:
        keep_picture(results, name, functools.partial(PICTURES[name], found))


def _make_again(results: Results, place: Place, talk: Talk) -> None:
    """Rebuild the files that depend on runs that were missing, and damaged files that were removed.

    For a study these are its tables, answer and pictures; otherwise pictures, page and measures.
    """
    from sim.studies.again import again, kind_of
    from sim.studies.answers import ANSWER
    from sim.views.plots import save_figures

    unanswered = not (results.path / ANSWER).exists()  # stopped after its last run
    if results.complete and kind_of(results) and (results.removed or results.lived or unanswered):
        with engine(place, quiet=talk.silent) as how:
            _draw_study(again(results, **how), results)
    if not results.removed or not results.done:
        return
    lost = {Path(name) for name in results.removed if name.startswith("figures/")}
    _draw_again(results, {path.stem.partition(".")[0] for path in lost})
    drawn = {path for path in lost if _is_of_runs(path.stem)}
    if drawn:
        kinds = {path.suffix[1:] for path in drawn} & {"png", "svg", "pdf"}
        save_figures(results, results.figures, kinds=sorted(kinds),
                     only=_figures_of(drawn, results))
    if "report.html" in results.removed:
        from sim.views.report import write_report

        results.publish("report.html", lambda path: write_report(results, path))
    if "measures.csv" in results.removed:
        from sim.studies.sweep import publish_measures, sweep_of

        publish_measures(results, sweep_of(results, results.about("measures.csv")))


def _draw_again(results: Results, lost: set[str]) -> None:
    """Draw the pictures of `forecast` and `explain` again from the data in the folder."""
    from sim.cli.studied import keep_picture

    if "forecast" in lost:
        from sim.studies.forecast import forecast_in
        from sim.views.forecast import forecast_figure

        with contextlib.suppress(UsageError):  # made before a forecast kept its history
            keep_picture(results, "forecast", functools.partial(forecast_figure, forecast_in(results)))
    if any(stem.startswith("turning_points") for stem in lost):
        from sim.cli.explain import keep_pictures
        from sim.studies.explain import explain

        keep_pictures(results, explain(results), quiet=True)


def _is_of_runs(stem: str) -> bool:
    """Return whether `save_figures` draws a picture; pictures of studies are drawn elsewhere."""
    from sim.views.plots import FIGURES

    number, _dash, name = stem.partition("-")
    return stem in ("comparison", "difference", "plans", *FIGURES) or number == "sweep" \
        or (number.isdigit() and name in FIGURES)


def _figures_of(paths: set[Path], results: Results) -> list[str] | None:
    """Return the names of these figures; None when some of them show all scenarios."""
    from sim.views.plots import FIGURES
    from sim.views.sources import figure_stem, names

    count = len(names(results))
    known = {figure_stem(name, place, count): name
             for place in range(count) for name in FIGURES}
    if any(path.stem not in known for path in paths):
        return None
    return list(dict.fromkeys(known[path.stem] for path in sorted(paths)))


@command("verify", examples=(
    "weishang verify results/pyramid-1a2b3c4d",
    "weishang verify results/pyramid-1a2b3c4d --json"))
@results_argument
@json_option
def verify(results: Path, as_json: bool) -> int:
    """Compare every file and run in a results folder with its checksum."""
    from sim.runs.folder import open_results

    there = open_results(results)
    found = there.damage()
    if as_json:
        answer_json(state(there) | {"damage": found})
    elif found:
        for sentence in found:
            answer(sentence)
        answer(_("mend it: weishang resume {path}").format(path=typed(results)))
    else:
        answer(_("whole: {done} of {planned} runs, every checksum fits").format(
            done=f"{len(there.done):,}", planned=f"{there.planned:,}"))
    return 1 if found else 0


@command("reproduce", examples=(
    "weishang reproduce results/pyramid-1a2b3c4d --sample 5",
    "weishang reproduce results/pyramid-1a2b3c4d --sample 100 --workers 8"))
@results_argument
@option("--sample", type=click.IntRange(1), default=5, metavar="N",
        help=mark("How many runs are lived again, spread over all (default: 5)."))
@engine_options
@allow_code_option
@json_option
@quiet_option
@gathers(place=Place, talk=Talk)
def reproduce(
    results: Path, sample: int, allow_code: bool, *, place: Place, talk: Talk,
) -> int:
    """Live a sample of the runs again and compare their tables with those that are kept."""
    from sim.runs.reproducing import reproduce as again

    with engine(place, quiet=talk.silent) as how:
        found = again(results, sample, allow_code=allow_code, **how)
    if talk.as_json:
        answer_json({"results": str(results), "runs": found.runs, "same": found.same,
                     "differing": found.differing, "version": found.version,
                     "version_here": found.version_here})
    else:
        for sentence in found.differing:
            answer(sentence)
        answer(_("{same} of {runs} runs came out the same").format(
            same=found.same, runs=found.runs))
        if found.version != found.version_here:
            say(_("kept by weishang {there}, lived again by {here}").format(
                there=found.version, here=found.version_here))
    return 1 if found.differing else 0
