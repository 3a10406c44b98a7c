"""Signs that our font has not: a font of the machine draws them, or they are said to be missing."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from sim.views import style as module
from sim.views.style import FAMILY, lacking, plain, style

RARE = "\U0002a6a5"
"""A sign of four dragons, which fonts of a machine for tests hardly have."""


@pytest.fixture
def rare_font(tmp_path: Path) -> Path:
    """Return a font with the rare sign, known to matplotlib while the test runs."""
    pen = TTGlyphPen(None)
    for step, point in enumerate([(0, 0), (500, 0), (500, 700), (0, 700)]):
        (pen.lineTo if step else pen.moveTo)(point)
    pen.closePath()
    box = pen.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "dragons"])
    font.setupCharacterMap({ord(RARE): "dragons"})
    font.setupGlyf({".notdef": box, "dragons": box})
    font.setupHorizontalMetrics({".notdef": (600, 0), "dragons": (600, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Rare Signs", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    path = tmp_path / "rare.ttf"
    font.save(path)
    return path


def forget() -> None:
    module._family_with.cache_clear()
    lacking()


def test_signs_that_no_font_has_are_told_once() -> None:
    forget()
    assert plain(f"{RARE}鬥 and plain") .startswith("□")
    assert RARE in lacking()
    assert lacking() == ""


def test_a_font_of_the_machine_draws_what_ours_has_not(rare_font: Path) -> None:
    known = list(font_manager.fontManager.ttflist)
    forget()
    font_manager.fontManager.addfont(rare_font)
    try:
        with style("en"):
            assert plain(f"计划 {RARE}") == f"计划 {RARE}"
            assert mpl.rcParams["font.family"] == [FAMILY, "DejaVu Sans", "Rare Signs"]
            assert RARE not in lacking()
        assert "Rare Signs" not in mpl.rcParams["font.family"]
    finally:
        font_manager.fontManager.ttflist[:] = known
        forget()
