import pytest

from sim.market.world import World
from sim.mechanisms.sponsor_bonuses import SponsorBonuses
from tests.worlds import enlist, live, make_world, rule

SHARES = {"entry": 0.08, "restock": 0.04, "same_level": 0.02}


def reward(
    tier: int = 1, first: int = 0, sponsor_active: int = 1, missed: int = 0, above: int = 0,
    **shares: float
) -> World:
    """The recruit of somebody on the rung `above` receives ten units, `first` of them first."""
    world = make_world()
    top = enlist(world, 0, tier=above, active=sponsor_active, missed_quotas=missed)
    enlist(world, 1, tier=tier, upline=top, received=10, received_first=first)
    return live(world, rule(SponsorBonuses, **{**SHARES, **shares}))


@pytest.mark.parametrize(("case", "paid"), [
    ({}, 0.04 * 10 * 8000),
    ({"first": 10}, 0.08 * 10 * 8000),
    ({"first": 5}, 0.06 * 10 * 8000),
    ({"tier": 0}, 0.06 * 10 * 5000),
    ({"sponsor_active": 0}, 0),
    ({"missed": 1}, 0),
    # Below the rungs that are paid for later orders, only the first order brings anything.
    ({"above": 1, "restock_rungs": 1, "first": 5}, (0.08 + 0.02) * 5 * 8000),
    ({"above": 1, "restock_rungs": 2, "first": 5}, (0.08 + 0.02) * 5 * 8000 + (0.04 + 0.02) * 5 * 8000),
    ({"restock_rungs": 0}, 0),
    ({"missed": 1, "qualifying": False}, 0.04 * 10 * 8000),
    ({"entry": 0.0, "restock": 0.0, "same_level": 0.0}, 0),
])
def test_sponsors_are_paid_by_the_brand(case: dict[str, float], paid: float) -> None:
    world = reward(**case)  # type: ignore[arg-type]
    assert world.resellers.upline_payments.tolist() == [paid, 0]
    assert world.resellers.week_income[0] == paid
    assert world.books.money["brand"] == -paid
    assert world.flows["rewards"] == paid
