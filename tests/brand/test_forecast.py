"""From a history to a fit to a forecast, and what a forecast must keep to."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import html
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.cli.app import outcome
from sim.cli.studied import keep_picture
from sim.errors import UsageError
from sim.runs.folder import open_results
from sim.scenario.history_files import read_history
from sim.scenario.overlays import overlaid
from sim.studies.foretold import sheet_of_forecast
from sim.studies.particles import chance_of, quantiles_of
from sim.texts import speaking
from sim.texts.numbers import begun
from sim.views.forecast import forecast_figure
from sim.views.report import report_html
from sim.views.report.texts import say
from sim.views.texts import column, text
from tests.brand.books import SCENARIO, write_csv
from tests.views.test_spacing import loose, words_of

BRAND = {**SCENARIO, "persons": 600, "weeks": 30, "recruiting.founders": 0.02,
         "network": {"contacts": 24.0, "close": 6}}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a fit to a history that the model itself made."""
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("brand")
    truth = sim.run(sim.load("pyramid", {**BRAND, "leaving.base": 0.03}), seed=501).weekly
    months = [(datetime.date.fromisoformat(day) + datetime.timedelta(days=3)).strftime("%Y-%m")
              for day in truth["date"]]
    rows = [["month", "sell_in", "resellers_active", "exits"]]
    for month, part in truth.groupby(months):
        if int(part["week"].max()) <= 27:
            rows.append([month, str(part["sell_in"].sum()), str(part["resellers_active"].iloc[-1]),
                         str(part["exits"].sum())])
    write_csv(folder / "newer.csv", rows)
    rows.pop()
    scenario = sim.load("pyramid", BRAND)
    history = write_csv(folder / "history.csv", rows)
    fit = sim.calibrate(
        scenario, {"leaving.base": (0.005, 0.06), "recruiting.approaches": (1.0, 6.0)}, history=history,
        budget=40, worlds=24, out=folder / "fit", workers=1)
    assert fit.backtest is not None
    assert 0.0 <= fit.backtest.inside(50) <= fit.backtest.inside(90) <= 1.0
    assert any("Backtest" in said for said in fit.verdicts())
    return folder


def plan(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def foretold(fitted: Path) -> Any:
    turn = plan(fitted, "turn", "title: {en: Turn, zh: 转向}\ncontrols: {stock_pressure: 0%}\n")
    return sim.forecast(fitted / "fit", [turn], ahead=9, count=12, out=fitted / "forecast",
                        asks=["weeks_of_supply < 8 at end",
                              "first week resellers_active < 5"], workers=1)


def test_a_fit_keeps_its_history(fitted: Path) -> None:
    assert (fitted / "fit" / "history.json").exists()
    assert (fitted / "fit" / "backtest.csv").exists()
    assert open_results(fitted / "fit").design.scenarios[0].weeks == foretold_end(fitted)


def foretold_end(folder: Path) -> int:
    return read_history(folder / "history.csv", sim.load("pyramid", BRAND)).last


def test_a_future_goes_on_from_the_run_that_met_the_history(fitted: Path, foretold: Any) -> None:
    before = open_results(fitted / "fit")
    seed = foretold.particles.seeds[0]
    past = before.result(0, seed).weekly
    for point in range(2):
        future = foretold.runs.result(point, seed).weekly
        assert len(future) == len(past) + 9
        for name in ("sell_in", "joins", "inventory_channel", "profit_brand"):
            assert future[name].head(len(past)).tolist() == past[name].tolist(), name


def test_a_plan_holds_after_the_history_alone(foretold: Any) -> None:
    end, shipped = foretold.end, []
    for seed in foretold.particles.seeds:
        one, other = (foretold.runs.result(point, seed).weekly for point in range(2))
        assert one.head(end)["sell_in"].tolist() == other.head(end)["sell_in"].tolist()
        shipped.append((one.tail(9)["sell_in"].sum(), other.tail(9)["sell_in"].sum()))
    assert sum(as_is for as_is, _turn in shipped) > sum(turn for _as_is, turn in shipped)


def test_weights_are_a_distribution_and_no_single_run_decides(foretold: Any) -> None:
    particles = foretold.particles
    assert float(np.sum(particles.weights)) == pytest.approx(1.0)
    assert 1.0 <= particles.effective <= len(particles.seeds) <= 12
    assert particles.effective >= 0.6 * 12


def test_bands_are_nested_and_dated(foretold: Any) -> None:
    bands = foretold.bands.dropna()
    for low, high in (("low90", "low50"), ("low50", "median"), ("median", "high50"), ("high50", "high90")):
        assert (bands[low] <= bands[high] + 1e-9).all()
    assert set(bands["series"]) >= {"sell_in", "resellers_active", "exits", "inventory_channel"}


def test_every_number_of_a_sentence_is_in_the_tables(foretold: Any) -> None:
    table = foretold.outcomes.set_index(["scenario", "outcome"])
    now, turn = foretold.labels
    told = " ".join(foretold.verdicts())
    gap = float(table.loc[(turn, "brand")]["difference"])
    values = [foretold.runs.result(point, seed).weekly.tail(9)["profit_brand"].sum()
              for point in range(2) for seed in foretold.particles.seeds]
    half = len(foretold.particles.seeds)
    mine = np.array(values[half:]) - np.array(values[:half])
    assert gap == pytest.approx(float((mine * foretold.particles.weights).sum()))
    assert ("less" if gap < 0 else "more") in told
    share = float(foretold.chances.set_index(["statement", "scenario"]).loc[
        ("weeks_of_supply < 8 at end", now)]["chance"])
    assert f"'weeks_of_supply < 8 at end': {100 * share:.0f}%" in told
    sheet = sheet_of_forecast(foretold)
    assert all(len(row) == len(sheet.names) for row in sheet.values)
    assert all(len(row) == len(sheet.head) for row in sheet.rows)


def test_a_forecast_shows_itself_in_a_notebook(foretold: Any) -> None:
    assert foretold.table is foretold.outcomes
    page = foretold._repr_html_()
    for sentence in foretold.verdicts():
        assert f"<li>{html.escape(sentence)}</li>" in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_a_forecast_is_that_of_a_forecast(foretold: Any, lang: str) -> None:
    keep_picture(foretold.runs, "forecast", partial(forecast_figure, foretold))
    page = html.unescape(report_html(open_results(foretold.runs.path), lang=lang))
    page = re.sub('<span class="whole">(.*?)</span>', r"\1", page)
    with speaking(lang):
        assert f"<h1>{begun(foretold.headline())}</h1>" in page
        assert all(f"<p>{begun(sentence)}</p>" in page for sentence in foretold.verdicts())
    drawn = [path for path in (foretold.runs.path / "figures").glob("forecast*.png")
             if base64.b64encode(path.read_bytes()).decode() in page]
    assert len(drawn) == 1
    assert say("foretold", lang) in page
    assert say("best guess", lang) not in page
    assert lang == "en" or not loose(words_of(page))
    assert lang == "en" or not re.search("[\u4e00-\u9fff]: ", page.split("<main>")[1].split("<script")[0])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_always_nothing_has_no_scale(foretold: Any, lang: str) -> None:
    bands = foretold.bands.copy()
    parts = ["low90", "low50", "median", "high50", "high90"]
    quiet = ("exits", "inventory_channel")
    bands.loc[bands["series"].isin(quiet), parts] = 0.0
    history = dataclasses.replace(foretold.history, observations=tuple(
        dataclasses.replace(one, value=0.0) if one.series == "exits" else one
        for one in foretold.history.observations))
    made = forecast_figure(dataclasses.replace(foretold, bands=bands, history=history), lang)
    titles = [ax.get_title(loc="left").replace("\n", " ") for ax in made.axes]
    assert not [title for title in titles if column("inventory_channel", lang) in title]
    [exits] = [ax for ax in made.axes if column("exits", lang) in ax.get_title(loc="left")]
    assert [part.get_text() for part in exits.texts] == [text("always nothing", lang)]
    assert not exits.lines
    assert made.legends


def test_a_damaged_picture_of_a_forecast_is_drawn_again(foretold: Any) -> None:
    folder = foretold.runs.path
    keep_picture(foretold.runs, "forecast", partial(forecast_figure, foretold))
    drawn = {path: path.read_bytes() for path in sorted((folder / "figures").iterdir())}
    assert len(drawn) == 3
    for path in drawn:
        path.write_bytes(b"damaged")
    assert outcome(["resume", str(folder), "--workers", "1", "--lang", "en", "-q"]) == 0
    assert {path: path.read_bytes() for path in sorted((folder / "figures").iterdir())} == drawn
    assert not open_results(folder).damage()


def test_a_damaged_picture_of_a_fit_brings_no_pictures_of_runs(fitted: Path) -> None:
    results = open_results(fitted / "fit")
    picture = results.publish("figures/learnt.png", lambda to: to.write_bytes(b"a picture"))
    picture.write_bytes(b"damaged")
    assert outcome(["resume", str(fitted / "fit"), "--workers", "1", "--lang", "en", "-q"]) == 0
    assert not list((fitted / "fit" / "figures").iterdir())


def test_the_same_forecast_is_the_same_bytes(fitted: Path, foretold: Any) -> None:
    again = sim.forecast(fitted / "fit", [fitted / "turn.yaml"], ahead=9, count=12, keep=False, workers=1)
    assert again.bands.equals(foretold.bands)
    assert again.outcomes.equals(foretold.outcomes)


def test_a_newer_month_weighs_the_worlds_anew_and_says_what_it_changed(fitted: Path, foretold: Any) -> None:
    found = sim.forecast(fitted / "fit", ahead=5, count=10, history=fitted / "newer.csv", keep=False,
                         workers=1)
    assert found.end > foretold.end
    update = found.update
    assert update is not None
    assert update.observations == 3
    assert 0 <= update.in50 <= update.in90 <= 3
    assert set(update.settings["setting"]) == {"leaving.base", "recruiting.approaches"}
    assert float(update.before.sum()) == pytest.approx(1.0)
    told = " ".join(found.verdicts())
    assert "Since the fit: 3 new figures" in told
    assert foretold.update is None
    with pytest.raises(UsageError, match="holds nothing after week"):
        sim.forecast(fitted / "fit", history=fitted / "history.csv", keep=False)


@pytest.mark.parametrize(("text", "words"), [
    ("events: [{week: 3, set: {offer.list_price: 100}}]\n", "has happened"),
    ("persons: 300\n", "fixed before the first week"),
    ("title: nothing\n", "changes nothing"),
    ("offer: {list_prise: 100}\n", "list_price"),
])
def test_a_plan_cannot_change_the_past(fitted: Path, text: str, words: str) -> None:
    base = sim.load("pyramid", BRAND)
    with pytest.raises(UsageError, match=words):
        overlaid(base, plan(fitted, "wrong", text), 20)


def test_a_plan_that_extends_a_scenario_is_what_differs(fitted: Path) -> None:
    base = sim.load("pyramid", {"persons": 300, "weeks": 40})
    path = plan(fitted, "whole", "extends: pyramid\npersons: 300\nweeks: 40\noffer: {list_price: 150 CNY}\n")
    made = overlaid(base, path, 20)
    assert made.at(19).offer.list_price == base.offer.list_price
    assert made.at(20).offer.list_price == 150.0


def test_a_folder_without_a_history_is_told_what_to_do(tmp_path: Path) -> None:
    sim.run_into(sim.load("pyramid", {"persons": 200, "weeks": 2}), 1, tmp_path / "plain")
    with pytest.raises(UsageError, match="calibrate SCENARIO --history"):
        sim.forecast(tmp_path / "plain")


def test_a_band_holds_the_next_value_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    inside = {level: 0 for level in (0.05, 0.25)}
    for _trial in range(3000):
        *known, later = rng.exponential(size=21)
        for level in inside:
            low, high = quantiles_of(known, np.full(20, 0.05), (level, 1 - level))
            inside[level] += low <= later <= high
    # Three standard errors of 3,000 trials; bands of ranks (i - 1/2) / n would hold 0.86.
    assert inside[0.05] / 3000 == pytest.approx(0.90, abs=0.0165)
    assert inside[0.25] / 3000 == pytest.approx(0.50, abs=0.028)


def test_so_many_runs_count_that_a_band_is_known() -> None:
    from sim.studies.particles import LEAST, MOST, _heat, _weights

    fits = -0.5 * np.random.default_rng(2).chisquare(30, size=100)
    for many, wanted in ((100, LEAST), (25, MOST * 25)):
        weights = _weights(fits[:many], _heat(fits[:many], wanted))
        assert 1 / (weights**2).sum() == pytest.approx(wanted, rel=0.01)
    assert _heat(fits * 1e-6, LEAST) == 1.0


def test_weighted_quantiles_and_chances() -> None:
    assert quantiles_of([3.0, 1.0, 2.0], [1 / 3] * 3, (0.5,)) == [pytest.approx(2.0)]
    assert quantiles_of([1.0, 9.0], [0.9, 0.1], (0.5,))[0] < 5.0
    share, low, high = chance_of([True, False], [0.75, 0.25], 2.0)
    assert share == 0.75
    assert 0.0 <= low < share < high <= 1.0
