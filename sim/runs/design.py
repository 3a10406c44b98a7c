"""The design of many runs: which scenarios, with which changes, and which seeds.

A run is a point of the design (a scenario, perhaps with varied settings) with a seed. Runs are numbered
point by point and, within a point, seed by seed; the number never depends on the order in which runs finish.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.runs.errors import DesignError
from sim.runs.journal import Identity, file_digest
from sim.runs.naming import distinct, slug, told_apart
from sim.runs.result import OPTIONAL, TABLES
from sim.runs.worlds import Worlds
from sim.scenario.seeds import seed_of, seeds_of
from sim.scenario.writing import plain
from sim.texts import _
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.kernel.plain import Data, SomeData, Values
    from sim.scenario.schema import Scenario

__all__ = ["MAX_RUNS", "Design", "Point", "canonical", "slug"]

MAX_RUNS = 1_000_000
"""Largest number of seeds and of runs in a design."""


@dataclass(frozen=True)
class Point:
    """One point of a design: a base scenario and the values of the varied settings."""

    base: int
    values: tuple[Any, ...] = ()


def canonical(data: object) -> str:
    """Return plain data as JSON text that is the same for equal data."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"),
                      default=plain)


@dataclass(frozen=True)
class Design:
    """The runs to make.

    Attributes
    ----------
    scenarios
        Base scenarios.
    labels
        Name of each base in the ``scenario`` column of the tables; all different.
    names
        Name of each base in file names; all different.
    seeds
        Seeds, ascending; every point runs with each of them, so that points can be compared in pairs.
    keys
        Dotted names of the varied settings: the first columns of every table.
    points
        Points in the order of the tables.
    study
        The study that made the design, as plain data.
    worlds
        Uncertain settings: each seed has its own world.
    """

    scenarios: tuple[Scenario, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    seeds: tuple[int, ...]
    keys: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    study: SomeData = field(default_factory=dict)
    worlds: Worlds | None = None

    @classmethod
    def of(
        cls,
        scenarios: object,
        seeds: Iterable[int] | int | None = None,
        *,
        names: Sequence[str] | None = None,
        keys: Sequence[str] = (),
        points: Sequence[Point] | None = None,
        study: Mapping[str, object] | None = None,
        worlds: Worlds | None = None,
    ) -> Design:
        """Return the design of `scenarios` (records, names or paths; one or several) x `seeds`.

        An integer n stands for the seeds 0 to n - 1; by default, the seed of the first scenario.

        Raises
        ------
        DesignError
            When there is no scenario or no seed, or a varied setting does not exist.
        """
        if isinstance(scenarios, str) or not isinstance(scenarios, Iterable) \
                or hasattr(scenarios, "model_dump"):
            scenarios = [scenarios]
        read, said = [], []
        for given in scenarios:
            scenario, name = _read(given)
            read.append(scenario)
            said.append(name)
        if not read:
            raise DesignError(_("there is no scenario to run"))
        if names is not None:
            said = list(names)
        chosen = _seeds(read[0].seed if seeds is None else seeds, one=seeds is None)
        labels = [scenario.title or scenario.regime for scenario in read]
        called = distinct([slug(name or label) for name, label in zip(said, labels, strict=True)], "-{}")
        if points is None:
            points = [Point(base) for base in range(len(read))]
        if len(set(points)) < len(points):
            raise DesignError(_("a point of the design appears twice"))
        if len(points) * len(chosen) > MAX_RUNS:
            raise DesignError(_("{count} runs are too many; the most is {most}").format(
                count=f"{len(points) * len(chosen):,}", most=f"{MAX_RUNS:,}"))
        return cls(
            scenarios=tuple(read), labels=told_apart(labels, called), names=called,
            seeds=chosen, keys=tuple(keys), points=tuple(points), study=dict(study or {}),
            worlds=worlds,
        )

    def __len__(self) -> int:
        return len(self.points) * len(self.seeds)

    def of_run(self, run: int) -> tuple[int, int]:
        """Return the point number and the seed of a run."""
        point, seed = divmod(run, len(self.seeds))
        return point, self.seeds[seed]

    def run_of(self, point: int, seed: int) -> int | None:
        """Return the number of a run, or None if it is not in the design."""
        if seed not in self._places or not 0 <= point < len(self.points):
            return None
        return point * len(self.seeds) + self._places[seed]

    @functools.cached_property
    def _places(self) -> dict[int, int]:
        return {seed: place for place, seed in enumerate(self.seeds)}

    def with_seeds(self, seeds: Iterable[int]) -> Design:
        """Return this design with these seeds instead."""
        return replace(self, seeds=_seeds(seeds, one=False))

    def label(self, point: int) -> str:
        """Return the name of this point in the ``scenario`` column."""
        return self.labels[self.points[point].base]

    def called(self, lang: str | None = None) -> tuple[str, ...]:
        """Return the title of each scenario in a language, with its name if two are the same."""
        usual = [scenario.title or scenario.regime for scenario in self.scenarios]
        if self.labels not in (told_apart(usual, self.names), distinct(usual)):
            return self.labels
        return told_apart([text_of(scenario.title, lang) or scenario.regime
                            for scenario in self.scenarios], self.names)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that the runs keep; optional ones only if a scenario asks for them."""
        return (*TABLES, *(
            name for name in OPTIONAL if f"outputs.{name}" in self.keys
            or any(getattr(scenario.outputs, name) for scenario in self.scenarios)))

    def values(self, point: int) -> Values:
        """Return the varied settings of a point."""
        return dict(zip(self.keys, self.points[point].values, strict=True))

    def scenario(self, point: int, seed: int | None = None) -> Scenario:
        """Return the scenario of a point, with its varied settings and in the world of `seed`, if given.

        Raises
        ------
        DesignError
            When the changed scenario is invalid.
        """
        where = self.points[point]
        base = self.scenarios[where.base]
        values = self.values(point)
        try:
            if self.worlds is not None and seed is not None:
                return self.worlds.changed(base, seed, values)
            return base.changed(values) if self.keys else base
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            said = ", ".join(f"{key}={value}" for key, value in values.items())
            raise DesignError(f"{said}: {_reason(error)}") from None

    def describe(self, run: int) -> str:
        """Return a run in words: scenario, varied settings, seed."""
        point, seed = self.of_run(run)
        varied = "".join(f", {key}={value}" for key, value in self.values(point).items())
        return f"{self.label(point)}{varied}, seed {seed}"

    @functools.cached_property
    def digests(self) -> tuple[str, ...]:
        """Digest of each base scenario, both as written and as resolved."""
        return tuple(_digest(scenario) for scenario in self.scenarios)

    @functools.cached_property
    def inputs(self) -> dict[str, str]:
        """SHA-256 of each file that the runs read, by its path."""
        paths = {path for scenario in self.scenarios
                 for path in (scenario.network.path, scenario.start.roster)}
        for key in {"network.path", "start.roster"}.intersection(self.keys):
            place = self.keys.index(key)
            paths |= {point.values[place] for point in self.points}
        return {path: file_digest(Path(path)) for path in sorted(filter(None, paths))
                if Path(path).is_file()}

    def identity(self, version: str) -> Identity:
        """Return a function of point and seed: a digest of scenario, settings, inputs, seed and version."""
        about = canonical([self.inputs, version])

        def of(point: int, seed: int) -> str:
            if self.run_of(point, seed) is None:
                return ""
            where = self.points[point]
            plain = [self.digests[where.base], self.keys, where.values, seed]
            if self.worlds is not None:
                plain.append(self.worlds.of(seed))
            return hashlib.sha256(f"{about} {canonical(plain)}".encode()).hexdigest()[:32]

        return of

    @functools.cached_property
    def digest(self) -> str:
        """Digest of the whole design: equal digests mean the same runs."""
        plain = [
            self.digests, self.labels, self.seeds, self.keys,
            [[point.base, *point.values] for point in self.points], self.study,
            *([self.inputs] if self.inputs else []),
            *([self.worlds.as_data()] if self.worlds is not None else []),
        ]
        return hashlib.sha256(canonical(plain).encode()).hexdigest()

    def as_data(self) -> Data:
        """Return the design as plain data, which `from_data` reads."""
        return {
            "scenarios": [
                {"name": name, "label": label, "sha256": digest, "settings": scenario.given,
                 **_custom(scenario)}
                for name, label, digest, scenario in zip(
                    self.names, self.labels, self.digests, self.scenarios, strict=True)
            ],
            "seeds": list(self.seeds),
            "keys": list(self.keys),
            "points": [[point.base, *point.values] for point in self.points],
            "study": dict(self.study),
            "inputs": self.inputs,
            **({"worlds": self.worlds.as_data()} if self.worlds is not None else {}),
        }

    @classmethod
    def from_data(cls, data: SomeData, code: Code | None = None) -> Design:
        """Return the design that `as_data` wrote; `code` loads the custom rules.

        Without `code` nothing is executed: scenarios with custom rules can be read, but not run.
        """
        scenarios = data["scenarios"]
        design = cls(
            scenarios=tuple(_kept(entry, code) for entry in scenarios),
            labels=tuple(entry["label"] for entry in scenarios),
            names=tuple(entry["name"] for entry in scenarios),
            seeds=tuple(data["seeds"]), keys=tuple(data["keys"]),
            points=tuple(Point(base, tuple(values)) for base, *values in data["points"]),
            study=dict(data["study"]), worlds=Worlds.from_data(data.get("worlds")),
        )
        # Keep the digests of when the runs began; rules and inputs may have changed since.
        design.__dict__["digests"] = tuple(entry["sha256"] for entry in scenarios)
        design.__dict__["inputs"] = dict(data["inputs"])
        return design


def _read(given: object) -> tuple[Scenario, str]:
    """Return a scenario and its name; `given` is a scenario, or the name or path of a file."""
    from sim.scenario.records import scenario_of


    if isinstance(given, (str, Path)):
        return scenario_of(given), Path(given).stem
    if isinstance(given, tuple) and len(given) == 2:
        name, scenario = given
        return scenario_of(scenario), str(name)
    return scenario_of(given), ""


def _seeds(seeds: Any, one: bool) -> tuple[int, ...]:
    try:
        if one:
            return (seed_of(seeds),)
        several = isinstance(seeds, Iterable) and not isinstance(seeds, str)
        # The length refuses a range of a billion before it takes memory.
        many = len(seeds) if isinstance(seeds, Sized) and several else 0
        given = list(itertools.islice(seeds, MAX_RUNS + 1)) if several and many <= MAX_RUNS else []
        if many > MAX_RUNS or len(given) > MAX_RUNS:
            raise DesignError(_("more than {most} seeds are too many").format(most=f"{MAX_RUNS:,}"))
        chosen = {seed_of(seed) for seed in given} if several else seeds
        if chosen in (0, "0", set()):
            raise DesignError(_("there is no seed to run with"))
        return tuple(sorted(seeds_of(chosen)))
    except DesignError:
        raise
    except UsageError as error:
        raise DesignError(str(error)) from None


def _digest(scenario: Scenario) -> str:
    plain: list[Any] = [scenario.model_dump(mode="json"), scenario.given]
    if scenario._composition is not None:
        plain.append([_rule_digest(rule) for rule in scenario.composition().rules])
    elif scenario._compose is not None:
        plain.append(_custom(scenario))
    return hashlib.sha256(canonical(plain).encode()).hexdigest()


Code = Callable[[Mapping[str, Any]], tuple[Any, ...]]
"""Returns the custom rules of a scenario's entry in the data of a design."""


def _custom(scenario: Scenario) -> Data:
    """Return what a results folder stores about custom rules: the order of the week, files and digests."""
    compose: Any = scenario._compose
    if compose is None and scenario._composition is None:
        return {"own_rules": []}
    record = compose.record() if compose is not None else {}
    outputs = [[output.name, output.unit, output.meaning] for output in scenario.rule_outputs()] \
        if "outputs" not in record else []
    return {"own_rules": list(scenario.order()), "outputs": outputs, **record}


def _kept(entry: SomeData, code: Code | None) -> Scenario:
    """Return the scenario of an entry in the data of a design."""
    from sim.scenario.custom_rules import Composer, Missing
    from sim.scenario.schema import Scenario, restored

    if not entry["own_rules"]:
        return Scenario.made(entry["settings"])
    from sim.market.outputs import Output, add_outputs

    outputs = tuple(Output(*output) for output in entry.get("outputs", ()))
    add_outputs(outputs)
    files, packages = entry.get("rule_files", ()), entry.get("rule_packages", ())
    if code is not None and (files or packages):
        compose: Any = Composer(code(entry), tuple(name for name, _version in packages))
        compose.refuse_other_versions(dict(packages))
    else:
        compose = Missing(
            tuple(entry["own_rules"]),
            tuple(name for name in entry["settings"] if name not in Scenario.model_fields),
            tuple((file["file"], file["sha256"]) for file in files),
            tuple((name, version) for name, version in packages), outputs)
    return restored(entry["settings"], None, compose)


def _rule_digest(rule: object) -> list[str]:
    """Return the name of a custom rule, the digest of its code, and its parameters, as texts."""
    kind: Any = rule if isinstance(rule, type) else type(rule)
    return [kind.name(), _code_of(kind), "" if isinstance(rule, type) else canonical(rule)]


def _code_of(kind: Any) -> str:
    """Return a digest of the file of a class and of the files beside it that it imports.

    For shipped rules it is empty, since the version of the package covers them. A class that was typed
    into a notebook or an interpreter has no file: the digest is then of its code and what that names.
    """
    import inspect

    from sim.scenario.rule_code import PREFIX, RuleFile

    if kind.__module__.partition(".")[0] == "sim":
        return ""
    if kind.__module__.startswith(PREFIX):
        return str(kind.__module__)
    try:
        path = Path(inspect.getfile(kind))
        if path.suffix == ".py" and path.is_file():
            return RuleFile.read(path).sha256
    except (OSError, TypeError):
        pass
    return _code_typed(kind)


def _code_typed(kind: Any) -> str:
    import inspect

    from sim.kernel.digest import NoDigestError, digest_of

    parts = [repr(kind.model_fields)]
    for _name, part in sorted(vars(kind).items()):
        if inspect.isfunction(part):
            try:
                parts.append(digest_of(part))
            except NoDigestError:
                parts.append(f"{part.__code__.co_code.hex()}:{part.__code__.co_consts!r}")
    return " ".join(parts)


def _reason(error: Exception) -> str:
    """Return the first problem that an exception reports, as one line."""
    if isinstance(error, UsageError):
        return str(error).splitlines()[0].removeprefix(_("override") + ": ")
    if hasattr(error, "errors"):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return f"{type(error).__name__}: {error}".splitlines()[0]
