"""Numbers with units."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.manual import settings
from sim.scenario.quantities import QuantityError, quantity, unit_words


@pytest.mark.parametrize(("text", "unit", "value"), [
    ("80%", "share", "0.8"), ("128 CNY", "CNY", "128"), ("128元", "CNY", "128"),
    ("5万", "persons", "50000"), ("1.5亿", "units", "150000000"), ("5万元", "CNY", "50000"),
    ("10 周", "weeks", "10"), ("2 years", "weeks", "104"), ("300 CNY/week", "CNY a week", "300"),
    ("300 元/周", "CNY a week", "300"), ("0.25 units a week", "units a week", "0.25"),
    ("26 units/year", "units a week", "0.5"), ("5%", "chance a week", "0.05"),
    ("3 utility", "utility", "3"), ("1e3", "CNY", "1000"), ("-2", "utility", "-2"),
    ("¥198", "CNY", "198"), ("￥ 198", "CNY", "198"), ("¥1.5万", "CNY", "15000"),
    ("¥198元", "CNY", "198"), ("12块", "CNY", "12"), ("12块钱", "CNY", "12"), ("5毛", "CNY", "0.5"),
    ("14天", "weeks", "2"), ("24个月", "weeks", "104"), ("3个月", "weeks", "13"),
    ("1.5万件", "units", "15000"), ("1件/天", "units a week", "7"), ("¥7/天", "CNY a week", "49"),
    ("198\u00a0元", "CNY", "198"), ("20\u2009000", "persons", "20000"),
    ("1\u202f000\u00a0元", "CNY", "1000"), ("2年", "months", "24"),
    ("８０％", "share", "0.8"), ("￥２９８．５", "CNY", "298.5"), ("２％／周", "chance a week", "0.02"),
    ("１．５万　人", "persons", "15000"), ("12块5", "CNY", "12.5"), ("12元5角", "CNY", "12.5"),
])
def test_values(text: str, unit: str, value: str) -> None:
    assert quantity(text, unit) == Decimal(value)


@pytest.mark.parametrize(("text", "unit"), [
    ("10 persons", "weeks"), ("5 CNY/person", "CNY a week"), ("¥5", "persons"),
    ("3%", "persons"), ("abc", "share"),
    ("12,000", "persons"), ("１２，０００", "persons"), ("12块55", "CNY"),
    ("1 2", "weeks"), ("0x10", "weeks"), ("", "share"),
])
def test_refusals(text: str, unit: str) -> None:
    with pytest.raises(QuantityError):
        quantity(text, unit)


@pytest.mark.parametrize(("text", "unit", "said"), [
    ("四成", "share", "in digits"), ("百分之四十", "share", "in digits"), ("一百元", "CNY", "in digits"),
    ("一般", "share", "^$"), ("百搭", "CNY", "^$"), ("１２，０００", "persons", "in one piece: 12000"),
])
def test_a_number_in_words_is_told_from_other_words(text: str, unit: str, said: str) -> None:
    with pytest.raises(QuantityError, match=said):
        quantity(text, unit)


@given(st.decimals(-10**6, 10**6, places=3), st.sampled_from(sorted(
    {row["unit"] for row in settings() if row["kind"] in ("number", "whole number")})))
def test_a_number_in_its_own_unit_is_itself(number: Decimal, unit: str) -> None:
    assert quantity(f"{number} {unit}", unit) == number
    assert quantity(str(number), unit) == number
    for words in unit_words(unit)[:1]:
        if words not in ("%",):
            assert quantity(f"{number} {words}", unit) in (number, number / 100)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    with contextlib.suppress(QuantityError):
        assert quantity(text, "CNY a week").is_finite()
