"""Errors around runs, each with one sentence for the user."""

from __future__ import annotations

from sim.errors import FilesError, UsageError

__all__ = ["DesignError", "EngineError", "FilesError", "Stopped"]


class DesignError(UsageError):
    """The request is invalid; nothing was run."""


class EngineError(FilesError):
    """The engine (workers or cluster) has failed; finished runs are kept."""


class Stopped(KeyboardInterrupt):
    """The user or the system stopped the runs; the message says how to resume them.

    ``exit_code`` is 130 after an interrupt (Ctrl-C) and 143 after a request to terminate.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
