"""Explanations: every sentence is recomputed from the tables, here with pandas and in another way."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli.app import outcome
from sim.errors import UsageError
from sim.runs.folder import run_into
from sim.runs.many import run_many
from sim.runs.run import run
from sim.runs.sentences import amount, count, percent, yuan
from sim.scenario.load import load
from sim.studies.explain import explain
from sim.studies.flowing import FLOWS, flows_around
from sim.studies.turning import KINDS, Curves, turns_of
from sim.texts import speaking
from tests.runs.worlds import small

EMPTY = {"recruiting.founders": 0.0, "referral.founders": 0.0, "brand_awareness.advertising": 0.0,
         "people.never_need": 1.0}
MARKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "pyramid": ("pyramid", {"persons": 2000}),
    "prosumer": ("prosumer", {"persons": 2000}),
    "transition": ("transition", {"persons": 2000}),
    "conflict": ("channel_conflict", {"persons": 2000}),
    "empty": ("pyramid", {"persons": 300, "weeks": 30, **EMPTY}),
}


@functools.cache
def market(key: str) -> Any:
    """Return a run of a market; each is run once."""
    name, settings = MARKETS[key]
    return run(load(name, settings), seed=3)


@pytest.fixture(params=MARKETS)
def result(request: pytest.FixtureRequest) -> Any:
    return market(request.param)


def first_lasting(holds: pd.Series, start: int = 1) -> int | None:
    """Return the first week of eight in a row in which something holds."""
    eight = holds[::-1].astype(int).rolling(8).sum()[::-1]
    weeks = eight.index[(eight == 8) & (eight.index >= start)]
    return int(weeks[0]) if len(weeks) else None


def price(week: pd.DataFrame) -> pd.Series:
    return week["price_street_mean"].astype(float).rolling(4, min_periods=1).mean()


def recomputed(kind: str, weekly: pd.DataFrame, week: int) -> dict[str, float] | None:
    """Return the figures of a kind at a week where its condition holds there, by pandas."""
    table = weekly.set_index("week").astype({"price_street_mean": float})
    numbers = table.select_dtypes("number")
    eight, four = numbers.rolling(8).sum(), numbers.rolling(4).sum()
    now = numbers.loc[week]
    channel = (numbers["sell_through"] - numbers["direct_sales"]).rolling(8).sum()
    money = numbers["profit_brand"].cumsum()
    loaded = first_lasting(eight["sell_in"] > 1.2 * channel)
    told, asked = eight["purchases_word_of_mouth"], eight["purchases_seller"]

    def when(right: bool, **figures: float) -> dict[str, float] | None:
        return figures if right else None

    if kind == "loading":
        over = (eight["sell_in"] > channel).loc[week:]
        return when(week == loaded, into=eight["sell_in"][week], sold=channel[week],
                    lasts=(over[~over].index.min() if not over.all() else table.index.max() + 1) - week)
    if kind == "unloading":
        assert loaded is not None
        return when(week == first_lasting(eight["sell_in"] < channel, loaded + 1),
                    into=eight["sell_in"][week], sold=channel[week])
    if kind == "recruiting_peak":
        later = numbers["joins"].where(numbers.index > 1, 0).rolling(4).sum()
        return when(week == later.idxmax() and later.iloc[-1] < 0.9 * later.max(), joined=later[week],
                    ever=numbers["joins"].loc[:week].sum(), all=numbers["joins"].sum(),
                    aware=now["awareness"], muted=now["muted_share"])
    if kind == "more_leave":
        more = (eight["exits"] > eight["joins"]) & (eight["exits"] >= 5)
        return when(week == first_lasting(more), left=eight["exits"][week], joined=eight["joins"][week])
    for name, column, key in (("sellers_peak", "resellers_active", "peak"),
                              ("stock_peak", "inventory_channel", "stock")):
        if kind == name:
            curve = numbers[column]
            return when(week == curve.idxmax(), **{key: curve.max(), "end": curve.iloc[-1]})
    if kind == "dumping_peak":
        return when(week == four["dumped"].idxmax(), dumped=four["dumped"].max(), left=four["exits"][week])
    if kind == "under_list":
        return when(week == first_lasting(price(table) < 0.9 * table["price_list"]),
                    paid=price(table)[week], list=now["price_list"])
    if kind == "trust_falls":
        return when(week == table["trust_mean"].diff(8).idxmin(),
                    before=table["trust_mean"][week - 8], after=now["trust_mean"])
    if kind == "trust_lowest":
        return when(week == table["trust_mean"].idxmin(), low=table["trust_mean"].min(),
                    end=table["trust_mean"].iloc[-1])
    if kind == "belief_below":
        above = first_lasting(table["quality_perceived"] > table["quality_true"])
        assert above is not None
        return when(week == first_lasting(table["quality_perceived"] < table["quality_true"], above),
                    belief=now["quality_perceived"], truth=now["quality_true"])
    if kind == "product":
        quality = table["quality_true"]
        half = (quality.iloc[0] + quality.iloc[-1]) / 2
        return when(week == quality.index[quality >= half][0], quality=now["quality_true"],
                    first=quality.iloc[0], last=quality.iloc[-1])
    if kind == "mouths_lead":
        return when(week == first_lasting(told > asked), told=told[week], asked=asked[week])
    if kind == "sellers_lead":
        led = first_lasting(told > asked)
        assert led is not None
        return when(week == first_lasting(asked > told, led), told=told[week], asked=asked[week])
    if kind == "fission":
        return when(week == first_lasting(table["wom_reproduction"] > 1), each=now["wom_reproduction"])
    if kind == "first_cell":
        return when(week == table.index[table["communities"] > 0][0],
                    cells=table["communities"].iloc[-1], members=table["members"].iloc[-1])
    if kind == "legacy_halved":
        legacy = eight["purchases_legacy"]
        return when(week == first_lasting(legacy < legacy[8] / 2), now=legacy[week], first=legacy[8],
                    elsewhere=eight["cannibalised"][week])
    if kind == "elsewhere_peak":
        return when(week == eight["cannibalised"].idxmax(), moved=eight["cannibalised"].max(),
                    sold=eight["purchases_legacy"][week])
    if kind == "money_lowest":
        return when(week == money.idxmin() and money.min() < 0, short=-money.min(),
                    won=money.iloc[-1] - money.min())
    assert kind == "money_highest"
    return when(week == money.idxmax(), money=money.max(), lost=money.max() - money.iloc[-1])


SAY = {"share": percent, "price": yuan, "money": amount, "units": count, "persons": count,
       "weeks": count, "ratio": lambda value: f"{value:.2f}"}


def test_every_sentence_says_what_the_tables_hold(result: Any) -> None:
    told = explain(result)[0]
    weekly = result.weekly
    for turn, point in ((turn, point) for turn in told.turns[3] for point in told.points
                        if (turn.kind, turn.part) == (point.kind, point.part)):
        figures = dict(turn.figures)
        if turn.kind.name == "under_tier":
            pays = float(next(tier.price for tier in result.scenario.tiers if tier.name == turn.part))
            below = price(weekly.set_index("week")) < 100 * pays
            assert not any(key.startswith("tiers") for event in result.scenario.events for key in event.set)
            assert turn.week == first_lasting(below)
            assert figures == pytest.approx({
                "paid": price(weekly.set_index("week"))[turn.week], "pays": 100 * pays,
                "below": below.sum()})
        else:
            assert recomputed(turn.kind.name, weekly, turn.week) == pytest.approx(figures), turn.kind.name
        sentence = point.sentence()
        assert sentence.startswith(f"Week {turn.week}: ")
        for name, unit in turn.kind.units.items():
            assert SAY[unit](figures[name]) in sentence
        for column in turn.kind.columns:
            assert column in sentence
            assert column in weekly
    assert "because:" not in " ".join(point.sentence() for point in told.points)


def test_nothing_else_turned(result: Any) -> None:
    """What is not told did not happen, as far as pandas can see."""
    found = {turn.kind.name for turn in turns_of(result.weekly, result.scenario)}
    table = result.weekly.set_index("week")
    numbers = table.select_dtypes("number")
    eight = numbers.rolling(8).sum()
    channel = (numbers["sell_through"] - numbers["direct_sales"]).rolling(8).sum()
    for name, holds in {
        "loading": eight["sell_in"] > 1.2 * channel,
        "mouths_lead": eight["purchases_word_of_mouth"] > eight["purchases_seller"],
        "fission": table["wom_reproduction"].astype(float) > 1,
        "more_leave": (eight["exits"] > eight["joins"]) & (eight["exits"] >= 5),
    }.items():
        assert (first_lasting(holds) is not None) is (name in found), name
    begun = bool(numbers["communities"].iloc[0] == 0 and numbers["communities"].max() > 0)
    assert begun is ("first_cell" in found)


def test_a_market_without_anybody_turns_nowhere() -> None:
    empty = market("empty")
    assert empty.weekly["sell_through"].sum() == 0
    told = explain(empty, 10)[0]
    sentences = [one for one in told.verdicts() if "brand has lost most" not in one]
    assert sentences[0] == "No turning point was found in 30 weeks." or told.points
    assert not [point for point in told.points if point.kind.name not in ("money_lowest",)]
    assert not any("nan" in sentence for sentence in told.verdicts())


def test_the_markets_have_the_turns_of_the_essays() -> None:
    turns = {key: {turn.kind.name for turn in turns_of(market(key).weekly, market(key).scenario)}
             for key in ("pyramid", "prosumer", "transition", "conflict")}
    assert "loading" in turns["pyramid"]
    assert "loading" not in turns["prosumer"]
    assert "product" in turns["prosumer"]
    assert "product" not in turns["pyramid"]
    assert {"stock_peak", "product"} <= turns["transition"]
    assert turns["conflict"] & {"legacy_halved", "elsewhere_peak"}


def test_flows_are_means_of_the_four_weeks_either_side(result: Any) -> None:
    weekly = result.weekly.set_index("week")
    table = flows_around([Curves(result.weekly)], 10)
    by_name = {flow.name: flow for flow in FLOWS}
    for row in table.to_dict("records"):
        flow = by_name[row["flow"]]
        moved = weekly[list(flow.plus)].sum(axis=1) - weekly[list(flow.minus)].sum(axis=1)
        assert row["before"] == pytest.approx(moved.loc[6:9].mean())
        assert row["after"] == pytest.approx(moved.loc[10:13].mean())
        assert row["change"] == pytest.approx(row["after"] - row["before"])
        assert math.isnan(row["low"])  # one run has no interval
    for unit, rows in table.groupby("unit"):
        assert rows["change"].abs().is_monotonic_decreasing, unit
    assert set(table["flow"]) <= set(by_name)


def test_many_runs_say_the_median_its_range_and_how_many() -> None:
    runs = run_many([load("pyramid", {"persons": 2000})], range(5), workers=1)
    told = explain(runs, 30)[0]
    single = {seed: {(turn.kind.name, turn.part): turn for turn in turns_of(one.weekly, one.scenario)}
              for seed, one in zip(range(5), runs, strict=True)}
    for point in told.points:
        weeks = sorted(turns[point.kind.name, point.part].week for turns in single.values()
                       if (point.kind.name, point.part) in turns)
        assert sorted(point.weeks.values()) == weeks
        assert point.week == pytest.approx(pd.Series(weeks).median())
        assert f"{len(weeks)} of 5 runs" in point.sentence()
    first, then = re.match(r"Before (.+) came (.+) in all", told.order()[0]).groups()  # type: ignore[union-attr]
    by_title = {point.title(): point for point in told.points}
    both = [seed for seed in by_title[then].weeks if seed in by_title[first].weeks]
    assert all(by_title[then].weeks[seed] < by_title[first].weeks[seed] for seed in both)
    assert told.flows["low"].notna().all()
    assert len(told.figures) == sum(len(turn.figures) for turns in told.turns.values() for turn in turns)


@pytest.mark.parametrize(("asked", "said"), [
    ({"week": 1}, "from 2 to 12"), ({"week": 13}, "from 2 to 12"),
    ({"scenario": "Large"}, "no scenario 'Large'"), ({"seeds": [9]}, "no run with seed 9"),
])
def test_mistakes_are_one_sentence(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        explain(run_many(small(), 2, workers=1), **asked)


def test_each_kind_says_every_figure_that_it_has() -> None:
    for kind in KINDS:
        assert set(re.findall(r"{(\w+)}", kind.told)) == set(kind.units), kind.name
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_explains_a_folder_and_draws_it(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_into(load("pyramid", {"persons": 1500, "weeks": 60}), 2, tmp_path / "r", workers=1)
    with speaking(lang):
        assert outcome(["explain", str(tmp_path / "r"), "--week", "20", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert ("第" if lang == "zh" else "Week") in shown
    assert (tmp_path / "r" / "figures" / "turning_points.png").exists()
    assert outcome(["verify", str(tmp_path / "r"), "--lang", "en"]) == 0


def cheap(direct: bool) -> Any:
    """Return a pyramid whose goods cost a yuan, sold by the channel or by the brand itself."""
    result = market("pyramid")
    sold = result.weekly["sell_through"].where(result.weekly["sell_through"] > 0, 3)
    return dataclasses.replace(result, weekly=result.weekly.assign(
        price_street_mean=100.0, sell_through=sold, direct_sales=sold if direct else 0))


def test_a_tier_is_called_in_the_language_in_which_it_is_told() -> None:
    with speaking("zh"):
        found = explain(cheap(direct=False))[0]
        assert any("特约" in point.title() for point in found.points)
    with speaking("en"):
        told = [*(point.title() for point in found.points), *found.verdicts()]
        assert any("Special agent" in one for one in told)
        assert not [one for one in told if re.search("[\u4e00-\u9fff]", one)]


def test_what_the_brand_delivers_itself_is_no_price_below_a_tier() -> None:
    for direct, tiers in ((False, 6), (True, 0)):
        turned = [turn for turn in turns_of(cheap(direct).weekly, market("pyramid").scenario)
                  if turn.kind.name == "under_tier"]
        assert len(turned) == tiers


def test_weeks_have_their_dates_where_the_scenario_has_a_calendar() -> None:
    plain = explain(market("transition"), week=52)[0]
    dated = load("transition", {"persons": 2000, "calendar.first_week": "2025-01-06"})
    found = explain(run(dated, seed=3), week=52)[0]
    assert [point.week for point in found.points] == [point.week for point in plain.points]
    assert not any(re.search(r"\d{4}-\d\d-\d\d", sentence) for sentence in plain.verdicts())
    for point in found.points:
        day = dated.calendar.date_of_week(int(point.week))
        assert day is not None
        assert point.sentence().startswith(f"Week {point.week:g}, {day.isoformat()}")
    around = "\n".join(found.around())
    assert "Week 52, 2025-12-29: the scenario changes: transition to 2.0." in around
    assert "A week in weeks 52 to 55, 2025-12-29 to 2026-01-25, against the 4 before:" in around
    with speaking("zh"):
        assert "第 52 周，2025-12-29：方案有变动：转型。" in "\n".join(found.around())
