"""What every rule must have, whatever it does: a manual, bounds, a switch, a test."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
import typing
from pathlib import Path
from typing import Any

import pytest

import sim.mechanisms
from sim.kernel.distributions import draw
from sim.kernel.settings import Settings
from sim.market.brand import BrandState
from sim.market.world import Market, World
from sim.mechanisms.base import PHASES, Mechanism
from sim.mechanisms.selling import Selling
from sim.regimes import REGIMES
from sim.regimes.further import FURTHER
from sim.scenario import Scenario
from tests.worlds import make_world

HERE = Path(__file__).parent


def every_rule() -> list[type[Mechanism]]:
    """Return all rules that the package brings, found by looking into its modules."""
    found: dict[str, type[Mechanism]] = {}
    for module in pkgutil.iter_modules(sim.mechanisms.__path__):
        for value in vars(importlib.import_module(f"sim.mechanisms.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Mechanism) and value is not Mechanism:
                found[value.name()] = value
    return [found[name] for name in sorted(found)]


RULES = every_rule()
SECTIONS: list[Any] = [
    *RULES,
    *(type(getattr(Scenario.of(), name))
      for name in ("controls", "network", "people", "offer", "production")),
]


def test_every_rule_can_be_used() -> None:
    used = {name for regime in REGIMES.values() for name in regime.names}
    used |= {rule.name() for rule in FURTHER}
    unused = {rule.name() for rule in RULES} - used
    assert not unused, (
        f"put these rules into sim/regimes/week.py, or further.py where no regime uses them: {unused}")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name())
def test_a_rule_is_documented_and_tested(rule: type[Mechanism]) -> None:
    assert rule.__doc__, "a rule says what it does"
    assert rule.__doc__ != Mechanism.__doc__
    assert rule.phase in PHASES
    module = rule.__module__.rsplit(".", 1)[1]
    test = HERE / f"test_{module}.py"
    assert test.exists(), f"write tests/mechanisms/{test.name}"
    assert rule.__name__ in test.read_text("utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name())
def test_what_a_rule_reads_and_writes_exists(rule: type[Mechanism]) -> None:
    world: World = make_world()
    world.add_columns(rule.columns)
    assert rule.writes, "a rule that changes nothing is none"
    assert [name for name in (*rule.reads, *rule.writes) if name not in world.names()] == []


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_parameter_has_meaning_unit_source_and_bounds(section: type[Settings]) -> None:
    for name, field in section.model_fields.items():
        where = f"{section.__name__}.{name}"
        extra = field.json_schema_extra
        assert field.description, where
        assert isinstance(extra, dict), where
        assert extra.get("unit"), where
        assert extra.get("source"), where
        kinds = {field.annotation}
        if typing.get_origin(field.annotation) in (typing.Union, types.UnionType):
            kinds = set(typing.get_args(field.annotation))
        if kinds <= {int, float, type(None)} - {bool}:
            bounds = {type(one).__name__: one for one in field.metadata}
            assert {"Ge", "Le"} <= set(bounds), f"{where} has no bounds"
            assert bounds["Ge"].ge < bounds["Le"].le, where
        if "control" in extra:
            control, at_zero, at_one = extra["control"]  # type: ignore[misc]
            assert control in type(Scenario.of().controls).model_fields, where
            assert at_zero != at_one, where


def test_traits_are_distributions_that_can_be_drawn() -> None:
    import numpy as np

    out = np.empty(10, np.float32)
    people = Scenario.of().people
    for name in type(people).model_fields:
        value = getattr(people, name)
        draw(value, out, 0.0, 1e9, 1)
        assert np.isfinite(out).all(), name


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.off], ids=lambda rule: rule.name())
def test_the_settings_that_switch_a_row_off_exist(rule: type[Mechanism]) -> None:
    for row, settings in rule.off.items():
        assert row[0] in "AB", row
        assert row[1:].isdigit(), row
        assert settings, row
        off = Scenario.of().changed(settings)
        for path, value in settings.items():
            section, name = path.split(".")
            assert getattr(getattr(off, section), name) == value


@pytest.mark.parametrize("kind", [BrandState, Market], ids=lambda kind: kind.__name__)
def test_state_of_which_there_is_one_is_documented(kind: type) -> None:
    lines = inspect.getsource(kind).splitlines()
    for name in kind.__dataclass_fields__:  # type: ignore[attr-defined]
        line = next(i for i, text in enumerate(lines) if f"    {name}:" in text)
        assert '"""' in "".join(lines[line + 1 : line + 3]), name



def test_changed_rules_hand_loops_their_own_numbers() -> None:
    """The numbers are put together once a rule; a changed copy puts together its own."""
    rule = Selling(basket=2)
    assert rule.parameters.basket == 2
    assert rule.model_copy(update={"basket": 3}).parameters.basket == 3
    assert rule.model_copy(update={"basket": 4}, deep=True).parameters.basket == 4
    assert rule.parameters is rule.parameters
    assert rule == Selling(basket=2)
    assert "parameters" not in rule.model_dump()
