"""Customer service: advice and after-sales, by resellers and by the brand, with limited capacity."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.picking import rows_with
from sim.market.resellers import active_seller
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["CustomerService"]


class CustomerService(Mechanism):
    """Users of the week want service from the seller they know, else from the brand.

    Each server has a capacity; above it everybody gets a share. Service above one half raises
    satisfaction, and the share served raises the value of the offer. Sellers grow in number with
    their customers; the brand alone reaches its limit (B8).
    """

    phase: ClassVar = "experience"
    reads: ClassVar = (
        "persons.used", "persons.seller", "resellers.active", "resellers.effort")
    writes: ClassVar = ("persons.satisfaction", "market.service_met", "market.service_value")
    off: ClassVar = {"B8": {"customer_service.satisfaction": 0.0, "customer_service.utility": 0.0}}

    capacity: float = parameter(
        5.0, "customers a week", 0, 10_000, "customers that a reseller of normal effort can serve")
    brand_capacity: float = parameter(
        0.01, "customers a person", 0, 10, "customers the brand can serve a week, per person of the "
        "market")
    care: float = parameter(
        None, "share", 0, 1, "share of their capacity that resellers spend on service",
        control=("stock_pressure", 1.0, 0.3), source="essay B: 服务升级")
    satisfaction: float = parameter(
        0.10, "satisfaction", 0, 1, "what full service adds to satisfaction, and none takes away")
    utility: float = parameter(
        0.3, "utility", 0, 100, "utility that full service, once known, adds to the offer")

    def step(self, world: World) -> None:
        """Share each server's capacity among its users, and let them judge the service."""
        persons, resellers = world.persons, world.resellers
        wanted = world.threads.over(
            len(persons), _want, persons.used, persons.seller, resellers.active)
        terms = Terms(self.capacity * self.care, self.brand_capacity * len(persons))
        level = np.empty(len(resellers) + 1)
        asked, met = _share_out(
            np.concatenate([server for _, server in wanted]), resellers.effort, terms, level)
        if self.satisfaction > 0.0:
            world.threads.over(
                len(wanted), _satisfy, wanted, level, persons.satisfaction, self.satisfaction,
                worth=2, pieces=len(wanted), step=1)
        if asked:
            share = met / asked
            world.market.service_met = share
            world.market.service_value = self.utility * (share - NEUTRAL)


class Terms(NamedTuple):
    """Customers that can be served this week: by a reseller of normal effort, and by the brand."""

    capacity: float
    brand_capacity: float


NEUTRAL = 0.5
"""Share of the wanted service that leaves opinions as they are."""


@compiled
def _want(low, high, used, seller, active):
    """Return the users among low..high and the row that serves each; one past the last: the brand.
    """
    users = rows_with(used, low, high)
    servers = np.empty(users.size, np.int64)
    for index in range(users.size):
        row = active_seller(seller[users[index]], active)
        servers[index] = row if row >= 0 else active.size
    return users, servers


@compiled
def _share_out(servers, effort, terms, level):
    """Fill `level` with the share of its customers' wants that each row meets; return how many
    customers asked and how many were served.
    """
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


def _satisfy(
    low: int, high: int, wanted: list[tuple[np.ndarray, np.ndarray]], level: np.ndarray,
    satisfaction: np.ndarray, weight: float,
) -> None:
    """Move the satisfaction of the users in the ranges low..high."""
    for users, servers in wanted[low:high]:
        _judge(users, servers, level, satisfaction, weight)


@compiled
def _judge(users, servers, level, satisfaction, weight):
    """Move satisfaction by how far the service was better or worse than neutral."""
    for index in range(users.size):
        person = users[index]
        moved = np.float64(satisfaction[person]) + weight * (level[servers[index]] - NEUTRAL)
        satisfaction[person] = min(max(moved, 0.0), 1.0)
