"""Scenarios of another length."""

from __future__ import annotations

from sim.market.outputs import weekly_outputs
from sim.scenario.expect import Expectation, ExpectationError
from sim.scenario.schema import Scenario

__all__ = ["over"]


def over(scenario: Scenario, weeks: int, **changes: int) -> Scenario:
    """Return the scenario with this number of weeks and these changes, without checks of later weeks.

    A study of the first weeks of a plan cannot check what comes after them.
    """
    columns = {column.name: column.unit for column in weekly_outputs()}

    def there(check: str) -> bool:
        try:
            Expectation.parse(check, columns, weeks)
        except ExpectationError:
            return False
        return True

    said = scenario.given.get("expect") or []
    kept = [given for given, check in zip(said, scenario.expect, strict=True) if there(str(check))]
    dropped = {"expect": kept} if len(kept) < len(said) else {}
    return scenario.changed({**changes, "weeks": weeks, **dropped})
