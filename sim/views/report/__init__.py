"""The report: one self-contained page that opens offline."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sim.studies.answers import answer_of
from sim.texts.numbers import begun
from sim.views import sources
from sim.views.report.texts import say
from sim.views.report.wording import (
    amount,
    compare_sentences,
    label,
    run_sentences,
    span,
    unit_of_difference,
    whole,
)
from sim.views.studies import PICTURES
from sim.views.sweeps import said_of
from sim.views.texts import language, text, text_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.runs.reading import Results
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Event
    from sim.views.sources import Shown

__all__ = ["report_html", "write_report"]

HERE = Path(__file__).parent
MAX_SCENARIOS = 4
"""Largest number of scenarios with their own sentences and tables on a page."""
SHOWN_OF_STUDY = {"ladder": 2, "loops": 2}
"""Number of scenarios shown on the page of a study, by kind of study: those that are real plans."""
MAX_SPANS = 6
"""Largest number of times that a recurring event is written out."""


def write_report(
    result: Shown, path: str | os.PathLike[str], *, lang: str | None = None
) -> Path:
    """Write the report of a run, a comparison or a sweep to `path`, completely or not at all."""
    target = Path(path)
    page = report_html(result, lang=lang)
    passing = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        passing.write_bytes(page.encode())
        passing.replace(target)
    finally:
        passing.unlink(missing_ok=True)
    return target


def report_html(result: Shown, *, lang: str | None = None) -> str:
    """Return the page as HTML; the same result gives the same text."""
    import jinja2

    spoken = language(lang)
    context = _context(sources.in_language(result, spoken), spoken)
    bundle, script = _bundle(), (HERE / "page.js").read_text(encoding="utf-8")
    # Inside a script element only "</" and "<!--" could end the data early.
    specs = json.dumps(context.pop("specs"), ensure_ascii=False, separators=(",", ":"),
                       allow_nan=False).replace("<", "\\u003c")
    environment = jinja2.Environment(
        autoescape=True, loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined)
    environment.filters["whole"] = whole
    template = environment.get_template("page.html.jinja")
    hashes = " ".join(
        "'sha256-" + base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() + "'"
        for part in (bundle, script, specs))
    values = {**context, "lang": spoken, "t": lambda key: say(key, spoken), "hashes": hashes,
              "bundle": bundle, "script": script, "specs": specs}
    words = template.render(**values, font="")
    return template.render(**values, font=_font(words.replace(bundle, "")))


@functools.cache
def _bundle() -> str:
    """Return the charting library as one script that contains nothing that ends a script element."""
    import vl_convert

    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed")
    return str(library).replace("</script", "<\\/script")


def _font(words: str) -> str:
    """Return our font, reduced to the characters of the page, as base64 of a WOFF file."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(HERE.parent / "fonts" / "WeishangSans-Regular.otf", recalcTimestamp=False)
    subsetter = Subsetter(Options(hinting=False, layout_features=[], glyph_names=False))
    subsetter.populate(text=words + "0123456789.,%–−+()")
    subsetter.subset(font)
    font.flavor = "woff"
    out = io.BytesIO()
    font.save(out)
    return base64.b64encode(out.getvalue()).decode()


# -- what is on the page -------------------------------------------------------------------------


def _context(result: Shown, lang: str) -> Data:
    from sim.views.report.charts import charts_of, comparison_charts, sweep_charts
    from sim.views.report.front import front

    names, records = sources.names(result), sources.records(result)
    shown = names[:MAX_SCENARIOS]
    varied = sources.keys(result)
    verdicts: list[Data] = []
    tables: list[Data] = []
    charts: list[Data] = []
    answer = answer_of(result, lang)
    first = front(result, shown, lang)
    if answer is not None:
        # The page of a study begins with its answer and shows few scenarios.
        shown = shown[:SHOWN_OF_STUDY.get(sources.study_of(result).get("kind", ""), MAX_SCENARIOS)]
        first = {"headline": begun(answer["headline"]), "caution": [], "tiles": [], "reading": [],
                 "ahead": None, "change": []}
        verdicts.append({"title": say("verdict study", lang),
                         "sentences": [begun(one) for one in answer["sentences"]], "open": True})
    elif varied:
        for name in shown:
            verdicts.append({"title": _titled("verdict sweep", name, names, lang),
                             "sentences": said_of(result, name, lang), "open": True})
            charts += sweep_charts(result, name, lang)
    if len(names) > 1 and not varied and answer is None:
        sentences, pairings = compare_sentences(result, shown, lang)
        verdicts.append({"title": say("verdict compare", lang), "sentences": sentences})
        charts += comparison_charts(result, lang)
        tables.append(_pair_table(shown[0], pairings, lang))
    for name in shown if not varied and answer is None else []:
        verdicts.append({"title": _titled("verdict", name, names, lang),
                         "sentences": run_sentences(result, name, lang)})
    if len(names) == 1 and not varied:
        charts = charts_of(result, names[0], lang)
    if not varied:
        tables.append(_figure_table(result, shown, lang))
    for name in shown:
        record = records.get(name)
        if record is None:
            continue
        if record.calendar.first_week and not varied:
            tables.append(_months(result, record, name, _titled("months", name, names, lang), lang))
        tables.append(_timeline(record, _titled("timeline", name, names, lang), lang))
        tables.append(_settings(
            record, _titled("parameters", name, names, lang), lang, without=varied))
        if not varied:
            tables.append(_compliance(result, record, name,
                                      _titled("compliance", name, names, lang), lang))
        tables.append(_checks(result, record, name, _titled("checks", name, names, lang), lang))
        tables.append(_notices(record, _titled("notices", name, names, lang), lang))
        tables.append(_sources(record, _titled("sources", name, names, lang), lang))
    tables.append(_glossary(lang))
    weekly = sources.table(result, "weekly")
    done, planned = sources.progress(result)
    return {
        "title": " / ".join(shown) + (" …" if len(names) > len(shown) else ""),
        "market": _market({name: record for name, record in records.items() if name in shown}, lang),
        "partial": say("partial", lang, done=f"{done:,}", all=f"{planned:,}")
        if done < planned else "",
        "caveat": say(
            "foretold" if answer and "forecast" in sources.study_of(result) else "best guess", lang),
        "front": first, "pictures": _pictures(cast("Results", result), lang) if answer else [],
        "verdicts": verdicts, "tables": tables, "charts": charts, "specs": charts,
        "weeks": 0 if varied or answer else int(weekly["week"].max()),
        "made": _made(result, weekly, lang), "command": _command(result),
    }


def _market(records: dict[str, Scenario], lang: str) -> str:
    """Return size and length of the markets, stated once if all are the same."""
    said = {name: say("market", lang, persons=f"{record.real_persons:,}", weeks=record.weeks,
                      regime=sources.regimes_said(record, lang)) for name, record in records.items()}
    if len(said) == 1:
        return next(iter(said.values()))
    sizes = {text("market", lang, persons=f"{record.real_persons:,}", weeks=record.weeks)
             for record in records.values()}
    if len(sizes) == 1:
        return say("each", lang, said=next(iter(sizes)))
    return ("；" if lang == "zh" else "; ").join(
        say("of", lang, name=name) + text("market", lang, persons=f"{record.real_persons:,}",
                                          weeks=record.weeks) for name, record in records.items())


def _pictures(result: Results, lang: str) -> list[str]:
    """Return the pictures of a study that were drawn in this language, as base64 of PNG files."""
    found = [f"figures/{name}{tongue}.png" for name in (*PICTURES, "forecast") for tongue in ("", f".{lang}")]
    return [base64.b64encode((result.path / name).read_bytes()).decode() for name in found
            if (result.path / name).exists() and result.about(name) == [lang]]


def _titled(key: str, name: str, names: list[str], lang: str) -> str:
    said = say(key, lang)
    return say("of", lang, name=said) + name if len(names) > 1 else said


def _row(*cells: object, mark: str = "") -> Data:
    return {"cells": [str(cell) for cell in cells], "mark": mark}


def _figure_table(result: Shown, names: list[str], lang: str) -> Data:
    from sim.views.report.facts import MEASURES, figures

    tables = [figures(result, name) for name in names]
    n = max(len(table) for table in tables)
    return {
        "title": say("figures", lang), "empty": "",
        "note": say("median range", lang, n=n) if n > 1 else "",
        "heads": [say("figure", lang), *names],
        "rows": [
            _row(label(measure, lang),
                 *(span(table[measure.name], measure.unit, lang) for table in tables))
            for measure in MEASURES],
    }


def _pair_table(first: str, pairings: list[Any], lang: str) -> Data:
    rows = []
    for other, pairing in pairings:
        unit = unit_of_difference(pairing.measure.unit)
        rows.append(_row(
            label(pairing.measure, lang), text("minus", lang, a=other, b=first),
            amount(pairing.mean, unit, lang, plus=True),
            f"{amount(pairing.low, unit, lang, plus=True)} … "
            f"{amount(pairing.high, unit, lang, plus=True)}",
            f"{pairing.agree} / {pairing.pairs}", mark="sure" if pairing.clear else ""))
    return {"title": text("picture.differences", lang), "note": "", "rows": rows,
            "empty": text("nothing", lang),
            "heads": [say("figure", lang), "", say("difference", lang), say("interval", lang),
                      say("agree", lang)]}


def _months(result: Shown, record: Scenario, name: str, title: str, lang: str) -> Data:
    """Return the medians of the runs by month."""
    from sim.runs.months import middle_months, monthly
    from sim.views.months import month_rows

    table = middle_months([monthly(sources.table(result, "weekly", name), record.calendar)])
    heads, rows = month_rows(table, lang)
    return {"title": title, "note": say("months note", lang), "empty": "", "heads": heads,
            "rows": [_row(*cells) for cells in rows]}


def _timeline(record: Scenario, title: str, lang: str) -> Data:
    rows = [_row(_when(event, record, lang), event.said(lang), _changes(event, lang))
            for event in record.events]
    return {"title": title, "note": "", "empty": say("no events", lang), "rows": rows,
            "heads": [text("date", lang) if record.calendar.first_week else say("week", lang),
                      say("what", lang), say("setting", lang)]}


def _when(event: Event, record: Scenario, lang: str) -> str:
    """Return the weeks of an event, for each time that it occurs; with a calendar, their dates."""
    spans = list(event.spans(record.weeks))
    calendar = record.calendar
    to = " – " if calendar.first_week else "–"
    said = [(calendar.begins(event) if first == event.week else calendar.said(first)) + (
        to + calendar.said(last, last=True) if last is not None and (calendar.first_week or last > first)
        else "") for first, last in spans[:MAX_SPANS]]
    comma = "、" if lang == "zh" else ", "
    words = comma.join(said) + (" …" if len(spans) > MAX_SPANS else "")
    if spans and spans[0][1] is None:
        words = say("from then", lang, week=words)
    if event.every:
        words += say("every", lang, weeks=event.every)
    return words + (say("moving over", lang, weeks=event.over) if event.over else "")


def _changes(event: Event, lang: str) -> str:
    parts = [f"{key} = {_short(value)}" for key, value in event.set.items()]
    parts += [f"{key} × {factor:g}" for key, factor in event.scale.items()]
    return ("、" if lang == "zh" else ", ").join(parts)


def _settings(
    record: Scenario, title: str, lang: str, without: Sequence[str] = ()
) -> Data:
    rows = [_row(path, value, default) for path, value, default in changed_settings(record, lang)
            if path not in without]
    return {"title": title, "note": "", "empty": say("all defaults", lang), "rows": rows,
            "heads": [say("setting", lang), say("value", lang), say("default", lang)]}


def _checks(
    result: Shown, record: Scenario, name: str, title: str, lang: str
) -> Data:
    """Return the table of reality checks, with the number of runs in which each held."""
    from sim.market.outputs import WEEKLY
    from sim.scenario.expect import Expectation

    columns = {column.name: column.unit for column in WEEKLY}
    weekly = sources.table(result, "weekly", name)
    runs = [rows for _seed, rows in weekly.groupby("seed")]
    rows = []
    for check in record.expect if not sources.keys(result) else ():
        held = sum(Expectation.parse(check, columns).holds(one) for one in runs)
        rows.append(_row(check.said, f"{held} / {len(runs)}", say(
            "held" if held == len(runs) else "not held", lang),
            mark="" if held == len(runs) else "crossed"))
    return {"title": title, "note": "", "empty": say("no checks", lang), "rows": rows,
            "heads": [say("check", lang), say("runs held", lang), say("verdict check", lang)]}


def _notices(record: Scenario, title: str, lang: str) -> Data:
    """Return the notices of the scenario, such as on an event that it leaves out."""
    from sim.scenario.notices import notices
    from sim.texts import speaking

    with speaking(lang):
        rows = [_row(sentence) for sentence in notices(record)]
    return {"title": title, "note": "", "empty": say("no notices", lang), "rows": rows,
            "heads": [say("what", lang)]}


def _sources(record: Scenario, title: str, lang: str) -> Data:
    from sim.scenario.resolved import unsourced

    return {"title": title, "note": "", "empty": say("no sources", lang),
            "rows": [*(_row(path, text_of(source, lang)) for path, source in record.sources.items()),
                     *(_row(path, say("unsourced", lang)) for path in unsourced(record))],
            "heads": [say("setting", lang), say("source", lang)]}


def _glossary(lang: str) -> Data:
    from sim.views.report.facts import MEASURES

    return {"title": say("glossary", lang), "note": "", "empty": "",
            "rows": [_row(label(figure, lang), figure.formula) for figure in MEASURES],
            "heads": [say("figure", lang), say("meaning", lang)]}


def changed_settings(record: Scenario, lang: str | None = None) -> list[tuple[str, str, str]]:
    """Return dotted name, value and default of every setting that differs from its default."""
    apart = {"title", "events", "expect", "sources", "rules", "tiers", "seed", "dropped"}
    mine = _flat(record.model_dump(mode="json", exclude=apart))
    bare: Any = type(record)
    usual = _flat(bare().model_dump(mode="json", exclude=apart))
    rows = [(path, _short(value), _short(usual.get(path)))
            for path, value in mine.items() if value != usual.get(path)]
    rows += [
        (f"tiers.{place}", ", ".join(
            f"{key} {_short(value)}" for key, value in
            (tier.model_dump(mode="json") | {"name": text_of(tier.name, lang)}).items()), "–")
        for place, tier in enumerate(record.tiers)]
    return rows


def _flat(data: object, path: str = "") -> Data:
    if not isinstance(data, dict):
        return {path: data}
    out: Data = {}
    for key, value in data.items():
        out.update(_flat(value, f"{path}.{key}" if path else key))
    return out


def _short(value: object) -> str:
    said = "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return said if len(said) <= 200 else said[:199] + "…"


def _compliance(
    result: Shown, record: Scenario, name: str, title: str, lang: str
) -> Data:
    from sim.views.report.facts import compliance

    weekly = sources.table(result, "weekly", name)
    resellers = sources.table(result, "resellers", name)
    seed = weekly["seed"].iloc[0]
    found = compliance(weekly[weekly["seed"] == seed], resellers[resellers["seed"] == seed],
                       len(record.tiers))
    rows = []
    for indicator in found:
        unit, colon, number = indicator.value.partition(":")
        value = amount(float(number), unit, lang) if colon else indicator.value
        crossed = indicator.first == indicator.first
        rows.append(_row(
            say(f"c {indicator.name}", lang), value, say(indicator.limit, lang),
            record.calendar.said(round(indicator.first)) if crossed else say("never", lang),
            mark="crossed" if crossed else ""))
    note = say("compliance note", lang)
    if weekly["seed"].nunique() > 1:
        note += say("compliance seed", lang, n=int(seed))
    return {"title": title, "note": note, "empty": "", "rows": rows,
            "heads": [say("figure", lang), say("value", lang), say("threshold", lang),
                      say("first date" if record.calendar.first_week else "first week", lang)]}


def _made(result: Shown, weekly: pd.DataFrame, lang: str) -> list[str]:
    import sim
    from sim.runs.version import code_version

    design = getattr(result, "design", None)
    seeds = list(design.seeds) if design is not None else sorted(
        int(seed) for seed in weekly["seed"].unique())
    said = ", ".join(str(seed) for seed in seeds[:12]) + (" …" if len(seeds) > 12 else "")
    runs = sources.progress(result)[0]
    version = getattr(result, "version", None) or code_version()
    return [
        say("program", lang, version=sim.__version__, code=version),
        say("runs", lang, n=f"{runs:,}", seeds=said),
    ]


def _command(result: Shown) -> str:
    """Return a command that repeats the run, if there is a results folder."""
    path = getattr(result, "path", None)
    return f"weishang reproduce {shlex.quote(str(path))}" if path is not None else ""
