"""Columns, luck and compiled helpers: knows nothing of the domain.

``np`` is numpy, imported at its first use, so that a scenario can be checked and help can be
printed without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
else:

    class LazyModule:
        """Stand-in for a module that is imported when its first attribute is read."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            # Keep it, so that next time it is an ordinary attribute.
            value = self.__dict__[attribute] = getattr(self.load(), attribute)
            return value

        def load(self) -> Any:
            """Return the real module."""
            return importlib.import_module(self._name)

    np = LazyModule("numpy")

__all__ = ["np"]
