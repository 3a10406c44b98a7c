"""The same seed gives the same bytes: again, on any number of threads, without vector units."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.kernel.threads import Threads
from sim.life import Life
from sim.runs.result import tables_of
from tests.scenarios import names, small

ROOT = Path(__file__).parents[1]


def state(model: sim.MicroCommerce) -> dict[str, str]:
    """Return a checksum of every column of a model that is part of its state."""
    return {
        f"{table}.{name}": hashlib.blake2b(np.ascontiguousarray(column).tobytes()).hexdigest()
        for table, columns in model.world.tables.items() for name, column in columns.items()
        if not columns.schema[name].passing
    }


def lived(scenario: Any, weeks: int, threads: int = 1, rng: int = 7) -> sim.MicroCommerce:
    model = sim.MicroCommerce(scenario, rng=rng, threads=threads)
    for _ in range(weeks):
        model.step()
    return model


@pytest.mark.parametrize("regime", names())
def test_again(regime: str) -> None:
    one, other = (lived(small(regime), 20) for _ in range(2))
    assert state(one) == state(other)
    assert str(one.weekly) == str(other.weekly)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("regime", names())
def test_on_any_number_of_threads(
    regime: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pass is cut into pieces, however few rows it has."""
    scenario = small(regime, persons=3000, recruiting={"founders": 0.01})
    alone = lived(scenario, 30)
    over, cut = Threads.over, set()

    def always(self: Threads, rows: int, kernel: Any, *arguments: Any, **options: Any) -> list[Any]:
        pieces = over(self, rows, kernel, *arguments, **{**options, "worth": 1})
        if len(pieces) > 1:
            cut.add(kernel)
        return pieces

    monkeypatch.setattr(Threads, "over", always)
    together = lived(scenario, 30, threads)
    assert len(cut) > 10
    assert state(alone) == state(together)
    assert str(alone.weekly) == str(together.weekly)
    assert sum(row["sell_through"] for row in alone.weekly) > 0


@pytest.mark.slow
@pytest.mark.parametrize("regime", sim.REGIMES)
def test_with_and_without_locks_on_what_rules_write(
    regime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs lock nothing for our own rules: all loops would be compiled again, for arrays that are locked.

    That our rules write what they say and nothing else is seen in `tests/mechanisms/test_contract.py`.
    """
    free = lived(small(regime), 20)
    monkeypatch.setattr(Life, "guarded", True)
    locked = lived(small(regime), 20)
    assert state(locked) == state(free)
    assert str(locked.weekly) == str(free.weekly)


def test_a_run_cut_in_two_is_the_same_run() -> None:
    import pickle

    whole = lived(small(), 20)
    half = lived(small(), 10)
    half = pickle.loads(pickle.dumps(half))
    for _ in range(10):
        half.step()
    assert state(half) == state(whole)
    assert str(half.weekly) == str(whole.weekly)


LIBRARY = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX,-AVX512F"
"""Tells the C library to compute as on a processor without fused multiply-add."""
KINDS = ("watts_strogatz", "erdos_renyi", "scale_free", "stochastic_block")


def plain_processor(cache: Path) -> dict[str, str]:
    """Return the environment of a process that computes as on a simpler processor."""
    features = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    dispatched = np._core._multiarray_umath.__cpu_dispatch__  # type: ignore[attr-defined]
    return {
        **os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "",
        "NPY_DISABLE_CPU_FEATURES": " ".join(name for name in dispatched if features.get(name)),
        "GLIBC_TUNABLES": LIBRARY, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT),
    }


@pytest.mark.slow
def test_without_vector_instructions(tmp_path: Path) -> None:
    """Another processor: generic machine code, numpy without its vector units, a C library
    without fused multiply-add.

    All columns and all tables, shares and means included, must have the same bytes.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_determinism"], cwd=ROOT, env=plain_processor(tmp_path),
        capture_output=True, text=True, check=False, timeout=1500)
    assert done.returncode == 0, done.stderr
    plain, here = json.loads(done.stdout), everything()
    if np._core._multiarray_umath.__cpu_features__.get("FMA3") \
            and platform.libc_ver()[0] == "glibc":  # type: ignore[attr-defined]
        assert plain["powers"] != here["powers"], "the C library is the same: this shows nothing"
    assert plain["runs"] == here["runs"]


def everything() -> dict[str, Any]:
    """Return the state and all tables of a small run of each regime and network.

    ``powers`` are what the C library makes of powers: they show whether it computes otherwise.
    """
    runs = {}
    for regime, kind in [*((regime, "small_world") for regime in names()),
                         *((names()[0], kind) for kind in KINDS)]:
        model = lived(small(regime, network={"kind": kind}), 15)
        tables = {name: table.to_csv() for name, table in tables_of(model).items()}
        runs[f"{regime} {kind}"] = {"state": state(model), "tables": tables}
    powers = sum(hash((i / 7) ** 2) + hash((i / 7) ** 0.5) for i in range(20_000))
    return {"runs": runs, "powers": powers}


if __name__ == "__main__":
    print(json.dumps(everything()))
