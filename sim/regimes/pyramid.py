"""1.0: ladder, pressure, hype, closed information, recruiting as income, no product feedback."""

from __future__ import annotations

from sim.mechanisms.approaching import Approaching
from sim.mechanisms.belonging import Belonging
from sim.mechanisms.choosing import Choosing
from sim.mechanisms.clearing import Clearing
from sim.mechanisms.experiencing import Experiencing
from sim.mechanisms.forecasting import Forecasting
from sim.mechanisms.leaving import Leaving
from sim.mechanisms.listening import Listening
from sim.mechanisms.noticing import Noticing
from sim.mechanisms.ordering import Ordering
from sim.mechanisms.pricing import Pricing
from sim.mechanisms.promoting import Promoting
from sim.mechanisms.recruiting import Recruiting
from sim.mechanisms.rewarding import Rewarding
from sim.mechanisms.selling import Selling
from sim.mechanisms.sharing import Sharing
from sim.mechanisms.supplying import Supplying
from sim.mechanisms.training import Training
from sim.mechanisms.using import Using
from sim.regimes.base import Regime

__all__ = ["PYRAMID"]

PYRAMID = Regime(
    name="pyramid",
    rules=(
        Training, Approaching, Noticing,
        Using, Choosing, Selling, Experiencing, Sharing, Listening, Belonging,
        Forecasting, Ordering, Supplying, Rewarding,
        Recruiting, Pricing, Promoting, Leaving, Clearing,
    ),
    settings={
        "controls": {"stock_pressure": 0.8, "information_asymmetry": 0.9, "feedback": 0.0},
    },
)
