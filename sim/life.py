"""A market and its weeks: the core of a run.

`sim.model` extends it to a Mesa model; runs whose agents nobody uses do not need that.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.columns import LockedError
from sim.kernel.threads import Threads
from sim.market.checking import check_rule
from sim.market.fitting import market_bytes, refuse_oversize
from sim.market.logging import PurchaseLog
from sim.market.network.given import ties_of
from sim.market.observing import observe_tiers, observe_week
from sim.market.opening import open_market
from sim.market.outputs import scaled
from sim.market.world import World
from sim.scenario.market_start import roster_for
from sim.scenario.problems import did_you_mean
from sim.scenario.schema import InForce
from sim.texts import _

if TYPE_CHECKING:
    from sim.mechanisms.base import Mechanism
    from sim.scenario.schema import Scenario

__all__ = ["Life"]


class Life:
    """One run of one scenario, week by week.

    Attributes
    ----------
    scenario
        Everything that the run depends on, except the seed.
    world
        The state of the market.
    running
        Whether there are weeks left.
    weekly, tiers, purchases
        The observations so far.
    """

    guarded: ClassVar[bool] = False
    """Whether shipped rules, like custom ones, can change only what they declare in `writes`. This costs
    a tenth of a small run, and every loop is compiled again; a slow test switches it on."""

    def __init__(
        self, scenario: Scenario, seed: int, threads: int | None = None, network: object = None,
    ) -> None:
        refuse_oversize(market_bytes(scenario.persons, scenario.network))
        self.scenario: Scenario = scenario
        self.running = True
        self.world = World(
            scenario.settings(), scenario.persons, seed, Threads(threads),
            None if network is None else ties_of(network, scenario.persons))
        self.world.model, self.world.scale = self, scenario.scale
        self.weekly: list[dict[str, Any]] = []
        self.tiers: list[dict[str, np.ndarray]] = []
        self.purchases = PurchaseLog() if scenario.outputs.purchases else None
        self._entered: set[str] = set()
        self._phases: list[tuple[str, list[Any]]] = []
        self._outputs = scenario.rule_outputs()
        if scenario.start.given:
            open_market(self.world, scenario.start, roster_for(scenario, seed))
        self._enter(self.world.settings)

    @property
    def week(self) -> int:
        """Number of weeks done."""
        return self.world.week

    def _enter(self, settings: InForce) -> None:
        """Put settings in force; rules that enter the run prepare the world."""
        world = self.world
        if self._entered:
            for rule in world.settings.rules:
                if settings.rule(rule.name()) is None:
                    self._run(rule, rule.end)
        world.put_in_force(settings)
        for rule in settings.rules:
            if rule.name() not in self._entered:
                self._entered.add(rule.name())
                world.add_columns(rule.columns)
                if self.guarded or not _is_ours(type(rule).__module__):
                    _check_names(rule, world)
                self._run(rule, rule.begin)
        self._phases = [(phase, list(rules)) for phase, rules in itertools.groupby(
            settings.rules, lambda rule: rule.phase)]

    def _run(self, rule: Mechanism, act: Callable[[World], None]) -> None:
        """Let a rule act; a custom rule can change only what it declares."""
        ours = _is_ours(type(rule).__module__)
        try:
            if ours and not self.guarded:
                act(self.world)
                return
            self.world.unlock(rule.writes)
            act(self.world)
            if not ours:
                check_rule(self.world, rule)
            self.world.unlock(None)
        except Exception as error:
            said = _told(rule, self.week, error)
            if said is not None:
                raise said from error
            error.add_note(_("in rule '{name}', week {week}").format(
                name=rule.name(), week=self.week))
            raise

    def step(self) -> None:
        """Run one week."""
        world = self.world
        world.week += 1
        if self.scenario.changes_in(world.week):
            self._enter(self.scenario.at(world.week))
        for phase, rules in self._phases:
            if self.purchases is not None and phase == "sell":
                self.purchases.before_sales(world)
            for rule in rules:
                self._run(rule, rule.step)
            if self.purchases is not None and phase == "sell":
                self.purchases.after_sales(world)
        world.account()
        self.weekly.append(observe_week(world) | self._reported())
        self.tiers.append(observe_tiers(world))
        world.flows, world.reports = {}, {}
        self.running = world.week < self.scenario.weeks

    def _reported(self) -> dict[str, float]:
        """Return the outputs of custom rules: values that they reported, or sums that they counted."""
        world = self.world
        return {
            output.name: scaled(output, world.reports.get(
                output.name, world.flows.get(output.name, 0)), world.scale)
            for output in self._outputs}


def _is_ours(module: str) -> bool:
    """Return whether a module is the package's own, so that tests have checked what its rules declare."""
    return module.startswith("sim.")


def _told(rule: Mechanism, week: int, error: Exception) -> UsageError | None:
    """Return the error for something that a rule must not do; None for other errors."""
    said = str(error)
    # The messages of numpy and of the compiler for a locked column.
    if isinstance(error, LockedError) or "is read-only" in said or "readonly array" in said:
        return UsageError(_(
            "the rule '{name}' changes a column that it does not name; it may write: "
            "{writes}; add the column to its `writes`, such as 'persons.trust'"
        ).format(name=rule.name(), writes=", ".join(rule.writes) or "-"))
    if isinstance(error, UsageError):
        return UsageError(_("rule '{name}', week {week}: {what}").format(
            name=rule.name(), week=week, what=said))
    return None


def _check_names(rule: Mechanism, world: World) -> None:
    """Raise an error if a rule declares that it reads or writes something that does not exist."""
    known = set(world.names())
    for name in (*rule.reads, *rule.writes):
        if name not in known:
            near = did_you_mean(name, known)
            raise UsageError(_("the rule '{name}' names '{column}', which does not exist").format(
                name=rule.name(), column=name) + (_("; ") + near if near else ""))
