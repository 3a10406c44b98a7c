"""The week of the pyramid in plain Mesa: one Python object a person, one method per rule.

What somebody who knows Mesa would write without thinking of speed, with the parameters of the
shipped model. With the luck of the shipped model, too, both give the same units and the same fen
in every week of a small world (tests/benchmarks). It is the reference for "how many times as
fast"; `REFUSED` names the rules that it does not have, which the shipped pyramid does not use.
"""

from benchmarks.plain_mesa.model import REFUSED, PlainModel

__all__ = ["REFUSED", "PlainModel"]
