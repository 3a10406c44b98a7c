"""Mesa's SolaraViz drives the model; tried without a browser where Solara is installed."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

pytest.importorskip("solara")
pytest.importorskip("ipyvuetify")

EXAMPLE = Path(__file__).parents[2] / "docs" / "mesa_live_view.py"


def test_page_is_rendered_and_curves_follow_the_model():
    import solara

    import sim

    made = runpy.run_path(str(EXAMPLE))
    box, rendered = solara.render(made["page"], handle_error=False)
    try:
        assert box.children
    finally:
        rendered.close()
    model = sim.MicroCommerce(made["scenario"], rng=1)
    for _ in range(3):
        model.step()
    box, rendered = solara.render(made["curves"](model), handle_error=False)
    try:
        assert box.children
    finally:
        rendered.close()
