"""Decisions: plans over the same worlds and luck; every number is recomputed from the runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.cli.app import outcome
from sim.errors import UsageError
from sim.runs.folder import open_results, resume
from sim.studies.conditions import condition
from sim.studies.decide import decide_of
from sim.studies.measures import measure, said, said_gap
from sim.studies.sharing import share_told
from tests.runs import worlds

OF = "cumulative(profit_brand)"
CHECK = "trust_mean at end > 40%"


def small(title: str, **settings: Any) -> Any:
    return worlds.small(title=title, recruiting={"founders": 0.03}, **settings)


PLANS = (small("Plain"), small("Dear", offer={"list_price": 500.0}),
         small("Good", offer={"quality": 0.9, "unit_cost": 60.0}))


@pytest.fixture(scope="module")
def found() -> Any:
    return sim.decide(PLANS, OF, satisfy=[CHECK], vary={"people.weekly_need": (0.05, 0.6)}, worlds=12,
                      workers=1)


def test_regret_is_the_distance_to_the_best_plan_of_the_same_world(found: Any) -> None:
    one = measure(OF)
    by_hand = np.array([[one.of(found.runs.result(plan, seed).weekly) for plan in found.plans]
                        for seed in found.values.index])
    assert (found.values.to_numpy() == by_hand).all()
    regrets = by_hand.max(axis=1, keepdims=True) - by_hand
    table = found.table.set_index("plan").loc[list(found.plans)]
    assert list(table["regret_mean"]) == pytest.approx(list(regrets.mean(axis=0)))
    assert list(table["regret_max"]) == list(regrets.max(axis=0))
    assert list(table["best"]) == pytest.approx(list((regrets == 0).mean(axis=0)))
    assert list(table["worst_tenth"]) == list(np.sort(by_hand, axis=0)[0])
    assert (regrets.min(axis=1) == 0).all()
    assert found.favourite == table["regret_mean"].idxmin() == table["mean"].idxmax()


def test_the_worlds_are_those_of_the_range_and_every_plan_meets_each(found: Any) -> None:
    drawn = found.runs.design.worlds
    needs = [drawn.of(seed)["people.weekly_need"] for seed in range(12)]
    assert min(needs) < 0.15 < 0.5 < max(needs)
    for point in range(3):
        assert [found.runs.design.scenario(point, seed).people.weekly_need for seed in range(12)] == needs


def test_conditions_are_counted_in_the_tables(found: Any) -> None:
    for plan in found.plans:
        met = [found.runs.result(plan, seed).weekly["trust_mean"].iloc[-1] > 0.4
               for seed in found.values.index]
        assert list(found.met[plan]) == met
        assert found.table.set_index("plan").loc[plan, "met"] == pytest.approx(np.mean(met))
    assert list(found.fails) == [not met for met in found.met[found.favourite]]


def test_less_is_better_turns_everything_round() -> None:
    least = sim.decide(PLANS[:2], OF, highest=False, seeds=4, workers=1)
    table = least.table.set_index("plan")
    assert least.favourite == table["mean"].idxmin()
    assert table.loc["Plain", "worst_tenth"] == least.values["Plain"].max()
    assert least.box is None  # no worlds, no part of them
    assert "4 seeds" in least.verdicts()[0]


def test_sentences_say_what_the_table_holds(found: Any) -> None:
    told = found.verdicts()
    for row in found.table.to_dict("records"):
        sentence = next(one for one in told if one.startswith(f"{row['meaning']}: "))
        for name in ("mean", "worst_tenth"):
            assert said(row[name], "fen") in sentence
        for name in ("regret_mean", "regret_max"):
            assert said_gap(row[name], "fen") in sentence
        assert f"best in {100 * row['best']:.0f}%" in sentence
        assert f"conditions in {100 * row['met']:.0f}%" in sentence
    rules = [one for one in told if "chosen by" in one or "Every rule" in one]
    assert len(rules) == len(set(found.choices().values()))


def test_a_share_of_a_few_worlds_has_a_wide_interval() -> None:
    sure = share_told(np.ones(10, bool))
    assert (sure.mean, sure.high) == (1.0, 1.0)
    assert sure.low == pytest.approx(0.692, abs=0.001)


@pytest.mark.parametrize(("text", "said_"), [
    ("weeks_of_supplies at end < 8", "weeks_of_supply"), ("lots", "write such as"),
    ("share(resellers.profit < 0) <= many", "write such as"),
])
def test_conditions_that_cannot_be_understood_are_refused(text: str, said_: str) -> None:
    with pytest.raises(UsageError, match=said_):
        condition(text)


def test_a_condition_may_be_about_the_resellers(found: Any) -> None:
    asked = condition("share(resellers.profit < 0) <= 30%")
    for run in found.runs.done[:4]:
        resellers = found.runs.table_of_run(run, "resellers")
        assert asked.holds(found.runs, run) == ((resellers["profit"] < 0).mean() <= 0.3)


def test_one_plan_is_no_choice() -> None:
    with pytest.raises(UsageError, match="at least two plans"):
        sim.decide(PLANS[:1], OF)


def test_a_folder_is_resumed_and_read_again(found: Any, tmp_path: Path) -> None:
    kept = sim.decide(PLANS, OF, satisfy=[CHECK], vary={"people.weekly_need": (0.05, 0.6)}, worlds=12,
                      workers=1, out=tmp_path / "r")
    assert kept.verdicts() == found.verdicts()
    assert not open_results(tmp_path / "r").damage()
    assert decide_of(open_results(tmp_path / "r")).table.equals(kept.table)
    assert resume(tmp_path / "r", workers=1).lived == 0


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_the_command_decides_draws_and_answers(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for plan in PLANS:
        files.append(str(plan.save(tmp_path / f"{plan.title}.yaml")))
    line = ["decide", *files, "--vary", "people.weekly_need=0.05:0.6", "--worlds", "5", "--satisfy", CHECK,
            "--workers", "1", "--out", str(tmp_path / "r"), "--lang", lang]
    assert outcome([*line, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 15
    assert outcome([*line, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["favourite"] in {"Plain", "Dear", "Good"}
    assert len(answer["regrets"]) == 5
    assert (tmp_path / "r" / "figures" / "decision.png").stat().st_size > 20_000
    assert outcome(line) == 0
    assert ("最差" if lang == "zh" else "worst tenth") in capsys.readouterr().out


def test_plans_are_called_by_their_titles_in_the_language_that_is_spoken() -> None:
    from sim.texts import speaking
    from sim.views.decision import decision

    plans = [small(persons=200, weeks=4, title={"en": "Fair", "zh": "公平"}),
             small(persons=200, weeks=4, title={"en": "Dear", "zh": "昂贵"}, offer={"list_price": 500.0})]
    with speaking("en"):
        found = sim.decide(plans, seeds=3, workers=1)
        assert found.table["meaning"].tolist()
        assert any(one.startswith("Fair: ") for one in found.verdicts())
    with speaking("zh"):
        told = " ".join(found.verdicts())
    assert "公平：" in told
    assert "Fair" not in told
    names = [one.get_text() for one in decision(found, lang="zh").get_yticklabels()]
    assert sorted(names) == sorted(["公平", "昂贵"])
