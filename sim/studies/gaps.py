"""Reporting missing numbers: runs that failed, measures that never occurred."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sim.errors import FailedError
from sim.texts import _

__all__ = ["named_point", "refuse_all_failed", "setting_said", "told_gaps"]

SHOWN = 3
"""Largest number of points named."""


def refuse_all_failed(failed: Iterable[str], done: int) -> None:
    """Raise an error if every run failed.

    Parameters
    ----------
    failed
        The reason of each run that failed.
    done
        Number of finished runs.

    Raises
    ------
    FailedError
        With the most common cause.
    """
    # The names of our own errors say nothing to a reader.
    reasons = Counter(re.sub(r"^(UsageError|ScenarioError|DesignError|FilesError): ", "", reason)
                      for reason in failed)
    if done or not reasons:
        return
    [(reason, count)] = reasons.most_common(1)
    if len(reasons) == 1:
        raise FailedError(_("every run failed ({count}): {reason}").format(
            count=f"{count:,}", reason=reason))
    raise FailedError(_("every run failed, {count} of {all} with: {reason}").format(
        count=f"{count:,}", all=f"{reasons.total():,}", reason=reason))


def setting_said(key: str, value: object) -> str:
    """Return the value of a setting as a scenario file would spell it: a share as a percentage."""
    from sim.scenario.parameters import find
    from sim.scenario.schema import Scenario

    shape = find(Scenario, key.rpartition(".set.")[2])
    if shape is not None and shape.unit == "share" and isinstance(value, (int, float)):
        return f"{100 * value:.3g}%"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def named_point(settings: Mapping[str, object]) -> str:
    """Return the settings of a point in words."""
    return ", ".join(f"{key}={setting_said(key, value)}" for key, value in settings.items())


def told_gaps(what: str, points: Sequence[tuple[str, Sequence[float]]]) -> list[str]:
    """Return sentences about the points at which a measure has no number.

    Parameters
    ----------
    what
        The measure, in words.
    points
        Each point in words, with the numbers of its seeds.
    """
    empty = [name for name, values in points if not any(map(math.isfinite, values))]
    partly = [name for name, values in points
              if name not in set(empty) and not all(map(math.isfinite, values))]
    told = []
    if empty:
        told.append(_("{what}: no number at {count} of {all} points ({points}).").format(
            what=what, count=f"{len(empty):,}", all=f"{len(points):,}", points=_some(empty)))
    if partly:
        told.append(_("{what}: at {count} of {all} points only some seeds have a number, and the "
                      "mean is of those ({points}).").format(
            what=what, count=f"{len(partly):,}", all=f"{len(points):,}", points=_some(partly)))
    return told


def _some(names: Sequence[str]) -> str:
    """Return the first names, and the number of further ones."""
    text = "; ".join(names[:SHOWN])
    more = len(names) - SHOWN
    return text if more <= 0 else _("{names}; and {count} more").format(
        names=text, count=f"{more:,}")
