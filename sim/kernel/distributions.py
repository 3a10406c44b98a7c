"""Distributions as values of a scenario, and how persons draw from them.

``{dist: lognormal, mean: 10, cv: 0.6}`` in a file; a bare number is a constant.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import exps, gammas, log, normals
from sim.kernel.picking import BLOCK
from sim.kernel.settings import Settings
from sim.kernel.threads import Threads

__all__ = ["Constant", "Distribution", "Gamma", "Lognormal", "Normal", "Uniform", "draw"]


class Constant(Settings):
    """The same value for everybody."""

    dist: Literal["constant"] = "constant"
    value: float = Field(description="the value")

    def parts(self) -> tuple[int, float, float]:
        """Return the number of the family and its two parameters, for the compiled draw."""
        return 0, self.value, 0.0


class Uniform(Settings):
    """Every value between `low` and `high` is equally likely."""

    dist: Literal["uniform"]
    low: float = Field(description="lowest value")
    high: float = Field(description="highest value")

    def parts(self) -> tuple[int, float, float]:
        """Return the number of the family and its two parameters, for the compiled draw."""
        return 1, self.low, self.high


class Normal(Settings):
    """Bell curve with this mean and standard deviation."""

    dist: Literal["normal"]
    mean: float = Field(description="mean")
    sd: float = Field(ge=0, description="standard deviation")

    def parts(self) -> tuple[int, float, float]:
        """Return the number of the family and its two parameters, for the compiled draw."""
        return 2, self.mean, self.sd


class Lognormal(Settings):
    """Logarithm is normal; `mean` and `cv` (standard deviation / mean) are of the value itself."""

    dist: Literal["lognormal"]
    mean: float = Field(gt=0, description="mean of the value")
    cv: float = Field(ge=0, le=20, description="standard deviation divided by mean")

    def parts(self) -> tuple[int, float, float]:
        """Return the number of the family and its two parameters, for the compiled draw."""
        variance = float(log(1.0 + self.cv * self.cv))
        return 3, float(log(self.mean)) - variance / 2, math.sqrt(variance)


class Gamma(Settings):
    """Gamma with this mean and cv (standard deviation / mean)."""

    dist: Literal["gamma"]
    mean: float = Field(gt=0, description="mean of the value")
    cv: float = Field(gt=0, le=20, description="standard deviation divided by mean")

    def parts(self) -> tuple[int, float, float]:
        """Return the number of the family and its two parameters, for the compiled draw."""
        shape = 1.0 / (self.cv * self.cv)
        return 4, shape, self.mean / shape


def _family(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("dist"))
    return str(getattr(value, "dist", "number"))


Distribution = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[Constant, Tag("constant")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Gamma, Tag("gamma")],
    Discriminator(_family),
]
"""A number, or one of the named distributions."""


@compiled
def _draw(low_row, high_row, out, family, a, b, low, high, key):
    values = np.empty(BLOCK, np.float64)
    for first in range(low_row, high_row, BLOCK):
        drawn = values[: min(BLOCK, high_row - first)]
        # One loop a family, so that those without a branch run in vectors.
        if family == 0:
            drawn[:] = a
        elif family == 1:
            for index in range(drawn.size):
                drawn[index] = a + (b - a) * unit(key, first + index)
        elif family == 4:
            gammas(a, key, first, drawn)
            for index in range(drawn.size):
                drawn[index] *= b
        else:
            for index in range(drawn.size):
                drawn[index] = unit(key, first + index)
            normals(drawn)
            for index in range(drawn.size):
                drawn[index] = a + b * drawn[index]
            if family == 3:
                exps(drawn)
        for index in range(drawn.size):
            out[first + index] = min(max(drawn[index], low), high)


def draw(
    distribution: Any, out: np.ndarray, low: float, high: float, key: int,
    threads: Threads | None = None,
) -> None:
    """Fill `out` with one draw per person, kept between `low` and `high`."""
    if isinstance(distribution, (int, float)):
        distribution = Constant(value=float(distribution))
    family, a, b = distribution.parts()
    (threads or Threads(1)).over(
        out.size, _draw, out, family, float(a), float(b), float(low), float(high), np.uint64(key),
        worth=50_000)
