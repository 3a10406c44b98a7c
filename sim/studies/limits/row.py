"""One row of the table of closed forms, and one replicate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel import np

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Check", "Limit", "Row", "lived", "mean_row"]


@dataclass(frozen=True)
class Row:
    """The value of a formula, and that of the model.

    `bias` is the known difference between simulation and formula (weeks instead of continuous time, a
    finite market); it is derived, not fitted, and `why` names its origin. `error` is the standard error of
    `simulated`; 0 means that both must agree exactly, up to `rounding` (the effect of whole units).
    `broken` says why the limit was not reached at all.
    """

    quantity: str
    expected: float
    simulated: float
    error: float
    replicates: int
    bias: float = 0.0
    why: str = ""
    rounding: float = 0.0
    freedom: int = 0
    """Degrees of freedom of the standard error; 0: the error counts as known."""
    broken: str = ""


Check = Callable[[Any, Sequence[int]], list[Row]]
"""Returns the rows for a scenario and seeds."""


@dataclass(frozen=True)
class Limit:
    """One closed form: the name of its scenario, its source, its check, usual number of seeds."""

    name: str
    source: str
    check: Check
    seeds: int


def lived(scenario: Scenario, seed: int) -> Iterator[Any]:
    """Yield the model before its first week and after each week."""
    from sim.model import MicroCommerce

    model = MicroCommerce(scenario, rng=seed)
    yield model
    while model.running:
        model.step()
        yield model


def mean_row(quantity: str, expected: float, values: object, **more: Any) -> Row:
    """Return the row of a quantity measured once per replicate."""
    found = np.asarray(values, dtype=float)
    count = found.size
    error = float(found.std(ddof=1)) / count**0.5 if count > 1 else float("nan")
    return Row(quantity, expected, float(found.mean()), error, count, freedom=count - 1, **more)
