"""Brand funding: money of the brand that can run out, and fans who advance the next batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import in_order_of_luck
from sim.market.books import ConservationError, Ledger
from sim.market.outputs import Output
from sim.market.persons import FAN
from sim.market.purses import Purses, available, pay
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["BrandFunding"]


class BrandFunding(Mechanism):
    """The brand makes no more than it can pay for; fans advance money for what it cannot.

    The brand itself costs `overhead` a week. Its money is what the owners brought in, what it has
    earned, and what fans have advanced. When that does not cover production, the brand asks its fans
    (A12: 融资): each fan without an open advance gives a share of the purse, with chance trust x
    satisfaction, until there is enough. Units that still cannot be paid are not begun. Fans get their
    money back after a term, with a reward, before the next batch and as far as the money goes.

    A brand that is short of money, or in arrears with its fans, for `grace` weeks is bust: it begins
    no more batches and reaches nobody (`brand.reach`); its fans lose their advances, and trust. Old
    stock is still sold.
    """

    phase: ClassVar = "produce and ship"
    reads: ClassVar = (
        "persons.stage", "persons.satisfaction", "persons.income", "brand.variety",
        "brand.variety_cost",
    )
    writes: ClassVar = (
        "persons.advanced", "persons.advance_due", "persons.purse", "persons.purse_week",
        "persons.trust", "brand.pipeline", "brand.in_production", "brand.reach",
    )
    columns: ClassVar = (
        ("persons", Column("advanced", "i8", "fen", "advanced to the brand and not paid back", low=0)),
        ("persons", Column("advance_due", "i2", "week", "week in which that is due", low=0)),
    )
    outputs: ClassVar = (
        Output("brand_cash", "fen", "money of the brand: of its owners, earned, and advanced by fans"),
        Output("fans_advanced", "fen", "advanced by fans this week"),
        Output("fans_repaid", "fen", "paid back to fans this week, rewards included"),
        Output("fans_owed", "fen", "advanced by fans and not paid back"),
        Output("fans_lost", "fen", "of what fans advanced, lost this week by a brand that is bust"),
        Output("batch_cut", "units", "not begun for want of money"),
        Output("brand_bust", "flag", "the brand is bust"),
    )
    dial: ClassVar = "capital"
    off: ClassVar = {
        "A19": {"brand_funding.pledge": 0.0},
        "A20": {"brand_funding.capital": 0.0},
    }

    capital: float = parameter(
        0.0, "CNY a person", 0, 1e6, "money that the owners bring in, per person of the market; 0: as much "
        "as it takes", source="working assumption of a scenario")
    overhead: float = parameter(
        200.0, "CNY a week", 0, 1e6, "wages and rent of the brand itself, per 1,000 persons of the market",
        source="three or four wages of 2015-2019 (NBS of China) in a market of 20,000: working assumption",
        prior=Prior(20, 2000, "a factor of ten either way", log=True))
    pledge: float = parameter(
        0.5, "share", 0, 1, "share of what is in their purse that fans advance",
        source="essay A: 粉丝…带来更多的传播、体验完善甚至融资; working assumption",
        prior=Prior(0.1, 1.0, "from a token to all that is set aside for the category"))
    reward: float = parameter(
        0.1, "share", 0, 10, "what fans get back on top of what they advanced",
        source="pre-order discounts of reward-based crowdfunding, 10-20 %: working assumption",
        prior=Prior(0.0, 0.3, "from none to twice the usual discount"))
    term: int = parameter(
        13, "weeks", 1, 520, "weeks until an advance is paid back",
        source="a quarter, as backers wait for crowdfunded goods: working assumption",
        prior=Prior(4, 52, "a month to a year", log=True))
    grace: int = parameter(
        4, "weeks", 0, 520, "weeks for which suppliers and fans wait for their money",
        source="a month, as suppliers grant: working assumption")
    betrayal: float = parameter(
        0.5, "share", 0, 1, "share of their trust that fans lose who lose their advance",
        source="working assumption, above `purchase_choice.regret`",
        prior=Prior(0.2, 0.9, "from annoyance to a breach"))

    def begin(self, world: World) -> None:
        """Book the owners' capital."""
        money = world.books.money
        for account in ("owners", "funding"):
            money.open(account)
        money.move("owners", "funding", round(self.capital * len(world.persons) * 100))

    def step(self, world: World) -> None:
        """Repay fans, ask them for the next batch, cut it to the money, and check for bankruptcy."""
        own = world.own(Funding)
        if not own.bust:
            wages = round(self.overhead * 100 * len(world.persons) / 1000)
            world.books.money.move("brand", "households", wages)
        unit_cost = world.brand.unit_cost(world.settings.offer)
        if own.bust:
            world.brand.reach = 0.0
            self._cut(world, world.brand.in_production, own)
        else:
            arrears = self._repay(world, own, max(0, _cash(world)))
            short = world.brand.in_production * unit_cost - _cash(world)
            if short > 0:
                short -= self._ask(world, own, short)
            if short > 0:
                self._cut(world, -(-short // unit_cost), own)
            own.weeks_short = own.weeks_short + 1 if arrears or _cash(world) < 0 else 0
            if own.weeks_short > self.grace:
                self._fail(world, own)
        held = int(world.persons.advanced.sum())
        if held != own.claims["fans"]:
            raise ConservationError(
                f"week {world.week}: fans hold claims of {held} fen, their account says "
                f"{own.claims['fans']}")
        world.report("brand_cash", _cash(world))
        world.report("fans_owed", held)
        world.report("brand_bust", float(own.bust))

    def _repay(self, world: World, own: Funding, money: int) -> bool:
        """Repay what is due as far as `money` goes; return whether anything stays in arrears."""
        persons = world.persons
        due = np.flatnonzero((persons.advanced > 0) & (persons.advance_due <= world.week))
        if due.size == 0:
            return False
        due = in_order_of_luck(due, world.luck("paid back first"))
        totals = np.zeros(len(Total), np.int64)
        _pay_back(due, persons.view(Backers), persons.view(Purses), world.allowance(), self.reward,
                  money, totals)
        principal, reward = int(totals[Total.PRINCIPAL]), int(totals[Total.REWARD])
        world.books.set_aside(int(totals[Total.SET_ASIDE]))
        world.books.money.move("funding", "purses", principal)
        world.books.money.move("brand", "purses", reward)
        own.claims.move("fans", "brand", principal)
        world.count("fans_repaid", principal + reward)
        return bool(totals[Total.PERSONS] < due.size)

    def _ask(self, world: World, own: Funding, wanted: int) -> int:
        """Ask fans for `wanted` fen; return the fen that they advance."""
        persons = world.persons
        fans = np.flatnonzero((persons.stage >= FAN) & (persons.advanced == 0))
        fans = in_order_of_luck(fans, world.luck("asked first for money"))
        totals = np.zeros(len(Total), np.int64)
        _advance(fans, persons.view(Backers), persons.view(Purses), world.allowance(), self.pledge,
                 wanted, world.week + self.term, world.luck("advances money"), totals)
        advanced = int(totals[Total.PRINCIPAL])
        world.books.set_aside(int(totals[Total.SET_ASIDE]))
        world.books.money.move("purses", "funding", advanced)
        own.claims.move("brand", "fans", advanced)
        world.count("fans_advanced", advanced)
        return advanced

    def _cut(self, world: World, units: int, own: Funding) -> None:
        """Cut the batch begun this week to the money; a bust brand begins none."""
        brand, lead = world.brand, world.settings.production.lead_time
        slots = [world.week + lead] if not own.bust else range(world.week + 1, world.week + lead + 1)
        for week in slots:
            cut = min(units, brand.pipeline[week % len(brand.pipeline)])
            brand.begin(-cut, week)
            units -= cut
            world.count("batch_cut", 0 if own.bust else cut)

    def _fail(self, world: World, own: Funding) -> None:
        """Let the brand go bust: its fans lose what they advanced, and trust."""
        persons = world.persons
        own.bust = True
        losers = persons.advanced > 0
        lost = int(persons.advanced.sum())
        persons.trust[losers] *= np.float32(1.0 - self.betrayal)
        persons.advanced[:] = 0
        own.claims.move("fans", "lost", lost)
        world.brand.reach = 0.0
        world.count("fans_lost", lost)
        self._cut(world, world.brand.in_production, own)


@dataclass
class Funding:
    """What the brand owes its fans, in double entry, and for how long its money has not sufficed."""

    claims: Ledger = field(default_factory=lambda: Ledger("claims", ("brand", "fans", "lost")))
    weeks_short: int = 0
    bust: bool = False


def _cash(world: World) -> int:
    """Return the brand's money, fen: its earnings, its owners' money and its fans' advances."""
    return world.books.money["brand"] + world.books.money["funding"]


class Total(IntEnum):
    """What is added up: fen or persons."""

    PRINCIPAL = 0
    REWARD = auto()
    SET_ASIDE = auto()
    PERSONS = auto()


class Backers(NamedTuple):
    """Columns of persons that advancing reads or changes."""

    satisfaction: np.ndarray
    trust: np.ndarray
    advanced: np.ndarray
    advance_due: np.ndarray


@compiled
def _pay_back(due, backers, purses, allowance, reward, money, totals):
    """Pay fans back in turn, with a reward, while there is money."""
    for person in due:
        principal = backers.advanced[person]
        extra = np.int64(reward * principal)
        if principal + extra > money:
            break
        money -= principal + extra
        # Open the purse first, or the refund could be lost with savings above the purse's limit.
        totals[Total.SET_ASIDE] += pay(person, 0, purses, allowance)
        purses.purse[person] += principal + extra
        backers.advanced[person] = 0
        totals[Total.PRINCIPAL] += principal
        totals[Total.REWARD] += extra
        totals[Total.PERSONS] += 1


@borrowing
def _advance(fans, backers, purses, allowance, pledge, wanted, due, key, totals):
    """Let fans advance a share of their purse in turn until there is enough."""
    for person in fans:
        if totals[Total.PRINCIPAL] >= wanted:
            break
        chance = np.float64(backers.trust[person]) * np.float64(backers.satisfaction[person])
        if draw32(key, person) >= threshold(chance):
            continue
        amount = np.int64(pledge * available(person, purses, allowance))
        amount = min(amount, wanted - totals[Total.PRINCIPAL])
        if amount <= 0:
            continue
        totals[Total.SET_ASIDE] += pay(person, amount, purses, allowance)
        backers.advanced[person] = amount
        backers.advance_due[person] = due
        totals[Total.PRINCIPAL] += amount
        totals[Total.PERSONS] += 1
