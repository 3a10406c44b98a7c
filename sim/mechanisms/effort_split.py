"""Effort split: resellers put their effort where it pays, into recruiting or into retail."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["EffortSplit", "Promise"]


class EffortSplit(Mechanism):
    """Resellers divide their effort between recruiting and retail by what each pays (A2).

    Each reseller remembers the recent income from recruits (price difference and bonuses) and from
    retail, and knows what the plan promises on their rung: a steady flow of recruits who take the
    first order of the lowest rung and restock for a year, against a few sales a week at the list
    price, or at the usual markup if that is more. The more hyped they are, the more they rely on the
    promise. Effort follows the matching law: its share in recruiting moves to recruiting's share of
    the pay.
    """

    phase: ClassVar = "inform"
    reads: ClassVar = (
        "resellers.active", "resellers.tier", "resellers.optimism", "resellers.upline_payments",
        "resellers.own_retail_margin")
    writes: ClassVar = (
        "resellers.recruiting", "resellers.from_recruits", "resellers.from_retail",
        "resellers.counted_recruits", "resellers.counted_retail")
    columns: ClassVar = (
        ("resellers", Column("from_recruits", "f4", "CNY a week", "smoothed pay for recruits")),
        ("resellers", Column("from_retail", "f4", "CNY a week", "smoothed margin on own retail")),
        ("resellers", Column("counted_recruits", "i8", "fen",
                             "of the pay for recruits, what is remembered already")),
        ("resellers", Column("counted_retail", "i8", "fen",
                             "of the margin on own retail, what is remembered already")),
    )

    matching: float = parameter(
        0.75, "share", 0, 1,
        "how far the split of effort goes to that of the pay; 0: half and half, whatever it pays",
        source="matching law (Herrnstein 1961); people match less than fully (Baum 1974: about .8)",
        prior=Prior(0.4, 1.0, "from half of it to all of it", fitted=True))
    memory: float = parameter(
        0.1, "share", 0, 1, "weight of the newest week in the pay that is remembered")
    promised_recruits: float = parameter(
        0.96, "persons a month", 0, 1000, "recruits a month that the plan's promise counts with",
        prior=Prior(0.3, 3.0, "a factor of three either way", log=True, fitted=True))
    promised_sales: float = parameter(
        10.0, "units a month", 0, 10_000, "sales a month that the plan's promise counts with",
        source="500-5,000 yuan of own retail a month (S9): 1 to 13 units at 390 yuan")

    def step(self, world: World) -> None:
        """Let resellers divide their effort by the pay they remember."""
        _split(world.resellers.view(Resellers), self.promise(world), self.parameters)

    def promise(self, world: World) -> Promise:
        """Return what the plan promises a week for recruiting and for retail, by rung."""
        return world.settled(self, lambda: self._promise(world))

    def _promise(self, world: World) -> Promise:
        settings = world.settings
        prices = world.tier_prices() / 100.0
        rungs = prices.size
        if rungs == 0:
            return Promise(np.zeros(0), np.zeros(0))
        recruiting, ordering = settings.rule("recruiting"), settings.rule("ordering")
        supply_chain = settings.rule("supply_chain")
        bonuses, selling = settings.rule("sponsor_bonuses"), settings.rule("selling")
        postage = selling.postage if selling else 0.0
        # Where the list price leaves less, sellers ask their usual margin all the same.
        pricing = settings.rule("pricing")
        usual = pricing.markup * prices if pricing else np.zeros(rungs)
        sale = np.maximum(usual, settings.offer.list_price - prices - postage)
        retail = sale * self.promised_sales / WEEKS
        if recruiting is None or recruiting.approaches == 0.0:
            return Promise(np.zeros(rungs), retail)
        lowest = settings.tiers[-1]
        first = recruiting.entry(world).units[-1]
        later = MONTHS * (ordering.pressure * lowest.quota if ordering else 0.0)
        recruit = np.zeros(rungs)
        if supply_chain and supply_chain.through_uplines:
            recruit += np.maximum(0.0, prices[-1] - prices) * (first + later)
        if bonuses:
            again = np.where(np.arange(rungs) < bonuses.restock_rungs, later, 0.0)
            recruit += prices[-1] * (bonuses.entry * first + bonuses.restock * again)
            recruit[-1] += prices[-1] * bonuses.same_level * (first + again[-1])
        return Promise(recruit * self.promised_recruits / WEEKS, retail)


class Promise(NamedTuple):
    """What the plan promises, CNY a week by rung: for recruiting, and for retail."""

    recruiting: np.ndarray
    retail: np.ndarray


class Resellers(NamedTuple):
    """Columns of resellers that the split reads or changes."""

    active: np.ndarray
    tier: np.ndarray
    optimism: np.ndarray
    upline_payments: np.ndarray
    own_retail_margin: np.ndarray
    recruiting: np.ndarray
    from_recruits: np.ndarray
    from_retail: np.ndarray
    counted_recruits: np.ndarray
    counted_retail: np.ndarray


WEEKS = 4
"""Weeks of a month."""
MONTHS = 12
"""Months for which a promise counts the restocks of a recruit."""


@borrowing
def _split(resellers, promise, rule):
    """Update the remembered pay, and set the share of effort in recruiting."""
    for row in range(resellers.active.size):
        if not resellers.active[row]:
            continue
        recruits = _remembered(
            row, resellers.from_recruits, resellers.upline_payments, resellers.counted_recruits, rule)
        retail = _remembered(
            row, resellers.from_retail, resellers.own_retail_margin, resellers.counted_retail, rule)
        hype = min(np.float64(resellers.optimism[row]), 1.0)
        rung = resellers.tier[row]
        recruits += hype * (promise.recruiting[rung] - recruits)
        retail += hype * (promise.retail[rung] - retail)
        total = max(recruits, 0.0) + max(retail, 0.0)
        share = max(recruits, 0.0) / total if total > 0.0 else EVEN
        resellers.recruiting[row] = EVEN + rule.matching * (share - EVEN)


EVEN = 0.5
"""Share of effort in recruiting when neither pays anything."""


@borrowing
def _remembered(row, smoothed, total, counted, rule):
    """Update the smoothed pay of a row by last week's pay; return it in CNY."""
    before = np.float64(smoothed[row])
    after = before + rule.memory * ((total[row] - counted[row]) / 100.0 - before)
    counted[row] = total[row]
    smoothed[row] = after
    return after
