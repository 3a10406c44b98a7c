"""Turning points of a run, found in its weekly table: what turned, when, and by how much.

Each kind of turning point is one record of `KINDS`: the columns that it reads, a function that finds
its week and figures, and its sentence. A run without it gets no sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.kernel import np
from sim.texts import mark

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import SomeData
    from sim.scenario.schema import Scenario

__all__ = ["KINDS", "LASTING", "MONTH", "Curves", "Kind", "Turn", "turns_of"]

MONTH = 4
"""Weeks over which values are averaged or summed."""
LASTING = 8
"""Weeks for which a state must hold to count as a turn, and which must have passed since a peak."""
FALLEN = 0.9
"""A curve must end below this share of its peak; else it may still be near it."""
MIN_POINTS = 0.02
"""Smallest move of a share that counts as a turn: 2 points."""
MIN_PEOPLE, MIN_UNITS = 5, 20
"""Least number of persons, and of units, for a turn; smaller numbers are a matter of luck."""

Found = tuple[int, dict[str, float]]


class Curves:
    """The weekly table of one run as arrays; week w is at index w - 1."""

    def __init__(self, weekly: pd.DataFrame, scenario: Scenario | None = None) -> None:
        self._weekly = weekly
        self.scenario = scenario
        self.weeks = len(weekly)

    def __getitem__(self, column: str) -> np.ndarray:
        """Return a column as numbers, NaN for weeks without one."""
        return self._weekly[column].astype("float64").to_numpy(dtype=float, na_value=math.nan)

    def __contains__(self, column: str) -> bool:
        return column in self._weekly

    def summed(self, column: str, weeks: int) -> np.ndarray:
        """Return the sum over the last weeks; NaN until there are enough weeks."""
        return summed(self[column], weeks)

    def channel_sales(self) -> np.ndarray:
        """Return resellers' sales from stock: all sales minus the brand's own deliveries."""
        return self["sell_through"] - self["direct_sales"]

    def paid(self) -> np.ndarray:
        """Return the price paid, averaged over the last `MONTH` weeks with a sale."""
        found = self["price_street_mean"]
        return np.array([_mean(found[max(0, place - MONTH + 1): place + 1])
                         for place in range(self.weeks)])


def summed(values: np.ndarray, weeks: int) -> np.ndarray:
    """Return the sum over the last weeks; NaN in the first ones."""
    if len(values) < weeks:
        return np.full(len(values), math.nan)
    whole = np.convolve(values, np.ones(weeks))[weeks - 1: len(values)]
    return np.concatenate([np.full(weeks - 1, math.nan), whole])


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def lasting(holds: np.ndarray, start: int = 0) -> int | None:
    """Return the first index from `start` on at which something begins to hold for `LASTING` weeks."""
    run = 0
    for place in range(start, len(holds)):
        run = run + 1 if holds[place] else 0
        if run == LASTING:
            return place - LASTING + 1
    return None


def peak(values: np.ndarray, least: float = 0.0) -> int | None:
    """Return the index of a curve's peak if it has passed; None while the curve may still rise."""
    if not np.isfinite(values).any():
        return None
    top = int(np.nanargmax(values))
    passed = len(values) - 1 - top >= LASTING and values[-1] < FALLEN * values[top]
    return top if passed and values[top] >= max(least, 1e-12) else None


# -- kinds of turning points -------------------------------------------------------------------------


def _loading(run: Curves) -> Found | None:
    into, sold = run.summed("sell_in", LASTING), summed(run.channel_sales(), LASTING)
    place = lasting(into > 1.2 * sold)
    if place is None:
        return None
    after = np.flatnonzero(~(into[place:] > sold[place:]))
    lasts = int(after[0]) if len(after) else run.weeks - place
    return place, {"into": into[place], "sold": sold[place], "lasts": lasts}


def _unloading(run: Curves) -> Found | None:
    into, sold = run.summed("sell_in", LASTING), summed(run.channel_sales(), LASTING)
    start = lasting(into > 1.2 * sold)
    place = None if start is None else lasting(into < sold, start + 1)
    return None if place is None else (place, {"into": into[place], "sold": sold[place]})


def _stock_peak(run: Curves) -> Found | None:
    stock = run["inventory_channel"]
    place = peak(stock, MIN_UNITS)
    return None if place is None else (place, {"stock": stock[place], "end": stock[-1]})


def _recruiting_peak(run: Curves) -> Found | None:
    joins = run["joins"]
    later = joins.copy()
    later[0] = 0.0  # those who were there from the start
    joined = summed(later, MONTH)
    place = peak(joined, MIN_PEOPLE)
    if place is None:
        return None
    return place, {
        "joined": joined[place], "ever": joins[: place + 1].sum(), "all": joins.sum(),
        "aware": run["awareness"][place], "muted": run["muted_share"][place]}


def _more_leave(run: Curves) -> Found | None:
    left, joined = run.summed("exits", LASTING), run.summed("joins", LASTING)
    place = lasting((left > joined) & (left >= MIN_PEOPLE))
    return None if place is None else (place, {"left": left[place], "joined": joined[place]})


def _sellers_peak(run: Curves) -> Found | None:
    active = run["resellers_active"]
    place = peak(active, MIN_PEOPLE)
    return None if place is None else (place, {"peak": active[place], "end": active[-1]})


def _under_list(run: Curves) -> Found | None:
    paid, listed = run.paid(), run["price_list"]
    place = lasting(paid < 0.9 * listed)
    return None if place is None else (place, {"paid": paid[place], "list": listed[place]})


def _trust_falls(run: Curves) -> Found | None:
    trust = run["trust_mean"]
    if run.weeks <= LASTING:
        return None
    moved = trust[LASTING:] - trust[:-LASTING]
    place = int(np.nanargmin(moved)) if np.isfinite(moved).any() else 0
    if not moved[place] <= -MIN_POINTS:
        return None
    return place + LASTING, {"before": trust[place], "after": trust[place + LASTING]}


def _trust_lowest(run: Curves) -> Found | None:
    trust = run["trust_mean"]
    place = int(np.nanargmin(trust))
    fell, rose = trust[0] - trust[place], trust[-1] - trust[place]
    if min(fell, rose) < MIN_POINTS:
        return None
    return place, {"low": trust[place], "end": trust[-1]}


def _belief_below(run: Curves) -> Found | None:
    belief, truth = run["quality_perceived"], run["quality_true"]
    above = lasting(belief > truth)
    place = None if above is None else lasting(belief < truth, above)
    return None if place is None else (place, {"belief": belief[place], "truth": truth[place]})


def _product(run: Curves) -> Found | None:
    quality = run["quality_true"]
    rise = quality[-1] - quality[0]
    if rise < MIN_POINTS:
        return None
    place = int(np.argmax(quality >= quality[0] + rise / 2))
    return place, {"quality": quality[place], "first": quality[0], "last": quality[-1]}


def _dumping_peak(run: Curves) -> Found | None:
    dumped, left = run.summed("dumped", MONTH), run.summed("exits", MONTH)
    place = peak(dumped, MIN_UNITS)
    return None if place is None else (place, {"dumped": dumped[place], "left": left[place]})


def _money_lowest(run: Curves) -> Found | None:
    money = run["profit_brand"].cumsum()
    place = int(np.argmin(money))
    if not money[place] < 0.0 or run.weeks - 1 - place < LASTING:
        return None
    return place, {"short": -money[place], "won": money[-1] - money[place]}


def _money_highest(run: Curves) -> Found | None:
    money = run["profit_brand"].cumsum()
    place = peak(money)
    return None if place is None else (
        place, {"money": money[place], "lost": money[place] - money[-1]})


def _mouths_lead(run: Curves) -> Found | None:
    told = run.summed("purchases_word_of_mouth", LASTING)
    asked = run.summed("purchases_seller", LASTING)
    place = lasting(told > asked)
    return None if place is None else (place, {"told": told[place], "asked": asked[place]})


def _sellers_lead(run: Curves) -> Found | None:
    told = run.summed("purchases_word_of_mouth", LASTING)
    asked = run.summed("purchases_seller", LASTING)
    before = lasting(told > asked)
    place = None if before is None else lasting(asked > told, before)
    return None if place is None else (place, {"told": told[place], "asked": asked[place]})


def _fission(run: Curves) -> Found | None:
    each = run["wom_reproduction"]
    place = lasting(each > 1.0)
    return None if place is None else (place, {"each": each[place]})


def _first_cell(run: Curves) -> Found | None:
    cells = run["communities"]
    if cells[0] > 0 or not (cells > 0).any():
        return None
    return int(np.argmax(cells > 0)), {"cells": cells[-1], "members": run["members"][-1]}


def _legacy_halved(run: Curves) -> Found | None:
    sold, elsewhere = run.summed("purchases_legacy", LASTING), run.summed("cannibalised", LASTING)
    if run.weeks < LASTING or sold[LASTING - 1] < MIN_UNITS:
        return None
    place = lasting(sold < 0.5 * sold[LASTING - 1])
    return None if place is None else (place, {
        "now": sold[place], "first": sold[LASTING - 1], "elsewhere": elsewhere[place]})


def _elsewhere_peak(run: Curves) -> Found | None:
    moved = run.summed("cannibalised", LASTING)
    place = peak(moved, MIN_UNITS)
    return None if place is None else (
        place, {"moved": moved[place], "sold": run.summed("purchases_legacy", LASTING)[place]})


@dataclass(frozen=True)
class Kind:
    """One kind of turning point.

    Attributes
    ----------
    name
        Its name in tables.
    title
        Its title, as a noun.
    told
        The sentence, with a placeholder for each figure.
    columns
        The weekly columns that it uses.
    units
        Unit of each figure: ``units``, ``persons``, ``share``, ``price``, ``money``, ``weeks``, ``ratio``.
    find
        Returns the index of the week and the figures, or None.
    """

    name: str
    title: str
    told: str
    columns: tuple[str, ...]
    units: Mapping[str, str]
    find: Callable[[Curves], Found | None] = field(repr=False)


KINDS: tuple[Kind, ...] = (
    Kind("loading", mark("the channel taking more than it sells"),
         mark("the channel begins to take more than it sells: in the 8 weeks up to then {into} units were "
              "shipped to it and it sold {sold}. So it goes on for {lasts} weeks."),
         ("sell_in", "sell_through", "direct_sales"),
         {"into": "units", "sold": "units", "lasts": "weeks"}, _loading),
    Kind("unloading", mark("the channel taking less than it sells"),
         mark("the channel begins to take less than it sells, for at least 8 weeks: in those up to then "
              "{into} units were shipped to it and it sold {sold}."),
         ("sell_in", "sell_through", "direct_sales"), {"into": "units", "sold": "units"}, _unloading),
    Kind("recruiting_peak", mark("the peak of recruiting"),
         mark("recruiting peaks: {joined} joined in the 4 weeks up to then. {ever} of the {all} who ever "
              "joined were in by then; {aware} of all persons knew the product, and {muted} of the "
              "resellers' contacts muted them."),
         ("joins", "awareness", "muted_share"),
         {"joined": "persons", "ever": "persons", "all": "persons", "aware": "share", "muted": "share"},
         _recruiting_peak),
    Kind("more_leave", mark("more leaving than joining"),
         mark("more leave than join, for at least 8 weeks: {left} against {joined} in the 8 weeks up to "
              "then."),
         ("exits", "joins"), {"left": "persons", "joined": "persons"}, _more_leave),
    Kind("sellers_peak", mark("the peak of active resellers"),
         mark("most resellers are active: {peak}; at the end {end}."),
         ("resellers_active",), {"peak": "persons", "end": "persons"}, _sellers_peak),
    Kind("stock_peak", mark("the peak of the channel's stock"),
         mark("the channel's stock is largest: {stock} units; at the end {end}."),
         ("inventory_channel",), {"stock": "units", "end": "units"}, _stock_peak),
    Kind("dumping_peak", mark("the peak of dumping"),
         mark("leavers dump most: {dumped} units in the 4 weeks up to then, in which {left} left."),
         ("dumped", "exits"), {"dumped": "units", "left": "persons"}, _dumping_peak),
    Kind("under_list", mark("the price paid a tenth below the list price"),
         mark("the price paid falls a tenth below the list price, for at least 8 weeks: {paid} against "
              "{list} yuan, mean of 4 weeks."),
         ("price_street_mean", "price_list"), {"paid": "price", "list": "price"}, _under_list),
    Kind("trust_falls", mark("the steepest fall of trust"),
         mark("trust has fallen fastest: from {before} to {after} in 8 weeks."),
         ("trust_mean",), {"before": "share", "after": "share"}, _trust_falls),
    Kind("trust_lowest", mark("the lowest trust"),
         mark("trust is lowest: {low}; at the end {end}."),
         ("trust_mean",), {"low": "share", "end": "share"}, _trust_lowest),
    Kind("belief_below", mark("people thinking worse of the product than it is"),
         mark("people begin to think worse of the product than it is, for at least 8 weeks: perceived "
              "quality {belief}, true quality {truth}."),
         ("quality_perceived", "quality_true"), {"belief": "share", "truth": "share"}, _belief_below),
    Kind("product", mark("half of the product's improvement"),
         mark("half of the product's improvement is done: true quality {quality}, on its way from {first} "
              "to {last}."),
         ("quality_true",), {"quality": "share", "first": "share", "last": "share"}, _product),
    Kind("mouths_lead", mark("word of mouth selling more than approaches"),
         mark("word of mouth begins to sell more than sellers' approaches, for at least 8 weeks: {told} "
              "against {asked} units in the 8 weeks up to then."),
         ("purchases_word_of_mouth", "purchases_seller"), {"told": "units", "asked": "units"},
         _mouths_lead),
    Kind("sellers_lead", mark("approaches selling more than word of mouth"),
         mark("sellers' approaches begin to sell more than word of mouth, for at least 8 weeks: {asked} "
              "against {told} units in the 8 weeks up to then."),
         ("purchases_word_of_mouth", "purchases_seller"), {"told": "units", "asked": "units"},
         _sellers_lead),
    Kind("fission", mark("word of mouth feeding itself"),
         mark("word of mouth begins to feed itself, for at least 8 weeks: a customer convinces {each} "
              "others."),
         ("wom_reproduction",), {"each": "ratio"}, _fission),
    Kind("first_cell", mark("the first cell"),
         mark("the first cell forms; at the end there are {cells} with {members} members."),
         ("communities", "members"), {"cells": "units", "members": "persons"}, _first_cell),
    Kind("legacy_halved", mark("the legacy channel selling half as much"),
         mark("the legacy channel sells less than half of what it sold at first, for at least 8 weeks: "
              "{now} against {first} units in 8 weeks, while its customers bought {elsewhere} elsewhere."),
         ("purchases_legacy", "cannibalised"),
         {"now": "units", "first": "units", "elsewhere": "units"}, _legacy_halved),
    Kind("elsewhere_peak", mark("the peak of sales taken from the legacy channel"),
         mark("most is taken from the legacy channel: {moved} units in the 8 weeks up to then, in which it "
              "sold {sold} itself."),
         ("cannibalised", "purchases_legacy"), {"moved": "units", "sold": "units"}, _elsewhere_peak),
    Kind("money_lowest", mark("the brand's deepest loss"),
         mark("the brand has lost most: {short} since the start. It gains {won} from then to the end."),
         ("profit_brand",), {"short": "money", "won": "money"}, _money_lowest),
    Kind("money_highest", mark("the peak of the brand's money"),
         mark("the brand has gained most: {money} since the start. It loses {lost} from then to the end."),
         ("profit_brand",), {"money": "money", "lost": "money"}, _money_highest),
)
"""The kinds that are sought in every run."""

UNDER_TIER = Kind(
    "under_tier", mark("the price paid below what {part} pays"),
    mark("the price paid falls below what {part} pays, for at least 8 weeks: {paid} against {pays} yuan, "
         "mean of 4 weeks. It is below in {below} weeks in all."),
    ("price_street_mean",), {"paid": "price", "pays": "price", "below": "weeks"}, lambda _run: None)
"""The kind that is sought for each tier, with the tiers' prices from the scenario."""


@dataclass(frozen=True)
class Turn:
    """A turning point of one run: its kind, its subject (a tier), its week and figures."""

    kind: Kind
    part: str
    week: int
    figures: Mapping[str, float]


def turns_of(weekly: pd.DataFrame, scenario: Scenario | None = None) -> list[Turn]:
    """Return the turning points of one run, in the order of `KINDS`.

    Kinds whose columns are missing are skipped.
    """
    run = Curves(weekly, scenario)
    if not run.weeks:
        return []
    found = []
    for kind in KINDS:
        if all(column in run for column in kind.columns):
            turn = kind.find(run)
            if turn is not None:
                found.append(Turn(kind, "", turn[0] + 1, _plain(turn[1])))
    if scenario is not None and "price_street_mean" in run and run["sell_in"].sum() > 0:
        found += _under_tiers(run, scenario)
    return found


def _plain(figures: SomeData) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items()}


def _under_tiers(run: Curves, scenario: Scenario) -> list[Turn]:
    """Return when the price paid fell below each tier's wholesale price, the lowest tier first."""
    paid = run.paid()
    names = [tier.name for tier in scenario.tiers]
    # If the brand delivers most units itself, the price paid is not that of the channel.
    own, channels = (np.convolve(values, np.ones(MONTH))[:run.weeks]
                     for values in (run["direct_sales"], run.channel_sales()))
    pays = np.full((len(names), run.weeks), math.nan)
    holding = scenario.at(1)
    for week in range(1, run.weeks + 1):
        if week > 1 and scenario.changes_in(week):
            holding = scenario.at(week)
        known = min(len(names), len(holding.tiers))
        pays[:known, week - 1] = holding.tier_prices[:known]
    found = []
    for name, price in reversed(list(zip(names, pays, strict=True))):
        below = (paid < price) & (channels >= own)
        place = lasting(below)
        if place is not None:
            found.append(Turn(UNDER_TIER, name, place + 1, _plain({
                "paid": paid[place], "pays": price[place], "below": below.sum()})))
    return found
