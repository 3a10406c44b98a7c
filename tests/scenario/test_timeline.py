"""The timeline: events that end and come again, dates, ids, and what a child makes of its parent's."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.resolved import resolved
from sim.texts.bilingual import text_of


def read(folder: Path, text: str, name: str = "mine.yaml", **options: Any) -> Any:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load(path, **options)


PARENT = """
extends: pyramid
offer: {list_price: 100}
events:
  - {id: law, week: 30, set: {sponsor_bonuses.entry: 0}, note: {en: a law, zh: 新规}}
  - {id: later, tied_to: law, delay: 4 weeks, set: {offer.quality: 0.9}}
expect: [{id: busy, check: joins > 0 at week 2}, exits >= 0 at end]
"""


def price(scenario: Any, week: int) -> float:
    return scenario.at(week).offer.list_price


def test_a_season_comes_ends_and_comes_again(tmp_path: Path) -> None:
    plan = read(tmp_path, """
extends: pyramid
offer: {list_price: 100}
events: [{week: 10, for: 3 weeks, every: 52 weeks, scale: {offer.list_price: 80%}}]
""")
    assert [price(plan, week) for week in (9, 10, 12, 13, 61, 62, 64, 65)] == [
        100, 80, 80, 100, 100, 80, 80, 100]
    moving = [week for week in range(1, 105) if plan.changes_in(week)]
    assert moving == [10, 13, 62, 65]
    assert list(plan.events[0].spans(104)) == [(10, 12), (62, 64)]


def test_a_season_may_rise_and_fall_over_weeks(tmp_path: Path) -> None:
    plan = read(tmp_path, """
extends: pyramid
offer: {list_price: 100}
events: [{week: 10, for: 6, over: 2, set: {offer.list_price: 200}}]
""")
    assert [price(plan, week) for week in range(9, 20)] == [
        100, 100, 150, 200, 200, 200, 200, 200, 150, 100, 100]


def test_what_began_last_holds_and_an_end_gives_back_what_holds_then(tmp_path: Path) -> None:
    plan = read(tmp_path, """
extends: pyramid
offer: {list_price: 100}
events:
  - {week: 10, for: 10, scale: {offer.list_price: 50%}}
  - {week: 15, set: {offer.list_price: 300}}
""")
    assert [price(plan, week) for week in (10, 15, 20)] == [50, 300, 300]


def test_a_date_is_the_week_that_holds_it(tmp_path: Path) -> None:
    plan = read(tmp_path, """
extends: pyramid
calendar: {first_week: 2025-01-06}
events: [{at: 2025-11-11, set: {offer.quality: 0.9}}]
expect: [sell_in > 0 at 2025-03-05]
""")
    assert plan.events[0].week == 45
    assert list(plan.expect) == ["sell_in > 0 at week 9"]
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2:15: .*needs a calendar"):
        read(tmp_path, "extends: pyramid\nevents: [{at: 2025-11-11, set: {offer.quality: 0.9}}]")


def test_a_child_adds_to_the_timeline_of_its_parent(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(PARENT, encoding="utf-8")
    child = read(tmp_path, """
extends: parent.yaml
events: [{id: law, week: 40}, {week: 5, set: {offer.quality: 0.2}}]
expect: [exits >= 0 at end, joins > 1 at week 3]
""")
    assert [(event.id, event.week) for event in child.events] == [
        ("law", 40), ("later", 44), ("", 5)]
    assert child.events[0].set == {"sponsor_bonuses.entry": 0}
    assert list(child.expect) == ["joins > 0 at week 2", "exits >= 0 at end",
                                  "joins > 1 at week 3"]
    assert child.dropped == ()


def test_what_a_child_drops_is_on_record(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(PARENT, encoding="utf-8")
    child = read(tmp_path, "extends: parent.yaml\n"
                 "events: {drop: [later], add: [{week: 5, set: {offer.quality: 0.2}}]}\n"
                 "expect: {drop: busy}\n")
    assert [event.id for event in child.events] == ["law", ""]
    assert child.dropped == ("events: later", "expect: busy")
    alone = read(tmp_path, "extends: parent.yaml\nevents: {replace: []}\nexpect: null\n")
    assert alone.events == alone.expect == ()
    assert len(alone.dropped) == 4
    with pytest.raises(ScenarioError, match="did you mean 'later'"):
        read(tmp_path, "extends: parent.yaml\nevents: {drop: [latter]}\n")


def test_events_are_set_and_changed_by_their_id(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(PARENT, encoding="utf-8")
    plan = load(tmp_path / "parent.yaml", {"law.week": "20", "later.set.offer.quality": "30%"},
                texts=True)
    assert [event.week for event in plan.events] == [20, 24]
    assert plan.events[1].set["offer.quality"] == 0.3
    changed = plan.changed({"law.week": 33, "law.set.sponsor_bonuses.entry": 0.1})
    assert [event.week for event in changed.events] == [33, 37]
    assert resolved(changed)["events.law.set.sponsor_bonuses.entry"] == 0.1
    with pytest.raises(ScenarioError, match=r"did you mean 'law\.week'"):
        load(tmp_path / "parent.yaml", {"laws.week": "20"}, texts=True)


def test_sources_go_with_the_values_they_are_about(tmp_path: Path) -> None:
    child = read(tmp_path, "extends: pyramid\noffer: {list_price: 390, unit_cost: 5}\n")
    assert "offer.list_price" in child.sources, "the same value"
    assert "offer.unit_cost" not in child.sources
    again = read(tmp_path, "extends: pyramid\noffer: {unit_cost: 5}\n"
                 "sources: {offer.unit_cost: our books}\n")
    assert again.sources["offer.unit_cost"] == "our books"
    assert "offer.unit_cost" not in load("pyramid", {"offer.unit_cost": 5}).sources


@pytest.mark.parametrize(("events", "said"), [
    ("[{week: 3}]", "give `set` or `scale`"),
    ("[{set: {offer.quality: 1}}]", "an event says when"),
    ("[{week: 3, every: 4, set: {offer.quality: 1}}]", "give `for`"),
    ("[{week: 3, for: 4, every: 4, over: 1, set: {offer.quality: 1}}]", "must have ended"),
    ("[{week: 3, tied_to: nobody, set: {offer.quality: 1}}]", "there is no event 'nobody'"),
    ("[{week: 3, scale: {offer.quality: 9}}]", "; allowed: a number from 0 to 1"),
    ("[{week: 3, scale: {offer.qality: 2}}]", "did you mean 'offer.quality'"),
    ("[{week: 3, scale: {persons: 2}}]", "fixed before the first week"),
    ("[{id: a b, week: 3, set: {offer.quality: 1}}]", "an id is a word"),
    ("[{id: a, week: 3, set: {offer.quality: 1}}, {id: a, week: 4, set: {offer.quality: 1}}]",
     "used twice"),
    ("[{id: a, tied_to: b, set: {offer.quality: 1}}, {id: b, tied_to: a, set: {offer.quality: 1}}]",
     "in a circle"),
])
def test_each_wrong_event_gets_its_own_answer(tmp_path: Path, events: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, f"extends: pyramid\nevents: {events}\n")
    [problem] = caught.value.problems
    assert said in problem
    assert problem.startswith(str(tmp_path / "mine.yaml:2:"))


def test_texts_in_both_languages(tmp_path: Path) -> None:
    plan = read(tmp_path, """
title: {en: Masks, zh: 面膜}
tiers: [{name: {en: top, zh: 总代}, price: 60, first_order: 100}, {name: 特约, price: 90, first_order: 5}]
""")
    assert (plan.title, text_of(plan.title, "zh"), text_of(plan.title, "en")) == (
        "Masks", "面膜", "Masks")
    assert [text_of(tier.name, "zh") for tier in plan.tiers] == ["总代", "特约"]
    again = pickle.loads(pickle.dumps(plan))
    assert text_of(again.title, "zh") == "面膜"
    assert type(plan).of(plan.given).tiers == plan.tiers
    (tmp_path / "old.yaml").write_text("title: {en: Old, zh: 旧}\n", encoding="utf-8")
    child = read(tmp_path, "extends: old.yaml\ntitle: {en: New}\n")
    assert text_of(child.title, "zh") == "New"
    with pytest.raises(ScenarioError, match="one text a language"):
        read(tmp_path, "title: {fr: Masques}")


def test_an_empty_file_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="says nothing"):
        read(tmp_path, "# only a remark\n")


def test_one_number_of_a_distribution_is_set_whatever_holds_it(tmp_path: Path) -> None:
    assert load("pyramid", {"people.budget.cv": "30%"}, texts=True).people.budget.cv == 0.3
    with pytest.raises(ScenarioError, match=r"--set: people\.credulity\.mean: unknown setting"):
        load("pyramid", {"people.credulity.mean": "0.3"}, texts=True)


def test_a_season_of_need_moves_what_persons_need_and_gives_it_back(tmp_path: Path) -> None:
    from sim.model import MicroCommerce

    plan = read(tmp_path, """
extends: pyramid
persons: 400
weeks: 8
events: [{week: 3, for: 2, every: 4, scale: {people.weekly_need: 1.8}}]
""")
    model = MicroCommerce(plan, rng=1)
    first = model.world.persons.weekly_need.copy()
    shares = []
    for _week in range(8):
        model.step()
        shares.append(float(model.world.persons.weekly_need.sum() / first.sum()))
    assert shares == pytest.approx([1, 1, 1.8, 1.8, 1, 1, 1.8, 1.8], rel=1e-4)
    twice = MicroCommerce(plan.changed({"people.need_scale": 2}), rng=1)
    assert twice.world.persons.weekly_need.sum() == pytest.approx(2 * first.sum(), rel=1e-6)
