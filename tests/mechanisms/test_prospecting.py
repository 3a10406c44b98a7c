import numpy as np
import pytest

from sim.market.persons import FULL_PUSH
from sim.market.world import MUTED, World
from sim.mechanisms import prospecting
from sim.mechanisms.prospecting import REGION, Prospecting
from tests.worlds import NO_OFFER, enlist, live, make_world, rule, star


def selling_world(close: int = 2, weak: int = 2, **columns: object) -> World:
    far = [(0, leaf) for leaf in range(close + 1, close + weak + 1)]
    world = make_world(close + weak + 1, star(close), far)
    enlist(world, 0, inventory=5, **columns)
    return world


def test_a_seller_with_stock_asks_and_offers() -> None:
    world = live(selling_world(price=70.0), rule(Prospecting, asks=4.0, pressure=1.0, burn=0.0))
    assert world.persons.asks.tolist() == [0, 1, 1, 1, 1]
    assert (world.persons.offer[1:] >> 32 == 7000).all()
    assert world.flows["asks"] == 4


def test_close_ties_push_more_than_weak_ones() -> None:
    world = live(selling_world(), rule(Prospecting, asks=4.0, pressure=1.0, weak=0.4))
    assert world.persons.push[1] > world.persons.push[3] > 0


def test_off_settings() -> None:
    world = live(selling_world(), rule(Prospecting, asks=0.0))
    assert world.persons.asks.sum() == 0
    assert (world.persons.offer == NO_OFFER).all()
    world = live(selling_world(), rule(Prospecting, asks=4.0, pressure=0.0))
    assert world.persons.asks.sum() == 4
    assert world.persons.push.sum() == 0


def test_pressure_follows_the_control() -> None:
    pushes = []
    for pressure in (0.0, 1.0):
        asking = rule(Prospecting, controls={"stock_pressure": pressure}, asks=4.0)
        pushes.append(int(live(selling_world(), asking).persons.push.sum()))
    assert pushes[1] > pushes[0]


@pytest.mark.parametrize("change", [{"inventory": 0}, {"effort": 0.0}])
def test_without_stock_or_effort_nobody_is_asked(change: dict[str, float]) -> None:
    world = selling_world()
    for name, value in change.items():
        world.resellers[name][0] = value
    world.books.goods.move("channel", "factory", 5 - int(world.resellers.inventory[0]))
    live(world, rule(Prospecting, asks=4.0))
    assert world.persons.asks.sum() == 0


def test_other_sellers_are_not_asked() -> None:
    world = selling_world()
    enlist(world, 1)
    live(world, rule(Prospecting, asks=4.0))
    assert world.persons.asks.tolist() == [0, 0, 1, 1, 1]


def test_asks_wear_ties_and_worn_ties_push_less() -> None:
    def second_push(wear: float) -> int:
        world = selling_world()
        asking = rule(Prospecting, asks=4.0, pressure=1.0, wear=wear, mute=0.0)
        first = int(live(world, asking).persons.push.sum())
        return first - int(live(world, asking).persons.push.sum())

    assert second_push(0.0) == 0
    assert second_push(0.3) > 0


def test_distrusted_sellers_are_muted_and_not_heard_again() -> None:
    world = selling_world()
    world.persons.trust[:] = 0.0
    asking = rule(Prospecting, asks=4.0, mute=1.0, burn=0.0)
    live(world, asking)
    assert (world.ties.wear[:4] == MUTED).all()
    assert world.flows["muted"] == 4
    live(world, asking)
    assert world.persons.asks.sum() == 0


def test_the_trusted_and_the_switched_off_are_not_muted() -> None:
    for trust, mute in ((1.0, 1.0), (0.0, 0.0)):
        world = selling_world()
        world.persons.trust[:] = trust
        live(world, rule(Prospecting, asks=4.0, mute=mute))
        assert not (world.ties.wear == MUTED).any()
        assert (world.flows["asks"], world.flows["muted"]) == (4, 0)


def test_asks_beyond_tolerance_burn_trust() -> None:
    def trust(burn: float, pressure: float = 1.0) -> float:
        world = make_world(3, [(0, 2), (1, 2)])
        enlist(world, 0, inventory=5)
        enlist(world, 1, inventory=5)
        live(world, rule(Prospecting, asks=1.0, tolerance=1.0, burn=burn, mute=0.0,
                         pressure=pressure))
        assert world.persons.asks[2] == 2
        return float(world.persons.trust[2])

    assert trust(0.0) == 0.5
    assert trust(0.2) == pytest.approx(0.4)
    # Hard selling burns more, gentle selling nothing.
    assert trust(0.2, 2.0) == pytest.approx(0.2)
    assert trust(0.2, 0.5) == 0.5
    assert trust(0.2, 0.0) == 0.5


def test_leavers_offer_what_is_left() -> None:
    world = selling_world(active=0, price=30.0)
    live(world, rule(Prospecting, asks=0.0, clearing_asks=4.0))
    assert (world.persons.offer[1:] >> 32 == 3000).all()


def test_the_cheapest_offer_is_remembered() -> None:
    world = make_world(3, [(0, 2), (1, 2)])
    enlist(world, 0, inventory=5, price=90.0)
    enlist(world, 1, inventory=5, price=85.0)
    live(world, rule(Prospecting, asks=1.0))
    assert int(world.persons.offer[2]) == 8500 << 32 | 1


@pytest.mark.parametrize("near", [REGION, 10 * REGION])
def test_contacts_hear_wherever_they_live_and_forget_by_the_next_week(
    near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asks are heard at once or, in a large market, by regions; this one has three of them."""
    monkeypatch.setattr(prospecting, "NEAR", near)
    far = [5, REGION - 1, REGION, REGION + 5, 2 * REGION + 5]
    world = make_world(2 * REGION + 10, [(0, contact) for contact in far])
    enlist(world, 0, inventory=5)
    asking = rule(Prospecting, asks=5.0, tolerance=0.0, burn=0.2, pressure=1.0)
    live(world, asking)
    assert np.flatnonzero(world.persons.asks).tolist() == far
    assert np.flatnonzero(world.persons.push).tolist() == far
    assert np.flatnonzero(world.persons.offer != NO_OFFER).tolist() == far
    assert np.flatnonzero(world.persons.trust < 0.5).tolist() == far
    world.resellers.active[0] = 0
    world.resellers.inventory[0] = 0
    world.books.goods.move("channel", "factory", 5)
    live(world, asking)
    assert not world.persons.asks.any()
    assert not world.persons.push.any()
    assert (world.persons.offer == NO_OFFER).all()


def test_more_asks_than_a_column_holds_stay_at_the_most_it_holds() -> None:
    world = make_world(301, star(300))
    for seller in range(1, 301):
        enlist(world, seller, inventory=1)
    live(world, rule(Prospecting, asks=1.0, pressure=10.0, burn=0.0))
    assert world.flows["asks"] == 300
    assert world.persons.asks[0] == 255
    assert world.persons.push[0] == 65535


def test_a_push_is_rounded_to_the_nearest_step() -> None:
    """Weak asks of a tenth of a close tie lose nothing to rounding."""
    for pressure in (0.03, 0.1, 0.337):
        world = live(selling_world(), rule(
            Prospecting, asks=4.0, pressure=pressure, weak=0.1, wear=0.0, burn=0.0))
        assert abs(int(world.persons.push[3]) - FULL_PUSH * pressure * 0.1) <= 0.5
        assert abs(int(world.persons.push[1]) - FULL_PUSH * pressure) <= 0.5
