"""The first sheet of the page: short, certain where it says so, and usable without a mouse."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from sim.runs.figures import FIGURES
from sim.views.report import report_html, write_report
from sim.views.report.front import TILE_FIGURES, front
from sim.views.report.wording import whole
from tests.views.conftest import scenario


@pytest.fixture(scope="module")
def four():
    from sim.runs.many import run_many

    plans = [scenario(weeks=26, persons=800, title=f"Plan {place}",
                      **{"controls.information_asymmetry": place / 4}) for place in range(4)]
    return run_many(plans, seeds=range(4), workers=1)


def words_before_the_chart(page):
    body = page.split("<main>")[1].split('id="chart-0"')[0]
    return len(re.sub(r"<[^>]+>", " ", body).split())


@pytest.mark.parametrize("which", ["run", "both", "four"])
def test_few_words_before_the_first_chart(pages, four, which):
    page = report_html(four, lang="en") if which == "four" else pages(which, "en")
    assert words_before_the_chart(page) <= 120


def test_tiles_show_the_medians(both):
    found = front(both, list(both.design.labels), "en")
    assert [tile["title"] for tile in found["tiles"]] == ["Brand", "Resellers", "Consumers", "Law"]
    from sim.views.report.facts import figures
    from sim.views.report.wording import amount

    for tile, names in zip(found["tiles"], TILE_FIGURES.values(), strict=True):
        assert len(tile["lines"]) == 1
        for line, name in zip(tile["lines"], names[:1], strict=True):
            for label, one in zip(both.design.labels, line["values"], strict=True):
                middle = figures(both, label)[name].median()
                assert one["value"] == amount(middle, FIGURES[name].unit, "en")


@pytest.fixture(scope="module")
def unequal():
    from sim.runs.many import run_many

    plans = [scenario(weeks=weeks, persons=800, title=f"Plan {weeks}") for weeks in (20, 30, 40, 50)]
    return run_many(plans, seeds=range(5), workers=1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_plans_of_different_length_are_compared_as_far_as_the_shortest(unequal, lang):
    """The same market: at week 20 all are equal, whatever they earn later."""
    found = front(unequal, list(unequal.design.labels), lang)
    assert "20" in found["headline"]
    assert [line for line in found["caution"] if "20" in line]
    profit = unequal.weekly[unequal.weekly["week"] <= 20].groupby(["scenario", "seed"])["profit_brand"].sum()
    from sim.views.report.wording import amount

    [line] = found["tiles"][0]["lines"]
    assert {one["value"] for one in line["values"]} == {
        amount(float(profit.groupby(level=0).median().iloc[0]), "fen", lang)}
    assert {cell for row in found["ahead"]["rows"] for cell in row["cells"]} <= {"equal", "相同", "–"}
    assert any("20" in line and "40" not in line for line in found["change"])
    from sim.views.plots import compare_figure

    assert "20" in compare_figure(unequal, lang=lang).get_suptitle()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_lost_money_of_few_is_said_as_a_number(lang):
    from sim.runs.many import run_many

    of = run_many([scenario(weeks=10, **{"recruiting.founders": "1 persons", "recruiting.approaches": 0.0})],
                  seeds=range(3), workers=1)
    lost = (of.resellers["profit"] < 0).groupby(of.resellers["seed"]).sum().median()
    found = front(of, list(of.design.labels), lang)
    said = f"{lost:.0f} of 1" if lang == "en" else f"1 人中 {lost:.0f} 人"
    assert found["tiles"][1]["lines"][0]["values"][0]["value"] == said
    assert said in found["ahead"]["rows"][1]["cells"]


def test_texts_of_charts_are_eight_points_on_paper(pages):
    """A chart as wide as the page is printed at .71 points for each of its pixels."""
    page = pages("run", "en")
    for size in re.findall(r'"(?:fontSize|labelFontSize|titleFontSize|subtitleFontSize)":([\d.]+)', page):
        assert float(size) * 0.71 >= 8.0, size
    for size in re.findall(r"font(?:-size)?: (\d+(?:\.\d+)?)pt", page):
        assert float(size) >= 8.0


def test_nothing_is_drawn_where_nothing_is(pages):
    specs = json.loads(pages("nobody", "en").split('id="specs">')[1].split("</script>")[0])
    assert specs
    for spec in specs:
        assert any(row["value"] for row in spec["data"]["values"]), spec["title"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_sheet_says_what_its_numbers_and_dashes_are(both, four, pages, lang):
    from sim.runs.many import run_many
    from sim.views.sources import in_language

    name = both.design.labels[0]
    alone = run_many([both.design.scenarios[0]], seeds=[1, 2, 3], workers=1)
    found = front(alone, [name], lang)["reading"]
    assert len(found) == 2
    assert "3 runs" in found[0] or "3 次" in found[0]
    for event in alone.design.scenarios[0].events:
        assert (f"week {event.week}: " if lang == "en" else f"第 {event.week} 周：") in found[1]
    assert found[1].count("week " if lang == "en" else "周：") == 2
    # The curves of several plans have no dashes.
    plans = in_language(four, lang)
    assert len(front(plans, list(plans.design.labels), lang)["reading"]) == 1
    one = run_many([both.design.scenarios[1]], seeds=[1], workers=1)
    only = front(one, list(one.design.labels), lang)
    assert not any("median" in line or "中位数" in line for line in only["reading"])
    assert ("More runs: one says" if lang == "en" else "更多次运行：一次") in only["change"][0]
    specs = json.loads(pages("run", "en").split('id="specs">')[1].split("</script>")[0])
    assert '"units a week"' in json.dumps(specs[0]), "flows are per week, as in the pictures"


@pytest.mark.parametrize(("said", "held"), [
    ("A (1.4 million yuan)", ["1.4 million yuan"]), ("层级压货（1.0）（99.5 万元）", ["99.5 万元"]),
    ("产消者（0%）", ["0%"]), ("3 人中 1 人，12,300 件，31 周", ["3 人", "1 人", "12,300 件", "31 周"]),
    ("from 2025-11-24 on, 5 weeks; 2025-11", ["2025-11-24", "5 weeks"]),
    ("−22,094 yuan after 1.2 years", ["−22,094 yuan"]), ("5 &lt;b&gt; unitsold", [])])
def test_a_number_and_its_unit_stand_on_one_line(said, held):
    shown = whole(said)
    assert re.findall('<span class="whole">(.*?)</span>', shown) == held
    assert re.sub("<[^>]+>", "", shown) == said


def test_what_users_write_stays_escaped_beside_whole_numbers(both, pages):
    page = pages("both", "en")
    assert "<script>alert" not in page.split("<main>")[1].split("<footer")[0]


def test_the_shortest_plan_ends_the_comparison(both):
    from sim.runs.many import run_many

    plans = [plan.changed({"weeks": weeks, "events": []})
             for plan, weeks in zip(both.design.scenarios, (8, 12), strict=True)]
    short = run_many(plans, seeds=[1, 2], workers=1)
    found = front(short, list(short.design.labels), "en")["change"]
    assert "the shortest plan ends with week 8" in " ".join(found)
    assert "nothing is known beyond" not in " ".join(found)


def test_nobody_is_surely_ahead_on_three_pairs(both):
    found = front(both, list(both.design.labels), "en")
    cells = [cell for row in found["ahead"]["rows"] for cell in row["cells"]]
    assert all("too few runs" in cell or cell in ("equal", "–") for cell in cells)
    assert "cannot be told" in found["headline"]


def test_a_leader_is_ahead_in_the_direction_that_is_better(four):
    found = front(four, list(four.design.labels), "en")
    from sim.views.report.facts import figures

    lost = {name: figures(four, name)["lost_money"].median() for name in four.design.labels}
    cell = found["ahead"]["rows"][1]["cells"][-1]
    named = [name for name in lost if cell.startswith(name)]
    assert not named or lost[named[0]] == min(lost.values())


def tables(**lost):
    import pandas as pd

    profit = {"A": 100.0, "B": 0.0, "C": 0.0}
    return {name: pd.DataFrame({
        "brand_profit": [1e5 * (profit[name] + place) for place in range(6)],
        "lost_money": values, "ever_joined": [50.0] * 6}) for name, values in lost.items()}


@pytest.mark.parametrize(("lost", "cell", "said"), [
    # Two are level with each other, and both surely ahead of the third.
    ({"A": [0.8, 0.81, 0.8, 0.79, 0.8, 0.8], "B": [0.0] * 6, "C": [0.0] * 6},
     "B and C (0%)", "with B and C fewest resellers lose money (0%)"),
    # The third is behind by luck, perhaps.
    ({"A": [0.8, 0.81, 0.8, 0.79, 0.8, 0.8], "B": [0.1, 0.0] * 3, "C": [0.0, 0.12] * 3},
     "B (5%); perhaps as good: C", "pays the brand most"),
    ({"A": [0.1, 0.0] * 3, "B": [0.0, 0.1] * 3, "C": [0.0, 0.12] * 3}, "A and B (5%), may be luck",
     "pays the brand most"),
    ({"A": [0.5, 0.51, 0.49] * 2, "B": [0.0] * 6, "C": [0.2, 0.21, 0.19] * 2}, "B (0%)",
     "with B fewest resellers lose money (0%)"),
])
def test_plans_that_are_level_are_named_together(lost, cell, said):
    from sim.views.report.front import _leader
    from sim.views.report.headline import headline

    found = tables(**lost)
    assert _leader(found, FIGURES["lost_money"], "en") == cell
    assert said in headline(found, "en")
    assert ("fewest" in headline(found, "en")) == ("fewest" in said)


@pytest.mark.parametrize("which", ["run", "both", "swept", "nobody"])
def test_the_page_can_be_read_by_a_screen_reader(pages, which):
    page = pages(which, "zh")
    assert page.count("<main>") == 1
    assert page.count("<h1>") == 1
    charts = re.findall(r'<div class="chart"[^>]*>', page)
    assert charts
    described = [re.search(r'aria-label="([^"]+)"', chart)[1] for chart in charts]
    assert all(described)
    assert len(set(described)) == len(described)
    assert not re.findall(r"<th>", page), "each head says what it heads"
    assert "prefers-color-scheme: dark" in page
    assert "counter(page)" in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_printed_page_is_short(unequal, tmp_path, lang):
    page = write_report(unequal, tmp_path / "page.html", lang=lang)
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'user'}",
         "--virtual-time-budget=15000", "--no-pdf-header-footer",
         f"--print-to-pdf={tmp_path / 'page.pdf'}", page.as_uri()],
        check=True, capture_output=True, timeout=120)
    sheets = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes()))
    assert sheets == 1, "all else is folded"
