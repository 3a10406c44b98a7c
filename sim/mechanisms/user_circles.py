"""User circles: four kinds of relation to the brand, each with its own offer and conversion."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing, compiled
from sim.market.appeals import move_appeal
from sim.market.outputs import Output
from sim.market.persons import FAN
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["CIRCLES", "UserCircles"]

CIRCLES = ("die_hard", "spokesperson", "single_product_seller", "partner")
"""The four kinds of circle (essay B: 铁杆用户、产品代言、单品分销、合伙人)."""
NO_CIRCLE, DIE_HARD, SPOKESPERSON, SINGLE, PARTNER = range(5)


class UserCircles(Mechanism):
    """The brand sorts its people into four kinds of circle, and makes each kind its own offer.

    Active resellers are partners if they have recruited others, else single-product sellers. Among
    all others, fans are spokespersons, and satisfied buyers of `loyal_purchases` or more are die-hard
    users (铁杆用户、产品代言、单品分销、合伙人). Die-hard users buy at a discount. Spokespersons are lent
    the newest product, so they are sure of what they say (`persons.evidence`). Single-product sellers
    try harder, with one thing to sell (`resellers.effort`). Partners are bound by a share in the future
    (`resellers.binding`, B10).

    Inside a circle people meet others like them: the more of the same kind there are in the community,
    the more staying appeals (层内互动, 用户的粘度会更强), especially if they are alike: `values` is the
    weight of shared values, measured by how close a member's taste is to the circle's mean. This
    weight is a guess.
    """

    phase: ClassVar = "inform"
    reads: ClassVar = (
        "persons.stage", "persons.purchases", "persons.satisfaction", "persons.reseller",
        "persons.last_purchase", "persons.taste_x", "persons.taste_y",
        "resellers.active", "resellers.recruits", "resellers.person",
    )
    writes: ClassVar = (
        "persons.circle", "persons.appeal", "persons.circle_appeal", "persons.discount",
        "persons.circle_discount", "persons.evidence", "resellers.effort", "resellers.binding",
    )
    columns: ClassVar = (
        ("persons", Column("circle", "u1", "CIRCLES", "0 none, 1 die-hard user, 2 spokesperson, "
                           "3 single-product seller, 4 partner", low=0, high=len(CIRCLES))),
        ("persons", Column("circle_appeal", "f4", "utility", "what the circle adds to the appeal")),
        ("persons", Column("circle_discount", "i4", "fen", "part of the discount that is for die-hard "
                           "users", low=0)),
    )
    outputs: ClassVar = (
        *(Output(f"circle_{circle}", "persons", f"in the circle '{circle}'") for circle in CIRCLES),
        *(Output(f"bought_{circle}", "persons", f"of the circle '{circle}', who bought last week")
          for circle in CIRCLES),
    )
    dial: ClassVar = "interaction"
    off: ClassVar = {"B14": {"user_circles.interaction": 0.0}}

    interaction: float = parameter(
        0.0, "utility", 0, 100, "utility that many of one's kind nearby add to buying the product",
        source="19 % of a joiner's later revenue is due to the community (Manchanda et al. 2015): 0.4, as "
        "`brand_communities.utility`", prior=Prior(0.0, 1.6, "from none to four times that"))
    values: float = parameter(
        0.2, "utility", 0, 100, "utility that shared values add for somebody at the heart of the circle",
        source="essay A: 生活方式和消费价值观; half of the interaction: a guess",
        prior=Prior(0.0, 1.0, "from none to more than the interaction"))
    loyal_purchases: int = parameter(
        4, "purchases", 1, 1000, "purchases that make a satisfied buyer a die-hard user",
        source="twice those of a user (`loyalty_stages.user_purchases`)")
    loyal_discount: float = parameter(
        0.05, "share", 0, 0.9, "discount for die-hard users on the list price",
        source="loyalty schemes give back a few per cent: working assumption",
        prior=Prior(0.0, 0.15, "from none to a whole commission"))
    focus: float = parameter(
        0.2, "times the normal", 0, 10, "effort that a single-product seller adds",
        source="as much as training adds (`training.effort`): working assumption",
        prior=Prior(0.0, 1.0, "from none to twice the normal"))
    partnership: float = parameter(
        0.3, "share", 0, 1, "least tie to the brand that a partner has",
        source="essay B: 与品牌有较强利益绑定关系的微商体系; working assumption",
        prior=Prior(0.0, 1.0, "from none to a full tie"))

    def step(self, world: World) -> None:
        """Sort people into circles, give each circle its offer, and let people meet."""
        persons, resellers, communities = world.persons, world.resellers, world.graph.communities
        fen = round(self.loyal_discount * world.settings.offer.list_price * 100)
        members = np.zeros(len(CIRCLES) + 1, np.int64)
        bought = np.zeros(len(CIRCLES) + 1, np.int64)
        _sort(persons.view(People), resellers.view(Roles), self.parameters, world.week, members, bought)
        # Training resets the effort every week; without training it would grow week by week.
        focus = self.focus if world.settings.rule("training") is not None else 0.0
        _offer(persons.view(People), resellers.view(Roles), focus, self.partnership, fen)
        _meet(persons.view(People), communities, self.interaction, self.values)
        for kind, circle in enumerate(CIRCLES, start=1):
            world.count(f"circle_{circle}", int(members[kind]))
            world.count(f"bought_{circle}", int(bought[kind]))

    def end(self, world: World) -> None:
        """Dissolve the circles."""
        world.persons["circle"][:] = NO_CIRCLE
        _offer(world.persons.view(People), world.resellers.view(Roles), 0.0, 0.0, 0)
        _meet(world.persons.view(People), world.graph.communities, 0.0, 0.0)


class People(NamedTuple):
    """Columns of persons that circles read or change."""

    stage: np.ndarray
    purchases: np.ndarray
    satisfaction: np.ndarray
    reseller: np.ndarray
    last_purchase: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray
    circle: np.ndarray
    appeal: np.ndarray
    circle_appeal: np.ndarray
    discount: np.ndarray
    circle_discount: np.ndarray
    evidence: np.ndarray


class Roles(NamedTuple):
    """Columns of resellers that circles read or change."""

    person: np.ndarray
    active: np.ndarray
    recruits: np.ndarray
    effort: np.ndarray
    binding: np.ndarray


SATISFIED = 0.5
"""Satisfaction above which a buyer is satisfied."""
SURE = 3.0
"""Experiences that the loan of the newest product counts as."""
HALF_A_CIRCLE = 5.0
"""Others of the same kind in the community that have half of the full effect."""
FADING = 4.0
"""Loss of shared values with squared distance from the mean taste: half is left at a distance of 1/2."""


@borrowing
def _sort(people, roles, rule, week, members, bought):
    """Put everybody into a circle or none; count members, and those who bought last week."""
    for person in range(people.circle.size):
        kind = NO_CIRCLE
        row = people.reseller[person]
        if row >= 0 and roles.active[row]:
            kind = PARTNER if roles.recruits[row] > 0 else SINGLE
        elif people.stage[person] >= FAN:
            kind = SPOKESPERSON
        elif people.purchases[person] >= rule.loyal_purchases and people.satisfaction[person] > SATISFIED:
            kind = DIE_HARD
        people.circle[person] = kind
        members[kind] += 1
        bought[kind] += people.last_purchase[person] == week - 1


@borrowing
def _offer(people, roles, focus, partnership, fen):
    """Give each circle its offer: a discount, evidence, effort or binding."""
    for person in range(people.circle.size):
        kind = people.circle[person]
        if kind == DIE_HARD or people.circle_discount[person] != 0:
            granted = fen if kind == DIE_HARD else 0
            # `discount` sums what several rules grant: replace the part of this one.
            people.discount[person] += granted - people.circle_discount[person]
            people.circle_discount[person] = granted
        if kind == SPOKESPERSON:
            people.evidence[person] = max(people.evidence[person], np.float32(SURE))
    for row in range(roles.active.size):
        if not roles.active[row]:
            continue
        kind = people.circle[roles.person[row]]
        if kind == SINGLE:
            roles.effort[row] = np.float64(roles.effort[row]) * (1.0 + focus)
        elif kind == PARTNER:
            roles.binding[row] = max(np.float64(roles.binding[row]), partnership)


@compiled
def _meet(people, communities, interaction, values):
    """Update the appeal that people find in others of their circle in the same community."""
    count = np.empty(PARTNER + 1)
    sum_x = np.empty(PARTNER + 1)
    sum_y = np.empty(PARTNER + 1)
    for community in range(communities.size - 1):
        first, end = communities[community], communities[community + 1]
        count[:] = 0.0
        sum_x[:] = 0.0
        sum_y[:] = 0.0
        for person in range(first, end):
            kind = people.circle[person]
            count[kind] += 1.0
            sum_x[kind] += np.float64(people.taste_x[person])
            sum_y[kind] += np.float64(people.taste_y[person])
        for person in range(first, end):
            kind = people.circle[person]
            utility = 0.0
            if kind != NO_CIRCLE and count[kind] > 1.0:
                others = count[kind] - 1.0
                dx = np.float64(people.taste_x[person]) - sum_x[kind] / count[kind]
                dy = np.float64(people.taste_y[person]) - sum_y[kind] / count[kind]
                alike = 1.0 / (1.0 + FADING * (dx * dx + dy * dy))
                utility = (interaction + values * alike) * others / (others + HALF_A_CIRCLE)
            if utility != 0.0 or people.circle_appeal[person] != 0.0:
                move_appeal(person, utility, people.appeal, people.circle_appeal)
