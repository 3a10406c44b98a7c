"""Every text exists in both languages, takes the same values, and can be drawn."""

from __future__ import annotations

import string

import pytest

from sim.market.outputs import WEEKLY
from sim.views import style
from sim.views.panels import PANELS
from sim.views.report import texts as report
from sim.views.texts import TEXTS, column, text, text_of

ALL = [*TEXTS.items(), *report.TEXTS.items()]


def gaps(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize(("key", "both"), ALL, ids=[key for key, _ in ALL])
def test_both_languages(key, both):
    english, chinese = both
    assert bool(english) == bool(chinese)
    assert gaps(english) == gaps(chinese)
    known = style._register()
    assert not [sign for sign in english + chinese if ord(sign) not in known]


def test_every_picture_has_a_title():
    for name in PANELS:
        assert text(f"picture.{name}", "en")


def test_weekly_columns_are_named():
    unnamed = [output.name for output in WEEKLY if f"column.{output.name}" not in TEXTS]
    unnamed = [name for name in unnamed if not name.startswith("form_")]
    assert not unnamed, f"name these columns in sim/views/texts.py, in both languages: {unnamed}"
    assert column("a_rule_of_ones_own", "zh") == "a rule of ones own"


def test_font_has_everyday_chinese_and_its_licence():
    known = style._register()
    wanted = [chr(code) for code in (*b"Az09%", 0x5FAE, 0x5546, 0x4EE3, 0x7406, 0x8F6C, 0x578B)]
    assert not [sign for sign in wanted if ord(sign) not in known]
    folder = style.FONT.parent
    assert style.FONT.stat().st_size < 1_800_000
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text("utf-8")


def test_a_text_of_a_scenario_may_be_given_in_both_languages():
    both = {"en": "Gold", "zh": "金牌"}

    class Words(str):
        words = both

    for value in (both, Words("Gold")):
        assert text_of(value, "zh") == "金牌"
        assert text_of(value, "en") == "Gold"
    assert text_of("总代", "en") == "总代"
    assert text_of({"zh": "金牌"}, "en") == "金牌"
    assert text_of(None, "en") == ""
