"""The command line: it parses arguments, calls one function, and prints; a notebook can do the same."""

from __future__ import annotations

from sim.cli.app import cli, main

__all__ = ["cli", "main"]
