"""Custom rules, from Python files and packages that a scenario names in ``rules``.

A file either defines ``compose(regime)``, which changes the regime by ``replacing``, ``without`` and
``inserting`` and returns it, or it defines subclasses of `sim.Mechanism` whose ``place`` says where
in the week they act: ``after selling``, ``before leaving`` or ``instead of leaving``. A package
offers such a module as an entry point of the group ``weishang.rules``.
"""

from __future__ import annotations

import importlib.util
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.market.outputs import Output
from sim.mechanisms.former_names import current_name
from sim.regimes import REGIMES, Regime
from sim.scenario.problems import clean, did_you_mean
from sim.scenario.rule_code import RuleError, RuleFile, line_of, told
from sim.texts import _

__all__ = ["Composer", "Missing", "RuleError", "RuleFile", "no_package", "packages"]

GROUP = "weishang.rules"
"""The entry points under which packages offer rules."""


@dataclass(frozen=True)
class Composer:
    """Applies custom rules to a regime. It can be pickled, and takes the code of the rules along."""

    files: tuple[RuleFile, ...] = ()
    packages: tuple[str, ...] = ()

    def __call__(self, regime: Regime) -> Regime:
        """Return `regime` with the custom rules inserted.

        Raises
        ------
        RuleError
            When a file or a rule cannot be used.
        """
        for name in self.packages:
            regime = _composed(regime, _package(name), name)
        for file in self.files:
            regime = _composed(regime, file.module(), file.path)
        return regime

    def record(self) -> dict[str, Any]:
        """Return what a results folder stores: files with digests, packages with versions."""
        points = packages() if self.packages else {}
        return {
            "rule_files": [{"file": file.kept, "sha256": file.sha256} for file in self.files],
            "rule_packages": [
                [name, _version(points[name]) if name in points else ""]
                for name in self.packages],
        }

    def refuse_other_versions(self, known: dict[str, str]) -> None:
        """Refuse packages whose rules differ from those that made the results in a folder.

        Raises
        ------
        UsageError
            With both versions.
        """
        for name, version in self.record()["rule_packages"]:
            if version != known[name]:
                raise UsageError(_(
                    "these results were made with the rules '{name}' of version {known}, installed "
                    "is {found}: their runs would not fit together").format(
                        name=clean(name, 60), known=known[name], found=version or "-"))

    def check(self) -> None:
        """Create every rule once in every regime, so that mistakes show before a run starts."""
        for regime in REGIMES.values():
            self(regime)


@dataclass(frozen=True)
class Missing:
    """Stands in for custom rules whose code was not loaded with a results folder."""

    order: tuple[str, ...]
    """Names of the rules of the week, in order."""
    sections: tuple[str, ...]
    """Names of the sections of the custom rules."""
    code: tuple[tuple[str, str], ...] = ()
    """Files and their digests."""
    packages: tuple[tuple[str, str], ...] = ()
    """Packages and their versions, with digests."""
    outputs: tuple[Output, ...] = ()
    """Weekly columns that the custom rules reported."""

    def record(self) -> dict[str, Any]:
        """Return what the results folder stores; see `Composer.record`."""
        return {
            "rule_files": [{"file": file, "sha256": digest} for file, digest in self.code],
            "rule_packages": [list(package) for package in self.packages],
            "outputs": [[one.name, one.unit, one.meaning] for one in self.outputs],
        }

    def __call__(self, regime: Regime) -> Regime:
        """Refuse: nothing can be run without the code.

        Raises
        ------
        UsageError
            With the remedy.
        """
        names = [Path(file).name for file, _digest in self.code]
        names += [name for name, _version in self.packages]
        if names:
            raise UsageError(_(
                "these results were made with custom rules ({files}), whose code was not loaded; "
                "if you trust it, open them with allow_code=True (commands: --allow-code)").format(
                    files=", ".join(names)))
        raise UsageError(_(
            "these results were made with custom rules that Python code composed, which a folder "
            "does not keep; repeat the call that made them"))


def packages() -> dict[str, Any]:
    """Return the entry points of installed packages that offer rules, by name."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def _version(point: Any) -> str:
    """Return the version of a package, with a digest of the code of its rules."""
    spec = importlib.util.find_spec(point.module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return str(point.dist.version)
    return f"{point.dist.version}+{RuleFile.read(spec.origin).sha256[:12]}"


def no_package(name: str) -> str:
    """Return why no package offers rules of this name; empty when one does."""
    found = packages()
    if name in found:
        return ""
    return _("no installed package offers rules named '{name}'; {hint}").format(
        name=clean(name, 60), hint=did_you_mean(name, found) or _("known here: {names}").format(
            names=", ".join(found) or "-"))


def _package(name: str) -> Any:
    why = no_package(name)
    if why:
        raise RuleError(f"rules.packages: {why}")
    try:
        return packages()[name].load()
    except Exception as error:
        raise RuleError(f"{clean(name, 60)}: {told(error)}") from error


def _composed(regime: Regime, module: Any, path: str) -> Regime:
    from sim.mechanisms.base import Mechanism

    compose = getattr(module, "compose", None)
    if compose is not None:
        try:
            made = compose(regime)
        except Exception as error:
            raise RuleError(_("{path}:{line}: compose({regime}): {error}").format(
                path=path, line=line_of(error, path), regime=regime.name,
                error=told(error))) from error
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
    """Return the regime with one rule inserted where its ``place`` says."""
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
    where, other = " ".join(words[:-1]), current_name(words[-1], regime.names)
    if other not in regime.names:
        everywhere = {known for any_regime in REGIMES.values() for known in any_regime.names}
        if other in everywhere:
            return regime  # this regime lacks the rule that `place` names
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
