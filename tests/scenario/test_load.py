"""Reading scenarios: parents, units, nulls, overrides, limits."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from sim.errors import FilesError, ScenarioError
from sim.scenario.load import load, shipped, shipped_path
from sim.scenario.problems import clean


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path | str, **options: object) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        load(path, **options)  # type: ignore[arg-type]
    return caught.value.problems


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_right(name: str) -> None:
    assert load(name).persons > 0
    assert shipped_path(name).is_file()  # type: ignore[union-attr]


def test_units_in_two_languages(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, """
weeks: 2 years
controls: {stock_pressure: 80%, feedback: 30 %}
offer: {list_price: 128 元, reference_price: 45 CNY, unit_cost: 900 fen}
people:
  budget: {dist: lognormal, mean: 5万元, cv: 60%}
  weekly_need: 0.25 件/周
events: [{week: 10周, set: {offer.list_price: 100 元}, over: 12 weeks}]
persons: 2万
"""))
    assert (scenario.weeks, scenario.persons) == (104, 20_000)
    assert (scenario.controls.stock_pressure, scenario.controls.feedback) == (0.8, 0.3)
    assert (scenario.offer.list_price, scenario.offer.unit_cost) == (128.0, 9.0)
    assert scenario.people.budget.mean == 50_000.0
    assert scenario.people.budget.cv == 0.6
    assert scenario.people.weekly_need == 0.25
    assert (scenario.events[0].week, scenario.events[0].over) == (10, 12)
    assert scenario.at(40).offer.list_price == 100.0


def test_maps_merge_lists_replace_null_restores(tmp_path: Path) -> None:
    write(tmp_path, "extends: pyramid\ncontrols: {stock_pressure: 10%, feedback: 20%}\nweeks: 60\n",
          "parent.yaml")
    child = load(write(tmp_path, """
extends: parent.yaml
controls: {stock_pressure: null}
weeks: null
tiers: [{name: only, price: 90 CNY, first_order: 10}]
"""))
    pyramid = load("pyramid")
    assert child.controls.feedback == 0.2
    assert child.controls.stock_pressure == type(pyramid).of().controls.stock_pressure
    assert child.weeks == type(pyramid).of().weeks
    assert [tier.name for tier in child.tiers] == ["only"]


def test_a_mistake_in_a_parent_is_shown_in_the_parent(tmp_path: Path) -> None:
    write(tmp_path, "title: x\ncontrols: {feedbak: 1}\n", "parent.yaml")
    [problem] = problems(write(tmp_path, "extends: parent.yaml\nweeks: 5\n"))
    assert "parent.yaml:2:12: controls.feedbak: unknown setting; did you mean 'feedback'?" \
        in problem


def test_all_problems_at_once_with_places(tmp_path: Path) -> None:
    found = problems(write(tmp_path, "\n".join([
        "weeks: 10 persons", "persons: -5", "controls: {feedbak: 1, stock_pressure: 2}",
        "recruting: {approaches: 3}", "regime: pyramyd",
        "events: [{week: 900, set: {controls.feedbak: 1}}]", "expect: [joins > ]",
        "sources: {nowhere: me}", "people: {budget: {dist: normal, mean: 1}}",
        "offer: {list_price: true}"])), overrides={"controls.asymmetry": 1})
    places = [problem.split(": ")[0].rpartition("mine.yaml")[2] for problem in found]
    assert len(found) == 13
    assert places[:4] == [":1:8", ":2:10", ":3:12", ":3:40"]
    assert found[-1].startswith("override: controls.asymmetry: unknown setting")


def test_at_most_twenty_problems(tmp_path: Path) -> None:
    path = write(tmp_path, "\n".join(f"nothing{number}: 1" for number in range(50)))
    with pytest.raises(ScenarioError, match="more than 20 problems") as caught:
        load(path)
    assert len(caught.value.problems) == 20


def test_overrides_as_data_and_as_texts() -> None:
    assert load("pyramid", {"controls.stock_pressure": 0.4}).controls.stock_pressure == 0.4
    assert load("pyramid", {"controls.stock_pressure": "40%"}, texts=True) \
        .controls.stock_pressure == 0.4
    priced = load("pyramid", {"tiers.0.price": "90 元"}, texts=True)
    assert priced.tiers[0].price == 90.0
    assert priced.tiers[1:] == load("pyramid").tiers[1:]
    spread = load("pyramid", {"people.budget": "{dist: uniform, low: 1万, high: 2万}"}, texts=True)
    assert spread.people.budget.high == 20_000.0
    with pytest.raises(ScenarioError, match=r"'40'; write the number without quotes"):
        load("pyramid", {"weeks": "'40'"}, texts=True)


def test_environment_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load("pyramid").model_dump()
    for name in ("WEEKS", "WEISHANG_WEEKS", "PERSONS", "SEED", "LANG", "LC_ALL"):
        monkeypatch.setenv(name, "7")
    assert load("pyramid").model_dump() == before


def test_unknown_names_suggest_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "weeks: 3", "my_plan.yaml")
    with pytest.raises(ScenarioError, match="did you mean 'pyramid'"):
        load("pyramyd")
    with pytest.raises(ScenarioError, match=r"did you mean 'my_plan\.yaml'"):
        load("my_plan")
    with pytest.raises(ScenarioError, match="folder"):
        load(str(tmp_path))


@pytest.mark.parametrize("data", [
    b"\xff\xfew\x00", "重量".encode("gbk") + b": 1", b"a: 1\x00", b"\x1b[31mweeks: 1",
    b"weeks: 1\n" + b"#" * 200_000, b"a: " + b"x" * 5_000, b"[" * 90_000,
    b"- " * 40_000, b"{a: " * 900, b"a: &a [*a]", b"? [1]\n: 2", b"--- 1\n--- 2",
    b"%YAML 1.1\n---\nweeks: 1", b"weeks: !!python/object:os.system x", b"<<: {weeks: 1}",
])
def test_hostile_files_are_refused_at_once(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(data)
    start = time.perf_counter()
    assert problems(path)
    assert time.perf_counter() - start < 2.0


def test_parents_stay_in_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "weeks: 3", "outside.yaml")
    inner = tmp_path / "inner"
    inner.mkdir()
    for name in ("../outside.yaml", str(tmp_path / "outside.yaml"), "a\0b"):
        assert problems(write(inner, f'extends: "{name}"' if "\0" not in name else
                              'extends: "a\\0b"'))
    (inner / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "leads out of the folder" in problems(write(inner, "extends: link.yaml"))[0]


def test_cycles_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "extends: b.yaml", "a.yaml")
    write(tmp_path, "extends: a.yaml", "b.yaml")
    assert "extends itself" in problems(tmp_path / "a.yaml")[0]


def test_echoes_are_short_and_harmless(tmp_path: Path) -> None:
    path = write(tmp_path, "regime: 'py\u202eramid" + "x" * 1500 + "'")
    [problem] = problems(path)
    assert "\u202e" not in problem
    assert all(len(line) < 400 for line in problem.splitlines())
    assert clean("a\x1b[31mb\u200bc" + "d" * 500) == "a[31mbc" + "d" * 192 + "…"


def test_a_missing_file_and_a_forbidden_one(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such scenario"):
        load(tmp_path / "nowhere.yaml")
    broken = tmp_path / "loop.yaml"
    broken.symlink_to(broken)
    with pytest.raises((ScenarioError, FilesError)):
        load(broken)


def test_events_keep_the_ladder_in_order(tmp_path: Path) -> None:
    [problem] = problems(write(
        tmp_path, "extends: pyramid\nevents:\n  - {week: 3, set: {tiers.3.price: 30 CNY}}"))
    assert "mine.yaml:3:21: events.0.set: tiers run from the top down" in problem


def test_events_move_numbers_linearly(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, """
extends: pyramid
controls: {information_asymmetry: 90%}
events: [{week: 10, set: {controls.information_asymmetry: 10%, tiers.0.price: 80}, over: 8 weeks}]
"""))
    price = scenario.tiers[0].price
    assert scenario.at(9).controls.information_asymmetry == 0.9
    assert scenario.at(14).controls.information_asymmetry == pytest.approx(0.5)
    assert scenario.at(14).tiers[0].price == pytest.approx((price + 80) / 2)
    assert scenario.at(30).tiers[0].price == 80


def test_scenarios_travel_to_other_processes() -> None:
    scenario = load("transition")
    assert pickle.loads(pickle.dumps(scenario)) == scenario


@pytest.mark.parametrize(("name", "meant"), [
    ("stock_pressure", "'controls.stock_pressure'"), ("unit_cost", "'offer.unit_cost'"),
])
def test_a_setting_without_its_section_is_told_where_it_belongs(
    name: str, meant: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: pyramid\n{name}: 1\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=meant) as in_file:
        load(path)
    assert "mine.yaml:2:1" in str(in_file.value)
    with pytest.raises(ScenarioError, match=meant):
        load("pyramid", {name: 1})
