"""The commands over many runs: compare and sweep."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.groups import Changes, Intervals, Place, Talk, Worlds, gathers
from sim.cli.options import (
    allow_code_option,
    answer,
    answer_json,
    cluster_option,
    command,
    dry_run_option,
    json_option,
    option,
    out_option,
    overrides_option,
    persons_option,
    quiet_option,
    say,
    scenario_options,
    scenarios_argument,
    seeds_option,
    tell_notices,
    verbose_option,
    weeks_option,
    workers_option,
    worlds_options,
)
from sim.cli.planned import tell_plan
from sim.cli.sheets import format_option, write_sheets
from sim.errors import UsageError
from sim.texts import _, mark
from sim.texts.agreement import agreed

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.runs.folder import Results
    from sim.runs.results import Runs
    from sim.studies.compare import Comparison

__all__ = ["compare", "engine", "engine_options", "measure_option", "state", "study_options", "sweep",
           "tell_closing", "tell_failed", "tell_taken"]

measure_option = option(
    "--measure", "measures", multiple=True, metavar="MEASURE",
    help=mark("Such as 'cumulative(sell_through)'; may be repeated (default: the usual ones)."))
timeout_option = option(
    "--timeout", type=click.FloatRange(1, 1e7), default=3600.0, metavar="SECONDS",
    help=mark("After which a run counts as hung and is given up (default: 3600)."))
vary_option = option(
    "--vary", "vary", multiple=True, metavar="KEY=A:B:N",
    help=mark("Vary a setting from A to B in N points, or over values: KEY=A,B,C."))


def engine_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options on where runs are executed."""
    return workers_option(cluster_option(timeout_option(function)))


def study_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of all studies of a scenario: overrides, folder, engine, output."""
    for given in (quiet_option, json_option, dry_run_option, allow_code_option, engine_options, out_option,
                  scenario_options):
        function = given(function)
    return function


@contextlib.contextmanager
def engine(place: Place, *, quiet: bool) -> Iterator[Data]:
    """Yield the arguments of functions over many runs: executor, workers, timeout, progress."""
    from sim.cli.progress import Progress
    from sim.cli.run import warm_up
    from sim.runs.cluster import cluster as connect

    warm_up(quiet=quiet)
    with connect(place.cluster, place.workers) as executor, Progress(quiet=quiet) as progress:
        yield {"executor": executor, "workers": place.workers, "timeout": place.timeout,
               "progress": progress}


def tell_failed(runs: Runs) -> int:
    """Print which runs failed and how many are finished; return the exit code."""
    for run, reason in list(runs.failed.items())[:10]:
        say(_("failed: {run}: {reason}").format(run=runs.design.describe(run), reason=reason))
    if len(runs.failed) > 10:
        say(_("and {count} more").format(count=len(runs.failed) - 10))
    if runs.note:
        say(runs.note)
    return 1 if runs.failed else 0


def _draw(results: Results, name: str, figure: Callable[[], Any]) -> None:
    """Save a picture in the results folder, unless it exists and no run is new."""
    with contextlib.suppress(UsageError):  # nothing to draw, such as prices where nobody bought
        _draw_kinds(results, name, figure)


def _draw_kinds(results: Results, name: str, figure: Callable[[], Any]) -> None:
    for kind in ("png", "svg"):
        path = f"figures/{name}.{kind}"
        if results.lived or not (results.path / path).exists():
            results.publish(path, partial(_save, figure, kind))


def _save(figure: Callable[[], Any], kind: str, path: Path) -> None:
    figure().savefig(path, format=kind, dpi=110, metadata={} if kind == "png" else {"Date": None})


@command("compare", examples=(
    "weishang compare pyramid prosumer --seeds 30",
    "weishang compare pyramid plan.yaml --precision '2%@cumulative(sell_through)'"))
@scenarios_argument
@seeds_option
@measure_option
@option("--precision", metavar="P%@MEASURE",
        help=mark("Run more seeds until the interval of a measure is this narrow."))
@option("--most-seeds", type=click.IntRange(2, 1_000_000), default=1000, metavar="N",
        help=mark("Where --precision ends at the latest (default: 1000)."))
@option("--method", type=click.Choice(["auto", "t", "bootstrap"]), default="auto",
        help=mark("How intervals are made (default: auto, Student's t, wider for skewed numbers)."))
@option("--confidence", type=float, default=0.95, metavar="SHARE",
        help=mark("Of each interval by itself (default: 0.95)."))
@worlds_options
@study_options
@verbose_option
@format_option
@gathers(changes=Changes, worlds=Worlds, intervals=Intervals, place=Place, talk=Talk)
def compare(
    scenarios: tuple[str, ...], seeds: list[int] | None, measures: tuple[str, ...],
    out: Path | None, dry_run: bool, verbose: bool, kinds: tuple[str, ...], *,
    changes: Changes, worlds: Worlds, intervals: Intervals, place: Place, talk: Talk,
) -> int:
    """Run plans with the same seeds and say how each differs from the first.

    A direction is stated only where the interval of the paired differences leaves out zero, also when
    it is counted how many differences are looked at.
    """
    from sim.runs.design import Design, slug

    if len(scenarios) < 2:
        raise UsageError(_("a comparison needs at least two scenarios"))
    loaded = changes.load(scenarios)
    names = [slug(Path(name).stem) for name in scenarios]
    drawn, seeds = worlds.draw(seeds)
    seeds = seeds or list(range(30))
    from sim.studies.compare import Precision, refuse_confidence
    from sim.studies.measures import measures as read_measures

    weeks = min(scenario.weeks for scenario in loaded)
    refuse_confidence(intervals.confidence)
    read_measures(measures or None, weeks)
    if intervals.precision is not None:
        Precision.parse(intervals.precision, weeks)
    if dry_run:
        tell_plan(Design.of(loaded, seeds, names=names, worlds=drawn), place, talk, keys=changes.keys)
        return 0
    from sim.cli.comparing import tell_answer, tell_differences
    from sim.scenario.resolved import differences_given
    from sim.studies.compare import compare as compare_plans
    from sim.studies.sheets import sheet_of_comparison

    differ = [differences_given(loaded[0], other) for other in loaded[1:]]

    def before() -> None:
        tell_notices(scenarios, loaded, [*(drawn.keys if drawn else ()), *changes.keys],
                     quiet=talk.silent)
        for name, rows in zip(scenarios[1:], differ, strict=True):
            if not talk.as_json:
                tell_differences(
                    scenarios[0], name, type(loaded[0]), rows, everything=verbose)

    def more(found: Comparison, count: int) -> None:
        say(_("not narrow enough with {seeds} seeds; going on to {count}").format(
            seeds=len(found.runs.design.seeds), count=count), quiet=talk.silent)
        how["progress"].restart()

    weeks_of_all = min(scenario.weeks for scenario in loaded)
    with engine(place, quiet=talk.silent) as how:
        how["progress"].measure = read_measures(measures or None, weeks_of_all)[0]
        how["progress"].before = before
        found = compare_plans(
            *zip(names, loaded, strict=True), seeds=seeds, measures=measures or None,
            worlds=drawn, out=out or True, round_done=more, **vars(intervals), **how)
        how["progress"].begin()
    results: Any = found.runs
    if results.done:
        from sim.views.plots import compare_figure

        _draw(results, "comparison", lambda: compare_figure(results))
        if len(loaded) == 2:
            _draw(results, "difference", lambda: compare_figure(results, kind="difference"))
    sheets = [sheet_of_comparison(found, other) for other in found.others]
    write_sheets(results, kinds, sheets, quiet=talk.as_json)
    if talk.as_json:
        answer_json(state(results) | {
            "baseline": found.baseline, "confidence": intervals.confidence, "verdicts": found.verdicts(),
            "measures": found.table.to_dict("records"), "reached": found.reached,
            "differences": [
                {"scenario": label, "settings": [
                    {"setting": name, "baseline": one, "other": other} for name, one, other in rows]}
                for label, rows in zip(found.others, differ, strict=True)]})
        return 1 if results.failed or found.reached is False else 0
    tell_answer(found, verbose=verbose)
    if found.reached is False:
        say(_("the wanted precision was not reached with {seeds} seeds, the most that --most-seeds "
              "allows").format(seeds=len(results.design.seeds)))
    code = tell_closing(results, talk.quiet)
    return code or int(found.reached is False)


def state(results: Results) -> Data:
    """Return the state of a results folder as plain data."""
    return {
        "results": str(results.path), "planned": results.planned, "done": len(results.done),
        "complete": results.complete, "lived": results.lived,
        "failed": [{"run": results.design.describe(run), "seed": results.design.of_run(run)[1],
                    "reason": reason} for run, reason in results.failed.items()],
    }


def tell_taken(results: Results, *, quiet: bool) -> None:
    """Say how many runs were taken from other results folders."""
    if results.taken:
        say(_("{count} runs were taken from other folders beside this one").format(
            count=f"{results.taken:,}"), quiet=quiet)


def tell_closing(results: Results, quiet: bool) -> int:
    """Say where results and pictures are and which runs failed; return the exit code."""
    tell_taken(results, quiet=quiet)
    if results.lived == 0:
        say(_("nothing to do: these runs already exist"), quiet=quiet)
    code = tell_failed(results)
    answer(_("results: {path}").format(path=results.path))
    if results.figures.is_dir():
        answer(_("pictures: {path}").format(path=results.figures))
        from sim.cli.run import tell_lacking

        tell_lacking()
    return code


def _study(
    study: str, vary: tuple[str, ...], changes: Changes, seeds: list[int] | None,
    samples: int | None, sampling: str | None,
) -> Any:
    """Return the plan of a study file, or of a scenario and ``--vary``."""
    from sim.scenario.load import shipped_path
    from sim.studies.plans import Plan, varied
    from sim.studies.study_file import read_plan

    if vary:
        factors = varied(study, vary, allow_code=changes.allow_code)
        loaded = changes.load([study])
        ranges = any(not factor.values for factor in factors)
        plan = Plan(tuple(loaded), (Path(study).stem,), factors, (0,),
                    sampling or ("lhs" if ranges else "grid"))
    else:
        home = shipped_path("pyramid")
        shipped = home.parent / "studies" / f"{study}.yaml" if home is not None else Path(study)
        known = shipped if shipped.is_file() and not Path(study).is_file() else Path(study)
        plan = read_plan(known, changes.settings, allow_code=changes.allow_code)
        if sampling is not None:
            plan = replace(plan, sampling=sampling)
    if seeds:
        plan = replace(plan, seeds=tuple(seeds))
    return plan if samples is None else replace(plan, samples=samples)


@command("sweep", examples=(
    "weishang sweep pyramid --vary controls.stock_pressure=0:1:5 --seeds 10",
    "weishang sweep my_study.yaml --workers 8"))
@click.argument("study", metavar="STUDY|SCENARIO")
@vary_option
@seeds_option
@option("--sampling", type=click.Choice(["grid", "lhs", "sobol"]),
        help=mark("How ranges without points are sampled (default: lhs; sobol goes on in its "
                  "folder when --samples grows)."))
@option("--samples", type=click.IntRange(1, 1_000_000), metavar="N",
        help=mark("How many samples of the ranges without points (default: 64)."))
@measure_option
@worlds_options
@overrides_option
@weeks_option
@persons_option
@out_option
@engine_options
@allow_code_option
@dry_run_option
@json_option
@quiet_option
@format_option
@gathers(changes=Changes, worlds=Worlds, place=Place, talk=Talk)
def sweep(
    study: str, vary: tuple[str, ...], seeds: list[int] | None, sampling: str | None,
    samples: int | None, measures: tuple[str, ...], out: Path | None, dry_run: bool,
    kinds: tuple[str, ...], *, changes: Changes, worlds: Worlds, place: Place, talk: Talk,
) -> int:
    """Run a study file, or a scenario with settings varied by --vary.

    Every varied setting is a column of every table; an interrupted sweep goes on where it was.
    """
    drawn, seeds = worlds.draw(seeds)
    plan = _study(study, vary, changes, seeds, samples, sampling)
    design = replace(plan, worlds=drawn).design()
    from sim.studies.measures import measures as read_measures

    read = read_measures(measures or plan.measures, min(scenario.weeks for scenario in design.scenarios))
    if dry_run:
        tell_plan(design, place, talk, keys=changes.keys)
        return 0
    from sim.studies.sheets import sheet_of_sweep
    from sim.studies.sweep import sweep as run_sweep

    say(agreed(_("{points} points x {seeds} seeds = {runs} runs").format(
        points=f"{len(design.points):,}", seeds=f"{len(design.seeds):,}",
        runs=f"{len(design):,}")), quiet=talk.silent)
    with engine(place, quiet=talk.silent) as how:
        how["progress"].measure = read[0]
        how["progress"].before = lambda: tell_notices(
            plan.names, plan.scenarios, [*design.keys, *changes.keys], quiet=talk.silent)
        found = run_sweep(design, measures=measures or plan.measures, out=out or True, **how)
        how["progress"].begin()
    results: Any = found.runs
    write_sheets(results, kinds, [sheet_of_sweep(found)], quiet=talk.as_json)
    if talk.as_json:
        answer_json(state(results) | {
            "varied": list(design.keys), "points": found.points.to_dict("records")})
        return 1 if results.failed else 0
    if results.done:
        from sim.views.plots import sweep_figure

        for number, label in enumerate(design.labels, 1):
            _draw(results, f"sweep-{number}",
                  lambda label=label: sweep_figure(results, label))  # type: ignore[misc]
    from sim.cli.tables import paragraph

    for sentence in found.verdicts():
        answer(paragraph(sentence, "  "))
    return tell_closing(results, talk.quiet)
