"""Ladders: from one scenario to another, and what each group of settings is worth on the way."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli.app import outcome
from sim.errors import UsageError
from sim.regimes.week import WEEK
from sim.runs.folder import open_results, resume
from sim.runs.many import run_many
from sim.runs.run import run
from sim.scenario.load import load
from sim.scenario.resolved import differences
from sim.scenario.schema import Scenario
from sim.studies.changing import GROUPS, changes_between
from sim.studies.ladder import ladder, ladder_of
from sim.studies.measures import measure
from tests.runs import worlds
from tests.runs.worlds import TIERS

OF = "cumulative(sell_in)"


def small(**settings: Any) -> Any:
    """Return a small market with enough founders to move something."""
    return worlds.small(recruiting={"founders": 0.03}, **settings)


def better(**settings: Any) -> Any:
    """Return a scenario that differs from the small one in three groups."""
    return small(title={"en": "Better", "zh": "更好"}, offer={"quality": 0.9, "list_price": 500.0},
                 tiers=[{**TIERS[0], "first_order": 100}, TIERS[1]], **settings)


@pytest.fixture(scope="module")
def found() -> Any:
    return ladder(small(), better(), OF, seeds=5, workers=1)


def test_the_steps_of_every_seed_add_up_to_its_whole_difference(found: Any) -> None:
    one = measure(OF)
    assert found.game.whole.any()
    for column, seed in enumerate(found.seeds):
        ends = [one.of(run(scenario, seed=seed).weekly) for scenario in (small(), better())]
        assert found.steps[:, column].sum() == ends[1] - ends[0]
        assert found.game.shares[:, column].sum() == pytest.approx(ends[1] - ends[0])
    sums = found.by_seed.groupby("seed")["step"].sum()
    assert list(sums) == list(found.game.whole)


def test_a_rung_is_the_first_plan_with_those_settings_changed(found: Any) -> None:
    assert [change.name for change in found.parts] == ["product", "price", "ladder"]
    dearer = run(small(offer={"list_price": 500.0}), seed=2)
    assert found.game.values[0b010][2] == measure(OF).of(dearer.weekly)
    assert list(found.table["settings"]) == ["offer.quality", "offer.list_price", "tiers"]
    assert found.table["alone"][1] == pytest.approx(np.mean(found.game.alone(1)))
    assert found.table["step"].sum() == pytest.approx(found.game.whole.mean())


@pytest.mark.parametrize(("one", "other"), [
    ("pyramid", "prosumer"), ("prosumer", "pyramid"), ("transition", "prosumer"),
    ("pyramid", "transition"), ("benign_wholesale", "channel_conflict")])
def test_all_changes_together_make_the_other_plan(one: str, other: str) -> None:
    first, last = load(one), load(other)
    if first.order() != last.order():
        pytest.skip("other rules of the week")
    changes = changes_between(first, last)
    full = 2 ** len(changes.each) - 1
    assert changes.scenario(full, "") is last
    # The same by settings alone, which is what rungs just below the top are made of.
    settings = {path: value for change in changes.each for path, value in change.settings.items()}
    made = changes._made(settings, last.title)
    left = {name.partition(".")[0] for name, _a, _b in differences(made, last)}
    assert left <= {"title", "regime", "rules", "expect", "dropped", "events"}
    for week in range(1, last.weeks + 1):
        assert dataclasses.replace(made.at(week), regime="") == \
            dataclasses.replace(last.at(week), regime="")


def test_settings_that_belong_together_change_together() -> None:
    changes = changes_between(load("pyramid"), load("prosumer"))
    by_name = {change.name: set(change.settings) for change in changes.each}
    assert by_name["pressure"] == {"controls.stock_pressure"}
    assert by_name["openness"] == {"controls.information_asymmetry"}
    assert by_name["ladder"] == {"tiers"}
    assert {"sponsor_bonuses.entry", "recruiting.approaches"} <= by_name["recruiting"]
    assert len({group.name for group in GROUPS}) == len(GROUPS)
    sections = {setting.partition(".")[0] for group in GROUPS for setting in group.settings}
    assert sections <= set(Scenario.model_fields)
    only = changes.scenario(1 << list(by_name).index("openness"), "x")
    assert only.controls.information_asymmetry == 0.1
    assert only.controls.stock_pressure == 1.0
    assert only.settings().rule("word_of_mouth").openness == \
        load("prosumer").settings().rule("word_of_mouth").openness


def test_the_given_order_is_that_of_the_caller() -> None:
    changes = changes_between(small(), better(), ["ladder", "price"])
    assert [change.name for change in changes.each] == ["ladder", "price", "product"]


@pytest.mark.parametrize(("other", "order", "said"), [
    (small(), None, "same settings"),
    (better(), ["luck"], "'luck' is not a group in which the two differ; these are: product"),
    (better(), ["price", "price"], "twice"),
    (small(rules={"week": ["consumption", "selling"]}), None, "different rules"),
])
def test_mistakes_are_one_sentence(other: Any, order: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        changes_between(small(), other, order)


def test_sentences_say_what_the_table_holds(found: Any) -> None:
    from sim.studies.measures import said_gap

    told = found.verdicts()
    steps = [sentence for sentence in told if sentence[:2] in ("1.", "2.", "3.")]
    for row, sentence in zip(found.table.to_dict("records"), steps, strict=True):
        assert row["meaning"] in sentence
        assert said_gap(abs(row["step"]), "units") in sentence or "no change" in sentence
    strongest = found.table.loc[found.table["alone"].abs().idxmax()]
    if any("made alone" in sentence for sentence in told):
        assert any(str(strongest["meaning"]) in sentence for sentence in told if "made alone" in sentence)


def test_a_folder_is_found_again_resumed_and_read(found: Any, tmp_path: Path) -> None:
    kept = ladder(small(), better(), OF, seeds=5, workers=1, out=tmp_path / "r")
    assert kept.verdicts() == found.verdicts()
    assert not open_results(tmp_path / "r").damage()
    assert resume(tmp_path / "r", workers=1).lived == 0
    assert ladder(small(), better(), OF, seeds=5, workers=1, out=tmp_path / "r").runs.lived == 0
    again = ladder_of(open_results(tmp_path / "r"))
    assert again.table.equals(kept.table)
    others = run_many(small(), 1, workers=1)
    with pytest.raises(UsageError, match="not those of a ladder"):
        ladder_of(others)


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_the_command_runs_draws_and_answers(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small().save(tmp_path / "a.yaml")
    better().save(tmp_path / "b.yaml")
    line = ["ladder", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "--of", OF, "--seeds", "4",
            "--orders", "2", "--workers", "1", "--out", str(tmp_path / "r"), "--lang", lang]
    assert outcome([*line, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 4 * 8
    assert not (tmp_path / "r").exists()
    assert outcome([*line, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["table"]) == 3
    assert len(answer["by_seed"]) == 12
    for name in ("waterfall.png", "waterfall.svg"):
        assert (tmp_path / "r" / "figures" / name).stat().st_size > 10_000
    assert (tmp_path / "r" / "ladder.csv").exists()
    assert outcome(line) == 0
    shown = capsys.readouterr()
    assert ("标价" if lang == "zh" else "the list price") in shown.out


def test_every_rule_of_the_week_is_in_a_group() -> None:
    grouped = {setting.partition(".")[0] for group in GROUPS for setting in group.settings}
    # What people use up has no settings of a plan.
    assert {rule.name() for rule in WEEK} - grouped <= {"consumption"}


TURNING = [
    {"id": "crackdown", "week": 9, "set": {"recruiting.approaches": 0}},
    {"id": "turn", "week": 5, "set": {"regime": "prosumer", "reseller_conversion.rate": 0.2}},
    {"id": "open", "tied_to": "turn", "over": 4, "set": {
        "controls.information_asymmetry": 0.1, "controls.stock_pressure": 0}},
    {"id": "sale", "week": 3, "for": 2, "every": 6, "scale": {"offer.list_price": 0.8}},
]


def test_what_an_event_sets_is_taken_apart_like_other_settings() -> None:
    plan, turned = small(weeks=14, events=TURNING[:1]), small(weeks=14, events=TURNING)
    changes = changes_between(plan, turned)
    groups = {change.name: dict(change.settings) for change in changes.each}
    assert groups["price"] == {"sale.scale.offer.list_price": 0.8}
    assert groups["openness"] == {
        "turn.set.controls.information_asymmetry": 0.1, "open.set.controls.information_asymmetry": 0.1}
    assert groups["pressure"] == {
        "turn.set.controls.stock_pressure": 0.0, "open.set.controls.stock_pressure": 0}
    assert groups["leaving"] == {"turn.set.reseller_conversion.rate": 0.2}
    assert groups["rewards"] == {
        "turn.set.referral.invitation": 0.05, "turn.set.referral.founders": 0.005}
    assert "timeline" not in groups
    place = [change.name for change in changes.each].index("price")
    cheaper = changes.scenario(1 << place, "cheaper")
    assert [event.id for event in cheaper.events] == ["crackdown", "sale"]
    whole = {key: value for change in changes.each for key, value in change.settings.items()}
    made = run(changes._made(whole, turned.title), seed=3).weekly
    assert made.equals(run(turned, seed=3).weekly)
    assert not made.equals(run(plan, seed=3).weekly)


def test_an_event_that_both_have_is_one_change_of_the_timeline() -> None:
    later = [{**event, "week": 8} if event["id"] == "turn" else event for event in TURNING]
    changes = changes_between(small(weeks=14, events=TURNING), small(weeks=14, events=later))
    assert [change.name for change in changes.each] == ["timeline"]


def test_the_steps_of_a_plan_with_events_add_up() -> None:
    plan, turned = small(weeks=14, events=TURNING[:1]), small(weeks=14, events=TURNING)
    way = ladder(plan, turned, OF, seeds=2, orders=2, workers=1)
    for column, seed in enumerate(way.seeds):
        ends = [measure(OF).of(run(one, seed=seed).weekly) for one in (plan, turned)]
        assert way.steps[:, column].sum() == ends[1] - ends[0] != 0
