"""The model document states every rule of the week in equations, in terms that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.market.persons import COLUMNS as PERSONS
from sim.market.resellers import COLUMNS as RESELLERS
from sim.regimes import REGIMES
from sim.scenario import Scenario
from sim.scenario.parameters import find

MODEL = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
PART = MODEL.partition("### The other rules in equations")[2].partition("### Rules of the week")[0]
IN_DEMAND = {"purchase_choice": "Choice", "product_experience": "Experience", "belief_updating": "Listening"}
RULES = sorted({name for regime in REGIMES.values() for name in regime.names})
OTHER_TERMS = {"reach", "knowledge", "list_price", "hops"}
"""State of the brand, the offer and persons that equations name besides columns."""


def equations() -> dict[str, str]:
    """Return what the document says of each rule."""
    parts = re.split(r"^\*\*`(\w+)`\.\*\*", PART, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def equations_of(rule: str) -> str:
    """Return what the document says of a rule, without the backslashes before underscores."""
    found = equations()
    assert rule in found, f"state the rule in docs/model.md by a paragraph that begins with **`{rule}`.**"
    return found[rule].replace("\\_", "_")


def test_every_rule_of_the_week_has_equations() -> None:
    demand = MODEL.partition("### Demand in equations")[2].partition("### The other rules")[0]
    stated = {*equations(), *IN_DEMAND}
    assert not set(RULES) - stated, (
        "state these rules in docs/model.md, under 'The other rules in equations', by a paragraph that "
        f"begins with **`rule`.**: {sorted(set(RULES) - stated)}")
    assert not stated - set(RULES), f"no week has these rules of docs/model.md: {stated - set(RULES)}"
    assert all(f"**{heading}.**" in demand for heading in IN_DEMAND.values())
    without = [rule for rule, text in equations().items() if "$" not in text]
    assert not without, f"these rules have words but no equation in docs/model.md: {without}"


@pytest.mark.parametrize("rule", sorted(set(RULES) - set(IN_DEMAND)))
def test_every_term_is_a_parameter_or_a_column(rule: str) -> None:
    text = equations_of(rule)
    terms = {*re.findall(r"\\texttt\{([\w.]+)\}", text), *re.findall(r"`([\w.]+)`", text)}
    assert terms, f"write parameters and columns of {rule} in docs/model.md as \\texttt{{name}} or `name`"
    columns = {column.name for column in (*PERSONS, *RESELLERS)} | OTHER_TERMS
    unknown = [
        term for term in sorted(terms - columns - set(RULES))
        if find(Scenario, f"{rule}.{term}") is None and find(Scenario, term) is None
        and find(Scenario, f"tiers.0.{term}") is None]
    assert not unknown, f"docs/model.md names neither parameters nor columns for {rule}: {unknown}"


def rule_parameters(rule: str) -> set[str]:
    [kind] = {type(one) if not isinstance(one, type) else one for regime in REGIMES.values()
              for one in regime.rules if one.name() == rule}
    return set(kind.model_fields) - {"enabled"}


NOT_IN_WEEKS = {"selling": {"generation"}}
"""Parameters that only say what is reported."""


@pytest.mark.parametrize("rule", sorted(set(RULES) - set(IN_DEMAND)))
def test_every_parameter_is_in_the_equations(rule: str) -> None:
    text = equations_of(rule)
    missing = [name for name in rule_parameters(rule) - NOT_IN_WEEKS.get(rule, set())
               if not re.search(rf"\b{name}\b", text)]
    assert not missing, f"name these parameters of {rule} in docs/model.md: {missing}"
