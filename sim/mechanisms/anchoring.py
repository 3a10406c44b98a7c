"""Anchoring: how people order, by Sterman's anchoring and adjustment."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Anchoring"]

LONGEST_MAIL = 8
"""Weeks that an order may be in the mail."""


class Anchoring(Mechanism):
    """O = max(0, Lhat + a (S' - S - b SL)), Lhat = theta L + (1 - theta) Lhat (Sterman 1989).

    L are the orders received this week, S the stock minus what is owed to customers, SL the supply
    line: orders in the mail, at the supplier, and goods on the way. Orders are whole units, rounded
    to the nearest, and reach the supplier after the mail's delay. Stands in the place of
    `forecasting` and `ordering`, at the end of a week that goes: goods arrive and are shipped
    (`supplying`), consumers buy (`streaming`), orders are decided.
    """

    phase: ClassVar = "forecast and order"
    writes: ClassVar = (
        "resellers.forecast", "resellers.demand", "resellers.ordered", "resellers.backlog",
        "resellers.cumulative_orders", "resellers.downline_orders", "resellers.mail",
        "resellers.decided", "brand",
    )
    columns: ClassVar = (
        ("resellers", Column("mail", "i4", "units", "orders in the mail, by week of arrival",
                             width=LONGEST_MAIL)),
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
        2, "weeks", 1, LONGEST_MAIL - 1, "from a decision to the supplier", source="Sterman 1989")
    mail_delay_top: int = parameter(
        1, "weeks", 1, LONGEST_MAIL - 1, "from the top tier's decision to the start of production",
        source="Sterman 1989")

    def begin(self, world: World) -> None:
        """Fill the mail with opening orders."""
        resellers = world.resellers
        resellers.forecast[:] = self.opening
        resellers.mail[:] = 0
        delay = self._delay(world)
        for week in range(2, LONGEST_MAIL):
            resellers.mail[:, week] = np.where(week <= delay, self.opening, 0)
        resellers.ordered[:] = self.opening
        resellers.backlog[:] += self.opening

    def _delay(self, world: World) -> np.ndarray:
        return np.where(world.resellers.tier == 0, self.mail_delay_top, self.mail_delay)

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers = world.resellers
        owed = resellers.due.copy()
        open_orders = resellers.backlog.astype(np.int64)
        np.add.at(
            owed, resellers.upline[resellers.upline >= 0], open_orders[resellers.upline >= 0])
        desired = np.where(resellers.tier == 0, float(self.desired_top), float(self.desired))
        _decide(
            resellers.active, resellers.inventory, resellers.transit, resellers.backlog,
            resellers.mail, resellers.demand, resellers.forecast, resellers.decided, owed, desired,
            self._delay(world), self.smoothing, self.stock_weight, self.line_weight,
            self.opening if world.week <= self.practice else -1, world.week,
        )
        arriving = (world.week + 1) % LONGEST_MAIL
        resellers.ordered[:] = resellers.mail[:, arriving]
        resellers.mail[:, arriving] = 0
        resellers.backlog[:] += resellers.ordered
        resellers.cumulative_orders[:] += resellers.ordered
        resellers.downline_orders[:] = 0
        resellers.demand[:] = 0
        world.count("orders", int(resellers.ordered.sum()))


@compiled
def _decide(
    active, inventory, transit, backlog, mail, demand, forecast, decided, owed, desired, delay,
    theta, alpha, beta, fixed, week,
):
    for row in range(active.size):
        if not active[row]:
            continue
        forecast[row] = theta * demand[row] + (1.0 - theta) * forecast[row]
        line = np.int64(transit[row]) + backlog[row]
        for slot in range(mail.shape[1]):
            line += mail[row, slot]
        stock = np.float64(inventory[row]) - owed[row]
        order = forecast[row] + alpha * (desired[row] - stock - beta * line)
        units = np.int64(np.floor(max(order, 0.0) + 0.5))
        if fixed >= 0:
            units = fixed
        decided[row] = units
        mail[row, (week + delay[row]) % mail.shape[1]] += units
