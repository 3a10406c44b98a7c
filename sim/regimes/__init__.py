"""Regimes: named compositions of the same rules, each with its settings."""

from __future__ import annotations

from sim.regimes.base import Regime
from sim.regimes.prosumer import PROSUMER
from sim.regimes.pyramid import PYRAMID

REGIMES: dict[str, Regime] = {regime.name: regime for regime in (PYRAMID, PROSUMER)}

__all__ = ["PROSUMER", "PYRAMID", "REGIMES", "Regime"]
