"""Study files, --vary, sampling; every varied setting is a column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import WeishangError
from sim.runs.folder import open_results
from sim.studies.plans import Plan, varied
from sim.studies.study_file import read_plan
from sim.studies.sweep import sweep, sweep_of
from tests.runs.worlds import small
from tests.sheets import workbook

STUDY = """\
scenario: pyramid
set: {persons: 300, weeks: 6}
levers:
  controls.stock_pressure: [0, 80%]
uncertainties:
  offer.quality: {from: 0.3, to: 0.9}
  offer.list_price: {from: 100 CNY, to: 300 CNY}
seeds: 2
sampling: lhs
samples: 4
measures: [quality_perceived at end]
"""


def study(tmp_path: Path, text: str = STUDY) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_levers_are_crossed_with_samples_of_uncertainties(tmp_path: Path) -> None:
    design = read_plan(study(tmp_path)).design()
    assert design.keys == ("controls.stock_pressure", "offer.quality", "offer.list_price")
    assert len(design.points) == 8
    assert len(design) == 16
    values = np.array([point.values for point in design.points])
    assert set(values[:, 0]) == {0.0, 0.8}
    assert (values[:4, 1:] == values[4:, 1:]).all()
    quarters = np.sort(np.floor((values[:4, 1] - 0.3) / 0.15).astype(int))
    assert list(quarters) == [0, 1, 2, 3]  # one sample in each quarter of the range
    assert design.digest == read_plan(study(tmp_path)).design().digest


def test_every_varied_setting_is_a_column_and_the_folder_remembers(tmp_path: Path) -> None:
    found = sweep(read_plan(study(tmp_path)), out=tmp_path / "r", workers=1)
    assert list(found.runs.weekly.columns[:6]) == [
        "controls.stock_pressure", "offer.quality", "offer.list_price", "scenario", "seed", "week"]
    assert len(found.table) == 16
    assert (tmp_path / "r" / "measures.csv").exists()
    results = open_results(tmp_path / "r")
    assert not results.damage()
    assert sweep_of(results).table.equals(found.table)
    point = found.points.iloc[0]
    first = found.table["quality_perceived at end"][:2]
    assert point["mean"] == pytest.approx(first.mean())
    assert found.verdicts()[0].startswith("Perceived quality: from ")
    scenario = results.design.scenario(7)
    assert scenario.controls.stock_pressure == 0.8
    assert scenario.offer.list_price == pytest.approx(results.design.points[7].values[2])


def test_vary_takes_ranges_points_and_values() -> None:
    assert varied("pyramid", ["controls.stock_pressure=0:1:3"])[0].values == (0.0, 0.5, 1.0)
    assert varied("pyramid", ["controls.stock_pressure=0,40%"])[0].values == (0.0, 0.4)
    assert varied("pyramid", ["regime=pyramid,prosumer"])[0].values == ("pyramid", "prosumer")
    assert varied("pyramid", ["persons=100:400:3"])[0].values == (100, 250, 400)
    (ranged,) = varied("pyramid", ["weeks=10:12"])
    assert {ranged.at(share / 100) for share in range(101)} == {10, 11, 12}


def test_a_table_of_points(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(
        "controls.stock_pressure,offer.list_price\n0.2,120 CNY\n0.4,150\n", encoding="utf-8-sig")
    path = study(tmp_path, "scenario: pyramid\nsampling: table\ntable: points.csv\n")
    design = read_plan(path).design()
    assert [point.values for point in design.points] == [(0.2, 120.0), (0.4, 150.0)]


@pytest.mark.parametrize("kind", ["semicolons of Excel", "cp936", "xlsx"])
def test_a_table_of_points_from_excel(tmp_path: Path, kind: str) -> None:
    rows = [["controls.stock_pressure", "offer.list_price"], [0.2, "120 元"], [0.4, 150]]
    name = "points.xlsx" if kind == "xlsx" else "points.csv"
    if kind == "xlsx":
        pytest.importorskip("python_calamine")
        (tmp_path / name).write_bytes(workbook(rows))
    else:
        encoding, separator = ("cp936", ",") if kind == "cp936" else ("utf-8-sig", ";")
        text = "".join(f"{a}{separator}{b}\r\n" for a, b in rows)
        (tmp_path / name).write_bytes(text.encode(encoding))
    plan = read_plan(study(tmp_path, f"scenario: pyramid\nsampling: table\ntable: {name}\n"))
    assert [point.values for point in plan.design().points] == [(0.2, 120.0), (0.4, 150.0)]
    (tmp_path / name).write_bytes(b"offer.list_price\n5000000000\n")
    with pytest.raises(WeishangError, match=r"points\."):
        read_plan(study(tmp_path, f"scenario: pyramid\nsampling: table\ntable: {name}\n"))


def test_sobol_fills_the_ranges() -> None:
    plan = Plan((small(),), ("small",), varied("pyramid", ["offer.quality=0:1", "offer.overclaim=0:1"]),
                (0,), "sobol", 64)
    values = np.array([point.values for point in plan.design().points])
    assert values.shape == (64, 2)
    counts, _x, _y = np.histogram2d(values[:, 0], values[:, 1], bins=4)
    assert (counts == 4).all()


@pytest.mark.parametrize(("change", "said"), [
    (("scenario: pyramid", "scenario: pyramide"), "did you mean 'pyramid'"),
    (("offer.quality", "offer.qualty"), "did you mean 'offer.quality'"),
    (("to: 0.9", "to: 9"), "allowed: a number from 0 to 1"),
    (("from: 0.3, to: 0.9", "from: 0.9, to: 0.3"), "must be below"),
    (("samples: 4", "samples: -4"), "samples is a whole number"),
    (("seeds: 2", "seeds: none"), "seeds is a number"),
    (("sampling: lhs", "sampling: guess"), "sampling is one of"),
    (("levers:", "leevers:"), "did you mean 'levers'"),
    (("[0, 80%]", "[0, 0]"), "twice"),
    (("[0, 80%]", "high"), "write a list of values"),
    (("at end]", "at ende]"), "cannot be understood"),
])
def test_mistakes_in_a_study_are_one_sentence(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    path = study(tmp_path, STUDY.replace(*change))
    with pytest.raises(WeishangError, match=said):
        sweep(read_plan(path), workers=1)


@pytest.mark.parametrize("text", ["x", "a=", "=1:2", "offer.quality=0:1:x", "offer.quality=0:1:2:3"])
def test_mistakes_in_vary_are_one_sentence(text: str) -> None:
    with pytest.raises(WeishangError):
        varied("pyramid", [text])


def test_a_million_runs_are_refused() -> None:
    plan = Plan((small(),), ("small",), varied("pyramid", ["offer.quality=0:1:2000"]), tuple(range(1000)))
    with pytest.raises(WeishangError, match="too many"):
        plan.design()
