"""The command loops: which feedback loop did it."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.groups import Changes, Place, Talk, Worlds, gathers
from sim.cli.many import engine, study_options
from sim.cli.options import (
    command,
    option,
    say,
    seeds_option,
    tell_notices,
    worlds_options,
)
from sim.cli.planned import tell_plan
from sim.cli.studied import tell_study
from sim.texts import _, mark

__all__ = ["loops"]


@command("loops", examples=(
    "weishang loops pyramid --of 'cumulative(sell_in)'",
    "weishang loops prosumer --of 'cumulative(sell_through)' --seeds 30 --combinations 256"))
@click.argument("scenario", metavar="SCENARIO")
@option("--of", "--measure", "of", default="cumulative(profit_brand)", metavar="MEASURE",
        help=mark("What is to be explained (default: the brand's profit)."))
@seeds_option
@option("--combinations", type=click.IntRange(2, 100_000), default=64, metavar="N",
        help=mark("Up to how many combinations of loops are run; else a sample (default: 64)."))
@worlds_options
@study_options
@gathers(changes=Changes, worlds=Worlds, place=Place, talk=Talk)
def loops(
    scenario: str, of: str, seeds: list[int] | None, combinations: int, out: Path | None,
    dry_run: bool, *, changes: Changes, worlds: Worlds, place: Place, talk: Talk,
) -> int:
    """Say what each feedback loop of a plan contributes to a measure.

    Loops are cut in every combination, on the same seeds. The share of a loop is its Shapley value: the
    shares add up to what all loops bring together, seed by seed.
    """
    from sim.mechanisms.loops import LOOPS
    from sim.runs.design import slug
    from sim.studies.loops import DEFAULT_SEEDS, loops_design, loops_in
    from sim.studies.measures import measure

    [loaded] = changes.load([scenario])
    drawn, seeds = worlds.draw(seeds)
    design = loops_design(
        loaded, of=of, seeds=tuple(seeds or range(DEFAULT_SEEDS)), combinations=combinations,
        worlds=drawn, name=slug(Path(scenario).stem))
    names = design.study["loops"]
    live = [loop for loop in LOOPS if loop.name in names]
    say(_("{count} feedback loops, {combinations} combinations, {runs} runs").format(
        count=len(live), combinations=len(design.scenarios), runs=f"{len(design):,}"), quiet=talk.silent)
    for loop in live:
        say("  " + _("{name}: {what} ({path}); cut by {off}").format(
            name=loop.name, what=_(loop.title), path=" > ".join((*loop.path, loop.path[0])),
            off=", ".join(f"{key}={value}" for key, value in loop.off.items())), quiet=talk.silent)
    cut = [key for loop in live for key in loop.off]
    if dry_run:
        tell_notices([scenario], [loaded], [*changes.keys, *cut], quiet=talk.silent)
        tell_plan(design, place, talk, about=True)
        return 0
    with engine(place, quiet=talk.silent) as how:
        how["progress"].measure = measure(of, loaded.weeks)
        how["progress"].before = lambda: tell_notices(
            [scenario], [loaded], [*changes.keys, *cut], quiet=talk.silent)
        found = loops_in(design, out or True, **how)
        how["progress"].begin()
    from sim.views.cause_map import cause_map

    return tell_study(found, talk, {"cause_map": cause_map}, by_seed=found.by_seed.to_dict("records"),
                      interactions=found.interactions.to_dict("records"), idle=list(found.idle))
