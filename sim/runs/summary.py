"""What runs brought, in sentences: key figures, warnings, reality checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.market.observing import weekly_outputs
from sim.runs.network import MOST_PERSONS, measured_network
from sim.scenario.expect import Expectation
from sim.texts import _

__all__ = ["Checked", "Summary", "summarise"]


@dataclass(frozen=True)
class Checked:
    """A reality check with the number of runs in which it held."""

    text: str
    held: int
    runs: int

    @property
    def ok(self) -> bool:
        """Whether it held in every run."""
        return self.held == self.runs


@dataclass
class Summary:
    """Key figures (means over runs), sentences and warnings about one scenario."""

    name: str
    runs: int
    figures: dict[str, float] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checks: list[Checked] = field(default_factory=list)
    network: dict[str, float] = field(default_factory=dict)
    """What is measured of the network of the first run (`Graph.measure`); empty when it is not."""


def summarise(runs: Iterable[Any], scenario: Any, name: str) -> Summary:
    """Return the summary of the runs (`Result` records) of one scenario."""
    rows, seeds, held = [], [], [0] * len(scenario.expect)
    columns = {column.name: column.unit for column in weekly_outputs()}
    checks = [Expectation.parse(text, columns) for text in scenario.expect]
    for result in runs:
        rows.append(_figures(result))
        seeds.append(result.seed)
        for index, check in enumerate(checks):
            held[index] += check.holds(result.weekly)
    summary = Summary(name, len(rows))
    if not rows:
        return summary
    summary.figures = {key: _mean([row[key] for row in rows]) for key in rows[0]}
    summary.checks = [
        Checked(check.text, count, len(rows)) for check, count in zip(checks, held, strict=True)]
    summary.network = measured_network(scenario, seeds[0])
    summary.sentences = [
        *_sentences(summary.figures, scenario), *_network(summary.network, scenario, seeds[0])]
    summary.warnings = _warnings(summary.figures, rows)
    return summary


def _mean(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _figures(result: Any) -> dict[str, float]:
    """Return the key figures of one run; money in fen."""
    weekly = result.weekly
    last, total = weekly.iloc[-1], weekly.sum(numeric_only=True)
    peak = int(weekly["resellers_active"].to_numpy().argmax())
    street, lowest = weekly["price_street_mean"].dropna(), weekly["price_street_min"].dropna()
    sums = {name: float(total[name]) for name in (
        "exits", "sell_in", "sell_through", "dumped", "self_consumed", "written_off",
        "lost_sales", "profit_brand", "entry_payments")}
    ends = {name: float(last[name]) for name in (
        "inventory_channel", "loss_share", "recruiting_share", "awareness", "price_list",
        "price_wholesale_low")}
    return {
        **sums, **ends,
        "ever_joined": float(len(result.resellers)),
        "active_at_end": float(last["resellers_active"]),
        "active_at_peak": float(weekly["resellers_active"].iloc[peak]),
        "week_of_peak": float(weekly["week"].iloc[peak]),
        "sell_through_rate": _share(sums["sell_through"], sums["sell_in"]),
        "unsold_share": _share(ends["inventory_channel"], sums["sell_in"]),
        "entry_share": _share(sums["entry_payments"], float(total["revenue_brand"])),
        "trust_start": float(weekly["trust_mean"].iloc[0]),
        "trust_end": float(last["trust_mean"]),
        "quality_gap": float(last["quality_perceived"]) - float(last["quality_true"]),
        "price_street_end": float(street.iloc[-1]) if len(street) else math.nan,
        "price_street_lowest": float(lowest.min()) if len(lowest) else math.nan,
    }


def count(value: float) -> str:
    """Return a number of persons or units."""
    return "-" if math.isnan(value) else f"{value:,.0f}"


def percent(value: float) -> str:
    """Return a share."""
    return "-" if math.isnan(value) else f"{value * 100:.0f}%"


def yuan(fen: float) -> str:
    """Return an amount of fen in yuan."""
    if math.isnan(fen):
        return "-"
    return f"{fen / 100:,.0f}" if abs(fen) >= 100_000 else f"{fen / 100:,.2f}"


def _sentences(found: dict[str, float], scenario: Any) -> list[str]:
    told: list[str] = []
    if found["ever_joined"]:
        told.append(_(
            "Of {persons} persons {joined} became resellers; at most {peak} sold at a time "
            "(week {week}), {end} at the end of week {weeks}.").format(
                persons=count(scenario.persons), joined=count(found["ever_joined"]),
                peak=count(found["active_at_peak"]), week=count(found["week_of_peak"]),
                end=count(found["active_at_end"]), weeks=count(scenario.weeks)))
    else:
        told.append(_("Nobody became a reseller."))
    if found["sell_in"]:
        told.append(_(
            "The brand shipped {sell_in} units to the channel; {sell_through} units reached end "
            "consumers through sellers, {stock} were still in the channel at the end, {dumped} "
            "were dumped, {kept} kept by leavers and {spoilt} written off.").format(
                sell_in=count(found["sell_in"]), sell_through=count(found["sell_through"]),
                stock=count(found["inventory_channel"]), dumped=count(found["dumped"]),
                kept=count(found["self_consumed"]), spoilt=count(found["written_off"])))
    told.append(_("The brand's money changed by {profit} yuan.").format(
        profit=yuan(found["profit_brand"])))
    if found["ever_joined"]:
        told.append(_(
            "{loss} of all who ever joined had no more money than they brought in.").format(
                loss=percent(found["loss_share"])))
    told.append(_(
        "Trust in the channel went from {before} to {after}; {aware} of the persons know the "
        "product.").format(before=percent(found["trust_start"]), after=percent(found["trust_end"]),
                           aware=percent(found["awareness"])))
    if not math.isnan(found["price_street_end"]):
        told.append(_(
            "The list price is {list} yuan; the mean street price at the end was {street} yuan, "
            "the lowest ever {low} yuan.").format(
                list=yuan(found["price_list"]), street=yuan(found["price_street_end"]),
                low=yuan(found["price_street_lowest"])))
    return told


def _network(found: dict[str, float], scenario: Any, seed: int) -> list[str]:
    if found:
        return [_(
            "The network ({kind}, seed {seed}): {mean} contacts a person ({low} to {high} for nine "
            "in ten persons), {close} of them close; clustering {clustering}; components: "
            "{components}, the largest with {largest} of the persons.").format(
                kind=scenario.network.kind, seed=seed, mean=f"{found['degree_mean']:.1f}",
                low=count(found["degree_p5"]), high=count(found["degree_p95"]),
                close=f"{found['close_mean']:.1f}",
                clustering="-" if math.isnan(found["clustering"])
                else f"{found['clustering']:.2f}",
                components=count(found["components"]),
                largest=f"{found['largest_component'] * 100:.1f}%")]
    if scenario.persons > MOST_PERSONS:
        return [_("The network was not measured: more than {most} persons.").format(
            most=count(MOST_PERSONS))]
    return []


Test = Callable[[dict[str, float]], bool]


def _warnings(found: dict[str, float], rows: list[dict[str, float]]) -> list[str]:
    """Return what most of the runs should make a reader think about."""
    told: list[str] = []

    def warn(test: Test, text: str, **values: str) -> None:
        hit = sum(test(row) for row in rows)
        if 2 * hit > len(rows):
            text = text.format(**values)
            told.append(text if hit == len(rows) else _("{what} ({hit} of {runs} runs)").format(
                what=text, hit=hit, runs=len(rows)))

    warn(lambda row: row["ever_joined"] == 0,
         _("nobody joined; look at recruiting.founders, the offer and the tiers"))
    warn(lambda row: row["unsold_share"] > 0.3,
         _("{share} of the units shipped to the channel still lay there unsold at the end"),
         share=percent(found["unsold_share"]))
    warn(lambda row: row["entry_share"] > 0.5,
         _("the brand lives from entry: {share} of its revenue are first orders and fees"),
         share=percent(found["entry_share"]))
    warn(lambda row: row["loss_share"] > 0.7,
         _("passing the parcel: {share} of all who ever joined did not profit"),
         share=percent(found["loss_share"]))
    warn(lambda row: row["recruiting_share"] > 0.5,
         _("resellers earned more from their recruits than from consumers, as in a pyramid scheme "
           "({share} in the last 26 weeks)"), share=percent(found["recruiting_share"]))
    warn(lambda row: 0 < row["price_street_end"] < row["price_wholesale_low"],
         _("price war: the street price ended below what the lowest tier pays ({street} against "
           "{tier} yuan)"), street=yuan(found["price_street_end"]),
         tier=yuan(found["price_wholesale_low"]))
    warn(lambda row: row["trust_end"] < 0.5 * row["trust_start"],
         _("trust is burnt: less than half of the trust at the start is left"))
    warn(lambda row: row["lost_sales"] > 0.2 * row["sell_through"] > 0,
         _("sales were lost: consumers wanted much more than their sellers had in stock"))
    return told
