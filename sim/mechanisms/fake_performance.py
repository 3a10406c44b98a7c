"""Fake performance: shown incomes and sales above the real ones, until somebody finds out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing
from sim.kernel.luck import unit
from sim.kernel.maths import exp
from sim.market.appeals import move_appeal
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["FakePerformance"]


class FakePerformance(Mechanism):
    """The brand and its sellers show more sales and income than there are (虚假业绩).

    The income shown to recruits exceeds the real one by `inflation` (A2, A6). People who know the
    product take faked sales for the choice of many, which adds to its appeal, more so for the
    credulous. Each week the fake may be found out, with a hazard that grows with the inflation and
    that closed information lowers. From then on nobody believes what the brand shows: incomes are
    seen as they are, the appeal is gone, all who know the product lose trust, and sellers lose
    their hopes.
    """

    phase: ClassVar = "inform"
    reads: ClassVar = ("persons.aware", "persons.credulity")
    writes: ClassVar = (
        "persons.appeal", "persons.faked_appeal", "persons.trust", "resellers.optimism",
        "market.shown_times")
    columns: ClassVar = (
        ("persons", Column("faked_appeal", "f4", "utility", "what faked sales add to the appeal")),
    )
    outputs: ClassVar = (
        Output("performance_shown", "times the real one", "income that is shown to those who may join"),
        Output("found_out", "weeks", "1 in the week in which the fake is found out"),
    )
    dial: ClassVar = "inflation"
    off: ClassVar = {"A22": {"fake_performance.inflation": 0.0}}

    inflation: float = parameter(
        0.0, "times", 0, 1000, "by how much shown income exceeds the real one: 1 shows twice of it",
        source="essay A: 最终自然是靠虚假业绩支撑; transfer and income screenshots made by apps: how much "
        "is not known", prior=Prior(0.0, 3.0, "from none to four times the real one"))
    proof: float = parameter(
        0.5, "utility", 0, 100, "appeal of boundless faked sales to the most credulous",
        source="half of what word of mouth weighs at most (`purchase_choice.voice_weight`): working "
        "assumption", prior=Prior(0.1, 2.0, "a factor of four or five either way", log=True))
    exposure: float = parameter(
        None, "hazard a week", 0, 10, "hazard that a fake of twice the real income is found out",
        control=("information_asymmetry", 0.08, 0.008),
        source="half are found out in two months where information is open, in 20 where it is closed: "
        "working assumption")
    scandal: float = parameter(
        0.3, "share", 0, 1, "share of their trust that people lose when the fake is found out",
        source="as `purchase_choice.regret`: working assumption",
        prior=Prior(0.1, 0.8, "from a shrug to a breach"))

    def step(self, world: World) -> None:
        """Show inflated sales and incomes, until they are found out."""
        own = world.own(Fake)
        persons = world.persons
        before = own.found_out
        if not own.found_out:
            hazard = self.exposure * self.inflation
            own.found_out = bool(unit(world.luck("fake found out"), 0) < 1.0 - exp(-hazard))
        found_now = own.found_out and not before
        if found_now:
            world.resellers.optimism[:] = 0.0
        believed = 0.0 if own.found_out else self.inflation / (1.0 + self.inflation)
        if not before:
            _impress(persons.view(People), self.proof * believed, self.scandal if found_now else 0.0)
        world.market.shown_times = 1.0 if own.found_out else 1.0 + self.inflation
        world.report("performance_shown", world.market.shown_times)
        world.count("found_out", int(found_now))


    def end(self, world: World) -> None:
        """Stop faking."""
        _impress(world.persons.view(People), 0.0, 0.0)
        world.market.shown_times = 1.0


@dataclass
class Fake:
    """Whether the fake has been found out."""

    found_out: bool = False


class People(NamedTuple):
    """Columns of persons that a fake changes."""

    aware: np.ndarray
    credulity: np.ndarray
    appeal: np.ndarray
    faked_appeal: np.ndarray
    trust: np.ndarray


@borrowing
def _impress(people, proof, scandal):
    """Let faked sales appeal to all who know the product; a scandal costs their trust."""
    for person in range(people.aware.size):
        if people.aware[person]:
            move_appeal(
                person, proof * np.float64(people.credulity[person]), people.appeal,
                people.faked_appeal)
            people.trust[person] = np.float64(people.trust[person]) * (1.0 - scandal)
