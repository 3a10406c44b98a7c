"""The command ``weishang``: its subcommands, and how their errors are reported."""

from __future__ import annotations

import atexit
import contextlib
import gettext
import importlib
import os
import signal
import sys
import warnings
from typing import Any, NoReturn

import click

import sim
from sim.cli.helping import HelpContext
from sim.cli.options import TranslatedOption, language_option, on_screen, usage_pieces, write_help
from sim.errors import WeishangError
from sim.texts import CATALOGUES, DOMAIN, LANGUAGES, _, language, mark, use_language
from sim.texts.reasons import reason_of

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("sim.cli.demo:demo", mark("1.0 against 2.0, small, in seconds.")),
    "new": ("sim.cli.authoring:new", mark("Write a commented scenario to start from.")),
    "template": ("sim.cli.template:template", mark("Example tables: a roster, a history of months.")),
    "check": ("sim.cli.authoring:check", mark("Check scenario files; list every problem at once.")),
    "describe": ("sim.cli.manual:describe", mark("The week, every parameter, every output.")),
    "diff": ("sim.cli.authoring:diff", mark("What two scenarios resolve to differently.")),
    "run": ("sim.cli.run:run", mark("Run scenarios and write a folder of results.")),
    "compare": ("sim.cli.many:compare", mark("Paired runs of two plans, with intervals.")),
    "sweep": ("sim.cli.many:sweep", mark("Many runs over varied settings.")),
    "sensitivity": ("sim.cli.studies:sensitivity", mark("Which settings a result depends on.")),
    "calibrate": ("sim.cli.calibrate:calibrate", mark("Fit settings to data: plausible worlds.")),
    "forecast": ("sim.cli.forecast:forecast", mark("What may come after a history, and under plans.")),
    "tipping": ("sim.cli.studies:tipping", mark("Where a setting tips the outcome.")),
    "optimise": ("sim.cli.studies:optimise", mark("Find settings that make a measure best.")),
    "decide": ("sim.cli.decide:decide", mark("Which plan to choose when nobody knows the world.")),
    "pilot": ("sim.cli.studies:pilot", mark("What a pilot before scaling is worth.")),
    "loops": ("sim.cli.loops:loops", mark("Which feedback loop did it, with shares.")),
    "ladder": ("sim.cli.ladder:ladder", mark("From plan A to plan B, one change at a time.")),
    "explain": ("sim.cli.explain:explain", mark("What turned in a run, when, in which order.")),
    "status": ("sim.cli.folders:status", mark("What is done in a results folder.")),
    "resume": ("sim.cli.folders:resume", mark("Go on after an interruption.")),
    "verify": ("sim.cli.folders:verify", mark("Check the files of a results folder.")),
    "reproduce": ("sim.cli.folders:reproduce", mark("Rerun a sample and compare bytes.")),
    "plot": ("sim.cli.pictures:plot", mark("Draw pictures of results.")),
    "report": ("sim.cli.pictures:report", mark("Write a page that opens without internet.")),
    "dashboard": ("sim.cli.pictures:dashboard", mark("Live view in a browser.")),
    "prove": ("sim.cli.prove:prove", mark("Check the model against closed forms and facts.")),
    "ablate": ("sim.cli.ablate:ablate", mark("What each effect changes, one by one.")),
    "completion": ("sim.cli.completion:completion", mark("Write the completion script of a shell.")),
    "doctor": ("sim.cli.doctor:doctor", mark("What works and what is missing on this machine.")),
}
"""Commands by name: where the function is (imported when it is called), and one line of help."""
CALLED = {"simulate": "run", "start": "run", "validate": "check", "lint": "check", "init": "new",
          "create": "new", "fit": "calibrate", "predict": "forecast", "optimize": "optimise",
          "why": "explain", "show": "describe", "list": "describe", "chart": "plot", "export": "report",
          "serve": "dashboard", "continue": "resume"}
"""What other tools call them."""


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    context_class = HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of this name."""
        if name not in COMMANDS:
            return None
        module, _colon, function = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; the error for an unknown one names the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from sim.scenario.problems import did_you_mean

            hint = did_you_mean(CALLED.get(args[0], args[0]), COMMANDS) if args else None
            raise click.UsageError(
                error.message.rstrip(".。") + _("; ") + hint if hint else error.message, ctx) from None

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line."""
        return usage_pieces(super().collect_usage_pieces(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_where, line) in COMMANDS.items()])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description of the program."""
        write_help(formatter, self.help or "", (
            "weishang demo", "weishang run pyramid --set controls.stock_pressure=0.4",
        ))

    def main(self, args: Any = None, *rest: Any, **options: Any) -> Any:
        """Run a command, after setting the language."""
        speak(_language_in(list(sys.argv[1:] if args is None else args)))
        if os.environ.get("NO_COLOR"):
            options.setdefault("color", False)
        return super().main(args, *rest, **options)


def _language_in(arguments: list[str]) -> str | None:
    for at, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
    return None


def speak(name: str | None) -> None:
    """Show our texts and click's in this language, or in that of the locale."""
    use_language(name)
    # click asks the process-wide domain of gettext; ours holds its texts as well.
    os.environ["LANGUAGE"] = LANGUAGES[language()]
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)


@click.command(
    cls=Commands, name="weishang",
    help=mark("Simulate micro-commerce: from stock-pressing pyramids to prosumer cells."),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    sim.__version__, prog_name="weishang", message="%(prog)s %(version)s",
    cls=TranslatedOption, help=mark("Show the version and exit."))
@language_option
def cli() -> None:
    """Simulate micro-commerce (the help text is in the decorator)."""


class Terminated(BaseException):
    """The process was asked to end (SIGTERM, SIGHUP)."""


def _terminate(_number: int, _frame: object) -> None:
    raise Terminated


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _terminate)
    # A closing terminal sends SIGHUP, which nohup ignores and Windows lacks.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)
    leave(outcome(arguments))


def outcome(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; every error becomes one sentence.

    0 done; 1 some runs or checks failed; 2 wrong scenario or usage; 3 files or engine;
    130 interrupted; 143 terminated.
    """
    stream = sys.stdout
    warnings.showwarning = _note
    try:
        result = cli.main(arguments, prog_name="weishang", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.Abort, KeyboardInterrupt) as stop:
        # click wraps the interrupt; when many runs were stopped, its cause says how to resume.
        origin = stop.__cause__ or stop
        _complain(str(origin) or _("interrupted"))
        return int(getattr(origin, "exit_code", 130))
    except Terminated:
        _complain(_("terminated"))
        return 143
    except click.NoSuchOption as error:
        # click suggests an option in English only.
        said, hint = error.message, _option_meant(error)
        click.UsageError(said.rstrip(".。") + _("; ") + hint if hint else said, error.ctx).show()
        return 2
    except click.MissingParameter as error:
        said = error.format_message().rstrip(".。")
        about = getattr(error.param, "help", None)
        click.UsageError(said + (_(": ") + _(about) if about else ""), error.ctx).show()
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except WeishangError as error:
        _complain(str(error))
        return error.exit_code
    except (BrokenPipeError, SystemExit) as end:
        # The reader closed the pipe, so leave nothing for Python to flush. If click notices this
        # first, it silences the stream and exits by itself.
        if isinstance(end, SystemExit) and sys.stdout is stream:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        _complain(_("not enough memory; try fewer persons or workers (--dry-run estimates)"))
        return 3
    except ImportError as error:
        _complain(_("'{name}' is missing in this installation; `weishang doctor` says more")
                  .format(name=error.name or error))
        return 3
    except OSError as error:
        what = reason_of(error)
        _complain(f"{error.filename}: {what}" if error.filename else what)
        return 3
    except Exception as error:
        if os.environ.get("WEISHANG_TRACEBACK"):
            raise
        _complain(_("a fault of the program, please report it: {error} "
                    "(WEISHANG_TRACEBACK=1 shows where)")
                  .format(error=f"{type(error).__name__}: {error}"[:500]))
        return 3


def _option_meant(error: click.NoSuchOption) -> str | None:
    """Return the hint for an unknown option: a setting that is set otherwise, else the nearest option."""
    import difflib

    name = error.option_name.lstrip("-")
    known = error.ctx.command.params if error.ctx is not None else []
    if name in ("persons", "weeks", "seed", "scale") and any("--set" in one.opts for one in known):
        return _("did you mean '{name}'?").format(name=f"--set {name}=...")
    if name == "measure" and any("--when" in one.opts for one in known):
        return _("did you mean '{name}'?").format(name="--when 'brand_profit < 0'")
    # Short names are similar by chance: '--set' is not '--schema'.
    near = difflib.get_close_matches(error.option_name, error.possibilities or (), 1, 0.75)
    return _("did you mean '{name}'?").format(name=near[0]) if near else None


def leave(code: int) -> NoReturn:
    """End the process at once, with everything written.

    Python would first free its objects one by one, which takes half a second after a run, although
    the system frees all memory anyway.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _note(message: Warning | str, *_where: object, **_line: object) -> None:
    """Show a warning as a note: its message, without a line of code."""
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("quiet"):
        with contextlib.suppress(OSError):
            click.echo(_("note: {what}").format(what=message), err=True)


def _complain(sentence: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(on_screen(f"weishang: {sentence}"), err=True)
