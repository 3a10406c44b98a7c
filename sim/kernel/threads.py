"""Passes over all rows, cut into ranges that threads process in parallel.

Kernels release the interpreter lock and sum only integers, so a result does not depend on the number of
threads. Threads pay from about 150,000 persons on; ensembles use one thread per process.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.machine import cores
from sim.texts import _

__all__ = ["A_ROW_IS_MUCH", "Threads", "added_up"]

WORTH_IT = 150_000
"""Rows below which one thread is faster than two."""
MOST = 256
"""More threads than this cost more than they save."""
A_ROW_IS_MUCH = 10_000
"""The same for rows that are as much work as a seller with customers, ties and a downline."""


def added_up(parts: list[np.ndarray]) -> list[int]:
    """Return the sums of what a loop counted over each of its ranges."""
    totals: list[int] = (parts[0] if len(parts) == 1 else np.sum(parts, axis=0)).tolist()
    return totals


def _threads(count: Any) -> int:
    """Return how many threads to use: one per core, or the wanted number, within reason."""
    if count is None:
        return cores()
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise UsageError(_("the number of threads is a whole number from 1"))
    return min(count, MOST)


class Threads:
    """Runs ``kernel(low, high, *arguments)`` over ``range(rows)``."""

    def __init__(self, count: int | None = None) -> None:
        self.count = _threads(count)
        self._pool: ThreadPoolExecutor | None = None

    def over(
        self, rows: int, kernel: Callable[..., Any], *arguments: Any, worth: int = WORTH_IT,
        pieces: int | None = None, step: int = 64,
    ) -> list[Any]:
        """Return the results of `kernel` over consecutive ranges that cover all rows, in order.

        Parameters
        ----------
        worth
            Number of rows below which one thread does everything; smaller if a row is more work.
        pieces
            Ranges to cut the rows into (default: four per thread, so that none waits long).
        step
            Ranges begin at multiples of this, so that threads share no cache line.
        """
        if self.count == 1 or rows < worth:
            return [kernel(0, rows, *arguments)]
        pieces = pieces or 4 * self.count
        edges = [rows * k // pieces // step * step for k in range(pieces)] + [rows]
        ranges = list(itertools.pairwise(edges))
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.count - 1, thread_name_prefix="weishang")
        results: list[Any] = [None] * len(ranges)
        turns = iter(range(len(ranges)))

        def work() -> None:
            for turn in turns:
                results[turn] = kernel(*ranges[turn], *arguments)

        # This thread works, too: waking one thread less is cheaper than waiting for all.
        others = [self._pool.submit(work) for _ in range(self.count - 1)]
        try:
            work()
        finally:
            wait(others)
        for other in others:
            other.result()
        return results

    def __getstate__(self) -> dict[str, Any]:
        return {"count": self.count, "_pool": None}
