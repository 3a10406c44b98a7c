"""The command template: example tables to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import command, load_scenarios, option, quiet_option, say
from sim.errors import FilesError, UsageError, typed
from sim.texts import _, mark
from sim.texts.reasons import reason_of

__all__ = ["template"]


@command("template", examples=("weishang template roster agents.xlsx --for my_brand.yaml",
                               "weishang template history history.csv --lang zh"))
@click.argument("kind", type=click.Choice(["roster", "history"]))
@click.argument("path", type=click.Path(path_type=Path))
@option("--for", "scenario", default="pyramid", show_default=True, metavar="SCENARIO",
        help=mark("Scenario whose tiers the example names."))
@option("--force", is_flag=True, help=mark("Overwrite PATH when it exists."))
@quiet_option
def template(kind: str, path: Path, scenario: str, force: bool, quiet: bool) -> None:
    """Write a commented example table: a roster of resellers, or a history of months.

    PATH ends in .csv or .xlsx. Headings are in the language in use; both languages are read.
    """
    from sim.scenario.templates import as_csv
    from sim.scenario.templates import template as rows_of
    from sim.texts.bilingual import text_of

    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise UsageError(_("{path}: the name of a table ends in .csv or .xlsx").format(path=path))
    if path.exists() and not force:
        raise UsageError(_("{path} exists; choose another name, or --force to overwrite it").format(
            path=path))
    [loaded] = load_scenarios([scenario])
    names = tuple(text_of(tier.name) for tier in loaded.tiers) or (_("top"), _("bottom"))
    rows = rows_of(kind, names)
    try:
        if suffix == ".csv":
            path.write_bytes(as_csv(rows))
        else:
            from openpyxl import Workbook

            book = Workbook()
            for row in rows:
                book.active.append(row)
            book.save(path)
    except OSError as error:
        raise FilesError(f"{path}: {reason_of(error)}") from error
    use = f"start: {{roster: {path}}}" if kind == "roster" \
        else f"weishang calibrate SCENARIO --history {typed(path)}"
    say(_("wrote {path}; fill it in, then: {use}").format(path=path, use=use), quiet=quiet)
