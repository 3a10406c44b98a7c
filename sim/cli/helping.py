"""Help screens: wrapped to the width of the terminal, with the punctuation of the language."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import click

from sim.texts import language
from sim.texts.wrapping import width_of, wrapped

__all__ = ["HelpContext", "HelpFormatter"]

MAX_FIRST = 30
"""Largest width of the first column of a list of options; longer entries get their own line."""


class HelpFormatter(click.HelpFormatter):
    """Writes help; a Chinese character takes two columns, which click does not count."""

    def write_heading(self, heading: str) -> None:
        """Write a heading with the colon of the language."""
        colon = "：" if language() == "zh" else ":"
        self.write(f"{'':>{self.current_indent}}{heading.rstrip(':：')}{colon}\n")

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line; no space follows a Chinese colon."""
        before = len(self.buffer)
        super().write_usage(prog, args, prefix)
        self.buffer[before:] = ["".join(self.buffer[before:]).replace("： ", "：", 1)]

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        for number, part in enumerate(text.split("\n\n")):
            if number:
                self.write("\n")
            self._write_lines(" " * self.current_indent, part)

    def write_example(self, command: str) -> None:
        """Write a command, broken by backslashes if it is wider than the screen."""
        indent = " " * self.current_indent
        pieces = _options(command)
        lines, room = [pieces[0]], self.width + 2 - len(indent)  # click leaves two columns free
        for piece in pieces[1:]:
            if len(lines[-1]) + len(piece) + 3 > room - 4 * (len(lines) > 1) and len(command) > room:
                lines.append(piece)
            else:
                lines[-1] += f" {piece}"
        self.write(indent + f" \\\n{indent}    ".join(lines) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = MAX_FIRST, col_spacing: int = 2,
    ) -> None:
        """Write names and meanings side by side."""
        rows = list(rows)
        first = min(max((width_of(name) for name, _text in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, text in rows:
            beside = width_of(name) <= first - col_spacing
            self.write(indent + name + (" " * (first - width_of(name)) if beside and text else "\n"))
            if not text:
                continue
            lines = wrapped(_joined(text), max(self.width - len(indent) - first, 10))
            for number, line in enumerate(lines):
                self.write(("" if beside and not number else indent + " " * first) + f"{line}\n")

    def _write_lines(self, indent: str, text: str) -> None:
        for line in wrapped(_joined(text), self.width - len(indent)):
            self.write(f"{indent}{line}\n")


def _joined(text: str) -> str:
    """Return lines joined into one, without spaces between Chinese characters."""
    lines = text.split("\n")
    whole = lines[0].strip()
    for line in (part.strip() for part in lines[1:]):
        close = whole and line and width_of(whole[-1]) == 2 and width_of(line[0]) == 2
        whole += line if close else f" {line}"
    return whole


def _options(command: str) -> list[str]:
    """Return a command in unbreakable pieces: its words, then each option with its value."""
    words = [shlex.quote(word) if " " in word or (set(word) & set("<>()*'") and word != ">") else word
             for word in shlex.split(command)]
    pieces = [words[0]]
    for word in words[1:]:
        if word.startswith("-") or (pieces[-1].startswith("-") and " " in pieces[-1]):
            pieces.append(word)
        else:
            pieces[-1] += f" {word}"
    return pieces


class HelpContext(click.Context):
    """A context whose help is written by our formatter."""

    formatter_class = HelpFormatter
