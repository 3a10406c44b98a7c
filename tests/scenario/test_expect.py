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
