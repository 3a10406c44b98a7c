"""The errors of the package, each with one sentence for the user and an exit code."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

__all__ = [
    "FailedError", "FilesError", "ScenarioError", "UsageError", "WeishangError", "pip_install", "typed",
]


class WeishangError(Exception):
    """An error whose message is one clear sentence for the user."""

    exit_code = 1


class FailedError(WeishangError):
    """Some runs or checks failed; the rest is done."""


class UsageError(WeishangError, ValueError):
    """The request is invalid: a wrong name, number or combination."""

    exit_code = 2


class ScenarioError(UsageError):
    """An invalid scenario; `problems` has one text for each problem, ready to be shown."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n".join([*problems, message]) if problems else message)
        self.problems = tuple(problems)


class FilesError(WeishangError):
    """Files or the engine failed: full disk, no permission, a damaged file, a folder in use."""

    exit_code = 3


def typed(path: object) -> str:
    """Return a path as typed into a command: in quotes if it holds a space or a special character."""
    text = str(path)
    plain = text and not any(letter.isspace() or letter in "'\"$&|;<>()*?[]{}~#!`\\" for letter in text)
    return text if plain else shlex.quote(text)


def pip_install(what: str) -> str:
    """Return the command that installs `what` for the running Python."""
    return shlex.join([sys.executable or "python", "-m", "pip", "install", what])
