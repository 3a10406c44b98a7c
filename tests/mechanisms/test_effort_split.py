"""Resellers put their effort where the plan pays."""

from __future__ import annotations

from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.effort_split import EffortSplit
from sim.model import MicroCommerce
from sim.scenario.load import load
from sim.studies.ablation import switches
from tests.worlds import enlist, live, make_world, rule

NO_BONUSES: dict[str, Any] = {
    "sponsor_bonuses.entry": 0.0, "sponsor_bonuses.restock": 0.0, "sponsor_bonuses.same_level": 0.0}


def split(optimism: float = 0.0, recruits: int = 0, retail: int = 0, **given: Any) -> World:
    """One reseller has earned so many yuan from recruits and from retail in the last week."""
    world = make_world(100)
    enlist(world, 0, tier=1, optimism=optimism, upline_payments=100 * recruits,
           own_retail_margin=100 * retail)
    return live(world, rule(EffortSplit, **{"memory": 1.0, "matching": 1.0, **given}))


@pytest.mark.parametrize(("recruits", "retail", "share"), [
    (0, 0, 0.5), (300, 0, 1.0), (0, 300, 0.0), (300, 100, 0.75), (100, -500, 1.0)])
def test_effort_follows_what_each_has_paid(recruits: int, retail: int, share: float) -> None:
    """A2: the matching law."""
    assert split(recruits=recruits, retail=retail).resellers.recruiting[0] == share


def test_who_matches_less_stays_nearer_to_half_and_half() -> None:
    assert split(recruits=300, matching=0.5).resellers.recruiting[0] == 0.75
    assert split(recruits=300, matching=0.0).resellers.recruiting[0] == 0.5


def test_the_hyped_go_by_the_promise() -> None:
    """A2, A3: nothing but retail has paid, and the promise of recruits still draws."""
    sober, hyped = (
        float(split(optimism=mood, retail=100).resellers.recruiting[0]) for mood in (0.0, 0.8))
    assert sober == 0.0 < hyped


def test_pay_is_remembered_once() -> None:
    world = split(recruits=100, memory=0.5)
    assert world.resellers.from_recruits[0] == 50.0
    live(world, rule(EffortSplit, memory=0.5))
    assert world.resellers.from_recruits[0] == 25.0


def promise(scenario: str = "pyramid", **settings: Any) -> Any:
    model = MicroCommerce(load(scenario, {
        "persons": 100, **{name.replace("__", "."): value for name, value in settings.items()}}), rng=1)
    return model.world.settings.rule("effort_split").promise(model.world)


def test_the_promise_is_that_of_the_plan() -> None:
    """Whoever is higher is promised more for a recruit; without bonuses the last rung gets nothing."""
    shipped = promise()
    assert (shipped.recruiting[:-1] > shipped.recruiting[1:]).all()
    lean = promise(**{name.replace(".", "__"): value for name, value in NO_BONUSES.items()})
    assert lean.recruiting[-1] == 0.0 < lean.recruiting[-2]
    assert (shipped.retail == lean.retail).all()
    # Ten sales a month at 390 yuan, bought at 185 and sent for 8.
    assert shipped.retail[-1] == pytest.approx(10 * (390 - 185 - 8) / 4)
    # Nobody sells at a list price that leaves nothing: sellers ask 45 % on top of what they pay.
    assert promise(offer__list_price=120.0).retail[-1] == pytest.approx(10 * 0.45 * 185 / 4)
    assert promise(recruiting__approaches=0.0).recruiting.max() == 0.0
    # The lower rungs are promised nothing for what their recruits order again.
    restocks = promise(sponsor_bonuses__restock=0.2).recruiting
    assert (restocks[:3] > shipped.recruiting[:3]).all()
    assert (restocks[3:] == shipped.recruiting[3:]).all()
    assert promise(sponsor_bonuses__restock_rungs=6).recruiting[-1] > shipped.recruiting[-1]


def test_without_rewards_recruiting_falls_by_half() -> None:
    """A2: uplines recruit for what the plan pays them, as price difference and as bonuses."""
    def joins(**settings: Any) -> int:
        total = 0
        for seed in (1, 2, 3):
            model = MicroCommerce(load("pyramid", {"persons": 20_000, **settings}), rng=seed)
            while model.running:
                model.step()
            total += len(model.world.resellers)
        return total

    shipped, without_bonuses, unpaid = joins(), joins(**NO_BONUSES), joins(**switches()["A2"])
    assert unpaid < without_bonuses < shipped
    assert unpaid < 0.5 * shipped
