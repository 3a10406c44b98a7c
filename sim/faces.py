"""Tables and pictures of results and scenarios in notebooks: the only module that calls the layer above.

Methods such as `Result.plot` are a convenience for notebooks. They need `sim.views`, a higher layer, so
each calls a function in this module, which imports the view when it is called.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.runs.result import Result
    from sim.runs.results import Runs
    from sim.studies.calibrating import Fit
    from sim.studies.forecast import Forecast

__all__ = ["html", "plot", "plot_differences", "plot_fit", "plot_study"]


def html(shown: object, kind: str) -> str:
    """Return a table for a notebook; `kind` is scenario, result or comparison."""
    from sim.views import html as tables

    made: str = getattr(tables, f"{kind}_html")(shown)
    return made


def plot(result: Result | Runs, what: str, **options: Any) -> Axes:
    """Draw one picture of a result; return its Axes."""
    from sim.views.plots import plot

    return plot(result, what, **options)


def plot_differences(table: object, **options: object) -> Axes:
    """Draw paired differences with their intervals; return the Axes."""
    from sim.views.comparing import differences

    return differences(table, **options)


def plot_fit(fit: Fit, what: str) -> Figure:
    """Draw one picture of a fit: posterior, fit or learnt; return the figure."""
    from sim.views.posterior import fit_figure

    return _shown(fit_figure(fit, what))


def plot_forecast(found: Forecast) -> Figure:
    """Draw the fan charts of a forecast; return the figure."""
    from sim.views.forecast import forecast_figure

    return _shown(forecast_figure(found))


def _shown(figure: Figure) -> Figure:
    """Return a figure that pyplot did not make, after pyplot has taught the notebook to show figures."""
    if "IPython" in sys.modules:
        from matplotlib import pyplot

        pyplot.close(pyplot.figure())
    return figure


def plot_study(found: object, what: str, **options: object) -> Axes:
    """Draw the picture of a study (`sim.views.studies.PICTURES`); return its Axes."""
    from sim.views.studies import PICTURES

    return PICTURES[what](found, **options)
