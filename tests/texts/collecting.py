"""Which texts there are to translate, and the catalogues on disk.

    python -m tests.texts.collecting     # brings the .po files up to date and compiles them

Needs babel, which users of the package do not. Texts are the literals of ``_()`` and ``mark()``,
the declarations of settings, rules and output columns, the help of commands, and click's own.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import sim
from sim.texts import CATALOGUES, DOMAIN, LANGUAGES

__all__ = ["texts", "texts_of_click"]

PACKAGE = Path(sim.__file__).parent
OTHER_TEXTS = ("views",)
"""Folders that keep their texts in both languages themselves."""
CLICK = ("core.py", "exceptions.py", "types.py", "decorators.py", "formatting.py", "parser.py",
         "_termui_impl.py", "termui.py")


def texts() -> list[str]:
    """Return every text of ours that is shown in the language in use, in a steady order."""
    found = {text: None for text in _literals(PACKAGE)}
    for text in [*_declared(), *_help()]:
        found[text] = None
    return [text for text in found if text.strip()]


def texts_of_click() -> list[str]:
    """Return click's own texts; those that only programmers see need no translation."""
    import click

    folder = Path(str(click.__file__)).parent
    return [text for name in CLICK if (folder / name).exists()
            for text in _called(folder / name, {"_"})]


def _literals(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).parts[0] not in OTHER_TEXTS:
            found += _called(path, {"_", "mark"})
    return found


def _called(path: Path, names: set[str]) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) \
                and node.func.id in names and node.args:
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.JoinedStr):
                    break  # made of declarations, which are collected as such
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.append(part.value)
    return found


def _declared() -> list[str]:
    from sim.mechanisms.base import PHASES
    from sim.scenario.manual import columns, first_paragraph, sections, settings, source_parts
    from sim.scenario.schema import mechanism_sections

    # "share" is a unit as well as a phase of the week, so phases say what they are.
    found = [f"phase {phase}" for phase in PHASES]
    for row in settings():
        found += [row["meaning"], row["unit"], *source_parts(row["source"])]
        if row["prior"]:
            found.append(row["prior"]["source"])
    for column in columns():
        found += [column["meaning"], column["unit"]]
    found += list(sections().values())
    found += [first_paragraph(rule) for rule in mechanism_sections().values()]
    return [*found, "working assumption"]


def _help() -> list[str]:
    from sim.cli.app import COMMANDS, cli

    found = [cli.help or ""]
    for name in COMMANDS:
        command: Any = _command(cli, name)
        if command is not None:
            found.append(inspect.cleandoc(command.help or ""))
            found += [option.help for option in command.params if getattr(option, "help", None)]
    return found


def _command(cli: Any, name: str) -> Any:
    import click

    try:
        return cli.get_command(click.Context(cli), name)
    except (ImportError, AttributeError):
        return None  # a command that is not part of this checkout


def _update() -> None:
    """Bring the catalogues up to date; what is new stays empty and is printed."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    wanted = texts()
    used = {*wanted, *texts_of_click()}
    for language, name in LANGUAGES.items():
        if language == "en":
            continue
        folder = CATALOGUES / name / "LC_MESSAGES"
        path = folder / f"{DOMAIN}.po"
        with open(path, "rb") as file:
            catalogue = read_po(file, locale=name)
        for message in list(catalogue):
            if message.id and message.id not in used:
                catalogue.delete(message.id)
        missing = [text for text in wanted if not (
            (known := catalogue.get(text)) and known.string)]
        for text in missing:
            catalogue.add(text)
        with open(path, "wb") as file:
            write_po(file, catalogue, sort_output=True, omit_header=False, width=96)
        with open(folder / f"{DOMAIN}.mo", "wb") as file:
            write_mo(file, catalogue)
        print(f"{name}: {len(wanted)} texts, {len(missing)} not translated")
        for text in missing:
            print(f"  {text!r}")


if __name__ == "__main__":
    _update()
