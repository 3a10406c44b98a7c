"""Names for plain data, whose values have the types that their readers expect of each key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Data", "SomeData", "Values"]

Data = dict[str, Any]
"""A map as YAML and JSON hold it: texts, numbers, flags, None, lists and maps, by their keys."""
SomeData = Mapping[str, Any]
"""The same, only to be read."""
Values = dict[str, Any]
"""Values of settings, by dotted names such as ``offer.list_price``."""
