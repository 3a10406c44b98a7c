"""What the package refuses with one sentence, and the exit code that each refusal means."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

__all__ = [
    "FailedError", "FilesError", "ScenarioError", "UsageError", "WeishangError", "pip_install", "typed",
]


class WeishangError(Exception):
    """A refusal whose text is one clear sentence for the person who asked."""

    exit_code = 1


class FailedError(WeishangError):
    """Some runs or checks failed; the rest is done."""


class UsageError(WeishangError, ValueError):
    """What was asked for makes no sense: a wrong name, number or combination."""

    exit_code = 2


class ScenarioError(UsageError):
    """A scenario with problems; `problems` has one text for each, ready to be shown."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n".join([*problems, message]) if problems else message)
        self.problems = tuple(problems)


class FilesError(WeishangError):
    """Files or the engine fail: disk full, no permission, a damaged file, a folder in use."""

    exit_code = 3


def typed(path: object) -> str:
    """Return a path as it is typed into a command: in quotes where it holds a space or a sign of shells."""
    text = str(path)
    plain = text and not any(letter.isspace() or letter in "'\"$&|;<>()*?[]{}~#!`\\" for letter in text)
    return text if plain else shlex.quote(text)


def pip_install(what: str) -> str:
    """Return the command that installs `what` for the Python that runs now, whatever its name."""
    return shlex.join([sys.executable or "python", "-m", "pip", "install", what])
