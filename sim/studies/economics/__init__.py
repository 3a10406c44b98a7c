"""Laws of economics that demand must obey, tested on the shipped scenarios in pairs of runs."""

from sim.studies.economics.judging import Law, Times
from sim.studies.economics.laws import LAWS
from sim.studies.economics.trying import prove_economics

__all__ = ["LAWS", "Law", "Times", "prove_economics"]
