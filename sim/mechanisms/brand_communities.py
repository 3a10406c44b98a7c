"""Brand communities: customers form cells around the brand, which grow, split and cooperate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column, Table
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.brand import (
    CHANNEL,
    FORMS,
    MEDIA,
    ORGANISATION,
    ORGANISES,
    OWN_BRAND,
    PLATFORM,
    SELLS,
    SPEAKS,
    VOUCHES,
)
from sim.market.persons import FAN, GEEK, NOBODY, STAGES, STRANGER, USER
from sim.market.resellers import prosumers
from sim.mechanisms.base import Mechanism, World, parameter
from sim.mechanisms.loyalty_stages import creative_prosumers

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

    A cell's form follows from its members' stages, and each form can do what the one before could
    not (A14). An own platform gathers people who value belonging. With a member who can create, the
    cell organises itself, and its creative members bring more ideas (`customer_data.cooperation`).
    With enough fans it is an own medium, heard by more people (`word_of_mouth.cell_listeners`). When
    half are users, it is an own channel: members buy from the brand itself, which passes on part of
    the saved cost of traffic. A cell that is both is an own brand: its members vouch for the product
    without an occasion, as fans do.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.stage", "persons.satisfaction", "resellers.person", "resellers.active",
        "resellers.dropship",
    )
    writes: ClassVar = (
        "persons.cell", "persons.powers", "brand.forms", "brand.communities", "brand.members",
        "brand.organised")
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
        True, "flag", None, None, "whether members of own channels can buy from the brand itself")
    own_brand: bool = parameter(
        True, "flag", None, None, "whether members of own brands vouch for the product, as fans do",
        source="essay A: 品牌成为客户自身的代言人")
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
        # Cells that exist before week 1: each belongs to the community of its members.
        members, places = np.unique(mine[mine >= 0], return_index=True)
        if not world.week and members.size:
            own.table.append(members.size)
            where = np.searchsorted(communities, np.flatnonzero(mine >= 0)[places], side="right") - 1
            own.table.community[:] = where
            own.table.size[:] = np.bincount(mine[mine >= 0])
            own.open_cell[where] = members
            people = _people(world)
            self._tell(world, people, _concerned(people))

    def step(self, world: World) -> None:
        """Let people found, join and leave cells, split large cells, and report the forms of all."""
        own = world.own(Cells)
        cells = own.table
        if self.founding == 0.0 and len(cells) == 0:
            return
        communities = world.graph.communities
        people = _people(world)
        concerned = _concerned(people)
        # At most one cell is founded and one split off in each community and week.
        before = len(cells)
        cells.append(2 * (communities.size - 1))
        luck = Luck(world.luck("found a cell"), world.luck("join a cell"))
        count, members = _gather(
            concerned, people, communities, own.open_cell, cells.view(CellColumns), before,
            self.parameters, luck, world.week)
        cells.give_back(len(cells) - count)
        world.brand.members = members
        self._tell(world, people, concerned)

    def _tell(self, world: World, people: People, concerned: np.ndarray) -> None:
        """Update the forms of all cells and the powers of their members."""
        cells, brand = world.own(Cells).table, world.brand
        counts = np.zeros(len(FORMS), np.int64)
        brand.organised = int(_classify(
            concerned, people, cells.size, cells.form, counts, VOUCHES if self.own_brand else 0))
        brand.forms = tuple(counts.tolist())
        brand.communities = sum(brand.forms)


@dataclass
class Cells:
    """All cells there ever were, and the cell of each community that takes members."""

    table: Table = field(default_factory=lambda: Table("cells", CELLS))
    open_cell: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


class People(NamedTuple):
    """Columns of persons that gathering reads or changes, and who is a prosumer or can create."""

    stage: np.ndarray
    satisfaction: np.ndarray
    cell: np.ndarray
    powers: np.ndarray
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
"""No cell of this community takes members, or this cell was not split off another one."""
INERTIA = 0.1
"""How far satisfaction may fall below the threshold of joining before a member leaves."""
N_STAGES = len(STAGES)
# A form takes one in this many members of these stages or above: the shares that create and
# contribute in most communities (1 % and 9 %: Nielsen 2006), and half who buy again.
CREATING = 100
SPREADING = 11
REPEATING = 2
PROSUMER, CREATIVE = 1, 2
"""Marks of an active prosumer, and of one who can create."""


def direct_price(world: World) -> int:
    """Return the brand's own price, fen: the list price less the share of saved traffic passed on.
    """
    price = world.settings.offer.list_price
    brand_communities = world.settings.rule("brand_communities")
    if brand_communities is None:
        return round(price * 100)
    referral = world.settings.rule("referral")
    # An own channel saves the referrer's share, and cannot pass on more than it saves.
    spared = min(brand_communities.saving, referral.share) if referral else brand_communities.saving
    return round(round(price * (1.0 - spared * brand_communities.passed_on), 2) * 100)


def _people(world: World) -> People:
    """Return the columns of persons, and who is a prosumer."""
    persons = world.persons
    return People(persons.stage, persons.satisfaction, persons.cell, persons.powers, _prosumers(world))


def _prosumers(world: World) -> np.ndarray:
    """Return a mark for each person: active reseller without stock, or able to create."""
    marks = np.zeros(len(world.persons), np.uint8)
    marks[world.resellers.person[prosumers(world.resellers)]] = PROSUMER
    marks[creative_prosumers(world)] = CREATIVE
    return marks


@compiled
def _concerned(people):
    """Return the persons who are in a cell or may join one, in the order of persons."""
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


@borrowing
def _gather(concerned, people, communities, open_cell, cells, count, rule, luck, week):
    """Let people found, join, leave and split cells, one community after the other.

    `count` is the number of cells before. Return the number of cells after, and of members.
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


@borrowing
def _leaves(person, people, rule):
    """Return whether a member has lost interest; prosumers stay."""
    return not people.prosumer[person] and (
        people.stage[person] == STRANGER
        or people.satisfaction[person] < rule.member_satisfaction - INERTIA)


@borrowing
def _may_join(person, people, rule):
    """Return whether somebody is a satisfied customer or a prosumer."""
    return people.prosumer[person] or (
        people.stage[person] > STRANGER and people.satisfaction[person] >= rule.member_satisfaction)


@borrowing
def _may_found(person, people):
    """Return whether a person may found a cell, as fans and prosumers may."""
    return people.prosumer[person] or people.stage[person] >= FAN


@borrowing
def _begin_cell(which, community, parent, cells, week):
    """Begin a cell without members."""
    cells.community[which] = community
    cells.size[which] = 0
    cells.born[which] = week
    cells.parent[which] = parent


@borrowing
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
def _classify(concerned, people, size, form, counts, vouches):
    """Set the form of every cell and the powers of its members; count living cells by form.

    Return the members who can create, in cells that organise themselves.
    """
    members = np.zeros((form.size, N_STAGES), np.int64)
    able = np.zeros(form.size, np.int64)
    for person in concerned:
        which = people.cell[person]
        if which >= 0:
            members[which, people.stage[person]] += 1
            able[which] += people.stage[person] == GEEK or people.prosumer[person] == CREATIVE
    powers = np.zeros(form.size, np.uint8)
    organised = 0
    for which in range(form.size):
        powers[which] = _powers(members[which], able[which])
        form[which] = _form(powers[which])
        if size[which] > 0:
            counts[form[which]] += 1
        if powers[which] & ORGANISES:
            organised += able[which]
    for person in concerned:
        which = people.cell[person]
        held = powers[which] & (ORGANISES | SPEAKS | SELLS | vouches) if which >= 0 else 0
        people.powers[person] = held
    return organised


@borrowing
def _powers(members, able):
    """Return what a cell can do, given its members by stage and how many of them can create."""
    total = max(members.sum(), 1)
    fans = members[FAN] + members[GEEK]
    users = members[USER] + fans
    powers = 0
    if able * CREATING >= total:
        powers |= ORGANISES
    if fans * SPREADING >= total:
        powers |= SPEAKS
    if users * REPEATING >= total:
        powers |= SELLS
    if powers & SPEAKS and powers & SELLS:
        powers |= VOUCHES
    return powers


@borrowing
def _form(powers):
    """Return the most advanced form of a cell that has these powers."""
    if powers & VOUCHES:
        return OWN_BRAND
    if powers & SELLS:
        return CHANNEL
    if powers & SPEAKS:
        return MEDIA
    return ORGANISATION if powers & ORGANISES else PLATFORM
