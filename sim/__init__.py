"""weishang: an agent-based simulation of micro-commerce (微商) economics.

Names are imported when they are first used, so that ``import sim`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "load": "sim.scenario.load",  # read a scenario by name or path
    "Scenario": "sim.scenario.schema",  # one frozen record of everything a run depends on
    "run": "sim.runs.run",  # one scenario, one seed: tables
    "Result": "sim.runs.result",  # the tables of one run
    "run_many": "sim.runs.many",  # scenarios x seeds on any executor
    "open_results": "sim.runs.folder",  # a results folder
    "compare": "sim.studies.compare",  # paired differences with intervals
    "MicroCommerce": "sim.model",  # the Mesa model
    "Brand": "sim.agents",  # live view of the brand
    "Reseller": "sim.agents",  # live view of a reseller
    "Consumer": "sim.agents",  # live view of a person
    "Mechanism": "sim.mechanisms.base",  # what a custom rule derives from
    "parameter": "sim.kernel.settings",  # declare a parameter of a rule
    "Column": "sim.kernel.columns",  # declare a column that a rule brings along
    "Regime": "sim.regimes",  # an ordered composition of rules
    "REGIMES": "sim.regimes",  # the shipped regimes by name
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(importlib.import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
