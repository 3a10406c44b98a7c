"""Feedback loops: which columns act on each other in a circle, and what cuts each circle.

A loop runs through several rules. It is switched off by settings that cut one of its links and leave
the rest of the rule as it is. `sim.studies.loops` runs markets with and without each loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.texts import mark

__all__ = ["LOOPS", "Loop"]


@dataclass(frozen=True)
class Loop:
    """A circle of causes.

    Attributes
    ----------
    name
        Its name in commands and tables.
    title
        What it is.
    grows
        Whether it reinforces a change (else it dampens it).
    path
        Weekly columns in the order in which they act; the last one acts on the first.
    off
        Settings that cut it.
    needs
        A parameter that must be above zero for the loop to act; empty for none.
    """

    name: str
    title: str
    grows: bool
    path: tuple[str, ...]
    off: Mapping[str, Any]
    needs: str = ""


LOOPS: tuple[Loop, ...] = (
    Loop("income", mark("recruiting by shown income"), True,
         ("joins", "sell_in", "upline_payments"), {"recruiting.income_weight": 0.0}),
    Loop("saturation", mark("circles full of sellers and leavers"), False,
         ("joins", "resellers_active"),
         {"recruiting.saturation_weight": 0.0, "recruiting.warning_weight": 0.0}),
    Loop("hype", mark("hype, orders and recruits"), True,
         ("sell_in", "upline_payments", "exits"), {"training.intensity": 0.0}),
    Loop("dumping", mark("stock, dumping, street price, exit"), True,
         ("inventory_channel", "dumped", "price_street_mean", "exits"),
         {"liquidation.discount": 0.0, "pricing.cut": 0.0, "pricing.follow": 0.0}),
    Loop("exits", mark("exits that bring exits"), True,
         ("exits", "resellers_active"), {"leaving.contagion_weight": 0.0, "leaving.gloom_weight": 0.0}),
    Loop("trust", mark("approaches, burnt trust, muting"), False,
         ("purchases_seller", "trust_mean", "muted_share"),
         {"prospecting.burn": 0.0, "prospecting.mute": 0.0, "prospecting.wear": 0.0}),
    Loop("word", mark("customers who win customers"), True,
         ("new_customers", "awareness", "purchases_word_of_mouth"), {"word_of_mouth.listeners": 0.0}),
    Loop("product", mark("product, satisfaction, data, better product"), True,
         ("quality_true", "satisfaction_mean", "knowledge"), {"customer_data.gain": 0.0}),
    Loop("cells", mark("cells, own traffic, lower price"), True,
         ("communities", "members", "price_street_mean", "new_customers"),
         {"brand_communities.own_channel": False, "brand_communities.passed_on": 0.0,
          "brand_communities.utility": 0.0}, needs="brand_communities.founding"),
)
"""The loops of the two essays, the 1.0 ones first."""
