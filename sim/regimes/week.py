"""The week: every rule in its order. A regime is this week with its own settings."""

from __future__ import annotations

from sim.mechanisms.approaching import Approaching
from sim.mechanisms.base import Mechanism
from sim.mechanisms.belonging import Belonging
from sim.mechanisms.choosing import Choosing
from sim.mechanisms.clearing import Clearing
from sim.mechanisms.collecting import Collecting
from sim.mechanisms.connecting import Connecting
from sim.mechanisms.converting import Converting
from sim.mechanisms.creating import Creating
from sim.mechanisms.experiencing import Experiencing
from sim.mechanisms.forecasting import Forecasting
from sim.mechanisms.gathering import Gathering
from sim.mechanisms.leaving import Leaving
from sim.mechanisms.listening import Listening
from sim.mechanisms.noticing import Noticing
from sim.mechanisms.ordering import Ordering
from sim.mechanisms.piloting import Piloting
from sim.mechanisms.pricing import Pricing
from sim.mechanisms.promoting import Promoting
from sim.mechanisms.recruiting import Recruiting
from sim.mechanisms.referring import Referring
from sim.mechanisms.rewarding import Rewarding
from sim.mechanisms.selling import Selling
from sim.mechanisms.serving import Serving
from sim.mechanisms.sharing import Sharing
from sim.mechanisms.supplying import Supplying
from sim.mechanisms.training import Training
from sim.mechanisms.using import Using

__all__ = ["WEEK"]

WEEK: tuple[type[Mechanism], ...] = (
    Piloting, Training, Approaching, Noticing,
    Using, Choosing,
    Selling, Connecting,
    Experiencing, Serving,
    Sharing,
    Listening, Belonging, Gathering, Collecting, Creating,
    Forecasting, Ordering,
    Supplying, Rewarding,
    Recruiting, Referring,
    Pricing, Promoting, Leaving, Clearing, Converting,
)
