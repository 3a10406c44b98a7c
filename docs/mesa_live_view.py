"""Mesa's own live view drives the model, too.

``pip install solara altair "ipyvuetify<3" "ipyvue<3"``, then
``solara run docs/mesa_live_view.py --host 127.0.0.1``. Solara's page asks a CDN for its scripts
unless the package solara-assets is there; ``weishang dashboard`` needs no internet.
"""

from __future__ import annotations

from typing import Any

import solara
from matplotlib.figure import Figure
from mesa.visualization import Slider, SolaraViz
from mesa.visualization.utils import update_counter

import sim
from sim.views.plots import plot

SHOWN = ("churn", "sell_through", "prices", "minds")


@solara.component
def curves(model: Any) -> None:
    """Draw the curves of the weeks lived so far; drawn again after each step."""
    update_counter.get()
    made = Figure(figsize=(13, 8), layout="constrained")
    if model.weekly:
        for name, ax in zip(SHOWN, made.subplots(2, 2).flat, strict=True):
            plot(model, name, ax=ax, title=False)
    solara.FigureMatplotlib(made, format="png")


def control(name: str, value: float) -> Slider:
    """Return a slider for one of the three main controls."""
    return Slider(name.replace("_", " "), value, 0.0, 1.0, 0.05)


scenario = sim.load("pyramid", {"persons": 3000})
page = SolaraViz(
    sim.MicroCommerce(scenario, rng=1),
    components=[curves],
    model_params={
        "scenario": scenario,
        "controls__stock_pressure": control("stock_pressure", 1.0),
        "controls__information_asymmetry": control("information_asymmetry", 0.9),
        "controls__feedback": control("feedback", 0.0),
    },
    name="weishang",
)
