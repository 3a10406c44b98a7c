"""The command run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.groups import Changes, Place, Talk, Worlds, gathers
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
    quiet_option,
    say,
    scenario_options,
    scenarios_argument,
    seeds_option,
    tell_notices,
    verbose_option,
    workers_option,
    worlds_options,
)
from sim.cli.planned import tell_plan
from sim.cli.progress import Compiling, Progress
from sim.cli.sheets import format_option, write_sheets
from sim.errors import typed
from sim.kernel.machine import cores
from sim.regimes import REGIMES
from sim.texts import _, mark

if TYPE_CHECKING:
    from sim.runs.folder import Results

__all__ = ["run", "tell_lacking", "warm_up"]

MAIN_FIGURES = ("inventory", "churn", "sell_through")
"""The pictures of every run."""


@command("run", examples=(
    "weishang run pyramid", "weishang run my_plan.yaml prosumer --seeds 10 --set persons=5000"))
@scenarios_argument
@seeds_option
@worlds_options
@scenario_options
@out_option
@workers_option
@cluster_option
@option("--figures", type=click.Choice(["main", "all", "none"]), default="main", show_default=True,
        help=mark("Which pictures to draw; `weishang plot` draws more later."))
@allow_code_option
@dry_run_option
@json_option
@quiet_option
@verbose_option
@format_option
@gathers(changes=Changes, worlds=Worlds, talk=Talk)
def run(
    scenarios: tuple[str, ...], seeds: list[int] | None, out: Path | None, workers: int | None,
    cluster: str | None, figures: str, dry_run: bool, verbose: bool, kinds: tuple[str, ...], *,
    changes: Changes, worlds: Worlds, talk: Talk,
) -> int:
    """Run scenarios, write a folder of results, print the key figures.

    The same command finds its folder again: it goes on where it was interrupted, or says that
    nothing is to do.
    """
    from sim.runs.design import Design

    loaded = changes.load(scenarios)
    names = [Path(name).stem if name.endswith((".yaml", ".yml")) else name.replace("/", "-")
             for name in scenarios]
    drawn, seeds = worlds.draw(seeds)
    design = Design.of(loaded, seeds or [loaded[0].seed], names=names, worlds=drawn)
    if dry_run:
        tell_plan(design, Place(workers, cluster), talk, figures=figures != "none",
                  keys=changes.keys)
        return 0
    tell_notices(scenarios, loaded, [*(drawn.keys if drawn else ()), *changes.keys], quiet=talk.silent)
    if len(design.seeds) == 1 and not talk.silent:
        say(_("note: one seed is one history of many; --seeds 30 shows what is luck"))
    from sim.runs.folder import run_into
    from sim.runs.inputs import read_inputs

    for note in read_inputs(loaded):
        say(_("note: {what}").format(what=note), quiet=talk.silent)
    with _drawer(figures) as drawer:
        with _executor(cluster, workers) as executor, Progress(quiet=talk.silent) as progress:
            warm_up({scenario.regime for scenario in loaded}, quiet=talk.silent)
            results = run_into(
                design, out=out, executor=executor, workers=workers, progress=progress)
        drawn = None
        if figures != "none" and results.done:
            drawn = _start_drawing(results, MAIN_FIGURES if figures == "main" else None, drawer)
        try:
            # Results are printed while the pictures are drawn.
            code = _report(results, loaded, talk, verbose=verbose)
        finally:
            # Also after a closed pipe.
            if drawn is not None:
                _wait_for(drawn, results.path)
    write_sheets(results, kinds, quiet=talk.as_json)
    if not talk.as_json and results.figures.is_dir():
        answer(_("pictures: {path}").format(path=results.figures))
    return code


def _wait_for(drawn: Callable[[], None], folder: Path) -> None:
    """Wait until the pictures are drawn; after an interrupt, say what was written."""
    from sim.runs.errors import Stopped

    try:
        drawn()
    except KeyboardInterrupt:
        raise Stopped(_(
            "stopped while the pictures were drawn; the results are whole, draw them with: weishang "
            "plot {folder}").format(folder=typed(folder)), 130) from None


def _executor(cluster: str | None, workers: int | None) -> Any:
    """Return a context with the executor of a cluster, or with None for this machine."""
    if cluster is None:
        return nullcontext()
    from sim.runs.cluster import cluster as connect

    return connect(cluster, workers)


def warm_up(regimes: Iterable[str] = tuple(REGIMES), *, quiet: bool) -> None:
    """Compile the loops that the first run on a machine would wait for."""
    from sim.runs.compiling import compile_ahead, lacking

    if lacking(regimes):
        say(_("compiling the rules of the week; this happens once on a machine, about half a minute"),
            quiet=quiet)
        with Compiling(quiet=quiet) as progress:
            compile_ahead(regimes, progress)


def _drawer(figures: str) -> Any:
    """Return a context with a process that prepares to draw, or with None if that would not help."""
    if figures != "main" or cores() == 1:
        return nullcontext()
    from sim.views.drawing import Drawer

    return Drawer()


def _start_drawing(
    results: Results, only: tuple[str, ...] | None, drawer: Any,
) -> Callable[[], None] | None:
    """Begin to draw the pictures into the results folder, unless they exist.

    Returns a function that waits until they are drawn.
    """
    from sim.views.sources import figure_stem, names

    count = len(names(results))
    there = all((results.figures / f"{figure_stem(name, place, count)}.png").exists()
                for place in range(count) for name in only or ("tree",))
    if not results.lived and there:
        return None
    elsewhere = None
    if drawer is not None and only is not None and not results.custom_rules:
        elsewhere = drawer.start(results.path, only)

    def finish() -> None:
        signs = elsewhere() if elsewhere is not None else None
        if signs is None:
            from sim.views.plots import save_figures

            save_figures(results, results.figures, only=only)
        tell_lacking(signs or "")

    return finish


def tell_lacking(signs: str = "") -> None:
    """Say which characters appear as boxes in the pictures, drawn here or in another process."""
    import sys

    if "sim.views.style" in sys.modules:
        from sim.views.style import lacking

        signs += lacking()
    if signs:
        say(_("no font on this machine has these signs, the pictures show □ instead: {signs}; a font "
              "such as Noto Sans CJK has them").format(signs=signs))


def _report(results: Results, scenarios: list[Any], talk: Talk, *, verbose: bool) -> int:
    from sim.cli.summing import tell_summaries
    from sim.runs.summary import summaries_of
    from sim.studies.gaps import refuse_all_failed

    summaries = summaries_of(results, scenarios, results.design.called())
    failed = len(results.failed)
    if not talk.as_json:
        refuse_all_failed(results.failed.values(), len(results.done))
    broken = [check for summary in summaries for check in summary.checks if not check.ok]
    if talk.as_json:
        answer_json({
            "results": str(results.path), "runs": len(results.done), "lived": results.lived,
            "failed": {str(run): reason for run, reason in results.failed.items()},
            "scenarios": [
                {
                    "name": summary.name, "runs": summary.runs, "figures": summary.figures,
                    "network": summary.network, "warnings": summary.warnings,
                    **({"months": summary.months.to_dict("records")} if summary.months is not None else {}),
                    "expect": [{"check": check.text, "held": check.held, "runs": check.runs}
                               for check in summary.checks],
                }
                for summary in summaries
            ],
        })
    else:
        tell_summaries(summaries, verbose=verbose, started=scenarios[0].start.sells)
        from sim.cli.many import tell_taken

        tell_taken(results, quiet=talk.quiet)
        if results.lived == 0:
            say(_("nothing to do: these runs already exist"), quiet=talk.quiet)
        for run, reason in sorted(results.failed.items()):
            say(_("run {run} failed: {reason}").format(run=run, reason=reason))
        answer(_("results: {path}").format(path=results.path))
    return 1 if failed or broken else 0
