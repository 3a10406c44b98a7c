"""The command demo: 1.0 against 2.0 in a small market."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.options import (
    answer,
    answer_json,
    command,
    json_option,
    option,
    out_option,
    quiet_option,
    say,
)
from sim.cli.progress import Progress
from sim.texts import _, mark
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.runs.folder import Results

__all__ = ["demo"]

PERSONS, WEEKS, SEEDS = 3_000, 78, (0, 1)


@command("demo", examples=("weishang demo", "weishang demo --no-open --out results/demo"))
@out_option
@option("--open/--no-open", "opened", default=True,
        help=mark("Open the report in a browser (only from a terminal)."))
@json_option
@quiet_option
def demo(out: Path | None, opened: bool, as_json: bool, quiet: bool) -> None:
    """Run the pyramid (1.0) against the prosumer network (2.0) in a small market.

    Writes a folder of results with a report, and opens it.
    """
    from sim.cli.run import warm_up
    from sim.runs.folder import run_into
    from sim.runs.summary import summaries_of
    from sim.scenario.load import load

    scenarios = [
        load(name, {"persons": PERSONS, "weeks": WEEKS}) for name in ("pyramid", "prosumer")]
    warm_up(quiet=quiet or as_json)
    with Progress(quiet=quiet or as_json) as progress:
        results = run_into(
            scenarios, SEEDS, out, names=["pyramid", "prosumer"], workers=1, progress=progress)
    summaries = summaries_of(results, scenarios, [
        text_of(scenario.title) or label
        for label, scenario in zip(results.design.labels, scenarios, strict=True)])
    report = _report(results)
    if as_json:
        answer_json({
            "results": str(results.path), "report": str(report),
            "scenarios": [{"name": summary.name, "figures": summary.figures,
                           "warnings": summary.warnings} for summary in summaries]})
        return
    from sim.cli.summing import tell_summaries

    tell_summaries(summaries)
    answer(_("results: {path}").format(path=results.path))
    answer(_("report: {path}").format(path=report))
    if opened and sys.stdout.isatty() and not webbrowser.open(report.resolve().as_uri()):
        say(_("no browser opened; open the report yourself"), quiet=quiet)


def _report(results: Results) -> Path:
    """Return the report of the results, written when it is not there yet."""
    from sim.views.report import write_report

    path: Path = results.path / "report.html"
    if results.lived or not path.exists():
        results.publish(path.name, lambda where: write_report(results, where))
    return path
