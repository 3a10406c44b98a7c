import pytest

from sim.market.persons import FULL_REPORT
from sim.market.world import World
from sim.mechanisms.belief_updating import BeliefUpdating
from tests.worlds import live, make_world, rule


def hear(
    voices: int, bad: int = 0, report: float = 0.9, asymmetry: float = 0.0, dropped: int = 0,
    persons: int = 2, **parameters: float,
) -> World:
    """Let all but the last person hear the same voices."""
    world = make_world(persons)
    world.persons.dropped[:] = dropped
    world.persons.evidence[:] = 1.0
    world.persons.voices[:-1] = voices
    world.persons.voices_bad[:-1] = bad
    world.persons.voice_sum[:-1] = round(FULL_REPORT * report) * voices
    return live(world, rule(
        BeliefUpdating, controls={"information_asymmetry": asymmetry}, **{"healing": 0.0, **parameters}))


def test_belief_moves_to_the_reports_by_precision() -> None:
    one, three = hear(1, voice_weight=1.0).persons, hear(3, voice_weight=1.0).persons
    assert one.belief[0] == pytest.approx((0.5 + 0.9) / 2, abs=1e-5)
    assert three.belief[0] > one.belief[0] > one.belief[1] == 0.5
    assert one.evidence[0] == 2.0
    assert hear(3, report=0.1, voice_weight=1.0).persons.belief[0] < 0.5


def test_open_information_weighs_voices_more_and_can_be_switched_off() -> None:
    """A10."""
    opened, closed = (hear(2, asymmetry=a).persons.belief[0] for a in (0.0, 1.0))
    assert opened > closed > 0.5
    assert hear(2, voice_weight=0.0).persons.belief[0] == 0.5


def test_bad_voices_cost_trust_good_ones_win_less() -> None:
    given = {"trust_good": 0.02, "trust_bad": 0.05}
    good, bad = (hear(2, bad=b, **given).persons.trust[0] for b in (0, 2))
    assert bad < 0.5 < good
    assert good == pytest.approx(0.5 + 2 * 0.02 * 0.5)
    assert bad == pytest.approx(0.5 - 2 * 0.05 * 0.5)
    assert hear(2, bad=2, trust_bad=0.0, trust_good=0.0).persons.trust[0] == 0.5


def test_burnt_trust_heals_up_to_a_point() -> None:
    world = hear(0)
    world.persons.trust[:] = (0.1, 0.8)
    live(world, rule(BeliefUpdating, healing=0.5, healed=0.5))
    assert world.persons.trust[0] == pytest.approx(0.3)
    assert world.persons.trust[1] == pytest.approx(0.8)


def test_satisfied_voices_win_back_who_gave_up_the_brand() -> None:
    def lost(**given: int) -> int:
        return int(hear(persons=1001, dropped=1, win_back=0.1, **given).persons.dropped[:-1].sum())

    assert 850 < lost(voices=1) < 950
    assert 640 < lost(voices=3) < 760
    assert lost(voices=10) == 0
    assert lost(voices=3, bad=3) == 1000, "bad voices win nobody back"
    assert lost(voices=4, bad=3) > lost(voices=4)


def test_who_hears_nothing_stays_away_and_nobody_else_gives_up() -> None:
    assert hear(3, dropped=1, win_back=1.0).persons.dropped.tolist() == [0, 1]
    assert hear(3, dropped=1, win_back=0.0).persons.dropped.tolist() == [1, 1]
    assert hear(3, bad=3, win_back=1.0).persons.dropped.tolist() == [0, 0]
