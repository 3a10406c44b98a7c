"""Taking up and giving up the selling role from custom rules and notebooks.

A custom rule that calls these functions lists what they change, `ROLES`, in its `writes`.
"""

from __future__ import annotations

from typing import Any

from sim.errors import UsageError
from sim.kernel import np
from sim.market.enlisting import enlist as _enlist
from sim.market.enlisting import leave_circles
from sim.market.world import World
from sim.mechanisms.leaving import Lines, hand_over
from sim.texts import _

__all__ = ["ROLES", "enlist", "retire"]

ROLES = (
    "resellers", "ties", "persons.reseller", "persons.aware", "persons.circle_sellers",
    "persons.circle_leavers",
)
"""What `enlist` and `retire` write."""


def enlist(
    world: Any,
    people: Any,
    *,
    uplines: Any = -1,
    tiers: Any = None,
    first_orders: Any = None,
    fee: float = 0.0,
    binding: float = 0.0,
    dropship: bool = False,
) -> np.ndarray:
    """Turn persons into resellers; return their rows in the table of resellers.

    Parameters
    ----------
    world
        The world, or the model.
    people
        Persons who do not sell yet.
    uplines
        Rows of the resellers who sponsor them, one for all or one each; -1 is the brand.
    tiers
        Rungs, one for all or one each; by default the lowest.
    first_orders
        Units that each orders on joining, one for all or one each; by default those of the rung.
    fee
        Entry fee, CNY.
    binding
        Tie to the brand beyond the price difference, share.
    dropship
        True for prosumers: they hold no stock and bring no money.

    Raises
    ------
    UsageError
        For persons, resellers or rungs that do not exist, and for persons who sell already.
    """
    world = _world(world)
    who = _rows(people, len(world.persons), _("person"))
    rungs = world.settings.tiers
    if not rungs:
        raise UsageError(_("nobody can be enlisted: the scenario has no tiers"))
    if np.unique(who).size < who.size:
        raise UsageError(_("a person is enlisted twice"))
    selling = who[world.persons.reseller[who] >= 0]
    if selling.size:
        raise UsageError(_("person {person} is or was a reseller and cannot be enlisted").format(
            person=int(selling[0])))
    above = _rows(uplines, len(world.resellers), _("reseller"), lowest=-1, count=who.size)
    gone = above[(above >= 0) & (world.resellers.active[above] == 0)]
    if gone.size:
        raise UsageError(_("reseller {row} has left and cannot sponsor").format(row=int(gone[0])))
    tier = _rows(len(rungs) - 1 if tiers is None else tiers, len(rungs), _("tier"), count=who.size)
    if first_orders is None:
        units = np.array([rung.first_order for rung in rungs], np.int64)[tier]
    else:
        units = _rows(first_orders, 2**31, _("number of units"), count=who.size)
    first = len(world.resellers)
    _enlist(
        world, who.astype(np.int64), above, tier, first_orders=np.zeros_like(units) if dropship
        else units, fee=round(fee * 100), binding=binding, dropship=dropship)
    return np.arange(first, len(world.resellers))


def retire(world: Any, rows: Any) -> None:
    """Let resellers leave at once: their downline goes to their upline, their stock stays theirs.

    Raises
    ------
    UsageError
        For rows that do not exist and for resellers who have left.
    """
    world = _world(world)
    resellers, persons = world.resellers, world.persons
    left = np.unique(_rows(rows, len(resellers), _("reseller")))
    gone = left[resellers.active[left] == 0]
    if gone.size:
        raise UsageError(_("reseller {row} has left already").format(row=int(gone[0])))
    for name in ("active", "dropship", "backlog", "first_order_left"):
        resellers[name][left] = 0
    resellers.left_week[left] = world.week
    hand_over(resellers.view(Lines), world.week)
    leave_circles(
        resellers.person[left], world.graph.circles, persons.circle_sellers,
        persons.circle_leavers)
    world.count("exits", left.size)


def _world(given: Any) -> World:
    world: World = getattr(given, "world", given)
    return world


def _rows(
    given: Any, rows: int, what: str, *, lowest: int = 0, count: int | None = None
) -> np.ndarray:
    """Return whole numbers from `lowest` below `rows`, one each for `count`."""
    values = np.atleast_1d(np.asarray(given))
    if values.size == 0:
        values = values.astype(np.int64)
    if values.dtype.kind not in "iu" or values.ndim != 1:
        raise UsageError(_("a {what} is given by a whole number").format(what=what))
    wrong = values[(values < lowest) | (values >= rows)]
    if wrong.size:
        raise UsageError(_("there is no {what} {number}; they are numbered from 0 to {last}").format(
            what=what, number=int(wrong[0]), last=rows - 1))
    if count is not None and values.size == 1:
        values = np.repeat(values, count)
    if count is not None and values.size != count:
        raise UsageError(_("{found} values for {count} persons; give one, or one each").format(
            found=values.size, count=count))
    return values.astype(np.int64)
