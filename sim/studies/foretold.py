"""Reporting a forecast: its sentences, its table, and its files in a results folder."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from sim.studies.history_fit import write_kept
from sim.studies.measures import said
from sim.studies.sheets import Sheet
from sim.studies.updating import FEW_MOVED, SOME
from sim.texts import _
from sim.texts.bilingual import text_of
from sim.texts.numbers import labelled, scale_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.reading import Results
    from sim.studies.forecast import Forecast

__all__ = ["SEEN", "called", "headline", "publish", "sentences", "sheet_of_forecast"]

SEEN = "seen.json"
"""File of the history in the folder of a forecast, from which its picture is drawn again."""
SURE = 0.9
"""Share of the futures above which somebody counts as better or worse off."""
FEW = 19
"""Number of futures that a 90 % band needs; with fewer, a forecast says so."""


def called(found: Forecast, label: str) -> str:
    """Return the name of a plan in the current language."""
    place = found.labels.index(label)
    return text_of(found.scenarios[place].title)


def when(found: Forecast, week: float) -> str:
    """Return a week as a date or, without a calendar, by its number."""
    if not math.isfinite(week):
        return "-"
    day = found.calendar.date_of_week(max(1, round(week)))
    return _("week {week}").format(week=round(week)) if day is None else day.isoformat()


def percent(share: float) -> str:
    """Return a share as a whole percentage; 0% and 100% only if it is exactly that."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{100 * share:.0f}%"


def sentences(found: Forecast) -> list[str]:
    """Return the forecast in plain sentences."""
    particles = found.particles
    told = [_("{count} futures ({effective} of equal weight) out of {runs} runs that were fitted to the "
              "history; from {first} to {last}.").format(
                  count=len(particles.seeds), effective=f"{particles.effective:.0f}",
                  runs=particles.runs, first=when(found, found.end + 1), last=when(found, found.last))]
    if particles.effective < FEW:
        told.append(_("These are few: fit more worlds (`weishang calibrate --worlds`) before you decide."))
    told += _updated(found)
    told.append(_as_now(found))
    for label in found.labels[1:]:
        told += [*_against(found, label), *_winners(found, label)]
    told += _chances(found)
    return told


def headline(found: Forecast) -> list[str]:
    """Return the headline of a picture: about the best plan for the brand, or as things are."""
    rows: Any = found.outcomes[found.outcomes["outcome"] == "brand"].set_index("scenario")
    plans = found.labels[1:]
    return _against(found, max(plans, key=lambda label: float(rows.loc[label, "difference"]))) \
        if plans else [_as_now(found)]


def _as_now(found: Forecast) -> str:
    now: Any = found.outcomes.set_index(["scenario", "outcome"]).loc[(found.labels[0], "brand")]
    return _("{plan}: the brand's profit is {median} (90% of the futures: {low} to {high}).").format(
        plan=called(found, found.labels[0]), **{
            name: said(float(now[name]), "fen") for name in ("median", "low", "high")})


def _against(found: Forecast, label: str) -> list[str]:
    """Return the brand's gain from a plan against as things are: on average, and in the worst tenth."""
    rows: Any = found.outcomes.set_index(["scenario", "outcome"])
    row, before = rows.loc[(label, "brand")], rows.loc[(found.labels[0], "brand")]
    names = {"plan": called(found, label), "first": called(found, found.labels[0])}
    if float(row["tied"]) == 1.0:
        return [_("{plan}: the brand earns as much as with '{first}', in all futures.").format(**names)]
    worst, than = said(float(row["worst"]), "fen"), said(float(before["worst"]), "fen")
    return [_gap(row, names), _("In the worst tenth of the futures the brand's profit is {worst}, as "
                                "much as with '{first}'.").format(worst=worst, **names) if worst == than else
            _("In the worst tenth of the futures the brand's profit is {worst} instead of {before}.").format(
                worst=worst, before=than)]


def _gap(row: pd.Series, names: dict[str, str]) -> str:
    """Return how far a plan differs from no change, and whether that is significant.

    The ends of the interval follow the direction of the sentence: less by 1,270 to 4,400 yuan.
    """
    gap, low, high = (float(row[name]) for name in ("difference", "difference_low", "difference_high"))
    values = names | {"gap": said(round(abs(gap)), "fen"), "often": _often(row)}
    if not math.isfinite(low):
        told = _("{plan}: the brand earns {gap} more than with '{first}' on average (too few futures for an "
                 "interval), {often}.") if gap > 0 else \
            _("{plan}: the brand earns {gap} less than with '{first}' on average (too few futures for an "
              "interval), {often}.")
    elif low > 0:
        values |= {"low": said(low, "fen"), "high": said(high, "fen")}
        told = _("{plan}: the brand earns {gap} more than with '{first}' on average (95% interval {low} to "
                 "{high}), {often}.")
    elif high < 0:
        values |= {"low": said(-high, "fen"), "high": said(-low, "fen")}
        told = _("{plan}: the brand earns {gap} less than with '{first}' on average (95% interval {low} to "
                 "{high}), {often}.")
    else:
        values |= {"down": said(max(0.0, -low), "fen"), "up": said(max(0.0, high), "fen")}
        told = _("{plan}: whether the brand earns more or less than with '{first}' cannot be told (on "
                 "average, 95% interval from {down} less to {up} more), {often}.")
    return told.format(**values)


def _often(row: pd.Series) -> str:
    """Return in which share of the futures a plan brings the brand more, and in which as much."""
    tied = float(row["tied"])
    more = percent(float(row["ahead"]) - tied / 2)
    return _("more in {share} of the futures and as much in {tied}").format(share=more, tied=percent(tied)) \
        if tied else _("more in {share} of the futures").format(share=more)


def _ahead(row: pd.Series) -> str:
    """Return in which share of the futures a plan is ahead, and in which it is equal, as a cell."""
    tied = float(row["tied"])
    if tied == 1.0:
        return _("same")
    more = percent(float(row["ahead"]) - tied / 2)
    return f"{more} (= {percent(tied)})" if tied else more


def _updated(found: Forecast) -> list[str]:
    """Return how newer months changed the outlook, and why."""
    update = found.update
    if update is None or found.earlier is None:
        return []
    now: Any = found.outcomes.set_index(["scenario", "outcome"]).loc[(found.labels[0], "brand")]
    before, after = said(found.earlier[2], "fen"), said(float(now["median"]), "fen")
    told = [_("Since the fit: {all} new figures, {half} of them in the 50% bands predicted for them, {most} "
              "in the 90% bands.").format(all=update.observations, half=update.in50, most=update.in90),
            _("The outlook for the brand as things are stayed at {after}.").format(after=after)
            if before == after else
            _("The outlook for the brand as things are moved from {before} to {after}.").format(
                before=before, after=after)]
    rows = update.settings.assign(size=update.settings["moved"].abs()).sort_values(
        "size", ascending=False).head(FEW_MOVED)
    parts = [_("{setting} from {before} to {after}").format(
        setting=row["setting"], before=f"{row['before']:.3g}", after=f"{row['after']:.3g}")
        for row in rows.to_dict("records") if row["size"] >= SOME]
    told.append(_("Why: the new months speak for other settings ({settings}).").format(
        settings=_(", ").join(parts)) if parts else _("The new months say nothing new of the settings."))
    return told


def _winners(found: Forecast, label: str) -> list[str]:
    """Return who is better off and who is worse off under a plan in nine of ten futures."""
    table = found.outcomes[found.outcomes["scenario"] == label].set_index("outcome")
    of = [*("brand", "tiers", "consumers"), *(name for name in table.index if name.startswith("tier "))]
    names = {"brand": _("the brand"), "tiers": _("the resellers together"),
             "consumers": _("the consumers")} | {
        f"tier {rung}": _("tier '{tier}'").format(tier=text_of(tier.name))
        for rung, tier in enumerate(found.scenarios[0].tiers)}
    # Half of the ties were counted as ahead: those who are as well off in most futures are not better off.
    more = {name: float(table.loc[name, "ahead"]) - float(table.loc[name, "tied"]) / 2 for name in of}
    better = [names[name] for name in of if more[name] >= SURE]
    worse = [names[name] for name in of if more[name] + float(table.loc[name, "tied"]) <= 1.0 - SURE]
    told = []
    if better:
        told.append(_("Better off in nine of ten futures under {plan}: {names}.").format(
            plan=called(found, label), names=_(", ").join(better)))
    if worse:
        told.append(_("Worse off in nine of ten futures under {plan}: {names}.").format(
            plan=called(found, label), names=_(", ").join(worse)))
    return told


def _chances(found: Forecast) -> list[str]:
    told = []
    for text, rows in found.chances.groupby("statement", sort=False):
        parts = []
        for row in rows.to_dict("records"):
            share = _("{share} ({plan})").format(
                share=percent(row["chance"]), plan=called(found, row["scenario"]))
            if math.isfinite(row["week"]):
                share = _("{share} ({plan}; median {when})").format(
                    share=percent(row["chance"]), plan=called(found, row["scenario"]),
                    when=when(found, row["week"]))
            parts.append(share)
        told.append(_("'{statement}': {chances}.").format(statement=text, chances=_(", ").join(parts)))
    return told


def sheet_of_forecast(found: Forecast) -> Sheet:
    """Return the outcomes of all plans as one table: median, band, and difference from as things are."""
    plans = list(found.labels)
    sheet = Sheet(
        _("Forecast from {first} to {last}").format(
            first=when(found, found.end + 1), last=when(found, found.last)), sentences(found))
    names = [called(found, label) for label in plans]
    sheet.head = [_("measure"), *(part for place, name in enumerate(names) for part in (
        (name, _("90% of futures"), *((_("difference"), _("ahead in")) if place else ()))))]
    sheet.names = [_("measure"), _("unit"), *(part for place, name in enumerate(names) for part in (
        f"{name}: {_('median')}", f"{name}: {_('lower end')}", f"{name}: {_('upper end')}",
        f"{name}: {_('worst tenth')}", f"{name}: {_('best tenth')}",
        *((f"{name}: {_('difference')}", f"{name}: {_('lower end of the difference')}",
           f"{name}: {_('upper end of the difference')}", f"{name}: {_('share ahead')}")
          if place else ())))]
    rows = found.outcomes.set_index(["scenario", "outcome"])
    for name in dict.fromkeys(found.outcomes["outcome"]):
        mine = [rows.loc[(label, name)] for label in plans]
        unit, label = str(mine[0]["unit"]), str(mine[0]["label"])
        scale = scale_of([float(row[part]) for row in mine for part in ("low", "median", "high")], unit)
        shown, plain = [labelled(label, scale, unit)], []
        for place, row in enumerate(mine):
            shown += [scale.figure(float(row["median"])),
                      f"{scale.figure(float(row['low']))} … {scale.figure(float(row['high']))}"]
            plain += [float(row[part]) for part in ("median", "low", "high", "worst", "best")]
            if place:
                shown += [scale.figure(float(row["difference"]), plus=True),
                          _ahead(row)]
                plain += [float(row[part]) for part in (
                    "difference", "difference_low", "difference_high")]
        sheet.add(shown, label, unit, plain)
        # A share of futures is not in the row's unit.
        at, added = 2, 0
        for place, row in enumerate(mine):
            at += 5 + (3 if place else 0)
            if place:
                sheet.values[-1].insert(at + added, float(row["ahead"]))
                added += 1
    return sheet


def publish(found: Forecast, results: Results) -> None:
    """Write tables, sentences and pictures of a forecast to its results folder."""
    from sim.runs.tables import for_spreadsheets
    from sim.studies.answers import keep_answer

    keep_answer(results, found)

    def text(name: str, content: str) -> None:
        results.publish(name, lambda path: path.write_bytes(content.encode("utf-8-sig")))

    bands = found.bands.copy()
    if found.calendar.first_week:
        bands.insert(2, "date", [when(found, week) for week in bands["first"]])
    text("bands.csv", for_spreadsheets(bands))
    text("outcomes.csv", for_spreadsheets(found.outcomes))
    text("chances.csv", for_spreadsheets(found.chances))
    results.publish(SEEN, lambda path: write_kept(found.history, path))
    data = {"end": found.end, "last": found.last, "runs": found.particles.runs,
            "effective": found.particles.effective, "heat": found.particles.heat,
            "weights": {str(seed): float(weight) for seed, weight in zip(
                found.particles.seeds, found.particles.weights, strict=True)}}
    results.publish("forecast.json", lambda path: path.write_text(
        json.dumps(data, indent=1) + "\n", encoding="utf-8", newline="\n"))
