"""Bands of forecasts hold what they say, on made-up brands whose future is known (some forty minutes)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.brand.made_up import FORETOLD, held, made_up, months_held

BRANDS = 50


def test_a_made_up_brand_is_the_same_every_time_and_none_is_another() -> None:
    one, again, other = made_up(3), made_up(3), made_up(4)
    assert one.rows == again.rows
    assert one.hidden != other.hidden
    assert one.truth["sell_in"].tolist() != other.truth["sell_in"].tolist()
    assert len(one.rows) >= 7  # a heading and whole months of thirty weeks


@pytest.mark.slow
def test_nine_in_ten_months_lie_in_the_90_percent_bands(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    table = pd.concat([months_held(number, tmp_path) for number in range(BRANDS)])
    assert set(table["series"]) == set(FORETOLD)
    assert 0.85 <= float(held(table, 90).mean()) <= 0.95, held(table, 90).groupby(table["series"]).mean()
    assert 0.40 <= float(held(table, 50).mean()) <= 0.65, held(table, 50).groupby(table["series"]).mean()
