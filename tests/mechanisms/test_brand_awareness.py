import pytest

from sim.market.world import World
from sim.mechanisms.brand_awareness import BrandAwareness
from tests.worlds import enlist, live, make_world, rule


def heard(asks: int = 0, voices: int = 0, persons: int = 50) -> World:
    world = make_world(persons)
    world.persons.asks[:] = asks
    world.persons.voices[:] = voices
    return world


def test_who_hears_nothing_notices_by_advertising_alone() -> None:
    assert live(heard(), rule(BrandAwareness, advertising=0.0)).persons.aware.sum() == 0
    world = live(heard(persons=4000), rule(BrandAwareness, advertising=0.2))
    # 1 - exp(-0.2) = 0.181; five standard deviations.
    assert world.persons.aware.mean() == pytest.approx(0.1813, abs=0.031)
    assert (world.persons.source[world.persons.aware == 1] == 1).all()
    assert world.flows["noticed"] == world.persons.aware.sum()


@pytest.mark.parametrize(("asks", "voices", "source"), [(9, 0, 2), (0, 9, 3)])
def test_sellers_and_voices_make_aware(asks: int, voices: int, source: int) -> None:
    on = rule(BrandAwareness, advertising=0.0, seller_weight=5.0, voice_weight=5.0)
    world = live(heard(asks, voices), on)
    assert world.persons.aware.all()
    assert (world.persons.source == source).all()
    off = rule(BrandAwareness, advertising=0.0, seller_weight=0.0, voice_weight=0.0)
    assert live(heard(asks, voices), off).persons.aware.sum() == 0


def test_more_voices_make_more_aware() -> None:
    counts = [int(live(heard(voices=voices, persons=500), rule(BrandAwareness, voice_weight=0.3))
                  .persons.aware.sum()) for voices in (1, 3)]
    assert counts[0] < counts[1]


def test_overclaiming_raises_the_first_impression_of_the_credulous() -> None:
    def impression(asymmetry: float, credulity: float, **given: float) -> float:
        world = heard(asks=9)
        world.persons.credulity[:] = credulity
        live(world, rule(BrandAwareness, controls={"information_asymmetry": asymmetry}, seller_weight=5.0,
                         prior=0.5, **given))
        return float(world.persons.belief[0])

    # The truth is 0.5, the over-claim 0.4.
    assert impression(1.0, 1.0) == pytest.approx(0.9)
    assert impression(0.5, 1.0) == pytest.approx(0.7)
    assert impression(1.0, 0.0) == pytest.approx(0.5)
    assert impression(1.0, 1.0, exaggeration=0.0) == pytest.approx(0.5)


def test_the_aware_stay_as_they_are() -> None:
    world = heard(asks=9)
    world.persons.aware[:] = 1
    world.persons.belief[:] = 0.1
    live(world, rule(BrandAwareness, seller_weight=5.0))
    assert (world.persons.belief == world.persons.belief.dtype.type(0.1)).all()
    assert world.flows["noticed"] == 0


def test_it_is_remembered_which_prosumer_convinced_them() -> None:
    """Three sellers, the second of whom holds no stock: only that one is rewarded for it."""
    for row, convinced_by in ((0, -1), (1, 4), (2, -1)):
        world = heard(asks=9)
        for person, dropship in ((3, 0), (4, 1), (5, 0)):
            enlist(world, person, dropship=dropship)
        world.persons.aware[:] = 0
        world.persons.offer[:] = 10_000 << 32 | row
        live(world, rule(BrandAwareness, advertising=0.0, seller_weight=5.0))
        assert set(world.persons.convinced_by.tolist()) == {convinced_by}
        assert set(world.persons.hops.tolist()) == {2}
