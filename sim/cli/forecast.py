"""The command forecast: what may come after a history, as things are and under plans."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from sim.cli.groups import Place, Talk, gathers
from sim.cli.many import engine, engine_options, state
from sim.cli.options import (
    ResultsFolder,
    answer,
    answer_json,
    command,
    json_option,
    option,
    out_option,
    quiet_option,
    tell_bare_money,
)
from sim.cli.sheets import format_option, tell_sheet, write_sheets
from sim.cli.studied import keep_picture
from sim.texts import _, mark

__all__ = ["forecast", "tell"]


@command("forecast", examples=(
    "weishang forecast results/my-brand-fit-1a2b3c4d turn.yaml",
    "weishang forecast results/my-brand-fit-1a2b3c4d --ask 'weeks_of_supply < 8 at 2026-06-30'"))
@click.argument("fit", type=ResultsFolder(), metavar="FIT")
@click.argument("plans", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False),
                metavar="[PLAN.yaml]...")
@option("--ahead", type=click.IntRange(1, 520), default=52, show_default=True, metavar="WEEKS",
        help=mark("Weeks to foretell after the history."))
@option("--futures", "count", type=click.IntRange(5, 10_000), default=60, show_default=True, metavar="N",
        help=mark("Futures at most: runs of worlds that came near the history."))
@option("--history", "history", type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE", help=mark("The history with newer months: worlds are weighted anew by all of it."))
@option("--ask", "asks", multiple=True, metavar="STATEMENT",
        help=mark("A statement whose chance is wanted, as under `expect`; may be repeated."))
@out_option
@engine_options
@format_option
@json_option
@quiet_option
@gathers(place=Place, talk=Talk)
def forecast(
    fit: Path, plans: tuple[Path, ...], ahead: int, count: int, asks: tuple[str, ...],
    history: Path | None, out: Path | None, kinds: tuple[str, ...], *, place: Place, talk: Talk,
) -> int:
    """Foretell what comes after the history of a fit, as things are and under each plan.

    FIT is the folder of `weishang calibrate --history`. A plan is a YAML file of settings and events;
    its settings hold from the first week after the history. Every future is a run in a world that came
    near the history; plans share worlds and luck, so their differences are paired. Chances are shares
    of futures.
    """
    from sim.studies.forecast import forecast as study
    from sim.studies.foretold import sheet_of_forecast
    from sim.views.forecast import forecast_figure

    tell_bare_money(asks, quiet=talk.silent)
    with engine(place, quiet=talk.silent) as how:
        found = study(fit, plans, ahead=ahead, count=count, asks=asks, history=history, out=out,
                      **how)
    results: Any = found.runs
    keep_picture(results, "forecast", functools.partial(forecast_figure, found))
    sheet = sheet_of_forecast(found)
    if talk.as_json:
        answer_json(state(results) | {
            "verdicts": found.verdicts(), "outcomes": found.outcomes.to_dict("records"),
            "chances": found.chances.to_dict("records"), "bands": found.bands.to_dict("records"),
            "effective": found.particles.effective})
    else:
        tell(sheet)
        answer(_("results: {path}").format(path=results.path))
        answer(_("picture: {path}").format(path=results.path / "figures" / "forecast.png"))
    write_sheets(results, kinds, [sheet], stem="forecast", quiet=talk.silent)
    return 0


def tell(sheet: Any) -> None:
    """Print the sentences and the table; on a narrow screen as things are first, then each plan."""
    from sim.cli.tables import paragraph, screen_width, table, width_of

    text = table(sheet.head, sheet.rows, flexible=0, right=range(1, len(sheet.head)), figures=True)
    plans = len(sheet.head) // 4  # two columns as things are, four of each plan
    parts = [range(len(sheet.head))]
    if any(width_of(line) > screen_width() for line in text.splitlines()):
        parts = [range(3), *(range(4 * place - 1, 4 * place + 3) for place in range(1, plans + 1))]
    for place, part in enumerate(parts):
        columns = [0, *(at for at in part if at)]
        tell_sheet(type(sheet)(
            sheet.title, sheet.sentences if place == 0 else [], [sheet.head[at] for at in columns],
            [[row[at] for at in columns] for row in sheet.rows]), right=range(1, len(columns)), figures=True)
    if any("(=" in cell for row in sheet.rows for cell in row):
        answer(paragraph(_("(= 20%): in 20% of the futures the plan and as things are come out the same.")))
        answer("")
