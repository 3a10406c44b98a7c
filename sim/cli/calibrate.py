"""The command calibrate: from data to plausible worlds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.groups import Changes, Place, Talk, gathers
from sim.cli.many import engine, state, study_options
from sim.cli.options import (
    answer,
    answer_json,
    command,
    option,
    say,
    tell_bare_money,
)
from sim.errors import UsageError, typed
from sim.texts import _, mark

if TYPE_CHECKING:
    from sim.studies.calibrating import Fit

__all__ = ["calibrate"]


@command("calibrate", examples=(
    "weishang calibrate pyramid --target 'loss_share at end=70%'",
    "weishang calibrate my_brand.yaml --history history.csv"))
@click.argument("scenario", metavar="SCENARIO")
@option("--target", "targets", multiple=True, metavar="MEASURE=FIGURE",
        help=mark("What was observed: 'loss_share at end=70%', '=70% +- 5%' (standard error; without "
                  "one: 5% of the figure), '=40%..60%' (a band); may be repeated."))
@option("--history", "history", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help=mark("Series to fit, by month or week: CSV, Excel or Parquet; `weishang template history` "
                  "writes an example."))
@option("--vary", "vary", multiple=True, metavar="KEY=A:B",
        help=mark("A setting and the range in which it is plausible; may be repeated (default: the "
                  "priors of `weishang describe priors`)."))
@option("--budget", type=click.IntRange(20, 1_000_000), default=400, metavar="N",
        help=mark("Runs of the search (default: 400)."))
@option("--worlds", type=click.IntRange(10, 100_000), default=200, metavar="N",
        help=mark("Worlds of the ensemble (default: 200)."))
@option("--first-seed", type=click.IntRange(0), default=0, metavar="N",
        help=mark("Where the seeds begin; no seed is fitted (default: 0)."))
@study_options
@gathers(changes=Changes, place=Place, talk=Talk)
def calibrate(
    scenario: str, targets: tuple[str, ...], history: Path | None, vary: tuple[str, ...],
    budget: int, worlds: int, first_seed: int, out: Path | None, dry_run: bool, *,
    changes: Changes, place: Place, talk: Talk,
) -> int:
    """Fit settings to data: an ensemble of plausible worlds in a results folder.

    An interrupted search goes on. Money of targets is in fen unless CNY is written after it, that of a
    history in yuan. The last quarter of a history is also foretold from what comes before it. Exit code 1
    when a target is not met.
    """
    from sim.scenario.history_files import read_history
    from sim.studies.aims import target_of
    from sim.studies.calibrating import calibrate as study
    from sim.studies.calibrating import default_folder, priors_of
    from sim.studies.history_fit import targets_of_history
    from sim.studies.measures import measure as read_measure
    from sim.studies.plans import varied
    from sim.studies.searching import need_ranges

    [loaded] = changes.load([scenario])
    aims = tuple(target_of(text) for text in targets)
    kept = None
    if history is not None:
        kept = read_history(history, loaded)
        for note in kept.notes:
            say(_("note: {what}").format(what=note), quiet=talk.silent)
    everything = (*aims, *(targets_of_history(kept) if kept is not None else ()))
    factors = need_ranges(varied(loaded, vary) if vary else priors_of(loaded))
    if not everything:
        raise UsageError(_("there is no target; write --target 'loss_share at end=70%' or --history FILE"))
    for aim in aims:
        read_measure(aim.name, loaded.weeks)
    if dry_run and talk.as_json:
        answer_json({"dry_run": True, "runs": budget, "settings": len(factors), "worlds": worlds})
        return 0
    if dry_run:
        answer(_("{runs} runs of the search over {settings} settings, then {worlds} worlds; nothing was "
                 "run").format(runs=budget, settings=len(factors), worlds=worlds))
        return 0
    unsure = [one.name for one in aims if not one.band and not one.error]
    for name in unsure:
        say(_("note: '{name}' has no error of measurement: only luck excuses a difference").format(
            name=name), quiet=talk.silent)
    tell_bare_money((re.sub(r"=(?=[^=]*$)", "==", text).partition("+-")[0].partition("..")[0]
                     for text in targets), quiet=talk.silent)
    folder = out or default_folder(loaded, factors, everything, budget, worlds, first_seed)
    with engine(place, quiet=talk.silent) as how:
        found = study(loaded, factors, aims, history=kept, budget=budget, worlds=worlds,
                      first_seed=first_seed, out=folder, **how)
    results: Any = found.runs
    _draw(found, results)
    if talk.as_json:
        answer_json(state(results) | {
            "verdicts": found.verdicts(), "settings": found.settings,
            "table": found.table.to_dict("records"), "learnt": found.learnt.to_dict("records"),
            "together": found.together, "contradicting": found.contradicting,
            "chance": found.chance, "covered": found.covered,
            **({"backtest": found.backtest.table.to_dict("records")} if found.backtest else {})})
    else:
        from sim.cli.tables import paragraph

        for sentence in found.verdicts():
            answer(paragraph(sentence, "  "))
        answer(_("results: {path}").format(path=results.path))
        answer(_("pictures: {path}").format(path=results.figures))
        if kept is not None:
            answer(_("next: weishang forecast {path} [PLAN.yaml...]").format(path=typed(results.path)))
    # Some of the many points of a series always lie outside the band.
    single = found.table[found.table["series"] == ""]
    return 0 if bool(single["met"].all()) and not results.failed else 1


def _draw(found: Fit, results: Any) -> None:
    """Put the pictures of a fit into its folder."""
    from sim.views.posterior import fit_figure
    from sim.views.style import saved

    for name in ("posterior", "fit", "learnt"):
        for kind in ("png", "svg"):
            path = f"figures/{name}.{kind}"
            if results.lived or not (results.path / path).exists():
                results.publish(path, lambda to, name=name, kind=kind: saved(
                    fit_figure(found, name), to, kind))
