"""The command line: parses arguments, calls one function, prints; nothing a notebook cannot do."""

from __future__ import annotations

from sim.cli.app import cli, main

__all__ = ["cli", "main"]
