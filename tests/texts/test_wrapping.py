"""Lines: no number is broken, no mark begins a line, names are cut at their joints."""

from __future__ import annotations

import itertools
import re

import pytest

from sim.texts.wrapping import close_up, width_of, wrapped
from sim.views.style import filled

TEXT = ("品牌利润：“现在转型”少 36.8 万元（-4%）：827 万元，对照 1,864.5 万元；区间 30.7 万元到 48.8 万元；"
        "做过代理的人里 98.5 % 亏了钱，1 项指标更高；1.5万件，9.54 million yuan")


@pytest.mark.parametrize("width", range(24, 70))
def test_numbers_stay_whole_and_with_their_units(width: int) -> None:
    lines = wrapped(TEXT, width)
    assert "".join(lines).replace(" ", "") == TEXT.replace(" ", "")
    assert all(width_of(line) <= width for line in lines)
    for line, following in itertools.pairwise(lines):
        assert not re.match(r"[，。；：、）%.,]", following), (line, following)
        if width > 24:
            assert not (line[-1].isdigit() and following[0].isdigit()), (line, following)
            assert not (re.search(r"\d$", line) and re.match(r"%|万|元|件|项|million", following)), line
            assert not (line.endswith("万") and following.startswith(("元", "件"))), line


def test_long_names_are_cut_at_their_joints() -> None:
    assert wrapped("controls.information_asymmetry", 22) == ["controls.information_", "asymmetry"]
    assert wrapped("1234567.891", 8) == ["1234567.", "891"] or wrapped("1234567.891", 8)[0] == "1234567."
    assert wrapped("reseller_conversion.buy_back", 20) == ["reseller_conversion.", "buy_back"]


@pytest.mark.parametrize(("text", "closed"), [
    ("区间 265 万元 到 320 万元", "区间 265 万元到 320 万元"), ("少 2.8 个百分点 到多 0.76 个百分点",
     "少 2.8 个百分点到多 0.76 个百分点"), ("第 60 周 起", "第 60 周起"),
    ("3 units to 5 units", "3 units to 5 units"), ("方案 A 到 B", "方案 A 到 B")])
def test_no_space_stands_between_a_unit_and_a_chinese_word(text: str, closed: str) -> None:
    assert close_up(text) == closed


TITLES = [
    ("品牌盈利 1,234.5 万元；62.5% 的代理亏钱，平均每人 3,480 元，第 12 周起月月如此，合计 -2.07 亿元",
     r"第 12 周|1,234\.5 万元|62\.5%|3,480 元|-2\.07 亿元"),
    ("渠道里还压着 7,310 件货，占进货的 41%；从第 88 周到第 104 周，9 家门店关了 3 家，信任低 12.5 个百分点",
     r"7,310 件|41%|第 88 周|第 104 周|9 家|3 家|12\.5 个百分点"),
    ("Brand earns 1.25 million yuan; 62.5% of resellers lose money, 3,480 of them over 2 million yuan",
     r"1\.25 million yuan|62\.5%|3,480|2 million yuan"),
]


@pytest.mark.parametrize(("title", "whole"), TITLES)
@pytest.mark.parametrize("columns", range(24, 100))
def test_titles_of_pictures_keep_numbers_with_their_units(title: str, whole: str, columns: int) -> None:
    lines = filled(title, columns).splitlines()
    assert all(width_of(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    for said in re.findall(whole, title):
        assert any(said in line for line in lines), (said, lines)
