"""All expectations: importing the modules registers them."""

from __future__ import annotations

from tests.mesa.expectations import (  # noqa: F401 (they register what they expect)
    agent_sets,
    agents,
    batches,
    collecting,
    doing_and_grouping,
    models,
    spaces,
)
from tests.mesa.worlds import EXPECTATIONS, Expectation

__all__ = ["EXPECTATIONS", "Expectation"]
