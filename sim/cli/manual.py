"""The command describe: the manual, from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import (
    allow_code_option,
    answer,
    answer_json,
    command,
    json_option,
    load_scenarios,
    option,
)
from sim.cli.tables import paragraph, table
from sim.errors import UsageError
from sim.texts import _, mark
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["describe"]


@command("describe", examples=(
    "weishang describe recruiting", "weishang describe prosumer", "weishang describe sell_through",
    "weishang describe 动销", "weishang describe --resolved my_plan.yaml",
    "weishang describe --changed my_plan.yaml", "weishang describe --schema > scenario.schema.json",
))
@click.argument("words", nargs=-1, metavar="[TOPIC]")
@option("--changed", metavar="SCENARIO",
        help=mark("Only what a scenario changes, beside the defaults."))
@option("--resolved", metavar="SCENARIO",
        help=mark("Every setting of a scenario with its value, and the file and line that say it."))
@option("--schema", is_flag=True, help=mark("JSON Schema of scenario files, for editors."))
@allow_code_option
@json_option
def describe(
    words: tuple[str, ...], changed: str | None, resolved: str | None, schema: bool,
    allow_code: bool, as_json: bool,
) -> None:
    """Explain the week, settings, measures, columns of the results, and words in two languages.

    TOPIC is a scenario or regime (the plan of its week), a section or setting, a table or column, a
    measure, 'settings', 'priors' (what is plausible before data are seen), 'outputs', 'measures',
    'glossary', 'effects' (what to set to switch each one off), or any word to search for, such as
    churn or 动销.
    """
    from sim.cli import dictionary
    from sim.scenario import manual
    from sim.scenario.schema import Scenario

    if schema:
        from sim.scenario.json_schema import json_schema

        answer_json(json_schema(Scenario))
        return
    if changed is not None:
        _show_changed(changed, allow_code, as_json)
        return
    if resolved is not None:
        dictionary.show_resolved(resolved, allow_code, as_json)
        return
    if len(words) > 1 and words[0] in ("metric", "measure", "指标"):
        words = words[1:]
    topic = " ".join(words)
    if not topic:
        _overview(as_json)
    elif topic == "settings":
        _show_settings(manual.settings(), as_json, brief=True)
    elif topic == "outputs":
        _show_columns(manual.columns(), as_json)
    elif topic in ("effects", "mechanisms"):  # as they were called before
        _show_effects(as_json)
    elif topic == "measures":
        dictionary.show_measures(dictionary.measure_rows(), as_json)
    elif topic == "glossary":
        dictionary.show_glossary(as_json)
    elif topic == "priors":
        _show_priors([row for row in manual.settings() if row["prior"]], as_json)
    else:
        kind, rows = manual.rows_of(topic)
        if kind == "settings":
            _show_settings(rows, as_json, brief=False)
        elif kind == "columns":
            _show_columns(rows, as_json)
            if not as_json and (formulas := dictionary.measure_rows(topic)):
                dictionary.show_measures(formulas, as_json)
        elif formulas := dictionary.measure_rows(topic):
            dictionary.show_measures(formulas, as_json)
        elif any(row["id"] == topic.upper() for row in manual.effects()):
            _show_effects(as_json, topic.upper())
        else:
            _show_week(topic, allow_code, as_json)


def _overview(as_json: bool) -> None:
    from sim.scenario import manual
    from sim.scenario.load import shipped

    sections = manual.sections()
    if as_json:
        answer_json({
            "scenarios": shipped(), "sections": sections, "settings": manual.settings(),
            "outputs": manual.columns(), "effects": manual.effects(),
        })
        return
    from sim.cli.dictionary import shipped_scenarios

    rows = shipped_scenarios()
    answer(table([_("scenario"), _("title")], [
        [row["name"], row["meaning"]] for row in rows if not row["name"].startswith("limits/")]))
    answer(paragraph(_("Limits of the theory: {names}").format(
        names=", ".join(row["name"] for row in rows if row["name"].startswith("limits/"))), ""))
    answer("")
    answer(table([_("section"), _("what it says")],
                 [[name, _(meaning)] for name, meaning in sections.items()]))
    answer("")
    answer(paragraph(_("Ask further: weishang describe SECTION, SETTING, COLUMN, SCENARIO, settings, "
             "priors, outputs, measures, glossary or effects, or any word, such as churn or 动销.")))


def _figure(value: object) -> str:
    from sim.scenario.resolved import said

    return said(value)


def _range(row: Data) -> str:
    if row["choices"]:
        return " | ".join(row["choices"])
    if row["kind"] == "flag":
        return "true | false"
    low, high = row["low"], row["high"]
    if low is None and high is None:
        return {"distribution": _("number or distribution"), "text": _("text")}.get(
            row["kind"], "")
    span = f"{'' if low is None else _figure(float(low))} … " \
        f"{'' if high is None else _figure(float(high))}"
    return _("{span}, or a number of persons such as '{example}'").format(
        span=span, example=f"20 {_('persons')}") if row["counted"] else span


def _prior(row: Data) -> str:
    prior = row["prior"]
    if prior is None:
        return ""
    ends = f"{_figure(prior['low'])} … {_figure(prior['high'])}"
    scale = _(", each ratio alike") if prior["log"] else ""
    return f"{ends}{scale} ({_(prior['source'])})"


def _default(row: Data) -> str:
    if row["required"]:
        return _("must be given")
    if row["control"]:
        name, low, high = row["control"]
        return f"{name}: {_figure(low)} … {_figure(high)}"
    return _figure(row["default"]) if row["default"] not in (None, "", {}, ()) else ""


def _sourced(row: Data) -> bool:
    """Return whether there is a value that a source can be of."""
    return row["source"] != "working assumption" or bool(row["control"]) or (
        row["kind"] != "text" and row["default"] is not None)


def _show_settings(rows: list[Data], as_json: bool, *, brief: bool) -> None:
    if as_json:
        answer_json({"settings": [{**row, "meaning": _(row["meaning"])} for row in rows]})
        return
    if brief:
        answer(table([_("setting"), _("default"), _("meaning")], [
            [row["name"], _default(row), _(row["meaning"])] for row in rows]))
        return
    from sim.scenario.converting import SILENT
    from sim.scenario.manual import source_in_words

    for row in rows:
        answer(click.style(row["name"], bold=True))
        answer(paragraph(_(row["meaning"]) or "-", "    "))
        unit = _(row["unit"]) if row["unit"] not in SILENT else ""
        source = source_in_words(row["source"]) if _sourced(row) else ""
        facts = [(_("unit"), unit), (_("allowed"), _range(row)),
                 (_("default"), _default(row)), (_("source"), source),
                 (_("plausible"), _prior(row)),
                 (_("effects"), _titles(row["effects"]))]
        answer(paragraph(_("; ").join(_("{name}: {value}").format(name=name, value=value)
                                      for name, value in facts if value), "    "))
    if len(rows) == 1 and rows[0]["control"]:
        name, low, high = rows[0]["control"]
        answer(paragraph(_(
            "Unless it is set, it follows controls.{name}: {low} where that is 0, {high} where "
            "that is 1.").format(name=name, low=_figure(low), high=_figure(high)), "    "))


def _show_priors(rows: list[Data], as_json: bool) -> None:
    if as_json:
        answer_json({"priors": [{"name": row["name"], "default": row["default"], **row["prior"]}
                                for row in rows]})
        return
    answer(table([_("setting"), _("default"), _("plausible"), _("meaning")], [
        [row["name"], _default(row), _prior(row), _(row["meaning"])] for row in rows]))


def _show_columns(rows: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        answer_json({"outputs": [{**row, "meaning": _(row["meaning"])} for row in rows]})
        return
    answer(table([_("table"), _("column"), _("unit"), _("meaning")], [
        [row["table"], row["name"], _(row["unit"]), _(row["meaning"])] for row in rows]))


def _titles(effects: list[str]) -> str:
    """Return effects with their titles."""
    from sim.mechanisms.effects import EFFECTS

    return ", ".join(f"{effect} {_(EFFECTS.get(effect, ''))}".strip() for effect in effects)


def _show_effects(as_json: bool, only: str | None = None) -> None:
    from sim.scenario.manual import effects

    rows = [row for row in effects() if only in (None, row["id"])]
    if as_json:
        answer_json({"effects": [{**row, "title": _(row["title"])} for row in rows]})
        return
    answer(table([_("effect"), _("carried by"), _("regimes"), _("switched off by")], [
        [_titles([row["id"]]), row["rule"], ", ".join(row["regimes"]),
         ", ".join(f"{name}={_figure(value)}" for name, value in row["off"].items())]
        for row in rows]))


def _show_week(topic: str, allow_code: bool, as_json: bool) -> None:
    from sim.regimes import REGIMES
    from sim.scenario.load import shipped
    from sim.scenario.manual import columns, sections, settings, week_plan
    from sim.scenario.problems import did_you_mean
    from sim.scenario.schema import Scenario
    from sim.texts.terms import TERMS

    if topic in shipped() or topic.endswith((".yaml", ".yml")):
        [scenario] = load_scenarios([topic], allow_code=allow_code)
    elif topic in REGIMES:
        scenario = Scenario.of({"regime": topic})
    else:
        known = [*sections(), *(row["name"] for row in settings()),
                 *(row["name"] for row in columns()), *shipped(), *REGIMES,
                 *(word for term in TERMS for word in (term.en, *term.also)),
                 "measures", "glossary", "settings", "priors", "outputs", "effects"]
        from sim.cli.dictionary import search, show_found

        hits = search(topic)
        if any(hits.values()):
            show_found(topic, hits, as_json)
            return
        raise UsageError(_("there is nothing called '{topic}'; {hint}").format(
            topic=topic[:60], hint=did_you_mean(topic, known)
            or _("`weishang describe` lists what there is")))
    rows = week_plan(scenario)
    if as_json:
        answer_json({"scenario": topic, "regime": scenario.regime, "week": rows})
        return
    answer(_("The week of {name} (regime {regime}), in order:").format(
        name=text_of(scenario.title) or topic, regime=scenario.regime))
    answer(table([_("phase"), _("rule"), _("effects"), _("what it does, reads and writes")], [
        [_(f"phase {row['phase']}").removeprefix("phase "), row["rule"], _titles(row["effects"]),
         _("{does} Reads: {reads}. Writes: {writes}.").format(
             does=_(row["does"]), reads=", ".join(row["reads"]) or "-",
             writes=", ".join(row["writes"]))] for row in rows]))


def _show_changed(name: str, allow_code: bool, as_json: bool) -> None:
    from sim.scenario.resolved import changes, leaves, said, shape_in, source_of, unsourced

    [scenario] = load_scenarios([name], allow_code=allow_code)
    found, shapes = changes(scenario), leaves(type(scenario))
    if as_json:
        answer_json({"scenario": name, "changed": [
            {"setting": path, "default": old, "value": new, "source": source_of(scenario, path)}
            for path, old, new in found]})
        return
    if not found:
        answer(_("{name} changes nothing").format(name=name))
        return
    answer(table([_("setting"), _("default"), _("value"), _("meaning")], [
        [path, said(old, shape_in(shapes, path)), said(new, shape_in(shapes, path)),
         _(shape.meaning) if (shape := shape_in(shapes, path)) else ""] for path, old, new in found]))
    if scenario.sources:
        answer("\n" + _("sources:"))
        for path, source in scenario.sources.items():
            answer(paragraph(_("{name}: {value}").format(name=path, value=text_of(source)), "  "))
    if missing := unsourced(scenario):
        answer("")
        answer(paragraph(_("Without a source of their own: {names}.").format(names=_(", ").join(missing))))
