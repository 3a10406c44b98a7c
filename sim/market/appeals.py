"""Appeals: what rules add to the utility of buying the product; each rule tracks its own part."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import borrowing

__all__ = ["move_appeal"]

STEPS = 1024.0
"""Rules add in steps of 1/1024: such sums are exact, so a part can be subtracted again."""


@borrowing
def move_appeal(person, new, appeal, own):
    """Change the part `own` of a person's appeal to `new`; `own` and `appeal` are columns of persons."""
    rounded = np.round(new * STEPS) / STEPS
    appeal[person] = np.float64(appeal[person]) + (rounded - np.float64(own[person]))
    own[person] = rounded
