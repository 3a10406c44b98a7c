"""A regulator caps what an upline may earn from its downline in a week."""

from typing import ClassVar

import numpy as np

import sim


class PaymentCap(sim.Mechanism):
    """Return to the brand what a reseller earned from the downline above the cap.

    Margins on goods that uplines ship and rewards for recruits count alike.
    """

    phase: ClassVar = "produce and ship"
    place: ClassVar = "after sponsor_bonuses"
    writes: ClassVar = ("resellers.cash", "resellers.upline_payments", "resellers.week_income",
                        "resellers.paid_before")
    columns: ClassVar = (
        ("resellers", sim.Column("paid_before", "i8", "fen", "upline payments before this week")),)
    outputs: ClassVar = (
        sim.Output("payments_capped", "fen", "upline payments above the cap, returned to the brand"),)

    cap: float = sim.parameter(500.0, "CNY", 0, 1e6, "what an upline may earn so in a week")

    def step(self, world):
        """Take back what exceeds the cap."""
        resellers = world.resellers
        earned = resellers.upline_payments - resellers.paid_before
        excess = np.maximum(0, earned - round(100 * self.cap))
        for column in ("cash", "upline_payments", "week_income"):
            resellers[column][:] -= excess
        resellers.paid_before[:] = resellers.upline_payments
        world.books.money.move("resellers", "brand", int(excess.sum()))
        world.count("upline_payments", -int(excess.sum()))
        world.count("payments_capped", int(excess.sum()))
