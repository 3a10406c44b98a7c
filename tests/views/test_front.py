"""The first sheet of the page: short, certain where it says so, and usable without a mouse."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from sim.runs.figures import FIGURES
from sim.views.report import report_html, write_report
from sim.views.report.front import TILE_FIGURES, front
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
def test_the_printed_page_is_short(four, tmp_path, lang):
    page = write_report(four, tmp_path / "page.html", lang=lang)
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'user'}",
         "--virtual-time-budget=15000", "--no-pdf-header-footer",
         f"--print-to-pdf={tmp_path / 'page.pdf'}", page.as_uri()],
        check=True, capture_output=True, timeout=120)
    sheets = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes()))
    assert sheets == 1, "all else is folded"
