from sim.mechanisms.training import Training
from tests.worlds import enlist, live, make_world, rule


def test_training_lifts_optimism_and_effort() -> None:
    world = make_world()
    enlist(world, 0)
    live(world, rule(Training, intensity=0.5, decay=0.0, effort=2.0))
    assert world.resellers.optimism[0] == 0.5
    assert world.resellers.effort[0] == 2.0


def test_it_follows_stock_pressure_and_can_be_switched_off() -> None:
    moods = []
    for training in (
        rule(Training, controls={"stock_pressure": 1.0}),
        rule(Training, controls={"stock_pressure": 0.3}),
        rule(Training, controls={"stock_pressure": 1.0}, intensity=0.0),
    ):
        world = make_world()
        enlist(world, 0)
        moods.append(live(world, training).resellers.optimism[0])
    assert moods[0] > moods[1] > 0.0
    assert moods[2] == 0.0


def test_optimism_fades_and_deflates_without_sales() -> None:
    world = make_world()
    enlist(world, 0, optimism=0.8, weeks_since_sale=0)
    enlist(world, 1, optimism=0.8, weeks_since_sale=20)
    live(world, rule(Training, intensity=0.0, decay=0.1, deflation=0.5, patience=4))
    sold, idle = world.resellers.optimism
    assert 0.8 > sold > idle
    assert world.resellers.effort[0] > world.resellers.effort[1]


def test_leavers_are_not_trained() -> None:
    world = make_world()
    enlist(world, 0, active=0)
    live(world, rule(Training, intensity=1.0))
    assert world.resellers.optimism[0] == 0.0
