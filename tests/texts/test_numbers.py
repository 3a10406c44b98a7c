"""Numbers as people say them, in both languages."""

from __future__ import annotations

import math

import pytest

from sim.studies.measures import measure
from sim.texts import speaking
from sim.texts.numbers import counted, labelled, said, said_gap, scale_of, tidy


@pytest.mark.parametrize(("value", "unit", "english", "chinese"), [
    (954_000_000, "fen", "9.54 million yuan", "954 万元"),
    (-12_345_600, "fen", "-123,000 yuan", "-12.3 万元"),
    (8_550, "fen", "85.5 yuan", "85.5 元"),
    (3e12, "fen", "30,000 million yuan", "300 亿元"),
    (64_200, "units", "64,200 units", "6.42 万件"),
    (20_000, "persons", "20,000 persons", "2 万人"),
    (0.1234, "share", "12.3%", "12.3%"),
    (31, "week", "week 31", "第 31 周"),
    (1_250, "fen/units", "12.5 yuan/units", "12.5 元/件"),
    (math.nan, "fen", "none", "无"),
    (-0.001, "fen", "-0.00001 yuan", "-0.00001 元"),
])
def test_a_number_is_said_in_the_words_of_the_language(
    value: float, unit: str, english: str, chinese: str
) -> None:
    with speaking("en"):
        assert said(value, unit) == english
    with speaking("zh"):
        assert said(value, unit) == chinese


def test_the_numbers_of_a_row_share_their_scale() -> None:
    with speaking("zh"):
        scale = scale_of([21_389_500, 2_526_900, math.nan], "fen")
        assert [scale.figure(value) for value in (21_389_500, 2_526_900, math.nan)] == [
            "21.4", "2.53", "-"]
        assert labelled("品牌利润", scale, "fen") == "品牌利润（万元）"
        assert labelled("件数", scale_of([12.0], "units"), "units") == "件数"
        assert labelled("件数", scale_of([12e4], "units"), "units") == "件数（万件）"
        assert scale.figure(2_526_900, plus=True) == "+2.53"
        assert said_gap(0.123, "share") == "12.3 个百分点"
        assert tidy(f"共 {counted(64_200)} 件") == "共 6.42 万件"
        assert counted(9_999) == "9,999"
    with speaking("en"):
        assert counted(64_200) == "64,200"


@pytest.mark.parametrize(("text", "unit"), [
    ("cumulative(profit_brand) / 2", "fen"), ("2 * cumulative(profit_brand)", "fen"),
    ("cumulative(profit_brand) - 100 CNY", "fen"), ("-cumulative(profit_brand)", "fen"),
    ("cumulative(profit_brand) / cumulative(sell_through)", "fen/units"),
    ("cumulative(sell_through) / cumulative(sell_in)", ""), ("trust_mean at end", "share"),
    ("cumulative(sell_in) * trust_mean", "units"), ("first week trust_mean < 30%", "week"),
    ("profit_brand / trust_mean", "fen"), ("profit_brand + sell_in", ""),
])
def test_a_measure_of_ones_own_has_its_unit(text: str, unit: str) -> None:
    assert measure(text).unit == unit
