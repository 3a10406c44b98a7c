"""Closed forms of the literature, each reached by a shipped scenario.

A check takes a scenario (any parameter values) and the number of replicates, computes the formula for
these values, runs the scenario, and returns rows of the table of `prove`.
"""

from __future__ import annotations

from sim.studies.limits.beer_game import beer_game, beer_game_people
from sim.studies.limits.bullwhip import bullwhip
from sim.studies.limits.diffusion import bass, broadcast, contagion, ring
from sim.studies.limits.recruiting import branching, tree
from sim.studies.limits.row import Check, Limit, Row
from sim.studies.limits.sellers import clustering, constant_hazard, repeat_buying

__all__ = ["LIMITS", "Check", "Limit", "Row"]

CHEN = "Chen, Drezner, Ryan, Simchi-Levi 2000"
LIMITS = {limit.name: limit for limit in (
    Limit("bullwhip", CHEN + ", theorem 2.2", bullwhip, 1),
    Limit("bullwhip_correlated", CHEN + ", theorem 2.2", bullwhip, 1),
    Limit("bullwhip_chain", CHEN + ", section 4: exact form of the decentralised chain", bullwhip, 1),
    Limit("bullwhip_shared", CHEN + ", theorem 4.1", bullwhip, 1),
    Limit("bullwhip_smoothing", "Chen, Ryan, Simchi-Levi 2000", bullwhip, 1),
    Limit("bass", "Bass 1969", bass, 24),
    Limit("bass_ring", "Fibich, Gibori 2010", ring, 8),
    Limit("contagion", "Goldenberg, Libai, Muller 2001", contagion, 1),
    Limit("broadcast", "constant hazard of `brand_awareness`", broadcast, 1),
    Limit("beer_game", "Sterman 1989, table 2; Edali, Yasarcan 2014", beer_game, 1),
    Limit("beer_game_people", "Sterman 1989, table 3; Edali, Yasarcan 2014", beer_game_people, 1),
    Limit("recruiting_tree", "Gastwirth 1977", tree, 16),
    Limit("branching", "Galton, Watson 1874: q = G(q)", branching, 20),
    Limit("repeat_buying", "Fader, Hardie, Lee 2005, equations 8 and 10", repeat_buying, 2),
    Limit("constant_hazard", "geometric survival", constant_hazard, 1),
    Limit("clustering", "Barrat, Weigt 2000", clustering, 6),
)}
"""Every closed form, by the name of its scenario in ``scenarios/limits``."""
