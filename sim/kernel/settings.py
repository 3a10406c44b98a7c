"""Frozen, closed, typed settings whose declarations are the manual.

A parameter is stated once: its default, unit, bounds, meaning and source are arguments of `parameter`.
The scenario check, ``weishang describe``, the JSON Schema for editors and the model document read them
from there. So does inference: a parameter that can be fitted states its prior range (`Prior`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Prior", "Settings", "fen", "parameter"]


@dataclass(frozen=True)
class Prior:
    """The prior range of a parameter: every value from `low` to `high` is equally plausible.

    With `log` every ratio is equally plausible instead (x 1/2 as much as x 2). A `fitted` parameter
    belongs to the shipped ensemble, and its default is the median over these worlds.
    """

    low: float
    high: float
    source: str
    log: bool = False
    fitted: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(f"no prior from {self.low} to {self.high}")


class Settings(BaseModel):
    """A record of parameters: unknown keys, wrong types and values out of bounds are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=False,
        defer_build=True,  # a worker is sent checked settings, and half of them are of the other regime
    )

    def following(self, controls: Any) -> Self:
        """Return these settings, with every value that follows a control filled in."""
        filled = {}
        for name, field in type(self).model_fields.items():
            extra = field.json_schema_extra
            follows: Any = extra.get("control") if isinstance(extra, dict) else None
            if getattr(self, name) is None and follows:
                control, at_zero, at_one = follows
                filled[name] = at_zero + (at_one - at_zero) * getattr(controls, control)
        return self.model_copy(update=filled) if filled else self


GUESS = "working assumption"
CENTRE = "centre of the plausible worlds (docs/calibration.md)"
"""Source of defaults that are fitted."""


def parameter(
    default: Any,
    unit: str,
    low: float | None,
    high: float | None,
    meaning: str,
    *,
    source: str = GUESS,
    control: tuple[str, float, float] | None = None,
    prior: Prior | None = None,
    factory: Any = None,
) -> Any:
    """Declare a parameter.

    `unit` is the unit of a bare number; `low` and `high` are its bounds, both allowed. With
    `control = (name, at_zero, at_one)` the default is not a number: the value follows that control
    linearly from `at_zero` to `at_one`, unless a scenario sets it. `prior` lies within the bounds and
    around the default.
    """
    if prior is not None and prior.fitted:
        source = CENTRE if source == GUESS else f"{CENTRE}; {source}"
    extra: dict[str, Any] = {"unit": unit, "source": source}
    if control is not None:
        extra["control"] = list(control)
    if prior is not None:
        inside = (low is None or low <= prior.low) and (high is None or prior.high <= high)
        if not inside or not (default is None or prior.low <= default <= prior.high):
            raise ValueError(f"{meaning}: the prior must lie within the bounds, around the default")
        extra["prior"] = asdict(prior)
    if factory is not None:
        return Field(default_factory=factory, description=meaning, json_schema_extra=extra)
    return Field(default, ge=low, le=high, description=meaning, json_schema_extra=extra)


def fen(yuan: float) -> int:
    """Return an amount of yuan (CNY) in integer fen (1/100 yuan)."""
    return round(yuan * 100)
