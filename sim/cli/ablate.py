"""``weishang ablate``: what each effect changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.groups import Talk, Worlds, gathers
from sim.cli.options import (
    command,
    json_option,
    option,
    quiet_option,
    workers_option,
    worlds_options,
)
from sim.cli.tables import table
from sim.texts import _, mark

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ablate"]


@command("ablate", examples=(
    "weishang ablate --replicates 10", "weishang ablate A7 A8 B3 --persons 5000",
    "weishang ablate --worlds 100", "weishang ablate --pairs"))
@click.argument("effects", nargs=-1)
@option("--replicates", type=click.IntRange(2, 10_000), default=30, show_default=True,
        help=mark("Paired seeds."))
@option("--persons", type=click.IntRange(10), help=mark("Size of the market, if another one."))
@option("--pairs", is_flag=True,
        help=mark("Switch off pairs of effects that the essays see working together."))
@worlds_options
@workers_option
@json_option
@quiet_option
@gathers(where=Worlds, talk=Talk)
def ablate(
    effects: tuple[str, ...], replicates: int, persons: int | None, pairs: bool,
    workers: int | None, where: Worlds, talk: Talk,
) -> int:
    """Switch effects off one by one and say what that changes.

    Each is tried in the scenario where it should matter, with and without on the same seeds. Exit 1
    when a change goes against what the essays say.
    """
    from sim.cli.progress import Progress
    from sim.studies.ablation import CASES, ablate_pairs
    from sim.studies.ablation import ablate as study

    known = [case.id for case in CASES]
    for name in effects:
        if name not in known:
            raise click.UsageError(
                _("no effect '{name}'; there are: {known}").format(
                    name=name[:40], known=", ".join(known)))
    if pairs and (effects or where.asked):
        raise click.UsageError(_("--pairs takes neither effects nor worlds"))
    drawn, seeds = where.draw(None)
    with Progress(quiet=talk.silent) as progress:
        if pairs:
            found = ablate_pairs(
                seeds=replicates, persons=persons, workers=workers, progress=progress)
        else:
            found = study(
                effects or None, seeds=replicates if seeds is None else len(seeds),
                first_seed=1 if seeds is None else seeds[0], persons=persons, worlds=drawn,
                workers=workers, progress=progress)
    if talk.as_json:
        click.echo(found.to_json(orient="records", force_ascii=False))
    else:
        click.echo(_pairs(found) if pairs else _effects(found, over_worlds=drawn is not None))
        dropped = int(found["dropped"].sum())
        if dropped:
            click.echo(_("{count} pairs are left out: a side has no such number.").format(count=dropped))
    return 0 if pairs else int((found["agrees"] == "no").any())


def _effects(found: pd.DataFrame, *, over_worlds: bool) -> str:
    head = [_("id"), _("agrees"), *([_("worlds")] if over_worlds else []), _("change"),
            _("change, 95 % interval"), _("with"), _("measure"), _("what the essays say")]
    return table(head, [
        [row["id"], _(row["agrees"]), *([f"{row['holding']:.0%}"] if over_worlds else []),
         f"{row['share']:.0%}" if not row["small"] else _("below 2 %"),
         f"{row['change']:+.4g} ({row['low']:.4g} .. {row['high']:.4g})", f"{row['with']:.4g}",
         f"{row['measure']} [{row['scenario']}]", row["claim"]]
        for row in found.to_dict(orient="records")])


def _pairs(found: pd.DataFrame) -> str:
    head = [_("pair"), _("more than the sum, 95 % interval"), _("clear"), _("without the first"),
            _("without the second"), _("without both"), _("with"), _("measure"),
            _("what the essays say")]
    return table(head, [
        [f"{row['first']} {row['second']}",
         f"{row['together']:+.4g} ({row['low']:.4g} .. {row['high']:.4g})",
         _("yes") if row["clear"] else _("no"), f"{row['without_first']:+.4g}",
         f"{row['without_second']:+.4g}", f"{row['without_both']:+.4g}", f"{row['with']:.4g}",
         f"{row['measure']} [{row['scenario']}]", row["claim"]]
        for row in found.to_dict(orient="records")])
