"""The command decide: which plan to choose when nobody knows the world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sim.cli.groups import Changes, Place, Talk, gathers
from sim.cli.many import engine, study_options
from sim.cli.options import (
    command,
    option,
    say,
    scenarios_argument,
    seeds_option,
    tell_bare_money,
    tell_notices,
    worlds_from_option,
    worlds_of,
)
from sim.cli.planned import tell_plan
from sim.cli.studied import tell_study
from sim.errors import UsageError
from sim.texts import _, mark

__all__ = ["decide"]


@command("decide", examples=(
    "weishang decide pyramid prosumer --satisfy 'loss_share at end < 50%'",
    "weishang decide plan_a.yaml plan_b.yaml --worlds-from results/my-fit",
    "weishang decide plan_a.yaml plan_b.yaml --vary offer.quality=0.3:0.9"))
@scenarios_argument
@option("--of", "--measure", "of", default="cumulative(profit_brand)", metavar="MEASURE",
        help=mark("By which plans are judged (default: the brand's profit)."))
@option("--lowest", is_flag=True, help=mark("Less is better (default: more is better)."))
@option("--satisfy", "satisfy", multiple=True, metavar="CONDITION",
        help=mark("What a plan must meet, such as 'weeks_of_supply at end < 8' or "
                  "'share(resellers.profit < 0) <= 30%'; may be repeated."))
@option("--vary", "vary", multiple=True, metavar="KEY=A:B",
        help=mark("A setting that nobody knows, and its range; may be repeated."))
@option("--worlds", "worlds", type=click.IntRange(2, 100_000), metavar="N",
        help=mark("How many worlds are drawn (default with --vary: 100)."))
@worlds_from_option
@seeds_option
@study_options
@gathers(changes=Changes, place=Place, talk=Talk)
def decide(
    scenarios: tuple[str, ...], of: str, lowest: bool, satisfy: tuple[str, ...], vary: tuple[str, ...],
    worlds: int | None, worlds_from: Path | None, seeds: list[int] | None, out: Path | None,
    dry_run: bool, *, changes: Changes, place: Place, talk: Talk,
) -> int:
    """Run plans in the same plausible worlds and say which to choose, how sure, and where it fails.

    Worlds are drawn from ranges (--vary), from a fit (--worlds-from) or from the shipped ensemble
    (--worlds); without them, only luck differs.
    """
    from sim.runs.design import slug
    from sim.studies.decide import DEFAULT_SEEDS, decide_design, decide_in, worlds_between
    from sim.studies.measures import measure
    from sim.studies.plans import varied
    from sim.studies.searching import need_ranges

    if vary and worlds_from is not None:
        raise UsageError(_("worlds come from ranges (--vary) or from a fit (--worlds-from), not both"))
    loaded = changes.load(scenarios)
    drawn: Any
    if vary:
        factors = need_ranges(varied(loaded[0], vary))
        drawn = worlds_between(factors, worlds or 100)
        seeds = seeds or list(range(len(drawn.rows)))
    else:
        drawn, seeds = worlds_of(worlds, worlds_from, seeds)
    design = decide_design(
        loaded, of=of, highest=not lowest, satisfy=satisfy, seeds=tuple(seeds or range(DEFAULT_SEEDS)),
        worlds=drawn, names=[slug(Path(name).stem) for name in scenarios])
    tell_bare_money(satisfy, quiet=talk.silent)
    if dry_run:
        tell_plan(design, place, talk, keys=changes.keys)
        return 0
    if drawn is None:
        say(_("note: without --vary, --worlds or --worlds-from all plans meet the world of their files; "
              "only luck differs"), quiet=talk.silent)
    with engine(place, quiet=talk.silent) as how:
        how["progress"].measure = measure(of, min(scenario.weeks for scenario in loaded))
        how["progress"].before = lambda: tell_notices(
            scenarios, loaded, [*(drawn.keys if drawn else ()), *changes.keys], quiet=talk.silent)
        found = decide_in(design, out or True, **how)
        how["progress"].begin()
    from sim.views.box import box as drawn_box
    from sim.views.decision import decision

    box = found.box
    return tell_study(
        found, talk, {"decision": decision, "box": drawn_box}, favourite=found.favourite,
        choices=found.choices(), regrets=found.regrets.reset_index().to_dict("records"),
        box=None if box is None else {**vars(box), "limits": {
            key: list(ends) for key, ends in box.limits.items()}})
