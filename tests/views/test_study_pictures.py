"""Pictures of searches and decisions draw what their tables say."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from sim.errors import UsageError
from sim.runs.statistics import paired
from sim.studies.boxes import discover
from sim.studies.measures import measure
from sim.studies.optimise import Optimum
from sim.texts import speaking, use_language
from sim.views.box import box
from sim.views.searches import search

OF = "cumulative(sell_in)"
KEYS = ["offer.quality", "people.trust", "recruiting.approaches"]


@pytest.fixture(autouse=True)
def _closed() -> Any:
    use_language("en")
    yield
    pyplot.close("all")


def optimum(*, met: tuple[float, ...]) -> Optimum:
    table = pd.DataFrame({"turn.week": [2, 3, 4, 5], "people.trust": [0.3, 0.4, 0.5, 0.6],
                          OF: [1.0, 2.0, 3.0, 4.0], "met": met})
    best = table[table["met"] >= 0.9][OF].idxmax() if max(met) >= 0.9 else int(np.argmax(met))
    return Optimum(
        measure(OF), True, {key: table[key][best] for key in ("turn.week", "people.trust")},
        paired([1.0] * 5, [2.0, 2.1, 2.0, 2.1, 2.0]), table, 8, satisfy=("loss_share at end < 20%",))


def lines(ax: Any) -> dict[str, list[tuple[float, float]]]:
    return {line.get_label(): list(zip(line.get_xdata(), line.get_ydata(), strict=True))
            for line in ax.get_lines()}


def test_the_best_point_of_a_search_is_one_that_meets_the_conditions() -> None:
    ax = search(optimum(met=(1.0, 0.9, 0.8, 0.0)))
    assert lines(ax) == {"misses the conditions": [(4, 3.0), (5, 4.0)],
                         "meets the conditions": [(2, 1.0), (3, 2.0)], "best point": [(3, 2.0)]}
    assert all(tick == round(tick) for tick in ax.get_xticks())
    assert ax.figure.get_suptitle().startswith("Best found that meets the conditions: turn.week=3")
    panels = ax.figure.axes
    assert len({round(one.get_position().width, 2) for one in panels}) == 1


def test_where_no_point_meets_them_the_nearest_is_marked() -> None:
    ax = search(optimum(met=(0.1, 0.6, 0.2, 0.0)))
    assert lines(ax)["nearest to the conditions"] == [(3, 2.0)]
    assert "meets the conditions" not in lines(ax)  # no key for what is not there


def decision(limits: int) -> Any:
    rows = np.random.default_rng(1).random((200, 3))
    fails = np.all([rows[:, place] < (0.4, 0.6, 0.7)[limits - 1] for place in range(limits)], axis=0)
    found = discover(KEYS, rows, fails)
    return SimpleNamespace(
        box=found, world_rows=(KEYS, rows.tolist()), fails=fails, satisfy=(), favourite="A",
        values=pd.DataFrame({"A": rows[:, 0]}), of=measure(OF), failing=lambda: ["A is beaten."])


@pytest.mark.parametrize("limits", [1, 2, 3])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_world_is_drawn_and_the_box_is_where_it_is_said(limits: int, lang: str) -> None:
    found = decision(limits)
    assert len(found.box.limits) == limits
    ax = box(found, lang=lang)
    assert len(ax.figure.axes) == (1, 1, 3)[limits - 1]
    held, failed = (np.array(points) for points in lines(ax).values())
    rows = np.array(found.world_rows[1])
    names = [*found.box.limits, KEYS[0]][:2]
    places = [KEYS.index(name) for name in names]
    assert np.array_equal(failed, rows[found.fails][:, places])
    assert len(held) + len(failed) == 200
    frame = ax.patches[0].get_bbox()
    low, high = found.box.limits[names[0]]
    assert frame.x1 == high
    assert math.isinf(low)
    assert frame.x0 < rows[:, places[0]].min()
    assert ax.get_xlabel() == names[0]


def test_without_a_box_nothing_is_drawn() -> None:
    with pytest.raises(UsageError, match="no part of the space"):
        box(SimpleNamespace(box=None))


def test_rounding_is_no_interaction(monkeypatch: pytest.MonkeyPatch) -> None:
    import sim
    from sim.views.cause_map import cause_map
    from tests.runs import worlds

    plan = worlds.small(title="A", recruiting={"founders": 0.03}, weeks=5)
    found = sim.loops(plan, "trust_mean at end", seeds=2, combinations=8, workers=1)
    noise = found.interactions.assign(together=1e-16)
    for pairs, wanted in ((noise, 2), (noise.assign(together=0.2), 3)):
        monkeypatch.setattr(type(found), "interactions", pairs)
        assert len(cause_map(found, lang="zh").figure.axes) == wanted


def test_loops_are_told_apart_without_colours() -> None:
    """Each arrow has the letter of its loop, which stands before the loop's name beside its bar."""
    import sim
    from sim.views.cause_map import cause_map
    from tests.runs import worlds

    plan = worlds.small(title="A", recruiting={"founders": 0.03}, weeks=12)
    found = sim.loops(plan, "trust_mean at end", seeds=3, combinations=8, workers=1)
    shares = [abs(found.game.share(place).mean) for place in range(len(found.parts))]
    for lang in ("en", "zh"):
        axes = cause_map(found, lang=lang).figure.axes
        drawn, bars = axes[0], axes[1]
        letters = [words for words in drawn.texts if len(words.get_text()) == 1]
        names = [label.get_text() for label in bars.get_yticklabels()]
        assert [name.split(" ")[0] for name in names] == [chr(65 + row) for row in range(len(names))]
        largest = sorted(range(len(shares)), key=lambda place: -shares[place])
        for row, place in enumerate(largest):
            loop = found.loops[place]
            assert sum(words.get_text() == chr(65 + row) for words in letters) == len(loop.path)
            with speaking(lang):
                assert names[row].replace("\n", "").replace(" ", "").endswith(
                    found.titled(place).replace(" ", ""))
        assert len(letters) == len(drawn.patches) == sum(len(loop.path) for loop in found.loops)
        middles = [tuple(words.get_position()) for words in letters]
        assert len(set(middles)) == len(middles), "no letter hides another"


def test_arrows_reach_their_boxes_and_hide_behind_none() -> None:
    import sim
    from sim.views.cause_map import cause_map
    from tests.runs import worlds

    plan = worlds.small(title="A", recruiting={"founders": 0.03}, weeks=12)
    found = sim.loops(plan, "trust_mean at end", seeds=3, combinations=8, workers=1)
    drawn = cause_map(found, lang="en").figure.axes[0]
    drawn.figure.draw_without_rendering()
    boxes = [words.get_bbox_patch() for words in drawn.texts if len(words.get_text()) > 1]
    for arrow in drawn.patches:
        line = arrow.get_path().to_polygons(closed_only=False)
        ends = [arrow.patchA, arrow.patchB]
        assert all(end in boxes for end in ends)
        corners = np.concatenate(line)
        points = drawn.transData.transform(corners)
        near = 12 * drawn.figure.dpi / 72
        for end in ends:
            box = end.get_window_extent()
            away = np.hypot(np.maximum(0, np.maximum(box.x0 - points[:, 0], points[:, 0] - box.x1)),
                            np.maximum(0, np.maximum(box.y0 - points[:, 1], points[:, 1] - box.y1)))
            assert away.min() < near, "an arrow ends at its box"
        assert arrow.zorder > max(words.zorder for words in drawn.texts if len(words.get_text()) > 1)
    space = drawn.get_window_extent()
    for words in drawn.texts:
        if len(words.get_text()) == 1:
            at = drawn.transData.transform(words.get_position())
            assert space.contains(*at)
            assert not any(box.get_window_extent().contains(*at) for box in boxes)


def test_an_axis_knows_no_zero_below_zero() -> None:
    from sim.views.style import percent

    assert percent(-1e-9) == "0%"
    assert percent(-0.012) == "−1.2%"


def test_texts_of_studies_are_eight_points_on_paper() -> None:
    """A sheet of A4 leaves 7.24 inches for a picture: its smallest text is 8 points there."""
    for drawn in (search(optimum(met=(1.0, 0.9, 0.8, 0.0))), box(decision(3))):
        figure = drawn.figure
        figure.canvas.draw()
        sizes = [part.get_fontsize() for part in figure.findobj(lambda one: hasattr(one, "get_fontsize"))
                 if part.get_text().strip()]
        assert min(sizes) * 7.24 / max(7.24, figure.get_figwidth()) >= 8.0


def test_a_pilot_names_its_plans_in_the_language_of_the_picture() -> None:
    import sim
    from sim.views.searches import pilot
    from tests.runs.worlds import small

    plans = [small(title={"en": title, "zh": name}, offer={"list_price": price})
             for title, name, price in (("Plain", "平常", 100.0), ("Dear", "昂贵", 500.0))]
    found = sim.pilot(plans, {"people.weekly_need": (0.05, 0.6)}, persons=200, weeks=4, worlds=4, workers=1)
    for lang in ("en", "zh"):
        with speaking(lang):
            name = found.called(found.fixed)
        ax = pilot(found, lang=lang)
        assert ax.get_yticklabels()[0].get_text().endswith(name)
        beside = ax.figure.axes[1]
        if not any(found.regret(choice).max() for choice in (found.fixed, "with_pilot")):
            assert list(beside.get_xticks()) == [0.0], "an axis of nothing has no thousandths"


@pytest.mark.parametrize("behind", [[0.0, 0.0], [0.0, 3.0]])
def test_regrets_of_zero_have_no_scale(behind: list[float]) -> None:
    from sim.views.decision import from_best

    _, ax = pyplot.subplots()
    ax.barh([0, 1], behind)
    from_best(ax)
    assert ax.get_xlim()[0] == 0.0
    assert (list(ax.get_xticks()) == [0.0]) == (not any(behind))
