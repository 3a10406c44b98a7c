import pytest

from sim.market.world import World
from sim.mechanisms.experiencing import Experiencing
from tests.worlds import live, make_world, rule


def use(expected: float, used: int = 1, evidence: float = 1.0, **parameters: float) -> World:
    world = make_world(2)
    world.persons.belief[:] = expected
    world.persons.evidence[:] = evidence
    world.persons.used[:] = used
    given = {"noise": 0.0, "gain": 0.5, "loss": 1.0, "trust_gain": 0.1, "trust_loss": 0.4}
    return live(world, rule(Experiencing, **{**given, **parameters}))


def test_disappointment_costs_satisfaction_and_trust_and_corrects_the_belief() -> None:
    """A5: the gap between claim and truth (0.5) comes back."""
    met, deceived = use(0.5).persons, use(0.9).persons
    assert deceived.satisfaction[0] < met.satisfaction[0]
    assert deceived.trust[0] < met.trust[0]
    assert 0.5 < deceived.belief[0] < 0.9
    assert deceived.evidence[0] == 2.0


def test_losses_weigh_more_than_gains() -> None:
    met, better, worse = (use(e).persons for e in (0.5, 0.3, 0.7))
    gained = better.satisfaction[0] - met.satisfaction[0]
    lost = met.satisfaction[0] - worse.satisfaction[0]
    assert lost > gained > 0
    assert met.trust[0] - worse.trust[0] > better.trust[0] - met.trust[0] > 0


def test_without_weights_trust_stays() -> None:
    assert use(0.9, trust_loss=0.0).persons.trust[0] == 0.5


def test_who_used_nothing_learns_nothing() -> None:
    world = use(0.9, used=0)
    assert world.persons.belief[0] == pytest.approx(0.9)
    assert world.persons.satisfaction[0] == 0.5


def test_a_product_off_taste_satisfies_less() -> None:
    world = make_world(2)
    world.persons.used[:] = 1
    world.persons.taste_x[1] = 2.0
    live(world, rule(Experiencing, noise=0.0))
    assert world.persons.satisfaction[1] < world.persons.satisfaction[0]


def test_much_evidence_moves_slowly_and_stays_bounded() -> None:
    little, much = use(0.9, evidence=1.0).persons, use(0.9, evidence=10.0).persons
    assert much.belief[0] > little.belief[0]
    assert use(0.9, evidence=12.0, memory=12.0).persons.evidence[0] == 12.0
