"""Every picture is drawn, in both languages, from one run, many runs, and nothing at all."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sim
from sim.errors import UsageError
from sim.views import messages, plots, style
from sim.views.further_messages import about
from sim.views.panels import PANELS
from sim.views.plots import FIGURES, compare_figure, figure, plot, save_figures, sweep_figure
from sim.views.texts import text
from tests.views.conftest import draw

OF_A_RUN = [name for name, panel in PANELS.items()
            if not {"model", "sweep", "differences"} & set(panel.tables)]


@pytest.mark.parametrize("name", [name for name in OF_A_RUN if name != "difference"])
def test_every_picture(run, name):
    ax = plot(run, name, lang="zh")
    assert isinstance(ax, Axes)
    assert ax.get_title(loc="left")
    draw(ax.figure)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", FIGURES)
def test_texts_do_not_overlap(drawn, name, lang):
    made = drawn(name, lang)
    renderer = made.canvas.get_renderer()
    for ax in made.axes:
        boxes = []
        for part in (ax.title, ax._right_title, ax.xaxis.label, ax.yaxis.label):
            if part.get_text():
                boxes.append(part.get_window_extent(renderer))
        if ax.get_legend():
            boxes.append(ax.get_legend().get_window_extent(renderer))
        for place, box in enumerate(boxes):
            for other in boxes[place + 1:]:
                assert not box.overlaps(other), (name, ax.get_title(loc="left"))


def test_pictures_of_nobody(nobody):
    for name in OF_A_RUN:
        if name != "difference":
            drawn = plot(nobody, name).figure
            draw(drawn)
            pyplot.close(drawn)


def test_many_runs_show_a_band(both):
    name = both.design.labels[0]
    single = plot(next(iter(both)), "minds")
    many = plot(both, "minds", scenario=name)
    assert len(many.lines) > len(single.lines), "few runs are thin lines of their own"
    with pytest.raises(UsageError, match="choose one of"):
        plot(both, "minds")
    with pytest.raises(UsageError, match="no scenario"):
        plot(both, "minds", scenario="other")


def test_band_is_the_quantiles(both):
    weekly = both.weekly[both.weekly["scenario"] == both.design.labels[0]]
    ax = PANELS["word_of_mouth"].draw(
        weekly.assign(wom_reproduction=weekly["trust_mean"]), lang="en")
    line = next(line for line in ax.lines if line.get_label()[0] != "_").get_ydata()
    wanted = weekly.groupby("week")["trust_mean"].median().to_numpy()
    assert np.allclose(line, wanted)


def test_comparison_and_difference(both, drawn):
    drawn("compare", "zh")
    made = compare_figure(both, lang="en", kind="difference")
    draw(made)
    wide = both.weekly.pivot_table(index=["seed", "week"], columns="scenario", values="trust_mean")
    a, b = both.design.labels
    gap = (wide[b] - wide[a]).groupby("week").median().to_numpy()
    trust = next(ax for ax in made.axes if "trust" in ax.get_title(loc="left"))
    middle = next(line for line in trust.lines if line.get_color() == style.BLACK)
    assert np.allclose(middle.get_ydata(), gap)
    assert "%" not in trust.yaxis.get_major_formatter()(0.1), "points are no per cent"


def test_sweep(swept):
    made = sweep_figure(swept, lang="zh")
    draw(made)
    texts = [text.get_text() for text in made.axes[0].texts]
    assert len(texts) == 4


def test_events_are_marked_and_named(both):
    ax = plot(both, "prices", scenario=both.design.labels[0], lang="zh")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any("12" in label and "压力" in label for label in labels)
    assert {line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2} >= {12, 20}
    draw(ax.figure)


def test_an_event_without_a_note_is_called_by_its_id_and_numbers_run_along():
    import sim

    plan = sim.load("pyramid", {"persons": 300, "weeks": 12}).changed({"events": [
        {"id": "later", "week": 9, "set": {"offer.list_price": 200}},
        {"id": "旺季", "week": 4, "for": 1, "every": 4, "scale": {"people.weekly_need": 1.8}}]})
    ax = plot(sim.run(plan, seed=1, threads=1), "prices", lang="zh")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [label for label in labels if "①" in label] == ["① 第 4 周起每 4 周：旺季"]
    assert any("②" in label and "later" in label for label in labels)
    # What comes again is drawn each time.
    assert {line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2} >= {4, 8, 9, 12}


def test_events_are_drawn_where_plans_are_compared_and_say_whose_they_are(both):
    for kind in ("comparison", "difference"):
        made = compare_figure(both, lang="zh", kind=kind)
        draw(made)
        below = made.get_supxlabel()
        assert "压力" in below
        assert below.count("①") == 1
        for ax in made.axes[:6]:
            assert 12 in {line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_legend_of_four_plans_does_not_lie_on_the_caption(lang):
    plans = [sim.load("pyramid", {"persons": 300, "weeks": 6, "title": {
        "en": f"Transition (1.0 to 2.0) {place}", "zh": f"转型（1.0 到 2.0）{place}"}}) for place in range(4)]
    made = compare_figure(sim.run_many(plans, seeds=range(6), workers=1), lang=lang)
    draw(made)
    renderer = made.canvas.get_renderer()
    legend = made.legends[0].get_window_extent(renderer)
    assert not legend.overlaps(made._supxlabel.get_window_extent(renderer))
    assert legend.x1 <= made.bbox.x1


def test_dollars_are_no_mathematics():
    assert style.plain("5$ to $6") == r"5\$ to \$6"
    assert style.plain("a\u202eb\x00\U00020000") == "ab□"
    assert len(style.plain("x" * 500)) == 120


def test_unknown_names_are_refused(run, tmp_path):
    with pytest.raises(UsageError, match="did you mean 'prices'"):
        plot(run, "price")
    with pytest.raises(UsageError, match="no figure 'price'"):
        save_figures(run, tmp_path, only=["price"])
    with pytest.raises(UsageError, match="no language"):
        plot(run, "prices", lang="fr")


def test_money_is_shown_in_yuan(run):
    ax = plot(run, "prices", lang="zh")
    shown = ax.yaxis.get_major_formatter()(39000)
    assert shown == "390"
    assert ax.get_ylabel() == "元"
    for largest, lang, wanted in (
        (250_000, "zh", (1e4, "万元")), (250_000, "en", (1e3, "thousand yuan")),
        (5_000_000, "en", (1e6, "million yuan")), (99, "zh", (1.0, "元")),
    ):
        unit = "元" if lang == "zh" else "yuan"
        assert style.steps(largest, unit, lang) == wanted


def test_files_are_the_same_twice(run, tmp_path):
    for folder in ("a", "b"):
        save_figures(run, tmp_path / folder, only=["money", "tree"], dpi=40,
                     kinds=["png", "svg", "pdf"])
    for one in sorted((tmp_path / "a").iterdir()):
        assert one.read_bytes() == (tmp_path / "b" / one.name).read_bytes(), one.name
    assert not list(tmp_path.glob("**/.*"))


def test_nobody_elses_figures_change(run, tmp_path):
    before = dict(mpl.rcParams)
    save_figures(run, tmp_path, only=["churn"], kinds=["png"], dpi=30)
    plot(run, "prices", lang="zh")
    assert dict(mpl.rcParams) == before


def test_importing_draws_on_nothing():
    code = ("import matplotlib; before = dict(matplotlib.rcParams); import sim.views.plots;"
            "from matplotlib import font_manager as f;"
            "assert dict(matplotlib.rcParams) == before;"
            "assert not [e for e in f.fontManager.ttflist if 'Weishang' in e.name]")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_axes_of_the_caller_are_used(run):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert run.plot("inventory", ax=ax) is ax
    assert ax.collections


def test_live_model_can_be_drawn():
    import sim
    from tests.views.conftest import scenario

    model = sim.MicroCommerce(scenario(weeks=6), rng=2, threads=1)
    for _ in range(6):
        model.step()
    for name in ("network", "tree", "inventory"):
        draw(plot(model, name, lang="zh").figure)


def test_every_figure_is_made_of_pictures():
    assert {name for grid in FIGURES.values() for row in grid for name in row} <= set(PANELS)
    assert plots.unknown("picture", "zzz", ["a"]) == "no picture 'zzz'; there are: a"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_a_logarithmic_axis_one_is_one(lang):
    ax = Figure().subplots()
    ax.set_yscale("log")
    ax.set_ylim(0.5, 4e6)
    style.number_axis(ax, "ratio", lang)
    assert ax.yaxis.get_major_formatter()(1.0) == "1"
    assert ax.get_ylabel() == text("ratio", lang)
    ax.set_yscale("linear")
    ax.set_ylim(0.0, 4e6)
    style.number_axis(ax, "ratio", lang)
    assert ax.yaxis.get_major_formatter()(4e6) == ("400" if lang == "zh" else "4")


@pytest.mark.parametrize(("unit", "ends"), [
    ("fen", (2_399_000_00.0, 2_426_000_00.0)), ("units", (219.1, 219.4)), ("share", (0.9991, 0.9996)),
    ("points", (0.9991, 0.9996)), ("units", (0.0, 1.0)), ("fen", (0.0, 40_000_00.0))])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_two_ticks_of_an_axis_say_the_same(unit, ends, lang):
    ax = Figure().subplots()
    ax.set_ylim(*ends)
    style.number_axis(ax, unit, lang)
    said = [ax.yaxis.get_major_formatter()(tick) for tick in ax.get_yticks()]
    assert len(set(said)) == len(said)
    assert max(map(len, said)) < 9


def test_a_later_picture_of_a_notebook_is_shown_like_the_first():
    """pyplot first imported inside a style block would stay silent (matplotlib #24351)."""
    code = (
        "import matplotlib; matplotlib.use('agg'); matplotlib.rcParams['interactive'] = True\n"
        "import sim; from tests.views.conftest import scenario\n"
        "import sys; assert 'matplotlib.pyplot' not in sys.modules\n"
        "run = sim.run(scenario(weeks=4, persons=300), seed=1, threads=1)\n"
        "for name in ('inventory', 'churn', 'prices'):\n"
        "    run.plot(name); assert matplotlib.is_interactive(), name\n"
        "from matplotlib import pyplot; assert len(pyplot.get_fignums()) == 3\n")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_runs_of_a_sweep_are_not_pooled(swept, tmp_path):
    with pytest.raises(UsageError, match="no repetitions"):
        plot(swept, "inventory", lang="en")
    names = {path.name for path in save_figures(swept, tmp_path, kinds=["png"], dpi=30)}
    assert names == {"sweep-1.png"}


@pytest.mark.parametrize("points", [3, 12])
def test_a_sampled_sweep_is_drawn_between_its_points(points):
    import pandas as pd

    from sim.views import comparing

    rng = np.random.default_rng(1)
    table = pd.DataFrame({"a": rng.random(points), "b": rng.random(points)})
    table["loss_share"] = table["a"] * table["b"]
    ax = Figure().subplots()
    comparing.phase_map(table, ax=ax, lang="en", x="a", y="b", value="loss_share",
                        baseline=(float(table["a"].mean()), float(table["b"].mean())))
    assert not ax.texts, "no cell of its own for each point"
    assert any(line.get_marker() == "D" for line in ax.lines)
    draw(ax.figure)


def test_rounding_noise_is_no_bullwhip():
    import pandas as pd

    tiers = pd.DataFrame({"scenario": "x", "seed": 1, "week": [1, 2, 3], "tier": 0,
                          "bullwhip": [1e-12, 3e-13, 2e-12]})
    ax = PANELS["bullwhip"].draw(tiers, lang="en")
    assert "nothing" in ax.texts[0].get_text()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("before", "after", "same"), [
    (0.6, 0.6, True), (0.604, 0.596, True), (0.6, 0.59, False), (0.0, 0.001, False)])
def test_what_did_not_move_is_not_said_to_have_moved(before, after, same, lang):
    found = {"sell_through_rate": math.nan, "channel_stock": 1.0, "sell_in": 1.0, "bought_back": 0.0,
             "street_price": 100.0, "price_list": 200.0, "trust_start": before, "trust": after}
    said = messages._said("prices_and_trust", found, lang)
    assert said.count(messages.about(after)) == 1 or not same
    assert (("stayed at" in said) or ("保持在" in said)) is same
    assert same or (messages.about(before) in said and messages.about(after) in said)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("regime", ["pyramid", "prosumer", "transition"])
def test_customers_and_quality_are_said_as_the_last_week_has_them(regime, lang):
    made = sim.run(sim.load(regime, {"persons": 3000, "weeks": 30}), seed=1)
    last = made.weekly.iloc[-1]
    later = sum(int(last[f"stage_{name}"]) for name in ("user", "fan", "geek"))
    customers = later + int(last["stage_customer"])
    said = figure(made, "customers", lang).get_suptitle().replace("\n", "")
    assert customers > 0
    assert f"{customers:,}" in said
    assert messages.about(later / customers) in said
    said = figure(made, "quality_and_learning", lang).get_suptitle().replace("\n", " ")
    gap = round(100 * float(last["quality_perceived"] - last["quality_true"]))
    words = {1: ("better", "高"), -1: ("worse", "低"), 0: ("as good", "不到")}[(gap > 0) - (gap < 0)]
    assert words[lang == "zh"] in said
    assert str(abs(gap)) in said or not gap


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_customers_nothing_is_said_of_them(nobody, lang):
    assert figure(nobody, "customers", lang).get_suptitle() == text("figure.customers", lang)
    from sim.views.messages import _said

    gone = {"sell_through_rate": 0.3, "channel_stock": 0.0, "sell_in": 9.0, "bought_back": 0.0,
            "customers": 0.0, "repeat": float("nan"), "sell_through": 7.0}
    assert _said("customers", gone, lang) == text("msg no customers", lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_figure_carries_its_message(run, nobody, lang):
    weekly = run.weekly
    sold = weekly["sell_through"].sum() - weekly["direct_sales"].sum()
    rate = sold / (weekly["sell_in"].sum() - weekly["bought_back"].sum())
    made = figure(run, "sell_through", lang)
    assert style.percent(round(rate, 2)) in made.get_suptitle().split("\n")[0]
    # Where there are no sellers, nothing is said of what they hold.
    assert text("msg nobody sold", lang) in figure(nobody, "sell_through", lang).get_suptitle()
    assert text("msg nobody", lang) == figure(nobody, "churn", lang).get_suptitle()
    assert "0.1" in made.get_supxlabel()


def words_in(ax):
    return [part.get_text() for part in ax.texts]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_where_sellers_hold_no_stock_each_picture_says_so_once(lang):
    of = sim.run_many([sim.load("prosumer", {"persons": 600, "weeks": 12})], seeds=range(2), workers=1)
    assert of.weekly["sell_in"].sum() == 0
    for name in ("sell_through_rate", "sell_through_cumulative", "inventory_by_tier", "weeks_of_supply",
                 "bullwhip"):
        assert words_in(plot(of, name, lang=lang)) == [text("no stock", lang)], name
        pyplot.close("all")


def test_a_channel_that_is_empty_at_the_end_is_not_a_share(run):
    from sim.views.messages import _said

    found = {"sell_through_rate": 0.3, "channel_stock": 0.0, "sell_in": 900.0, "bought_back": 200.0,
             "unsold_share": 0.0, "ever_joined": 20.0, "sell_through": 300.0}
    assert _said("inventory", found, "en") == "0 units are left in the channel at the end"


@pytest.mark.parametrize("name", ["minds", "prices", "money", "sell_through"])
def test_lines_are_told_apart_without_colour(run, name):
    """No two lines of a picture share both dashes and grey."""
    ax = plot(run, name, lang="en")
    seen = []
    for one in ax.get_legend().get_lines():
        red, green, blue = mpl.colors.to_rgb(one.get_color())
        grey = 0.299 * red + 0.587 * green + 0.114 * blue
        seen.append((one._unscaled_dash_pattern, one.get_linewidth(), grey))
    for place, (dashes, width, grey) in enumerate(seen):
        for other_dashes, other_width, other in seen[place + 1:]:
            assert dashes != other_dashes or width != other_width or abs(grey - other) > 0.15, name


def test_what_hollow_bars_are_is_not_cut_off(run):
    made = figure(run, "money", "en")
    draw(made)
    renderer = made.canvas.get_renderer()
    for ax in made.axes:
        for label in (ax.xaxis.label, ax.yaxis.label):
            if label.get_text():
                box = label.get_window_extent(renderer)
                assert box.x0 >= 0
                assert box.x1 <= made.bbox.x1, label.get_text()


def drawn_from(made):
    """The small line below the message of a figure."""
    [below] = [part for part in made.texts if part not in (made._suptitle, made._supxlabel)]
    return below


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_long_title_stays_on_the_picture(lang):
    title = {"en": "Diverted goods, faked performance and a second brand beside it",
             "zh": "窜货、刷单与旁边的第二个品牌以及一个特别长的名字还要再长一些才够"}
    of = sim.run_many([sim.load("pyramid", {"persons": 400, "weeks": 6, "title": title})], seeds=range(2),
                      workers=1)
    made = figure(of, "sell_through", lang)
    draw(made)
    below = drawn_from(made)
    for part in (made._suptitle, below):
        box = part.get_window_extent(made.canvas.get_renderer())
        assert box.x1 <= made.bbox.x1
        assert box.y1 <= made.bbox.y1
    assert title[lang] in below.get_text().replace("\n", " ")


def grey(colour):
    """How light a colour is in grey, 0 to 100, as the eye sees it (CIE L*)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in mpl.colors.to_rgb(colour)]
    shone = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * shone ** (1 / 3) - 16 if shone > 0.008856 else 903.3 * shone


def test_each_tier_is_lighter_than_the_one_above():
    steps = np.diff([grey(style.tier_colour(tier)) for tier in range(len(style.TIERS))])
    assert (steps > 5).all()
    assert (steps[:5] > 8).all(), "of the six tiers that most scenarios have"


def apart(colours):
    """Assert that no two of these are alike in grey, whichever of them come to lie on each other."""
    for one, other in itertools.combinations(colours, 2):
        assert abs(grey(one) - grey(other)) > 8, (one, other)


@pytest.mark.parametrize("what", ["inventory_", "stage_"])
def test_colours_of_what_lies_on_each_other_are_told_apart_in_grey(what):
    found = {colour for name, colour in {**style.PLACES, **style.STAGES}.items() if name.startswith(what)}
    assert len(found) == 5
    apart(found)


@pytest.mark.parametrize("name", ["inventory", "stages", "sources", "churn", "cannibalisation"])
def test_areas_on_each_other_are_told_apart_in_grey(run, name):
    weekly = run.weekly.assign(purchases_legacy=3, cannibalised=2) if name == "cannibalisation" else None
    ax = plot(run, name, lang="en") if weekly is None else PANELS[name].draw(weekly, lang="en")
    areas = [mpl.colors.to_hex(part.get_facecolor()[0]) for part in ax.collections]
    assert len(areas) >= 2
    apart(areas)
    assert all(mpl.colors.to_hex(part.get_edgecolor()[0]) == "#ffffff" for part in ax.collections)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_plans_side_by_side_carry_the_message_of_their_comparison(drawn, lang):
    said, plans = (drawn(name, lang).get_suptitle().replace("\n", " ").split()
                   for name in ("compare", "multiples"))
    assert plans == said
    below = [part.get_text() for part in drawn("multiples", lang).texts]
    assert any(text("brand's money", lang) in one for one in below)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_message_is_larger_than_what_it_is_drawn_from(drawn, lang):
    for made in (drawn("inventory", lang), drawn("compare", lang), drawn("multiples", lang)):
        renderer = made.canvas.get_renderer()
        below = drawn_from(made)
        assert made._suptitle.get_fontsize() > 1.4 * below.get_fontsize()
        assert grey(made._suptitle.get_color()) < grey(below.get_color())
        message, conditions = (part.get_window_extent(renderer) for part in (made._suptitle, below))
        assert message.y0 >= conditions.y1, "they do not run into each other"
        for ax in made.axes:
            assert conditions.y0 >= ax.title.get_window_extent(renderer).y1
        assert conditions.x1 <= made.bbox.x1


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", FIGURES)
def test_no_unit_touches_the_ticks(drawn, name, lang):
    made = drawn(name, lang)
    renderer = made.canvas.get_renderer()
    for ax in made.axes:
        if not ax.axison or not ax.yaxis.label.get_text():
            continue
        # Tick labels end left of the axis and the unit begins on it: side by side at one height they
        # read as one word.
        unit = ax.yaxis.label.get_window_extent(renderer).padded(12 * made.dpi / 72, 0)
        low, high = sorted(ax.get_ylim())
        for place, tick in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True):
            if low <= place <= high and tick.get_text():
                assert not unit.overlaps(tick.get_window_extent(renderer)), (name, tick.get_text())


def test_the_legend_beside_a_picture_is_in_the_order_of_the_picture(run):
    made = figure(run, "inventory", "en")
    said = [part.get_text() for part in made.axes[0].get_legend().get_texts()]
    assert said == ["factory", "on the way", "leavers", "active resellers", "homes"]
    ax = figure(run, "prices_and_trust", "zh").axes[0]
    at_end = {one.get_label(): one.get_ydata()[-1] for one in ax.lines}
    ends = [at_end[part.get_text()] for part in ax.get_legend().get_texts()]
    assert len(ends) > 3
    assert ends == sorted(ends, reverse=True)


def test_hardly_anybody_is_not_nobody():
    from sim.views.messages import about

    assert [about(share) for share in (0.0, 0.002, 0.006, 0.5, 0.9941, 0.998, 1.0)] == [
        "0%", "<1%", "1%", "50%", "99%", ">99%", "100%"]


def test_where_the_brand_delivers_itself_the_goods_say_so():
    of = sim.run_many([sim.load("prosumer", {"persons": 600, "weeks": 12})], seeds=range(1), workers=1)
    units = int(of.weekly["sell_through"].sum())
    assert units > 0
    assert units == of.weekly["direct_sales"].sum()
    said = figure(of, "goods_flow", "en").get_suptitle()
    assert said == f"The brand delivered all {units:,} units itself; sellers hold no stock"


@pytest.fixture(scope="module")
def four_runs():
    return sim.run_many([sim.load("prosumer", {"persons": 3000, "weeks": 30})], seeds=range(4), workers=1)


def test_a_flow_says_the_units_that_it_draws(four_runs):
    """Means, as parts of medians add up to nothing; and the figure says so."""
    units = f"{four_runs.weekly['sell_through'].sum() / 4:,.0f}"
    each = four_runs.weekly.groupby("seed")["sell_through"].sum()
    assert units != f"{each.median():,.0f}", "or the test could not fail"
    made = figure(four_runs, "goods_flow", "en")
    assert made.get_suptitle() == f"The brand delivered all {units} units itself; sellers hold no stock"
    assert sum(f"{units} units" in words.get_text() for words in made.axes[0].texts) == 2
    assert any(words.get_text().endswith("mean of 4 runs") for words in made.texts)


def test_the_channel_sold_as_the_flow_shows(both):
    name = both.design.labels[0]
    weekly = both.weekly[both.weekly["scenario"] == name]
    total = weekly.sum(numeric_only=True)
    rate = (total["sell_through"] - total["direct_sales"]) / (total["sell_in"] - total["bought_back"])
    said = figure(both, "goods_flow", "en", scenario=name).get_suptitle()
    assert said == f"The channel sold {messages.about(rate)} of what it took and kept"


@pytest.fixture(scope="module")
def two_plans():
    plans = [sim.load(name, {"persons": 1500, "weeks": 40, "expect": []})
             for name in ("pyramid", "prosumer")]
    return sim.run_many(plans, seeds=range(6), workers=1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_of_differences_says_what_is_sure(two_plans, both, lang):
    """Second minus first, on every axis and in the title, with the sizes at the ends of the curves."""
    from sim.runs.statistics import paired
    from sim.views.sources import in_language

    weekly = in_language(two_plans, lang).weekly
    first, second = weekly["scenario"].unique()
    made = compare_figure(two_plans, lang=lang, kind="difference")
    said = made.get_suptitle().replace("\n", " " if lang == "en" else "").replace(" ", "")
    last = weekly[weekly["week"] == 40].set_index("seed")
    there, here = (last[last["scenario"] == name] for name in (second, first))
    trust = there["trust_mean"] - here["trust_mean"]
    stock = (there["inventory_channel"] - here["inventory_channel"]).astype(float)
    money = weekly.groupby(["scenario", "seed"])["profit_brand"].sum()
    profit = (money[second] - money[first]).astype(float)
    for place, gaps in ((0, profit), (2, stock), (3, trust)):
        assert made.axes[place].lines[6].get_ydata()[-1] == pytest.approx(gaps.median())
    assert trust.min() > 0 > stock.max(), "or other words are right"
    points = f"{100 * trust.median():.1f}".removesuffix(".0")
    units = f"{-stock.median():,.0f}"
    assert said == {
        "en": f"{second} against {first}: trust in the channel {points} points higher, units left in the "
              f"channel {units} fewer",
        "zh": f"{second}对比{first}：对渠道的信任高{points}个百分点，留在渠道的件数少{units}件",
    }[lang].replace(" ", "")
    sure = paired(profit * 0, profit).difference
    assert sure.low < 0 < sure.high, "skewed: the money of six pairs is not told"
    for ax in made.axes:
        assert text("minus", lang, a=second, b=first) in ax.get_xlabel().replace("\n", " ")
    # Three pairs make nothing sure.
    names = [str(name) for name in in_language(both, lang).weekly["scenario"].unique()]
    title = compare_figure(both, lang=lang, kind="difference").get_suptitle()
    assert title.replace("\n", " ") == text("minus", lang, a=names[1], b=names[0])


def test_differences_between_equals_are_not_told(two_plans):
    name = two_plans.design.labels[0]
    assert messages.difference_message(two_plans, name, name, "en") == ""


def test_two_curves_of_income_differ_in_their_dashes(run):
    lines = [line for line in plot(run, "lorenz", lang="en").lines if "Gini" in str(line.get_label())]
    assert len(lines) == 2
    assert lines[0].get_linestyle() != lines[1].get_linestyle()


def test_word_of_mouth_says_when_it_has_no_number_yet(run):
    assert run.weekly["wom_reproduction"].isna().all()
    ax = plot(run, "word_of_mouth", lang="en")
    assert [words.get_text() for words in ax.texts] == ["no number before two generations of customers"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_buys_no_more_pays_no_price(lang):
    plan = sim.load("prosumer", {"persons": 900, "weeks": 20, "expect": [], "events": [
        {"week": 9, "set": {"offer.list_price": "100000CNY"}}]})
    of = sim.run_many([plan], seeds=range(3), workers=1)
    assert of.weekly["sell_through"].sum() > 0
    assert not of.weekly.loc[of.weekly["week"] > 16, "sell_through"].any()
    trust = [messages.about(of.weekly.loc[of.weekly["week"] == week, "trust_mean"].median())
             for week in (1, 20)]
    said = figure(of, "prices_and_trust", lang).get_suptitle()
    assert ("Nobody buys in the last 4 weeks" if lang == "en" else "最后 4 周无人购买") in said
    assert trust[-1] in said
    assert (trust[0] in said) or trust[0] == trust[1]


def test_a_tree_says_whose_it_is(both):
    made = figure(both, "tree", "en", scenario=both.design.labels[0])
    assert any("the run with seed 1, of 3" in words.get_text() for words in made.texts)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_stages_and_their_title_tell_the_same_customers(four_runs, lang):
    made = figure(four_runs, "customers", lang)
    last = four_runs.weekly[four_runs.weekly["week"] == 30]
    names = ["stage_stranger", "stage_customer", "stage_user", "stage_fan", "stage_geek"]
    reached = [last[names[place:]].sum(axis=1) for place in range(5)]
    shown = [words.get_text() for words in made.axes[0].texts if words.get_text()[:1].isdigit()]
    for place, words in enumerate(shown):
        assert words.split(" ")[0] == f"{reached[place].median():,.0f}"
        if place < 4 and round(reached[place].median()):
            share = (reached[place + 1] / reached[place])[reached[place] > 0].median()
            assert words.endswith(f"↓ {style.percent(float(f'{share:.2g}'))}")
        else:
            assert "↓" not in words
    repeat = (reached[2] / reached[1]).median()
    for said in (f"{reached[1].median():,.0f}", messages.about(repeat)):
        assert said in made.get_suptitle()


def test_keys_of_dashed_lines_show_their_dashes(run):
    """A key shorter than one period of the dashes looks like that of an unbroken line in grey."""
    for name, place in (("prices_and_trust", 1), ("money", 0)):
        legend = figure(run, name, "en").axes[place].get_legend()
        for handle in legend.get_lines():
            _, dashes = handle._dash_pattern
            if dashes:
                length = legend.handlelength * legend.prop.get_size()
                assert length > 0.95 * sum(dashes), handle.get_label()


def test_no_legend_names_what_is_never_there():
    of = sim.run_many([sim.load("prosumer", {"persons": 600, "weeks": 12})], seeds=range(1), workers=1)
    ax = plot(of, "inventory", lang="en")
    said = [part.get_text() for part in ax.get_legend().get_texts()]
    assert "leavers" not in said
    assert len(said) == len(ax.collections)


def test_quarters_of_joining_end_with_the_run(run):
    last = int(run.weekly["week"].max())
    ax = plot(run, "loss_by_cohort")
    for label in ax.get_xticklabels():
        assert int(label.get_text().split("–")[-1]) <= last


def test_shares_over_several_runs_say_of_whom_they_are():
    of = sim.load("pyramid", {"persons": 800, "weeks": 30, "recruiting": {"founders": 0.03}})
    one, three = (sim.run_many([of], seeds=range(n), workers=1) for n in (1, 3))
    for panel in ("profit_by_tier", "loss_by_cohort"):
        assert "all who joined" not in plot(one, panel, lang="en").get_xlabel()
        assert "shares: all who joined in 3 runs" in plot(three, panel, lang="en").get_xlabel()
    lost = (three.resellers["profit"] < 0).groupby(three.resellers["tier"]).mean()
    shown = [part.get_text() for part in plot(three, "profit_by_tier", lang="en").texts]
    assert shown == [f"{about(share)} lost money" for share in lost]


def test_amounts_below_the_logarithmic_part_have_numbers_on_their_axis():
    import pandas as pd

    few = pd.DataFrame({"seed": 1, "tier": [0, 0, 1, 1], "profit": [-9_000, 4_000, -2_000, 30_000]})
    ax = PANELS["profit_by_tier"].draw(few, lang="en")
    draw(ax.figure)
    low, high = ax.get_xlim()
    shown = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert len(shown) >= 3
    steps = {right - left for left, right in itertools.pairwise(shown)}
    assert steps == {15_000}, "round, where the ends of the axis are not"


def test_cohorts_of_less_than_one_person_a_run_are_not_of_nobody():
    import pandas as pd

    weekly = pd.DataFrame({"seed": [1, 2, 3], "week": 60})
    who = pd.DataFrame({"seed": [1, 1, 2, 3], "joined_week": [2, 20, 3, 4], "profit": [-5, 7, -5, 9]})
    ax = PANELS["loss_by_cohort"].draw(who, weekly, lang="en")
    assert [part.get_text() for part in ax.texts] == ["1", "<1"]


def test_a_price_that_nobody_pays_is_not_drawn(run):
    of = sim.run_many([sim.load("prosumer", {"persons": 600, "weeks": 12})], seeds=range(1), workers=1)
    named = [[part.get_text() for part in plot(one, "prices", lang="en").get_legend().get_texts()]
             for one in (of, run)]
    assert ["wholesale, lowest tier" in said for said in named] == [False, True]


def test_a_narrow_bullwhip_has_numbers_on_its_axis():
    import pandas as pd

    for values, scale in (([1.3, 1.7, 2.1], "linear"), ([0.4, 9.0, 300.0], "log")):
        tiers = pd.DataFrame({"scenario": "x", "seed": 1, "week": [1, 2, 3], "tier": 0, "bullwhip": values})
        ax = PANELS["bullwhip"].draw(tiers, lang="en")
        draw(ax.figure)
        assert ax.get_yscale() == scale
        low, high = ax.get_ylim()
        shown = [tick for tick in ax.get_yticks() if low <= tick <= high]
        assert len(shown) >= 3
        assert not any("10^" in label.get_text() for label in ax.get_yticklabels(which="both"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_long_names_of_differences_are_not_cut_off(lang):
    import pandas as pd
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from sim.views.comparing import differences

    names = {"en": "share of resellers' income from recruits and downlines, ",
             "zh": "代理收入中来自招人和下级的占比"}
    made = Figure(figsize=(9.6, 5.4), layout="constrained")
    with style.style(lang):
        ax = made.subplots()
    differences(pd.DataFrame({"measure": [2 * names[lang], "a"], "relative": [0.1, -0.2], "low": [0.0, -0.3],
                              "high": [0.2, -0.1]}), ax=ax, lang=lang)
    FigureCanvasAgg(made).draw()
    ends = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert min(end.x0 for end in ends) >= 0
    assert max(end.width for end in ends) < 0.5 * made.bbox.width


@pytest.mark.parametrize("medium", ["slide", "paper", "web"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tiers_have_room_at_every_size(both, medium, lang):
    made = figure(both, "money", lang, scenario=both.design.labels[0], size=plots.SIZES[medium])
    draw(made)
    renderer = made.canvas.get_renderer()
    by_tier, by_quarter = made.axes[2], made.axes[3]
    boxes = [label.get_window_extent(renderer) for label in by_tier.get_yticklabels()]
    assert len(boxes) > 3
    for upper, lower in itertools.pairwise(boxes):
        assert lower.y1 <= upper.y0
    assert by_quarter.title.get_window_extent(renderer).x1 <= made.bbox.x1
