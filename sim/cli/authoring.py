"""Commands around scenario files: new, check, diff."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    allow_code_option,
    answer,
    answer_json,
    command,
    json_option,
    load_scenarios,
    option,
    overrides_option,
    quiet_option,
    say,
)
from sim.errors import FilesError, ScenarioError, UsageError, typed
from sim.texts import _, mark
from sim.texts.reasons import reason_of

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["check", "diff", "new"]


@command("check", examples=("weishang check my_plan.yaml", "weishang check --strict pyramid"))
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--strict", is_flag=True,
        help=mark("Also judge economic sense, such as a reward above the margin."))
@option("--format", "kind", type=click.Choice(["text", "github"]), default="text",
        help=mark("How problems are written; github: as annotations of a workflow."))
@overrides_option
@allow_code_option
@json_option
@quiet_option
def check(
    files: tuple[str, ...], strict: bool, kind: str, overrides: Any, allow_code: bool,
    as_json: bool, quiet: bool,
) -> int:
    """Check scenario files without running them; every problem of a file is listed at once."""
    from sim.runs.inputs import read_inputs
    from sim.scenario.notices import notices, set_again
    from sim.studies.study_file import is_study, read_plan

    reports: list[Data] = []
    wrong = 0
    for file in files:
        problems: tuple[str, ...] = ()
        doubts: list[str] = []
        notes: list[str] = []
        try:
            if is_study(file):
                design = read_plan(file, dict(overrides)).design()
                read_inputs(map(design.scenario, range(len(design.points))))
                notes = [f"{name}: {what}" for name, scenario in zip(
                             design.called(), design.scenarios, strict=True)
                         for what in (*notices(scenario), *set_again(scenario, design.keys))]
                for note in notes:
                    say(_("note: {name}: {what}").format(name=file, what=note), quiet=quiet)
                reports.append({"file": file, "ok": True, "problems": [], "notes": notes})
                if not as_json:
                    say(_("{file}: a study; all right").format(file=file), quiet=quiet)
                continue
            [scenario] = load_scenarios([file], overrides, allow_code=allow_code)
            notes = [*read_inputs([scenario]), *notices(scenario),
                     *set_again(scenario, (key for key, _v in overrides))]
            if strict:
                from sim.scenario.sense import doubts_about

                doubts = doubts_about(scenario)
        except (ScenarioError, UsageError) as error:
            problems = getattr(error, "problems", ()) or (f"{file}: {error}",)
            if kind == "github":
                for problem in problems:
                    answer(_annotation(problem, file))
            else:
                say(str(error) if isinstance(error, ScenarioError) else problems[0])
        for note in notes:
            say(_("note: {name}: {what}").format(name=file, what=note), quiet=quiet)
        for doubt in doubts:
            if kind == "github":
                answer(f"::warning file={file}::{doubt}")
            else:
                say(f"{file}: {doubt}")
        bad = bool(problems or doubts)
        wrong += bad
        reports.append({"file": file, "ok": not bad, "problems": [*problems, *doubts],
                        "notes": notes})
        if not bad and not as_json:
            say(_("{file}: all right").format(file=file), quiet=quiet)
    if as_json:
        answer_json({"ok": wrong == 0, "files": reports})
    return 2 if wrong else 0


def _annotation(problem: str, file: str) -> str:
    """Return a problem as the annotation that GitHub shows at its line."""
    first = problem.splitlines()[0]
    found = re.match(r"(.+?):(\d+):(\d+): (.*)", first)
    if found is None:
        return f"::error file={file}::{first}"
    name, line, column, what = found.groups()
    return f"::error file={name},line={line},col={column}::{what}"


@command("diff", examples=("weishang diff pyramid prosumer", "weishang diff pyramid my_plan.yaml"))
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@allow_code_option
@json_option
def diff(a: str, b: str, allow_code: bool, as_json: bool) -> None:
    """Show which settings two scenarios resolve to differently.

    Every setting is compared with the value that holds at the start, wherever it comes from: the
    file, its parents, the regime, a control or the defaults.
    """
    from sim.cli.tables import table
    from sim.scenario.notices import dropped
    from sim.scenario.resolved import differences, leaves, said, shape_in

    left, right = load_scenarios([a, b], allow_code=allow_code)
    for name, scenario in ((a, left), (b, right)):
        for what in dropped(scenario):
            say(_("note: {name}: {what}").format(name=name, what=what), quiet=as_json)
    found = [row for row in differences(left, right) if as_json or row[0] != "dropped"]
    if as_json:
        answer_json({"a": a, "b": b, "differences": [
            {"setting": name, "a": one, "b": other} for name, one, other in found]})
        return
    if not found:
        answer(_("identical: {a} and {b} resolve to the same settings").format(a=a, b=b))
        return
    shapes = leaves(type(left))

    def spell(name: str, value: object) -> str:
        return said(value, shape_in(shapes, name))

    answer(table([_("setting"), a, b], [
        [name, spell(name, one), spell(name, other)] for name, one, other in found]))


@command("new", examples=("weishang new my_plan.yaml", "weishang new my_plan.yaml --from prosumer"))
@click.argument("path", type=click.Path(path_type=Path))
@option("--from", "start", default="pyramid", show_default=True, metavar="SCENARIO",
        help=mark("Scenario to start from: a shipped name or a file beside PATH."))
@option("--all", "everything", is_flag=True, help=mark("List every setting, not only the usual."))
@option("--force", is_flag=True, help=mark("Overwrite PATH when it exists."))
@quiet_option
def new(path: Path, start: str, everything: bool, force: bool, quiet: bool) -> None:
    """Write a commented scenario file to start from.

    The file extends the scenario that you name; each line has the meaning of its setting, its
    unit and what is allowed.
    """
    from sim.scenario.starting import starting_file

    if path.suffix not in (".yaml", ".yml"):
        raise UsageError(_("{path}: the name of a scenario file ends in .yaml").format(path=path))
    if path.exists() and not force:
        raise UsageError(_("{path} exists; choose another name, or --force to overwrite it").format(
            path=path))
    if not path.parent.exists():
        raise UsageError(_("{path}: there is no folder {folder}; make it first").format(
            path=path, folder=path.parent))
    [scenario] = load_scenarios([start])
    text = starting_file(scenario, start, path.stem, everything=everything)
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise FilesError(f"{path}: {reason_of(error)}") from error
    say(_("wrote {path}; next: weishang check {path}; weishang run {path}").format(path=typed(path)),
        quiet=quiet)
