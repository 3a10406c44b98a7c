"""Brand communities: customers form cells around the brand, which grow, split and cooperate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column, Table
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.brand import CHANNEL, FORMS, MEDIA, ORGANISATION, OWN_BRAND, PLATFORM
from sim.market.persons import FAN, GEEK, NOBODY, STAGES, STRANGER, USER
from sim.market.resellers import prosumers
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["BrandCommunities", "direct_price"]

CELLS = (
    Column("community", "i4", "community", "where the members live"),
    Column("size", "i4", "persons", "members"),
    Column("born", "i2", "week", "week of founding or splitting off"),
    Column("parent", "i4", "cell", "the cell it split off; -1: founded by a fan or prosumer", -1),
    Column("form", "u1", "FORMS", "organisational form"),
)


class BrandCommunities(Mechanism):
    """Fans and prosumers found cells, satisfied customers join, large cells split, members leave.

    A cell's form follows its members' stages: platform, self-organisation (where geeks create),
    media (where fans spread the word), channel (where users buy again), brand (where both happen).
    Members buy in the brand's own channel; part of what the brand saves on bought traffic is passed
    on to them (A14).
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.stage", "persons.satisfaction", "resellers.person", "resellers.active",
        "resellers.dropship",
    )
    writes: ClassVar = ("persons.cell", "brand.forms", "brand.communities", "brand.members")
    off: ClassVar = {"A14": {"brand_communities.founding": 0.0, "brand_communities.own_channel": False}}

    founding: float = parameter(
        None, "chance a week", 0, 1, "chance that a fan or prosumer founds a cell where there is none",
        control=("feedback_community", 0.0, 0.10), source="essay A: 细胞化组织")
    joining: float = parameter(
        None, "chance a week", 0, 1, "chance that a satisfied customer joins a cell nearby",
        control=("feedback_community", 0.0, 0.20))
    member_satisfaction: float = parameter(
        0.5, "share", 0, 1, "satisfaction below which nobody joins; 0.1 below it members leave")
    max_size: int = parameter(60, "persons", 2, 100_000, "size above which a cell splits in two")
    utility: float = parameter(
        0.4, "utility", 0, 100, "what belonging to a cell adds to the value of the product",
        source="19 % of a joiner's later revenue is due to the community (Manchanda et al. 2015)")
    own_channel: bool = parameter(
        True, "flag", None, None, "whether members can buy from the brand itself")
    saving: float = parameter(
        0.15, "share", 0, 1,
        "share of the list price that a sale in the own channel spares, at most what a referrer gets",
        source="云集 and group leaders earn 10-20 % commission; essay A: 自带流量")
    passed_on: float = parameter(
        None, "share", 0, 1, "share of that saving that is passed on to consumers",
        control=("feedback_price", 0.0, 0.6), source="essay A: 把这些让利给消费者")

    def begin(self, world: World) -> None:
        """Make room for cells."""
        own, communities, mine = world.own(Cells), world.graph.communities, world.persons.cell
        own.open_cell = np.full(communities.size - 1, NO_CELL, np.int64)
        # Cells that were there before week 1: each in the community of its members.
        members, places = np.unique(mine[mine >= 0], return_index=True)
        if not world.week and members.size:
            own.table.append(members.size)
            where = np.searchsorted(communities, np.flatnonzero(mine >= 0)[places], side="right") - 1
            own.table.community[:] = where
            own.table.size[:] = np.bincount(mine[mine >= 0])
            own.open_cell[where] = members

    def step(self, world: World) -> None:
        """Let people found, join and leave cells, split large cells, and tell the forms of all."""
        persons, own = world.persons, world.own(Cells)
        cells = own.table
        if self.founding == 0.0 and len(cells) == 0:
            return
        communities = world.graph.communities
        people = People(persons.stage, persons.satisfaction, persons.cell, _prosumers(world))
        concerned = _concerned(people)
        # At most one cell is founded and one split off in each community and week.
        before = len(cells)
        cells.append(2 * (communities.size - 1))
        luck = Luck(world.luck("found a cell"), world.luck("join a cell"))
        count, members = _gather(
            concerned, people, communities, own.open_cell, cells.view(CellColumns), before,
            self.parameters, luck, world.week)
        cells.give_back(len(cells) - count)
        counts = np.zeros(len(FORMS), np.int64)
        _classify(concerned, people, cells.size, cells.form, counts)
        brand = world.brand
        brand.forms = tuple(counts.tolist())
        brand.communities, brand.members = sum(brand.forms), members


@dataclass
class Cells:
    """All cells that ever were, and the one that takes members in each community."""

    table: Table = field(default_factory=lambda: Table("cells", CELLS))
    open_cell: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


class People(NamedTuple):
    """Columns of persons that gathering reads or changes, and a flag for prosumers."""

    stage: np.ndarray
    satisfaction: np.ndarray
    cell: np.ndarray
    prosumer: np.ndarray


class CellColumns(NamedTuple):
    """Columns of cells, but for the form."""

    community: np.ndarray
    size: np.ndarray
    born: np.ndarray
    parent: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    found: np.uint64
    join: np.uint64


NO_CELL = -1
"""No cell takes members in this community; no cell has been split to make this one."""
INERTIA = 0.1
"""Satisfaction may fall by so much below what joining takes before a member leaves."""
N_STAGES = len(STAGES)
# A form asks for one in so many members of these stages or above.
CREATING = 20
SPREADING = 4
REPEATING = 2


def direct_price(world: World) -> int:
    """Return the brand's own price, fen: the list price less what is passed on of the traffic saved.
    """
    price = world.settings.offer.list_price
    brand_communities = world.settings.rule("brand_communities")
    if brand_communities is None:
        return round(price * 100)
    referral = world.settings.rule("referral")
    # An own channel spares what a referrer would get, and cannot pass on more than it spares.
    spared = min(brand_communities.saving, referral.share) if referral else brand_communities.saving
    return round(round(price * (1.0 - spared * brand_communities.passed_on), 2) * 100)


def _prosumers(world: World) -> np.ndarray:
    """Return a flag for each person: an active reseller without stock."""
    flags = np.zeros(len(world.persons), np.uint8)
    flags[world.resellers.person[prosumers(world.resellers)]] = 1
    return flags


@compiled
def _concerned(people):
    """Return who is in a cell or may join one, in the order of persons."""
    flags = np.empty(BLOCK, np.uint8)
    listed = np.empty(people.stage.size, np.uint32)
    many = 0
    for begin in range(0, people.stage.size, BLOCK):
        stages = people.stage[begin : begin + BLOCK]
        cells = people.cell[begin : begin + BLOCK]
        sells = people.prosumer[begin : begin + BLOCK]
        for index in range(stages.size):
            flags[index] = (
                (cells[index] >= 0) | (sells[index] != 0) | (stages[index] > STRANGER))
        many += pick(flags[: stages.size], begin, listed[many:])
    return listed[:many]


@compiled
def _gather(concerned, people, communities, open_cell, cells, count, rule, luck, week):
    """Let people found, join, leave and split cells, one community after the other.

    Return how many cells there are, of which `count` were there before, and how many members.
    """
    members = 0
    founds = threshold(rule.founding)
    joins = threshold(rule.joining)
    place = 0
    for community in range(communities.size - 1):
        begin = place
        while place < concerned.size and concerned[place] < communities[community + 1]:
            place += 1
        neighbours = concerned[begin:place]
        here = open_cell[community]
        for person in neighbours:
            mine = people.cell[person]
            if mine >= 0:
                if _leaves(person, people, rule):
                    people.cell[person] = NOBODY
                    cells.size[mine] -= 1
                else:
                    members += 1
            elif here >= 0:
                if _may_join(person, people, rule) and draw32(luck.join, person) < joins:
                    people.cell[person] = here
                    cells.size[here] += 1
                    members += 1
            elif _may_found(person, people) and draw32(luck.found, person) < founds:
                here = count
                _begin_cell(here, community, NO_CELL, cells, week)
                people.cell[person] = here
                cells.size[here] = 1
                count += 1
                members += 1
        if here >= 0 and cells.size[here] > rule.max_size:
            _begin_cell(count, community, here, cells, week)
            _split(here, count, neighbours, people, cells)
            here = count
            count += 1
        elif here >= 0 and cells.size[here] == 0:
            here = NO_CELL
        open_cell[community] = here
    return count, members


@compiled
def _leaves(person, people, rule):
    """Return whether a member has lost interest; prosumers stay."""
    return not people.prosumer[person] and (
        people.stage[person] == STRANGER
        or people.satisfaction[person] < rule.member_satisfaction - INERTIA)


@compiled
def _may_join(person, people, rule):
    """Return whether somebody is a satisfied customer or a prosumer."""
    return people.prosumer[person] or (
        people.stage[person] > STRANGER and people.satisfaction[person] >= rule.member_satisfaction)


@compiled
def _may_found(person, people):
    """Return whether somebody is a fan or a prosumer."""
    return people.prosumer[person] or people.stage[person] >= FAN


@compiled
def _begin_cell(which, community, parent, cells, week):
    """Begin a cell without members."""
    cells.community[which] = community
    cells.size[which] = 0
    cells.born[which] = week
    cells.parent[which] = parent


@compiled
def _split(old, young, neighbours, people, cells):
    """Move every other member of the old cell to the young one."""
    moves = False
    for person in neighbours:
        if people.cell[person] == old:
            if moves:
                people.cell[person] = young
                cells.size[young] += 1
                cells.size[old] -= 1
            moves = not moves


@compiled
def _classify(concerned, people, size, form, counts):
    """Give every cell the form of its members' stages; count living cells by form."""
    members = np.zeros((form.size, N_STAGES), np.int64)
    for person in concerned:
        if people.cell[person] >= 0:
            members[people.cell[person], people.stage[person]] += 1
    for which in range(form.size):
        form[which] = _form(members[which])
        if size[which] > 0:
            counts[form[which]] += 1


@compiled
def _form(members):
    """Return the form of a cell with so many members in each stage."""
    total = max(members.sum(), 1)
    geeks = members[GEEK]
    fans = members[FAN] + geeks
    users = members[USER] + fans
    spreads = fans * SPREADING >= total
    repeats = users * REPEATING >= total
    if spreads and repeats:
        return OWN_BRAND
    if repeats:
        return CHANNEL
    if spreads:
        return MEDIA
    return ORGANISATION if geeks * CREATING >= total else PLATFORM
