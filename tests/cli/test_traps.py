"""What a user may not see is said: dropped events, other settings, missed precision, wrong names."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import COMMANDS, outcome
from sim.errors import pip_install
from sim.scenario.load import load
from sim.scenario.resolved import differences
from sim.texts import use_language

SMALL = ("--persons", "300", "--weeks", "8", "--workers", "1")


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    use_language("en")


@pytest.mark.parametrize(("typed", "meant"), [("rnu", "run"), ("comapre", "compare")])
def test_an_unknown_command_gets_the_nearest(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome([typed]) == 2
    assert f"did you mean '{meant}'?" in capsys.readouterr().err


def test_an_extra_is_asked_for_by_the_pip_in_use() -> None:
    python, *rest = shlex.split(pip_install("weishang[studies]"))
    assert python == sys.executable
    assert rest == ["-m", "pip", "install", "weishang[studies]"]


@pytest.mark.parametrize("parent", ["transition", "crackdown", "plan.yaml"])
def test_new_writes_out_what_it_inherits(parent: str) -> None:
    Path("plan.yaml").write_text("""
extends: pyramid
calendar: {first_week: 2025-01-06}
events:
  - {at: 2025-11-03, for: 3 weeks, every: 52 weeks, scale: {people.weekly_need: 1.8}, note: 双十一}
  - {week: 60, set: {offer.list_price: 100 CNY}, note: "cheaper: 100"}
expect: [sell_in >= sell_through at week 40, {id: x, check: loss_share at end > 50%}]
""", encoding="utf-8")
    assert outcome(["new", "mine.yaml", "--from", parent]) == 0
    text = Path("mine.yaml").read_text(encoding="utf-8")
    theirs, mine = load(parent), load("mine.yaml")
    assert {name for name, _a, _b in differences(theirs, mine)} == {"title"}
    assert "\nevents:\n" in text
    # An event of your own at the end of the list leaves the inherited ones where they are.
    lines = text.splitlines()
    last = max(at for at, line in enumerate(lines) if line.startswith("  ") and at < next(
        at for at, line in enumerate(lines) if line.startswith("# Reality checks")))
    indent = "    " if "  replace:" in text else "  "
    lines.insert(last + 1, f"{indent}- {{week: 9, set: {{offer.unit_cost: 1 CNY}}}}")
    Path("mine.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert len(load("mine.yaml").events) == len(theirs.events) + 1


def test_diff_and_compare_say_what_a_child_drops(capsys: pytest.CaptureFixture[str]) -> None:
    Path("free.yaml").write_text("extends: crackdown\nevents: {drop: 监管}\n", encoding="utf-8")
    assert outcome(["diff", "crackdown", "free.yaml"]) == 0
    shown = capsys.readouterr()
    assert "leaves out what its parent has: events: 监管" in shown.err
    assert "events.监管.week" in shown.out
    assert outcome(["compare", "crackdown", "free.yaml", "--seeds", "2", *SMALL]) == 0
    shown = capsys.readouterr()
    assert "free.yaml differs from crackdown in" in shown.out
    assert shown.out.index("events.监管.week") < shown.out.index("identical in every measure")
    assert "leaves out what its parent has" in shown.err


def test_a_comparison_that_misses_its_precision_says_so(
    capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ("compare", "pyramid", "prosumer", "--seeds", "2", *SMALL,
              "--precision", "0.01%@cumulative(sell_through)", "--most-seeds", "3")
    assert outcome([*wanted]) == 1
    assert "the wanted precision was not reached with 3 seeds" in capsys.readouterr().err
    assert outcome([*wanted, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reached"] is False


def test_a_study_says_that_an_event_sets_its_setting_again(
    capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["sweep", "transition", "--vary", "controls.stock_pressure=0,1", "--persons",
                    "200", "--weeks", "60", "--workers", "1"]) == 0
    told = capsys.readouterr().err
    assert "controls.stock_pressure holds only in weeks 1 to 51" in told
    assert "开放.set.controls.stock_pressure" in told


def test_events_are_varied_by_their_id_ties_included() -> None:
    from sim.studies.plans import varied

    week, share = varied("transition", ["转型.week=20:80", "转型.set.reseller_conversion.buy_back=0:30%:4"])
    assert (week.low, week.high) == (20, 80)
    assert share.values == pytest.approx((0.0, 0.1, 0.2, 0.3))
    moved = load("transition").changed({week.key: 33})
    assert [event.week for event in moved.events] == [33, 33], "what is tied moves along"


def test_parents_may_lie_anywhere_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("plans", "base"):
        Path(name).mkdir()
    Path("base/b.yaml").write_text("extends: pyramid\npersons: 900\n")
    Path("plans/c.yaml").write_text("extends: ../base/b.yaml\n")
    assert load("plans/c.yaml").persons == 900, "the folder in which weishang was started"
    monkeypatch.chdir(tmp_path / "plans")
    assert outcome(["check", "c.yaml"]) == 2
    (tmp_path / "pyproject.toml").write_text("")
    assert load("c.yaml").persons == 900, "the folder that is marked as a project"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_a_comparison_fits_80_columns(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.scenario.problems import width_of

    monkeypatch.setenv("COLUMNS", "80")
    assert outcome(["compare", "pyramid", "prosumer", "--seeds", "3", *SMALL, "--lang", language]) == 0
    out = capsys.readouterr().out
    assert all(width_of(line) <= 80 for line in out.splitlines() if "results/" not in line)
    assert "network" not in out
    assert outcome(["run", "pyramid", "prosumer", *SMALL, "--lang", language, "--figures", "none",
                    ]) == 0
    out = capsys.readouterr().out
    assert all(width_of(line) <= 80 for line in out.splitlines() if "results/" not in line)
    assert ("网络" in out or "network (" in out) is False


def test_the_report_says_what_is_left_out_and_which_checks_failed() -> None:
    Path("free.yaml").write_text(
        "extends: crackdown\nevents: {drop: 监管}\nexpect: [sell_in < 0 at end, sell_in >= 0 at end]\n",
        encoding="utf-8")
    assert outcome(["run", "free.yaml", *SMALL, "--out", "r", "--figures", "none", "-q"]) == 1
    assert outcome(["report", "r"]) == 0
    page = Path("r/report.html").read_text("utf-8")
    assert "leaves out what its parent has: events: 监管" in page
    first, second = page.index("sell_in &lt; 0 at end"), page.index("sell_in &gt;= 0 at end")
    assert "does not hold" in page[first:second]
    assert "does not hold" not in page[second:second + 200]


@pytest.mark.parametrize("command", [
    "sensitivity pyramid --vary offer.quality=0.2:0.9 --measure 'trust_mean at end'",
    "tipping pyramid --vary offer.quality=0.2:0.9 --when 'trust_mean at end > 50%'",
    "optimise pyramid --vary offer.quality=0.2:0.9 --measure 'trust_mean at end'",
    "calibrate pyramid --vary offer.quality=0.2:0.9 --target 'trust_mean at end=50%'",
    "pilot pyramid prosumer --vary offer.quality=0.2:0.9 --pilot-weeks 4 --pilot-persons 100",
])
def test_a_search_says_beforehand_what_it_takes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome([*shlex.split(command), *SMALL, "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["dry_run"]
    assert found["runs"] >= 50
    assert not list(Path().iterdir())


def test_a_dry_run_says_what_an_event_sets_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--persons", "800", "--dry-run", "--lang", "en"]
    again = "holds only in weeks 1 to 51: event '转型' sets it again"
    for command in (
        ["sweep", "transition", "--vary", "offer.list_price=200:400:3", "--seeds", "2", *small],
        ["run", "transition", "--set", "offer.list_price=250", *small],
        ["compare", "pyramid", "transition", "--set", "offer.list_price=250", *small],
        ["tipping", "transition", "--vary", "offer.list_price=200:400", "--when", "trust_mean at end > 40%",
         *small],
    ):
        assert outcome(command) == 0, command
        said = capsys.readouterr()
        assert said.err.count(again) == 1, command
        assert "nothing was run" in said.out
    study = tmp_path / "study.yaml"
    study.write_text("scenario: pyramid\nvary: {offer.quality: [0.1, 0.9]}\n", "utf-8")
    assert outcome(["sweep", str(study), "--lang", "en"]) == 2
    assert "vary: unknown setting; did you mean 'levers'?" in capsys.readouterr().err


def test_a_latin_hypercube_says_why_it_does_not_grow_in_its_folder(
    capsys: pytest.CaptureFixture[str]
) -> None:
    grown = ["sweep", "pyramid", "--vary", "offer.quality=0.2:0.9", "--seeds", "1", "--out", "grown",
             *SMALL]
    assert outcome([*grown, "--samples", "2"]) == 0
    capsys.readouterr()
    assert outcome([*grown, "--samples", "4"]) == 3
    assert "Latin-hypercube samples cannot grow" in " ".join(capsys.readouterr().err.split())


def test_sobol_grows_in_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    grown = ["sweep", "pyramid", "--vary", "offer.quality=0.2:0.9", "--sampling", "sobol", "--seeds",
             "1", *SMALL]
    assert outcome([*grown, "--samples", "2", "--out", "grown"]) == 0
    old = Path("grown/runs.journal").read_bytes()
    assert outcome([*grown, "--samples", "4", "--out", "grown"]) == 0
    # What was there is kept, and only the two new runs are lived.
    new = Path("grown/runs.journal").read_bytes()
    assert new.startswith(old)
    assert new.count(b'"kind":"run"') == 4
    assert outcome([*grown, "--samples", "4", "--out", "whole"]) == 0
    assert Path("grown/weekly.csv").read_bytes() == Path("whole/weekly.csv").read_bytes()
    # Fewer points than there are, or several plans, are another study.
    capsys.readouterr()
    assert outcome([*grown, "--samples", "2", "--out", "grown"]) == 3
    assert "a folder grows only by points after those" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("arguments", [
    ("check", "child.yaml", "--strict"), ("run", "child.yaml", "--seeds", "1", "--dry-run"),
    ("describe", "pyramid"), ("ladder", "pyramid", "pyramid"), ("status", "pyramids")])
def test_names_are_in_the_language_of_the_reader(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("child.yaml").write_text("extends: pyramid\noffer: {list_price: 150}\n")
    if arguments[0] == "status":
        outcome(["run", "pyramid", "--out", "pyramids", "--quiet", "--seeds", "1", *SMALL])
        capsys.readouterr()
    outcome([*arguments, "--lang", "zh"])
    told = capsys.readouterr()
    whole = told.out + told.err
    assert "层级压货" in whole or "特约" in whole
    assert "Pyramid" not in whole
    assert "Special agent" not in whole


@pytest.mark.parametrize("written", ["2,000", "1,500件"])
def test_a_comma_of_thousands_inside_braces_is_explained(
    written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("comma.yaml").write_text(
        f"extends: pyramid\ntiers:\n  - {{name: Top, price: 60, first_order: {written}, quota: 9}}\n")
    assert outcome(["check", "comma.yaml"]) == 2
    assert "inside { } a comma ends a value" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "No such option '--person'; did you mean '--persons'?"),
    ("zh", "没有选项 '--person'；是不是想写“--persons”？")])
def test_an_unknown_option_gets_the_nearest_in_the_language_of_the_reader(
    lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["run", "pyramid", "--person", "400", "--lang", lang]) == 2
    assert capsys.readouterr().err.rstrip().endswith(said)


@pytest.mark.parametrize(("written", "said"), [
    ("persons=2 000", "write thousands in one piece: 2000"),
    ("persons=2,000 人", "write thousands in one piece: 2000 人"),
    ("persons=2_000", "write thousands in one piece: 2000"),
    ("offer.quality=0,6", "write one number, with a point before decimals"),
    ("offer.quality=五成", "write the number in digits"),
    ("offer.quality=6成", "write tenths as a percentage"),
    ("weeks=半年", "write the number in digits"),
])
def test_a_number_that_is_not_understood_is_answered_with_how_to_write_it(
    written: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["check", "pyramid", "--set", written]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("written", "meant"), [
    ("persons=2\u2009000", 2000), ("persons=2\u202f000\u00a0人", 2000), ("persons=1.5万人", 15_000),
    ("persons=1e3", 1000), ("offer.list_price=¥198", 198.0), ("offer.list_price=RMB 198", 198.0),
    ("offer.unit_cost=12块", 12.0), ("weeks=24个月", 104), ("weeks=1\u2009年", 52)])
def test_quantities_are_read_as_people_write_them(written: str, meant: float) -> None:
    path, _is, text = written.partition("=")
    found = load("pyramid").changed({path: text}, texts=True)
    section, _dot, name = path.partition(".")
    assert getattr(getattr(found, section), name) == meant if name else getattr(found, section) == meant


@pytest.mark.parametrize(("lines", "said"), [
    ("events: {delete: [监管]}", "unknown setting; known here: add, drop, replace"),
    ("events: {week: 44, set: {offer.quality: 0.1}}", "start each entry with '- '"),
    ("events: {drop: [监督]}", "there is no such entry in the parent: '监督'"),
])
def test_a_list_laid_on_its_parent_says_its_words(
    lines: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("child.yaml").write_text(f"extends: crackdown\n{lines}\n")
    assert outcome(["check", "child.yaml"]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_check_is_dropped_beside_a_replaced_list() -> None:
    Path("parent.yaml").write_text("extends: pyramid\nexpect: [{id: few, check: loss_share at end > 99%}]\n")
    Path("child.yaml").write_text(
        "extends: parent.yaml\nexpect: {drop: few, replace: [loss_share at end > 1%]}\n")
    child = load("child.yaml")
    assert list(child.dropped) == ["expect: few"]
    assert len(child.expect) == 1


@pytest.mark.parametrize(("said", "answer"), [
    ("crackdown.weeks=9", "did you mean 'crackdown.week'?"),
    ("holiday.week=9", "the events here: crackdown"),
    ("crackdwn.week=9", "did you mean 'crackdown.week'?")])
def test_an_event_of_another_name_is_answered_with_those_there_are(
    said: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.yaml").write_text(
        "extends: pyramid\nevents: [{id: crackdown, week: 9, set: {recruiting.approaches: 0}}]\n")
    assert outcome(["check", "mine.yaml", "--set", said]) == 2
    assert answer in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("word", "found"), [
    ("监管", "crackdown"), ("历史", "template"), ("a roster", "template")])
def test_a_word_finds_scenarios_and_commands(
    word: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["describe", word, "--lang", "zh"]) == 0
    assert found in capsys.readouterr().out


def test_new_says_how_to_start_from_resellers_who_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["new", "mine.yaml", "--lang", "zh"]) == 0
    text = Path("mine.yaml").read_text("utf-8")
    assert "# quota: 全力压货时要求的每月补货量" in text
    # What is commented out is a part of a scenario as it stands.
    part = text[text.index("# start:"):].split("\n\n")[0]
    said = "\n".join(line.removeprefix("# ") for line in part.splitlines())
    Path("mine.yaml").write_text(f"{text}\n{said}\n", "utf-8")
    mine = load("mine.yaml")
    assert [tier.resellers for tier in mine.start.tiers] == [20, 300]
    assert outcome(["describe", "--lang", "zh"]) == 0
    assert "监管打击" in capsys.readouterr().out


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "'监管' is there already; to change it, list it without `add`"),
    ("zh", "“监管”已经有了；要改它，请直接列出、不写 `add`")])
def test_what_is_added_changes_nothing_in_silence(
    lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    added = "{id: 监管, week: 70, set: {offer.quality: 0.3}}"
    Path("child.yaml").write_text(f"extends: crackdown\nevents: {{add: [{added}]}}\n", encoding="utf-8")
    assert outcome(["check", "child.yaml", "--lang", lang]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    Path("child.yaml").write_text(f"extends: crackdown\nevents: [{added}]\n", encoding="utf-8")
    assert [event.week for event in load("child.yaml").events] == [70]
    other = added.replace("监管", "再次监管")
    Path("child.yaml").write_text(f"extends: crackdown\nevents: {{add: [{other}]}}\n", encoding="utf-8")
    assert len(load("child.yaml").events) == 2


@pytest.mark.parametrize(("written", "near", "factor"), [("3天", "1", "x 0.43"), ("10 days", "1", ""),
                                                         ("2个月", "9", "x 0.96")])
def test_a_time_that_is_no_whole_week_is_answered_with_how_to_write_it(
    written: str, near: str, factor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("child.yaml").write_text(
        "extends: pyramid\nevents: [{id: 促销, week: 9, every: 52 周, "
        f"for: {written}, scale: {{people.need_scale: 1.8}}}}]\n", encoding="utf-8")
    assert outcome(["check", "child.yaml"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"write a whole number, such as {near};" in said
    assert ("1 + (k - 1)" in said) == bool(factor)
    assert factor in said
    # What follows from that is not told as another mistake.
    assert "give `for`" not in said
    assert "child.yaml: 1 problem" in said


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_80_columns_and_has_the_colons_of_its_language(
    name: str, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.scenario.problems import width_of

    monkeypatch.setenv("COLUMNS", "80")
    assert outcome([*filter(None, [name]), "--help", "--lang", lang]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if width_of(line) > 80]
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert len(headings) >= 2
    assert all(("：" in line) == (lang == "zh") for line in headings)
    assert not any("： " in line for line in headings)


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "event 'turn' moves numbers over 20 weeks, but regime changes at once, in week 5"),
    ("zh", "事件“turn”让数值在 20 周内逐渐变化，但 regime 在第 5 周一下子改变")])
def test_what_does_not_move_over_weeks_says_so(
    lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "extends: pyramid\nevents: [{id: turn, week: 5, over: 20 weeks, set: {regime: prosumer, " \
        "controls.stock_pressure: 0}}]\n"
    Path("child.yaml").write_text(text)
    assert outcome(["check", "child.yaml", "--lang", lang]) == 0
    assert said in capsys.readouterr().err
    Path("child.yaml").write_text(text.replace("regime: prosumer, ", ""))
    assert outcome(["check", "child.yaml"]) == 0
    assert "at once" not in capsys.readouterr().err


@pytest.mark.parametrize(("bare", "told"), [
    ("price_street_mean < 60 at end", "so 60 is 0.6 yuan; write 60 CNY"),
    ("200 <= cumulative(profit_brand)", "so 200 is 2 yuan; write 200 CNY"),
    ("price_street_mean < 60 CNY at end", ""), ("cumulative(profit_brand) > 0", ""),
    ("cumulative(sell_in) > 60", ""), ("price_street_mean < 0.5 * price_list at end", "")])
def test_money_without_a_unit_is_told(
    bare: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("child.yaml").write_text(f"extends: pyramid\nexpect: ['{bare}']\n")
    assert outcome(["check", "child.yaml"]) == 0
    said = capsys.readouterr().err
    assert ("counts as fen" in said) == bool(told)
    assert told in said
    assert outcome(["tipping", "pyramid", "--vary", "offer.quality=0.2:0.9", "--when", bare, "--dry-run",
                    *SMALL]) == 0
    assert told in capsys.readouterr().err


def test_a_note_about_many_scenarios_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    tiers = "tiers: [{name: Top, price: 60, first_order: 200}]\n"
    names = []
    for number in range(6):
        names.append(f"p{number}.yaml")
        Path(names[-1]).write_text(f"extends: pyramid\n{tiers}offer: {{unit_cost: {20 + number}}}\n")
    assert outcome(["compare", *names, "--dry-run", *SMALL]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "without a quota" in line]
    assert len(told) == 1
    assert "and 2 more: tiers" in told[0]


def test_what_an_event_sets_is_spelt_as_in_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("child.yaml").write_text(
        "extends: pyramid\nevents: [{id: turn, week: 5, set: {controls.stock_pressure: 0, "
        "offer.quality: 45%}}]\n")
    assert outcome(["diff", "pyramid", "child.yaml"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["events.turn.set.controls.stock_pressure", "-", "0%"] in rows
    assert ["events.turn.set.offer.quality", "-", "45%"] in rows
    assert ["events.turn.week", "-", "5"] in rows


def test_worlds_whose_settings_an_event_sets_again_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    again = "controls.information_asymmetry holds only in weeks 1 to 51: event '开放' sets it again"
    assert outcome(["decide", "transition", "pyramid", "--vary", "controls.information_asymmetry=0:1",
                    "--worlds", "4", "--persons", "300", "--dry-run"]) == 0
    assert again in capsys.readouterr().err
    assert outcome(["decide", "transition", "pyramid", "--vary", "controls.information_asymmetry=0:1",
                    "--worlds", "2", "--persons", "200", "--weeks", "60", "--workers", "1"]) == 0
    assert again in capsys.readouterr().err


def test_a_study_of_a_scenario_that_is_not_there_says_what_else_is_wrong(
    capsys: pytest.CaptureFixture[str]
) -> None:
    Path("study.yaml").write_text("""scenario: piramid
levers: {controls.stock_presure: [0, 1]}
uncertainties: {offer.quality: {from: 0.9, to: 0.2}}
seeds: -2
sampling: grids
measures: [cumulative(sell_thru)]
""")
    assert outcome(["check", "study.yaml"]) == 2
    said = capsys.readouterr().err
    assert "study.yaml: 6 problems" in said
    for line, meant in enumerate(("'pyramid'", "'controls.stock_pressure'", "'from' must be below 'to'",
                                  "seeds is a number", "'grid'", "'sell_through'"), 1):
        assert meant in said
        assert f"study.yaml:{line}:" in said


@pytest.mark.parametrize("text", ["", "# nothing\n\n", "---\n", "{}\n", "--- # only this\n", "null\n"])
@pytest.mark.parametrize(("lang", "said"), [("en", "says nothing; write at least"), ("zh", "文件是空的")])
def test_an_empty_file_is_not_all_right(
    text: str, lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.yaml").write_text(text)
    assert outcome(["check", "empty.yaml", "--lang", lang]) == 2
    assert said in capsys.readouterr().err


def test_names_that_only_end_alike_are_not_near(capsys: pytest.CaptureFixture[str]) -> None:
    Path("e.yaml").write_text("extends: pyramid\n")
    assert outcome(["check", "nofile.yaml"]) == 2
    assert "e.yaml'" not in capsys.readouterr().err
    assert outcome(["check", "pyramid", "--persons", "5"]) == 2
    assert "did you mean '--set persons=...'?" in capsys.readouterr().err
    assert outcome(["describe", "--set", "a=1"]) == 2
    assert "--schema" not in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_assumptions_without_a_source_are_listed(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("one.yaml").write_text(
        "extends: pyramid\noffer: {unit_cost: 20, list_price: 300}\n"
        "sources: {offer.unit_cost: our factory, offer.list_price: the shop}\n")
    Path("two.yaml").write_text("extends: one.yaml\noffer: {unit_cost: 30}\n")
    missing = "Without a source of their own:" if lang == "en" else "没有注明来源的："
    assert outcome(["describe", "--changed", "one.yaml", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert "our factory" in out
    assert missing not in out
    # A source was of the value that it stood at.
    assert outcome(["describe", "--changed", "two.yaml", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert "our factory" not in out
    assert "offer.unit_cost" in out.partition(missing)[2]
    assert "offer.list_price" not in out.partition(missing)[2]


def test_what_is_to_be_typed_next_works_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    Path("我 的").mkdir()
    assert outcome(["new", "我 的/新 方案.yaml", "--from", "crackdown"]) == 0
    said = capsys.readouterr().err
    check = said.partition("next: ")[2].split(";")[0]
    assert shlex.split(check) == ["weishang", "check", "我 的/新 方案.yaml"]
    assert outcome(shlex.split(check)[1:]) == 0
    capsys.readouterr()
    # A plain path stays as it is, and a tier may have a space in its name.
    assert outcome(["new", "面膜.yaml"]) == 0
    assert "weishang check 面膜.yaml;" in capsys.readouterr().err
    text = Path("面膜.yaml").read_text("utf-8").replace("'Special agent'", "特 约").replace(
        "Special agent", "特 约")
    Path("面膜.yaml").write_text(text, encoding="utf-8")
    assert [str(tier.name) for tier in load("面膜.yaml").tiers][-1] == "特 约"
    assert outcome(["template", "roster", "我 的/名 册.csv", "--for", "面膜.yaml"]) == 0
    assert "start: {roster: 我 的/名 册.csv}" in capsys.readouterr().err
    assert "特 约" in Path("我 的/名 册.csv").read_text("utf-8-sig")


def test_sources_of_shipped_scenarios_are_in_the_language_of_the_reader(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("pyramid", "prosumer", "transition", "crackdown"):
        assert outcome(["describe", "--changed", name, "--lang", "zh"]) == 0
        told = capsys.readouterr().out.partition("来源：")[2]
        assert told
        assert not re.search(r"\b(the|below|of|and|between)\b", told), told


@pytest.mark.parametrize(("written", "same"), [
    ("offer.list_price=１００：２００：３", "offer.list_price=100:200:3"),
    ("offer.list_price=￥98、￥198", "offer.list_price=98,198"),
    ("tiers.0.price＝50块，60块", "tiers.0.price=50,60"),
])
def test_a_chinese_keyboard_varies_settings(written: str, same: str) -> None:
    from sim.studies.plans import varied

    assert varied("pyramid", [written]) == varied("pyramid", [same])


@pytest.mark.parametrize(("written", "said"), [
    ("offer.list_price=98-198", "--vary offer.list_price=98:198"),
    ("controls.stock_pressure=0～100%", "--vary controls.stock_pressure=0:100%"),
    ("offer.list_price=98元 到 198元", "--vary offer.list_price=98元:198元"),
    ("offer.list_prise=1:2", "--vary: offer.list_prise: unknown setting; did you mean 'offer.list_price'?"),
    ("offer.quality=20%:120%", "--vary: offer.quality: found '120%'"),
    ("tiers.特约.price=1:2", "did you mean 'tiers.5.price'?"),
    ("events.week=2025-01-06", "--vary: events.week: "),
])
def test_a_mistake_in_a_range_is_said_of_the_range(
    written: str, said: str, capsys: pytest.CaptureFixture[str],
) -> None:
    assert outcome(["sweep", "pyramid", "--vary", written, "--dry-run", "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "--set" not in told


@pytest.mark.parametrize(("options", "code", "said"), [
    (["--surely", "90%", "--budget", "４"], 0, "nothing was run"),
    (["--quantile", "10％", "--budget", "0.1千"], 0, "nothing was run"),
    (["--budget", "二"], 2, "found '二': write the number in digits; write a whole number"),
    (["--budget", "4.5"], 2, "found '4.5'; write a whole number"),
    (["--surely", "150%"], 2, "not in the range"),
    (["--seeds", "１，２", "--budget", "4"], 0, "nothing was run"),
])
def test_options_take_numbers_as_people_write_them(
    options: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str],
) -> None:
    assert outcome(["optimise", "pyramid", "--vary", "offer.quality=0.2:0.9", "--measure", "brand_profit",
                    *options, "--dry-run", "--lang", "en"]) == code
    told = capsys.readouterr()
    assert said in told.out + told.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_of_months_fits_80_columns(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from sim.texts.wrapping import width_of

    monkeypatch.setenv("COLUMNS", "80")
    assert outcome([
        "run", "pyramid", "--persons", "1000", "--weeks", "9", "--figures", "none", "--set",
        "calendar.first_week=2025-01-06", "--out", str(tmp_path / "r"), "-q", "--lang", lang]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("2025-02") for line in lines)
    assert [line for line in lines if width_of(line) > 80 and str(tmp_path) not in line] == []
    said = {"en": ("2025-03*", "* fewer than four weeks of the month"), "zh": ("2025-03*", "* 当月不足四周")}
    assert all(any(line.startswith(text) for line in lines) for text in said[lang])


def test_resellers_who_are_there_are_not_taken_for_newcomers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Path("today.yaml").write_text("""
extends: pyramid
persons: 1000
weeks: 9
calendar: {first_week: 2025-01-06}
tiers: [{name: shop, price: 90, first_order: 20}]
start: {left: 0, tiers: [{name: shop, resellers: 100, inventory: 400}]}
""")
    assert outcome(["run", "today.yaml", "--figures", "none", "-q", "--out", str(tmp_path / "r")]) == 0
    assert "include the resellers who were there at the start" in " ".join(capsys.readouterr().out.split())
