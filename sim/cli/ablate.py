"""``weishang ablate``: what each effect changes."""

from __future__ import annotations

import click

from sim.cli.options import command, json_option, option, quiet_option, workers_option
from sim.cli.tables import table
from sim.texts import _, mark

__all__ = ["ablate"]


@command("ablate", examples=(
    "weishang ablate --replicates 10", "weishang ablate A7 A8 B3 --persons 5000"))
@click.argument("effects", nargs=-1)
@option("--replicates", type=click.IntRange(2, 10_000), default=30, show_default=True,
        help=mark("Paired seeds."))
@option("--persons", type=click.IntRange(10), help=mark("Size of the market, if another one."))
@workers_option
@json_option
@quiet_option
def ablate(
    effects: tuple[str, ...], replicates: int, persons: int | None, workers: int | None,
    as_json: bool, quiet: bool,
) -> int:
    """Switch effects off one by one and say what that changes.

    Each is tried in the scenario where it should matter, with and without on the same seeds. Exit 1
    when a change goes against what the essays say.
    """
    from sim.cli.progress import Progress
    from sim.studies.ablation import CASES
    from sim.studies.ablation import ablate as study

    known = [case.id for case in CASES]
    for name in effects:
        if name not in known:
            raise click.UsageError(
                _("no effect '{name}'; there are: {known}").format(
                    name=name[:40], known=", ".join(known)))
    with Progress(quiet=quiet or as_json) as progress:
        found = study(
            effects or None, seeds=replicates, persons=persons, workers=workers,
            progress=progress)
    if as_json:
        click.echo(found.to_json(orient="records", force_ascii=False))
    else:
        head = [_("id"), _("agrees"), _("change"), _("change, 95 % interval"), _("with"), _("measure"),
                _("what the essays say")]
        rows = [
            [row["id"], _(row["agrees"]), f"{row['share']:.0%}" if not row["small"] else _("below 2 %"),
             f"{row['change']:+.4g} ({row['low']:.4g} .. {row['high']:.4g})", f"{row['with']:.4g}",
             f"{row['measure']} [{row['scenario']}]", row["claim"]]
            for row in found.to_dict(orient="records")
        ]
        click.echo(table(head, rows))
        dropped = int(found["dropped"].sum())
        if dropped:
            click.echo(_("{count} pairs are left out: a side has no such number.").format(count=dropped))
    return int((found["agrees"] == "no").any())
