"""Feedback loops: each has a switch that cuts it, and their shares add up to what all bring together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.app import outcome
from sim.errors import UsageError
from sim.market.outputs import WEEKLY
from sim.mechanisms.loops import LOOPS
from sim.runs.folder import open_results, resume
from sim.runs.run import run
from sim.scenario import Scenario
from sim.scenario.load import load
from sim.scenario.parameters import find
from sim.studies.loops import live_loops, loops, loops_design, loops_of
from sim.studies.measures import measure
from tests.scenarios import SMALL

OF = "cumulative(joins)"


def market(**settings: Any) -> Any:
    """Return a busy market of 20 weeks."""
    return Scenario.of({**SMALL, "title": {"en": "Busy", "zh": "热闹"}, "weeks": 20, "persons": 400,
                        **settings})


@pytest.fixture(scope="module")
def found() -> Any:
    return loops(market(), OF, seeds=4, combinations=16, workers=1)


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.name)
def test_a_loop_names_columns_and_settings_that_exist(loop: Any) -> None:
    columns = {column.name for column in WEEKLY}
    assert set(loop.path) <= columns
    assert len(loop.path) >= 2
    scenario = load("pyramid")
    for key in loop.off:
        assert find(type(scenario), key) is not None
    cut = scenario.changed(loop.off)
    for key, value in loop.off.items():
        section, _dot, name = key.partition(".")
        assert getattr(getattr(cut, section), name) == value


def test_every_loop_acts_in_some_shipped_scenario_and_is_named_once() -> None:
    assert len({loop.name for loop in LOOPS}) == len(LOOPS)
    acting = {loop.name for name in ("pyramid", "prosumer", "transition")
              for loop in live_loops(load(name))[0]}
    assert acting == {loop.name for loop in LOOPS}


def test_a_loop_that_the_timeline_switches_on_later_acts() -> None:
    assert "product" in live_loops(load("pyramid"))[1]
    assert "product" in {loop.name for loop in live_loops(load("transition"))[0]}


def test_the_shares_of_every_seed_add_up_to_what_all_loops_bring(found: Any) -> None:
    one = measure(OF)
    scenario = market()
    off = {key: value for loop in found.loops for key, value in loop.off.items()}
    for column, seed in enumerate(found.seeds):
        ends = [one.of(run(each, seed=seed).weekly) for each in (scenario.changed(off), scenario)]
        assert found.game.whole[column] == ends[1] - ends[0]
        assert found.game.shares[:, column].sum() == pytest.approx(ends[1] - ends[0])
    assert found.game.whole.any()
    sums = found.by_seed.groupby("seed")["share"].sum()
    assert list(sums) == pytest.approx(list(found.game.whole))


def test_what_is_lost_with_a_loop_cut_alone_is_a_run_without_it(found: Any) -> None:
    place = next(place for place, loop in enumerate(found.loops) if loop.name == "saturation")
    without = run(market().changed(found.loops[place].off), seed=0)
    with_it = run(market(), seed=0)
    one = measure(OF)
    assert found.game.last(place)[0] == one.of(with_it.weekly) - one.of(without.weekly)
    row = found.table.set_index("loop").loc["saturation"]
    assert row["last"] == pytest.approx(found.game.last(place).mean())
    assert row["last"] < 0, "without full circles more people join"
    assert not found.loops[place].grows


def test_few_loops_are_run_in_every_combination_many_in_a_sample() -> None:
    scenario = market()
    count = len(live_loops(scenario)[0])
    every = loops_design(scenario, of=OF, combinations=2 ** count)
    assert len(every.scenarios) == 2 ** count
    assert not every.study["orders"]
    some = loops_design(scenario, of=OF, combinations=2 ** count - 1)
    assert count + 2 <= len(some.scenarios) < 2 ** count
    assert some.study["orders"]
    pairs = {2 ** count - 1 - (1 << one) - (1 << other) for one in range(count) for other in range(one)}
    assert pairs <= set(some.study["masks"])
    tight = loops_design(scenario, of=OF, combinations=count + 3)
    assert not pairs <= set(tight.study["masks"])
    assert every.scenarios[1] == scenario


def test_sentences_say_what_the_tables_hold(found: Any) -> None:
    from sim.studies.measures import said_gap

    told = found.verdicts()
    for row in found.table.to_dict("records"):
        sentence = next(one for one in told if one.startswith(f"{row['loop']}, "))
        assert said_gap(abs(row["share"]), "persons") in sentence or "no change" in sentence
    pairs = found.interactions
    assert pairs["together"].abs().is_monotonic_decreasing
    assert sum("together bring" in one for one in told) == min(5, int(pairs["believed"].sum()))


@pytest.mark.parametrize(("asked", "said"), [
    ({"of": "sell_inn"}, "did you mean"), ({"of": OF, "seeds": 0}, "seed"),
])
def test_mistakes_are_one_sentence(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        loops(market(), **asked)


@pytest.mark.slow
def test_a_folder_is_resumed_and_read_again(found: Any, tmp_path: Path) -> None:
    kept = loops(market(), OF, seeds=4, combinations=16, workers=1, out=tmp_path / "r")
    assert kept.verdicts() == found.verdicts()
    results = open_results(tmp_path / "r")
    assert not results.damage()
    assert loops_of(results).table.equals(kept.table)
    assert resume(tmp_path / "r", workers=1).lived == 0


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_the_command_runs_draws_and_answers(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    market(weeks=8).save(tmp_path / "a.yaml")
    line = ["loops", str(tmp_path / "a.yaml"), "--of", OF, "--seeds", "2", "--combinations", "2",
            "--workers", "1", "--out", str(tmp_path / "r"), "--lang", lang]
    assert outcome([*line, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dry_run"]
    assert outcome([*line, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {row["loop"] for row in answer["table"]} | set(answer["idle"]) == {loop.name for loop in LOOPS}
    assert (tmp_path / "r" / "figures" / "cause_map.png").stat().st_size > 20_000
    assert outcome(line) == 0
    shown = capsys.readouterr()
    assert ("甩货" if lang == "zh" else "dumping") in shown.out
