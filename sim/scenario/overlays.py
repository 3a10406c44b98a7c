"""Plans that begin during a run: changes from a file, applied to a scenario from some week on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.scenario.checking import FIXED
from sim.scenario.converting import plain_of
from sim.scenario.document import parse, read_source
from sim.scenario.load import load
from sim.scenario.problems import Problems, clean
from sim.scenario.resolved import differences
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data, Values
    from sim.scenario.schema import Scenario

__all__ = ["overlaid"]

SAID = ("title", "note", "events", "expect", "sources")
"""Keys of a plan that are not settings."""


def overlaid(base: Scenario, path: str | Path, week: int) -> Scenario:
    """Return a scenario that follows `base` before `week` and a plan from then on.

    A plan is a YAML file of settings and events. Settings hold from `week` on. A plan that `extends` a
    scenario is that scenario, and what differs from `base` holds from `week` on.

    Raises
    ------
    UsageError
        For a plan that changes weeks before `week`, or a setting that is fixed during a run.
    """
    file = Path(path)
    said = _read(file)
    if "extends" in said:
        whole = load(file)
        known = {str(event.model_dump()) for event in base.events}
        events = [event for event in whole.given.get("events", ())]
        events = [event for event, record in zip(events, whole.events, strict=False)
                  if str(record.model_dump()) not in known] if events else []
        changed = {name: other for name, _one, other in differences(base, whole)
                   if name.split(".")[0] not in (*FIXED, "title")}
        said = {"title": whole.given.get("title"), "events": events,
                "expect": [check for check in whole.given.get("expect", ())
                           if str(check) not in map(str, base.expect)]}
    else:
        changed = _flat({name: value for name, value in said.items() if name not in SAID}, "")
    fixed = [name for name in changed if name.split(".")[0] in FIXED and name != "people.need_scale"]
    if fixed:
        raise UsageError(_("{path}: {name} is fixed before the first week; a plan cannot change it").format(
            path=file.name, name=clean(fixed[0], 80)))
    later = list(said.get("events") or ())
    if not isinstance(said.get("events") or [], list):
        raise UsageError(_("{path}: events of a plan are a list").format(path=file.name))
    if not changed and not later:
        raise UsageError(_("{path} changes nothing: give settings, or events").format(path=file.name))
    title = said.get("title") or file.stem
    if changed:
        later.insert(0, {"week": week, "set": changed, "note": title})
    before = list(base.given.get("events", ()))
    plan = base.changed({
        "title": title, "events": [*before, *later],
        "expect": [*base.given.get("expect", ()), *(said.get("expect") or ())]})
    for event in plan.events[len(before):]:
        if event.week < week:
            raise UsageError(_(
                "{path}: an event begins in week {event}, and what was before week {week} has happened; "
                "begin it later").format(path=file.name, event=event.week, week=week))
    return plan


def _read(file: Path) -> Data:
    problems = Problems()
    source = read_source(file, str(file), problems)
    root = parse(source, problems) if source is not None else None
    problems.raise_if_any(str(file))
    data = plain_of(root) if root is not None else None
    if not isinstance(data, dict):
        raise UsageError(_("{path}: a plan is a map of settings and events").format(path=file.name))
    return data


def _flat(said: Mapping[str, object], before: str) -> Values:
    """Return nested settings by their dotted names."""
    found: Values = {}
    for name, value in said.items():
        if isinstance(value, Mapping) and "dist" not in value:
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found
