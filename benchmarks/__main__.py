"""``python -m benchmarks``: one table of how fast and how large the shipped model is.

Each figure stands beside a reference measured in the same minute, because absolute times of a
shared machine mean little; the table is stored as JSON and compared with the one stored last.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
COLUMNS = (
    ("regime", "regime", "{}"), ("persons", "persons", "{:,}"), ("weeks", "weeks", "{}"),
    ("Mpw/s", "person_weeks_per_second", "{:.1f}"),
    ("Mpw/cpu-s", "person_weeks_per_cpu_second", "{:.1f}"),
    ("bytes/person", "bytes_per_person", "{:.0f}"), ("peak/state", "peak_over_state", "{:.2f}"),
    ("peak MB", "peak_mb", "{:.0f}"), ("resellers", "resellers", "{:,}"),
)


def child(*arguments: object, **environment: str) -> Any:
    """Return the JSON that a fresh Python process prints."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, env={**os.environ, **environment}, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def wall(*arguments: str, times: int = 3) -> float:
    """Return the seconds of the fastest of some calls of the command line."""
    call = [sys.executable, "-c", "from sim.cli import main; main()", *arguments]
    # Python keeps what it has read of a program, unless it is told not to, as is usual in tests.
    usual = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        subprocess.run(call, cwd=ROOT, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, env=usual)
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def exponents(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return d log(seconds of the weeks) / d log(persons) between the two largest sizes."""
    out = {}
    for regime in dict.fromkeys(run["regime"] for run in runs):
        mine = [run for run in runs if run["regime"] == regime][-2:]
        if len(mine) == 2 and mine[0]["persons"] != mine[1]["persons"]:
            ratio = mine[1]["phases"]["weeks"] / mine[0]["phases"]["weeks"]
            out[regime] = math.log(ratio) / math.log(mine[1]["persons"] / mine[0]["persons"])
    return out


def show_runs(runs: list[dict[str, Any]], last: dict[str, Any]) -> None:
    """Print one line per run, with its speed as a multiple of the one stored last."""
    before = {
        (run["regime"], run["persons"], run["weeks"], run["threads"]): run
        for run in last.get("runs", ())
    }
    rows = [[title for title, _, _ in COLUMNS] + ["build/weeks", "last"]]
    for run in runs:
        shown = {
            key: value / 1e6 if key.startswith("person_weeks") else value
            for key, value in run.items()}
        old = before.get((run["regime"], run["persons"], run["weeks"], run["threads"]))
        rows.append([form.format(shown[key]) for _, key, form in COLUMNS] + [
            f"{run['phases']['build'] / run['phases']['weeks'] * run['weeks']:.1f} weeks",
            f"x {run['person_weeks_per_second'] / old['person_weeks_per_second']:.2f}"
            if old else "-",
        ])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def show_parts(run: dict[str, Any]) -> None:
    """Print where the time of one run went."""
    click.echo(f"\nWhere the time went: {run['regime']}, {run['persons']:,} persons")
    for name, seconds in run["phases"].items():
        click.echo(f"  {name:<18}{seconds:8.2f} s")
    inside = {k: v for k, v in run["inside"].items() if k.startswith(("rule", "observe", "acc"))}
    total = run["phases"]["weeks"]
    for name, seconds in sorted(inside.items(), key=lambda item: -item[1]):
        if seconds > 0.005 * total:
            click.echo(f"    {name:<18}{1000 * seconds / run['weeks']:8.2f} ms a week"
                       f"{100 * seconds / total:6.1f} %")


@click.command()
@click.option("--sizes", default="10000,100000,1000000", help="Numbers of persons.")
@click.option("--large", is_flag=True, help="Also 10 million persons (needs 10 GB).")
@click.option("--weeks", default=52, help="Weeks of each run.")
@click.option("--threads", default=0, help="Threads; 0: all cores.")
@click.option("--mesa/--no-mesa", default=True, help="The plain-Mesa reference (minutes).")
@click.option("--cold/--no-cold", default=True, help="The first run with an empty cache.")
@click.option("--whole/--no-whole", default=True,
              help="Whole commands, and many small runs in one process and in two.")
@click.option("--keep/--no-keep", default=True, help="Store the figures in benchmarks/results.")
def main(
    sizes: str, large: bool, weeks: int, threads: int, mesa: bool, cold: bool, whole: bool,
    keep: bool,
) -> None:
    """Measure the shipped model beside its references.

    Examples: `python -m benchmarks`, `python -m benchmarks --sizes 10000 --no-mesa --no-cold`.
    """
    from sim.regimes import REGIMES

    stored = sorted(RESULTS.glob("*.json"))
    last = json.loads(stored[-1].read_text()) if stored else {}
    persons = [int(size) for size in sizes.split(",")] + [10_000_000] * large
    count = threads or os.cpu_count() or 1
    out: dict[str, Any] = {
        "when": time.strftime("%Y-%m-%dT%H:%M:%S"), "machine": platform.machine(),
        "processors": os.cpu_count(), "python": platform.python_version(), "sizes": persons,
        "runs": [],
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
    for regime in REGIMES:
        for size in persons:
            click.echo(f"{regime}, {size:,} persons ...", err=True)
            out["runs"].append(child("benchmarks.measure", regime, size, weeks, count))
    out["exponents"] = exponents(out["runs"])
    show_runs(out["runs"], last)
    show_parts(out["runs"][persons.index(max(persons))])
    for regime, exponent in out["exponents"].items():
        click.echo(f"growth exponent of the weeks, {regime}: {exponent:.2f}")
    click.echo("references ...", err=True)
    out["references"] = reference = child("benchmarks.references", min(max(persons), 1_000_000))
    show_references(reference)
    out["start"] = {"help": wall("--help"), "check": wall("check", "pyramid")}
    click.echo(f"weishang --help {out['start']['help']:.2f} s, "
               f"check {out['start']['check']:.2f} s")
    if whole:
        show_commands(out, large)
        show_small_runs(out)
    if cold:
        with tempfile.TemporaryDirectory() as empty:
            click.echo("cold start ...", err=True)
            first = child("benchmarks.measure", "pyramid", 1000, 4, count, XDG_CACHE_HOME=empty)
        warm = min(run["phases"]["compile or load"] for run in out["runs"])
        out["start"]["compile"] = first["phases"]["compile or load"]
        click.echo(f"first run ever: {out['start']['compile']:.1f} s of compiling; "
                   f"later runs load in {warm:.1f} s, the weeks of a small world included")
    if mesa:
        show_mesa(out, weeks)
    if keep:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{out['when'].replace(':', '')}.json"
        path.write_text(json.dumps(out, indent=1) + "\n")
        click.echo(f"stored {path.name}")


def show_commands(out: dict[str, Any], large: bool) -> None:
    """Time whole commands, from the shell's prompt to the next, pictures included."""
    commands = {"weishang run pyramid": ("run", "pyramid")}
    if max(out["sizes"]) >= 1_000_000:
        for size in [1_000_000] + [10_000_000] * large:
            for regime in ("pyramid", "prosumer"):
                commands[f"weishang run {regime} --persons {size}"] = (
                    "run", regime, "--persons", str(size))
    out["commands"] = {}
    for name, words in commands.items():
        click.echo(f"{name} ...", err=True)
        seconds = []
        for _ in range(1 if "--persons" in words else 3):
            with tempfile.TemporaryDirectory() as folder:
                seconds.append(wall(*words, "--out", f"{folder}/results", times=1))
        out["commands"][name] = min(seconds)
        click.echo(f"{name}: {min(seconds):.1f} s")


def show_small_runs(out: dict[str, Any]) -> None:
    """Compare two worker processes with one on many small runs."""
    click.echo("many small runs ...", err=True)
    out["small_runs"] = found = child("benchmarks.small_runs")
    click.echo(
        f"runs of {found['persons']:,} persons and {found['weeks']} weeks: {found['one']:.1f} a second "
        f"in one process, {found['two'] / found['one']:.2f} times that in two; "
        f"{1000 * found['beyond_the_weeks']:.0f} ms a run beyond its weeks")


def show_references(reference: dict[str, Any]) -> None:
    """Print the yardsticks as ratios."""
    click.echo(f"\nmemory copy: {reference['bandwidth_gb_per_second']:.1f} GB/s on one thread")
    for loop in ("asking", "consumption", "telling"):
        for other in ("C", "numpy"):
            if f"{loop} in {other}" in reference:
                agrees = reference.get(f"{loop} agrees with {other}")
                here = reference[f"{loop} here"]
                click.echo(
                    f"loop '{loop}': {reference[f'{loop} in {other}'] / here:.2f} times our time "
                    f"in {other}" + ("" if agrees in (None, True) else " (RESULTS DIFFER)"))


def show_mesa(out: dict[str, Any], weeks: int) -> None:
    """Run plain Mesa and the shipped model on the same world, and print how they compare."""
    size = min(max(out["sizes"]), 100_000)
    click.echo("\nplain Mesa ...", err=True)
    found = out["plain_mesa"] = child("benchmarks.plain_mesa", size, weeks)
    shipped = found["shipped"]
    click.echo(
        f"\nplain Mesa, pyramid, {size:,} persons, weeks 1-{weeks}: "
        f"{found['plain'] / 1e6:.3f} Mpw/s; shipped {shipped / 1e6:.1f}: "
        f"{shipped / found['plain']:.0f} times as fast "
        f"({found['shipped_per_cpu_second'] / found['plain']:.0f} by seconds of processors; "
        f"{shipped / found['plain_keyed']:.0f} where both draw the same luck, and then "
        f"no column differs by more than {100 * found['gap']:.3f} %)")


if __name__ == "__main__":
    main()
