"""Opening a running market: resellers with a past, customers, and books that balance.

What a scenario says under `start` holds exactly; the rest is drawn to fit. Downlines are in the circles of
their uplines, stock was bought and paid for at today's wholesale prices, and pitches since joining have
worn ties. Nothing before week 1 counts as a flow of week 1, except the opening resellers (`joins`) and goods
(`produced`).
"""

from __future__ import annotations

from typing import NamedTuple

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64, unit
from sim.kernel.maths import exp, threshold
from sim.market.enlisting import enlist, leave_circles
from sim.market.network.circles import longest, whole_circle
from sim.market.observing import begin_observing
from sim.market.opening_people import open_cells, open_customers, open_minds, sales_a_week, selling_share
from sim.market.roster import UNKNOWN, Roster
from sim.market.start import Start
from sim.market.world import MUTED, World
from sim.texts import _

__all__ = ["open_market"]


def open_market(world: World, start: Start, roster: Roster) -> None:
    """Bring the market to the state that `start` describes, before the first week.

    Raises
    ------
    UsageError
        When the market has fewer persons than resellers.
    """
    if len(roster) > len(world.persons):
        raise UsageError(_(
            "start: {resellers} resellers do not fit into a market of {persons} persons; give "
            "`persons`, or a larger `scale`").format(
                resellers=f"{len(roster):,}", persons=f"{len(world.persons):,}"))
    world.opened = bool(roster.sells.any())
    ages = _ages(roster, start.age, world.fixed_luck("joined before week 1"))
    if len(roster):
        _enlist(world, roster, ages)
        _wear_ties(world, ages)
    open_minds(world, start)
    open_customers(world, start)
    open_cells(world, start)
    street = round(100 * (start.street_price or world.settings.offer.list_price))
    if len(roster):
        rates = _rates(world, roster)
        _open_accounts(world, roster, rates, ages, street)
    if len(roster) or start.street_price is not None:
        world.market.street_price, world.market.street_lowest = float(street), street
    _open_factory(world, start)
    begin_observing(world)


# -- who sells ---------------------------------------------------------------------------------------


def _ages(roster: Roster, oldest: int, luck: object) -> np.ndarray:
    """Return the weeks since each reseller joined; unknown ages are below those of the uplines."""
    ages = roster.age.copy()
    _draw_ages(ages, roster.upline, oldest, luck)
    return np.maximum(ages, roster.left)


@compiled
def _draw_ages(ages, upline, oldest, key):
    for row in range(ages.size):
        if ages[row] >= 0:
            continue
        above = upline[row]
        most = oldest if above < 0 else min(oldest, ages[above])
        # Lines grow from the top, so resellers without an upline joined first.
        luck = unit(key, row)
        ages[row] = np.int64((0.5 + 0.5 * luck if above < 0 else luck) * most)


def _enlist(world: World, roster: Roster, ages: np.ndarray) -> None:
    """Find a person for each reseller of the roster, and let them join."""
    count = len(roster)
    people = np.empty(count, np.int64)
    prices = world.tier_prices()[roster.tier]
    seats = Seats(
        roster.upline, prices * roster.inventory / 100.0, world.persons.budget,
        np.zeros(len(world.persons), np.uint8),
        np.empty(longest(world.graph.circles, np.arange(len(world.persons))), np.uint32))
    _seat(people, seats, world.graph.circles, threshold(selling_share(world)),
          world.fixed_luck("open to selling"), world.fixed_luck("seat before week 1"))
    recruiting = world.settings.rule("recruiting")
    enlist(world, people, roster.upline, roster.tier, first_orders=np.zeros(count, np.int64),
           binding=recruiting.binding if recruiting else 0.0)
    resellers = world.resellers
    # Resellers who joined before the run have a joining week below one.
    resellers.joined_week[:] = -ages
    resellers.dropship[:] = roster.dropship
    _let_go(world, roster)


def _let_go(world: World, roster: Roster) -> None:
    """Retire those who left before week 1: people know them as leavers, but no flow counts them."""
    gone = np.flatnonzero(~roster.sells)
    resellers, persons = world.resellers, world.persons
    resellers.active[gone] = 0
    resellers.dropship[gone] = 0
    # -1: still selling.
    resellers.left_week[gone] = np.where(roster.left[gone] == 1, -2, -roster.left[gone])
    resellers.joined_week[gone] = np.minimum(resellers.joined_week[gone], resellers.left_week[gone])
    world.count("joins", -gone.size)
    leave_circles(resellers.person[gone], world.graph.circles, persons.circle_sellers,
                  persons.circle_leavers)


class Seats(NamedTuple):
    """Input for placing a roster: uplines, CNY in stock, budgets by person, persons taken, and an array that
    can hold a circle.
    """

    upline: np.ndarray
    outlay: np.ndarray
    budget: np.ndarray
    taken: np.ndarray
    circle: np.ndarray


TRIES = 64
"""People considered for each reseller recruited by the brand itself."""
BEST = 3
"""Score of a person who is open to selling and has the money."""


@compiled
def _seat(people, seats, circles, share, open_key, key):
    """Fill in the person of each row: one of the upline's circle, if anybody there is free."""
    persons = seats.budget.size
    for row in range(people.size):
        luck = draw64(key, row)
        best, worth = np.int64(-1), -1
        above = seats.upline[row]
        if above >= 0:
            degree = whole_circle(circles, people[above], seats.circle)
            for step in range(degree):
                person = np.int64(seats.circle[(luck + np.uint64(step)) % np.uint64(degree)])
                best, worth = _better(person, best, worth, row, seats, share, open_key)
                if worth == BEST:
                    break
        if best < 0:
            for step in range(TRIES):
                person = np.int64(draw64(luck, step) % np.uint64(persons))
                best, worth = _better(person, best, worth, row, seats, share, open_key)
                if worth == BEST:
                    break
        person = np.int64(luck % np.uint64(persons))
        while best < 0:
            best, worth = _better(person, best, worth, row, seats, share, open_key)
            person = person + 1 if person + 1 < persons else 0
        people[row] = best
        seats.taken[best] = 1


@compiled
def _better(person, best, worth, row, seats, share, open_key):
    """Return the better of this person and the best so far, with the score."""
    if seats.taken[person]:
        return best, worth
    here = 2 * np.int64(draw32(open_key, person) < share) + np.int64(
        np.float64(seats.budget[person]) >= seats.outlay[row])
    return (person, here) if here > worth else (best, worth)


def _wear_ties(world: World, ages: np.ndarray) -> None:
    """Wear each tie by the pitches since its reseller joined, and mute sellers as often as these would."""
    rule = world.settings.rule("prospecting")
    if rule is None:
        return
    resellers, ties = world.resellers, world.ties
    _wear(ties.wear, ties.contacts, resellers.ties, resellers.person, ages,
          Asking(world.graph.start, world.persons.sociability, world.persons.trust),
          (rule.asks, rule.mute), (world.fixed_luck("asked before week 1"),
                                   world.fixed_luck("muted before week 1")))


class Asking(NamedTuple):
    """By person: contacts, sociability and trust."""

    start: np.ndarray
    sociability: np.ndarray
    trust: np.ndarray


MAX_WORN = MUTED - 1
"""The most wear that a tie can have."""


@compiled
def _wear(wear, contacts, begins, people, ages, asking, rule, keys):
    asks, mute = rule
    for row in range(people.size):
        person = people[row]
        degree = asking.start[person + 1] - asking.start[person]
        each = min(1.0, asks * np.float64(asking.sociability[person]) / max(degree, 1)) * ages[row]
        for slot in range(degree):
            tie = begins[row] + slot
            worn = min(np.int64(each + unit(keys[0], tie)), MAX_WORN)
            # The chance of muting grows with each pitch, so that 1 + 2 + ... + worn of them count.
            often = mute * (1.0 - np.float64(asking.trust[contacts[tie]])) * worn * (worn + 1) / 2.0
            wear[tie] = MUTED if unit(keys[1], tie) > exp(-min(often, 700.0)) else worn


# -- holdings ---------------------------------------------------------------------------------------


def _rates(world: World, roster: Roster) -> np.ndarray:
    """Return the units per week that each reseller sells; unknown sales follow from customers' needs."""
    known = np.isfinite(roster.sales) | ~roster.sells
    rates = np.where(known & roster.sells, roster.sales, 0.0)
    if not known.all():
        left = max(0.0, sales_a_week(world) - float(rates.sum()))
        rates[~known] = left / int((~known).sum())
    return rates


class Accounts(NamedTuple):
    """Columns of resellers that describe their holdings and their past before week 1."""

    active: np.ndarray
    dropship: np.ndarray
    tier: np.ndarray
    upline: np.ndarray
    inventory: np.ndarray
    cash: np.ndarray
    opening_cash: np.ndarray
    invested: np.ndarray
    entry_money: np.ndarray
    stock_value: np.ndarray
    own_retail_margin: np.ndarray
    upline_payments: np.ndarray
    cumulative_orders: np.ndarray
    forecast: np.ndarray
    income: np.ndarray
    price: np.ndarray
    weeks_since_sale: np.ndarray
    left_week: np.ndarray


GROWN = 0.5
"""Mean sales since joining as a share of today's sales, because everybody began from zero."""
FULLY_IDLE = 8
"""Weeks without a sale beyond which more make no difference."""
FROM_HOUSEHOLDS, FROM_CONSUMERS, TO_BRAND, TAKEN_OUT, SHIPPED = range(5)
"""Sums over the opening accounts: four in fen, and the last one in units."""


def _open_accounts(
    world: World, roster: Roster, rates: np.ndarray, ages: np.ndarray, street: int
) -> None:
    """Give resellers their stock, and a history in which they paid for it."""
    resellers, books = world.resellers, world.books
    resellers.inventory[:] = roster.inventory
    first = np.array([tier.first_order for tier in world.settings.tiers], np.int64)
    totals = np.zeros(5, np.int64)
    _reckon(resellers.view(Accounts), rates, ages, roster.cash,
            (world.tier_prices(), first, street), world.fixed_luck("price before week 1"), totals)
    got = totals.tolist()
    unit_cost = world.brand.unit_cost(world.settings.offer)
    stock = int(roster.inventory.sum())
    books.goods.move("made", "channel", stock)
    world.count("produced", stock)
    books.money.move("households", "resellers", got[FROM_HOUSEHOLDS] + got[FROM_CONSUMERS])
    books.money.move("resellers", "brand", got[TO_BRAND])
    books.money.move("resellers", "households", got[TAKEN_OUT])
    books.money.move("brand", "makers", got[SHIPPED] * unit_cost)
    world.brand.forecast = float(np.cumsum(rates)[-1])


@compiled
def _reckon(rows, rates, ages, cash, terms, key, totals):
    """Compute what each reseller bought, sold and paid, from the bottom of each line upwards."""
    prices, first, street = terms
    count = rates.size
    passed = np.zeros(count, np.int64)
    received = np.zeros(count, np.int64)
    demanded = rates.copy()
    sellers = np.int64(rows.active.sum())
    usual = rates.sum() / sellers if sellers else 0.0
    for row in range(count - 1, -1, -1):
        tier = rows.tier[row]
        price = prices[tier]
        sold = np.int64(rates[row] * ages[row] * GROWN)
        units = np.int64(rows.inventory[row]) + sold + passed[row]
        retail = sold * street
        if not rows.active[row]:
            units, retail = _sold_by_former(row, rows, usual * GROWN, ages, (first[tier], price, street))
        if rows.dropship[row]:
            _reckon_prosumer(row, rows, cash, totals)
        else:
            paid = units * price
            above = np.int64(rows.upline[row])
            while above >= 0 and (rows.tier[above] >= tier or rows.dropship[above]):
                above = np.int64(rows.upline[above])
            if above >= 0:
                passed[above] += units
                received[above] += paid
                demanded[above] += demanded[row]
            else:
                totals[TO_BRAND] += paid
                totals[SHIPPED] += units
            totals[FROM_CONSUMERS] += retail
            _settle(row, retail + received[row] - paid, cash[row], rows, totals)
            rows.invested[row] = paid
            rows.entry_money[row] = min(units, first[tier]) * price
            rows.stock_value[row] = np.int64(rows.inventory[row]) * price
            rows.cumulative_orders[row] = units
            used = units - passed[row] - np.int64(rows.inventory[row])
            rows.own_retail_margin[row] = retail - used * price
            rows.upline_payments[row] = received[row] - passed[row] * price
        rows.forecast[row] = demanded[row]
        weekly = rates[row] * (street - price) / 100.0
        if ages[row] > 0:
            weekly += rows.upline_payments[row] / (100.0 * ages[row])
        rows.income[row] = weekly
        rows.weeks_since_sale[row] = np.int64(
            min(1.0 / max(rates[row], 1e-9), np.float64(FULLY_IDLE)) * unit(key, row))
        # Prices differ by a twentieth either way.
        rows.price[row] = max(np.int64(street * (0.95 + 0.1 * unit(key, count + row))), 1)


@compiled
def _sold_by_former(row, rows, rate, ages, prices):
    """Return the units that a leaver had bought, and what consumers paid for them, fen.

    Leavers bought a first order, sold as others do until they left, and recovered half the cost of the rest.
    """
    first, price, street = prices
    held = np.int64(rows.inventory[row])
    units = max(np.int64(first), held)
    sold = min(units - held, np.int64(rate * (ages[row] + rows.left_week[row])))
    return units, sold * street + (units - held - sold) * (price // 2)


@compiled
def _settle(row, gained, told, rows, totals):
    """Set the cash to the given amount (by default at least zero) by money brought in or taken out."""
    more = -(rows.cash[row] + gained) if rows.cash[row] + gained < 0 else np.int64(0)
    rows.cash[row] += gained + more
    if told != UNKNOWN:
        more += max(np.int64(0), told - rows.cash[row])
        totals[TAKEN_OUT] += max(np.int64(0), rows.cash[row] - told)
        rows.cash[row] = told
    rows.opening_cash[row] += more
    totals[FROM_HOUSEHOLDS] += more


@compiled
def _reckon_prosumer(row, rows, cash, totals):
    """Return the opening budget of resellers who hold no stock."""
    totals[TAKEN_OUT] += rows.cash[row]
    rows.cash[row] = 0
    rows.opening_cash[row] = 0
    if cash[row] > 0:
        totals[FROM_HOUSEHOLDS] += cash[row]
        rows.cash[row] = cash[row]
    if rows.inventory[row] > 0:
        # Old stock of a converted reseller was bought from the brand, with household money.
        rows.stock_value[row] = 0


def _open_factory(world: World, start: Start) -> None:
    """Give the brand its opening stock of finished goods, paid at cost."""
    if start.factory_stock is None:
        return
    goods, money = world.books.goods, world.books.money
    more = round(start.factory_stock / world.scale) - goods["factory"]
    cost = abs(more) * world.brand.unit_cost(world.settings.offer)
    if more >= 0:
        goods.move("made", "factory", more)
        money.move("brand", "makers", cost)
    else:
        goods.move("factory", "made", -more)
        money.move("makers", "brand", cost)
    world.count("produced", more)
