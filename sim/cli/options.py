"""Options and conventions that the commands share.

A command is a function under ``@command(...)`` and the options it takes::

    @command("status", examples=("weishang status results/pyramid-1a2b3c",))
    @results_argument
    @json_option
    @quiet_option
    def status(results: Path, as_json: bool, quiet: bool) -> int | None:
        '''What is done in a results folder.'''

It returns an exit code, or None for 0, and reports errors by raising one of `sim.errors`. Answers go to
standard output (`answer`, or exactly one object through `answer_json`), progress and messages to standard
error (`say`).
"""

from __future__ import annotations

import inspect
import json
import math
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from sim.cli.helping import HelpContext, HelpFormatter
from sim.errors import UsageError
from sim.texts import LANGUAGES, _, mark
from sim.texts.wrapping import width_of, wrapped

__all__ = [
    "ResultsFolder",
    "allow_code_option",
    "answer",
    "answer_json",
    "cluster_option",
    "command",
    "dry_run_option",
    "json_option",
    "language_option",
    "load_scenarios",
    "on_screen",
    "option",
    "out_option",
    "overrides_option",
    "persons_option",
    "quiet_option",
    "results_argument",
    "say",
    "scenario_options",
    "scenarios_argument",
    "seeds_option",
    "tell_bare_money",
    "tell_notices",
    "usage_pieces",
    "verbose_option",
    "weeks_option",
    "workers_option",
    "worlds_from_option",
    "worlds_of",
    "worlds_options",
    "write_help",
]

Function = Callable[..., Any]

MAX_NAMED = 4
"""Largest number of scenarios that a note names."""


class TranslatedOption(click.Option):
    """An option whose help is shown in the current language."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line on the help screen."""
        original, self.help = self.help, _(self.help or "")
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = original


def usage_pieces(pieces: list[str]) -> list[str]:
    """Return the parts of a usage line, with click's own words in the current language."""
    own = {"[OPTIONS]": _("[OPTIONS]"), "COMMAND [ARGS]...": _("COMMAND [ARGS]...")}
    return [own.get(piece, piece) for piece in pieces]


class TranslatedCommand(click.Command):
    """A command whose help is shown in the current language, with its examples."""

    examples: tuple[str, ...] = ()
    context_class = HelpContext

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line."""
        return usage_pieces(super().collect_usage_pieces(ctx))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, and examples."""
        write_help(formatter, self.help or "", self.examples)


def write_help(
    formatter: click.HelpFormatter, text: str, examples: Iterable[str]
) -> None:
    """Write a help text in the current language, then examples."""
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_(inspect.cleandoc(text)))
    with formatter.section(_("Examples")):
        assert isinstance(formatter, HelpFormatter)
        for example in examples:
            formatter.write_example(example)


class _Reads:
    """Reads a number as people write it: ``90%``, ``1.5万``, ``３``; in weeks ``3个月``, too."""

    unit = ""
    whole = False

    def convert(self, value: object, param: object, ctx: object) -> Any:
        """Return the number, in the range of its option."""
        if isinstance(value, str):
            value = self._number(value, param, ctx)
        return super().convert(value, param, ctx)  # type: ignore[misc]

    def _number(self, value: str, param: object, ctx: object) -> int | float:
        from sim.scenario.quantities import QuantityError, quantity

        write = _("found '{found}'{why}; write a whole number") if self.whole else \
            _("found '{found}'{why}; write a number")
        try:
            number = quantity(value, self.unit)
        except QuantityError as error:
            why = f": {error}" if str(error) else ""
            self.fail(write.format(found=value[:60], why=why), param, ctx)  # type: ignore[attr-defined]
        if self.whole and number != number.to_integral_value():
            self.fail(write.format(found=value[:60], why=""), param, ctx)  # type: ignore[attr-defined]
        return int(number) if self.whole else float(number)


class _Whole(_Reads, click.IntRange):
    whole = True


class _Real(_Reads, click.FloatRange):
    pass


class _Free(_Reads, click.types.FloatParamType):
    pass


WEEKS = ("--ahead", "--pilot-weeks")
"""Options in weeks, which may be written as months or years."""


def option(*names: str, **settings: Any) -> Callable[[Function], Function]:
    """Declare an option whose help is translated when it is shown."""
    kind = settings.get("type")
    if isinstance(kind, click.IntRange):
        low, high = kind.min, kind.max
        settings["type"] = _Whole(None if low is None else int(low), None if high is None else int(high))
    elif isinstance(kind, click.FloatRange):
        settings["type"] = _Real(kind.min, kind.max, kind.min_open, kind.max_open)
    elif kind is float:
        settings["type"] = _Free()
    if isinstance(settings.get("type"), _Reads):
        settings["type"].unit = "weeks" if names[0] in WEEKS else \
            "share" if settings.get("metavar") == "SHARE" else ""
    return click.option(*names, cls=TranslatedOption, **settings)


language_option = option(
    "--lang", type=click.Choice(sorted(LANGUAGES)), expose_value=False,
    help=mark("Language of texts (default: the locale's)."))


def command(
    name: str, *, examples: Iterable[str] = ()
) -> Callable[[Function], TranslatedCommand]:
    """Turn a function into a command; its docstring is the help text."""

    def make(function: Function) -> TranslatedCommand:
        made = click.command(
            name, cls=TranslatedCommand,
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )(language_option(function))
        assert isinstance(made, TranslatedCommand)
        made.examples = tuple(examples)
        return made

    return make


# -- seeds ------------------------------------------------------------------------------------


class _Seeds(click.ParamType):
    name = "seeds"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[int]:
        from sim.scenario.seeds import seeds_of

        try:
            return value if isinstance(value, list) else seeds_of(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


# -- settings ---------------------------------------------------------------------------------


class _Override(click.ParamType):
    name = "key=value"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, equals, text = str(value).partition("=")
        if not equals or not key.strip():
            self.fail(
                _("write key=value, such as controls.stock_pressure=0.4, not '{found}'")
                .format(found=str(value)[:80]), param, ctx)
        return key.strip(), text.strip()

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the dotted names of settings that begin with this text, each with a final "="."""
        from click.shell_completion import CompletionItem

        from sim.scenario.parameters import leaves
        from sim.scenario.schema import Scenario

        return [CompletionItem(f"{name}=") for name in leaves(Scenario)
                if name.startswith(incomplete)]


def _scenario_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
    """Return the shipped scenarios that begin with this text; the shell adds files."""
    from click.shell_completion import CompletionItem

    from sim.scenario.load import shipped

    found = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


overrides_option = option(
    "--set", "overrides", multiple=True, type=_Override(), metavar="KEY=VALUE",
    help=mark("Change a setting, such as controls.stock_pressure=40%; may be repeated."))
weeks_option = option("--weeks", metavar="N", help=mark("Length of the run in weeks."))
persons_option = option("--persons", metavar="N", help=mark("Size of the market in persons."))
seeds_option = option(
    "--seeds", type=_Seeds(), metavar="SEEDS",
    help=mark("30 (that many, from 0), 1,2,5 (a list) or 10:20 (from, to)."))
worlds_option = option(
    "--worlds", "worlds", type=click.IntRange(1), metavar="N",
    help=mark("Each seed lives in one of N plausible worlds (`weishang calibrate` makes them)."))
worlds_from_option = option(
    "--worlds-from", "worlds_from", type=click.Path(path_type=Path), metavar="FIT",
    help=mark("Take the worlds from a fit instead of the shipped ensemble."))
out_option = option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help=mark("Folder of results (default: results/NAME-HASH)."))
workers_option = option(
    "--workers", type=click.IntRange(1, 1024), metavar="N",
    help=mark("Processes that run side by side (default: one a core)."))
cluster_option = option(
    "--cluster", metavar="ADDRESS", help=mark("A dask scheduler, or 'local'."))
dry_run_option = option(
    "--dry-run", is_flag=True,
    help=mark("Only say what would run, time, memory, disk."))
json_option = option(
    "--json", "as_json", is_flag=True,
    help=mark("One JSON object on standard output, no more."))
quiet_option = option(
    "--quiet", "-q", is_flag=True, help=mark("No progress and no messages but errors."))
verbose_option = option(
    "--verbose", "-v", is_flag=True,
    help=mark("Also every sentence, network and method."))
allow_code_option = option(
    "--allow-code", is_flag=True,
    help=mark("Run the scenario's Python code (rules.files)."))
scenarios_argument = click.argument(
    "scenarios", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=_scenario_names)


class ResultsFolder(click.Path):
    """A folder of results that is there; another name is answered with the nearest one."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the path."""
        path = Path(value)
        if not path.exists():
            from sim.scenario.problems import nearest

            near = [str(found.parent) for where in dict.fromkeys((path.parent, Path("results")))
                    for found in sorted(where.glob("*/design.json"))]
            names = {Path(one).name: one for one in near}
            best = nearest(str(value), near) or names.get(nearest(path.name, names) or "")
            hint = _("did you mean '{name}'?").format(name=best) if best else \
                _("there are: {names}").format(names=", ".join(near[:5])) if near else ""
            self.fail(_("there is no results folder {folder}").format(folder=value)
                      + (_("; ") + hint if hint else ""), param, ctx)
        if path.is_file():
            self.fail(_("{path} is a file; a folder of results is wanted").format(path=value), param, ctx)
        return super().convert(value, param, ctx)


results_argument = click.argument("results", type=ResultsFolder(), metavar="RESULTS")


def scenario_options(function: Function) -> Function:
    """Give a command the options that change scenarios: --set, --weeks, --persons."""
    return overrides_option(weeks_option(persons_option(function)))


def worlds_options(function: Function) -> Function:
    """Give a command the options that draw worlds from an ensemble: --worlds, --worlds-from."""
    return worlds_option(worlds_from_option(function))


def worlds_of(
    count: int | None, fit: Path | None, seeds: list[int] | None
) -> tuple[Any, list[int] | None]:
    """Return the worlds that were asked for, if any, and the seeds, by default one per world."""
    if count is None and fit is None:
        return None, seeds
    from sim.studies.worlds import worlds_from

    worlds = worlds_from(count, fit) if count is not None else worlds_from(str(fit))
    assert worlds is not None
    return worlds, seeds or list(range(len(worlds.rows)))


def load_scenarios(
    names: Iterable[str], overrides: Iterable[tuple[str, str]] = (), *, allow_code: bool = False,
) -> list[Any]:
    """Return the scenarios with these names or paths, with the settings of the command line applied.

    Raises
    ------
    ScenarioError
        With every problem of the first scenario that has any.
    """
    from sim.scenario.load import load

    return [load(name, dict(overrides), texts=True, allow_code=allow_code) for name in names]


def tell_notices(
    names: Iterable[str], scenarios: Iterable[Any], keys: Iterable[str] = (), *,
    quiet: bool = False,
) -> None:
    """Print the notices of these scenarios, and which settings are set again by events."""
    from sim.scenario.notices import notices, set_again

    keys = list(keys)
    told: dict[str, list[str]] = {}
    for name, scenario in zip(names, scenarios, strict=True):
        for sentence in dict.fromkeys([*notices(scenario), *set_again(scenario, keys)]):
            told.setdefault(sentence, []).append(str(name))
    for sentence, about in told.items():
        named = list(dict.fromkeys(about))
        text = _(", ").join(named[:MAX_NAMED])
        if len(named) > MAX_NAMED:
            text = _("{names} and {count} more").format(names=text, count=len(named) - MAX_NAMED)
        say(_("note: {name}: {what}").format(name=text, what=sentence), quiet=quiet)


def tell_bare_money(texts: Iterable[str], *, quiet: bool = False) -> None:
    """Say which conditions compare money with a number without a unit."""
    from sim.scenario.notices import bare_money

    for sentence in bare_money(texts):
        say(_("note: {what}").format(what=sentence), quiet=quiet)


# -- output -----------------------------------------------------------------------------------


def say(text: str, *, quiet: bool = False) -> None:
    """Print a message to the user on standard error, wrapped where somebody reads it."""
    if not quiet:
        click.echo(on_screen(text), err=True)


def on_screen(text: str) -> str:
    """Return a message with its long lines wrapped, on a terminal; pipes and files keep their lines."""
    if not sys.stderr.isatty():
        return text
    width = max(30, shutil.get_terminal_size().columns - 1)
    lines: list[str] = []
    for line in text.split("\n"):
        if width_of(line) <= width or re.match(r" *\d* +\| ", line):  # an excerpt of a file
            lines.append(line)
        else:
            first, *others = wrapped(line, width - 2)
            lines += [first, *(f"  {other}" for other in others)]
    return "\n".join(lines)


def answer(text: str) -> None:
    """Print a result to standard output."""
    click.echo(text)


def answer_json(data: object) -> None:
    """Print one JSON object; NaN and infinities become null."""
    click.echo(json.dumps(_plain(data), ensure_ascii=False, indent=2, allow_nan=False))


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
