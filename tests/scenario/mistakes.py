"""Kinds of mistakes in scenario files, each as a small file; docs/messages.md shows the answers.

    python -m tests.scenario.mistakes      # writes docs/messages.md anew
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from sim.errors import ScenarioError
from sim.scenario.load import load
from sim.texts import use_language

DOCUMENT = Path(__file__).parents[2] / "docs" / "messages.md"

MISTAKES: dict[str, str] = {
    "a misspelt section": "recruting: {approaches: 3}",
    "a misspelt setting": "controls:\n  stock_presure: 80%",
    "a setting without its section": "stock_pressure: 80%",
    "a value out of bounds": "controls: {feedback: 1.2}",
    "a negative population": "persons: -5",
    "an empty population": "persons: 0",
    "a truth value for a number": "controls: {feedback: true}",
    "a number in quotes": 'weeks: "12"',
    "not a number": "offer: {unit_cost: .nan}",
    "infinity": "offer: {list_price: .inf}",
    "too many digits": "persons: 100000000000000000000000000000000000000000000",
    "half a week": "weeks: 10.5",
    "a wrong unit": "weeks: 10 persons",
    "a misspelt unit": "weeks: 10 weaks",
    "thousands with a comma": "persons: 20,000",
    "an unknown choice": "regime: pyramidd",
    "an unknown distribution": "people:\n  budget: {dist: lognorm, mean: 5万元, cv: 60%}",
    "half a distribution": "people:\n  budget: {dist: lognormal, mean: 5万元}",
    "a value where a section belongs": "controls: 3",
    "a map where a list belongs": "tiers: {name: 总代, price: 85 CNY, first_order: 100}",
    "a rung without a price": "tiers:\n  - {name: 总代, first_order: 100}",
    "a ladder upside down":
        "tiers:\n  - {name: 总代, price: 85 CNY, first_order: 100}\n"
        "  - {name: 特约, price: 60 CNY, first_order: 10}",
    "an event after the end": "weeks: 52\nevents:\n  - {week: 60, set: {controls.feedback: 50%}}",
    "an event that sets nothing known":
        "events:\n  - {week: 20, set: {controls.infomation_asymmetry: 20%}, over: 12 weeks}",
    "an event that changes the past": "events:\n  - {week: 20, set: {persons: 5000}}",
    "an event on a rung that is not there":
        "extends: pyramid\nevents:\n  - {week: 20, set: {tiers.7.price: 60 CNY}}",
    "a reality check about an unknown column": "expect:\n  - sell_inn >= sell_through at week 40",
    "a reality check that stops early": "expect:\n  - max(inventory_channel) >",
    "a source of an unknown setting": "sources: {offer.unitcost: a newspaper}",
    "an unknown parent": "extends: pyramidd",
    "a parent out of the folder": "extends: ../../secrets.yaml",
    "a scenario that extends itself": "extends: mine.yaml",
    "Python code along": "rules: {files: [my_rules.py]}",
    "a tab": "controls:\n\tfeedback: 1",
    "a full-width colon": "weeks：104",
    "a key twice": "weeks: 52\nweeks: 104",
    "a bracket that is not closed": "offer: {list_price: 128 CNY",
    "a line indented too far": "controls:\n  feedback: 1\n   stock_pressure: 1",
    "an anchor": "weeks: &w 52\npersons: *w",
    "a tag": "weeks: !!int 52",
    "a list instead of a scenario": "- weeks\n- persons",
}


def answer(text: str | bytes, folder: Path, language: str = "en") -> str:
    """Return what the check of a file with this text says."""
    path = folder / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    use_language(language)
    try:
        load(path)
    except ScenarioError as error:
        return str(error).replace(f"{folder}/", "")
    finally:
        use_language("en")
    return ""


def document(folder: Path) -> str:
    """Return docs/messages.md: every kind of mistake with its answer in both languages."""
    parts = [
        "# What the check of a scenario says",
        "",
        "Written by `python -m tests.scenario.mistakes`; a test keeps it in step with the program.",
    ]
    for kind, text in MISTAKES.items():
        english, chinese = (
            "\n".join(answer(text, folder, language).splitlines()[:-1])
            for language in ("en", "zh"))
        lines = english.splitlines()
        alone = chinese.splitlines()[0] if chinese else ""
        parts += ["", f"## {kind[0].upper()}{kind[1:]}", "", "```text", *lines, "", alone, "```"]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as somewhere:
        DOCUMENT.write_text(document(Path(somewhere)), encoding="utf-8")
