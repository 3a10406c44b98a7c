"""Anchored ordering: how people order, by Sterman's anchoring and adjustment."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["AnchoredOrdering"]

MAX_MAIL = 8
"""Slots of the mail, one per week: orders take fewer weeks."""
FIRST_MAIL = 2
"""Week in which the first opening orders arrive by mail."""


class AnchoredOrdering(Mechanism):
    """O = max(0, Lhat + a (S' - S - b SL)), Lhat = theta L + (1 - theta) Lhat (Sterman 1989).

    L are the orders received this week, S the stock minus what is owed to customers, SL the supply
    line: orders in the mail, at the supplier, and goods on the way. Orders are whole units, rounded
    to the nearest, and reach the supplier after the mail's delay. Replaces `forecasting` and
    `ordering`, and comes last in the week: goods arrive and are shipped (`supply_chain`), consumers
    buy (`demand_process`), orders are decided.
    """

    phase: ClassVar = "forecast and order"
    reads: ClassVar = (
        "resellers.active", "resellers.tier", "resellers.upline", "resellers.inventory",
        "resellers.transit", "resellers.due",
    )
    writes: ClassVar = (
        "resellers.forecast", "resellers.demand", "resellers.ordered", "resellers.backlog",
        "resellers.cumulative_orders", "resellers.downline_orders", "resellers.mail",
        "resellers.decided",
    )
    columns: ClassVar = (
        ("resellers", Column("mail", "i4", "units", "orders in the mail, by week of arrival",
                             width=MAX_MAIL)),
        ("resellers", Column("decided", "i4", "units", "order decided this week", passing=True)),
        ("resellers", Column("due", "i8", "units", "asked for by consumers and not delivered")),
    )

    smoothing: float = parameter(
        0.36, "share", 0, 1, "theta: weight of the newest week in the expected loss",
        source="mean of 44 subjects (Sterman 1989)")
    stock_weight: float = parameter(
        0.26, "share a week", 0, 1, "a: share of the gap in stock that an order closes",
        source="mean of 44 subjects (Sterman 1989)")
    line_weight: float = parameter(
        0.34, "share", 0, 1, "b: share of the supply line that is taken into account",
        source="mean of 44 subjects (Sterman 1989)")
    desired: float = parameter(
        17.0, "units", 0, 1e9, "S': desired stock, the supply line as far as it counts included",
        source="mean of 44 subjects (Sterman 1989)")
    desired_top: float = parameter(
        17.0, "units", 0, 1e9, "S' of the top tier", source="mean of 44 subjects (Sterman 1989)")
    opening: int = parameter(
        4, "units", 0, 100_000_000, "weekly orders under way at the start", source="Sterman 1989")
    practice: int = parameter(
        4, "weeks", 0, 520, "first weeks in which everybody repeats the opening order",
        source="Sterman 1989; Edali, Yasarcan 2014")
    mail_delay: int = parameter(
        2, "weeks", 1, MAX_MAIL - 1, "from a decision to the supplier", source="Sterman 1989")
    mail_delay_top: int = parameter(
        1, "weeks", 1, MAX_MAIL - 1, "from the top tier's decision to the start of production",
        source="Sterman 1989")

    def begin(self, world: World) -> None:
        """Fill the mail with opening orders."""
        resellers = world.resellers
        resellers.forecast[:] = self.opening
        resellers.mail[:] = 0
        delay = self._delay(world)
        # The orders of the week before the first one reach their supplier at once.
        resellers.ordered[:] = self.opening
        resellers.backlog[:] += self.opening
        for week in range(FIRST_MAIL, MAX_MAIL):
            resellers.mail[:, week] = np.where(week <= delay, self.opening, 0)

    def _delay(self, world: World) -> np.ndarray:
        """Return how many weeks each reseller's orders spend in the mail."""
        return np.where(world.resellers.tier == 0, self.mail_delay_top, self.mail_delay)

    def step(self, world: World) -> None:
        """Decide on orders, mail them, and pass on those that arrive."""
        resellers = world.resellers
        owed = resellers.due.copy()
        supplied = resellers.upline >= 0
        np.add.at(
            owed, resellers.upline[supplied], resellers.backlog[supplied].astype(np.int64))
        _decide(
            resellers.view(Resellers), owed, self._delay(world), world.week <= self.practice,
            self.parameters, world.week)
        arriving = (world.week + 1) % MAX_MAIL
        resellers.ordered[:] = resellers.mail[:, arriving]
        resellers.mail[:, arriving] = 0
        resellers.backlog[:] += resellers.ordered
        resellers.cumulative_orders[:] += resellers.ordered
        resellers.downline_orders[:] = 0
        resellers.demand[:] = 0
        world.count("orders", int(resellers.ordered.sum()))


class Resellers(NamedTuple):
    """Columns of resellers that the decision reads or changes."""

    active: np.ndarray
    tier: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    backlog: np.ndarray
    mail: np.ndarray
    demand: np.ndarray
    forecast: np.ndarray
    decided: np.ndarray


@compiled
def _decide(resellers, owed, delay, practising, rule, week):
    """Let everybody decide on an order, and put it in the mail."""
    slots = resellers.mail.shape[1]
    for row in range(resellers.active.size):
        if not resellers.active[row]:
            continue
        expected = (
            rule.smoothing * resellers.demand[row]
            + (1.0 - rule.smoothing) * resellers.forecast[row])
        resellers.forecast[row] = expected
        supply_line = np.int64(resellers.transit[row]) + resellers.backlog[row]
        for slot in range(slots):
            supply_line += resellers.mail[row, slot]
        stock = np.float64(resellers.inventory[row]) - owed[row]
        desired = rule.desired_top if resellers.tier[row] == 0 else rule.desired
        order = expected + rule.stock_weight * (desired - stock - rule.line_weight * supply_line)
        # Rounded to the nearest unit.
        units = np.int64(np.floor(max(order, 0.0) + 0.5))
        if practising:
            units = np.int64(rule.opening)
        resellers.decided[row] = units
        resellers.mail[row, (week + delay[row]) % slots] += units
