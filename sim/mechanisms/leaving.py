"""Leaving: resellers who earn too little give up, and others follow."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import exp, threshold
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.enlisting import leave_circles
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["Leaving", "Lines", "hand_over"]


class Leaving(Mechanism):
    """A weekly hazard that rises with missing income and sales, an upline's exit, and the exits of peers.

    hazard = base x exp(shortfall + idle + contagion + gloom - sunk - binding), each with its weight:
    the shortfall of smoothed income against aspiration (above one when sales lose money), weeks
    without a sale, an upline who just left, gloom; and against them, money sunk in stock and the tie
    to the brand.

    Gloom makes hopes break together: while more people join than leave, exits mean little; once exits
    outnumber joins, each raises the hazard of all who see it. A reseller sees last quarter's joins and
    exits in their own downline and their upline's; news of the whole channel counts as `hearsay`
    further ones. With e the exits beyond the joins, as a share of both, gloom = e / (e + alarm).

    The downline of a leaver goes to the leaver's upline. The leaver's reward rights end, and orders
    not yet shipped are cancelled.
    """

    phase: ClassVar = "review and leave"
    reads: ClassVar = (
        "persons.aspiration", "resellers.person", "resellers.joined_week",
        "resellers.week_income", "resellers.weeks_since_sale", "resellers.stock_value",
        "resellers.opening_cash", "resellers.binding",
    )
    writes: ClassVar = (
        "persons.circle_sellers", "persons.circle_leavers", "resellers.active",
        "resellers.dropship", "resellers.left_week", "resellers.income", "resellers.upline",
        "resellers.upline_left", "resellers.backlog", "resellers.first_order_left",
    )
    off: ClassVar = {
        "B2": {"leaving.contagion_weight": 0.0, "leaving.gloom_weight": 0.0},
        "B10": {"leaving.binding_weight": 0.0}}

    base: float = parameter(
        0.0089, "hazard a week", 0, 1, "hazard of a reseller who earns what they hoped for",
        source="40-60 % leave in a year (Herbalife complaint 2016), S3",
        prior=Prior(0.005, 0.035, "23 % to 84 % leave in a year when nothing else moves them", log=True,
                    fitted=True))
    shortfall_weight: float = parameter(
        0.5, "log hazard", 0, 20, "weight of the income shortfall, as a share of the aspiration")
    idle_weight: float = parameter(
        2.0, "log hazard", 0, 20, "weight of weeks without a sale, full after eight")
    contagion_weight: float = parameter(
        1.3, "log hazard", 0, 20, "weight of an upline's exit within the last eight weeks",
        source="S4: DirecTech (vendor)",
        prior=Prior(0.1, 2.0, "an upline's exit multiplies the hazard (S4): by 1.1 to 7.4", fitted=True))
    gloom_weight: float = parameter(
        1.9, "log hazard", 0, 20, "weight of exits that outnumber joins among those one sees",
        source="product markets broke within months; set for a fall of a third in the worst quarter",
        prior=Prior(0.5, 3.0, "from a slow fade to nearly all gone in a quarter", fitted=True))
    alarm: float = parameter(
        0.2, "share", 0.001, 1,
        "exits beyond the joins, as a share of both, at which half of the gloom is felt")
    hearsay: float = parameter(
        6.0, "persons", 0, 1000,
        "how much the channel as a whole counts, in joins and exits that one sees oneself")
    sunk_weight: float = parameter(
        1.5, "log hazard", 0, 20, "weight of the share of their own money that is tied up in stock",
        prior=Prior(0.5, 4.0, "a factor of about three either way", fitted=True))
    binding_weight: float = parameter(
        2.0, "log hazard", 0, 20, "weight of the tie to the brand")
    casual: float = parameter(
        0.2, "share", 0, 1, "factor on the income shortfall and gloom of those who hold no stock",
        source="prosumers sell what they use: income is not what they came for (essay A)")
    smoothing: float = parameter(
        0.1, "share", 0, 1, "weight of the newest week in the income that is remembered")
    grace: int = parameter(4, "weeks", 0, 520, "weeks after joining in which nobody leaves")

    def step(self, world: World) -> None:
        """Let resellers leave by their hazard; hand over their downlines and inform their circles."""
        resellers, persons = world.resellers, world.persons
        news = _news(resellers.view(Lines), world.week)
        left = np.concatenate(world.threads.over(
            len(resellers), _leave, resellers.view(Sellers), persons.aspiration, news, self.parameters,
            world.week, world.luck("leave"), worth=A_ROW_IS_MUCH))
        world.count("exits", left.size)
        if left.size == 0:
            return
        hand_over(resellers.view(Lines), world.week)
        leave_circles(
            resellers.person[left], world.graph.circles, persons.circle_sellers,
            persons.circle_leavers)


class Sellers(NamedTuple):
    """Columns of resellers that leaving depends on or changes."""

    person: np.ndarray
    active: np.ndarray
    dropship: np.ndarray
    joined_week: np.ndarray
    left_week: np.ndarray
    week_income: np.ndarray
    income: np.ndarray
    weeks_since_sale: np.ndarray
    stock_value: np.ndarray
    opening_cash: np.ndarray
    binding: np.ndarray
    upline: np.ndarray
    upline_left: np.ndarray
    backlog: np.ndarray
    first_order_left: np.ndarray


class Lines(NamedTuple):
    """Columns of resellers that say who is below whom."""

    active: np.ndarray
    joined_week: np.ndarray
    left_week: np.ndarray
    upline: np.ndarray
    upline_left: np.ndarray


class News(IntEnum):
    """Joins and exits of the last quarter in each downline."""

    JOINED = 0
    LEFT = auto()


NEWS = len(News)
QUARTER = 13
"""Weeks for which joins and exits are talked about."""
FULLY_IDLE = 8
"""Weeks without a sale beyond which more make no difference."""
BEREFT = 8
"""Weeks for which the exit of an upline is felt."""
MIN_SHORTFALL, MAX_SHORTFALL = -1.0, 2.0
"""Bounds of the missing income as a share of the aspiration: twice the aspiration earned, or once lost."""


@compiled
def _news(lines, week):
    """Return last quarter's joins and exits in the downline of each row; the last entry is the channel."""
    size = lines.active.size
    news = np.zeros((size + 1, NEWS), np.int64)
    for row in range(size):
        above = lines.upline[row]
        if week - lines.joined_week[row] < QUARTER:
            news[size, News.JOINED] += 1
            if above >= 0:
                news[above, News.JOINED] += 1
        if not lines.active[row] and week - lines.left_week[row] < QUARTER:
            news[size, News.LEFT] += 1
            if above >= 0:
                news[above, News.LEFT] += 1
    return news


@compiled
def _leave(low, high, sellers, aspiration, news, rule, week, key):
    """Update the remembered income of the rows low..high; return those who leave."""
    left = np.empty(high - low, np.int64)
    count = 0
    for row in range(low, high):
        fetch(aspiration, sellers.person[min(row + AHEAD, high - 1)])
        if not sellers.active[row]:
            continue
        person = sellers.person[row]
        income = np.float64(sellers.income[row])
        income += rule.smoothing * (sellers.week_income[row] / 100.0 - income)
        sellers.income[row] = income
        if week - sellers.joined_week[row] < rule.grace:
            continue
        missing = 1.0 - income / np.float64(aspiration[person])
        if draw32(key, person) < threshold(_hazard(row, missing, sellers, news, rule, week)):
            _end(row, sellers, week)
            left[count] = row
            count += 1
    return left[:count]


@borrowing
def _hazard(row, missing, sellers, news, rule, week):
    """Return the chance of leaving this week, given the share of the aspired income missing."""
    shortfall = min(max(missing, MIN_SHORTFALL), MAX_SHORTFALL)
    gloom = _gloom(row, sellers.upline[row], news, rule) if rule.gloom_weight > 0.0 else 0.0
    if sellers.dropship[row]:
        shortfall *= rule.casual
        gloom *= rule.casual
    idle = min(sellers.weeks_since_sale[row], FULLY_IDLE) / FULLY_IDLE
    contagion = 1.0 if week - sellers.upline_left[row] <= BEREFT else 0.0
    sunk = min(1.0, sellers.stock_value[row] / max(sellers.opening_cash[row], 1))
    return rule.base * exp(
        rule.shortfall_weight * shortfall + rule.idle_weight * idle + rule.contagion_weight * contagion
        + rule.gloom_weight * gloom - rule.sunk_weight * sunk
        - rule.binding_weight * np.float64(sellers.binding[row])
    )


@borrowing
def _gloom(row, upline, news, rule):
    """Return how far exits outnumber joins in a reseller's eyes, from 0 to below 1."""
    joined, left = news[row, News.JOINED], news[row, News.LEFT]
    if upline >= 0:
        joined += news[upline, News.JOINED]
        left += news[upline, News.LEFT]
    last = news.shape[0] - 1
    joined_all, left_all = news[last, News.JOINED], news[last, News.LEFT]
    told = rule.hearsay * (left_all - joined_all) / max(joined_all + left_all, 1)
    excess = max(0.0, (left - joined + told) / max(joined + left + rule.hearsay, 1.0))
    return excess / (excess + rule.alarm)


@borrowing
def _end(row, sellers, week):
    """End the selling role of a row."""
    sellers.active[row] = 0
    # The brand no longer ships for a leaver: old stock of a converted reseller is sold by the leaver.
    sellers.dropship[row] = 0
    sellers.left_week[row] = week
    sellers.backlog[row] = 0
    sellers.first_order_left[row] = 0


@borrowing
def hand_over(lines, week):
    """Hand the downline of each leaver to the next upline who still sells."""
    # Rows of a downline are larger than those of their uplines: one pass hands all of them over.
    for row in range(lines.active.size):
        above = lines.upline[row]
        if above >= 0 and not lines.active[above]:
            if lines.left_week[above] == week:
                lines.upline_left[row] = week
            while above >= 0 and not lines.active[above]:
                above = lines.upline[above]
            lines.upline[row] = above
