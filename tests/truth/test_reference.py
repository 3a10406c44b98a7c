"""Two implementations, one trajectory: equal in every integer, week by week."""

from __future__ import annotations

import functools
import os
from collections import Counter
from typing import Any

import pytest

from sim.model import MicroCommerce
from sim.scenario.load import load
from tests.truth.reference import Reference
from tests.truth.small_scenarios import SMALL, small_scenario
from tests.truth.state import WEEK

RESELLERS = {
    "person": lambda s: s.person.id, "active": lambda s: s.active, "dropship": lambda s: s.dropship,
    "tier": lambda s: s.rung, "upline": lambda s: s.upline, "recruits": lambda s: s.recruits,
    "joined_week": lambda s: s.joined, "left_week": lambda s: s.left, "cash": lambda s: s.cash,
    "opening_cash": lambda s: s.opening, "inventory": lambda s: s.inventory,
    "transit": lambda s: s.transit, "backlog": lambda s: s.backlog,
    "first_order_left": lambda s: s.first_left, "stock_value": lambda s: s.value,
    "cumulative_orders": lambda s: s.orders, "missed_quotas": lambda s: s.missed,
    "price": lambda s: s.price, "income": lambda s: s.income, "optimism": lambda s: s.optimism,
    "effort": lambda s: s.effort, "recruiting": lambda s: s.recruiting,
    "binding": lambda s: s.binding,
}
PERSONS = {
    "aware": "aware", "source": "source", "belief": "belief", "evidence": "evidence",
    "trust": "trust", "satisfaction": "satisfaction", "home": "home", "purchases": "purchases",
    "last_purchase": "last", "first_purchase": "first", "stage": "stage", "seller": "seller",
    "reseller": "row", "hops": "hops", "cell": "cell", "waiting": "waiting",
    "circle_sellers": "sellers", "circle_leavers": "leavers", "purse": "purse",
    "purse_week": "opened", "reference": "reference", "dropped": "dropped",
}
"""What must be equal of everybody in the end, and where the second implementation keeps it."""


@functools.cache
def shipped(name: str) -> Any:
    return load(name)


def both(
    name: str, changes: dict[str, Any], seed: int, *, defect: dict[str, Any] | None = None
) -> set[str]:
    """Live both; a `defect` changes settings of the model that the reference does not see.

    Return what happened in them.
    """
    scenario = shipped(name).changed({**SMALL, **changes})
    model = MicroCommerce(
        scenario.changed(defect) if defect else scenario, rng=seed, threads=1)
    # Traits and network are all that it takes from the model, before the first week.
    other = Reference(model.world, scenario, seed)
    while model.running:
        model.step()
        found, expected = model.weekly[-1], other.step()
        differing = {
            column: (found[column], value) for column, value in expected.items()
            if found[column] != value
        }
        assert not differing, f"week {model.week}: (model, reference) {differing}"
    for column, kept in RESELLERS.items():
        assert model.world.resellers[column].tolist() == [
            kept(seller) for seller in other.sellers], column
    money = model.world.books.money
    assert money["rivals"] == other.rivals
    assert money["purses"] == sum(person.purse for person in other.persons)
    for column, attribute in PERSONS.items():
        assert model.world.persons[column].tolist() == [
            getattr(person, attribute) for person in other.persons], column
    return other.seen


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["pyramid", "prosumer"])
def test_shipped_scenarios_agree_unit_for_unit(name: str, seed: int) -> None:
    more = {"referral.founders": 0.05, "brand_communities.max_size": 8} if name == "prosumer" else {}
    both(name, {"persons": 120, "weeks": 30, **more}, seed)


@pytest.mark.parametrize("name", [
    "bad_product_open_information", "benign_wholesale", "channel_conflict", "channel_o2o", "fission",
    "crackdown", "crowd_knows_less", "new_product_launch", "pilot_then_scale",
    "repeat_without_survival", "short_horizon", "transition"])
def test_the_other_shipped_scenarios_agree_through_their_events(name: str) -> None:
    # Long enough for the last event of each of them.
    weeks = 110 if name == "repeat_without_survival" else 70
    both(name, {"persons": 80, "weeks": weeks, "referral.founders": 0.05}, 1)


CORNERS = (
    "pyramid", "prosumer", "0 tiers", "1 tiers", "2 tiers", "4 tiers",
    "small_world", "watts_strogatz", "erdos_renyi", "scale_free", "stochastic_block", "complete",
    "piloting: passed", "piloting: scaled", "piloting: failed", "piloting: dissatisfied",
    "prospecting: muted", "prospecting: a leaver", "purchase_choice: the brand",
    "purchase_choice: too dear", "purchase_choice: a comparable product", "purchase_choice: talked into it",
    "purchase_choice: goes to the legacy channel", "selling: a pre-order", "selling: fewer than wished",
    "selling: lost", "product_experience: gave up", "belief_updating: won back", "legacy_channel: too dear",
    "legacy_channel: handed over", "legacy_channel: cannibalised", "legacy_channel: sold out",
    "legacy_channel: a visitor", "legacy_channel: met a seller", "customer_service: short",
    "customer_service: little help", "customer_service: advice", "word_of_mouth: bad",
    "loyalty_stages: a fan", "loyalty_stages: a geek", "loyalty_stages: lost", "brand_communities: joined",
    "brand_communities: drifted away", "brand_communities: split", "product_development: known",
    "ordering: less than a lot", "supply_chain: growth", "supply_chain: an upline",
    "supply_chain: passed over", "sponsor_bonuses: a low rung", "leaving: gloom",
    "sponsor_bonuses: same level", "sponsor_bonuses: unqualified",
    "referral: a trial", "pricing: worry", "tier_promotion: promoted",
    "tier_promotion: demoted", "leaving: orphaned", "liquidation: own use", "liquidation: written off",
    "reseller_conversion: with stock", "reseller_conversion: bought back",
    "reseller_conversion: a leaver's stock",
)
"""What scenarios shall meet beside every rule: cases inside of them, and kinds of markets."""


SCENARIOS = int(os.environ.get("WEISHANG_RANDOM_SCENARIOS", 80))
"""Random scenarios to try; tests/mutation looks at a few for each of many defects."""


def test_random_small_scenarios_agree_unit_for_unit() -> None:
    agree(SCENARIOS)


@pytest.mark.slow
def test_many_random_scenarios_agree_and_meet_every_corner() -> None:
    met = agree(900)
    rare = {what: met[what] for what in (*WEEK, *CORNERS) if met[what] < 20}
    assert not rare, f"too few scenarios meet it: {rare}"
    rare = {rule: met[f"{rule}.enabled"] for rule in WEEK if met[f"{rule}.enabled"] < 8}
    assert not rare, f"too few scenarios go without it: {rare}"


def agree(scenarios: int) -> Counter[str]:
    """Live so many random scenarios in both implementations; return what happened in them."""
    met: Counter[str] = Counter()
    for number in range(scenarios):
        name, changes, seed = small_scenario(number)
        met.update({name, changes["network.kind"], f"{len(changes.get('tiers', '4444'))} tiers"})
        met.update(path for path in changes if path.endswith(".enabled"))
        try:
            met.update(both(name, changes, seed))
        except Exception as error:
            error.add_note(f"in small_scenario({number})")
            raise
    return met


def test_large_purchases_agree() -> None:
    """More units than a byte holds are pre-ordered, used and delivered."""
    met = both("prosumer", {
        "persons": 60, "weeks": 10, **LIVELY["prosumer"][1], "selling.basket": 300,
        "people.income": 1e6,
        "production.opening_stock": 3.0, "production.capacity": 100.0}, 2)
    assert "selling: a pre-order" in met


def test_preorders_that_can_no_longer_be_paid_agree() -> None:
    """The price rises tenfold while people wait for goods, and incomes do not."""
    met = both("prosumer", {
        "persons": 120, "weeks": 20, **LIVELY["prosumer"][1], "production.opening_stock": 0.0,
        "people.income": 700.0,
        "events": [{"week": week, "over": 0, "set": {"offer.list_price": price}}
                   for week, price in ((4, 1680.0), (8, 168.0), (12, 1680.0))]}, 2)
    assert {"selling: a pre-order", "selling: a pre-order is cancelled"} <= met


def test_a_failed_pilot_recruits_nobody() -> None:
    """docs/model.md, `piloting`: one that fails is stopped, no recruiting (B11)."""
    model = MicroCommerce(shipped("pyramid").changed({
        **SMALL, "persons": 120, "weeks": 12, "piloting.share": 0.5, "piloting.weeks": 4,
        "piloting.sell_through": 10.0}), rng=2, threads=1)
    while model.running:
        model.step()
    joins = [row["joins"] for row in model.weekly]
    assert sum(joins[1:4]), "the pilot itself recruits"
    assert not sum(joins[4:])


def test_without_cells_the_brand_sells_at_its_list_price() -> None:
    """docs/model.md, `selling`: the list price minus what `brand_communities` passes on; here nothing."""
    both("prosumer", {
        "persons": 120, "weeks": 12, **LIVELY["prosumer"][1], "brand_communities.enabled": False,
        "production.opening_stock": 0.0}, 2)


LIVELY: dict[str, tuple[str, dict[str, Any]]] = {
    "pyramid": ("pyramid", {
        "leaving.base": 0.05, "leaving.gloom_weight": 8.0, "pricing.patience": 2.0, "pricing.discipline": 0.2,
        "tier_promotion.recruits": 2}),
    "prosumer": ("prosumer", {
        "referral.founders": 0.1, "referral.invitation": 0.3, "brand_communities.max_size": 6,
        "loyalty_stages.devoted": 1.0, "loyalty_stages.creators": 0.5, "loyalty_stages.fan_satisfaction": 0.3,
        "loyalty_stages.user_purchases": 1, "purchase_choice.price_sensitivity": 0.0,
        "people.weekly_need": 1.0, "people.never_need": 0.0,
    }),
    "pilot": ("pyramid", {
        "piloting.share": 0.5, "piloting.weeks": 8, "piloting.sell_through": 0.005,
        "piloting.satisfaction": 0.05, "recruiting.founders": 0.1,
        "purchase_choice.price_sensitivity": 2.0, "people.weekly_need": 1.0,
    }),
    "legacy channel": ("pyramid", {
        "legacy_channel.customers": 0.5, "legacy_channel.distinctness": 0.5, "legacy_channel.handover": 0.7,
        "people.income": 800.0, "people.saved_weeks": 3,
        "legacy_channel.handed_over": 0.1, "purchase_choice.price_sensitivity": 1.0,
        "people.weekly_need": 1.0,
        "production.opening_stock": 5.0,
    }),
    "way out": ("pyramid", {
        "reseller_conversion.rate": 0.1, "reseller_conversion.buy_back": 0.2, "leaving.base": 0.05,
        "referral.founders": 0.05, "purchase_choice.price_sensitivity": 2.0, "people.weekly_need": 1.0,
    }),
}
"""Settings under which single rules have much to do: a shipped scenario, and what is changed."""


def lively(name: str, defect: dict[str, Any] | None = None) -> set[str]:
    """Live both of the lively scenario `name`."""
    scenario, changes = LIVELY[name]
    return both(scenario, {"persons": 120, "weeks": 26, **changes}, 2, defect=defect)


@pytest.mark.parametrize("name", LIVELY)
def test_lively_scenarios_agree_unit_for_unit(name: str) -> None:
    """What the planted defects are compared with."""
    met = lively(name)
    busy = {
        "pilot": {"piloting: scaled"},
        "legacy channel": {what for what in CORNERS if what.startswith("legacy_channel")},
        "way out": {what for what in CORNERS if what.startswith("reseller_conversion")},
    }
    assert busy.get(name, set()) <= met


@pytest.mark.parametrize(("rule", "name"), [
    *((rule, "pyramid") for rule in (
        "training", "prospecting", "brand_awareness", "consumption", "purchase_choice", "selling",
        "product_experience",
        "customer_service", "word_of_mouth", "belief_updating", "forecasting", "ordering",
        "supply_chain", "sponsor_bonuses",
        "recruiting", "pricing", "tier_promotion", "leaving", "liquidation")),
    *((rule, "prosumer") for rule in (
        "loyalty_stages", "brand_communities", "customer_data", "product_development", "referral")),
    ("piloting", "pilot"), ("legacy_channel", "legacy channel"), ("reseller_conversion", "way out"),
])
def test_a_rule_that_is_missing_is_noticed(rule: str, name: str) -> None:
    """Can the comparison fail? Without any one rule the model is no longer the reference."""
    with pytest.raises(AssertionError):
        lively(name, {f"{rule}.enabled": False})


@pytest.mark.parametrize(("name", "path", "value"), [
    ("pyramid", "prospecting.wear", 0.5), ("pyramid", "prospecting.burn", 0.2),
    ("pyramid", "liquidation.own_use", 0.0), ("pyramid", "leaving.contagion_weight", 0.0),
    ("pyramid", "leaving.gloom_weight", 0.0), ("pyramid", "leaving.hearsay", 0.0),
    ("pyramid", "leaving.alarm", 1.0), ("pyramid", "sponsor_bonuses.restock_rungs", 6),
    ("pyramid", "supply_chain.qualifying", False), ("pyramid", "ordering.lot", 0.0),
    ("pyramid", "leaving.sunk_weight", 0.0), ("pyramid", "pricing.follow", 0.0),
    ("pyramid", "sponsor_bonuses.same_level", 0.2), ("pyramid", "training.fatigue", 0.3),
    ("pyramid", "recruiting.saturation_weight", 2.0), ("pyramid", "recruiting.warning_weight", 5.0),
    ("pyramid", "ordering.cover", 1.0), ("pyramid", "supply_chain.lead_time", 2),
    ("pyramid", "selling.postage", 8.01), ("pyramid", "product_experience.loss_weight", 0.0),
    ("pyramid", "brand_awareness.exaggeration", 0.0), ("pyramid", "purchase_choice.price_knowledge", 1.0),
    ("pyramid", "purchase_choice.regret", 0.0), ("pyramid", "purchase_choice.assimilation", 0.0),
    ("pyramid", "purchase_choice.list_weight", 0.9), ("pyramid", "purchase_choice.plausible_range", 0.2),
    ("pyramid", "purchase_choice.adaptation", 0.0), ("pyramid", "purchase_choice.risk_weight", 0.0),
    ("prosumer", "purchase_choice.satisfaction_weight", 0.0), ("pyramid", "purchase_choice.necessity", 0.0),
    ("pyramid", "people.category_share", 0.11), ("pyramid", "people.saved_weeks", 12),
    ("pyramid", "product_experience.dropout", 0.0), ("pyramid", "product_experience.dead_zone", 0.5),
    ("prosumer", "belief_updating.win_back", 0.5), ("pyramid", "pricing.markup", 2.0),
    ("pyramid", "pricing.discipline", 0.9),
    ("prosumer", "word_of_mouth.distortion", 0.0), ("prosumer", "word_of_mouth.fans", 0.9),
    ("prosumer", "belief_updating.voice_weight", 0.0), ("prosumer", "brand_communities.passed_on", 0.0),
    ("prosumer", "customer_data.half_saturation", 1.0), ("prosumer", "product_development.ideas", 0.0),
    ("prosumer", "referral.share", 0.1), ("prosumer", "customer_service.capacity", 0.0),
    ("prosumer", "customer_service.advice", 0.0), ("prosumer", "customer_service.utility", 3.0),
    ("pilot", "piloting.share", 0.6), ("pilot", "piloting.weeks", 9),
    ("pilot", "piloting.sell_through", 0.1), ("pilot", "piloting.satisfaction", 1.0),
    ("legacy channel", "legacy_channel.customers", 0.4), ("legacy channel", "legacy_channel.price", 180.01),
    ("legacy channel", "legacy_channel.wholesale", 0.61), ("legacy channel", "legacy_channel.loyalty", 0.5),
    ("legacy channel", "legacy_channel.distinctness", 0.4), ("legacy channel", "legacy_channel.handover",
                                                             0.2),
    ("legacy channel", "legacy_channel.handed_over", 0.0), ("legacy channel",
                                                            "legacy_channel.resentment", 0.1),
    ("way out", "reseller_conversion.rate", 0.05), ("way out", "reseller_conversion.buy_back", 0.1),
    ("way out", "reseller_conversion.refund", 0.89), ("way out", "reseller_conversion.leavers", False),
    ("way out", "reseller_conversion.binding", 0.2),
])
def test_a_parameter_that_is_off_is_noticed(name: str, path: str, value: float) -> None:
    with pytest.raises(AssertionError):
        lively(name, {path: value})
