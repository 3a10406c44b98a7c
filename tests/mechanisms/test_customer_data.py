from sim.market.world import World
from sim.mechanisms.customer_data import CustomerData
from tests.worlds import enlist, live, make_world, rule

STOCKS = ("shared", "crowd", "experience", "behaviour")


def collect(scale: int = 1, weeks: int = 1, gain: float = 1.0, **given: float) -> World:
    """A market of 1,000 with users, fans, geeks and members of cells."""
    world = make_world(1000)
    world.market.stages = (0, 0, 20 * scale, 5 * scale, scale)
    world.brand.members = 10 * scale
    for _ in range(weeks):
        live(world, rule(CustomerData, gain=gain, **given))
    return world


def test_each_stage_brings_its_kind_of_data() -> None:
    data = collect(shared=1.0, crowd=1.0, experience=1.0, behaviour=1.0, cooperation=0.0).brand.data
    assert [getattr(data, stock) for stock in STOCKS] == [10.0, 1.0, 6.0, 26.0]
    assert data.profile == (10.0 * 1.0 * 6.0 * 26.0) ** 0.25


def test_knowledge_has_diminishing_returns() -> None:
    one, four, sixteen = (collect(scale, weeks=9).brand.knowledge for scale in (1, 4, 16))
    assert 0.0 < one < four < sixteen < 1.0
    assert four / one > sixteen / four


def test_data_age() -> None:
    world = collect(ageing=0.5)
    before = world.brand.data._asdict()
    world.market.stages, world.brand.members = (0,) * 5, 0
    live(world, rule(CustomerData, gain=1.0, ageing=0.5))
    for stock in STOCKS:
        assert getattr(world.brand.data, stock) == before[stock] / 2


def test_off_nothing_is_known() -> None:
    """A13."""
    world = collect(gain=0.0)
    assert world.brand.knowledge == 0.0
    assert not any(world.brand.data)


def test_knowledge_follows_the_control() -> None:
    known = []
    for feedback in (0.0, 0.5, 1.0):
        world = make_world(1000)
        world.market.stages = (0, 0, 20, 5, 1)
        world.brand.members = 10
        live(world, rule(CustomerData, controls={"feedback": feedback}))
        known.append(world.brand.knowledge)
    assert 0.0 == known[0] < known[1] < known[2]


def test_cells_that_cooperate_and_prosumers_bring_more() -> None:
    def crowd(cells: int, cooperation: float) -> float:
        world = make_world(1000)
        world.market.stages = (0, 0, 20, 5, 1)
        world.brand.communities = cells
        live(world, rule(CustomerData, gain=1.0, cooperation=cooperation))
        return world.brand.data.crowd

    assert crowd(1, 1.0) > crowd(0, 1.0) == crowd(1, 0.0)
    world = make_world(1000)
    enlist(world, 0, dropship=1)
    live(world, rule(CustomerData, gain=1.0))
    assert world.brand.data.experience > 0.0
