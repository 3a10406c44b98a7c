"""Yardsticks measured beside the model: memory bandwidth, the same loops in C and in numpy."""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.kernel.luck import key
from sim.kernel.threads import Threads
from sim.market.enlisting import join_circles
from sim.market.network import Graph, Network, build_network, community_edges
from sim.market.world import Ties
from sim.mechanisms.consumption import Consumption, Households, _use
from sim.mechanisms.prospecting import Circles, Luck, Prospecting, Sellers, _plan, _walk

SOURCE = Path(__file__).with_name("hottest.c")


def best(*functions: Callable[[], Any], times: int = 9) -> list[float]:
    """Return the seconds of the fastest of some calls of each function.

    They take turns, so that a machine that slows down slows them all down.
    """
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(times):
        for function, taken in zip(functions, seconds, strict=True):
            begin = time.perf_counter()
            function()
            taken.append(time.perf_counter() - begin)
    return [min(taken) for taken in seconds]


def bandwidth() -> float:
    """Return GB a second of a plain copy (read and written bytes), one thread."""
    source = np.ones(1 << 24)
    target = np.zeros_like(source)
    return 2 * source.nbytes / best(lambda: np.copyto(target, source))[0] / 1e9


def library(folder: str) -> ctypes.CDLL | None:
    """Return the C loops, compiled here; ``None`` where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    built = Path(folder) / "hottest.so"
    subprocess.run(
        [compiler, "-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC",
         str(SOURCE), "-o", str(built)], check=True)
    loops = ctypes.CDLL(str(built))
    loops.use.restype = ctypes.c_int64
    return loops


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def mix(z: np.ndarray) -> np.ndarray:
    """Return the splitmix64 finaliser of each number (numpy)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def use_in_numpy(
    home: np.ndarray, used: np.ndarray, need: np.ndarray, idle: float, luck: int
) -> int:
    """Live the rule `consumption` in numpy, on the persons who have something at home."""
    used[:] = 0
    who = np.flatnonzero(home)
    mean = np.maximum(need[who].astype(np.float64), idle)
    with np.errstate(over="ignore"):
        bits = mix(np.uint64(luck) + (who.astype(np.uint64) + np.uint64(1))
                   * np.uint64(0x9E3779B97F4A7C15))
    draw = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    term = np.exp(-mean)
    total, count = term.copy(), np.zeros(who.size, np.int64)
    going = draw > total
    while going.any():
        count[going] += 1
        term[going] *= mean[going] / count[going]
        total[going] += term[going]
        going = draw > total
    count = np.minimum(np.minimum(count, home[who]), 255)
    home[who] -= count.astype(np.int32)
    used[who] = count
    return int(count.sum())


def references(persons: int) -> dict[str, Any]:
    """Return bandwidth, and the seconds of two hot loops here, in C and in numpy."""
    rng = np.random.default_rng(1)
    luck = key(1, "benchmark", 0)
    home = rng.integers(0, 3, persons).astype(np.int32)
    need = rng.gamma(0.7, 0.35, persons).astype(np.float32)
    used = np.zeros(persons, np.uint8)
    communities = community_edges(persons, 150.0, 1)
    graph = build_network(
        Network(), communities, np.ones(persons, np.float32), 1, Threads())
    who = np.sort(rng.choice(persons, persons // 50, replace=False)).astype(np.int32)
    column = np.zeros(persons, np.uint16)
    out: dict[str, Any] = {"persons": persons, "bandwidth_gb_per_second": bandwidth()}

    rule = Consumption().parameters

    def here() -> tuple[Any, Any, Any]:
        stock = home.copy()
        households = Households(stock, used, need)
        return _use(0, persons, households, rule, np.uint64(luck)), stock, used.copy()

    expected = here()

    def tell() -> None:
        join_circles(who, graph.circles, column)

    tell()
    listed = pointer(graph.contacts)  # C reads circles that are written out

    def in_numpy() -> tuple[Any, Any, Any]:
        stock = home.copy()
        return use_in_numpy(stock, used, need, rule.idle_use, luck), stock, used.copy()

    out["using agrees with numpy"] = in_numpy()[0] == expected[0]
    copied, ours, in_that = best(home.copy, here, in_numpy, times=3)
    out["using here"], out["using in numpy"] = ours - copied, in_that - copied
    with tempfile.TemporaryDirectory() as folder:
        loops = library(folder)
        out |= asking(graph, who, loops)
        if loops is None:
            return out

        def in_c() -> tuple[Any, Any, Any]:
            stock = home.copy()
            total = loops.use(
                ctypes.c_int64(persons), pointer(stock), pointer(used), pointer(need),
                ctypes.c_double(rule.idle_use), ctypes.c_uint64(luck))
            return total, stock, used.copy()

        found = in_c()
        out["using agrees with C"] = bool(
            found[0] == expected[0] and (found[1] == expected[1]).all()
            and (found[2] == expected[2]).all())
        copied, ours, in_that = best(home.copy, here, in_c)
        out["using here"], out["using in C"] = ours - copied, in_that - copied
        out["telling here"], out["telling in C"] = best(tell, lambda: loops.tell(
            ctypes.c_int64(who.size), pointer(who), pointer(graph.start),
            listed, pointer(column), 1))
    return out


def asking(graph: Graph, who: np.ndarray, loops: ctypes.CDLL | None) -> dict[str, Any]:
    """Return the seconds in which the sellers `who` ask their circles, here and in C."""
    rng = np.random.default_rng(2)
    persons, rows = graph.persons, who.size
    tied = Ties()
    ties = tied.add(graph.circles, who)
    fresh = rng.integers(0, 5, tied.size).astype(np.uint8)
    trust, sociability = (rng.random(persons, np.float32) for _ in range(2))
    effort, inventory = rng.random(rows, np.float32), np.full(rows, 9, np.int32)
    flags, peers = np.ones(rows, np.uint8), np.zeros(persons // 8 + 1, np.uint8)
    whom, many, muted = (np.uint64(key(1, f"benchmark {name}", 0)) for name in "abc")
    rule = Prospecting(
        asks=32.0, clearing_asks=4.0, pressure=0.8, weak=0.4, mute=0.05, wear=0.03).parameters
    halves = np.full(rows, 0.5, np.float32)
    sellers = Sellers(who, flags, 1 - flags, inventory, effort, halves, inventory, ties)

    def here() -> Any:
        wear = fresh.copy()
        circles = Circles(graph.start, graph.close, tied.contacts, wear, peers)
        plans = _plan(0, rows, sellers, sociability, circles, rule, Luck(whom, many, muted))
        told = _walk(plans, circles, trust, rule, muted)
        return wear, *told

    expected = here()
    out: dict[str, Any] = {}
    if loops is None:
        return out
    loops.ask.restype = ctypes.c_int64
    room = fresh.size
    told = [np.empty(room, dtype) for dtype in (np.uint32, np.int32, np.uint16, np.uint8)]
    doubts, plans = np.empty((room, 4), np.int64), np.empty((rows, 7), np.int64)

    def in_c() -> Any:
        wear = fresh.copy()
        columns = (who, inventory, effort, ties, wear, tied.contacts, graph.start, graph.close,
                   peers, trust, sociability)
        count = loops.ask(
            ctypes.c_int64(rows), *map(pointer, columns),
            *map(ctypes.c_double, (32.0, 0.8, 0.4, 0.05, 0.03)),
            *(ctypes.c_uint64(int(luck)) for luck in (whom, many, muted)),
            *map(pointer, (*told, doubts, plans)))
        return wear, *(column[:count] for column in told)

    out["asking agrees with C"] = all(
        (one == other).all() for one, other in zip(expected, in_c(), strict=True))
    copied, ours, in_that = best(fresh.copy, here, in_c)
    out["asking here"], out["asking in C"] = ours - copied, in_that - copied
    return out


if __name__ == "__main__":
    print(json.dumps(references(int(sys.argv[1]))))
