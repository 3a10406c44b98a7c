from typing import Any

import pytest

from sim.mechanisms.tier_promotion import TierPromotion
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {"volume": 1.0, "recruits": 3, "demotion": 2}


@pytest.mark.parametrize(("seller", "given", "tier"), [
    # The first order of the top tier is 20 units.
    ({"cumulative_orders": 20}, {}, 0),
    ({"cumulative_orders": 19}, {}, 1),
    ({"cumulative_orders": 20}, {"volume": 0.0}, 1),
    ({"cumulative_orders": 20}, {"volume": 2.0}, 1),
    ({"recruits": 3}, {}, 0),
    ({"recruits": 2}, {}, 1),
    ({"recruits": 9}, {"recruits": 0}, 1),
    ({"tier": 0, "missed_quotas": 2}, {}, 1),
    ({"tier": 0, "missed_quotas": 1}, {}, 0),
    ({"tier": 0, "missed_quotas": 9}, {"demotion": 0}, 0),
    ({"missed_quotas": 9}, {}, 1),
    ({"recruits": 9, "active": 0}, {}, 1),
])
def test_up_by_volume_or_recruits_down_by_missed_quotas(
    seller: dict[str, Any], given: dict[str, Any], tier: int
) -> None:
    world = make_world()
    enlist(world, 0, **seller)
    live(world, rule(TierPromotion, **{**USUAL, **given}))
    assert world.resellers.tier[0] == tier


def test_a_demotion_starts_a_new_count() -> None:
    world = make_world()
    enlist(world, 0, tier=0, missed_quotas=5)
    live(world, rule(TierPromotion, **USUAL))
    assert world.resellers.missed_quotas[0] == 0
    assert (world.flows["promotions"], world.flows["demotions"]) == (0, 1)


def test_promotions_are_counted() -> None:
    world = make_world()
    for person, recruits in enumerate((3, 3, 0)):
        enlist(world, person, recruits=recruits)
    live(world, rule(TierPromotion, **USUAL))
    assert (world.flows["promotions"], world.flows["demotions"]) == (2, 0)
    assert world.resellers.tier.tolist() == [0, 0, 1]
