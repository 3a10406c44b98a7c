"""Leaving: who earns too little gives up, and takes others along."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import exp, threshold
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.enlisting import tell_circle
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Leaving", "hand_over"]


class Leaving(Mechanism):
    """A weekly hazard that rises with missing income and sales and with an upline's exit.

    hazard = base x exp(b_i shortfall + b_s idle + b_u upline just left - b_c sunk - b_t binding):
    shortfall of smoothed income against aspiration (above one when sales lose money), weeks
    without a sale, and against them money
    sunk in stock and the tie to the brand. The downline of a leaver goes to the leaver's upline.
    Who leaves gives up reward rights, and what was ordered and not shipped is forgotten.
    """

    phase: ClassVar = "review and leave"
    writes: ClassVar = (
        "resellers.active", "resellers.dropship", "resellers.left_week", "resellers.income",
        "resellers.upline",
        "resellers.upline_left", "resellers.backlog", "resellers.first_order_left",
        "persons.circle_sellers", "persons.circle_leavers",
    )
    off: ClassVar = {"B2": {"leaving.contagion": 0.0}, "B10": {"leaving.binding": 0.0}}

    base: float = parameter(
        0.006, "hazard a week", 0, 1, "hazard of a reseller who earns what they hoped for",
        source="40-60 % leave in a year (Herbalife complaint 2016), S3")
    shortfall: float = parameter(
        1.2, "log hazard", 0, 20, "weight of income missing to the aspiration, as a share of it")
    idle: float = parameter(
        0.8, "log hazard", 0, 20, "weight of weeks without a sale, full after eight")
    contagion: float = parameter(
        0.9, "log hazard", 0, 20, "weight of an upline's exit within the last eight weeks",
        source="S4: DirecTech (vendor)")
    sunk: float = parameter(
        1.5, "log hazard", 0, 20, "weight of the share of the own money that sits in stock")
    binding: float = parameter(
        2.0, "log hazard", 0, 20, "weight of the tie to the brand")
    casual: float = parameter(
        0.2, "share", 0, 1, "weight of missing income for those who hold no stock",
        source="prosumers sell what they use: income is not what they came for (essay A)")
    smoothing: float = parameter(
        0.1, "share", 0, 1, "weight of the newest week in the income that is remembered")
    grace: int = parameter(4, "weeks", 0, 520, "weeks after joining in which nobody leaves")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers, persons = world.resellers, world.persons
        left = np.concatenate(world.threads.over(
            len(resellers), _leave, resellers.person, resellers.active, resellers.dropship,
            resellers.joined_week, resellers.left_week,
            resellers.week_income, resellers.income, resellers.weeks_since_sale,
            resellers.stock_value, resellers.opening_cash, resellers.binding,
            resellers.upline_left, resellers.backlog, resellers.first_order_left,
            persons.aspiration, self.base, self.shortfall, self.idle, self.contagion,
            self.sunk, self.binding, self.casual, self.smoothing, self.grace, world.week,
            world.luck("leave"), worth=A_ROW_IS_MUCH,
        ))
        world.count("exits", left.size)
        if left.size == 0:
            return
        hand_over(
            resellers.active, resellers.left_week, resellers.upline, resellers.upline_left,
            world.week)
        people = resellers.person[left]
        tell_circle(
            people, world.graph.circles, persons.circle_sellers, persons.circle_leavers, True)


@compiled
def _leave(
    low, high, who, active, dropship, joined, left_week, week_income, income, since, stock_value,
    opening, binding, upline_left, backlog, first_left, aspiration, base, b_shortfall, b_idle,
    b_upline, b_sunk, b_binding, casual, smoothing, grace, week, key,
):
    """Return those of the rows low..high who leave."""
    left = np.empty(high - low, np.int64)
    count = 0
    for row in range(low, high):
        fetch(aspiration, who[min(row + AHEAD, high - 1)])
        if not active[row]:
            continue
        person = who[row]
        earned = np.float64(income[row])
        earned += smoothing * (week_income[row] / 100.0 - earned)
        income[row] = earned
        if week - joined[row] < grace:
            continue
        missing = 1.0 - earned / np.float64(aspiration[person])
        missing = min(max(missing, -1.0), 2.0)
        if dropship[row]:
            missing *= casual
        idle = min(since[row], 8) / 8.0
        alone = 1.0 if week - upline_left[row] <= 8 else 0.0
        sunk = min(1.0, stock_value[row] / max(opening[row], 1))
        hazard = base * exp(
            b_shortfall * missing + b_idle * idle + b_upline * alone - b_sunk * sunk
            - b_binding * np.float64(binding[row])
        )
        if draw32(key, person) < threshold(hazard):
            active[row] = 0
            # Old stock of a converted reseller is the leaver's own: the brand ships it no more.
            dropship[row] = 0
            left_week[row] = week
            backlog[row] = 0
            first_left[row] = 0
            left[count] = row
            count += 1
    return left[:count]


@compiled
def hand_over(active, left_week, upline, upline_left, week):
    """Hand the downline of who left to the next upline who is there."""
    # Rows of a downline are larger than those of their uplines: one pass hands all of them over.
    for row in range(active.size):
        above = upline[row]
        if above >= 0 and not active[above]:
            if left_week[above] == week:
                upline_left[row] = week
            while above >= 0 and not active[above]:
                above = upline[above]
            upline[row] = above
