"""Notices about what a reader of a scenario may overlook: dropped events, assumed quotas, few founders.

A notice is not an error: the scenario runs as written. Each one is a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.scenario.data import canonical_path, id_of, is_number, today
from sim.scenario.market_start import drawn
from sim.texts import _
from sim.texts.bilingual import text_of
from sim.texts.numbers import said as said_amount

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Event

__all__ = ["bare_money", "called", "dropped", "notices", "set_again"]

FEW_FOUNDERS = 5
"""Below this many founders, chance decides whether a market takes off at all."""


def called(event: Event, index: int) -> str:
    """Return the name of an event in messages: its id, its note or its number."""
    return id_of(event) or text_of(event.note) or f"events.{index}"


def notices(scenario: Scenario) -> list[str]:
    """Return what to know before running a scenario."""
    founders = [] if scenario.start.sells else _founders(scenario)
    return [*dropped(scenario), *_late(scenario), *_at_once(scenario), *_quotas(scenario), *founders,
            *drawn(scenario), *bare_money(map(str, scenario.expect))]


def dropped(scenario: Scenario) -> list[str]:
    """Return which events and checks of its parents a scenario leaves out."""
    lists: dict[str, list[str]] = {}
    for what in scenario.dropped:
        name, _colon, entry = what.partition(": ")
        lists.setdefault(name, []).append(entry)
    told = _("; ").join(f"{name}: {_(', ').join(entries)}" for name, entries in lists.items())
    return [_("leaves out what its parent has: {what}").format(what=told)] if told else []


def _late(scenario: Scenario) -> list[str]:
    return [
        _("event '{event}' begins in week {week} and the run ends after week {weeks}; it does not "
          "happen").format(event=called(event, index), week=event.week, weeks=scenario.weeks)
        for index, event in enumerate(scenario.events) if event.week > scenario.weeks]


def bare_money(texts: Iterable[str]) -> list[str]:
    """Return which checks compare money with a number that names no unit, which counts as fen."""
    from sim.market.outputs import weekly_outputs
    from sim.scenario.expect import Expectation, ExpectationError, Figure

    columns = {column.name: column.unit for column in weekly_outputs()}
    told = []
    for text in texts:
        kind: type[Expectation | Figure] = Figure if text.strip().startswith("first week") else Expectation
        try:
            number = kind.parse(text, columns).bare_money(columns)
        except ExpectationError:
            continue  # checked elsewhere, such as a share of resellers
        if number:
            told.append(_(
                "'{text}': money without a unit counts as fen, so {number} is {yuan}; write {wanted}").format(
                    text=text, number=number, yuan=said_amount(float(number), "fen"),
                    wanted=f"{number} {_('CNY')}"))
    return told


def _at_once(scenario: Scenario) -> list[str]:
    """Return what an event changes at once although it moves over some weeks: only numbers move."""
    told = []
    for index, event in enumerate(scenario.events):
        whole = [path for path, value in event.set.items() if not is_number(value)]
        if event.over and whole:
            told.append(_(
                "event '{event}' moves numbers over {over} weeks, but {names} changes at once, in week "
                "{week}").format(event=called(event, index), over=event.over, names=_(", ").join(whole),
                                 week=event.week))
    return told


def _pressed(scenario: Scenario) -> bool:
    weeks = [0, *(event.week + event.over for event in scenario.events)]
    return any(scenario.at(week).controls.stock_pressure > 0 for week in weeks)


def _quotas(scenario: Scenario) -> list[str]:
    if not _pressed(scenario):
        return []
    told = []
    assumed = [tier for tier in scenario.tiers
               if "quota" not in tier.model_fields_set and tier.first_order]
    if assumed:
        told.append(_(
            "tiers without a quota: units a month follow from the first order ({quotas}); give "
            "`quota` to say otherwise").format(quotas=_(", ").join(
                f"{text_of(tier.name)} {tier.quota}" for tier in assumed)))
    for number, tier in enumerate(scenario.tiers):
        if tier.quota == 0 and tier.first_order:
            told.append(_(
                "tiers.{number}.quota: 0 for '{tier}', so stock pressure does not make this tier "
                "restock").format(number=number, tier=text_of(tier.name)))
    return told


def _founders(scenario: Scenario) -> list[str]:
    told = []
    for rule in scenario.settings().rules:
        share = getattr(rule, "founders", 0.0)
        count = round(share * scenario.persons)
        if share and count < FEW_FOUNDERS:
            what = _("{name}.founders: {share} of {persons} persons is nobody, so nobody begins to sell; "
                     "write a number, such as 'founders: 20 persons'") if not count else _(
                "{name}.founders: {count} of {persons} persons ({share}); with so few founders chance "
                "decides whether the market takes off; write a number, such as "
                "'founders: 20 persons'")
            told.append(what.format(
                name=rule.name(), share=f"{100 * share:.3g}%", count=count,
                persons=f"{scenario.persons:,}"))
    return told


def set_again(scenario: Scenario, keys: Iterable[str]) -> list[str]:
    """Return which of these settings an event sets again, so that they hold only until then."""
    told = []
    for key in keys:
        path = today(canonical_path(key, scenario.events), type(scenario).model_fields)
        for index, event in sorted(enumerate(scenario.events), key=lambda pair: pair[1].week):
            if path in event.set and event.week <= scenario.weeks:
                told.append(_(
                    "{key} holds only in weeks 1 to {week}: event '{event}' sets it again; to "
                    "change what holds then: {event_key}").format(
                        key=key, week=event.week - 1, event=called(event, index),
                        event_key=f"{event.id or f'events.{index}'}.set.{path}"))
                break
    return told
