"""The style of our pictures: font, colours, numbers on axes.

Nothing here changes matplotlib's settings outside our own figures. Our font is registered under a name
that no installed font has, so the user's other pictures stay the same.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager, patheffects, ticker
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from sim.texts.numbers import begun
from sim.texts.wrapping import wrapped
from sim.views.texts import language, text

__all__ = [
    "DASHES", "FAMILY", "PLACES", "REGIMES", "SERIES", "STAGES", "lacking", "number_axis", "plain",
    "saved", "scenario_colours", "style", "tier_colour",
]

FAMILY = "Weishang Sans"
FONT = Path(__file__).with_name("fonts") / "WeishangSans-Regular.otf"

# The eight colours of Okabe and Ito, which can be told apart with any common colour vision.
BLACK, ORANGE, SKY, GREEN = "#222222", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE, GREY = "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#767676"

SERIES = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK, GREY)
"""Default colours of lines, in order."""

# Colours of stacked areas: neighbours differ enough to be told apart in grey.
DEEP_GREEN, DEEP_PURPLE, AMBER, PALE_SKY, SLATE = "#00543E", "#5B2A57", "#F2B53D", "#C4E4F7", "#636363"

TIERS = ("#002F57", "#004F87", "#2C6EAA", "#578CC7", "#84A8D8", "#A9C3E6", "#CBDCF0", "#E2ECF6")
"""Colours of tiers: one hue in steps, the top tier darkest, because tiers are ordered. Each step is lighter
than the one before, in grey too."""

PAGE = 9.9
"""Size of the picture of a study in inches: printed as wide as a sheet, its texts have at least 8 points."""

DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
"""Dashes of the first, second, ... scenario, so that they can be told apart in grey."""

PLACES = {
    "inventory_factory": SLATE, "inventory_transit": PALE_SKY, "inventory_channel": AMBER,
    "inventory_active": AMBER, "inventory_leavers": VERMILLION, "inventory_homes": DEEP_GREEN,
}
STAGES = {
    "stage_stranger": "#A6A6A6", "stage_customer": "#8FCBF0", "stage_user": BLUE, "stage_fan": "#D07A00",
    "stage_geek": DEEP_PURPLE,
}
REGIMES = {"pyramid": "#E66100", "prosumer": "#5D3A9B"}
"""Colours of regimes, which can be told apart with deuteranopia and, with their dashes, in grey."""


def tier_colour(tier: int) -> str:
    """Return the colour of a tier, the same on every picture."""
    return TIERS[int(tier) % len(TIERS)]


def scenario_colours(names: Sequence[str], regimes: Sequence[str | None] = ()) -> dict[str, str]:
    """Return a colour for each scenario: that of its regime if it is free, else the next free one."""
    colours: dict[str, str] = {}
    for place, name in enumerate(names):
        regime = regimes[place] if place < len(regimes) else None
        wanted = REGIMES.get(regime or "")
        free = [c for c in (BLUE, GREEN, BLACK, PURPLE, SKY, GREY, *REGIMES.values())
                if c not in colours.values()]
        colours[name] = (
            wanted if wanted and wanted not in colours.values() else free[0] if free else GREY)
    return colours


DIGITS = 3
"""Significant digits of a number on an axis."""


@functools.cache
def _register() -> frozenset[int]:
    """Register the font in this process; return the code points that it can draw."""
    font_manager.fontManager.addfont(str(FONT))
    known: set[int] = set()
    for path in (str(FONT), font_manager.findfont("DejaVu Sans")):
        known |= set(font_manager.get_font(path).get_charmap())
    return frozenset(known)


PREFERRED = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "SimSun", "Microsoft JhengHei",
    "Malgun Gothic", "Apple SD Gothic Neo", "Arial Unicode MS", "Noto Emoji", "Segoe UI Symbol",
)
"""Installed fonts that are tried first for characters that our font lacks."""
UNFIT = ("Color", "Last Resort")
"""Parts of the names of fonts that matplotlib cannot use, or that draw a box for every character."""
_lacking: set[str] = set()


@functools.cache
def _charmap(path: str) -> frozenset[int]:
    try:
        return frozenset(font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError, ValueError):  # a font that matplotlib cannot use
        return frozenset()


@functools.cache
def _family_with(sign: str) -> str | None:
    """Return an installed font that has a character, or None."""
    places = {name: place for place, name in enumerate(PREFERRED)}
    fonts = sorted(font_manager.fontManager.ttflist, key=lambda font: (
        places.get(font.name, len(places)), font.name, font.fname))
    return next((font.name for font in fonts if not any(word in font.name for word in UNFIT)
                 and ord(sign) in _charmap(font.fname)), None)


def _drawable(sign: str) -> str:
    """Return a character if some font can draw it, and add that font to this picture."""
    family = _family_with(sign)
    if family is None:
        _lacking.add(sign)
        return "□"
    families = list(mpl.rcParams["font.family"])
    if FAMILY in families and family not in families:
        mpl.rcParams["font.family"] = [*families, family]
    return sign


def lacking() -> str:
    """Return the characters that no font could draw since the last call."""
    signs = "".join(sorted(_lacking))
    _lacking.clear()
    return signs


def plain(words: str, most: int = 120) -> str:
    """Return a user's text safe to draw: without mathematics, and of limited length.

    Characters that our font lacks are drawn with an installed font, or as boxes (see `lacking`).
    """
    known = _register()
    kept = "".join(
        sign if ord(sign) in known else _drawable(sign)
        for sign in words if not unicodedata.category(sign).startswith("C")
    )
    if len(kept) > most:
        kept = kept[: most - 1] + "…"
    return kept.replace("$", r"\$")


@contextmanager
def style(lang: str | None = None) -> Iterator[str]:
    """Draw in our style inside this block; yield the language."""
    _register()
    with mpl.rc_context({
        "font.family": [FAMILY, "DejaVu Sans"], "font.size": 12.5,
        "axes.titlesize": 14, "axes.titlelocation": "left", "axes.titlepad": 24,
        "axes.titley": 1.0,  # fixed, because finding the position automatically is slow
        "axes.labelsize": 12, "axes.spines.top": False, "axes.spines.right": False,
        "axes.edgecolor": "#767676", "axes.linewidth": 0.9, "axes.grid": True,
        "axes.axisbelow": True, "axes.unicode_minus": True, "axes.formatter.use_mathtext": False,
        "grid.color": "#E4E4E4", "grid.linewidth": 0.8,
        "xtick.color": "#555555", "ytick.color": "#555555",
        "xtick.labelsize": 11.5, "ytick.labelsize": 11.5,
        "legend.frameon": False, "legend.fontsize": 11.5, "legend.handlelength": 1.8,
        "lines.linewidth": 2.2, "lines.solid_capstyle": "round",
        "figure.facecolor": "white", "figure.titlesize": 17, "savefig.facecolor": "white",
        "svg.hashsalt": "weishang", "svg.fonttype": "path", "text.usetex": False,
        "text.parse_math": True,
    }):
        try:
            yield language(lang)
        finally:
            interactive = mpl.is_interactive()
    # A notebook's backend becomes interactive when the first figure is made; leaving the block would
    # undo that, and no later picture would be shown (matplotlib #24351).
    mpl.interactive(interactive)


def headed(made: Any, said: str, below: str, room: float = 0.06) -> None:
    """Put the message on top of a figure in large type, and the conditions below it in small type.

    `room` is the space below them, in inches.
    """
    title = made.suptitle(said, ha="left", x=0.01, fontsize=19, color=BLACK)
    # Our font has only one weight; a thin outline of the same colour makes it bolder.
    title.set_path_effects([patheffects.withStroke(linewidth=0.7, foreground=BLACK)])
    high = title.get_window_extent().height / made.dpi
    size = 12.5
    lines = below.count("\n") + 1 if below else 0
    margin, whole = 0.1, made.get_figheight()
    made.text(0.01, 1.0 - (margin + high + 0.06) / whole, below, ha="left", va="top", fontsize=size,
              color="#595959")
    made.get_layout_engine().set(
        rect=(0.0, 0.0, 1.0, 1.0 - (room + 1.3 * size * lines / 72) / whole))


def headed_by(made: Any, sentences: Sequence[str]) -> None:
    """Put sentences on top of the figure of a study: the first in large type, the others in small type.

    The figure grows by their height, so that its panels keep their size.
    """
    wide = made.get_figwidth()
    said, *others = (plain(begun(one), 400) for one in sentences)
    message = filled(said, wide * MESSAGE_ROOM)
    below = "\n".join(filled(one, wide * BELOW_ROOM) for one in others)
    rows, more = message.count("\n") + 1, below.count("\n") + 1 if below else 0
    made.set_figheight(made.get_figheight() + 0.36 * (rows - 1) + 0.24 * more)
    headed(made, message, below, 0.2)


def saved(made: Any, path: Path, kind: str) -> None:
    """Write the figure of a study to a file in our style.

    The file holds no dates, so that the same study gives the same bytes.
    """
    with style():
        made.savefig(path, format=kind, dpi=140, metadata={"Date": None} if kind == "svg" else {})


MESSAGE_ROOM, BELOW_ROOM = 6.6, 9.6
"""Columns of letters per inch of the message and of the text below it."""


def filled(words: str, columns: float) -> str:
    """Return a text broken into lines of at most so many columns; a Chinese character takes two.

    No line ends inside a number, or between a Chinese number and its unit.
    """
    return "\n".join(wrapped(_NUMBERED.sub("\u00a0", words), max(1, int(columns))))


_NUMBERED = re.compile(r"(?<=\d) (?=[\u4e00-\u9fff])|(?<=第) (?=\d)")
"""Spaces between a number and the Chinese word that it belongs to."""


def own_font(ax: Axes) -> None:
    """Keep our font on the tick labels, which matplotlib makes only when it draws."""
    ax.tick_params(axis="both", which="both", labelfontfamily=list(mpl.rcParams["font.family"]))


def steps(largest: float, unit: str, lang: str) -> tuple[float, str]:
    """Return the divisor for numbers of this size, and the name of the resulting unit."""
    ladder = (
        ((1e8, "yi"), (1e5, "wan")) if lang == "zh" else ((2e6, "million"), (1e5, "thousand")))
    size = {"yi": 1e8, "wan": 1e4, "million": 1e6, "thousand": 1e3}
    for start, word in ladder:
        if largest >= start:
            return size[word], text(word, lang, unit=unit)
    return 1.0, unit


UNIT_RISE = 8
"""Points from the end of a vertical axis to its unit."""


def number_axis(ax: Axes, unit: str, lang: str, *, axis: str = "y", label: str = "") -> None:
    """Format the numbers on an axis for readers: yuan instead of fen, percentages, 万 for large numbers.

    `unit` is ``fen``, ``share``, ``points`` or a key of the texts; `label` goes before the unit.
    """
    which = ax.yaxis if axis == "y" else ax.xaxis
    low, high = which.get_view_interval()
    largest = max(abs(low), abs(high))
    if unit == "share":
        which.set_major_formatter(ticker.FuncFormatter(lambda value, _: percent(value, _digits(which))))
        name = ""
    elif unit == "points":
        which.set_major_formatter(
            ticker.FuncFormatter(lambda value, _: percent(value, _digits(which)).removesuffix("%")))
        name = text("points", lang)
    else:
        fen = 100.0 if unit == "fen" else 1.0
        # On a logarithmic axis numbers are not scaled: such pictures show ratios, and 1 must stay 1.
        reach = 0.0 if which.get_scale() == "log" else largest / fen
        divisor, name = steps(reach, text("yuan" if unit == "fen" else unit, lang), lang)
        which.set_major_formatter(
            ticker.FuncFormatter(lambda value, _: short(value / fen / divisor, _digits(which))))
    parts = [part for part in (label, name) if part]
    which.set_label_text(" · ".join(parts) if label else name)
    if axis == "y":
        # Horizontal above the axis, since rotated Chinese is hard to read, and higher than the tick
        # label beside the end of the axis.
        which.label.set(rotation=0, ha="left", va="bottom", color="#595959", fontsize=11)
        figure: Any = ax.get_figure()
        which.set_label_coords(
            0.0, 1.0, transform=ax.transAxes + ScaledTranslation(0, UNIT_RISE / 72, figure.dpi_scale_trans))
    own_font(ax)


def _digits(axis: Any) -> int:
    """Return the number of digits that distinguishes the ticks of an axis."""
    if axis.get_scale() == "log":
        return DIGITS
    low, high = axis.get_view_interval()
    largest, step = max(abs(low), abs(high)), abs(high - low) / 10
    return DIGITS if not step else max(DIGITS, math.ceil(math.log10(max(1.0, largest / step))) + 1)


def short(value: float, digits: int = DIGITS) -> str:
    """Return a number as on an axis: short, with thousands separators."""
    if value == 0:
        return "0"
    before = len(f"{abs(value):.0f}") if abs(value) >= 1 else 0
    if float(value).is_integer() or before >= digits:
        out = f"{value:,.0f}"
    elif before >= 3:
        out = f"{value:,.{digits - before}f}".rstrip("0").rstrip(".")
    else:
        out = f"{value:.{digits}g}"
    return out.replace("-", "−")


def percent(value: float, digits: int = DIGITS) -> str:
    """Return a share as a percentage."""
    out = f"{100 * value:.{digits - 2}f}".rstrip("0").rstrip(".")
    return (out if out.strip("-0.") else "0").replace("-", "−") + "%"


NOTHING = "nothing"
"""Tag of the text that replaces an empty picture."""


def empty(ax: object, lang: str) -> None:
    """Write on an empty picture that there is nothing to show."""
    nothing(ax, text("nothing", lang))


def nothing(ax: Any, words: str) -> None:
    """Write, once, why there is no picture."""
    if says_nothing(ax):
        return
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color="#595959", gid=NOTHING)
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])


def says_nothing(ax: Axes) -> bool:
    """Return whether a picture already says why it is empty."""
    return any(words.get_gid() == NOTHING for words in ax.texts)
