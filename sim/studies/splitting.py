"""The deciding setting: which uncertainty separates the worlds with different answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.texts import _

__all__ = ["Split", "split"]

LEAST = 5
"""Least number of worlds on each side of a split."""
TRIES = 199
"""Number of shuffled answers that a split must beat, so that chance names no setting."""


@dataclass(frozen=True)
class Split:
    """A setting and a value that splits the worlds: in how many below and above it something holds."""

    key: str
    value: float
    below: float
    above: float
    worlds: tuple[int, int]

    def sentence(self) -> str:
        """Return what separates the worlds, in plain words."""
        return _("What decides it most is {key}: so in {below}% of the worlds up to {value}, in {above}% "
                 "of those above.").format(key=self.key, value=f"{self.value:.3g}",
                                           below=f"{100 * self.below:.0f}",
                                           above=f"{100 * self.above:.0f}")


def split(keys: Sequence[str], rows: Sequence[Sequence[Any]], holds: Sequence[bool]) -> Split | None:
    """Return the best cut of one setting, or None if chance does as well (1 in 20).

    The cut is that of a decision tree of depth one (least squared error); it must beat those of
    shuffled answers.
    """
    import numpy as np

    values, answer = np.asarray(rows, float), np.asarray(holds, float)
    if len(answer) < 4 * LEAST or not 0 < answer.sum() < len(answer):
        return None
    orders = [np.argsort(column, kind="stable") for column in values.T]
    best, place, cut = _best(orders, answer)
    rng = np.random.default_rng(0)
    beaten = sum(_best(orders, rng.permutation(answer))[0] < best for _try in range(TRIES))
    if beaten < 0.95 * TRIES:
        return None
    order, column = orders[place], values[:, place]
    low, high = order[:cut], order[cut:]
    return Split(keys[place], float(column[order[cut - 1 : cut + 1]].mean()),
                 float(answer[low].mean()), float(answer[high].mean()), (len(low), len(high)))


def _best(orders: Sequence[Any], answer: Any) -> tuple[float, int, int]:
    """Return the variance that the best cut explains, its setting, and how many lie below it."""
    import numpy as np

    count = len(answer)
    sizes = np.arange(LEAST, count - LEAST + 1)
    found = (-1.0, 0, LEAST)
    for place, order in enumerate(orders):
        sums = np.cumsum(answer[order])[sizes - 1]
        gap = sums / sizes - (answer.sum() - sums) / (count - sizes)
        gain = gap**2 * sizes * (count - sizes)
        top = int(gain.argmax())
        if gain[top] > found[0]:
            found = (float(gain[top]), place, int(sizes[top]))
    return found
