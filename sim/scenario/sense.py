"""Economic sense: settings that the rules allow and no business would choose.

Each doubt is a sentence that begins with the settings it concerns.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from sim.texts import _
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.scenario.in_force import InForce
    from sim.scenario.schema import Scenario

__all__ = ["doubts_about"]

WIDEST_STEP, NARROWEST_STEP = 0.5, 0.98
"""Price of a tier over that of the tier below: outside of this, a ladder is unusual."""
MONTH = 4
"""Weeks of the month in which quotas are counted."""


def mean_of(distribution: Any) -> float:
    """Return the mean of a distribution of a scenario, or of a bare number."""
    if isinstance(distribution, (int, float)):
        return float(distribution)
    if distribution.dist == "constant":
        return float(distribution.value)
    if distribution.dist == "uniform":
        return (float(distribution.low) + float(distribution.high)) / 2
    return float(distribution.mean)


def doubts_about(scenario: Scenario) -> list[str]:
    """Return sentences on what makes no economic sense at any time of a scenario's run."""
    weeks = [0, *(event.week + event.over for event in scenario.events)]
    told: dict[str, None] = {}
    for week in sorted(set(weeks)):
        settings = scenario.at(week)
        for doubt in [*_offer(settings), *_ladder(settings), *_rewards(settings),
                      *_demand(settings)]:
            when = _(" (from week {week} on)").format(week=week) if week else ""
            if not any(known.startswith(doubt) for known in told):
                told[doubt + when] = None
    return list(told)


def _offer(settings: InForce) -> list[str]:
    offer, told = settings.offer, []
    if offer.unit_cost >= offer.list_price:
        told.append(_(
            "offer.unit_cost: a unit costs {cost} CNY and is listed at {price} CNY; every sale is "
            "a loss").format(cost=f"{offer.unit_cost:g}", price=f"{offer.list_price:g}"))
    worth = mean_of(settings.people.willingness_to_pay)
    if offer.list_price > 20 * worth:
        told.append(_(
            "offer.list_price: {price} CNY is more than twenty times what a unit is worth to "
            "people on average ({worth} CNY)").format(
                price=f"{offer.list_price:g}", worth=f"{worth:g}"))
    return told


def _ladder(settings: InForce) -> list[str]:
    tiers, offer, told = settings.tiers, settings.offer, []
    for number, tier in enumerate(tiers):
        if tier.price <= offer.unit_cost:
            told.append(_(
                "tiers.{number}.price: '{name}' pays {price} CNY for what costs {cost} CNY to "
                "make").format(number=number, name=text_of(tier.name), price=f"{tier.price:g}",
                               cost=f"{offer.unit_cost:g}"))
        if tier.price >= offer.list_price:
            told.append(_(
                "tiers.{number}.price: '{name}' pays {price} CNY, not less than the list price of "
                "{list} CNY; nothing is left to earn").format(
                    number=number, name=text_of(tier.name), price=f"{tier.price:g}",
                    list=f"{offer.list_price:g}"))
    for number, (above, below) in enumerate(itertools.pairwise(tiers), start=1):
        step = above.price / below.price
        if step > NARROWEST_STEP or step < WIDEST_STEP:
            told.append(_(
                "tiers.{number}.price: '{above}' pays {step} of what '{below}' pays; ladders "
                "usually step by 0.80 to 0.88").format(
                    number=number, above=text_of(above.name), below=text_of(below.name), step=f"{step:.2f}"))
        if above.price * above.first_order < below.price * below.first_order:
            told.append(_(
                "tiers.{number}.first_order: entry as '{below}' costs more than as '{above}'; "
                "nobody would take the lower tier").format(
                    number=number, above=text_of(above.name), below=text_of(below.name)))
    return told


def _rewards(settings: InForce) -> list[str]:
    told = []
    tiers, offer = settings.tiers, settings.offer
    sponsor_bonuses, referral = settings.rule("sponsor_bonuses"), settings.rule("referral")
    if sponsor_bonuses is not None and tiers:
        share = max(sponsor_bonuses.entry, sponsor_bonuses.restock) + sponsor_bonuses.same_level
        for number, tier in enumerate(tiers):
            margin = 1 - offer.unit_cost / tier.price
            if share > margin:
                told.append(_(
                    "sponsor_bonuses: rewards of up to {share} of an order are above the brand's margin "
                    "of {margin} on tiers.{number} ('{name}')").format(
                        share=f"{share:.0%}", margin=f"{margin:.0%}", number=number,
                        name=text_of(tier.name)))
                break
    if referral is not None:
        margin = 1 - offer.unit_cost / offer.list_price
        if referral.share > margin:
            told.append(_(
                "referral.share: a reward of {share} of the price is above the brand's margin of "
                "{margin}").format(share=f"{referral.share:.0%}", margin=f"{margin:.0%}"))
    return told


def _demand(settings: InForce) -> list[str]:
    told = []
    need = mean_of(settings.people.weekly_need) * (1 - settings.people.never_need)
    circle = settings.network.contacts * need * MONTH
    for number, tier in enumerate(settings.tiers):
        # Upper tiers also sell to the tiers below; only the lowest sells to its contacts alone.
        if number == len(settings.tiers) - 1 and tier.quota > circle:
            told.append(_(
                "tiers.{number}.quota: '{name}' must take {quota} units a month, and a whole "
                "circle of {contacts} contacts needs {need} of the category").format(
                    number=number, name=text_of(tier.name), quota=tier.quota,
                    contacts=f"{settings.network.contacts:g}", need=f"{circle:.0f}"))
    if settings.tiers:
        lowest = settings.tiers[-1]
        entry, budget = lowest.price * lowest.first_order, mean_of(settings.people.budget)
        if entry > 5 * budget:
            told.append(_(
                "tiers.{number}.first_order: even the lowest entry costs {entry} CNY, and people "
                "have {budget} CNY on average; hardly anybody can join").format(
                    number=len(settings.tiers) - 1, entry=f"{entry:,.0f}",
                    budget=f"{budget:,.0f}"))
    return told
