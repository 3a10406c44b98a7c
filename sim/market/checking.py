"""Checking what users write into the world: bounds of columns, and rows that they refer to.

Shipped rules are trusted and tested; agents are checked before they write, custom rules after their
step. A wrong row would make a compiled loop read outside its arrays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.texts import _

if TYPE_CHECKING:
    from sim.market.world import World

__all__ = ["FIXED", "check_brand", "check_columns", "check_rule", "refuse"]

FIXED = {"persons": ("offer", "listed"), "resellers": ("person", "community", "ties")}
"""Columns that hold places in memory, by table: only shipped rules write them."""

SHARES = ("quality", "knowledge", "reach")


def refuse(world: World, table: str, name: str, values: np.ndarray, rows: object) -> None:
    """Raise `UsageError` for values that the column `name` may not hold in `rows`."""
    if name in FIXED[table]:
        raise UsageError(_("'{name}' says where things lie and cannot be written").format(name=name))
    held = world.tables[table][name]
    values = np.asarray(values)
    if held.dtype.kind in "iu" and values.dtype.kind in "iu" and values.size:
        kind = np.iinfo(held.dtype)
        if int(values.max()) > kind.max or int(values.min()) < kind.min:
            raise OverflowError(_("'{name}' holds numbers from {low} to {high}").format(
                name=name, low=kind.min, high=kind.max))
    problem = _problem(world, table, name, values, np.asarray(rows))
    if problem:
        raise UsageError(problem)


def check_columns(world: World, names: Iterable[str]) -> str:
    """Return what is wrong with the named columns (``persons.trust``); empty if nothing is.

    A table's name alone stands for all of its columns.
    """
    for full in names:
        table, _dot, name = full.partition(".")
        if table not in world.tables:
            continue
        held = world.tables[table]
        for one in [name] if name else list(held.schema):
            if one in held.schema:
                problem = _problem(world, table, one, held[one], None)
                if problem:
                    return f"{table}.{problem[1:]}" if problem.startswith("'") else problem
    return ""


def check_rule(world: World, rule: Any) -> None:
    """Raise `UsageError` if a custom rule has written something that makes no sense."""
    problem = check_columns(world, rule.writes)
    if not problem and any(name.split(".")[0] == "brand" for name in rule.writes):
        for field in dataclasses.fields(world.brand):
            problem = problem or _brand_problem(world, field.name, getattr(world.brand, field.name))
    if problem:
        raise UsageError(problem)


def check_brand(world: World, name: str, value: object) -> None:
    """Raise `UsageError` for a value that the brand's attribute `name` may not hold."""
    problem = _brand_problem(world, name, value)
    if problem:
        raise UsageError(problem)


def _problem(world: World, table: str, name: str, values: np.ndarray, rows: object) -> str:
    """Return what is wrong with a column, in all rows or in `rows`."""
    column = world.tables[table].schema[name]
    low, high = column.low, column.high
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return _("'{name}' holds finite numbers, not {found}").format(
            name=name, found=values[~np.isfinite(values)].flat[0])
    if column.refers:
        high = len(world.tables[column.refers]) - 1
    elif (table, name) == ("resellers", "tier"):
        high = max(0, len(world.settings.tiers) - 1)
    wrong = np.zeros(values.shape, bool)
    if low is not None:
        wrong |= values < low
    if high is not None:
        wrong |= values > high
    if wrong.any():
        found = values[wrong].flat[0]
        span = _("from {low} to {high}").format(low=low, high=high) if high is not None else _(
            "from {low} on").format(low=low)
        what = _("a row of {table}, or what stands for none: ").format(table=column.refers) \
            if column.refers else ""
        return _("'{name}' holds {what}{span} ({unit}), not {found}").format(
            name=name, what=what, span=span, unit=_(column.unit), found=found)
    if (table, name) in (("resellers", "upline"), ("resellers", "sponsor")):
        own = np.arange(values.size) if rows is None else rows
        if np.any(values >= own):
            return _("'{name}' is a reseller who joined earlier, in a smaller row").format(name=name)
    return ""


def _brand_problem(world: World, name: str, value: object) -> str:
    """Return what is wrong with a new value of the brand's state, compared with the present one."""
    now = getattr(world.brand, name)
    wanted = now if isinstance(now, tuple) else (now,)
    given = value if isinstance(value, (tuple, list)) else (value,)
    if isinstance(now, tuple) != isinstance(value, (tuple, list)) or len(given) != len(wanted):
        return _("brand.{name} holds {count} numbers").format(name=name, count=len(wanted))
    for before, number in zip(wanted, given, strict=True):
        whole = isinstance(before, int) and name != "position"
        kind = np.asarray(number).dtype.kind
        if kind not in ("iu" if whole else "iuf") or np.asarray(number).ndim \
                or not np.isfinite(number):
            return _("brand.{name} holds {kind}, not {found}").format(
                name=name, found=number,
                kind=_("whole numbers") if whole else _("finite numbers"))
        if name != "position" and (number < 0 or (name in SHARES and number > 1)):
            return _("brand.{name} is {span}, not {found}").format(
                name=name, found=number,
                span=_("from 0 to 1") if name in SHARES else _("at least 0"))
    return ""
