"""Why the system refuses a file, in the language in use; it says so in English itself."""

from __future__ import annotations

from sim.texts import _, mark

__all__ = ["reason_of"]

REASONS = (
    mark("No such file or directory"), mark("Permission denied"), mark("Is a directory"),
    mark("Not a directory"), mark("File exists"), mark("File too large"), mark("No space left on device"),
    mark("Read-only file system"), mark("File name too long"), mark("Operation not permitted"),
)
"""What it says most often."""


def reason_of(error: OSError) -> str:
    """Return why the system refused."""
    return _(error.strerror) if error.strerror else str(error)
