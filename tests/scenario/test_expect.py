"""Reality checks: what they mean, computed by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.scenario.expect import Expectation, ExpectationError

COLUMNS = {"week": "week", "joins": "persons", "sell_in": "units", "sell_through": "units",
           "price": "fen", "trust": "share"}
TABLE = pd.DataFrame({
    "week": [1, 2, 3, 4], "joins": [4, 0, 2, 1], "sell_in": [10, 20, 5, 0],
    "sell_through": [1, 2, 3, 4], "price": [8500, 8400, float("nan"), 6000],
    "trust": [0.6, 0.5, 0.4, 0.3],
})


@pytest.mark.parametrize(("text", "holds"), [
    ("sell_in >= sell_through at week 2", True),
    ("sell_in >= sell_through", False),
    ("sell_in >= sell_through at end", False),
    ("sell_in > sell_through from week 1 to 3", True),
    ("sell_in > sell_through from week 1 to 4", False),
    ("max(sell_in) == 20", True),
    ("max(sell_in from week 3 to 4) == 5", True),
    ("min(trust) < 31%", True),
    ("mean(joins from week 1 to 2) == 2 * mean(joins at week 3) / 2", True),
    ("sum(joins) == 7", True),
    ("cumulative(sell_in) at week 2 == 30", None),
    ("cumulative(sell_in at week 2) == 30", True),
    ("cumulative(sell_in) >= 3 * cumulative(sell_through) at week 2", True),
    ("cumulative(sell_in) >= 4 * cumulative(sell_through) at end", False),
    ("price at week 1 == 85 CNY", True),
    ("price at week 1 == 85 元", True),
    ("price at week 4 < price at week 1", True),
    ("max(price) == 8500 fen", True),
    ("max(price) < 1万元", True),
    ("trust at end < 50%", True),
    ("-trust < -0.2", True),
    ("(sell_in + sell_through) * 2 == 8", True),
    ("sell_in / sell_in > 0", False),
    ("joins != 1", False),
])
def test_meaning(text: str, holds: bool | None) -> None:
    if holds is None:
        check = Expectation.parse(text, COLUMNS, 4)
        assert check.holds(TABLE)
    else:
        assert Expectation.parse(text, COLUMNS, 4).holds(TABLE) is holds


WEEKLY = {"joins": "persons", "sell_in": "units", "profit_brand": "fen", "refunds": "fen"}
WEEKS = pd.DataFrame({"week": [1, 2], "joins": [4, 1], "sell_in": [10, 20], "profit_brand": [700, -300],
                      "refunds": [0, 250]})


@pytest.mark.parametrize(("text", "means"), [
    ("累计（回购款）≤ ２元", "cumulative(refunds) <= 2 CNY"),
    ("累计(回购款) ＞ ￥2", "cumulative(refunds) > 2 CNY"),
    ("新增代理 第1周 ＝＝ 4人", "joins at week 1 == 4"),
    ("出货量 期末 ≥ 2 × 新增代理 第 1 周", "sell_in at end >= 2 * joins at week 1"),
    ("平均(出货量 第1到2周) ≠ 15件", "mean(sell_in from week 1 to 2) != 15"),
    ("出货 > 15 第1到2周", "sell_in > 15 from week 1 to 2"),
    ("品牌利润 > 0", "cumulative(profit_brand) > 0"),
    ("品牌利润 第2周 > 0", "profit_brand at week 2 > 0"),
])
def test_a_check_in_chinese_means_what_the_english_one_does(text: str, means: str) -> None:
    found, same = Expectation.parse(text, WEEKLY, 2), Expectation.parse(means, WEEKLY, 2)
    assert list(found.compared(WEEKS)) == list(same.compared(WEEKS))
    assert (found.sign, found.holds(WEEKS)) == (same.sign, same.holds(WEEKS))


@pytest.mark.parametrize(("text", "message"), [
    ("累积(回购款) > 0", "unknown function '累积'; .*累计"),
    ("新增代里 > 0", "unknown column '新增代里'; did you mean '新增代理'"),
])
def test_chinese_names_that_are_not_there_are_answered_in_chinese(text: str, message: str) -> None:
    with pytest.raises(ExpectationError, match=message):
        Expectation.parse(text, WEEKLY, 2)


@pytest.mark.parametrize(("text", "message", "column"), [
    ("sel_in > 3", "did you mean 'sell_in'", 0),
    ("maxi(sell_in) > 3", "did you mean 'max'", 0),
    ("sell_in >", "stops too early", 9),
    ("sell_in > 3 at week 9", "outside the run", 20),
    ("sell_in", "stops too early", 7),
    ("__import__('os') > 3", "cannot be understood", 0),
    ("sell_in > 3; drop", "cannot be understood", 11),
    ("joins > 3 > 2", "cannot be understood", 10),
    ("", "stops too early", 0),
])
def test_refusals(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpectationError, match=message) as caught:
        Expectation.parse(text, COLUMNS, 4)
    assert caught.value.column == column
