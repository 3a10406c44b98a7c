"""Mistakes that were once answered with a wrong word, late, or not at all: one good sentence each, exit 2."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import outcome
from sim.texts import use_language

FILES = {
    "plan.yaml": "extends: transition\npersons: 800\nweeks: 60\nexpect: [sell_in >= 0 at week 40]\n",
    "untied.yaml": "extends: plan.yaml\nevents: {drop: [转型]}\n",
    "empty.yaml": "extends: plan.yaml\nevents: []\n",
    "study.yaml": "scenario: transition\nlevers: {offer.list_price: [100 CNY, 200 CNY]}\n",
    "tabled.yaml": "scenario: pyramid\ntable: points.csv\n",
    "grid.yaml": "scenario: pyramid\ntable: points.csv\nsampling: grid\nlevers: {offer.quality: [0, 1]}\n",
    "points.csv": "offer.list_price,controls.stock_pressure\n100元,0.5\n一百,0.5\n120元\n",
    "late.yaml": "extends: pyramid\nevents: [{week: 200000, set: {offer.unit_cost: 3}}]\n",
    "traits.yaml": "extends: pyramid\npeople: {aspiration: {dist: lognormal, mean: 1e12, cv: 0.5}, "
                   "credulity: {dist: uniform, low: 0.9, high: 0.1}}\n",
    "results/plan-0a1b2c3d/design.json": "{}",
    "history.csv": "month,resellers\n2024-01,20\n2024-02,21\n",
}


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    for name, text in FILES.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    yield
    use_language("en")


@pytest.mark.parametrize(("typed", "answers"), [
    # A child that leaves something out says so where it does.
    ("check untied.yaml", ["untied.yaml:2:17: events: '开放' is tied to '转型', which is dropped here",
                           "{id: 开放, week: 20}", "1 problem"]),
    ("check empty.yaml", ["empty.yaml:2:9: events: an empty list leaves what the parent has as it is "
                          "(转型, 开放)", "`events: {drop: all}`"]),
    # Paths into events and checks.
    ("check plan.yaml --set events.转型.wek=10", ["did you mean '转型.week'?"]),
    ("check plan.yaml --set events.没有.week=3", ["the events here: 转型, 开放"]),
    ("check plan.yaml --set expect.0.check=5", ["a check is one text: expect.0='sell_in"]),
    ("check plan.yaml --set expect.7=x", ["there is one entry, number 0"]),
    ("check late.yaml", ["events.0.week: found 200000; allowed: a whole number from 1 to 100000 (weeks)",
                         "1 problem"]),
    # A study where a scenario is wanted, and the other way round.
    ("run study.yaml", ["study.yaml: this is a study, not a scenario", "weishang sweep study.yaml"]),
    ("compare study.yaml pyramid", ["this is a study"]),
    ("diff pyramid study.yaml", ["this is a study"]),
    ("describe --resolved study.yaml", ["this is a study"]),
    ("sweep plan.yaml", ["plan.yaml: this is a scenario; to vary its settings write --vary"]),
    # Every bad cell of a table, with its line.
    ("check tabled.yaml", ["points.csv:3:1: offer.list_price: found '一百': write the number in digits",
                           "points.csv:4:1: 1 value, where the first line names 2 settings", "2 problems"]),
    ("check grid.yaml", ["grid.yaml:2:1: table: is read where sampling is table, and not where it is grid"]),
    # Traits beyond what persons can have were cut off in silence.
    ("check traits.yaml", ["people.aspiration.mean: found 1000000000000.0; allowed: a number from 1 to "
                           "1000000 (CNY a week)",
                           "credulity.high: found 0.1; not below `low`, which is 0.9"]),
    ("check pyramid --set people.trust=7", ["people.trust: found 7; allowed: a number from 0 to 1 (share)"]),
    # What a study asks for is read before it is said how long it takes.
    ("sensitivity plan.yaml --vary offer.quality=0:1 --measure cumulativ(profit_brand) --dry-run",
     ["unknown function 'cumulativ'; did you mean 'cumulative'?"]),
    ("optimise plan.yaml --vary offer.quality=0:1 --measure 品牌利閏 --dry-run",
     ["unknown column '品牌利閏'; did you mean '品牌利润'?"]),
    ("optimise plan.yaml --vary offer.quality=0.5 --measure brand_profit --dry-run",
     ["offer.quality: this study needs a range"]),
    ("tipping plan.yaml --vary offer.quality=0:1 --when 'active_resellers > 3 at end' --dry-run",
     ["unknown column 'active_resellers'; did you mean 'resellers_active'?"]),
    ("tipping plan.yaml --vary offer.quality=0.5 --when 'sell_in > 3 at end' --dry-run", ["needs a range"]),
    ("pilot plan.yaml prosumer --pilot-measure sel_in --pilot-persons 80 --dry-run",
     ["did you mean 'sell_in'?"]),
    ("pilot plan.yaml prosumer --pilot-weeks 90 --dry-run", ["must not be larger or longer"]),
    ("sweep plan.yaml --vary offer.quality=0,1 --measure nothing --dry-run", ["unknown column 'nothing'"]),
    ("compare plan.yaml prosumer --measure trust --precision 1%@profit --dry-run",
     ["measure 'profit': unknown column 'profit'; did you mean 'brand_profit'?"]),
    ("compare plan.yaml prosumer --measure brand_profit --measure 品牌利润 --dry-run",
     ["the same measure is given twice"]),
    ("sweep plan.yaml --vary offer.list_price=120:180:1 --dry-run",
     ["offer.list_price: points is a whole number from 2 to 10,000"]),
    ("compare plan.yaml prosumer --confidence 95", ["confidence is a share from 0.5 to below 1"]),
    ("calibrate plan.yaml --dry-run", ["there is no target; write --target"]),
    ("calibrate plan.yaml --target 'loss_shar at end=70%' --dry-run", ["did you mean 'loss_share'?"]),
    ("calibrate plan.yaml --target 'loss_share at end=viel' --dry-run", ["'viel' is no figure"]),
    ("calibrate plan.yaml --history history.csv --dry-run",
     ["write resellers_active for all tiers, resellers@TIER for one"]),
    # Words of other commands and tools.
    ("tipping plan.yaml --vary offer.quality=0:1 --measure profit", ["did you mean '--when"]),
    ("ladder plan.yaml prosumer --measure nothing --dry-run", ["unknown column 'nothing'"]),
    ("simulate plan.yaml", ["did you mean 'run'?"]),
    ("sensitivity plan.yaml --vary offer.quality=0:1", ["Missing option '--measure': Such as"]),
    ("report results/plan", ["there is no results folder results/plan; did you mean "
                             "'results/plan-0a1b2c3d'?"]),
    ("status plan-0a1b2c", ["did you mean 'results/plan-0a1b2c3d'?"]),
    ("forecast fit", ["there are: results/plan-0a1b2c3d"]),
    ("explain plan.yaml", ["plan.yaml is a file; a folder of results is wanted"]),
    ("new nowhere/mine.yaml", ["there is no folder nowhere; make it first"]),
])
def test_a_mistake_is_answered_in_one_good_sentence(
    typed: str, answers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = shlex.split(typed)
    assert outcome(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    said = " ".join(shown.err.split())
    for answer in answers:
        assert answer in said, shown.err
    assert "fault of the program" not in said
    assert outcome([*arguments, "--lang", "zh"]) == 2
    chinese = capsys.readouterr().err
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert re.search(r"\b(found|this|write|needs|allowed|there|unknown)\b", chinese) is None


def test_why_a_file_is_refused_is_said_in_the_language_of_the_reader(
    capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["calibrate", "plan.yaml", "--history", "none.csv", "--lang", "zh"]) == 3
    assert "没有这个文件或文件夹" in capsys.readouterr().err


def test_a_study_that_is_checked_says_which_settings_events_set_again(
    capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["check", "study.yaml"]) == 0
    assert "offer.list_price holds only in weeks 1 to 51" in capsys.readouterr().err


def test_nobody_and_few_who_begin_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["check", "pyramid", "--set", "persons=500"]) == 0
    assert "0.08% of 500 persons is nobody, so nobody begins to sell" in capsys.readouterr().err
    assert outcome(["check", "pyramid", "--set", "persons=5000", "--set", "recruiting.founders=3人"]) == 0
    assert "3 of 5,000 persons (0.06%); with so few founders" in capsys.readouterr().err


def test_plans_of_one_title_are_told_apart_by_their_files(capsys: pytest.CaptureFixture[str]) -> None:
    from sim.runs.design import Design
    from sim.scenario.load import load

    Path("other.yaml").write_text("extends: plan.yaml\noffer: {quality: 0.9}\n", encoding="utf-8")
    design = Design.of(["plan.yaml", "other.yaml", "prosumer"], 2)
    assert design.labels[:2] == ("Transition (1.0 to 2.0) (plan)", "Transition (1.0 to 2.0) (other)")
    assert design.called("zh") == ("转型（1.0 到 2.0）(plan)", "转型（1.0 到 2.0）(other)", "产消者（2.0）")
    assert design.called("en") == design.labels
    plan = load("plan.yaml")
    assert Design.of([plan, plan.changed({"offer.quality": 0.9})], 2).labels == (
        "Transition (1.0 to 2.0)", "Transition (1.0 to 2.0) (2)")


def test_long_messages_are_wrapped_where_somebody_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.cli import options
    from sim.texts.wrapping import width_of

    long = "plan.yaml:1:1: persons: " + "found a number that is too large; " * 5
    excerpt = "    1 | " + "x" * 90
    assert options.on_screen(long) == long
    monkeypatch.setattr(options.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    lines = options.on_screen(f"{long}\n{excerpt}").split("\n")
    assert lines[-1] == excerpt
    assert len(lines) > 3
    assert all(width_of(line) <= 80 for line in lines[:-1])
    assert all(line.startswith("  ") for line in lines[1:-1])
