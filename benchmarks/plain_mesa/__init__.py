"""The week in plain Mesa: one Python object a person, one method a rule.

What somebody who knows Mesa would write without thinking of speed, with the parameters of the
shipped model. With the luck of the shipped model, too, both give the same units and the same fen
in every week of a small world (tests/benchmarks). It is the reference for "how many times as
fast", and a third, readable statement of the rules; `REFUSED` names the few it does not have,
which neither the shipped pyramid nor the shipped prosumer scenario uses.
"""

from benchmarks.plain_mesa.model import REFUSED, PlainModel

__all__ = ["REFUSED", "PlainModel"]
