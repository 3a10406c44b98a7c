"""Chinese texts have no spaces between their words; English ones agree with a lone one of a kind."""

from __future__ import annotations

import html
import re

import pytest

import sim
from sim.cli.app import outcome
from sim.runs.many import run_many
from sim.texts import use_language
from sim.texts.agreement import agreed
from sim.views.plots import FIGURES, compare_figure, figure, multiples_figure, sweep_figure
from sim.views.report import report_html
from tests.views.conftest import scenario

SIGN, MARK = "\u4e00-\u9fff", "，。；：、！？）》"
LOOSE = re.compile(rf"[{SIGN}{MARK}（《] (?=[{SIGN}（《])|(?<=\S) (?=[{MARK}])|[{MARK}（《] (?=[^ |/])")


def loose(text):
    """Return the places of a Chinese text at which a space stands that does not belong there."""
    lines = [line.strip() for line in text.splitlines()]
    return [line[max(0, found.start() - 20): found.end() + 20] for line in lines
            for found in LOOSE.finditer(line)]


def words_of(page):
    """Return the texts of a page, one a line, descriptions and charts among them."""
    specs = page.split('id="specs">')[1].split("</script>")[0]
    body = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.S)
    labels = re.findall(r'aria-label="([^"]*)"', body)
    titles = re.findall(r'"(?:text|subtitle|title|description)":"([^"]*)"', specs)
    # Tags inside a sentence are no spaces.
    return html.unescape("\n".join([re.sub(r"<[^>]+>", "\n", body), *labels, *titles]))


def test_what_counts_as_loose():
    assert loose("12.0 个百分点 到 15 个") == ["12.0 个百分点 到 15 个"]
    assert loose("层级压货（1.0） 22 万元")
    assert loose("少了 ，")
    assert not loose("代理 12 人，共 3.5 万元（第 4 周）\n  |  种子 0、1 [exits, joins]")


@pytest.mark.parametrize("which", ["run", "both", "swept", "nobody"])
def test_no_page_is_loose(pages, which):
    assert not loose(words_of(pages(which, "zh")))


def test_no_picture_is_loose(run, both, swept):
    made = [figure(run, name, "zh") for name in FIGURES if name not in ("funding", "surveys")]
    made += [compare_figure(both, lang="zh"), multiples_figure(both, lang="zh"),
             sweep_figure(swept, lang="zh")]
    for one in made:
        for part in one.findobj(lambda artist: hasattr(artist, "get_text")):
            # A line ends where it may.
            assert not loose(str(part.get_text())), one.get_suptitle()


@pytest.mark.parametrize("command", [
    "run pyramid --persons 1500 --weeks 30 --seeds 3 -v --figures none",
    "compare pyramid prosumer --persons 1500 --weeks 30 --seeds 6 -v",
    "sweep pyramid --vary controls.stock_pressure=0:1:3 --persons 1000 --weeks 12 --seeds 2",
    "ladder pyramid prosumer --set persons=800 --set weeks=12 --seeds 4 --orders 1",
])
def test_no_command_prints_loose_text(command, tmp_path, capsys):
    assert outcome([*command.split(), "--lang", "zh", "--out", str(tmp_path / "out"), "--workers", "1"]) == 0
    assert not loose(capsys.readouterr().out)
    if command.startswith("run"):
        assert outcome(["explain", str(tmp_path / "out"), "--week", "20", "--lang", "zh"]) == 0
        assert not loose(capsys.readouterr().out)


@pytest.mark.parametrize(("several", "one"), [
    ("from 1 persons (x=1) to 21 persons", "from 1 person (x=1) to 21 persons"),
    ("1 units lie in the channel, 1% of it", "1 unit lies in the channel, 1% of it"),
    ("12 became resellers, 1 still sell at the end", "12 became resellers, 1 still sells at the end"),
    ("1 persons are customers at the end", "1 person is a customer at the end"),
    ("1,001 units; 0.1 units; week 1; 1 of 15 points", "1,001 units; 0.1 units; week 1; 1 of 15 points"),
    ("after 1 weeks, 1 were dumped", "after 1 week, 1 was dumped"),
])
def test_a_lone_one_is_said_as_one(several, one):
    assert agreed(several) == one
    assert agreed(one) == one


LONE = re.compile(
    r"(?<![\d.,:=#–-])1 (?:persons|units|weeks|points|runs|seeds|settings|pairs|are|were|lie|sell)\b")


def test_with_one_of_everything_no_text_says_several(capsys):
    use_language("en")
    plan = scenario(persons=300, weeks=1, **{
        "recruiting.founders": "1 persons", "recruiting.approaches": 0.0})
    alone = run_many([plan], seeds=[1], workers=1)
    texts = [words_of(report_html(alone, lang="en"))]
    for name in ("churn", "inventory", "sell_through", "customers", "goods_flow"):
        texts += [str(part.get_text()) for part in figure(alone, name, "en").findobj(
            lambda artist: hasattr(artist, "get_text"))]
    texts.append(repr(sim.sweep(plan, {"offer.quality": [0.4, 0.6]}, seeds=1)))
    assert "1 person" in " ".join(texts)
    for text in texts:
        assert not LONE.findall(text), text[:300]


def test_the_live_view_says_its_state_tidily():
    pytest.importorskip("bokeh")
    from sim.views.live_market import LiveMarket

    market = LiveMarket(scenario(persons=300, weeks=1, **{
        "recruiting.founders": "1 persons", "recruiting.approaches": 0.0}), 1, "A")
    market.step()
    assert not market.model.running
    assert not loose(market.status("zh"))
    assert "运行结束" in market.status("zh")
    assert "1 sells" in market.status("en")
