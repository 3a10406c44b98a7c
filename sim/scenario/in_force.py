"""The settings in force in a week, as rules read them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from sim.kernel import np
from sim.market.network import Network
from sim.market.settings import Controls, Offer, People, Production, Tier
from sim.mechanisms.base import Mechanism
from sim.mechanisms.former_names import current_name

__all__ = ["InForce"]


@dataclass(frozen=True)
class InForce:
    """Settings of one week, with everything that follows a control filled in."""

    regime: str
    controls: Controls
    people: People
    network: Network
    offer: Offer
    tiers: tuple[Tier, ...]
    production: Production
    rules: tuple[Mechanism, ...]

    def rule(self, name: str) -> Any:
        """Return the rule of this name, or ``None`` when it takes no part in the week."""
        return self._by_name.get(current_name(name, self._by_name))

    @functools.cached_property
    def tier_prices(self) -> np.ndarray:
        """Unit price of each tier in fen, top first."""
        return np.array([round(tier.price * 100) for tier in self.tiers], np.int64)

    @functools.cached_property
    def _by_name(self) -> dict[str, Mechanism]:
        return {rule.name(): rule for rule in self.rules}
