"""Effects: the rows of the two essays, each with the title used in messages and documents.

A *rule* is code, an *effect* is a row. Rules implement effects, and `Mechanism.off` says which
settings switch each of them off.
"""

from __future__ import annotations

from sim.texts import mark

__all__ = ["EFFECTS", "in_order"]

EFFECTS = {
    "A1": mark("low-risk entry"),
    "A2": mark("tier price ladder"),
    "A3": mark("training and hype"),
    "A4": mark("price premium"),
    "A5": mark("over-claiming"),
    "A6": mark("closed information"),
    "A7": mark("stock pressing"),
    "A8": mark("selling trust to friends"),
    "A9": mark("filtering"),
    "A10": mark("transparency as an advantage"),
    "A11": mark("prosumers"),
    "A12": mark("customer atomisation"),
    "A13": mark("demand as data"),
    "A14": mark("cells instead of a pyramid"),
    "A15": mark("consumer-led production"),
    "A16": mark("dumping and price war"),
    "A17": mark("fission growth"),
    "A18": mark("rival brands and price war"),
    "A19": mark("fans who finance the next batch"),
    "A20": mark("a brand whose money can run out"),
    "A21": mark("diversion of goods"),
    "A22": mark("fake performance"),
    "A23": mark("own traffic"),
    "A24": mark("range of products"),
    "A25": mark("surveys that confirm"),
    "A26": mark("supplier of its users"),
    "A27": mark("personal experience"),
    "B1": mark("recruiting saturates"),
    "B2": mark("churn climbs the tree"),
    "B3": mark("turning a 1.0 brand into 2.0"),
    "B4": mark("wholesale volume"),
    "B5": mark("retail sell-through"),
    "B6": mark("igniting a new product"),
    "B7": mark("user circles"),
    "B8": mark("service"),
    "B9": mark("channel connection and conflict"),
    "B10": mark("tie strength"),
    "B11": mark("pilot before scale"),
    "B12": mark("commercial load on ties"),
    "B13": mark("a brand that accumulates"),
    "B14": mark("four kinds of circles"),
    "B15": mark("coordination of channels"),
}
"""Titles by number: A is the essay on the demand chain of 微商2.0, B the one on traditional firms."""


def in_order(effect: str) -> tuple[str, int, str]:
    """Return the sort key of an effect: its letter and number."""
    number = effect[1:]
    return effect[:1], int(number) if number.isdigit() else 0, effect
