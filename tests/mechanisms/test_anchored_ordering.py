import pytest

from sim.mechanisms.anchored_ordering import AnchoredOrdering
from sim.model import MicroCommerce
from sim.scenario.load import load


def decided(weeks: int, **changes: object) -> list[list[int]]:
    model = MicroCommerce(load("limits/beer_game", {
        key.replace("__", "."): value for key, value in changes.items()}), rng=1)
    found = []
    for _ in range(weeks):
        model.step()
        found.append(model.world.resellers.decided.tolist())
    return found


def test_while_people_practise_everybody_repeats_the_opening_order() -> None:
    assert AnchoredOrdering.name() == "anchored_ordering"
    assert decided(4) == [[4000] * 4] * 4


def test_in_balance_nobody_changes_an_order() -> None:
    # 12,000 in stock and a supply line of 12,000 (8,000 for the factory): S' as they are.
    assert decided(
        20, anchored_ordering__practice=0, anchored_ordering__desired=24_000,
        anchored_ordering__desired_top=20_000,
        demand_process__step_week=0) == [[4000] * 4] * 20


@pytest.mark.parametrize(("weight", "order"), [(1.0, 16_000), (0.5, 12_000), (0.0, 8000)])
def test_the_gap_is_closed_as_far_as_its_weight(weight: float, order: int) -> None:
    # After the jump the retailer holds 8,000, expects 8,000 and is 8,000 short of 28,000 with the
    # supply line of 12,000.
    found = decided(5, anchored_ordering__smoothing=1.0, anchored_ordering__stock_weight=weight)
    assert found[4][3] == order


def test_orders_are_never_negative() -> None:
    assert min(min(week) for week in decided(30, anchored_ordering__desired=0)) == 0
