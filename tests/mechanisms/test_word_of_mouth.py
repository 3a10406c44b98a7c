import numpy as np

from sim.market.brand import SPEAKS, VOUCHES
from sim.market.world import World
from sim.mechanisms.word_of_mouth import WordOfMouth
from sim.model import MicroCommerce
from sim.scenario.load import load
from tests.worlds import live, make_world, rule, star


def speak(satisfaction: float, asymmetry: float = 0.0, **parameters: float) -> World:
    """Return 200 separate pairs of a user and a friend who does not know the product."""
    world = make_world(400, [(2 * pair, 2 * pair + 1) for pair in range(200)])
    world.persons.used[::2] = 1
    world.persons.aware[::2] = 1
    world.persons.satisfaction[::2] = satisfaction
    world.persons.belief[::2] = 0.75
    given = {"talk": 0.0, "talk_good": 0.5, "talk_bad": 0.8, "listeners": 1.0}
    return live(world, rule(
        WordOfMouth, controls={"information_asymmetry": asymmetry}, **{**given, **parameters}))


def test_both_extremes_talk_the_dissatisfied_most() -> None:
    good, middle, bad = (int(speak(s).persons.voices.sum()) for s in (1.0, 0.5, 0.0))
    assert bad > good > middle == 0
    assert speak(1.0).persons.voices_bad.sum() == 0
    world = speak(0.0)
    assert (world.persons.voices_bad == world.persons.voices).all()


def test_closed_information_silences_most_of_all_the_bad_experience() -> None:
    """A6."""
    opened = {s: int(speak(s).persons.voices.sum()) for s in (0.0, 1.0)}
    closed = {s: int(speak(s, asymmetry=1.0).persons.voices.sum()) for s in (0.0, 1.0)}
    assert closed[1.0] < opened[1.0]
    assert closed[0.0] < opened[0.0]
    assert closed[0.0] / opened[0.0] < closed[1.0] / opened[1.0]


def test_off_settings_hear_no_one_or_everyone() -> None:
    assert speak(1.0, openness=0.0).persons.voices.sum() == 0
    assert speak(0.0, openness_bad=0.0).persons.voices.sum() == 0
    unfiltered = speak(1.0, asymmetry=1.0, openness=1.0).persons.voices
    assert unfiltered.sum() == speak(1.0).persons.voices.sum()


def test_what_is_heard_is_the_speakers_belief() -> None:
    world = speak(1.0, talk_good=1.0)
    assert (world.persons.voices[1::2] == 1).all()
    assert (world.persons.voice_sum[1::2] == 49152).all()  # 0.75 in 1/65536
    assert (world.persons.convinced_by[1::2] == range(0, 400, 2)).all()
    assert (speak(0.0, talk_bad=1.0).persons.convinced_by == -1).all()


def test_a_speaker_reaches_as_many_as_listen() -> None:
    world = make_world(9, star(8))
    world.persons.used[0] = 1
    world.persons.satisfaction[0] = 1.0
    live(world, rule(WordOfMouth, talk=1.0, listeners=3.0))
    assert world.persons.voices.sum() == 3
    world.persons.used[0] = 0
    live(world, rule(WordOfMouth, talk=1.0, listeners=3.0))
    assert world.persons.voices.sum() == 0


def test_members_of_an_own_medium_reach_more() -> None:
    """A14."""
    def heard(powers: int, times: float = 2.0) -> int:
        world = make_world(21, star(20))
        world.persons.used[0] = 1
        world.persons.satisfaction[0] = 1.0
        world.persons.powers[0] = powers
        live(world, rule(WordOfMouth, talk=1.0, listeners=3.0, cell_listeners=times))
        return int(world.persons.voices.sum())

    assert [heard(0), heard(15 - SPEAKS), heard(SPEAKS), heard(SPEAKS, times=1.0)] == [3, 3, 6, 3]


def test_satisfied_members_of_an_own_brand_vouch_without_an_occasion() -> None:
    """A14."""
    def heard(powers: int, satisfaction: float, fans: float = 1.0) -> int:
        world = make_world(9, star(8))
        world.persons.satisfaction[0] = satisfaction
        world.persons.powers[0] = powers
        live(world, rule(WordOfMouth, talk=1.0, talk_bad=1.0, listeners=3.0, fans=fans))
        return int(world.persons.voices.sum())

    assert heard(VOUCHES, 0.6) == 3
    assert [heard(15 - VOUCHES, 0.6), heard(VOUCHES, 0.4), heard(VOUCHES, 0.6, fans=0.0)] == [0, 0, 0]


def test_reports_are_rounded_to_the_nearest_step_and_not_down() -> None:
    """Reports of many speakers are on average what these believe."""
    world = make_world(400, [(2 * pair, 2 * pair + 1) for pair in range(200)])
    persons = world.persons
    persons.used[::2] = 1
    persons.satisfaction[::2] = 1.0
    persons.belief[::2] = 0.5 + (np.arange(200) + 0.5) / 200.0 / 65536.0
    live(world, rule(WordOfMouth, talk=1.0, listeners=1.0, distortion=0.0))
    assert (persons.voices[1::2] == 1).all()
    reported = persons.voice_sum[1::2] / 65536.0
    assert abs(np.mean(reported - persons.belief[::2].astype(float))) < 0.05 / 65536.0


def test_a_good_product_spreads_by_itself_and_the_shipped_one_does_not() -> None:
    """A17: customers convince more than one other each where the product is good, and only there."""
    def most(name: str) -> list[float]:
        found = []
        for seed in (1, 2, 3):
            model = MicroCommerce(load(name, {"persons": 5000, "weeks": 110}), rng=seed)
            while model.running:
                model.step()
            found.append(max(row["wom_reproduction"] for row in model.weekly[52:]))
        return found

    assert min(most("fission")) > 1.0
    assert max(most("prosumer")) < 1.0
