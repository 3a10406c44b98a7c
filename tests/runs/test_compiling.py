"""What is compiled ahead is what runs call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.kernel import cache
from sim.kernel.compiled import Kernel, compiled
from sim.runs import compiling
from sim.runs.compiling import compile_ahead, compile_loop, example, kind_of, lacking, listed
from tests.loops import called
from tests.scenarios import names

UNIT: Any = ("sim.kernel.luck:unit", ["uint64", "int"])


@pytest.mark.parametrize("regime", names())
def test_the_list_holds_what_a_run_calls(regime: str) -> None:
    ahead = {json.dumps(loop) for loop in listed(regime)}
    assert ahead == set(called(regime)), "make the list again: python -m tests.loops"


def test_every_kind_that_is_listed_has_an_example() -> None:
    for regime in names():
        for _place, kinds in listed(regime):
            for kind in kinds:
                assert kind_of(example(kind)) == kind


def test_kinds_tell_apart_what_the_compiler_does() -> None:
    values = np.zeros((4, 4), np.float32)
    locked = values[:]
    locked.flags.writeable = False
    kinds = [kind_of(one) for one in (
        values, values.T[:, :3], values[::2, ::2], locked, values[0], 1, 1.0, True, None,
        np.uint64(1), (1, 2.0))]
    assert kinds[:5] == ["float32 2C", "float32 2F", "float32 2A", "float32 2C locked", "float32 1C"]
    assert kinds[5:] == ["int", "float", "bool", "NoneType", "uint64", ["int", "float"]]
    assert [kind_of(example(kind)) for kind in kinds] == kinds


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiling, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(compiling, "listed", lambda _regime: [UNIT])
    return tmp_path


def test_what_is_compiled_once_is_not_asked_for_again(
    empty: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(empty.parent))
    assert lacking(["pyramid", "prosumer"]) == [UNIT], "once, though both call it"
    heard: list[Any] = []
    compile_ahead(["pyramid"], lambda done, planned: heard.append((done, planned)))
    assert heard == [(0, 1), (1, 1)]
    assert lacking(["pyramid"]) == []
    assert lacking(["prosumer"]) == [UNIT]
    compile_ahead(["pyramid"], lambda *_what: pytest.fail("nothing is to be done"))


def test_a_list_that_does_not_fit_the_code_spoils_nothing(
    empty: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone: Any = ("sim.kernel.luck:gone", ["int"])
    monkeypatch.setattr(compiling, "listed", lambda _regime: [gone, UNIT])
    monkeypatch.setenv("XDG_CACHE_HOME", str(empty.parent))
    heard: list[Any] = []
    compile_ahead(["pyramid"], lambda done, planned: heard.append((done, planned)))
    assert heard[-1] == (2, 2)
    assert not lacking(["pyramid"]), "or every run would try again"


@compiled
def _double(values, times):  # type: ignore[no-untyped-def]
    for row in range(values.size):
        values[row] *= times


def test_compiled_ahead_is_found_by_the_call(empty: Path) -> None:
    compile_loop(f"{__name__}:_double", ["float32 1C", "int"])
    kept = sorted(path.name for path in empty.iterdir())
    assert len(kept) == 1
    again = Kernel(_double.python)
    again(np.ones(3, np.float32), 2)
    assert sorted(path.name for path in empty.iterdir()) == kept
    again(np.ones(3), 2)
    assert len(list(empty.iterdir())) == 2, "another kind is compiled when it comes"
