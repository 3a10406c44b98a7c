"""Page and picture of a sweep: its own measures, with the numbers of its runs."""

from __future__ import annotations

import html
import json
import re

import pandas as pd
import pytest

from sim.runs.design import Design, Point
from sim.runs.many import run_many
from sim.studies.sweep import sweep_of
from sim.texts import speaking
from sim.texts.numbers import said
from sim.views.plots import sweep_figure
from sim.views.report import report_html
from sim.views.report.front import front
from sim.views.sweeps import measured, said_of
from tests.views.conftest import scenario

KEYS = ("controls.stock_pressure", "controls.information_asymmetry")
MEASURES = ["cumulative(sell_in)", "trust_mean at end", "first week resellers_active > 100000"]


@pytest.fixture(scope="module")
def asked():
    """Return a sweep that asks for measures of its own, one of which no run has."""
    points = [Point(0, (a, b)) for a in (0.0, 1.0) for b in (0.0, 1.0)]
    return run_many(Design.of([scenario(weeks=10)], [1, 2], keys=KEYS, points=points,
                              study={"measures": MEASURES}), workers=1)


def recomputed(runs, lang):
    """Return the sentence on units shipped, from the weekly tables by another way."""
    sums = runs.weekly.groupby([*KEYS, "seed"])["sell_in"].sum().groupby(level=[0, 1]).mean()
    low, high = sums.idxmin(), sums.idxmax()
    with speaking(lang):
        return [said(float(sums.min()), "units"), said(float(sums.max()), "units")], low, high


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_a_sweep_begins_with_what_it_asked_for(asked, lang):
    page = report_html(asked, lang=lang)
    sentences = said_of(asked, None, lang)
    with speaking(lang):
        assert sentences == sweep_of(asked).verdicts(), "page and command say the same"
    assert html.unescape(re.sub("<[^>]+>", "", re.search("<h1>(.*?)</h1>", page)[1])) == sentences[0]
    block = re.search(r"<details open><summary>.*?</details>", page, re.S)[0]
    assert [html.unescape(one) for one in re.findall("<p>(.*?)</p>", block)] == sentences
    (low, high), low_at, high_at = recomputed(asked, lang)
    first = sentences[0]
    assert first.index(low) < first.index(high)
    for value, key in zip(low_at, KEYS, strict=True):
        assert f"{key}={value:g}" in first.split(high)[0]
    for value, key in zip(high_at, KEYS, strict=True):
        assert f"{key}={value:g}" in first.split(high)[1]
    assert front(asked, list(asked.design.labels), lang)["change"]


def test_the_charts_of_a_sweep_are_of_its_measures(asked):
    page = report_html(asked, lang="en")
    specs = json.loads(page.split('id="specs">')[1].split("</script>")[0])
    # No run has the third measure: nothing is drawn of it.
    assert len(specs) == 4
    means = asked.weekly.groupby([*KEYS, "seed"])["sell_in"].sum().groupby(level=[0, 1]).mean()
    seen = 0
    for spec in specs:
        if "shipped" not in spec["title"]["text"] and "sell_in" not in spec["title"]["text"]:
            continue
        # A curve is the mean at one value of the other setting: different settings are no repetitions.
        key = next(key for key in KEYS if f"({key})" in spec["description"])
        [other] = [one for one in KEYS if one != key]
        assert {row["series"] for row in spec["data"]["values"]} == {f"{other}=0%", f"{other}=100%"}
        for row in spec["data"]["values"]:
            at = {key: row["at"], other: float(row["series"].partition("=")[2] == "100%")}
            assert row["value"] == pytest.approx(means[tuple(at[one] for one in KEYS)], rel=1e-4)
            seen += 1
    assert seen == 8


def test_a_sampled_sweep_is_drawn_as_points_and_one_setting_as_means():
    from sim.views.report.charts import sweep_charts

    points = [Point(0, (a, b)) for a, b in ((0.1, 0.9), (0.4, 0.2), (0.5, 0.6), (0.9, 0.3), (0.7, 0.8))]
    sampled = run_many(Design.of([scenario(weeks=6)], [1, 2], keys=KEYS, points=points,
                                 study={"measures": MEASURES[:1]}), workers=1)
    for chart, key in zip(sweep_charts(sampled, None, "en"), KEYS, strict=True):
        means = sampled.weekly.groupby([key, "seed"])["sell_in"].sum().groupby(level=0).mean()
        assert {row["at"]: row["value"] for row in chart["data"]["values"]} == pytest.approx(
            means.to_dict(), rel=1e-4)
        assert {layer["mark"]["type"] for layer in chart["layer"]} == {"point"}
    alone = run_many(Design.of([scenario(weeks=6)], [1, 2, 3], keys=KEYS[:1],
                               points=[Point(0, (a,)) for a in (0.0, 1.0)],
                               study={"measures": MEASURES[:1]}), workers=1)
    [chart] = sweep_charts(alone, None, "en")
    for row in chart["data"]["values"]:
        runs = alone.weekly[alone.weekly[KEYS[0]] == row["at"]].groupby("seed")["sell_in"].sum()
        assert [row["value"], row["low"], row["high"]] == pytest.approx(
            [runs.mean(), runs.min(), runs.max()], rel=1e-4)


@pytest.mark.parametrize("which", ["phase_map", "response"])
def test_where_all_points_are_alike_no_scale_is_made_up(which):
    from matplotlib.figure import Figure

    from sim.views import comparing

    table = pd.DataFrame({"offer.quality": [0.1, 0.1, 0.9, 0.9], "people.trust": [0.2, 0.6, 0.2, 0.6],
                          "seed": [1, 1, 1, 1], "loss_share": 0.0})
    for values, words in ((0.0, "0.0% at every point"), (float("nan"), "nothing to show")):
        ax = Figure().subplots()
        given = {"x": "offer.quality", "value": "loss_share", "unit": "share"}
        given |= {"y": "people.trust"} if which == "phase_map" else {}
        getattr(comparing, which)(table.assign(loss_share=values), ax=ax, lang="en", **given)
        assert [part.get_text() for part in ax.texts] == [words]
        assert len(ax.figure.axes) == 1, "no bar of colours"
        assert not ax.lines


def test_the_diamond_lies_on_no_number_and_ticks_are_settings():
    from matplotlib.figure import Figure

    from sim.views import comparing

    table = pd.DataFrame([{"offer.quality": a, "people.trust": b, "loss_share": a * b}
                          for a in (0.1, 0.5, 0.9) for b in (0.2, 0.6)])
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    ax = figure.subplots()
    comparing.phase_map(table, ax=ax, lang="en", x="offer.quality", y="people.trust", value="loss_share",
                        baseline=(0.5, 0.6))
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure).draw()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["10%", "50%", "90%"]
    [diamond] = [line for line in ax.lines if line.get_gid() == comparing.BASELINE]
    box = diamond.get_window_extent()
    assert not [part for part in ax.texts if part.get_window_extent().overlaps(box)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_of_a_sweep_shows_what_its_message_says(asked, lang):
    made = sweep_figure(asked, lang=lang)
    made.canvas.draw()
    message = made.get_suptitle().replace("\n", " ")
    assert message.split() == said_of(asked, None, lang)[0].rstrip(".。").split()
    below = [part.get_text() for part in made.texts]
    runs = {"en": "4 settings, each with 2 seeds", "zh": "4 组参数，每组 2 个种子"}[lang]
    assert any(runs in one for one in below)
    assert ("seeds 1, 2 " in made.get_supxlabel()) or ("种子 1, 2 " in made.get_supxlabel())
    table, of = measured(asked)
    shown = made.axes[0].get_title(loc="left").replace("\n", " ")
    with speaking(lang):
        assert message.lower().startswith(shown.lower())
    means = table.groupby(list(KEYS))[of[0].text].mean()
    assert len([part for part in made.axes[0].texts if part.get_text()]) == len(means)


def test_without_measures_of_its_own_a_sweep_begins_with_the_brand(swept):
    table, of = measured(swept)
    assert of[0].text == "cumulative(profit_brand)"
    runs = swept.weekly.groupby([*KEYS, "seed"])["profit_brand"].sum()
    mine = table.set_index([*KEYS, "seed"])[of[0].text].sort_index()
    pd.testing.assert_series_equal(mine, runs, check_names=False, check_dtype=False)
