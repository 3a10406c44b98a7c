"""The command ladder: from one scenario to another, one change at a time."""

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

__all__ = ["ladder"]


@command("ladder", examples=(
    "weishang ladder pyramid prosumer --of 'cumulative(profit_brand)'",
    "weishang ladder pyramid prosumer --of 'trust_mean at end' --order openness --order price"))
@click.argument("first", metavar="A")
@click.argument("last", metavar="B")
@option("--of", "--measure", "of", default="cumulative(profit_brand)", metavar="MEASURE",
        help=mark("What is to be explained (default: the brand's profit)."))
@seeds_option
@option("--orders", type=click.IntRange(1, 10_000), default=8, metavar="N",
        help=mark("Over how many orders of the changes their worth is averaged (default: 8)."))
@option("--order", "order", multiple=True, metavar="GROUP",
        help=mark("A group of settings that comes first in the given order; may be repeated."))
@worlds_options
@study_options
@gathers(changes=Changes, worlds=Worlds, place=Place, talk=Talk)
def ladder(
    first: str, last: str, of: str, seeds: list[int] | None, orders: int, order: tuple[str, ...],
    out: Path | None, dry_run: bool, *, changes: Changes, worlds: Worlds, place: Place, talk: Talk,
) -> int:
    """Go from plan A to plan B one change at a time and say what each change is worth.

    Settings that belong together change together. What a change is worth depends on what came before
    it: so it is said for the given order, and averaged over orders. The steps add up to the whole
    difference, seed by seed.
    """
    from sim.runs.design import slug
    from sim.studies.ladder import DEFAULT_SEEDS, ladder_design, ladder_in
    from sim.studies.measures import measure

    loaded = changes.load([first, last])
    drawn, seeds = worlds.draw(seeds)
    design = ladder_design(
        *loaded, of=of, seeds=tuple(seeds or range(DEFAULT_SEEDS)), orders=orders, order=order,
        worlds=drawn, names=[slug(Path(name).stem) for name in (first, last)])
    groups = design.study["groups"]
    say(_("{count} groups of settings, {rungs} scenarios from A to B, {runs} runs").format(
        count=len(groups), rungs=len(design.scenarios), runs=f"{len(design):,}"), quiet=talk.silent)
    for group in groups:
        say("  " + _("{name}: {what} ({settings})").format(
            name=group["name"], what=_(group["title"]), settings=", ".join(group["settings"])),
            quiet=talk.silent)
    if dry_run:
        tell_notices([first, last], loaded, changes.keys, quiet=talk.silent)
        tell_plan(design, place, talk, about=True)
        return 0
    with engine(place, quiet=talk.silent) as how:
        how["progress"].measure = measure(of, min(scenario.weeks for scenario in loaded))
        how["progress"].before = lambda: tell_notices(
            [first, last], loaded, changes.keys, quiet=talk.silent)
        found = ladder_in(design, out or True, **how)
        how["progress"].begin()
    from sim.views.waterfall import waterfall

    return tell_study(found, talk, {"waterfall": waterfall}, by_seed=found.by_seed.to_dict("records"))
