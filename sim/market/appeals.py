"""Appeals: what rules add to the utility of buying the product, each keeping account of its part."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled

__all__ = ["move_appeal"]

STEPS = 1024.0
"""Steps of one in which rules add: sums of these are exact, so a part can be taken out again."""


@compiled
def move_appeal(person, new, appeal, own):
    """Let the part `own` of a person's appeal become `new`; both are columns of persons."""
    rounded = np.round(new * STEPS) / STEPS
    appeal[person] = np.float64(appeal[person]) + (rounded - np.float64(own[person]))
    own[person] = rounded
