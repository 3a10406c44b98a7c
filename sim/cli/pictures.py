"""Commands that show results: plot, report, dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.groups import Changes
from sim.cli.options import (
    answer,
    answer_json,
    command,
    json_option,
    option,
    quiet_option,
    results_argument,
    say,
    scenario_options,
)
from sim.cli.run import tell_lacking
from sim.cli.sheets import format_option, write_sheets
from sim.errors import FilesError, UsageError, pip_install, typed
from sim.texts import _, language, mark

if TYPE_CHECKING:
    from sim.runs.folder import Results

__all__ = ["dashboard", "plot", "report"]


def opened(folder: Path) -> Results:
    """Return the results in a folder.

    Raises
    ------
    UsageError
        When the folder holds no results, or none yet.
    """
    from sim.runs.errors import DesignError
    from sim.runs.errors import FilesError as Unreadable
    from sim.runs.folder import open_results

    try:
        results = open_results(folder)
    except (Unreadable, DesignError, KeyError, ValueError) as error:
        raise UsageError(str(error)) from None
    if not len(results):
        raise UsageError(_("{folder} holds no finished run yet; weishang resume {folder}").format(
            folder=typed(folder)))
    return results


def published(results: Results, name: str, write: Any) -> Path:
    """Publish a file in its results folder, with its checksum."""
    from sim.runs.errors import FilesError as Unwritable

    try:
        path: Path = results.publish(name, write)
    except Unwritable as error:
        raise FilesError(str(error)) from None
    return path


@command("plot", examples=(
    "weishang plot results/pyramid-1a2b3c",
    "weishang plot results/pyramid-1a2b3c --only prices_and_trust --lang zh",
))
@results_argument
@option("--only", multiple=True, metavar="FIGURE", help=mark("Only this figure; may be repeated."))
@option("--format", "kinds", multiple=True, type=click.Choice(["png", "svg", "pdf"]),
        help=mark("File format (default: png and svg); may be repeated."))
@option("--for", "medium", type=click.Choice(["slide", "paper", "web"]), default="slide",
        help=mark("What the pictures are for: sets their size."))
@option("--dpi", type=click.IntRange(30, 600), default=110, metavar="DPI",
        help=mark("Dots an inch of PNG files (default: 110)."))
@option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
        help=mark("Folder of the pictures (default: figures/ in the results)."))
@json_option
@quiet_option
def plot(
    results: Path, only: tuple[str, ...], kinds: tuple[str, ...], medium: str, dpi: int,
    out: Path | None, as_json: bool, quiet: bool,
) -> None:
    """Draw the pictures of a results folder."""
    found = opened(results)
    folder = out if out is not None else results / "figures"
    from sim.views.plots import save_figures

    written = save_figures(
        found, folder, lang=language(), kinds=kinds or ("png", "svg"), only=only or None,
        dpi=dpi, medium=medium)
    tell_lacking()
    if as_json:
        answer_json({"folder": str(folder), "pictures": [str(path) for path in written]})
        return
    for path in written:
        answer(str(path))
    say(_("{count} pictures in {folder}").format(count=len(written), folder=folder), quiet=quiet)


@command("report", examples=(
    "weishang report results/pyramid-1a2b3c",
    "weishang report results/pyramid-1a2b3c --lang zh --open",
    "weishang report results/pyramid-1a2b3c --one-page --format xlsx",
))
@results_argument
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help=mark("The page (default: report.html in the results)."))
@option("--one-page", "one_page", is_flag=True,
        help=mark("Instead one A4 page as PDF: sentences, table and curves."))
@format_option
@option("--open", "show", is_flag=True, help=mark("Open the page in the browser."))
@json_option
@quiet_option
def report(
    results: Path, out: Path | None, one_page: bool, kinds: tuple[str, ...], show: bool,
    as_json: bool, quiet: bool,
) -> None:
    """Write one page with verdict, charts, figures; it opens without internet.

    --one-page makes it one sheet for a board, --format a table for spreadsheets and documents.
    """
    found = opened(results)
    from sim.views.report import write_report

    tables = write_sheets(found, kinds, quiet=as_json)
    if one_page:
        path = _one_page(found, out)
    elif out is not None:
        path = write_report(found, out, lang=language())
    else:
        path = published(
            found, "report.html", lambda where: write_report(found, where, lang=language()))
    if as_json:
        answer_json({"report": str(path), "tables": [str(table) for table in tables]})
    else:
        answer(str(path))
    if show:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            say(_("no browser here; open the file yourself"), quiet=quiet)


def _one_page(results: Results, out: Path | None) -> Path:
    """Write the page for a board and return where it is."""
    from sim.studies.sheets import sheet_of
    from sim.views.one_page import draw_one_page

    sheet = sheet_of(results)[0]
    if out is None:
        return published(
            results, "one-page.pdf", lambda where: draw_one_page(results, sheet, where, language()))
    draw_one_page(results, sheet, out, language())
    return out


@command("dashboard", examples=(
    "weishang dashboard", "weishang dashboard my.yaml --persons 5000 --lang zh",
))
@click.argument("scenario", default="pyramid", metavar="[SCENARIO]")
@scenario_options
@option("--port", type=click.IntRange(0, 65535), default=0, metavar="PORT",
        help=mark("Port on this machine (default: any that is free)."))
@option("--allow-origin", "origins", multiple=True, metavar="HOST[:PORT]",
        help=mark("Host of a tunnel or a JupyterHub through which the browser comes; may be repeated."))
@option("--no-browser", is_flag=True, help=mark("Do not open a browser."))
@quiet_option
def dashboard(
    scenario: str, overrides: tuple[tuple[str, str], ...], weeks: str | None, persons: str | None,
    port: int, origins: tuple[str, ...], no_browser: bool, quiet: bool,
) -> None:
    """Watch a market live in the browser; only this machine can see it."""
    from sim.market.fitting import market_bytes, refuse_oversize

    [record] = Changes(overrides, weeks, persons).load([scenario])
    try:
        from sim.views.dashboard import serve
    except ImportError as error:
        raise UsageError(
            _("the live view needs '{name}': {command}").format(
                name=error.name, command=pip_install("weishang[dashboard]"))) from None
    refuse_oversize(market_bytes(record.persons, record.network))
    try:
        serve(record, lang=language(), port=port, show=not no_browser, origins=origins,
              announce=lambda address: say(
                  _("live view at {address}; Ctrl-C ends it").format(address=address), quiet=quiet))
    except OSError as error:
        raise FilesError(_("the live view cannot take port {port}: {why}; leave --port out for one "
                           "that is free").format(port=port, why=error.strerror or error)) from None
