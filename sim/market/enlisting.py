"""Enlisting: a person takes up the selling role, and gives it up again."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw64
from sim.market.network.circles import longest, whole_circle
from sim.market.world import World

__all__ = ["drawn", "enlist", "tell_circle"]


def enlist(
    world: World,
    people: np.ndarray,
    uplines: np.ndarray,
    tier: np.ndarray,
    *,
    first_orders: np.ndarray,
    fee: int = 0,
    binding: float = 0.0,
    dropship: bool = False,
) -> None:
    """Make resellers of `people`, sponsored by the rows `uplines`, on the rungs `tier`.

    Parameters
    ----------
    first_orders
        Units that each of them orders on joining.
    fee
        Entry fee in fen, paid to the brand.
    binding
        Tie to the brand beyond the price difference, share.
    dropship
        True for prosumers: they hold no stock and bring no money.
    """
    count = people.size
    world.count("joins", count)
    if count == 0:
        return
    with world.unlocked():
        _enlist(world, people, uplines, tier, first_orders, fee, binding, dropship)


def _enlist(
    world: World, people: np.ndarray, uplines: np.ndarray, tier: np.ndarray,
    first_orders: np.ndarray, fee: int, binding: float, dropship: bool,
) -> None:
    count = people.size
    persons, resellers, graph = world.persons, world.resellers, world.graph
    first = resellers.append(count)
    brought = _enter(
        first, people, uplines, tier, first_orders, world.ties.add(graph.circles, people),
        graph.communities, world.tier_prices(), round(world.settings.offer.list_price * 100), fee,
        float(binding), dropship, world.week, persons.reseller, persons.aware, persons.budget,
        resellers.person, resellers.community, resellers.upline, resellers.sponsor, resellers.tier,
        resellers.active, resellers.dropship, resellers.joined_week, resellers.price,
        resellers.binding, resellers.ties, resellers.recruits, resellers.optimism,
        resellers.opening_cash, resellers.cash, resellers.invested, resellers.entry_money,
        resellers.ordered, resellers.backlog, resellers.first_order_left,
        resellers.cumulative_orders,
    )
    if not dropship:
        # The budget becomes the business's cash: money that households bring in.
        world.books.money.move("households", "resellers", brought)
        world.books.money.move("resellers", "brand", fee * count)
        world.count("entry_payments", fee * count)
        world.count("entry_fees", fee * count)
    tell_circle(people, graph.circles, persons.circle_sellers, persons.circle_leavers, False)


def drawn(people: np.ndarray, wanted: int, key: int) -> np.ndarray:
    """Return `wanted` of `people` drawn by the luck of `key`, or all where they are fewer.

    `people` are person ids in order, and so are those returned.
    """
    if people.size <= wanted:
        return people
    luck = np.empty(people.size, np.uint64)
    _fill_luck(people, key, luck)
    return people[luck <= np.partition(luck, wanted - 1)[wanted - 1]][:wanted]


@compiled
def _fill_luck(people, key, luck):
    for index in range(people.size):
        luck[index] = draw64(key, people[index])


@compiled
def _enter(
    first, people, uplines, rungs, first_orders, starts, communities, prices, list_price, fee,
    bound, ships, week, reseller_of, aware, budget, person, community, upline, sponsor, tier,
    active, dropship, joined, price, binding, ties, recruits, optimism, opening_cash, cash,
    invested, entry_money, ordered, backlog, first_order_left, cumulative_orders,
):
    """Fill the rows from `first` on; return the fen that these people bring in."""
    brought = 0
    for index in range(people.size):
        row = first + index
        who = people[index]
        above = uplines[index]
        rung = rungs[index]
        units = first_orders[index]
        person[row] = who
        community[row] = np.searchsorted(communities, who, side="right") - 1
        upline[row] = above
        sponsor[row] = above
        tier[row] = rung
        active[row] = 1
        dropship[row] = ships
        joined[row] = week
        price[row] = list_price
        binding[row] = bound
        ties[row] = starts[index]
        if above >= 0:
            recruits[above] += 1
            optimism[row] = optimism[above]
        if not ships:
            money = np.int64(np.floor(np.float64(budget[who]) * 100.0))
            money = max(money, prices[rung] * units + fee)
            opening_cash[row] = money
            cash[row] = money - fee
            invested[row] = fee
            entry_money[row] = fee
            brought += money
        ordered[row] = units
        backlog[row] = units
        first_order_left[row] = units
        cumulative_orders[row] = units
        reseller_of[who] = row
        aware[who] = 1
    return brought


@compiled
def tell_circle(people, circles, sellers, leavers, left):
    """Tell everybody whom one of `people` knows that these sell now or, if they `left`, no more."""
    circle = np.empty(longest(circles, people), np.uint32)
    for index in range(people.size):
        for place in range(whole_circle(circles, people[index], circle)):
            if left:
                sellers[circle[place]] -= 1
                leavers[circle[place]] += 1
            else:
                sellers[circle[place]] += 1
