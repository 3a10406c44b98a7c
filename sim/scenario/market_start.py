"""The market before week 1: checks of what a scenario says about it, and its resellers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.market.roster import Roster, drawn_roster, rung_of, thinned, usually_left, with_former
from sim.market.settings import Tier
from sim.market.start import Start
from sim.scenario.problems import did_you_mean, shown
from sim.scenario.roster_files import roster_of
from sim.texts import _
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["drawn", "fitting", "roster_for"]


def fitting(start: Start, tiers: Sequence[Tier]) -> None:
    """Raise ValueError for a start that contradicts itself or the ladder."""
    if start.roster is not None and start.tiers:
        raise ValueError(_("a start has a roster, or totals by tier: leave one of them out"))
    names = [tier.name for tier in tiers]
    if start.sells and not names:
        raise ValueError(_("somebody sells before week 1, and there are no `tiers`"))
    for place, total in enumerate(start.tiers):
        rung = rung_of(str(total.name), names)
        known = [text_of(name) for name in names]
        if rung is None:
            near = did_you_mean(str(total.name), known)
            raise ValueError(_("there is no tier {name}; the tiers are: {names}").format(
                name=shown(str(total.name)), names=", ".join(known)) + (_("; ") + near if near else ""))
        if any(rung_of(str(other.name), names) == rung for other in start.tiers[:place]):
            raise ValueError(_("the tier {name} is said twice").format(name=shown(str(total.name))))
        if total.inventory and not total.resellers:
            raise ValueError(_("the tier {name} has units and no resellers").format(
                name=shown(str(total.name))))
    _in_order(start)
    if start.members and not start.cells:
        raise ValueError(_("`members` are members of cells; say how many `cells` there are"))
    if start.left and not start.sells:
        raise ValueError(_("`left` are those who sold beside others; say who sells: `roster` or `tiers`"))


def _in_order(start: Start) -> None:
    """Raise ValueError unless recent buyers are at most all buyers, and those at most all who know it."""
    chain = [(name, share) for name in ("bought_lately", "customers", "aware")
             if (share := getattr(start, name)) is not None]
    for (one, less), (other, more) in itertools.pairwise(chain):
        if less > more:
            raise ValueError(_(
                "{one} {less} is more than {other} {more}, of which these persons are a part").format(
                    one=one, less=f"{100 * less:.3g}%", other=other, more=f"{100 * more:.3g}%"))


def roster_for(scenario: Scenario, seed: int) -> Roster:
    """Return the resellers with whom a run of this seed begins; none if the scenario gives none.

    A roster is the same for every seed. When only totals are given, uplines and stocks are drawn.
    """
    found = roster_of(scenario)
    if found is None:
        found = drawn_roster(scenario.start, [tier.name for tier in scenario.tiers], seed)
    start = scenario.start
    return thinned(with_former(found, _former(scenario, found), start.age, seed), scenario.scale)


def _former(scenario: Scenario, found: Roster) -> int:
    """Return how many resellers had left before week 1, besides those named in the roster."""
    if scenario.start.left is not None:
        return int(scenario.start.left)
    if not found.sells.all():
        return 0
    leaving = scenario.settings().rule("leaving")
    # At most as many as still sell, since an old brand has lost touch with its first sellers.
    return min(len(found), usually_left(found, scenario.start.age, float(leaving.base))) if leaving else 0


NOT_SAID = ("aware", "customers", "bought_lately", "trust", "satisfaction", "quality_perceived",
            "street_price", "factory_stock")


def drawn(scenario: Scenario) -> list[str]:
    """Return sentences on what is drawn at random in the market before week 1."""
    start = scenario.start
    if not start.given:
        return []
    missing = [name for name in NOT_SAID if getattr(start, name) is None]
    told = []
    if missing:
        told.append(_("start: not given and therefore drawn to fit: {names} (`weishang describe start`)")
                    .format(names=", ".join(missing)))
    found = roster_of(scenario)
    if found is None:
        found = drawn_roster(start, [tier.name for tier in scenario.tiers], scenario.seed)
    former = _former(scenario, found)
    if start.left is None and former:
        told.append(_("start: {count} who sold and have left are drawn, as many as leave at `leaving.base`; "
                      "`start.left` or a column 'left' of the roster says how many there are").format(
                          count=f"{former:,}"))
    if start.cells and scenario.settings().rule("brand_communities") is None:
        told.append(_("start: no rule keeps cells in this regime; `cells` are without effect"))
    if start.roster is not None:
        told += found.notes
        without = int((found.age < 0).sum())
        if without:
            told.append(_("start: {count} of {all} resellers have no date of joining; they joined within "
                          "{weeks} weeks").format(count=f"{without:,}", all=f"{len(found):,}",
                                                  weeks=start.age))
    return told
