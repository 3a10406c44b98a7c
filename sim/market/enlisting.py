"""Enlisting: a person takes up the selling role, and gives it up again."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.market.network.circles import longest, whole_circle
from sim.market.world import World

__all__ = ["enlist", "tell_circle"]


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
    persons, resellers, graph = world.persons, world.resellers, world.graph
    world.unlock(None)
    first = resellers.append(count)
    new = slice(first, first + count)
    prices = world.tier_prices()[tier]
    resellers.person[new] = people
    resellers.community[new] = np.searchsorted(graph.communities, people, side="right") - 1
    resellers.upline[new] = uplines
    resellers.sponsor[new] = uplines
    resellers.tier[new] = tier
    resellers.active[new] = 1
    resellers.dropship[new] = dropship
    resellers.joined_week[new] = world.week
    resellers.price[new] = round(world.settings.offer.list_price * 100)
    resellers.binding[new] = binding
    resellers.ties[new] = world.ties.add(graph.circles, people)
    known = uplines >= 0
    np.add.at(resellers.recruits, uplines[known], 1)
    resellers.optimism[new] = np.where(known, resellers.optimism[np.maximum(uplines, 0)], 0.0)
    if not dropship:
        # The budget becomes the business's cash: money that households bring in.
        cash = np.floor(persons.budget[people].astype(np.float64) * 100).astype(np.int64)
        cash = np.maximum(cash, prices * first_orders + fee)
        resellers.opening_cash[new] = cash
        resellers.cash[new] = cash - fee
        resellers.invested[new] = fee
        resellers.entry_money[new] = fee
        world.books.money.move("households", "resellers", int(cash.sum()))
        world.books.money.move("resellers", "brand", fee * count)
        world.count("entry_payments", fee * count)
        world.count("entry_fees", fee * count)
    resellers.ordered[new] = first_orders
    resellers.backlog[new] = first_orders
    resellers.first_order_left[new] = first_orders
    resellers.cumulative_orders[new] = first_orders
    persons.reseller[people] = np.arange(first, first + count)
    persons.aware[people] = 1
    tell_circle(people, graph.circles, persons.circle_sellers, 1)


@compiled
def tell_circle(people, circles, column, change):
    """Add `change` to the column of everybody whom one of `people` knows."""
    circle = np.empty(longest(circles, people), np.uint32)
    for index in range(people.size):
        for place in range(whole_circle(circles, people[index], circle)):
            column[circle[place]] = np.int64(column[circle[place]]) + change
