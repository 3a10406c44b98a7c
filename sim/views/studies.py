"""Pictures of the studies that explain and advise, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.views.box import box
from sim.views.cause_map import cause_map
from sim.views.decision import decision
from sim.views.searches import pilot, search, tipping, tornado
from sim.views.turning import turning_points
from sim.views.waterfall import waterfall

__all__ = ["OF_KIND", "PICTURES"]

OF_KIND: dict[str, tuple[str, ...]] = {
    "decide": ("decision", "box"), "ladder": ("waterfall",), "loops": ("cause_map",),
    "sensitivity": ("tornado",), "tipping": ("tipping",), "optimise": ("search",), "pilot": ("pilot",),
}
"""Pictures in the folder of each kind of study."""

PICTURES: dict[str, Callable[..., Any]] = {
    "turning_points": turning_points,
    "cause_map": cause_map,
    "decision": decision,
    "box": box,
    "tornado": tornado,
    "tipping": tipping,
    "search": search,
    "pilot": pilot,
    "waterfall": waterfall,
}
"""What the method `plot` of a study draws: functions from the study to Axes."""
