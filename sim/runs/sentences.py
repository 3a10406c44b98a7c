"""Results in sentences.

The key figures choose every sentence, so that it stays true when the model's numbers change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sim.runs.figures import LATE_WEEKS
from sim.texts import _, language
from sim.texts.numbers import counted, tidy

if TYPE_CHECKING:
    from sim.scenario.timeline import Calendar

__all__ = [
    "amount", "count", "few_losers", "headlines", "percent", "sentences", "share_of_people", "warnings",
    "week_said", "yuan",
]

FEW = 10
"""Number of people below which a share is given as a number of people."""
Figures = Mapping[str, float]


def count(value: float) -> str:
    """Return a number of persons or units as text."""
    return counted(value)


def percent(value: float) -> str:
    """Return a share (0 to 1) as a percentage."""
    if math.isnan(value):
        return "-"
    said = f"{value * 100:.0f}%"
    return f"{value * 100:.1f}%" if said in ("0%", "100%") and value not in (0.0, 1.0) else said


def yuan(fen: float) -> str:
    """Return an amount of fen as text, in yuan."""
    if math.isnan(fen):
        return "-"
    return f"{fen / 100:,.0f}" if abs(fen) >= 100_000 else f"{fen / 100:,.2f}"


def amount(fen: float) -> str:
    """Return an amount of fen in the words of the current language: 3.4 million yuan, 340 万元."""
    size = abs(fen) / 100
    if language() == "zh":
        for step, word in ((1e8, "亿元"), (1e4, "万元")):
            if size >= step:
                return f"{size / step:,.3g} {word}" if size < 1000 * step \
                    else f"{size / step:,.0f} {word}"
    elif size >= 1e6:
        return _("{number} million yuan").format(
            number=f"{size / 1e6:,.3g}" if size < 1e9 else f"{size / 1e6:,.0f}")
    return _("{number} yuan").format(number=f"{size:,.0f}" if size >= 1000 else f"{size:,.2f}")


def share_of_people(share: float, people: float) -> str:
    """Return a share of people as a percentage or, of few people, as their number."""
    if people < FEW:
        return _("{some} of {all}").format(some=f"{share * people:.0f}", all=f"{people:.0f}")
    return percent(share)


def week_said(week: float, calendar: Calendar | None, *, last: bool = False) -> str:
    """Return a week by its number and, with a calendar, by its first or last day."""
    if calendar is None or not calendar.first_week or not math.isfinite(week):
        return _("week {week}").format(week=count(week))
    return _("week {week}, {date}").format(week=count(week), date=calendar.said(round(week), last=last))


def sentences(
    found: Figures, *, persons: int, weeks: int, rows: Sequence[Figures] = (),
    calendar: Calendar | None = None,
) -> list[str]:
    """Return what happened, resellers first.

    Parameters
    ----------
    found
        Medians of the key figures over the runs.
    persons, weeks
        Size of the market and length of a run.
    rows
        Key figures of each run.
    calendar
        Dates of the weeks, if the scenario has them.
    """
    told = [_resellers(found, persons, weeks, calendar), *_goods(found), _money(found, weeks)]
    told += [*_losers(found, rows), *_minds(found), *_prices(found, rows, calendar)]
    return [tidy(sentence) for sentence in told]


def headlines(
    found: Figures, *, persons: int, weeks: int, rows: Sequence[Figures] = (),
    calendar: Calendar | None = None,
) -> list[str]:
    """Return the most important sentences: on the resellers, the brand's money, and those who lost."""
    return [tidy(sentence) for sentence in (
        _resellers(found, persons, weeks, calendar), _money(found, weeks),
        *_losers(found, rows)[:1])]


def _resellers(found: Figures, persons: int, weeks: int, calendar: Calendar | None) -> str:
    if not found["ever_joined"]:
        return _("Nobody became a reseller.")
    values = {
        "persons": count(persons), "joined": count(found["ever_joined"]),
        "peak": count(found["peak_active"]), "end": count(found["end_active"]),
        "then": week_said(found["peak_week"], calendar),
        "last": week_said(weeks, calendar, last=True)}
    if found["ever_joined"] == 1 and found["end_active"] in (0, 1):
        alone = _("Of {persons} persons one became a reseller, who still sells at the end of {last}.") \
            if found["end_active"] else \
            _("Of {persons} persons one became a reseller, who had left by the end of {last}.")
        return alone.format(**values)
    if math.isnan(found["peak_week"]):
        return _("Of {persons} persons {joined} became resellers; {end} sell at the end of "
                 "{last}.").format(**values)
    return _("Of {persons} persons {joined} became resellers; at most {peak} sold at a time ({then}), "
             "{end} at the end of {last}.").format(**values)


def _goods(found: Figures) -> list[str]:
    direct, into = found["direct_sales"], found["sell_in"]
    sold = found["sell_through"]
    told = []
    if not into:
        told.append(_("Consumers bought {sold} units; the channel took no stock.").format(
            sold=count(sold)))
        return told
    channel = sold if math.isnan(direct) else max(0.0, sold - direct)
    values = {
        "sold": count(sold), "into": count(into), "channel": count(channel),
        "stock": count(found["channel_stock"]), "dumped": count(found["dumped"]),
        "kept": count(found["self_consumed"]), "spoilt": count(found["written_off"])}
    told.append(_("The brand shipped {into} units to the channel, which sold {channel}; {stock} were "
                  "still there at the end, {dumped} were dumped, {kept} kept by leavers and {spoilt} "
                  "written off.").format(**values))
    if direct > 0:
        told.append(_("The brand delivered {direct} units to consumers itself.").format(
            direct=count(direct)))
    if found["bought_back"] > 0:
        back, paid = count(found["bought_back"]), found.get("refunds", math.nan)
        told.append(_("It bought {back} units back.").format(back=back) if math.isnan(paid) else
                    _("It bought {back} units back, for {paid}.").format(back=back, paid=amount(paid)))
    if math.isfinite(found["sell_through_rate"]):
        told.append(_("Sell-through rate of the channel: {rate} of what it took and did not give "
                      "back.").format(rate=percent(found["sell_through_rate"])))
    return told


def _money(found: Figures, weeks: int) -> str:
    profit = found["brand_profit"]
    values = {"profit": amount(profit), "weeks": count(weeks)}
    if profit < 0:
        return _("The brand has {profit} less than at the start after {weeks} weeks.").format(**values)
    return _("The brand has {profit} more than at the start after {weeks} weeks.").format(**values)


def _losers(found: Figures, rows: Sequence[Figures]) -> list[str]:
    people = found["ever_joined"]
    if not people:
        return []
    told = []
    if math.isfinite(found["lost_money"]) and people < FEW:
        told.append(few_losers(rows or [found]))
    elif math.isfinite(found["lost_money"]):
        told.append(_("Of all who ever joined, {lost} lost money and {idle} neither lost nor earned."
                      ).format(lost=percent(found["lost_money"]), idle=percent(found["earned_nothing"])))
    else:
        told.append(_("Of all who ever joined, {share} made no profit.").format(
            share=share_of_people(found["loss_share"], people)))
    if found["recruiting_income"] == 0:
        told.append(_("Nothing was paid for recruits or downlines: resellers earned from retail alone."))
    elif math.isfinite(found["recruiting_income"]):
        told.append(_("{share} of the resellers' income came from recruits and downlines, not from "
                      "retail ({paid} over the whole run).").format(
                          share=percent(found["recruiting_income"]),
                          paid=amount(found["upline_payments"])))
    return told


def few_losers(rows: Sequence[Figures]) -> str:
    """Return how many lost and how many earned nothing, of people too few for percentages.

    Over several runs these are totals: medians of so small numbers need not add up.
    """
    people = sum(row["ever_joined"] for row in rows)
    lost, idle = (sum(round(row[name] * row["ever_joined"]) for row in rows if row["ever_joined"])
                  for name in ("lost_money", "earned_nothing"))
    if people == len(rows) == 1:
        return _("The only one who ever joined lost money.") if lost == 1 else \
            _("The only one who ever joined neither lost nor earned.") if idle == 1 else \
            _("The only one who ever joined earned money.")
    words = _("Of the {people} who ever joined, {lost} lost money and {idle} neither lost nor earned.") \
        if len(rows) == 1 else \
        _("Of the {people} who joined in all {runs} runs together, {lost} lost money and {idle} neither "
          "lost nor earned.")
    return words.format(people=count(people), lost=count(lost), idle=count(idle), runs=count(len(rows)))


def _minds(found: Figures) -> list[str]:
    before, after = percent(found["trust_start"]), percent(found["trust"])
    words = _("Trust in the channel stayed at {after}; {aware} of the persons know the product.") \
        if before == after else \
        _("Trust in the channel went from {before} to {after}; {aware} of the persons know the product.")
    told = [words.format(before=before, after=after, aware=percent(found["awareness"]))]
    gap = found["quality_gap"]
    if math.isfinite(gap) and abs(gap) >= 0.005:
        points = f"{abs(gap) * 100:.0f}"
        told.append(_("People think the product {gap} points better than it is.").format(gap=points)
                    if gap > 0 else
                    _("People think the product {gap} points worse than it is.").format(gap=points))
    return told


def _prices(found: Figures, rows: Sequence[Figures], calendar: Calendar | None) -> list[str]:
    if math.isnan(found["street_price"]):
        return []
    values = {
        "list": yuan(found["price_list"]), "street": yuan(found["street_price"]),
        "low": yuan(min([row["street_lowest"] for row in rows if math.isfinite(row["street_lowest"])],
                        default=found["street_lowest"])), "before": yuan(found["price_list_start"]),
        "late": LATE_WEEKS}
    told = []
    if found["price_list_start"] != found["price_list"]:
        told.append(_("The list price went from {before} to {list} yuan; people paid {street} yuan in "
                      "the last {late} weeks, the lowest price ever was {low} yuan.").format(**values))
    else:
        told.append(_("The list price is {list} yuan; people paid {street} yuan in the last {late} "
                      "weeks, the lowest price ever was {low} yuan.").format(**values))
    under = found["weeks_below_wholesale"]
    if under >= 1 and found["ever_joined"]:
        hit = sum(row["weeks_below_wholesale"] > 0 for row in rows)
        said = (_("In {weeks} weeks, the first of them {first}, the price paid was below what "
                      "the lowest tier pays.").format(
                          weeks=count(under), first=week_said(found["first_below_wholesale"], calendar)))
        # `found` holds the median first week over those runs in which the price fell below.
        told.append(said if hit == len(rows) else _("{what} ({hit} of {runs} runs)").format(
            what=said, hit=hit, runs=len(rows)))
    return told


Test = Callable[[Figures], bool]


def warnings(found: Figures, rows: Sequence[Figures]) -> list[str]:
    """Return warnings that apply to more than half of the runs."""
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
         _("{share} of what the channel took still lay there unsold at the end"),
         share=percent(found["unsold_share"]))
    warn(lambda row: row["entry_payments"] > row["paid_by_consumers"],
         _("the business depends on joining fees: resellers paid {entry} to join, consumers {retail} for "
           "goods"), entry=amount(found["entry_payments"]), retail=amount(found["paid_by_consumers"]))
    warn(lambda row: row["ever_joined"] >= FEW and row["lost_money"] > 0.7,
         _("musical chairs: {share} of all who ever joined lost money"),
         share=percent(found["lost_money"]))
    warn(lambda row: row["recruiting_income"] > 0.5,
         _("resellers earned more from their recruits than from consumers, as in a pyramid scheme "
           "({share} of their income)"), share=percent(found["recruiting_income"]))
    # If the channel holds nothing, or the brand delivers itself, nobody pays the prices of the tiers.
    warn(lambda row: 0 < row["street_price"] < row["wholesale"] and row["channel_stock"] > 0,
         _("price war: people paid less in the last weeks than the lowest tier pays ({street} against "
           "{tier} yuan)"), street=yuan(found["street_price"]), tier=yuan(found["wholesale"]))
    warn(lambda row: row["trust"] < 0.5 * row["trust_start"],
         _("trust is burnt: less than half of the trust at the start is left"))
    warn(lambda row: row["lost_sales"] > 0.2 * row["sell_through"] > 0,
         _("sales were lost: consumers wanted much more than their sellers had in stock"))
    return told
