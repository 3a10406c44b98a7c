"""Frozen, closed, typed settings whose declarations are the manual.

A parameter is stated once: its default, unit, bounds, meaning and source are arguments of
`parameter`, and the scenario check, ``weishang describe``, the JSON Schema for editors and the
model document all read them from there.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Settings", "fen", "parameter"]


class Settings(BaseModel):
    """A record of parameters: unknown keys, wrong types and values out of bounds are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=False
    )

    def following(self, controls: Any) -> Self:
        """Return these settings with every value that was left to a control filled in from it."""
        filled = {}
        for name, field in type(self).model_fields.items():
            extra = field.json_schema_extra
            follows: Any = extra.get("control") if isinstance(extra, dict) else None
            if getattr(self, name) is None and follows:
                control, at_zero, at_one = follows
                filled[name] = at_zero + (at_one - at_zero) * getattr(controls, control)
        return self.model_copy(update=filled) if filled else self


def parameter(
    default: Any,
    unit: str,
    low: float | None,
    high: float | None,
    meaning: str,
    *,
    source: str = "working assumption",
    control: tuple[str, float, float] | None = None,
    factory: Any = None,
) -> Any:
    """Declare a parameter.

    `unit` is the unit of a bare number; `low` and `high` are its bounds, both allowed. With
    `control = (name, at_zero, at_one)` the default is not a number: the value follows that control
    linearly from `at_zero` to `at_one`, unless a scenario sets it.
    """
    extra: dict[str, Any] = {"unit": unit, "source": source}
    if control is not None:
        extra["control"] = list(control)
    if factory is not None:
        return Field(default_factory=factory, description=meaning, json_schema_extra=extra)
    return Field(default, ge=low, le=high, description=meaning, json_schema_extra=extra)


def fen(yuan: float) -> int:
    """Return an amount of yuan (CNY) in integer fen (1/100 yuan)."""
    return round(yuan * 100)
