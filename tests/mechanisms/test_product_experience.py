import pytest

from sim.market.world import World
from sim.mechanisms.product_experience import ProductExperience
from tests.worlds import live, make_world, rule


def use(
    expected: float, used: int = 1, evidence: float = 1.0, persons: int = 2, **parameters: float
) -> World:
    world = make_world(persons)
    world.persons.belief[:] = expected
    world.persons.evidence[:] = evidence
    world.persons.used[:] = used
    given = {"noise": 0.0, "gain_weight": 0.5, "loss_weight": 1.0, "trust_gain": 0.1, "trust_loss": 0.4,
             "dropout": 0.0}
    return live(world, rule(ProductExperience, **{**given, **parameters}))


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
    live(world, rule(ProductExperience, noise=0.0))
    assert world.persons.satisfaction[1] < world.persons.satisfaction[0]


def test_much_evidence_moves_slowly_and_stays_bounded() -> None:
    little, much = use(0.9, evidence=1.0).persons, use(0.9, evidence=10.0).persons
    assert much.belief[0] > little.belief[0]
    assert use(0.9, evidence=12.0, memory=12.0).persons.evidence[0] == 12.0


def test_the_noise_of_an_experience_burns_no_trust() -> None:
    """A dead zone of twice the noise: what is promised and kept leaves trust where it was."""
    kept = use(0.5, persons=2000, noise=0.1, dead_zone=2.0).persons.trust
    assert (kept == 0.5).mean() > 0.94
    assert abs(kept.mean() - 0.5) < 0.001
    assert (use(0.5, persons=2000, noise=0.1, dead_zone=0.0).persons.trust == 0.5).mean() < 0.01


def test_a_broken_promise_counts_as_far_as_it_leaves_the_dead_zone() -> None:
    def lost(expected: float, dead_zone: float) -> float:
        # Noise without luck: the zone is 0.1 times dead_zone wide, the gap is the mean of many.
        trust = use(
            expected, persons=4000, noise=0.1, dead_zone=dead_zone, trust_gain=1.0,
            trust_loss=1.0).persons.trust
        return 0.5 - float(trust.mean())

    assert lost(0.9, 1.0) == pytest.approx(0.3, abs=0.01)
    assert lost(0.9, 2.0) == pytest.approx(0.2, abs=0.01)
    assert lost(0.1, 1.0) == pytest.approx(-0.3, abs=0.01)


def test_the_less_satisfied_give_up_the_brand_more_often() -> None:
    def gave_up(satisfaction: float, dropout: float = 0.2) -> int:
        world = make_world(4000)
        world.persons.used[:] = 1
        world.persons.satisfaction[:] = satisfaction
        live(world, rule(ProductExperience, noise=0.0, smoothing=0.0, dropout=dropout))
        assert world.flows["dropouts"] == world.persons.dropped.sum()
        return int(world.persons.dropped.sum())

    assert gave_up(1.0) == 0
    # The mean chance of somebody of middling satisfaction is `dropout`.
    assert gave_up(0.5) == pytest.approx(0.2 * 4000, rel=0.1)
    assert gave_up(0.1) == pytest.approx(0.36 * 4000, rel=0.1)
    assert gave_up(0.1, dropout=0.0) == 0


def test_people_differ_in_how_easily_they_give_up() -> None:
    """Of two groups, those who gave up in one week would do so in another: most never will."""
    world = make_world(4000)
    world.persons.used[:] = 1
    weeks = []
    for week in (1, 2):
        world.week = week
        world.persons.satisfaction[:] = 0.5
        world.persons.dropped[:] = 0
        live(world, rule(ProductExperience, noise=0.0, smoothing=0.0, dropout=0.2))
        weeks.append(world.persons.dropped.astype(bool))
    again = (weeks[0] & weeks[1]).sum() / weeks[0].sum()
    # With chance 0.2 x 3 u^2 of one who is drawn at random: E[p^2] / E[p] = 0.36 instead of 0.2.
    assert again == pytest.approx(0.36, abs=0.05)


def test_who_uses_nothing_does_not_give_up_and_nobody_gives_up_twice() -> None:
    assert use(0.9, used=0, dropout=1.0).persons.dropped.sum() == 0
    world = use(1.0, persons=400, dropout=1.0)
    first = world.flows["dropouts"]
    assert first > 0
    world.week = 2
    live(world, rule(ProductExperience, noise=0.0, dropout=1.0))
    assert world.flows["dropouts"] == world.persons.dropped.sum()


def test_who_belongs_to_a_cell_gives_up_less_easily() -> None:
    """B7: with the same luck, members are some of those who would give up outside."""
    def gave_up(cell: int, attachment: float) -> set[int]:
        world = make_world(4000)
        world.persons.used[:] = 1
        world.persons.satisfaction[:] = 0.5
        world.persons.cell[:] = cell
        live(world, rule(ProductExperience, noise=0.0, smoothing=0.0, dropout=0.3, attachment=attachment))
        return set(world.persons.dropped.nonzero()[0].tolist())

    alone, member, held = gave_up(-1, 0.25), gave_up(5, 0.25), gave_up(0, 1.0)
    assert held == set()
    assert gave_up(5, 0.0) == gave_up(-1, 1.0) == alone
    assert member < alone
    # Chances above one are cut, so a little more than three quarters may be left.
    assert len(member) == pytest.approx(0.75 * len(alone), abs=3 * len(alone) ** 0.5 / 2)
