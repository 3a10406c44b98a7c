"""Customer service: advice before, help in deciding and after-sales, each with limited capacity."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import below, exps, threshold
from sim.kernel.picking import BLOCK, pick, rows_with
from sim.market.outputs import Output
from sim.market.persons import DIRECT, NOTHING
from sim.market.resellers import NEUTRAL_SERVICE, active_seller
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["CustomerService", "help_terms", "helped"]


class CustomerService(Mechanism):
    """People turn to the seller they know, else to the brand: before they buy, as they buy, and after.

    Persons who need the product, have never bought it and hesitate ask for advice, which removes
    doubt but moves no belief. Buyers want help in deciding from the seller of that purchase; a seller
    known for good help makes a better next offer. Users want after-sales service: more than half of
    what they want satisfies them, less disappoints.

    Each server has a capacity for each of the three. Above it everybody gets a share, and luck decides
    who gets advice. Sellers grow in number with their customers; the brand alone reaches its limit (B8).
    """

    phase: ClassVar = "experience"
    reads: ClassVar = (
        "persons.used", "persons.seller", "persons.aware", "persons.home", "persons.waiting",
        "persons.weekly_need", "persons.purchases", "persons.dropped", "persons.chosen",
        "resellers.active", "resellers.effort", "market.buyers")
    writes: ClassVar = (
        "persons.satisfaction", "persons.evidence", "resellers.help", "market.service_met",
        "market.brand_help")
    outputs: ClassVar = (
        Output("advice_wanted", "persons", "people who need the product, hesitate and ask for advice"),
        Output("advice_given", "persons", "people who got advice"),
    )
    off: ClassVar = {"B8": {
        "customer_service.satisfaction": 0.0, "customer_service.utility": 0.0,
        "customer_service.advice": 0.0}}

    capacity: float = parameter(
        5.0, "customers a week", 0, 10_000, "customers to whom a reseller of normal effort can give "
        "each of the three services")
    brand_capacity: float = parameter(
        0.01, "customers a person", 0, 10, "customers the brand can serve a week in each of them, per "
        "person of the market")
    care: float = parameter(
        None, "share", 0, 1, "share of their capacity that resellers spend on service",
        control=("stock_pressure", 1.0, 0.3), source="essay B: 服务升级")
    advice: float = parameter(
        1.5, "experiences", 0, 100, "who was advised before the first purchase is as sure of what to "
        "expect as after so many own experiences", source="essay B: 产品的售前咨询; a guess",
        prior=Prior(0.0, 3.0, "from nothing to three purchases", fitted=True))
    utility: float = parameter(
        0.3, "utility", 0, 100, "utility that full help in deciding, once known, adds to an offer")
    satisfaction: float = parameter(
        0.10, "satisfaction", 0, 1, "what full after-sales service adds to satisfaction, and none "
        "takes away")

    def step(self, world: World) -> None:
        """Divide each server's capacity among its customers."""
        persons, resellers = world.persons, world.resellers
        terms = Terms(self.capacity * self.care, self.brand_capacity * len(persons))
        wanted = world.threads.over(
            len(persons), _want, persons.used, persons.seller, resellers.active)
        level = np.full(len(resellers) + 1, NEUTRAL_SERVICE)
        asked, met = _share_out([servers for _, servers in wanted], resellers.effort, terms, level)
        if self.satisfaction > 0.0:
            world.threads.over(
                len(wanted), _satisfy, wanted, level, persons.satisfaction, self.satisfaction,
                worth=2, pieces=len(wanted), step=1)

        level = np.full(len(resellers) + 1, NOBODY_ASKED)
        servers = _sellers_of(world.market.buyers, persons.chosen, resellers.active.size)
        buying, met_buying = _share_out([servers], resellers.effort, terms, level)
        _remember(level, resellers.help)
        if level[-1] >= 0.0:
            world.market.brand_help = float(level[-1])

        asking, advised = self._advise(world, terms) if self.advice > 0.0 else (0, 0)
        world.count("advice_wanted", asking)
        world.count("advice_given", advised)
        if everybody := asked + buying + asking:
            world.market.service_met = (met + met_buying + advised) / everybody

    def _advise(self, world: World, terms: Terms) -> tuple[int, int]:
        """Advise persons who hesitate; return how many asked and how many were advised."""
        persons, resellers = world.persons, world.resellers
        curious = world.threads.over(
            len(persons), _hesitate, persons.view(Curious), resellers.active, world.luck("need"))
        level = np.full(len(resellers) + 1, NEUTRAL_SERVICE)
        asking, _met = _share_out([whom for _, whom in curious], resellers.effort, terms, level)
        return asking, sum(
            _advise(who, whom, level, persons.evidence, self.advice, world.luck("gets advice"))
            for who, whom in curious)


def help_terms(world: World) -> tuple[float, float]:
    """Return the utility of full help in deciding, and what the brand's own help is worth."""
    service = world.settings.rule("customer_service")
    weight = float(service.utility) if service else 0.0
    return weight, weight * (world.market.brand_help - NEUTRAL_SERVICE)


class Terms(NamedTuple):
    """Customers that can be served this week: by a reseller of normal effort, and by the brand."""

    capacity: float
    brand_capacity: float


class Curious(NamedTuple):
    """Columns of persons that say who hesitates, and whom they would ask."""

    aware: np.ndarray
    home: np.ndarray
    waiting: np.ndarray
    weekly_need: np.ndarray
    purchases: np.ndarray
    dropped: np.ndarray
    chosen: np.ndarray
    seller: np.ndarray


NOBODY_ASKED = -1.0
"""In place of the share of the demand that a server meets: nobody asked."""


@borrowing
def _remember(level, help):
    """Let each seller be known for the share of help that was given, where anybody asked for it."""
    for row in range(help.size):
        if level[row] >= 0.0:
            help[row] = level[row]


@borrowing
def helped(row, weight, sellers):
    """Return the utility that a seller's reputation for help in deciding adds to an offer."""
    return weight * (np.float64(sellers.help[row]) - NEUTRAL_SERVICE)


@compiled
def _want(low, high, used, seller, active):
    """Return the users among low..high and the row that serves each; the row past the last is the brand."""
    users = rows_with(used, low, high)
    servers = np.empty(users.size, np.int64)
    for index in range(users.size):
        row = active_seller(seller[users[index]], active)
        servers[index] = row if row >= 0 else active.size
    return users, servers


@compiled
def _sellers_of(buyers, chosen, brand):
    """Return the seller's row for each buyer of the week; `brand` stands for the brand itself."""
    servers = np.empty(buyers.size, np.int64)
    count = 0
    for index in range(buyers.size):
        row = np.int64(chosen[buyers[index]])
        if row != NOTHING:
            servers[count] = brand if row == DIRECT else row
            count += 1
    return servers[:count]


@compiled
def _hesitate(low, high, persons, active, need):
    """Return the persons among low..high who hesitate, and the row that each of them asks.

    They need the product and have never bought it, not even this week. The row past the last is the brand.
    """
    listed = np.empty(high - low, np.uint32)
    flags = np.empty(BLOCK, np.uint8)
    count = 0
    for begin in range(low, high, BLOCK):
        end = min(begin + BLOCK, high)
        wish, aware = persons.weekly_need[begin:end], persons.aware[begin:end]
        bought, home = persons.purchases[begin:end], persons.home[begin:end]
        for index in range(wish.size):
            # 1 - exp(-x) < x: this cheap bound rules out most persons without an exponential.
            flags[index] = (aware[index] != 0) & (bought[index] == 0) & (home[index] == 0) & below(
                draw32(need, begin + index), np.float64(wish[index]))
        count += pick(flags[: wish.size], begin, listed[count:])
    no_need = np.empty(count)
    for index in range(count):
        no_need[index] = -np.float64(persons.weekly_need[listed[index]])
    exps(no_need)
    who = np.empty(count, np.int64)
    whom = np.empty(count, np.int64)
    many = 0
    for index in range(count):
        person = np.int64(listed[index])
        if persons.dropped[person] or persons.waiting[person] or persons.chosen[person] != NOTHING:
            continue
        if draw32(need, person) >= threshold(1.0 - no_need[index]):
            continue
        row = active_seller(persons.seller[person], active)
        who[many], whom[many] = person, row if row >= 0 else active.size
        many += 1
    return who[:many], whom[:many]


def _share_out(
    asked: list[np.ndarray], effort: np.ndarray, terms: Terms, level: np.ndarray,
) -> tuple[int, float]:
    """Fill `level` with the share of the demand that each row meets, if it has any; return how many
    customers asked and how many were served.
    """
    together = asked[0] if len(asked) == 1 else np.concatenate(asked)
    count, met = _share(together, effort, terms, level)
    return int(count), float(met)


@compiled
def _share(servers, effort, terms, level):
    """Fill `level` for the rows of `servers` (last the brand); return the customers asked and served."""
    brand = effort.size
    load = np.zeros(brand + 1, np.int64)
    for index in range(servers.size):
        load[servers[index]] += 1
    met = 0.0
    for row in range(load.size):
        if load[row] > 0:
            limit = terms.brand_capacity if row == brand else (
                terms.capacity * np.float64(effort[row]))
            met += min(np.float64(load[row]), limit)
            level[row] = min(1.0, limit / load[row])
    return servers.size, met


@borrowing
def _advise(who, whom, level, evidence, advice, luck):
    """Remove the doubt of those whose server has time for them; return how many."""
    given = 0
    for index in range(who.size):
        person = who[index]
        if draw32(luck, person) < threshold(level[whom[index]]):
            evidence[person] = max(np.float64(evidence[person]), advice)
            given += 1
    return given


def _satisfy(
    low: int, high: int, wanted: list[tuple[np.ndarray, np.ndarray]], level: np.ndarray,
    satisfaction: np.ndarray, weight: float,
) -> None:
    """Update the satisfaction of the users in the ranges low..high."""
    for users, servers in wanted[low:high]:
        _judge(users, servers, level, satisfaction, weight)


@borrowing
def _judge(users, servers, level, satisfaction, weight):
    """Update satisfaction by how far the service was above or below neutral."""
    for index in range(users.size):
        person = users[index]
        moved = np.float64(satisfaction[person]) + weight * (level[servers[index]] - NEUTRAL_SERVICE)
        satisfaction[person] = min(max(moved, 0.0), 1.0)
