"""Scenario files: what they may say, how they are read and what they resolve to."""

from sim.scenario.schema import Event, InForce, Scenario

__all__ = ["Event", "InForce", "Scenario"]
