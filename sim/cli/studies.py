"""The commands that search: sensitivity, tipping, optimise, pilot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sim.cli.many import engine, engine_options
from sim.cli.options import (
    allow_code_option,
    answer,
    answer_json,
    command,
    dry_run_option,
    json_option,
    load_scenarios,
    option,
    quiet_option,
    scenario_options,
    scenarios_argument,
    seeds_option,
    tell_notices,
    worlds_from_option,
    worlds_of,
    worlds_options,
)
from sim.errors import UsageError
from sim.texts import _, mark

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
    for decorate in reversed((
            seeds_option, scenario_options, engine_options, table_option, allow_code_option,
            dry_run_option, json_option, quiet_option)):
        function = decorate(function)
    return function


def _factors(scenario: str, vary: tuple[str, ...], allow_code: bool) -> Any:
    from sim.studies.plans import varied

    return varied(scenario, vary, allow_code=allow_code)


def _one(
    scenario: str, overrides: Any, weeks: str | None, persons: str | None, allow_code: bool,
    factors: Any = (), *, quiet: bool = False,
) -> Any:
    """Return the scenario of a study, and say what its reader may not see."""
    [loaded] = load_scenarios(
        [scenario], overrides, weeks=weeks, persons=persons, allow_code=allow_code)
    tell_notices([scenario], [loaded], [*(factor.key for factor in factors),
                                        *(key for key, _value in overrides)], quiet=quiet)
    return loaded


def _dry(scenarios: Any, runs: int, workers: int | None, cluster: str | None, as_json: bool) -> None:
    """Say about how many runs a search takes, and how long; how many exactly it finds out itself."""
    from sim.cli.progress import duration
    from sim.kernel.machine import size
    from sim.runs.design import Design
    from sim.runs.estimate import admit, estimate_design

    count = len(scenarios) if isinstance(scenarios, list) else 1
    design = Design.of(scenarios, range(max(1, runs // count)))
    admit(design, workers=workers, remote=bool(cluster))
    expected = estimate_design(design, workers=workers, figures=False)
    if as_json:
        answer_json({"dry_run": True, "runs": len(design), "seconds": expected.seconds,
                     "memory_bytes": expected.memory})
        return
    answer(_("about {runs} runs, {time}, {memory} of memory; nothing was run").format(
        runs=f"{len(design):,}", time=duration(expected.seconds), memory=size(expected.memory)))


def _refuse_old(path: Path | None) -> None:
    if path is not None and path.exists():
        raise UsageError(_("{path} is there already; choose another name").format(path=path))


def _tell(found: Any, table: Any, path: Path | None, as_json: bool, **more: Any) -> None:
    if path is not None:
        from sim.runs.tables import for_spreadsheets

        path.write_bytes(for_spreadsheets(table).encode("utf-8-sig"))
    if as_json:
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
@study_options
def sensitivity(
    scenario: str, vary: tuple[str, ...], measure: str, method: str, samples: int,
    seeds: list[int] | None, overrides: Any, weeks: str | None, persons: str | None,
    workers: int | None, cluster: str | None, timeout: float, table: Path | None,
    allow_code: bool, dry_run: bool, as_json: bool, quiet: bool,
) -> None:
    """Say which settings a measure depends on, the strongest first."""
    from sim.studies.sensitivity import sensitivity as study

    _refuse_old(table)
    if vary:
        factors = _factors(scenario, vary, allow_code)
        loaded = _one(scenario, overrides, weeks, persons, allow_code, factors,
                      quiet=quiet or as_json)
    else:
        from sim.studies.study_file import read_plan

        laid = dict(overrides) | {key: value for key, value in (
            ("weeks", weeks), ("persons", persons)) if value is not None}
        plan = read_plan(scenario, laid, allow_code=allow_code)
        factors, loaded = plan.factors, plan.scenarios[0]
        tell_notices(plan.names, plan.scenarios, [factor.key for factor in factors],
                     quiet=quiet or as_json)
        seeds = seeds or list(plan.seeds)
    if dry_run:
        points = samples * (len(factors) + (1 if method == "morris" else 2))
        _dry(loaded, points * len(seeds or range(5)), workers, cluster, as_json)
        return
    with engine(workers, cluster, timeout, quiet or as_json) as how:
        found = study(loaded, factors, measure, seeds=seeds or range(5), method=method,
                      samples=samples, **how)
    _tell(found, found.table, table, as_json, method=method, noise=found.noise, runs=found.runs)


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
@study_options
def tipping(
    scenario: str, vary: tuple[str, ...], condition: str, tolerance: float, worlds: int | None,
    worlds_from: Path | None, seeds: list[int] | None, overrides: Any, weeks: str | None, persons: str | None,
    workers: int | None, cluster: str | None, timeout: float, table: Path | None,
    allow_code: bool, dry_run: bool, as_json: bool, quiet: bool,
) -> None:
    """Find the value of a setting at which a condition changes for half of the seeds."""
    from sim.studies.tipping import tipping as study

    _refuse_old(table)
    drawn, seeds = worlds_of(worlds, worlds_from, seeds)
    factors = _factors(scenario, vary, allow_code)
    loaded = _one(scenario, overrides, weeks, persons, allow_code, factors,
                  quiet=quiet or as_json)
    if dry_run:
        from sim.studies.tipping import expected_runs

        _dry(loaded, expected_runs(tolerance, len(seeds or range(10))), workers, cluster, as_json)
        return
    with engine(workers, cluster, timeout, quiet or as_json) as how:
        found = study(loaded, factors, condition, seeds=seeds or range(10),
                      tolerance=tolerance, worlds=drawn, **how)
    _tell(found, found.table, table, as_json, low=found.low, high=found.high,
          crossing=list(found.crossing), thresholds=list(found.thresholds), runs=found.runs)


@command("optimise", examples=(
    "weishang optimise pyramid --vary controls.stock_pressure=0:1 "
    "--measure 'cumulative(profit_brand)'",
    "weishang optimise prosumer --vary offer.list_price=60:300 --measure 'loss_share at end' "
    "--lowest"))
@scenario_argument
@range_option
@one_measure_option
@option("--lowest", is_flag=True, help=mark("Make the measure lowest (default: highest)."))
@option("--budget", type=click.IntRange(4, 1_000_000), default=60, metavar="N",
        help=mark("About how many points are tried, each with all seeds (default: 60)."))
@study_options
def optimise(
    scenario: str, vary: tuple[str, ...], measure: str, lowest: bool, budget: int,
    seeds: list[int] | None, overrides: Any, weeks: str | None, persons: str | None,
    workers: int | None, cluster: str | None, timeout: float, table: Path | None,
    allow_code: bool, dry_run: bool, as_json: bool, quiet: bool,
) -> None:
    """Find settings that make a measure best; judge them with seeds the search has not seen."""
    from sim.studies.optimise import optimise as study

    _refuse_old(table)
    factors = _factors(scenario, vary, allow_code)
    loaded = _one(scenario, overrides, weeks, persons, allow_code, factors,
                  quiet=quiet or as_json)
    if dry_run:
        _dry(loaded, budget * len(seeds or range(5)) + 20, workers, cluster, as_json)
        return
    with engine(workers, cluster, timeout, quiet or as_json) as how:
        found = study(loaded, factors, measure, highest=not lowest, seeds=seeds or range(5),
                      budget=budget, **how)
    _tell(found, found.searched, table, as_json, settings=dict(found.settings), runs=found.runs)


@command("pilot", examples=(
    "weishang pilot pyramid prosumer --vary offer.quality=0.2:0.9 --pilot-persons 1000 "
    "--pilot-weeks 12",
    "weishang pilot plan_a.yaml plan_b.yaml --vary people.credulity=0.2:0.8 --worlds 100"))
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
@study_options
def pilot(
    scenarios: tuple[str, ...], vary: tuple[str, ...], measure: str, pilot_measure: str | None,
    lowest: bool, pilot_persons: int, pilot_weeks: int, worlds: int, worlds_from: Path | None,
    seeds: list[int] | None, overrides: Any, weeks: str | None, persons: str | None,
    workers: int | None, cluster: str | None, timeout: float, table: Path | None, allow_code: bool,
    dry_run: bool, as_json: bool, quiet: bool,
) -> None:
    """Say what it is worth to pilot plans small and short and to scale the one that did best.

    --vary says what nobody knows beforehand: each world is drawn from these ranges. Without it, worlds
    are those of an ensemble.
    """
    from sim.studies.pilot import pilot as study

    _refuse_old(table)
    if vary and worlds_from is not None:
        raise UsageError(_("worlds come from ranges (--vary) or from a fit (--worlds-from), not both"))
    drawn: Any = worlds if vary else worlds_of(worlds, worlds_from, None)[0]
    factors = _factors(scenarios[0], vary, allow_code)
    loaded = load_scenarios(
        scenarios, overrides, weeks=weeks, persons=persons, allow_code=allow_code)
    tell_notices(scenarios, loaded, [*(factor.key for factor in factors),
                                     *(key for key, _value in overrides)], quiet=quiet or as_json)
    if dry_run:
        _dry(loaded, worlds * len(seeds or (0,)) * len(loaded), workers, cluster, as_json)
        return
    with engine(workers, cluster, timeout, quiet or as_json) as how:
        found = study(loaded, factors, measure, persons=pilot_persons, weeks=pilot_weeks,
                      worlds=drawn, seeds=seeds or (0,), sign=-1 if lowest else 1,
                      pilot_of=pilot_measure, **how)
    _tell(found, found.table, table, as_json, fixed=found.fixed, right=found.right,
          worth=found.worth.mean, low=found.worth.low, high=found.worth.high)
