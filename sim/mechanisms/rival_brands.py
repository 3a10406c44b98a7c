"""Rival brands: brands that copy late, cut prices and win over the same resellers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64, unit
from sim.kernel.maths import exp, log, logistic, normal, threshold
from sim.market.outputs import Output
from sim.market.persons import NO_OFFER, NOBODY, NOTHING, offer_row
from sim.market.purses import Purses
from sim.market.rivals import MAX_RIVALS, Copy, Rival
from sim.mechanisms.base import Mechanism, Prior, World, parameter
from sim.mechanisms.brand_communities import direct_price
from sim.mechanisms.rival_choice import Carriers, Luck, Makers, Rivalry, Tempted, Total, choose_again
from sim.mechanisms.utility import Sellers, Shoppers, reads_beyond, terms_of

__all__ = ["RivalBrands", "rivals"]


class RivalBrands(Mechanism):
    """Rivals enter late with a copy of the product, cut below the cheapest price around, and court resellers.

    Each rival is an agent with a product, a price, sellers, customers and money. It sells a somewhat
    worse copy of what the brand sold `delay` weeks ago, and renews the copy as often. It aims for a
    price below the cheapest of all others, but returns to its first price if others ask more: so
    prices fall until somebody cannot follow (价格战). Its price never falls below `floor` of what
    comparable products cost, nor below what a unit costs it and its sellers.

    Courted resellers may sell a rival as well: the likelier, the more it pays per unit, the longer
    they have sold nothing, and the weaker their tie to the brand (B10). Resellers who give up the
    brand go on selling the rival. Rivals hold the stock themselves. A seller of several brands makes
    them known to everybody they approach.

    Persons with a need who know a rival weigh it in the logit of `purchase_choice` against all other
    options: by its true quality if they have tried it, else by the quality that anybody expects. So a
    rival takes buyers from the brand, from comparable products and from buying nothing. Customers of
    the legacy channel stay there.
    """

    phase: ClassVar = "need and choose"
    writes: ClassVar = (
        "persons.rivals_known", "persons.rivals_tried", "persons.rival_seller", "persons.chosen",
        "persons.purse", "persons.purse_week", "resellers.carries", "resellers.cash",
        "market.buyers",
    )
    reads: ClassVar = reads_beyond(
        writes, "resellers.person", "resellers.tier", "resellers.weeks_since_sale", "resellers.binding",
        "resellers.ties", "market.street_price")
    columns: ClassVar = (
        ("persons", Column("rivals_known", "u1", "bits", "rival brands that the person knows")),
        ("persons", Column("rivals_tried", "u1", "bits", "rival brands that the person has bought")),
        ("persons", Column("rival_seller", "i4", "reseller row",
                           "from whom the person would buy a rival brand; -1 its own shop", NOBODY,
                           low=NOBODY, refers="resellers")),
        ("resellers", Column("carries", "u1", "bits", "rival brands that the reseller sells as well")),
    )
    outputs: ClassVar = (
        *(Output(f"rival_{number}_sales", "units", f"bought of rival brand {number}")
          for number in range(1, MAX_RIVALS + 1)),
        *(Output(f"rival_{number}_price", "fen", f"price of rival brand {number}; 0 before it enters")
          for number in range(1, MAX_RIVALS + 1)),
        Output("rival_sales", "units", "bought of rival brands"),
        Output("rival_profit", "fen", "change of the money of all rival brands"),
        Output("rival_carriers", "persons", "active resellers who sell a rival brand as well"),
        Output("rival_awareness", "share", "persons who know a rival brand"),
        Output("brand_share", "share",
               "of the persons who decided for the brand or a rival this week, those for the brand; "
               "empty where nobody did"),
        Output("taken_by_rivals", "persons", "had decided for the brand and took a rival instead"),
    )
    dial: ClassVar = "brands"
    off: ClassVar = {"A18": {"rival_brands.brands": 0}}

    brands: int = parameter(
        0, "brands", 0, MAX_RIVALS, "rival brands that enter one after the other",
        source="essay A: 凭自己所谓的行业经验把竞争对手的产品加以复制和改进")
    delay: int = parameter(
        26, "weeks", 1, 520, "how late a rival copies: weeks until the first one enters, between two "
        "entries, and between two versions of a copy",
        source="working assumption: half a year; as `product_development.delay`",
        prior=Prior(8, 52, "two months to a year", log=True))
    likeness: float = parameter(
        0.9, "share", 0, 1, "quality of the copy as a share of what it copies",
        source="working assumption: copies are a little worse",
        prior=Prior(0.6, 1.0, "from a poor copy to an equal one"))
    undercut: float = parameter(
        0.9, "share", 0.05, 2, "price that a rival aims at, as a share of the cheapest other one",
        source="essay A: 价格战; entrants price 10-30 % below incumbents: working assumption",
        prior=Prior(0.7, 1.0, "from 30 % below the others to their price"))
    reaction: float = parameter(
        0.2, "share a week", 0, 1, "share of the gap to that price closed a week",
        source="working assumption: a month to react",
        prior=Prior(0.05, 0.5, "a factor of about three either way", log=True))
    floor: float = parameter(
        0.7, "share", 0, 10, "lowest price of a rival as a share of that of comparable products",
        source="comparable products pay overheads of about the rest: working assumption",
        prior=Prior(0.4, 1.0, "down to what making and selling a unit costs"))
    commission: float = parameter(
        0.3, "share", 0, 0.9, "share of its price that a rival pays to who sells it",
        source="above the 10-20 % that 云集 and group leaders pay, as an entrant must")
    courting: float = parameter(
        0.03, "chance a week", 0, 1, "chance that a rival courts a reseller in a week",
        source="working assumption: most are courted within a year",
        prior=Prior(0.005, 0.1, "a factor of about five either way", log=True))
    advertising: float = parameter(
        0.002, "hazard a week", 0, 1, "chance a week to notice a rival unprompted",
        source="three times `brand_awareness.advertising`: entrants pay for attention",
        prior=Prior(0.0005, 0.01, "a factor of about four either way", log=True))

    def begin(self, world: World) -> None:
        """Open an account for each rival."""
        for number in range(1, MAX_RIVALS + 1):
            world.books.money.open(f"rival_{number}")

    def step(self, world: World) -> None:
        """Let rivals enter, copy, set prices and court resellers; then let persons weigh them."""
        own = world.own(Rivals)
        self._drift(world, own)
        while len(own.brands) < min(self.brands, (world.week - 1) // self.delay):
            own.brands.append(self._entering(world, own))
        here = own.brands[: self.brands]
        if not here:
            return
        for rival in here:
            if world.week > rival.entered and (world.week - rival.entered) % self.delay == 0:
                rival.product = own.trail[0].scaled(self.likeness)
            rival.price = self._priced(world, rival, here)
            rival.sales = 0
        before = sum(world.books.money[rival.account] for rival in here)
        self._court(world, here)
        self._tell(world, here)
        self._sell(world, own, here)
        for rival in here:
            world.report(f"rival_{rival.number}_price", rival.price)
        world.count("rival_profit", sum(world.books.money[rival.account] for rival in here) - before)

    def _drift(self, world: World, own: Rivals) -> None:
        """Remember the product at a fixed place in taste space; its own position moves with tastes."""
        development = world.settings.rule("product_development")
        if development is not None:
            key = world.luck("taste drift")
            own.drift = (
                own.drift[0] + development.drift * float(normal(unit(key, 0))),
                own.drift[1] + development.drift * float(normal(unit(key, 1))))
        # This week's product was made before tastes moved on.
        x, y = world.brand.position
        own.trail.append(Copy(world.brand.quality, x + own.before[0], y + own.before[1]))
        own.before = own.drift
        del own.trail[: -self.delay - 1]

    def _entering(self, world: World, own: Rivals) -> Rival:
        """Return the next rival to enter, with a copy of the product and an opening price."""
        rival = Rival(
            number=len(own.brands) + 1, entered=world.week, price=0, first_price=0,
            product=own.trail[0].scaled(self.likeness))
        cheapest = min(_prices(world, own.brands[: self.brands]))
        rival.price = rival.first_price = max(round(self.undercut * cheapest), self._floor(world))
        return rival

    def _floor(self, world: World) -> int:
        """Return the lowest price of a rival, fen."""
        offer = world.settings.offer
        return round(100 * max(
            offer.unit_cost / (1.0 - self.commission), self.floor * offer.reference_price))

    def _priced(self, world: World, rival: Rival, here: list[Rival]) -> int:
        """Return next week's price, on its way to a share of the cheapest other price."""
        cheapest = min(_prices(world, [other for other in here if other is not rival]))
        aim = max(round(self.undercut * cheapest), self._floor(world))
        aim = min(aim, max(rival.first_price, self._floor(world)))
        return rival.price + round(self.reaction * (aim - rival.price))

    def _court(self, world: World, here: list[Rival]) -> None:
        """Win resellers over; some who sell nothing but rivals give up."""
        resellers = world.resellers
        leaving = world.settings.rule("leaving")
        referral = world.settings.rule("referral")
        terms = Courted(
            wholesale=world.tier_prices(),
            referred=float((referral.share if referral else 0.0) * direct_price(world)),
            binding=float(leaving.binding_weight if leaving else 0.0),
            quits=float(leaving.base if leaving else 0.0),
        )
        for rival in here:
            _win_over(
                resellers.view(Courtable), rival.bit, self.commission * rival.price, self.courting,
                terms, world.luck(f"courted by rival {rival.number}"))
        _give_up(resellers.carries, resellers.active, resellers.person, terms.quits,
                 world.luck("gives up rivals"))
        world.count("rival_carriers", int(np.count_nonzero(
            (resellers.carries & _bits(here)) * resellers.active)))

    def _tell(self, world: World, here: list[Rival]) -> None:
        """Make rivals known: by their own advertising, and through their sellers."""
        persons, resellers = world.persons, world.resellers
        awareness = world.settings.rule("brand_awareness")
        cost = round(awareness.traffic_cost * 100) if awareness else 0
        for rival in here:
            won = _notice(
                persons.rivals_known, rival.bit, 1.0 - exp(-self.advertising),
                world.luck(f"notice rival {rival.number}"))
            world.books.money.move(rival.account, "media", won * cost)
        _pitch(persons.offer, persons.rivals_known, persons.rival_seller, resellers.carries)
        prospecting = world.settings.rule("prospecting")
        asks = int(prospecting.clearing_asks) if prospecting else 0
        _approach(
            persons.rivals_known, persons.rival_seller, resellers.view(Former), world.graph.start,
            world.ties.contacts, asks, world.luck("offered a rival"))
        known = np.count_nonzero(persons.rivals_known & _bits(here))
        world.report("rival_awareness", known / len(persons))

    def _sell(self, world: World, own: Rivals, here: list[Rival]) -> None:
        """Let persons with a need choose again, rivals included, and book their purchases."""
        choice = world.settings.rule("purchase_choice")
        if choice is None:
            return
        persons, resellers, books, market = world.persons, world.resellers, world.books, world.market
        offer = world.settings.offer
        rivalry = Rivalry(float(_expected(world)), float(self.commission), world.week)
        places = [rival.product.seen_from(own.drift) for rival in here]
        radius = offer.taste_radius
        makers = Makers(
            np.array([rival.price for rival in here], np.int64),
            np.array([place.quality for place in places]),
            np.array([place.x for place in places]), np.array([place.y for place in places]),
            1.0 / (radius * radius))
        luck = Luck(
            world.fixed_luck("knows prices"), world.fixed_luck("legacy customer"),
            world.luck("need"), world.luck("choose a rival"), world.luck("which rival"))
        totals = np.zeros((len(here) + 1, len(Total)), np.int64)
        choose_again(
            persons.view(Shoppers), persons.view(Tempted), persons.view(Purses), resellers.view(Sellers),
            resellers.view(Carriers), makers, world.product(), terms_of(world, choice), rivalry,
            world.allowance(), choice.parameters, luck, totals)
        everywhere = totals[-1]
        market.buyers = market.buyers[persons.chosen[market.buyers] != NOTHING]
        books.money.move("rivals", "purses", int(everywhere[Total.RETURNED]))
        world.count("rival_units", -int(everywhere[Total.NOT_COMPARABLE]))
        world.count("rival_revenue", -int(everywhere[Total.RETURNED]))
        books.set_aside(int(everywhere[Total.SET_ASIDE]))
        for rival, got in zip(here, totals.tolist(), strict=False):
            rival.sales = got[Total.UNITS]
            books.money.move("purses", rival.account, got[Total.REVENUE])
            books.money.move(rival.account, "resellers", got[Total.COMMISSION])
            books.money.move(rival.account, "makers", got[Total.UNITS] * round(offer.unit_cost * 100))
            world.count(f"rival_{rival.number}_sales", rival.sales)
        sold = sum(rival.sales for rival in here)
        world.count("rival_sales", sold)
        world.count("taken_by_rivals", int(everywhere[Total.TAKEN]))
        both = market.buyers.size + sold
        world.report("brand_share", market.buyers.size / both if both else float("nan"))


@dataclass
class Rivals:
    """All rivals in the market, the products they may copy (oldest first), and the drift of tastes."""

    brands: list[Rival] = field(default_factory=list)
    trail: list[Copy] = field(default_factory=list)
    drift: tuple[float, float] = (0.0, 0.0)
    before: tuple[float, float] = (0.0, 0.0)


def rivals(world: World) -> list[Rival]:
    """Return the rival brands in the market; none if the rule takes no part."""
    rule = world.settings.rule("rival_brands")
    return world.own(Rivals).brands[: rule.brands] if rule is not None else []


def _prices(world: World, others: list[Rival]) -> list[float]:
    """Return the competing prices: the brand's recent street price, and those of other rivals."""
    ours = world.market.street_price or round(world.settings.offer.list_price * 100)
    return [ours, *(float(other.price) for other in others)]


def _bits(here: list[Rival]) -> Any:
    """Return the bits of these rivals, combined."""
    return np.uint8(sum(rival.bit for rival in here))


def _expected(world: World) -> float:
    """Return the quality that people expect of a product they have not tried."""
    awareness = world.settings.rule("brand_awareness")
    return awareness.prior if awareness else 0.5


class Courted(NamedTuple):
    """What resellers compare a rival with: wholesale prices by tier and the reward for a referral,
    fen; weight of binding; hazard a week of giving up.
    """

    wholesale: np.ndarray
    referred: float
    binding: float
    quits: float


class Courtable(NamedTuple):
    """Columns of resellers on which taking on a rival depends."""

    person: np.ndarray
    active: np.ndarray
    dropship: np.ndarray
    tier: np.ndarray
    price: np.ndarray
    weeks_since_sale: np.ndarray
    binding: np.ndarray
    carries: np.ndarray


class Former(NamedTuple):
    """Columns of resellers that say who sells only rivals, and to whom."""

    person: np.ndarray
    active: np.ndarray
    carries: np.ndarray
    ties: np.ndarray


FULLY_IDLE = 8
"""Weeks without a sale beyond which more make a reseller no readier for a rival."""
IDLE_PULL = 2.0
"""What full idleness adds to the log odds of taking on a rival."""


@compiled
def _win_over(sellers, bit, earned, courting, terms, key):
    """Let active resellers take on a rival that pays them `earned` fen per unit."""
    for row in range(sellers.active.size):
        if not sellers.active[row] or sellers.carries[row] & bit:
            continue
        if sellers.dropship[row]:
            own = terms.referred
        else:
            own = np.float64(sellers.price[row] - terms.wholesale[sellers.tier[row]])
        idle = min(sellers.weeks_since_sale[row], FULLY_IDLE) / FULLY_IDLE
        readiness = (
            log(max(earned, 1.0) / max(own, 1.0)) + IDLE_PULL * idle
            - terms.binding * np.float64(sellers.binding[row]))
        if draw32(key, sellers.person[row]) < threshold(courting * logistic(readiness)):
            sellers.carries[row] |= bit


@compiled
def _give_up(carries, active, person, hazard, key):
    """Let some sellers of nothing but rivals give up."""
    for row in range(carries.size):
        if carries[row] and not active[row] and draw32(key, person[row]) < threshold(hazard):
            carries[row] = 0


@compiled
def _notice(known, bit, chance, key):
    """Let some persons notice a rival that they did not know; return how many do."""
    won = 0
    limit = threshold(chance)
    for person in range(known.size):
        if not known[person] & bit and draw32(key, person) < limit:
            known[person] |= bit
            won += 1
    return won


@compiled
def _pitch(offer, known, seller, carries):
    """Make rivals known to everybody whom one of their sellers approached this week."""
    for person in range(offer.size):
        if offer[person] != np.uint64(NO_OFFER):
            row = offer_row(offer[person])
            if carries[row]:
                known[person] |= carries[row]
                seller[person] = row


@compiled
def _approach(known, seller, former, start, contacts, asks, key):
    """Let sellers of nothing but rivals approach random contacts."""
    for row in range(former.active.size):
        if former.active[row] or not former.carries[row]:
            continue
        person = former.person[row]
        degree = start[person + 1] - start[person]
        if degree == 0:
            continue
        luck = draw64(key, person)
        for ask in range(asks):
            place = np.int64(draw64(luck, ask) % np.uint64(degree))
            contact = contacts[former.ties[row] + place]
            known[contact] |= former.carries[row]
            seller[contact] = row
