"""Opening a running market, the people: who knows the product, who bought it, and their opinions."""

from __future__ import annotations

from typing import NamedTuple

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import FINE, exp, fine
from sim.market.brand import misfit
from sim.market.network.circles import longest, whole_circle
from sim.market.persons import CUSTOMER, FROM_BROADCAST, FROM_SELLER, NOBODY
from sim.market.roster import shared_out
from sim.market.start import Start
from sim.market.world import World
from sim.texts import _

__all__ = ["open_customers", "open_minds", "sales_a_week", "selling_share"]

QUARTER = 13
"""Weeks within which a purchase counts as recent."""
A_THIRD, HALF = 1.0 / 3.0, 0.5
"""Default shares: customers among those who know the product, and recent buyers among customers."""


def selling_share(world: World) -> float:
    """Return the share of people who would sell to friends."""
    recruiting = world.settings.rule("recruiting")
    return float(recruiting.open_to_selling) if recruiting else 1.0


def sales_a_week(world: World) -> float:
    """Return the units a week that customers who have not given up the brand need."""
    persons = world.persons
    needed = np.where((persons.purchases > 0) & (persons.dropped == 0), persons.weekly_need, 0.0)
    return float(np.cumsum(needed, dtype=np.float64)[-1]) if needed.size else 0.0


def open_minds(world: World, start: Start) -> None:
    """Set trust to the given mean, and awareness to the given share, people near resellers first."""
    persons = world.persons
    if start.trust is not None:
        _towards(persons.trust, np.ones(len(persons), bool), start.trust)
    if not start.given:
        return
    luck = np.empty(len(persons))
    _draw(world.fixed_luck("knew it before week 1"), luck)
    near = persons.circle_sellers.astype(np.float64)
    known = int(persons.aware.sum())
    wanted = known + int(((near > 0) & (persons.aware == 0)).sum()) if start.aware is None \
        else round(start.aware * len(persons))
    if wanted > known:
        order = luck / (0.2 + near)
        order[persons.aware == 1] = -1.0
        persons.aware[np.argsort(order, kind="stable")[:wanted]] = 1
    _inform(world)


def _inform(world: World) -> None:
    """Give everybody who is aware of the product a first opinion and a known seller."""
    persons, rule = world.persons, world.settings.rule("brand_awareness")
    aware = persons.aware == 1
    _hear(world, np.flatnonzero(aware))
    if rule is not None:
        prior = float(rule.prior)
        opinion = prior + persons.credulity.astype(np.float64) * (rule.claimed(world) - prior)
        persons.belief[aware] = opinion[aware]
        persons.evidence[aware] = rule.claim_weight
    resellers = world.resellers
    if len(resellers):
        circles = world.graph.circles
        _introduce(resellers.person, resellers.active, circles, persons.aware, persons.seller,
                   np.empty(longest(circles, resellers.person), np.uint32),
                   np.zeros(len(persons), np.uint16), world.fixed_luck("seller before week 1"))


def _hear(world: World, people: np.ndarray) -> None:
    """Set the source of awareness: a seller of the person's circle, or else the brand."""
    persons = world.persons
    near = persons.circle_sellers[people] > 0
    persons.source[people] = np.where(near, FROM_SELLER, FROM_BROADCAST)
    persons.hops[people] = np.where(near, 2, 1)


@compiled
def _draw(key, out):
    for person in range(out.size):
        out[person] = unit(key, person)


@compiled
def _introduce(sellers, active, circles, aware, seller, circle, met, key):
    """Let everybody aware of the product know one of the sellers of their circle, drawn uniformly."""
    for row in range(sellers.size):
        if not active[row]:
            continue
        for place in range(whole_circle(circles, sellers[row], circle)):
            person = circle[place]
            if not aware[person]:
                continue
            met[person] += 1
            if unit(key, np.int64(person) * 1009 + met[person]) * met[person] < 1.0:
                seller[person] = row


def _towards(values: np.ndarray, rows: np.ndarray, mean: float) -> None:
    """Move all shares proportionally towards zero or one, so that their mean is `mean`."""
    mine = values[rows].astype(np.float64)
    if not mine.size:
        return
    before = float(_sum(mine)) / FINE / mine.size
    if mean <= before:
        moved = mine * (mean / before if before > 0.0 else 1.0)
    else:
        moved = 1.0 - (1.0 - mine) * ((1.0 - mean) / (1.0 - before))
    values[rows] = np.clip(moved, 0.0, 1.0)


@compiled
def _sum(shares):
    # In whole steps, so that the order of additions does not matter.
    total = 0
    for place in range(shares.size):
        total += fine(shares[place])
    return total


def open_customers(world: World, start: Start) -> None:
    """Set the given numbers of customers and recent buyers, and give them the opinion that use taught."""
    persons = world.persons
    if not start.given:
        return
    count = len(persons)
    aware = int(persons.aware.sum())
    bought = round(start.customers * count) if start.customers is not None else \
        round(A_THIRD * aware)
    luck = np.empty(count)
    _draw(world.fixed_luck("bought before week 1"), luck)
    need = persons.weekly_need.astype(np.float64)
    order = luck / ((0.3 + np.minimum(persons.circle_sellers, 4)) * (need / (need + 0.1) + 1e-3))
    # Persons who know the product, need it and do not sell it come first.
    order += 1e6 * ((persons.aware == 0) * 2.0 + (need == 0.0) + (persons.reseller != NOBODY) * 4.0)
    customers = np.argsort(order, kind="stable")[:bought]
    lately = round(start.bought_lately * count) if start.bought_lately is not None else \
        round(HALF * customers.size)
    _draw(world.fixed_luck("bought lately"), luck)
    often = luck[customers] * (need[customers] + 0.3) / (need[customers] + 1e-6)
    fresh = customers[np.argsort(often, kind="stable")[:lately]]
    recent = np.zeros(count, np.uint8)
    recent[fresh] = 1
    _hear(world, customers[persons.aware[customers] == 0])
    persons.aware[customers] = 1
    selling, experience = world.settings.rule("selling"), world.settings.rule("product_experience")
    offer = world.settings.offer
    _use(np.sort(customers), recent, persons.view(Users), world.product(), Terms(
        oldest=start.age, basket=selling.basket if selling else 1,
        memory=float(experience.memory) if experience else 12.0,
        weight=float(experience.performance_weight) if experience else 0.0,
        loss=float(experience.loss_weight) if experience else 0.0,
        reference=offer.reference_quality * offer.reference_fit,
    ), world.fixed_luck("used before week 1"))
    if start.satisfaction is not None:
        _towards(persons.satisfaction, persons.purchases > 0, start.satisfaction)
    if start.quality_perceived is not None:
        _towards(persons.belief, persons.aware == 1, start.quality_perceived)
    home = int(persons.home.sum())
    world.books.goods.move("made", "homes", home)
    world.count("produced", home)


def open_cells(world: World, start: Start) -> None:
    """Put customers into the given cells: satisfied ones, recent buyers and neighbours first.

    Raises
    ------
    UsageError
        When there are fewer customers than members.
    """
    rule, persons = world.settings.rule("brand_communities"), world.persons
    cells = round((start.cells or 0) / world.scale)
    if rule is None or not cells:
        return
    buyers = np.flatnonzero(persons.purchases > 0)
    place = np.searchsorted(world.graph.communities, buyers, side="right") - 1
    # Cells are where customers live, and no larger than the brand lets them grow.
    here = shared_out(cells, np.bincount(place, minlength=world.graph.communities.size - 1)) \
        if cells <= buyers.size else np.zeros(world.graph.communities.size - 1, np.int64)
    room = int(np.minimum(np.bincount(place, minlength=here.size), here * rule.max_size).sum())
    wanted = min(room, cells * rule.max_size // 2) if start.members is None \
        else round(start.members / world.scale)
    if not cells <= wanted <= room:
        raise UsageError(_(
            "start: {members} members do not fit into {cells} cells of up to {most}, of {customers} who ever "
            "bought").format(members=f"{wanted * world.scale:,}", cells=f"{cells * world.scale:,}",
                             most=rule.max_size, customers=f"{buyers.size * world.scale:,}"))
    lately = (persons.dropped[buyers] == 0) & (persons.last_purchase[buyers] > -QUARTER)
    liking = persons.satisfaction[buyers].astype(np.float64) + lately
    order = np.argsort(-liking, kind="stable")
    cell = np.full(buyers.size, NOBODY, np.int64)
    _sit(order, place, here, rule.max_size, wanted, cell)
    chosen = buyers[cell >= 0]
    persons.cell[chosen] = cell[cell >= 0]
    persons.dropped[chosen] = 0
    persons.last_purchase[chosen] = np.maximum(persons.last_purchase[chosen], -QUARTER)
    persons.satisfaction[chosen] = np.maximum(persons.satisfaction[chosen], rule.member_satisfaction)
    persons.stage[chosen] = np.maximum(persons.stage[chosen], CUSTOMER)


@compiled
def _sit(order, place, here, most, wanted, cell):
    """Give `wanted` of the customers, in this order, a cell of their community; no cell stays empty."""
    first = np.cumsum(here) - here
    taken = np.zeros(here.size, np.int64)
    count = 0
    for full in (False, True):
        for person in order:
            at = place[person]
            limit = here[at] * (most if full else 1)
            if cell[person] < 0 and taken[at] < limit and count < wanted:
                cell[person] = first[at] + taken[at] % here[at]
                taken[at] += 1
                count += 1


class Users(NamedTuple):
    """Columns of persons that describe their past as a customer."""

    weekly_need: np.ndarray
    home: np.ndarray
    purchases: np.ndarray
    first_purchase: np.ndarray
    last_purchase: np.ndarray
    dropped: np.ndarray
    belief: np.ndarray
    evidence: np.ndarray
    satisfaction: np.ndarray
    stage: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray


class Terms(NamedTuple):
    """What is the same for all customers: weeks that the brand has sold, units per purchase, and how
    use teaches.
    """

    oldest: int
    basket: int
    memory: float
    weight: float
    loss: float
    reference: float


SOME_USE = 0.02
"""Weekly use by a person who does not need the category, units."""
LUCKS = 4
"""Draws for each customer."""


@compiled
def _use(customers, recent, persons, product, terms, key):
    """Give customers their past purchases, units at home and opinion."""
    for person in customers:
        rate = max(np.float64(persons.weekly_need[person]), SOME_USE)
        oldest = max(terms.oldest, 1)
        if recent[person]:
            last = np.int64(min(QUARTER, oldest) * unit(key, LUCKS * person))
        else:
            last = min(QUARTER, oldest - 1) + np.int64(
                max(oldest - QUARTER, 1) * unit(key, LUCKS * person))
        span = np.int64(max(oldest - last, 0) * unit(key, LUCKS * person + 1))
        uses = rate * span
        persons.purchases[person] = 1 + np.int64(uses / terms.basket)
        persons.last_purchase[person] = _week(last)
        persons.first_purchase[person] = _week(last + span)
        persons.dropped[person] = not recent[person]
        if recent[person] and unit(key, LUCKS * person + 2) < exp(-rate * last):
            persons.home[person] = terms.basket
        known = np.float64(persons.evidence[person])
        expected = np.float64(persons.belief[person])
        persons.belief[person] = (expected * known + product.quality * (uses + 1.0)) / (
            known + uses + 1.0)
        persons.evidence[person] = min(known + uses + 1.0, terms.memory)
        fit = exp(misfit(product, persons.taste_x[person], persons.taste_y[person]))
        gap = min(product.quality - expected, 0.0) / (1.0 + uses)
        felt = 0.5 + terms.weight * (product.quality * fit - terms.reference) + terms.loss * gap
        persons.satisfaction[person] = min(max(felt, 0.0), 1.0)
        if last < 2 * QUARTER:
            persons.stage[person] = CUSTOMER


@compiled
def _week(ago):
    """Return the week that is this many weeks before week 0, skipping -1, which means none."""
    return -ago if ago != 1 else np.int64(-2)
