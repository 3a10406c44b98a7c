"""Whatever a kernel's machine code depends on changes its digest; nothing else does."""

from __future__ import annotations

import cProfile
import enum
import importlib
import inspect
import math
import pkgutil
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import sim
from sim.kernel import np as lazy_numpy
from sim.kernel.compiled import Kernel, compiled
from sim.kernel.digest import NoDigestError, digest_of
from sim.kernel.luck import draw64, unit

ROOT = Path(__file__).parents[2]
USED: Any = None  # each kernel gets a value of its own
UNKNOWN: Any = None


class Stage(enum.IntEnum):
    STRANGER = 0
    CUSTOMER = 1


class Circle(NamedTuple):
    start: int
    degree: int


class Swapped(NamedTuple):
    degree: int
    start: int


Swapped.__qualname__ = Circle.__qualname__
OTHER_MODULE = types.ModuleType("other_module")


def use_directly() -> Any:
    return USED + 1


def use_in_inner_function() -> Any:
    return [USED + row for row in range(3)]


def use_of_module() -> Any:
    return USED.DIRECT + USED.inner.SHARE


def use_of_class() -> Any:
    return USED(1, 2)


def kernel_with(function: Callable[..., Any], **scope: Any) -> Kernel:
    """Return a kernel of this function in a module of its own that holds just these globals."""
    assert isinstance(function, types.FunctionType)
    made = types.FunctionType(function.__code__, scope, function.__name__)
    made.__module__ = "made"
    return compiled(made)


def module(**values: Any) -> types.ModuleType:
    made = types.ModuleType("other_module")
    vars(made).update(values)
    return made


@pytest.mark.parametrize(("before", "after"), [
    (-7, -8), (1, 1.0), (1, True), (0.0, -0.0), (2.0, 2.0000000000000004), ("a", "b"),
    ((1, 2), (2, 1)), (((1, 2), 3), ((1, 3), 3)), (("ab", "c"), ("a", "bc")), ((1,), 1),
    (np.array([1, 2]), np.array([1, 3])), (np.array([1, 2]), np.array([1, 2], dtype=np.int32)),
    (np.zeros((2, 3)), np.zeros((3, 2))), (np.float64(1.0), np.float32(1.0)),
    (np.dtype("i4"), np.dtype("i8")), (Stage.STRANGER, Stage.CUSTOMER),
    (Circle(1, 2), Circle(2, 1)), (Circle(1, 2), Swapped(1, 2)), (math.sin, math.cos),
    (np.sin, np.cos), (b"x", b"y"), ({"a": 1}, {"a": 2}), (None, 0), (frozenset({1}), frozenset({2})),
])
def test_a_constant_counts_by_its_value(before: Any, after: Any) -> None:
    for use in (use_directly, use_in_inner_function):
        one, other = kernel_with(use, USED=before), kernel_with(use, USED=after)
        assert one.digest() != other.digest()
        assert one.digest() == kernel_with(use, USED=before).digest()


def test_a_constant_of_another_module_counts_whether_imported_or_named_by_its_module() -> None:
    def digest(direct: int, share: float, unused: int) -> str:
        inner = module(SHARE=share, unused=unused)
        return kernel_with(use_of_module, USED=module(
            DIRECT=direct, inner=inner, UNUSED=unused)).digest()

    start = digest(-7, 0.5, 0)
    assert digest(-8, 0.5, 0) != start
    assert digest(-7, 0.6, 0) != start
    assert digest(-7, 0.5, 1) == start, "what a kernel does not name is none of its business"


def test_the_kernels_that_a_kernel_calls_count_with_their_constants() -> None:
    def digest(value: int) -> str:
        innermost = kernel_with(use_directly, USED=value)
        middle = kernel_with(use_in_inner_function, USED=innermost)
        return kernel_with(use_directly, USED=middle).digest()

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)
    assert unit.digest() != draw64.digest()


def test_the_classes_that_a_kernel_builds_count_with_their_fields() -> None:
    class Renumbered(enum.IntEnum):
        STRANGER = 1
        CUSTOMER = 0

    Renumbered.__qualname__ = Stage.__qualname__
    for one, other in ((Circle, Swapped), (Stage, Renumbered)):
        assert kernel_with(use_of_class, USED=one).digest() != \
            kernel_with(use_of_class, USED=other).digest()


def test_the_code_itself_counts_and_its_place_in_the_file_does_not() -> None:
    def kernel(text: str) -> Kernel:
        scope: dict[str, Any] = {"__name__": "made"}
        exec(text, scope)
        return compiled(scope["rule"])

    start = kernel("def rule(x):\n  return x + 1").digest()
    assert kernel("# a remark\n\ndef rule(x):\n  # and here\n  return x + 1").digest() == start
    assert kernel("def rule(x):\n  return x + 2").digest() != start
    assert kernel("def rule(x):\n  return x - 1").digest() != start
    assert kernel("def rule(x, y=1):\n  return x + 1").digest() != start
    assert kernel("def rule(x):\n  return abs(x)").digest() != \
        kernel("def rule(x):\n  return len(x)").digest()
    nested = "def rule(x):\n  def inner(y):\n    return y * {}\n  return inner(x)"
    assert kernel(nested.format(2)).digest() != kernel(nested.format(3)).digest()


def test_what_a_function_closes_over_counts() -> None:
    def make(step: int) -> Kernel:
        return compiled(lambda x: x + step)

    assert make(1).digest() != make(2).digest()
    assert (make(1)(5), make(2)(5)) == (6, 7)


def test_a_profiler_that_looks_on_changes_nothing() -> None:
    """Numba marks the code of what is profiled, for good: it would be compiled again under every profiler."""
    def rule(x: int) -> int:
        return x + 1

    kernel = compiled(rule)
    before, flags = kernel.digest(), rule.__code__.co_flags
    with cProfile.Profile():
        kernel(1)
    assert kernel.digest() == before
    rule.__code__ = rule.__code__.replace(co_flags=flags ^ inspect.CO_NEWLOCALS)
    assert kernel.digest() == before
    several = compiled(lambda *x: x)
    one = compiled(lambda x: x)
    one.python.__code__ = several.python.__code__.replace(
        co_flags=several.python.__code__.co_flags ^ inspect.CO_VARARGS, co_argcount=1)
    assert one.digest() != several.digest()


def test_a_function_that_calls_itself_has_a_digest() -> None:
    scope: dict[str, Any] = {}
    made = kernel_with(use_directly, **scope)
    made.python.__globals__["USED"] = made
    assert made.digest()


def test_numpy_counts_by_the_names_used_of_it() -> None:
    def rule(values: Any) -> Any:
        return USED.zeros(3) + USED.sqrt(USED.pi) + USED.sum(values) + USED.int64(1)

    with_numpy = kernel_with(rule, USED=np).digest()
    assert with_numpy == kernel_with(rule, USED=np).digest()
    assert with_numpy != kernel_with(rule, USED=math).digest()
    assert kernel_with(use_of_module, USED=lazy_numpy).digest(), "which has a function inner()"


def test_every_kernel_of_the_model_is_kept() -> None:
    for found in pkgutil.walk_packages(sim.__path__, "sim."):
        if found.name.startswith(("sim.kernel", "sim.market", "sim.mechanisms")):
            importlib.import_module(found.name)
    kernels = {
        id(value): value for name, holder in [*sys.modules.items()] if name.startswith("sim.")
        for value in vars(holder).values() if isinstance(value, Kernel)}
    assert len(kernels) > 100
    digests = {kernel.digest() for kernel in kernels.values()}
    assert len(digests) == len(kernels)


def test_what_cannot_be_hashed_is_compiled_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sim.kernel.cache.cache_folder", lambda: tmp_path)

    def rule(x: Any) -> Any:
        return x + (1 if UNKNOWN is None else 2)

    kernel = kernel_with(rule, UNKNOWN=object())
    with pytest.raises(NoDigestError):
        kernel.digest()
    with pytest.raises(NoDigestError):
        digest_of(np.array([object()]))


def test_a_change_in_another_module_is_run_and_not_the_code_kept_before(tmp_path: Path) -> None:
    """The whole way, in processes of their own, on one cache."""
    (tmp_path / "rules.py").write_text(
        "from sim.kernel.compiled import compiled\n"
        "from persons import DIRECT, Row\n"
        "import persons\n\n"
        "@compiled\n"
        "def rule(x, row):\n"
        "    return x + DIRECT + persons.TABLE[1] + 1000 * row.start\n\n"
        "print(rule(0, Row(start=3, degree=5)))\n")

    def run(direct: int, table: str, fields: str) -> int:
        (tmp_path / "persons.py").write_text(
            f"from collections import namedtuple\nDIRECT = {direct}\nTABLE = {table}\n"
            f"Row = namedtuple('Row', '{fields}')\n")
        done = subprocess.run(
            [sys.executable, "-B", "rules.py"], cwd=tmp_path, capture_output=True, text=True,
            check=True, env={"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")})
        return int(done.stdout)

    assert run(-7, "(10, 20)", "start degree") == 3013
    assert run(-8, "(10, 20)", "start degree") == 3012
    assert run(-8, "(10, 30)", "start degree") == 3022
    assert run(-8, "(10, 30)", "degree start") == 3022, "other places in the tuple, same types"
    kept = len(list((tmp_path / "cache").rglob("*.kernel")))
    assert run(-7, "(10, 20)", "start degree") == 3013
    assert len(list((tmp_path / "cache").rglob("*.kernel"))) == kept == 4, "known already"
