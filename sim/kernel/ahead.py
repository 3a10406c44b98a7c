"""Prefetching memory.

A row from far away costs a hundred times what an operation costs, unless it was asked for some
turns of a loop earlier. A loop over rows in no order of memory therefore says in advance which
row it comes to; results do not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

from sim.kernel.compiled import Kernel

__all__ = ["AHEAD", "fetch"]

AHEAD = 8
"""Turns of a loop between asking for a row and reading it: measured, 4 and 16 are a fifth slower."""


def _nothing(column: Any, place: int) -> None:
    """Bring ``column[place]`` near; a hint to the processor, of no effect where it is Python."""


class _Fetch(Kernel):
    """The processor's instruction for it, which numba does not know by name."""

    def __call__(self, column: Any, place: int) -> None:
        """Do nothing: here it is Python that calls."""

    def part(self) -> Callable[..., Any]:
        """Return the instruction as loops call it."""
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
