"""The report: self-contained, safe, small, and right."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.runs.figures import FIGURES
from sim.views.report import _bundle, changed_settings, report_html, write_report
from sim.views.report.facts import MEASURES, compliance, corrected, depths, figures, paired
from sim.views.report.wording import amount, compare_sentences, label, run_sentences


class Page(HTMLParser):
    """What a browser would fetch or run."""

    def __init__(self, page):
        super().__init__()
        self.addresses, self.scripts, self.policy, self._in = [], [], "", None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.addresses += [given[key] for key in ("src", "href", "action") if key in given]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "script":
            self.scripts.append("")
            self._in = True

    def handle_endtag(self, tag):
        if tag == "script":
            self._in = None

    def handle_data(self, data):
        if self._in:
            self.scripts[-1] += data


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("which", ["run", "both", "swept", "nobody"])
def test_page_is_whole_and_safe(pages, which, lang):
    page = pages(which, lang)
    read = Page(page)
    assert len(page.encode()) < 2_000_000
    assert not read.addresses, "nothing is fetched"
    assert "default-src 'none'" in read.policy
    assert "unsafe-eval" not in read.policy
    assert len(read.scripts) == 3
    for script in read.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in read.policy
    specs = json.loads(read.scripts[1])
    assert len(specs) == len(re.findall(r'id="chart-\d+"', page))
    assert "<script>alert" not in page
    assert "<b>" not in page.split("</style>")[1]


@pytest.mark.parametrize("which", ["run", "both", "swept"])
def test_the_same_result_gives_the_same_page(request, pages, which):
    _bundle.cache_clear()
    assert pages(which, "zh") == report_html(request.getfixturevalue(which), lang="zh")


def test_charts_can_be_drawn(pages):
    import vl_convert

    for spec in json.loads(Page(pages("both", "zh")).scripts[1]):
        svg = vl_convert.vegalite_to_svg({**spec, "width": 400})
        assert "<path" in svg


def test_written_whole_or_not_at_all(run, tmp_path, monkeypatch):
    path = write_report(run, tmp_path / "report.html", lang="en")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    before = path.read_bytes()
    monkeypatch.setattr("sim.views.report.report_html", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(run, path)
    assert path.read_bytes() == before


def test_figures_are_those_of_the_tables(run):
    found = figures(run).iloc[0]
    weekly = run.weekly
    assert found["sell_in"] == weekly["sell_in"].sum()
    assert found["ever_joined"] == len(run.resellers)
    assert found["peak_active"] == weekly["resellers_active"].max()
    sold = weekly["sell_through"].sum() - weekly["direct_sales"].sum()
    assert math.isclose(found["sell_through_rate"],
                        sold / (weekly["sell_in"].sum() - weekly["bought_back"].sum()))
    assert found["brand_profit"] == weekly["profit_brand"].sum()
    assert {measure.name for measure in MEASURES} <= set(found.index)


def test_sentences_carry_the_numbers(run):
    said = " ".join(run_sentences(run, None, "en"))
    assert f"{len(run.resellers):,}" in said
    assert f"{run.weekly['sell_in'].sum():,}" in said
    assert "{" not in said


def test_a_plan_against_itself_is_identical(run):
    table = figures(run)
    more = pd.concat([table, table, table])
    more.index = pd.Index([1, 2, 3])
    for pairing in paired(more, more):
        assert pairing.identical
        assert not pairing.clear


def test_direction_only_where_the_interval_leaves_out_zero(both):
    sentences, pairings = compare_sentences(both, list(both.design.labels), "en")
    clear = [pairing for _, pairing in pairings if pairing.clear]
    stated = [s for s in sentences if " under " in s and " than under " in s]
    assert not clear, "three pairs have no interval"
    assert not stated
    assert any("3 pairs" in s for s in sentences)
    for _, pairing in pairings:
        assert pairing.pairs <= 3
        assert not pairing.clear or pairing.low * pairing.high > 0


def test_compliance_weeks():
    weeks = range(1, 11)
    weekly = pd.DataFrame({
        "week": weeks, "sell_in": [10, 0, 0, 10, 0, 0, 0, 0, 0, 0],
        "sell_through": [2] * 10, "self_consumed": 0, "dumped": 0,
        "entry_payments": [0, 0, 0, 9, *[0] * 6], "upline_payments": [0, 0, 5, *[0] * 7],
        "recruiting_share": [0.1] * 4 + [0.6] * 6})
    chain = [None, 0, 1, *[0] * 28]
    resellers = pd.DataFrame({
        "person": range(31), "upline": pd.array(chain, "Int64"),
        "joined_week": [1, 2, 3, *[4] * 28], "left_week": pd.array([pd.NA] * 31, "Int64")})
    assert list(depths(resellers)[:4]) == [1, 2, 3, 2]
    found = {one.name: one for one in compliance(weekly, resellers, 4)}
    assert found["levels"].value == "3"
    assert found["levels"].first == 4, "the thirtieth person joins in week 4"
    assert found["tiers"].first == 1
    assert found["entry"].first == 4
    assert found["team"].first == 3
    assert found["recruiting"].first == 5
    assert found["seventy"].first == 4, "60 % sold when the second order is shipped"


def test_what_half_of_the_runs_or_fewer_have_is_not_told_as_theirs():
    from sim.views.report.facts import range_of
    from sim.views.report.wording import span

    few = pd.Series([18.0, 12.0, math.nan, math.nan])
    assert all(math.isnan(value) for value in range_of(few))
    assert span(few, "week", "en") == "–"
    assert range_of(pd.Series([18.0, 12.0, 30.0, math.nan]))[0] == 18


@pytest.mark.parametrize("name", ["prosumer", "pyramid"])
def test_of_goods_that_were_never_shipped_no_share_is_told(name):
    import sim

    run = sim.run(sim.load(name, {"persons": 2000, "weeks": 30}), seed=1, threads=1)
    shares = [one.value for one in compliance(run.weekly, run.resellers, 1) if one.name == "seventy"]
    assert (shares == ["share:nan"]) == (run.weekly["sell_in"].sum() == 0) == (name == "prosumer")


def test_changed_settings_names_what_differs():
    from tests.views.conftest import scenario

    rows = {path: value for path, value, _ in changed_settings(scenario())}
    assert rows["persons"] == "3000"
    assert rows["recruiting.founders"] == "0.004"
    assert "recruiting.binding" not in rows


def test_amounts_in_words():
    assert amount(0.1234, "share", "en") == "12.3%"
    assert amount(-0.05, "points", "zh", plus=True) == "−5 个百分点"
    assert amount(123_456_700, "fen", "en") == "1.23 million yuan"
    assert amount(123_456_700, "fen", "zh") == "123 万元"
    assert amount(1234, "persons", "en") == "1,234 persons"
    assert amount(math.nan, "share", "en") == "–"


def test_notebook_tables_are_escaped(both):
    for shown in (both._repr_html_(), next(iter(both))._repr_html_(),
                  both.design.scenarios[1]._repr_html_()):
        assert "<table>" in shown
        assert "<script>" not in shown


def four_pairs(both, **shift):
    """Return key figures of two plans on four seeds; `shift` is added in the second."""
    table = figures(both, both.design.labels[0]).iloc[[0, 1, 2, 0]].reset_index(drop=True)
    return table, table.assign(**{name: table[name] + by for name, by in shift.items()})


def test_differences_are_other_minus_first(both):
    first, other = four_pairs(both, brand_profit=100.0, trust=-0.1)
    found = {one.measure.name: one for one in paired(first, other)}
    assert found["brand_profit"].mean == pytest.approx(100.0)
    assert found["trust"].mean == pytest.approx(-0.1)
    assert found["trust"].clear
    assert found["sell_in"].identical


def test_a_direction_is_told_only_where_it_survives_how_many_were_looked_at(both, monkeypatch):
    """Noise in twenty figures, one of them just beyond its own interval: `compare` tells none."""
    rng = np.random.default_rng(3)
    table = figures(both, both.design.labels[0])
    rows = pd.DataFrame({name: rng.normal(0.5, 0.05, 12) for name in table}, index=range(12))
    other = rows + pd.DataFrame({name: rng.normal(0.0, 0.005, 12) for name in table}, index=range(12))
    noise = rng.normal(0.0, 1.0, 12)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    other["trust"] = rows["trust"] + 0.005 * (noise + 2.5 / math.sqrt(12))
    other["brand_profit"] = rows["brand_profit"] + 0.005 * (noise + 9.0 / math.sqrt(12))
    found = paired(rows, other)
    alone = [one for one in found if one.clear]
    assert alone, "by themselves some are clear"
    wanted = stats.false_discovery_control([one.chance for one in found])
    told = [one.measure.name for one, chance in zip(found, wanted, strict=True)
            if chance <= 0.05 and (one.low > 0 or one.high < 0)]
    assert told == ["brand_profit"]
    assert "trust" in {one.measure.name for one in alone}
    assert [one.measure.name for one in corrected(found) if one.clear] == told
    tables = iter((rows, other))
    monkeypatch.setattr("sim.views.report.wording.figures", lambda *_: next(tables))
    sentences, _ = compare_sentences(both, list(both.design.labels), "en")
    assert sum("95% interval" in sentence for sentence in sentences) == 1


def test_what_everybody_agrees_on_has_no_interval_in_words(both, monkeypatch):
    tables = iter(four_pairs(both, brand_profit=1_000_000.0))
    monkeypatch.setattr("sim.views.report.wording.figures", lambda *_: next(tables))
    a, b = both.design.labels
    sentences, _ = compare_sentences(both, [a, b], "en")
    (said,) = [s for s in sentences if "profit of the brand" in s and "higher under" in s]
    assert f"higher under {b} than under {a}, in each of 4 pairs" in said
    assert "95%" not in said


def test_a_difference_is_worded_as_its_unit_asks(both, monkeypatch):
    """Goods and people are more or fewer, weeks later or earlier, money and shares higher or lower."""
    shift = {"sell_through": -16_180.0, "ever_joined": 50.0, "peak_week": -3.0,
             "lost_money": -0.123, "brand_profit": 45_000_00.0, "street_price": -35_00.0}
    first, other = four_pairs(both)
    for name, base in (("sell_through", 20_000.0), ("ever_joined", 100.0), ("peak_week", 31.0),
                       ("lost_money", 0.5), ("brand_profit", 0.0), ("street_price", 200_00.0)):
        first[name], other[name] = base, base + shift[name]
    a, b = both.design.labels
    wanted = {
        "en": ("16,180 fewer", "50 more", "3 weeks earlier", "12.3 points lower", "45,000 yuan higher",
               "35 yuan lower"),
        "zh": ("少 1.62 万件", "多 50 人", "早 3 周", "低 12.3 个百分点", "高 4.5 万元", "低 35 元"),
    }
    for lang, words in wanted.items():
        tables = iter((first, other))
        monkeypatch.setattr("sim.views.report.wording.figures", lambda *_, tables=tables: next(tables))
        sentences, _ = compare_sentences(both, [a, b], lang)
        for name, said in zip(shift, words, strict=True):
            form = f"{label(FIGURES[name], lang)}: {said} under {b} than under {a}," if lang == "en" else \
                f"{label(FIGURES[name], lang)}：{b} 比 {a} {said}，"
            assert any(form in sentence for sentence in sentences), (form, sentences)


def test_plans_of_unequal_size_or_length_are_said():
    from sim.runs.many import run_many
    from tests.views.conftest import scenario

    runs = run_many([scenario(weeks=6), scenario(weeks=8, title="Longer", persons=2000)],
                    seeds=[1], workers=1)
    names = list(runs.design.labels)
    said = " ".join(compare_sentences(runs, names, "en")[0])
    assert "different times" in said
    assert "different size" in said


def test_a_market_without_payment_for_heads_is_not_filed():
    weeks = range(1, 11)
    weekly = pd.DataFrame({
        "week": weeks, "sell_in": 0, "sell_through": [2] * 10, "self_consumed": 0, "dumped": 0,
        "entry_payments": 100, "upline_payments": 0, "recruiting_share": 0.0})
    resellers = pd.DataFrame({
        "person": range(40), "upline": pd.array([None, 0, 1, *[2] * 37], "Int64"),
        "joined_week": 1, "left_week": pd.array([pd.NA] * 40, "Int64")})
    found = {one.name: one for one in compliance(weekly, resellers, 2)}
    assert found["heads"].value == "40"
    assert math.isnan(found["heads"].first)
    paid = {one.name: one for one in compliance(weekly.assign(upline_payments=5), resellers, 2)}
    assert paid["heads"].first == 1


def test_a_switch_of_the_regime_is_in_the_title_and_events_are_in_the_charts():
    import sim

    turned = sim.run(sim.load("transition", {"persons": 400, "weeks": 60}), seed=1, threads=1)
    page = report_html(turned, lang="en")
    assert "1.0 pyramid → 2.0 prosumer from week 52" in page
    specs = json.loads(Page(page).scripts[1])
    weeks = [layer["data"]["values"] for spec in specs for layer in spec["layer"]
             if layer.get("mark", {}).get("type") == "rule" and "data" in layer]
    assert len(weeks) == len(specs)
    assert all(52 in {row["week"] for row in rows} for rows in weeks)
    assert all("product" not in spec["title"]["text"].lower() or spec["layer"][0]["encoding"]["y"][
        "axis"]["format"] != "%" for spec in specs if "tastes" in spec["title"]["text"])


def test_the_page_of_a_sweep_lists_no_swept_setting_as_fixed(pages):
    page = pages("swept", "en")
    assert "controls.stock_pressure</td>" not in page
