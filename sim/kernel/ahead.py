"""Prefetching memory.

Reading a row from main memory takes as long as a hundred operations, unless it was requested some turns of
a loop earlier. A loop that visits rows in random order therefore requests them in advance; results do not
depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

from sim.kernel.compiled import Kernel

__all__ = ["AHEAD", "fetch"]

AHEAD = 8
"""Turns of a loop between requesting and reading a row; 4 and 16 were measured to be a fifth slower."""


def _nothing(column: Any, place: int) -> None:
    """Prefetch ``column[place]``: a hint to the processor, which does nothing in Python."""


class _Fetch(Kernel):
    """The processor's prefetch instruction, which numba does not offer."""

    def __call__(self, column: Any, place: int) -> None:
        """Do nothing when called from Python."""

    def part(self) -> Callable[..., Any]:
        """Return the instruction for use in loops."""
        import numba

        if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
            return self.python
        if self._part is None:
            self._part = _instruction()
        return self._part


def _instruction() -> Callable[..., Any]:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        array = context.make_array(kind)(context, builder, arguments[0])
        place = cgutils.get_item_pointer(
            context, builder, kind, array, [arguments[1]], wraparound=False)
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind_of = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind_of, "llvm.prefetch.p0i8")
        # To be read (0), kept in all caches (3), data (1).
        builder.call(prefetch, [
            builder.bitcast(place, byte), *(ir.Constant(number, what) for what in (0, 3, 1))])
        return context.get_dummy_value()

    @intrinsic
    def prefetch(_typing: Any, column: Any, place: Any) -> Any:
        return types.void(column, place), write

    return cast(Callable[..., Any], prefetch)


fetch = _Fetch(cast(FunctionType, _nothing), borrows=True)
