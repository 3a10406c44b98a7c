"""The commands that search: sensitivity, tipping, optimise, pilot."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.groups import Aim, Changes, Pilot, Place, Talk, Worlds, gathers
from sim.cli.many import engine, engine_options
from sim.cli.options import (
    allow_code_option,
    answer,
    answer_json,
    command,
    dry_run_option,
    json_option,
    option,
    out_option,
    quiet_option,
    scenario_options,
    scenarios_argument,
    seeds_option,
    tell_bare_money,
    tell_notices,
    worlds_from_option,
    worlds_options,
)
from sim.cli.planned import tell_plan
from sim.errors import UsageError
from sim.texts import _, mark

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data

__all__ = ["optimise", "pilot", "sensitivity", "tipping"]

scenario_argument = click.argument("scenario", metavar="SCENARIO")
range_option = option(
    "--vary", "vary", multiple=True, required=True, metavar="KEY=A:B",
    help=mark("A setting and its range; may be repeated where it makes sense."))
one_measure_option = option(
    "--measure", "measure", required=True, metavar="MEASURE",
    help=mark("Such as 'cumulative(profit_brand)'."))
table_option = option(
    "--table", "table", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.csv",
    help=mark("Write the table behind the answer to a file that is not there yet."))


def study_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that all searches share."""
    function = gathers(changes=Changes, place=Place, talk=Talk)(function)
    for decorate in reversed((
            seeds_option, scenario_options, engine_options, table_option, allow_code_option,
            dry_run_option, json_option, quiet_option)):
        function = decorate(function)
    return function


def _factors(scenario: str, vary: tuple[str, ...], changes: Changes) -> Any:
    from sim.studies.plans import varied

    return varied(scenario, vary, allow_code=changes.allow_code)


def _keys(factors: Any) -> list[str]:
    return [factor.key for factor in factors]


def _dry(scenarios: list[Any], runs: int, place: Place, talk: Talk) -> None:
    """Say roughly how many runs a search takes, and how long; the search decides the exact number."""
    from sim.runs.design import Design

    design = Design.of(scenarios, range(max(1, runs // len(scenarios))))
    tell_plan(design, place, talk, figures=False, about=True)


def _refuse_old(path: Path | None) -> None:
    if path is not None and path.exists():
        raise UsageError(_("{path} is there already; choose another name").format(path=path))


def _pictured(found: Any, name: str) -> Data:
    """Draw the picture of a study into its folder; return where both are."""
    from sim.cli.studied import keep_picture
    from sim.views.studies import PICTURES

    keep_picture(found.results, name, functools.partial(PICTURES[name], found))
    return {"results": str(found.results.path)}


def _tell_folder(found: Any, talk: Talk) -> None:
    if not talk.as_json:
        answer(_("results: {path}").format(path=found.results.path))
        answer(_("pictures: {path}").format(path=found.results.figures))


def _tell(found: Any, table: pd.DataFrame, path: Path | None, talk: Talk, **more: Any) -> None:
    if path is not None:
        from sim.runs.tables import for_spreadsheets

        path.write_bytes(for_spreadsheets(table).encode("utf-8-sig"))
    if talk.as_json:
        answer_json({"verdicts": found.verdicts(), "table": table.to_dict("records"), **more})
        return
    from sim.cli.tables import paragraph

    for sentence in found.verdicts():
        answer(paragraph(sentence, "  "))
    if path is not None:
        answer(_("table: {path}").format(path=path))


@command("sensitivity", examples=(
    "weishang sensitivity pyramid --vary controls.stock_pressure=0:1 --vary offer.quality=0.2:0.9 "
    "--measure 'loss_share at end'",
    "weishang sensitivity study.yaml --method sobol --samples 64 --measure 'trust_mean at end'"))
@click.argument("scenario", metavar="SCENARIO|STUDY")
@option("--vary", "vary", multiple=True, metavar="KEY=A:B",
        help=mark("A setting and its range; may be repeated (default: the ranges of the study)."))
@one_measure_option
@option("--method", type=click.Choice(["morris", "sobol"]), default="morris",
        help=mark("Screening by few runs, or shares of the variation by many (default: morris)."))
@option("--samples", type=click.IntRange(2, 100_000), default=16, metavar="N",
        help=mark("Trajectories (morris) or base samples, a power of two (sobol); default: 16."))
@out_option
@study_options
def sensitivity(
    scenario: str, vary: tuple[str, ...], measure: str, method: str, samples: int, out: Path | None,
    seeds: list[int] | None, table: Path | None, dry_run: bool, *,
    changes: Changes, place: Place, talk: Talk,
) -> None:
    """Say which settings a measure depends on, the strongest first."""
    from sim.studies.sensitivity import asked_of
    from sim.studies.sensitivity import sensitivity as study

    _refuse_old(table)
    if vary:
        factors = _factors(scenario, vary, changes)
        [loaded] = changes.load_told([scenario], _keys(factors), quiet=talk.silent)
    else:
        from sim.studies.study_file import read_plan

        plan = read_plan(scenario, changes.settings, allow_code=changes.allow_code)
        factors, loaded = plan.factors, plan.scenarios[0]
        tell_notices(plan.names, plan.scenarios, _keys(factors), quiet=talk.silent)
        seeds = seeds or list(plan.seeds)
    if dry_run:
        asked_of(loaded, factors, measure, method, samples)
        points = samples * (len(factors) + (1 if method == "morris" else 2))
        _dry([loaded], points * len(seeds or range(5)), place, talk)
        return
    with engine(place, quiet=talk.silent) as how:
        found = study(loaded, factors, measure, seeds=seeds or range(5), method=method,
                      samples=samples, out=out or True, **how)
    _tell(found, found.table, table, talk, method=method, noise=found.noise, runs=found.runs,
          **_pictured(found, "tornado"))
    _tell_folder(found, talk)


@command("tipping", examples=(
    "weishang tipping pyramid --vary controls.stock_pressure=0:1 --when 'loss_share at end > 70%'",
    "weishang tipping prosumer --vary offer.quality=0.2:0.9 --when 'trust_mean at end < 0.5' "
    "--seeds 30"))
@scenario_argument
@range_option
@option("--when", "condition", required=True, metavar="CONDITION",
        help=mark("Such as 'loss_share at end > 70%'."))
@option("--tolerance", type=float, default=0.02, metavar="SHARE",
        help=mark("How narrow the answer is, as a share of the range (default: 0.02)."))
@worlds_options
@out_option
@study_options
@gathers(worlds=Worlds)
def tipping(
    scenario: str, vary: tuple[str, ...], condition: str, tolerance: float, out: Path | None,
    seeds: list[int] | None, table: Path | None, dry_run: bool, *,
    worlds: Worlds, changes: Changes, place: Place, talk: Talk,
) -> None:
    """Find the value of a setting at which a condition changes for half of the seeds."""
    from sim.studies.tipping import tipping as study

    _refuse_old(table)
    drawn, seeds = worlds.draw(seeds)
    factors = _factors(scenario, vary, changes)
    [loaded] = changes.load_told([scenario], _keys(factors), quiet=talk.silent)
    tell_bare_money([condition], quiet=talk.silent)
    if dry_run:
        from sim.studies.tipping import asked, expected_runs

        asked(loaded, factors, condition, tolerance)
        _dry([loaded], expected_runs(tolerance, len(seeds or range(10))), place, talk)
        return
    with engine(place, quiet=talk.silent) as how:
        found = study(loaded, factors, condition, seeds=seeds or range(10),
                      tolerance=tolerance, worlds=drawn, out=out or True, **how)
    _tell(found, found.table, table, talk, low=found.low, high=found.high,
          crossing=list(found.crossing), thresholds=list(found.thresholds), runs=found.runs,
          **_pictured(found, "tipping"))
    _tell_folder(found, talk)


@command("optimise", examples=(
    "weishang optimise pyramid --vary offer.quality=0.2:0.9 --measure brand_profit",
    "weishang optimise transition --vary 转型.week=20:120 --measure brand_profit"))
@scenario_argument
@range_option
@one_measure_option
@option("--lowest", is_flag=True, help=mark("Make the measure lowest (default: highest)."))
@option("--satisfy", "satisfy", multiple=True, metavar="CONDITION",
        help=mark("Must hold: 'loss_share at end <= 20%'; may be repeated."))
@option("--surely", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.9, metavar="SHARE",
        help=mark("Share of the seeds (default: 0.9)."))
@option("--worst-tenth", "worst", is_flag=True,
        help=mark("Judge by the mean of the worst tenth of the seeds."))
@option("--quantile", "quantile", type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
        metavar="SHARE", help=mark("Judge by this quantile of the seeds."))
@option("--budget", type=click.IntRange(4, 1_000_000), default=60, metavar="N",
        help=mark("Points to try, each with all seeds (default: 60)."))
@worlds_options
@out_option
@study_options
@gathers(aim=Aim, worlds=Worlds)
def optimise(
    scenario: str, vary: tuple[str, ...], budget: int, out: Path | None,
    seeds: list[int] | None, table: Path | None, dry_run: bool, *,
    aim: Aim, worlds: Worlds, changes: Changes, place: Place, talk: Talk,
) -> None:
    """Find settings that make a measure best, judged by fresh seeds.

    Several may be varied together, those of events by their id.
    """
    from sim.studies.optimise import asked, expected_runs
    from sim.studies.optimise import optimise as study

    _refuse_old(table)
    drawn, seeds = worlds.draw(seeds)
    factors = _factors(scenario, vary, changes)
    [loaded] = changes.load_told([scenario], _keys(factors), quiet=talk.silent)
    tell_bare_money(aim.satisfy, quiet=talk.silent)
    seeds = seeds or list(range(5))
    if dry_run:
        asked(loaded, factors, aim.measure, aim.satisfy)
        _dry([loaded], expected_runs(budget, seeds, aim.by), place, talk)
        return
    with engine(place, quiet=talk.silent) as how:
        found = study(loaded, factors, aim.measure, highest=not aim.lowest, satisfy=aim.satisfy,
                      surely=aim.surely, worst=aim.by, seeds=seeds, budget=budget, worlds=drawn,
                      out=out or True, **how)
    _tell(found, found.searched, table, talk, settings=dict(found.settings), runs=found.runs,
          feasible=found.feasible, met=None if found.met is None else found.met.mean,
          **_pictured(found, "search"))
    _tell_folder(found, talk)


@command("pilot", examples=(
    "weishang pilot pyramid prosumer --vary offer.quality=0.2:0.9",
    "weishang pilot plan_a.yaml plan_b.yaml --worlds 100"))
@scenarios_argument
@option("--vary", "vary", multiple=True, metavar="KEY=A:B",
        help=mark("A setting that nobody knows, and its range; may be repeated (default: the plausible "
                  "worlds of --worlds-from, or the shipped ones)."))
@option("--measure", "measure", default="cumulative(profit_brand)", metavar="MEASURE",
        help=mark("By which plans are judged at full size (default: the brand's profit)."))
@option("--pilot-measure", "pilot_measure", metavar="MEASURE",
        help=mark("By which the pilot chooses (default: the same)."))
@option("--lowest", is_flag=True, help=mark("Less is better (default: more is better)."))
@option("--pilot-persons", type=click.IntRange(1), default=1000, metavar="N",
        help=mark("Size of the pilot (default: 1000)."))
@option("--pilot-weeks", type=click.IntRange(1), default=12, metavar="N",
        help=mark("Length of the pilot (default: 12)."))
@option("--worlds", type=click.IntRange(2, 100_000), default=32, metavar="N",
        help=mark("How many worlds are drawn (default: 32)."))
@worlds_from_option
@out_option
@study_options
@gathers(how=Pilot, worlds=Worlds)
def pilot(
    scenarios: tuple[str, ...], vary: tuple[str, ...], out: Path | None, seeds: list[int] | None,
    table: Path | None, dry_run: bool, *,
    how: Pilot, worlds: Worlds, changes: Changes, place: Place, talk: Talk,
) -> None:
    """Say what it is worth to pilot plans small and short and to scale the one that did best.

    --vary says what nobody knows; without it, worlds are of an ensemble.
    """
    from sim.studies.pilot import asked
    from sim.studies.pilot import pilot as study

    _refuse_old(table)
    if vary and worlds.worlds_from is not None:
        raise UsageError(_("worlds come from ranges (--vary) or from a fit (--worlds-from), not both"))
    drawn: Any = worlds.worlds if vary else worlds.draw(None)[0]
    factors = _factors(scenarios[0], vary, changes)
    loaded = changes.load_told(scenarios, _keys(factors), quiet=talk.silent)
    if dry_run:
        assert worlds.worlds is not None
        asked(loaded, factors, how.measure, how.pilot_measure, how.pilot_persons, how.pilot_weeks, drawn)
        _dry(loaded, worlds.worlds * len(seeds or (0,)) * len(loaded), place, talk)
        return
    with engine(place, quiet=talk.silent) as machine:
        found = study(loaded, factors, how.measure, persons=how.pilot_persons,
                      weeks=how.pilot_weeks, worlds=drawn, seeds=seeds or (0,),
                      sign=-1 if how.lowest else 1, pilot_of=how.pilot_measure, out=out or True,
                      **machine)
    _tell(found, found.table, table, talk, fixed=found.fixed, right=found.right,
          worth=found.worth.mean, low=found.worth.low, high=found.worth.high,
          regret={"pilot": float(found.regret("with_pilot").mean()),
                  "fixed": float(found.regret(found.fixed).mean())}, **_pictured(found, "pilot"))
    _tell_folder(found, talk)
