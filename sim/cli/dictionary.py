"""Words in the command describe: the glossary, measures with formulas, and a search."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import answer, answer_json
from sim.cli.tables import paragraph, table
from sim.texts import LANGUAGES, _, speaking
from sim.texts.terms import TERMS, Term, found

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["search", "shipped_scenarios", "show_found", "show_glossary", "show_measures", "show_resolved"]

MAX_HITS = 12
"""Largest number of lines of each kind that a search shows."""


def _term(term: Term) -> Data:
    return {"en": term.en, "zh": term.zh, "meaning": term.meaning, "also": list(term.also),
            "see": list(term.see)}


def show_glossary(as_json: bool) -> None:
    """Print every term of the field."""
    if as_json:
        answer_json({"terms": [_term(term) for term in TERMS]})
        return
    answer(table([_("term"), "中文" if _("term") == "term" else "English", _("meaning")], [
        [term.word, term.zh if term.word == term.en else term.en, term.meaning]
        for term in TERMS]))


def measure_rows(name: str | None = None) -> list[dict[str, str]]:
    """Return the key figures with their formulas: all of them, or one by name, formula or label."""
    from sim.runs.figures import KEY_FIGURES

    return [{"name": figure.name, "meaning": _(figure.label), "unit": figure.unit,
             "formula": figure.formula}
            for figure in KEY_FIGURES if name in (
                None, figure.name, figure.formula, figure.label, _(figure.label))]


def show_measures(rows: list[dict[str, str]], as_json: bool) -> None:
    """Print measures with their formulas."""
    if as_json:
        answer_json({"measures": rows})
        return
    for row in rows:
        named = paragraph(f"{row['name']}: {row['meaning']} ({_(row['unit'])})")
        answer(click.style(row["name"], bold=True) + named.removeprefix(row["name"]))
        answer(paragraph(f"= {row['formula']}", "    "))


def search(query: str) -> dict[str, list[Any]]:
    """Return the possible meanings of a word in either language: terms, measures, settings, columns."""
    from sim.scenario import manual

    wanted = query.strip().lower()

    def hit(*texts: str) -> bool:
        return any(wanted in text.lower() for text in texts if text)

    terms = found(query)
    named = [name for term in terms for name in term.see]
    said = _meanings()

    def found_rows(rows: list[Data]) -> list[Data]:
        chosen = [row for row in rows if row["name"] in named or hit(row["name"], *said[row["name"]])]
        return sorted(chosen, key=lambda row: row["name"] not in named)

    sections = [{"name": name, "meaning": meaning} for name, meaning in manual.sections().items()
                if name in named or hit(name, meaning, _(meaning))]
    # A word of one or two letters occurs in too many titles.
    wide = len(wanted) > 2 or not wanted.isascii()
    return {"terms": list(terms), "measures": found_rows(measure_rows()), "sections": sections,
            "settings": found_rows(manual.settings()), "columns": found_rows(manual.columns()),
            "scenarios": [row for row in shipped_scenarios() if wide and hit(row["name"], *row["titles"])],
            "commands": [row for row in _commands() if wide and hit(
                row["name"], row["meaning"], *row["titles"])]}


@functools.cache
def _meanings() -> dict[str, set[str]]:
    """Return the descriptions of each measure, setting and column in every language."""
    from sim.scenario import manual

    said: dict[str, set[str]] = {}
    for lang in LANGUAGES:
        with speaking(lang):
            for row in (*measure_rows(), *manual.settings(), *manual.columns()):
                said.setdefault(row["name"], set()).add(_(row["meaning"]))
    return said


def shipped_scenarios() -> list[Data]:
    """Return the shipped scenarios with their titles in both languages."""
    from sim.texts.bilingual import text_of

    return [{"name": name, "meaning": text_of(title),
             "titles": [text_of(title, lang) for lang in LANGUAGES]} for name, title in _shipped_titles()]


@functools.cache
def _shipped_titles() -> list[tuple[str, Any]]:
    """Return names and titles; loading every scenario takes a second."""
    from sim.scenario.load import load, shipped

    return [(name, load(name).title) for name in shipped()]


def _commands() -> list[Data]:
    """Return the commands with what they do in both languages."""
    from sim.cli.app import COMMANDS

    rows = []
    for name, (_module, line) in COMMANDS.items():
        titles = [line]
        for lang in LANGUAGES:
            with speaking(lang):
                titles.append(_(line))
        rows.append({"name": name, "meaning": line, "titles": titles})
    return rows


def show_found(query: str, hits: dict[str, list[Any]], as_json: bool) -> None:
    """Print what a search found."""
    if as_json:
        answer_json({"query": query, **hits, "terms": [_term(term) for term in hits["terms"]]})
        return
    for term in hits["terms"]:
        answer(click.style(f"{term.en} / {term.zh}", bold=True))
        answer(paragraph(term.meaning, "    "))
    for kind, title in (("measures", _("measures")), ("settings", _("settings")),
                        ("columns", _("columns of the results")), ("sections", _("sections")),
                        ("scenarios", _("shipped scenarios")), ("commands", _("commands"))):
        rows = hits[kind]
        if not rows:
            continue
        answer("")
        answer(table([title, _("meaning")], [
            [row["name"], _(row["meaning"]) + (f" = {row['formula']}" if "formula" in row else "")]
            for row in rows[:MAX_HITS]]))
        if len(rows) > MAX_HITS:
            answer(_("and {count} more").format(count=len(rows) - MAX_HITS))


def show_resolved(name: str, allow_code: bool, as_json: bool) -> None:
    """Print every setting of a scenario with its value and where it was given."""
    from sim.scenario.origins import origins
    from sim.scenario.parameters import walk
    from sim.scenario.resolved import said
    from sim.scenario.schema import Scenario

    rows = origins(name, allow_code=allow_code)
    if as_json:
        answer_json({"scenario": name, "resolved": [
            {"setting": path, "value": value, "from": where} for path, value, where in rows]})
        return
    shapes = {shape.path: shape for shape in walk(Scenario)}
    answer(table([_("setting"), _("value"), _("from")], [
        [path, said(value, shapes.get(path)), where] for path, value, where in rows], flexible=1))
