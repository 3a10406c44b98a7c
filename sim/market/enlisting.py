"""Enlisting: a person takes up the selling role, and gives it up again."""

from __future__ import annotations

from typing import NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw64
from sim.market.network.circles import longest, whole_circle
from sim.market.world import World

__all__ = ["ENLIST_READS", "ENLIST_WRITES", "drawn", "enlist", "join_circles", "leave_circles"]

ENLIST_READS = ("persons.budget",)
ENLIST_WRITES = (
    "persons.reseller", "persons.aware", "persons.circle_sellers", "resellers", "ties")
"""What a rule that enlists people declares in its `reads` and `writes`."""


def enlist(
    world: World,
    people: np.ndarray,
    uplines: np.ndarray,
    tiers: np.ndarray,
    *,
    first_orders: np.ndarray,
    fee: int = 0,
    binding: float = 0.0,
    share: float = 1.0,
    dropship: bool = False,
) -> None:
    """Make resellers of `people`, sponsored by the rows `uplines`, in the `tiers`.

    Parameters
    ----------
    first_orders
        Units that each of them orders on joining.
    fee
        Entry fee in fen, paid to the brand.
    binding
        Tie to the brand beyond the price difference, share.
    share
        Of their budgets that they bring in as the business's cash, at least what entry costs.
    dropship
        True for prosumers: they hold no stock and bring no money.
    """
    world.count("joins", people.size)
    if people.size == 0:
        return
    persons, resellers, graph = world.persons, world.resellers, world.graph
    first = resellers.append(people.size)
    joiners = Joiners(people, uplines, tiers, first_orders, world.ties.add(graph.circles, people))
    terms = Terms(
        world.tier_prices(), round(world.settings.offer.list_price * 100), fee, float(binding),
        float(share), dropship, world.week)
    budgets = _enter(
        first, joiners, terms, graph.communities, persons.view(People), resellers.view(Rows))
    if not dropship:
        # The budget becomes the business's cash: money from households.
        fees = fee * people.size
        world.books.money.move("households", "resellers", budgets)
        world.books.money.move("resellers", "brand", fees)
        world.count("entry_payments", fees)
        world.count("entry_fees", fees)
    join_circles(people, graph.circles, persons.circle_sellers)


class Joiners(NamedTuple):
    """Newcomers: person, row of the upline, tier, units of the first order, first tie."""

    people: np.ndarray
    uplines: np.ndarray
    tiers: np.ndarray
    first_orders: np.ndarray
    ties: np.ndarray


class Terms(NamedTuple):
    """What is the same for all newcomers; money in fen."""

    tier_prices: np.ndarray
    list_price: int
    fee: int
    binding: float
    share: float
    dropship: bool
    week: int


class People(NamedTuple):
    """Columns of persons that enlisting reads or changes."""

    reseller: np.ndarray
    aware: np.ndarray
    budget: np.ndarray


class Rows(NamedTuple):
    """Columns of resellers that do not start at their initial values."""

    person: np.ndarray
    community: np.ndarray
    upline: np.ndarray
    sponsor: np.ndarray
    tier: np.ndarray
    active: np.ndarray
    dropship: np.ndarray
    joined_week: np.ndarray
    price: np.ndarray
    binding: np.ndarray
    ties: np.ndarray
    recruits: np.ndarray
    optimism: np.ndarray
    opening_cash: np.ndarray
    cash: np.ndarray
    invested: np.ndarray
    entry_money: np.ndarray
    ordered: np.ndarray
    backlog: np.ndarray
    first_order_left: np.ndarray
    cumulative_orders: np.ndarray


@compiled
def _enter(first, joiners, terms, communities, persons, rows):
    """Fill the rows from `first` on; return the fen that these people bring in."""
    brought = 0
    for index in range(joiners.people.size):
        row = first + index
        person = joiners.people[index]
        upline = joiners.uplines[index]
        rows.person[row] = person
        rows.community[row] = np.searchsorted(communities, person, side="right") - 1
        rows.upline[row] = upline
        rows.sponsor[row] = upline
        rows.tier[row] = joiners.tiers[index]
        rows.active[row] = 1
        rows.dropship[row] = terms.dropship
        rows.joined_week[row] = terms.week
        rows.price[row] = terms.list_price
        rows.binding[row] = terms.binding
        rows.ties[row] = joiners.ties[index]
        if upline >= 0:
            rows.recruits[upline] += 1
            rows.optimism[row] = rows.optimism[upline]
            # Newcomers adopt their upline's price: the market has a price already.
            rows.price[row] = rows.price[upline]
        units = joiners.first_orders[index]
        if not terms.dropship:
            budget = np.int64(np.floor(terms.share * np.float64(persons.budget[person]) * 100.0))
            entry = terms.tier_prices[joiners.tiers[index]] * units + terms.fee
            money = max(budget, entry)
            rows.opening_cash[row] = money
            rows.cash[row] = money - terms.fee
            rows.invested[row] = terms.fee
            rows.entry_money[row] = terms.fee
            brought += money
        rows.ordered[row] = units
        rows.backlog[row] = units
        rows.first_order_left[row] = units
        rows.cumulative_orders[row] = units
        persons.reseller[person] = row
        persons.aware[person] = 1
    return brought


def drawn(people: np.ndarray, wanted: int, key: np.uint64) -> np.ndarray:
    """Return `wanted` of `people` drawn by the luck of `key`, or all if there are fewer.

    `people` are person ids in order, and so is the result.
    """
    if people.size <= wanted:
        return people
    luck = np.empty(people.size, np.uint64)
    _fill_luck(people, key, luck)
    return people[luck <= np.partition(luck, wanted - 1)[wanted - 1]][:wanted]


@borrowing
def _fill_luck(people, key, luck):
    for index in range(people.size):
        luck[index] = draw64(key, people[index])


@compiled
def join_circles(people, circles, circle_sellers):
    """Count these new sellers in the circles of everybody who knows them."""
    circle = np.empty(longest(circles, people), np.uint32)
    for index in range(people.size):
        for place in range(whole_circle(circles, people[index], circle)):
            circle_sellers[circle[place]] += 1


@compiled
def leave_circles(people, circles, circle_sellers, circle_leavers):
    """Count these leavers in the circles of everybody who knows them."""
    circle = np.empty(longest(circles, people), np.uint32)
    for index in range(people.size):
        for place in range(whole_circle(circles, people[index], circle)):
            circle_sellers[circle[place]] -= 1
            circle_leavers[circle[place]] += 1
