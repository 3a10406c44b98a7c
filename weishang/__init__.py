"""The package under the name of its distribution: ``import weishang`` is ``import sim``."""

from __future__ import annotations

from typing import Any

import sim

__all__ = sim.__all__
__version__ = sim.__version__


def __getattr__(name: str) -> Any:
    return getattr(sim, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(sim)})
