"""Messages of the figures of few markets: each number is computed anew from the tables."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.runs.many import run_many
from sim.views.further_messages import MESSAGES, about, top_tenth
from sim.views.plots import FIGURES, NEEDS, figure, is_there
from sim.views.texts import column, large, text

LANGS = pytest.mark.parametrize("lang", ["en", "zh"])


@functools.cache
def market(name, seeds=2, persons=1500, weeks=60, **changes):
    plan = sim.load(name, {"persons": persons, "weeks": weeks, "expect": [], **changes})
    return run_many([plan], seeds=range(seeds), workers=1)


def title(result, name, lang):
    said = figure(result, name, lang).get_suptitle()
    return said.replace("\n", "" if lang == "zh" else " ")


def middle(values):
    return float(np.median([value for value in values if not math.isnan(value)]))


def runs(result):
    return [rows for _seed, rows in result.weekly.groupby("seed")]


def test_every_figure_has_a_message_of_its_own_or_a_plain_name():
    from sim.views import messages

    source = Path(messages.__file__).read_text(encoding="utf-8")
    for name in FIGURES:
        assert name in MESSAGES or f'"{name}"' in source, name
        assert text(f"figure.{name}", "zh")


@pytest.mark.parametrize("amounts", [
    [1.0] * 10, [0.0] * 9 + [7.0], [5.0, 1.0, 1.0, 1.0, 1.0, 1.0], [0.0, 0.0]])
def test_the_share_of_the_top_tenth(amounts):
    ordered = sorted(amounts, reverse=True)
    whole, part = divmod(len(amounts) / 10, 1)
    top = sum(ordered[:int(whole)]) + part * ordered[int(whole)]
    wanted = top / sum(amounts) if sum(amounts) else math.nan
    assert top_tenth(amounts) == pytest.approx(wanted, nan_ok=True)


@LANGS
@pytest.mark.parametrize("name", ["pyramid", "prosumer", "transition"])
def test_inequality_is_said_as_the_curve_has_it(name, lang):
    of = market(name, persons=4000)
    people = of.resellers
    assert people.groupby("seed").size().median() >= 10
    said = title(of, "lorenz_and_bullwhip", lang)
    for what in ("own_retail_margin", "upline_payments"):
        gains = people[what].clip(lower=0).sort_values(ascending=False).to_numpy(dtype=float)
        if not gains.sum():
            assert ("bring nothing" in said) or ("不带来收入" in said) or ("无人" in said)
            continue
        whole, part = divmod(len(gains) / 10, 1)
        share = (gains[:int(whole)].sum() + part * gains[int(whole)]) / gains.sum()
        assert about(share) in said, what


@LANGS
@pytest.mark.parametrize("name", ["pyramid", "prosumer"])
def test_the_tree_is_said_as_it_is_drawn(name, lang):
    of = market(name, persons=4000)
    people = of.resellers[of.resellers["seed"] == of.resellers["seed"].min()]
    upline = dict(zip(people["person"], people["upline"].fillna(-1).astype(int), strict=True))

    def depth(person):
        return 1 + depth(upline[person]) if upline[person] in upline else 1

    assert len(people) >= 10
    said = title(of, "tree", lang)
    if not people["recruits"].any():
        assert said == text("msg tree none", lang)
        return
    nobody = 1.0 - len(set(people["upline"].dropna().astype(int)) & set(people["person"])) / len(people)
    assert about(nobody) in said
    levels = max(map(depth, upline))
    assert f"{levels} levels" in said or f"深 {levels} 级" in said


@LANGS
def test_rivals(lang):
    of = market("rival_brands")
    late = [rows.tail(4)[["sell_through", "dumped", "rival_sales"]].sum() for rows in runs(of)]
    share = middle([one["rival_sales"] / one.sum() for one in late])
    assert about(share) in title(of, "rivals", lang)


@LANGS
@pytest.mark.parametrize("persons", [1500, 3000])
def test_money_of_fans(lang, persons):
    of = market("fan_financed", persons=persons)
    said = title(of, "funding", lang)
    given = middle([float(rows["fans_advanced"].sum()) for rows in runs(of)])
    back = middle([float(rows["fans_repaid"].sum()) for rows in runs(of)])
    bust = [bool(rows["brand_bust"].any()) for rows in runs(of)]
    if not of.weekly["fans_advanced"].any():
        assert said == text("msg funding none" if not all(bust) else "msg funding bust alone", lang)
    elif not given:
        assert f"{sum(bool(rows['fans_advanced'].any()) for rows in runs(of))} " in said
    else:
        assert ("goes bust" in said or "倒闭" in said) == any(bust)
        for amount in (given, back):
            assert large(amount / 100, text("yuan", lang), lang) in said


@LANGS
def test_shares_of_units_and_money(lang):
    for scenario, name, part, whole in (
        ("diverted_goods", "diversion", "diverted", ["sell_through", "diverted", "dumped"]),
        ("coordinated_channels", "channels", "cannibalised", ["purchases_legacy", "cannibalised"]),
        ("channel_conflict", "legacy_channel", "cannibalised", ["purchases_legacy", "cannibalised"]),
    ):
        of = market(scenario)
        share = middle([rows[part].sum() / rows[whole].to_numpy(dtype=float).sum() for rows in runs(of)])
        assert about(share) in title(of, name, lang), scenario


def test_a_market_with_a_legacy_channel_shows_what_is_taken_from_it():
    of = market("channel_conflict")
    assert is_there("legacy_channel", of.weekly)
    ax = figure(of, "legacy_channel", "en").axes[0]
    wanted = of.weekly.groupby("week")[["purchases_legacy", "cannibalised"]].mean().rolling(
        4, min_periods=1).mean().iloc[-1].to_numpy(dtype=float)
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in ax.collections]
    at_end = [area.get_paths()[0].vertices[np.isclose(area.get_paths()[0].vertices[:, 0], 60), 1].max()
              for area in ax.collections]
    assert at_end == pytest.approx(np.cumsum(wanted))
    assert tops[1] >= tops[0]
    without = market("pyramid")
    assert not is_there("legacy_channel", without.weekly)
    assert figure(without, "legacy_channel", "en").get_suptitle() == "The legacy channel"


@LANGS
def test_circles_and_cells_and_followers(lang):
    for scenario in ("supplier_of_its_users", "coordinated_channels", "prosumer", "preset_surveys"):
        of = market(scenario)
        last = [rows.iloc[-1] for rows in runs(of)]
        if NEEDS["circles"] in of.weekly:
            ends = pd.DataFrame(last).filter(like="circle_").astype(float).mean()
            said = title(of, "circles", lang)
            assert f"{ends.sum():,.0f}" in said
            assert column(ends.idxmax(), lang) in said
            assert about(ends.max() / ends.sum()) in said
        if NEEDS["sourcing"] in of.weekly:
            said = title(of, "sourcing", lang)
            for name in ("communities", "cells_sourced"):
                assert f"{middle([float(row[name]) for row in last]):,.0f}" in said
        if NEEDS["own_traffic"] in of.weekly:
            saved = middle([rows["traffic_saved"].sum() / rows[["traffic_saved", "traffic_bought"]].to_numpy(
                dtype=float).sum() for rows in runs(of)])
            said = title(of, "own_traffic", lang)
            assert about(saved) in said
            assert f"{middle([float(row['followers']) for row in last]):,.0f}" in said
        if NEEDS["surveys"] in of.weekly:
            asked = [rows.dropna(subset=["survey_true"]).iloc[-1] for rows in runs(of)]
            said = title(of, "surveys", lang)
            for name in ("survey_confirmed", "survey_true"):
                assert about(middle([float(row[name]) for row in asked])) in said


@LANGS
def test_a_market_without_anybody_keeps_plain_names(nobody, lang):
    for name in ("lorenz_and_bullwhip", "tree"):
        assert title(nobody, name, lang) == text(f"figure.{name}", lang)


@LANGS
def test_who_is_alone_is_no_tenth(lang):
    of = market("pyramid", seeds=1, persons=300, weeks=8, **{
        "recruiting.founders": "1 persons", "recruiting.approaches": 0.0})
    assert 0 < len(of.resellers) < 10
    for name in ("lorenz_and_bullwhip", "tree", "churn", "money"):
        assert title(of, name, lang) == text(f"figure.{name}", lang)


@LANGS
def test_a_few_in_each_of_many_runs_are_no_tenth(lang):
    of = market("pyramid", seeds=12, persons=300, weeks=8, **{
        "recruiting.founders": "1 persons", "recruiting.approaches": 0.0})
    assert len(of.resellers) >= 10
    assert title(of, "lorenz_and_bullwhip", lang) == text("figure.lorenz_and_bullwhip", lang)
