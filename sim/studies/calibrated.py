"""Reporting a fit: its sentences, and its files in a results folder."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from sim.studies.history_fit import FILE, write_kept
from sim.studies.measures import said
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.reading import Results
    from sim.studies.calibrating import Fit

__all__ = ["publish", "said_target", "sentences"]

LITTLE = 0.1
"""Share of the prior variance that the data must remove to tell anything about a setting."""
MAX_FIGURES = 20
"""Targets reported one by one; longer series are reported as a whole."""


def sentences(fit: Fit) -> list[str]:
    """Return the findings of a fit, in plain sentences."""
    told = [_("{count} plausible worlds from {runs} runs over {settings} settings.").format(
        count=len(fit.ensemble), runs=len(fit.searched), settings=len(fit.learnt))]
    told += [_told(row) for _place, row in fit.learnt.sort_values(
        "learnt", ascending=False).iterrows() if row["learnt"] >= LITTLE]
    blind = [str(name) for name in fit.learnt[fit.learnt["learnt"] < LITTLE]["setting"]]
    if blind:
        told.append(_("The data say nothing about {settings}: they keep their prior.").format(
            settings=", ".join(blind)))
    told += [_("The data know {one} and {other} only together (correlation {value}).").format(
        one=one, other=other, value=f"{value:.2f}") for one, other, value in fit.together]
    told += _targets(fit)
    told += _tested(fit)
    if fit.contradicting:
        told.append(_(
            "No settings within the priors meet all targets together; those that the others contradict: "
            "{names}.").format(names=", ".join(f"'{name}'" for name in fit.contradicting)))
    told += _doubts(fit)
    return told


def _told(row: pd.Series) -> str:
    return _("{key}: {median}, between {low} and {high} (before the data: {least} to {most}); the data "
             "took away {share}% of what was open.").format(
        key=row["setting"], median=f"{row['median']:.3g}", low=f"{row['low']:.3g}",
        high=f"{row['high']:.3g}", least=f"{row['prior_low']:.3g}",
        most=f"{row['prior_high']:.3g}", share=f"{100 * row['learnt']:.0f}")


def _targets(fit: Fit) -> list[str]:
    table = fit.table
    told = []
    for name, rows in table[table["series"] != ""].groupby("series", sort=False):
        told.append(_("{name}: {met} of {all} points of the series lie in the bands of the worlds.")
                    .format(name=name, met=int(rows["met"].sum()), all=len(rows)))
    for _place, row in table[table["series"] == ""].head(MAX_FIGURES).iterrows():
        text = _("{what}: wanted {wanted}, the worlds bring {got} (between {low} and {high}): met.") \
            if row["met"] else _("{what}: wanted {wanted}, the worlds bring {got} (between {low} and "
                                 "{high}): not met.")
        told.append(text.format(what=row["measure"], wanted=said_target(row), **{
            name: said(row[column], row["unit"])
            for name, column in (("got", "reached"), ("low", "low"), ("high", "high"))}))
    return told


def _tested(fit: Fit) -> list[str]:
    """Return how well the last quarter of the history would have been predicted."""
    if fit.backtest is None:
        return [_("The history is too short for a backtest.")] if fit.history is not None else []
    table = fit.backtest.table
    told = [_("Backtest: fitted up to week {week}, {half} of {all} later figures fell into the 50% bands and "
              "{most} into the 90% bands.").format(
                  week=fit.backtest.known, all=len(table),
                  half=round(fit.backtest.inside(50) * len(table)),
                  most=round(fit.backtest.inside(90) * len(table)))]
    if fit.backtest.inside(90) < 0.7:
        told.append(_("The bands are too narrow for this market: trust directions more than figures."))
    return told


def _doubts(fit: Fit) -> list[str]:
    told = []
    # A series has dozens of figures: one sentence each, with its worst.
    worst: dict[str, int] = {}
    for row in fit.table.to_dict("records"):
        name = row["series"] or row["measure"]
        worst[name] = max(worst.get(name, 0), int(fit.searched[row["measure"]].isna().sum()))
    told += [_("'{what}' has no number in {count} of {all} runs of the search; how likely a number is "
               "counted as evidence.").format(what=name, count=count, all=len(fit.searched))
             for name, count in worst.items() if count]
    for name in dict.fromkeys(one.part for one in fit.left_out):
        told.append(_("{count} figures of '{what}' were left out of the fit: too few runs of the search have "
                      "a number there.").format(
                          what=name, count=sum(one.part == name for one in fit.left_out)))
    told += [_("{count} runs of the search failed: {reason}").format(count=count, reason=reason)
             for reason, count in fit.failed.items()]
    if math.isfinite(fit.covered) and fit.covered < 0.8:
        told.append(_("Only {share}% of later runs lay in the 90% bands predicted for them: take a larger "
                      "--budget before you trust this.").format(share=f"{100 * fit.covered:.0f}"))
    return told


def said_target(row: pd.Series) -> str:
    """Return a target in words."""
    unit = row["unit"]
    if row["wanted"] == row["to"]:
        return said(row["wanted"], unit)
    if not math.isfinite(row["to"]):
        return _("{low} or more").format(low=said(row["wanted"], unit))
    if not math.isfinite(row["wanted"]):
        return _("{high} or less").format(high=said(row["to"], unit))
    return _("{low} to {high}").format(low=said(row["wanted"], unit), high=said(row["to"], unit))


def publish(fit: Fit, results: Results) -> None:
    """Write ensemble, tables and findings to the results folder of the worlds."""
    from sim.runs.tables import for_spreadsheets

    def text(name: str, content: str) -> None:
        results.publish(name, lambda path: path.write_bytes(content.encode("utf-8-sig")))

    if fit.history is not None:
        history = fit.history
        results.publish(FILE, lambda path: write_kept(history, path))
    if fit.backtest is not None:
        text("backtest.csv", for_spreadsheets(fit.backtest.table))
    results.publish("ensemble.parquet", lambda path: fit.ensemble.to_parquet(path, index=False))
    results.publish("search.parquet", lambda path: fit.searched.to_parquet(path, index=False))
    text("ensemble.csv", for_spreadsheets(fit.ensemble))
    text("targets.csv", for_spreadsheets(fit.table))
    text("settings.csv", for_spreadsheets(fit.learnt))
    found = {"chance": fit.chance, "contradicting": fit.contradicting, "covered": fit.covered,
             "together": fit.together, "search_runs": len(fit.searched), "failed": dict(fit.failed),
             "left_out": [one.name for one in fit.left_out]}
    results.publish("fit.json", lambda path: path.write_text(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"))
