"""What can go wrong around runs, each as one sentence for the person at the keyboard."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["DesignError", "EngineError", "FilesError", "Stopped"]


class DesignError(ValueError):
    """What was asked for makes no sense; nothing was run."""

    exit_code: ClassVar[int] = 2


class FilesError(Exception):
    """Results cannot be read or written; what was finished before is kept."""

    exit_code: ClassVar[int] = 3


class EngineError(Exception):
    """The engine (workers, cluster) is gone; what was finished before is kept."""

    exit_code: ClassVar[int] = 3


class Stopped(KeyboardInterrupt):
    """The user or the system stopped the runs; the message says how to go on.

    ``exit_code`` is 130 after an interrupt (Ctrl-C) and 143 after a request to terminate.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
