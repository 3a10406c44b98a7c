"""describe as a dictionary: words in both languages, formulas, where each value was said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import outcome
from sim.cli.dictionary import search
from sim.runs.figures import KEY_FIGURES
from sim.scenario import manual
from sim.texts import speaking, use_language
from sim.texts.terms import TERMS


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    use_language("en")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("query", "finds"), [
    ("动销", "sell_through"), ("压货", "controls.stock_pressure"), ("裂变", "wom_reproduction"),
    ("复购", "repeat"), ("窜货", "liquidation"), ("churn", "left_in_year"), ("bullwhip effect", "bullwhip"),
    ("下线", "upline_payments"), ("牛鞭", "bullwhip"), ("channel stuffing", "tiers.0.quota"),
    ("实付价", "street_price"), ("回购", "bought_back"), ("sell through", "sell_through"),
])
def test_a_word_is_found_in_either_language(
    query: str, finds: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["describe", *query.split(), "--lang", language]) == 0
    assert finds in capsys.readouterr().out


def test_what_a_term_points_to_is_there() -> None:
    for term in TERMS:
        hits = search(term.en)
        there = {row["name"] for kind in ("measures", "settings", "columns", "sections")
                 for row in hits[kind]}
        names = {name for name in term.see if not (name[0] in "AB" and name[1:].isdigit())}
        assert not names - there, term.en


def test_each_measure_has_its_formula(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["describe", "measures", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["measures"]
    assert [row["name"] for row in rows] == [figure.name for figure in KEY_FIGURES]
    assert all(row["formula"] for row in rows)
    assert outcome(["describe", "measure", "sell_through_rate"]) == 0
    assert "cumulative(sell_in)" in capsys.readouterr().out


def test_the_glossary_says_each_word_in_both_languages() -> None:
    for lang in ("en", "zh"):
        with speaking(lang):
            assert all(term.word and term.meaning for term in TERMS)
    assert len({term.en for term in TERMS}) == len({term.zh for term in TERMS}) == len(TERMS)


def test_every_value_is_traced_to_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("base.yaml").write_text("extends: transition\npersons: 900\n", encoding="utf-8")
    Path("mine.yaml").write_text(
        "extends: base.yaml\noffer:\n  quality: 61%\nevents:\n  - id: 转型\n    week: 9\n",
        encoding="utf-8")
    assert outcome(["describe", "--resolved", "mine.yaml", "--json"]) == 0
    rows = {row["setting"]: (row["value"], row["from"])
            for row in json.loads(capsys.readouterr().out)["resolved"]}
    assert rows["offer.quality"] == (0.61, "mine.yaml:3:12")
    assert rows["persons"] == (900, "base.yaml:2:10")
    assert rows["events.转型.week"] == (9, "mine.yaml:6:11")
    assert rows["events.转型.set.offer.list_price"][1].startswith("transition.yaml:")
    assert rows["ordering.pressure"][1] == "follows controls.stock_pressure"
    assert rows["leaving.memory" if "leaving.memory" in rows else "weeks"][1]
    assert rows["rules.order"][1] == "regime pyramid"
    assert {where for name, (_value, where) in rows.items() if name.startswith("people.")} <= {
        "default", *(where for _value, where in rows.values() if ".yaml:" in where)}
    assert outcome(["describe", "--resolved", "mine.yaml"]) == 0
    assert "base.yaml:2:10" in capsys.readouterr().out
    assert outcome(["describe", "--resolved", "nowhere.yaml"]) == 2


@pytest.mark.parametrize(("topic", "said"), [
    ("tiers.first_order", "tiers.0.first_order"), ("tiers.2.quota", "tiers.0.quota"),
    ("events.week", "events.0.week"), ("start.tiers.sales", "start.tiers.0.sales"),
    ("recruiting.founders", "0 … 1, or a number of persons such as '20 persons'")])
def test_settings_are_found_without_the_number_of_an_entry(
    topic: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["describe", topic]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert said in out
    assert "default: -" not in out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_section_is_told_in_one_language(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in manual.sections():
        if not manual.settings(name):
            continue
        assert outcome(["describe", name, "--lang", lang]) == 0
        out = capsys.readouterr().out
        assert "``" not in out, name
        if lang == "zh":
            # Titles of works and names in backticks may stand in it, sentences may not.
            bare = re.sub(r"`[^`]*`|（[^）]*）|\([^)]*\)", "", out)
            assert not re.findall(r"\b(?:the|of|and|is|are|as|in|working|assumption|guess)\b", bare), name
    with speaking("zh"):
        assert manual.source_in_words("A7, essay A: 多层级压货; a guess; Sterman 1989") == \
            "A7，文章 A：多层级压货；估计；Sterman 1989"
