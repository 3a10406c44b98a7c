"""Clearing: what leavers do with their stock."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Clearing"]


class Clearing(Mechanism):
    """Leavers keep what they can use, offer the rest below their wholesale price, and write off.

    Self-consumption is bounded by the leaver's own need (A1). The rest is dumped on the circle at a
    discount that deepens week by week; what is left after the shelf life is written off (A16).
    """

    phase: ClassVar = "review and leave"
    writes: ClassVar = (
        "resellers.inventory", "resellers.stock_value", "resellers.price", "persons.home")
    off: ClassVar = {"A1": {"clearing.own_use": 0.0}, "A16": {"clearing.discount": 0.0}}

    own_use: float = parameter(
        12.0, "weeks", 0, 520, "weeks of own need that a leaver keeps", source="essay A: 自己用自己吃")
    discount: float = parameter(
        0.3, "share", 0, 1, "by how much a leaver undercuts the own wholesale price at first",
        source="S5: clearance below the wholesale price (LuLaRoe)")
    deepening: float = parameter(
        0.03, "share a week", 0, 1, "further cut of a leaver's price each week")
    lowest: float = parameter(
        0.15, "share", 0, 1, "share of the own wholesale price below which even a leaver does not go")
    shelf_life: int = parameter(
        52, "weeks", 1, 520, "weeks after leaving when what is left is written off")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers, persons = world.resellers, world.persons
        kept, spoilt = _clear(
            resellers.person, resellers.active, resellers.left_week, resellers.tier,
            resellers.inventory, resellers.transit, resellers.stock_value, resellers.price,
            persons.home, persons.weekly_need, world.tier_prices(), float(self.own_use), self.discount,
            self.deepening, self.lowest, self.shelf_life, world.week,
        )
        world.books.goods.move("channel", "homes", kept)
        world.books.goods.move("channel", "written_off", spoilt)
        world.count("self_consumed", kept)
        world.count("written_off", spoilt)


@compiled
def _clear(
    who, active, left_week, tier, inventory, transit, stock_value, price, home, need, wholesale,
    own_use, discount, deepening, lowest, shelf_life, week,
):
    kept = 0
    spoilt = 0
    for row in range(who.size):
        if active[row] or inventory[row] == 0:
            continue
        person = who[row]
        gone = week - left_week[row]
        units = 0
        if gone <= 8 and gone < shelf_life:
            room = np.int64(own_use * np.float64(need[person])) - home[person]
            units = min(np.int64(inventory[row]), max(np.int64(0), room))
            home[person] += units
            kept += units
        if gone >= shelf_life:
            units = np.int64(inventory[row])
            spoilt += units
        if units > 0:
            stock_value[row] -= stock_value[row] * units // (inventory[row] + transit[row])
            inventory[row] -= units
        base = np.float64(wholesale[tier[row]])
        if gone == 0:
            price[row] = np.int64(min(np.float64(price[row]), base * (1.0 - discount)))
        else:
            price[row] = np.int64(max(price[row] * (1.0 - deepening), base * lowest))
        price[row] = max(price[row], 1)
    return kept, spoilt
