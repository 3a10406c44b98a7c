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
    data = collect(shared=1.0, crowd=1.0, experience=1.0, behaviour=1.0).brand.data
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


def test_of_each_stock_so_much_is_known() -> None:
    brand = collect(gain=0.5, half_saturation=7.0).brand
    for stock, held in brand.data._asdict().items():
        assert getattr(brand.known, stock) == 0.5 * held / (held + 7.0) > 0.0
    assert brand.knowledge == brand.known.profile


def test_the_profile_lacks_what_one_stock_lacks() -> None:
    for stock in STOCKS:
        brand = collect(**{stock: 0.0}).brand
        assert brand.knowledge == getattr(brand.known, stock) == 0.0
        assert all(getattr(brand.known, other) > 0.0 for other in STOCKS if other != stock)


def test_off_nothing_is_known() -> None:
    """A13."""
    world = collect(gain=0.0)
    assert world.brand.knowledge == 0.0
    assert not any(world.brand.data)
    live(world, rule(CustomerData, gain=1.0))
    live(world, rule(CustomerData, gain=0.0))
    assert not any(world.brand.known)


def test_knowledge_follows_the_control() -> None:
    known = []
    for feedback in (0.0, 0.5, 1.0):
        world = make_world(1000)
        world.market.stages = (0, 0, 20, 5, 1)
        world.brand.members = 10
        live(world, rule(CustomerData, controls={"feedback": feedback}))
        known.append(world.brand.knowledge)
    assert 0.0 == known[0] < known[1] < known[2]


def test_who_can_create_brings_more_in_cells_that_organise_themselves() -> None:
    def crowd(organised: int, cooperation: float) -> float:
        world = make_world(1000)
        world.market.stages = (0, 0, 20, 5, 2)
        world.brand.organised = organised
        live(world, rule(CustomerData, gain=1.0, crowd=1.0, cooperation=cooperation))
        return world.brand.data.crowd

    assert [crowd(0, 1.0), crowd(1, 0.0), crowd(1, 1.0), crowd(2, 3.0)] == [2.0, 2.0, 3.0, 8.0]


def test_prosumers_bring_experience() -> None:
    world = make_world(1000)
    enlist(world, 0, dropship=1)
    live(world, rule(CustomerData, gain=1.0))
    assert world.brand.data.experience > 0.0
