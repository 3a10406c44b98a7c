"""Rules of one's own, from Python files that a scenario names in ``rules.files``.

A file either defines ``compose(regime)``, which returns the regime changed by ``replacing``,
``without`` and ``inserting``, or it defines subclasses of `sim.Mechanism` that say in ``place``
where they belong: ``after selling``, ``before leaving`` or ``instead of leaving``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.errors import ScenarioError
from sim.regimes import REGIMES, Regime
from sim.scenario.problems import clean, did_you_mean
from sim.texts import _

__all__ = ["Composer", "RuleError"]


class RuleError(ScenarioError):
    """A file with rules that cannot be used; the message names the rule and the remedy."""


@dataclass(frozen=True)
class Composer:
    """Applies files with rules to a regime; found again by its paths in another process."""

    paths: tuple[str, ...]

    def __call__(self, regime: Regime) -> Regime:
        """Return `regime` with the rules of the files in their places.

        Raises
        ------
        RuleError
            When a file or a rule cannot be used.
        """
        for path in self.paths:
            regime = _composed(regime, path)
        return regime

    def check(self) -> None:
        """Make every rule once, in every regime, so that mistakes show before a run starts."""
        for regime in REGIMES.values():
            self(regime)


def _module(path: str) -> ModuleType:
    """Return the module of a file, imported once a process."""
    name = "weishang_rules_" + hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()[:16]
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RuleError(_("{path}: no Python file (its name must end in .py)").format(path=path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if not isinstance(error, Exception):
            raise
        raise RuleError(_("{path}:{line}: {error}").format(
            path=path, line=_line(error, path), error=_told(error))) from error
    return module


def _line(error: Exception, path: str) -> int:
    line = getattr(error, "lineno", None) or 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return int(line)


def _told(error: Exception) -> str:
    return clean(f"{type(error).__name__}: {error}".splitlines()[0])


def _composed(regime: Regime, path: str) -> Regime:
    from sim.mechanisms.base import Mechanism

    module = _module(path)
    compose = getattr(module, "compose", None)
    if compose is not None:
        try:
            made = compose(regime)
        except Exception as error:
            raise RuleError(_("{path}:{line}: compose({regime}): {error}").format(
                path=path, line=_line(error, path), regime=regime.name,
                error=_told(error))) from error
        if not isinstance(made, Regime):
            raise RuleError(_(
                "{path}: compose({regime}) returned {found}; it must return the changed regime")
                .format(path=path, regime=regime.name, found=type(made).__name__))
        return made
    rules = [
        rule for rule in vars(module).values()
        if inspect.isclass(rule) and issubclass(rule, Mechanism) and rule.__module__ ==
        module.__name__
    ]
    if not rules:
        raise RuleError(_(
            "{path}: no rule in it; define compose(regime) or a subclass of sim.Mechanism")
            .format(path=path))
    for rule in rules:
        regime = _placed(regime, rule, path)
    return regime


def _placed(regime: Regime, rule: Any, path: str) -> Regime:
    """Return the regime with one rule where its ``place`` says."""
    name = rule.__name__
    if getattr(rule.step, "__isabstractmethod__", False):
        raise RuleError(_("{path}: rule {name} has no step(self, world); define it").format(
            path=path, name=name))
    words = str(getattr(rule, "place", "")).split()
    if len(words) < 2 or " ".join(words[:-1]) not in ("after", "before", "instead of"):
        raise RuleError(_(
            "{path}: rule {name} does not say where it belongs; set "
            "place = 'after selling' (or 'before ...', 'instead of ...')").format(
                path=path, name=name))
    where, other = " ".join(words[:-1]), words[-1]
    if other not in regime.names:
        everywhere = {known for any_regime in REGIMES.values() for known in any_regime.names}
        if other in everywhere:
            return regime  # the rule it belongs to takes no part in this regime
        hint = did_you_mean(other, everywhere) or _("known here: {names}").format(
            names=", ".join(regime.names))
        raise RuleError(_("{path}: rule {name}: there is no rule '{other}'; {hint}").format(
            path=path, name=name, other=clean(other, 60), hint=hint))
    try:
        if where == "instead of":
            return regime.replacing(other, rule)
        return regime.inserting(rule, **{where: other})
    except (TypeError, ValueError) as error:
        raise RuleError(f"{path}: {error}") from error
