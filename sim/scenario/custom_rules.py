"""Custom rules, from Python files and packages that a scenario names in ``rules``.

A file either defines ``compose(regime)``, which returns the regime changed by ``replacing``,
``without`` and ``inserting``, or it defines subclasses of `sim.Mechanism` that say in ``place``
where they belong: ``after selling``, ``before leaving`` or ``instead of leaving``. A package
offers such a module as an entry point of the group ``weishang.rules``.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.errors import FilesError, ScenarioError, UsageError
from sim.market.outputs import Output
from sim.mechanisms.former_names import current_name
from sim.regimes import REGIMES, Regime
from sim.scenario.problems import clean, did_you_mean
from sim.texts import _

__all__ = ["Composer", "Missing", "RuleError", "RuleFile", "packages"]

GROUP = "weishang.rules"
"""The entry points under which packages offer rules."""


class RuleError(ScenarioError):
    """A file with rules that cannot be used; the message names the rule and the remedy."""


@dataclass(frozen=True)
class RuleFile:
    """The code of custom rules: where it came from, and its text.

    The text travels to workers and into results folders, so that what ran is what is kept.
    """

    path: str
    text: str

    @classmethod
    def read(cls, path: str | Path) -> RuleFile:
        """Return the code of a file.

        Raises
        ------
        RuleError
            When it cannot be read as Python.
        """
        if Path(path).suffix != ".py":
            raise RuleError(_("{path}: no Python file (its name must end in .py)").format(path=path))
        try:
            return cls(str(path), Path(path).read_text("utf-8-sig"))
        except UnicodeDecodeError:
            raise RuleError(_("{path}: not written in UTF-8").format(path=path)) from None
        except OSError as error:
            raise FilesError(f"{path}: {error.strerror or error}") from None

    @functools.cached_property
    def sha256(self) -> str:
        """Digest of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def kept(self) -> str:
        """Where a results folder keeps the code, below its scenarios."""
        return f"rules/{self.sha256[:12]}/{Path(self.path).name}"

    def module(self) -> ModuleType:
        """Return the code executed: once a process for one text."""
        name = f"weishang_rules_{self.sha256[:16]}"
        if name in sys.modules:
            return sys.modules[name]
        module = ModuleType(name)
        module.__file__ = self.path
        sys.modules[name] = module
        try:
            exec(compile(self.text, self.path, "exec"), module.__dict__)
        except BaseException as error:
            del sys.modules[name]
            if not isinstance(error, Exception):
                raise
            raise RuleError(_("{path}:{line}: {error}").format(
                path=self.path, line=_line(error, self.path), error=_told(error))) from error
        return module


@dataclass(frozen=True)
class Composer:
    """Applies custom rules to a regime; it travels to other processes with their code."""

    files: tuple[RuleFile, ...] = ()
    packages: tuple[str, ...] = ()

    def __call__(self, regime: Regime) -> Regime:
        """Return `regime` with the custom rules in their places.

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
        """Return what a results folder keeps: files with their digests, packages with versions."""
        points = packages() if self.packages else {}
        return {
            "rule_files": [{"file": file.kept, "sha256": file.sha256} for file in self.files],
            "rule_packages": [
                [name, points[name].dist.version if name in points else ""]
                for name in self.packages],
        }

    def check(self) -> None:
        """Make every rule once, in every regime, so that mistakes show before a run starts."""
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
    """Packages and their versions."""
    outputs: tuple[Output, ...] = ()
    """Weekly columns that the custom rules reported."""

    def record(self) -> dict[str, Any]:
        """Return what the results folder keeps; see `Composer.record`."""
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


def _package(name: str) -> Any:
    found = packages()
    if name not in found:
        raise RuleError(_("rules.packages: no installed package offers rules named '{name}'; {hint}")
                        .format(name=clean(name, 60), hint=did_you_mean(name, found) or _(
                            "known here: {names}").format(names=", ".join(found) or "-")))
    try:
        return found[name].load()
    except Exception as error:
        raise RuleError(f"{clean(name, 60)}: {_told(error)}") from error


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


def _composed(regime: Regime, module: Any, path: str) -> Regime:
    from sim.mechanisms.base import Mechanism

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
    where, other = " ".join(words[:-1]), current_name(words[-1], regime.names)
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
