"""The state taxes what resellers earn in a week above an allowance."""

from typing import ClassVar

import numpy as np

import sim


class IncomeTax(sim.Mechanism):
    """Take a share of each reseller's income of the week, margins and rewards, for the state.

    Resellers judge their business by what is left, so a tax makes more of them leave.
    """

    phase: ClassVar = "review and leave"
    place: ClassVar = "before leaving"
    writes: ClassVar = ("resellers.cash", "resellers.week_income")
    outputs: ClassVar = (sim.Output("tax", "fen", "income tax of resellers"),)

    rate: float = sim.parameter(0.2, "share", 0, 1, "share of the income above the allowance")
    allowance: float = sim.parameter(50.0, "CNY", 0, 1e6, "weekly income that is free of tax")

    def begin(self, world):
        """Open the state's account: every fen has a payer and a payee."""
        world.books.money.open("state")

    def step(self, world):
        """Collect the tax."""
        resellers = world.resellers
        due = self.rate * np.maximum(0, resellers.week_income - 100 * self.allowance)
        due = due.astype(np.int64) * resellers.active
        resellers.cash[:] -= due
        resellers.week_income[:] -= due
        world.books.money.move("resellers", "state", int(due.sum()))
        world.count("tax", int(due.sum()))
