"""Small results that the tests of pictures and pages share."""

from __future__ import annotations

import functools
import warnings

import matplotlib as mpl
import pytest

mpl.use("Agg")

LIVELY = {
    "persons": 3000, "weeks": 40, "recruiting.founders": 0.004, "recruiting.approaches": 8.0,
}


def scenario(**changes):
    import sim

    return sim.load("pyramid", {**LIVELY, **changes})


@pytest.fixture(scope="session")
def run():
    import sim

    return sim.run(scenario(), seed=1, threads=1)


@pytest.fixture(scope="session")
def both():
    from sim.runs.many import run_many

    plan = scenario().changed({"events": [
        {"week": 12, "set": {"controls.stock_pressure": 0.2}, "note": "压力 $down$ <b>"},
        {"week": 20, "over": 6, "set": {"controls.information_asymmetry": 0.1}}]})
    other = scenario().changed({"title": "Open <script>alert(1)</script>",
                                "controls.information_asymmetry": 0.0})
    return run_many([plan, other], seeds=[1, 2, 3], workers=1)


@pytest.fixture(scope="session")
def swept():
    from sim.runs.design import Design, Point
    from sim.runs.many import run_many

    keys = ("controls.stock_pressure", "controls.information_asymmetry")
    points = [Point(0, (a, b)) for a in (0.0, 1.0) for b in (0.0, 1.0)]
    return run_many(Design.of([scenario(weeks=12)], [1, 2], keys=keys, points=points), workers=1)


@pytest.fixture(scope="session")
def nobody():
    import sim

    return sim.run(scenario(persons=200, weeks=5, **{"recruiting.founders": 0.0}), seed=1,
                   threads=1)


@pytest.fixture(scope="session")
def pages(run, both, swept, nobody):
    """Return the page of one of the results in a language, written once for all tests."""
    from sim.views.report import report_html

    results = {"run": run, "both": both, "swept": swept, "nobody": nobody}
    return functools.cache(lambda which, lang: report_html(results[which], lang=lang))


@pytest.fixture(scope="session")
def drawn(run, both):
    """Return a figure of the run or of the comparison in a language, drawn once for all tests.

    Tests that read it may not change it.
    """
    from sim.views.multiples import multiples_figure
    from sim.views.plots import FIGURES, compare_figure, figure

    def make(name, lang):
        made = figure(run, name, lang) if name in FIGURES else {
            "compare": compare_figure, "multiples": multiples_figure}[name](both, lang=lang)
        draw(made)
        return made

    return functools.cache(make)


def draw(made):
    """Draw a figure with every warning an error: no missing sign, no missing font."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made.canvas.draw()


@pytest.fixture(autouse=True)
def _close_figures():
    from sim.texts import use_language

    use_language("en")
    yield
    use_language(None)
    from matplotlib import pyplot

    pyplot.close("all")
