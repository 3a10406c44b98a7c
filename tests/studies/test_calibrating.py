"""calibrate: from targets as users write them to a folder of plausible worlds."""

from __future__ import annotations

import itertools
import json
import math
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import sim
from sim.cli.app import outcome
from sim.errors import UsageError
from sim.runs.folder import open_results
from sim.runs.reproducing import reproduce
from sim.studies.aims import read_series, series_of, target_of, targets_of
from sim.studies.calibrated import LITTLE
from sim.studies.calibrating import Fit, calibrate, priors_of
from sim.studies.plans import varied
from sim.studies.searched import Searched
from sim.views.posterior import pairs
from tests.runs.worlds import small

VARY = ["recruiting.approaches=1:9", "offer.quality=0.2:0.9"]
AIMS = {"trust_mean at end": (0.38, 0.03), "sum(sell_through)": (60.0, 10.0)}
QUICK: dict[str, Any] = {"budget": 24, "worlds": 10, "workers": 1}


def busy() -> Any:
    """Return a small market in which something happens within twelve weeks."""
    return small(recruiting={"founders": 0.03, "open_to_selling": 0.3})


def fit(out: Path | None = None, **changed: Any) -> Fit:
    return calibrate(busy(), varied(busy(), VARY), targets_of(AIMS, 12), out=out, **(QUICK | changed))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    return fit(tmp_path_factory.mktemp("fit") / "r")


def test_a_fit_is_a_results_folder_of_its_worlds(found: Fit) -> None:
    path: Path = found.runs.path  # type: ignore[attr-defined]
    results = open_results(path)
    assert results.complete
    assert not results.damage()
    assert reproduce(path, 3, workers=1).same == 3
    ensemble = pd.read_parquet(path / "ensemble.parquet")
    assert list(ensemble.columns) == ["weight", "recruiting.approaches", "offer.quality"]
    assert ensemble["weight"].sum() == pytest.approx(1.0)
    assert len(ensemble) == 10
    lived = [result.scenario.recruiting.approaches for result in results]
    assert sorted(lived) == sorted(ensemble["recruiting.approaches"])
    assert len(pd.read_parquet(path / "search.parquet")) == 24
    assert {"chance", "contradicting", "covered"} <= set(json.loads((path / "fit.json").read_text()))


def test_worlds_have_seeds_that_the_search_has_not_seen(found: Fit) -> None:
    assert set(found.searched["seed"]).isdisjoint(found.runs.design.seeds)


def test_a_fit_says_what_it_found(found: Fit) -> None:
    said = "\n".join(found.verdicts())
    assert "10 plausible worlds from 24 runs over 2 settings." in said
    for row in found.learnt.to_dict("records"):
        assert row["setting"] in said
        assert row["prior_low"] <= row["low"] <= row["median"] <= row["high"] <= row["prior_high"]
    assert "wanted 38.0%" in said
    assert set(found.settings) == {"recruiting.approaches", "offer.quality"}


@pytest.mark.parametrize("what", ["posterior", "fit", "learnt"])
def test_a_fit_has_pictures(found: Fit, what: str, tmp_path: Path) -> None:
    found.plot(what).savefig(tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 5000


def test_what_the_data_hardly_told_is_hollow(found: Fit) -> None:
    ax = found.plot("learnt").axes[0]
    bars = dict(zip([label.get_text() for label in ax.get_yticklabels()], ax.patches, strict=True))
    for setting, share in zip(found.learnt["setting"], found.learnt["learnt"], strict=True):
        assert bars[setting].get_width() == pytest.approx(100 * share)
        assert bars[setting].get_fill() == (share >= LITTLE)


def test_labels_of_small_panels_stand_apart() -> None:
    names = ["prospecting.asks", "recruiting.open_to_selling", "leaving.sunk_weight",
             "recruiting.saturation_weight", "recruiting.approaches", "effort_split.promised_recruits"]
    made: Any = types.SimpleNamespace(
        learnt=pd.DataFrame({
            "setting": names, "learnt": 0.5, "prior_low": 1.0, "prior_high": 2.0, "log": False}),
        ensemble=pd.DataFrame({name: [1.2, 1.5, 1.7] for name in names}))
    figure = pairs(made)
    FigureCanvasAgg(figure).draw()
    for labels in ([ax.yaxis.label for ax in figure.axes if ax.get_ylabel()],
                   [ax.xaxis.label for ax in figure.axes if ax.get_xlabel()]):
        assert len(labels) >= 5
        places = [label.get_window_extent() for label in labels]
        assert not any(one.overlaps(other) for one, other in itertools.combinations(places, 2))


def test_an_executor_changes_nothing(found: Fit) -> None:
    with ThreadPoolExecutor(2) as executor:
        again = fit(executor=executor, workers=None)
    pd.testing.assert_frame_equal(again.ensemble, found.ensemble)
    pd.testing.assert_frame_equal(again.table, found.table)


def test_an_interrupted_search_goes_on(
    found: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Searched._write
    count = 0

    def stop(self: Searched, run: Any) -> None:
        nonlocal count
        count += 1
        if count == 15:
            raise KeyboardInterrupt
        written(self, run)

    monkeypatch.setattr(Searched, "_write", stop)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "r")
    log = tmp_path / "r.search.jsonl"
    assert len(log.read_text().splitlines()) == 15  # a heading and fourteen runs
    log.write_text(log.read_text() + '[[1.0, 0.')  # cut off while writing
    count = 100
    again = fit(tmp_path / "r")
    assert count == 100 + 10  # the fourteen runs were not lived again
    assert not log.exists()
    pd.testing.assert_frame_equal(again.ensemble, found.ensemble)


def test_targets_that_nothing_meets_are_named() -> None:
    wrong = targets_of(AIMS | {"sum(joins)": (5000.0, 10.0)}, 12)
    found = calibrate(busy(), varied(busy(), VARY), wrong, **QUICK)
    assert found.contradicting == ["sum(joins)"]
    assert "No settings within the priors meet all targets together" in repr(found)
    assert not found.table.set_index("measure")["met"]["sum(joins)"]


def test_without_ranges_the_priors_are_taken_but_for_what_the_scenario_states() -> None:
    assert "leaving.base" in [factor.key for factor in priors_of(small())]
    stated = small(leaving={"base": 0.02})
    assert "leaving.base" not in [factor.key for factor in priors_of(stated)]
    with pytest.raises(UsageError, match=r"offer\.quality has no prior; give a range"):
        priors_of(small(), ["offer.quality"])


def test_worlds_of_a_fit_serve_other_plans(found: Fit) -> None:
    from sim.runs.design import Design

    design = Design.of(small(recruiting={"approaches": 4.0}), 3, worlds=found.worlds)
    assert [design.scenario(0, seed).recruiting.approaches for seed in (0, 1)] == [4.0, 4.0]
    assert [design.scenario(0, seed).offer.quality for seed in (0, 1)] == list(
        found.ensemble["offer.quality"][:2])


# -- targets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "low", "high", "error"), [
    ("loss_share at end=70%", 0.7, 0.7, 0.035),
    ("loss_share at end = 70% +- 5%", 0.7, 0.7, 0.05),
    ("loss_share at end=0.7±0.1", 0.7, 0.7, 0.1),
    ("loss_share at end=40%..60%", 0.4, 0.6, 0.0),
    ("loss_share at end=70%..", 0.7, math.inf, 0.0),
    ("loss_share at end=..7.3%", -math.inf, 0.073, 0.0),
    ("sum(profit_brand)=1200 CNY +/- 30 CNY", 120_000, 120_000, 3_000),
])
def test_targets_as_users_write_them(text: str, low: float, high: float, error: float) -> None:
    target = target_of(text)
    assert (target.low, target.high) == (pytest.approx(low), pytest.approx(high))
    assert target.error == pytest.approx(error)


@pytest.mark.parametrize(("text", "said"), [
    ("x", "write a target such as"), ("a>=3", "write a target such as"), ("a=", "write a target"),
    ("a=60%..40%", "ends below its beginning"), ("a=1..2..3", "write a band"), ("a=..", "write a band"),
    ("a=1 +-", "standard error"), ("a=1..2 +- 1", "standard error"), ("a=3 +- -1", "from 0 on"),
    ("a=cow", "target 'a=cow'"),
])
def test_targets_that_cannot_be_understood(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        target_of(text)


def test_a_series_is_a_table_with_gaps() -> None:
    table = pd.DataFrame({"week": [2, 4, 6], "joins": [3, None, 5], "joins error": [1.0, 1.0, 2.0]})
    found = series_of(table, 12)
    assert [(one.name, one.low, one.error, one.part) for one in found] == [
        ("joins at week 2", 3.0, 1.0, "joins"), ("joins at week 6", 5.0, 2.0, "joins")]
    with pytest.raises(UsageError, match="needs a column 'week'"):
        series_of(table.drop(columns="week"), 12)
    with pytest.raises(UsageError, match="holds no figure"):
        series_of(table[["week"]], 12)


@pytest.mark.parametrize(("content", "said"), [
    ("week,joins\n1,2\n2,many\n", r"row 3, column 'joins': a number is needed, not 'many'"),
    ("week,jons\n1,2\n", "jons"), ("week,joins\n99,2\n", "99"),
])
def test_a_wrong_cell_of_a_file_is_named(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(content)
    with pytest.raises(UsageError, match=said):
        read_series(path, 12)


# -- the command ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_fits_a_history_and_finds_its_folder_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    weekly = sim.run(busy(), 3).weekly
    weekly[["week", "joins", "sell_through"]].iloc[::3].to_csv("history.csv", index=False)
    (tmp_path / "mine.yaml").write_text(
        "extends: pyramid\npersons: 400\nweeks: 12\nrecruiting: {founders: 3%, open_to_selling: 30%}\n")
    words = ["calibrate", "mine.yaml", "--history", "history.csv", "--vary",
             "recruiting.approaches=1:9", "--budget", "24", "--worlds", "10", "--workers", "1", "--json"]
    assert outcome(words) in (0, 1)
    first = json.loads(capsys.readouterr().out)
    assert first["lived"] == 10
    assert any("points of the series" in sentence for sentence in first["verdicts"])
    folder = tmp_path / first["results"]
    assert {path.name for path in (folder / "figures").glob("*.png")} == {
        "posterior.png", "fit.png", "learnt.png"}
    assert outcome(words) in (0, 1)
    again = json.loads(capsys.readouterr().out)
    assert again["lived"] == 0
    assert again["learnt"] == first["learnt"]


def test_without_a_target_the_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["calibrate", "pyramid"]) == 2
    assert "there is no target" in capsys.readouterr().err
