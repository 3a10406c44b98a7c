"""Gathering: customers form cells around the brand, which grow, split and cooperate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sim.kernel import np
from sim.kernel.columns import Column, Table
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.brand import FORMS
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Gathering", "direct_price"]

CELLS = (
    Column("community", "i4", "community", "where the members live"),
    Column("size", "i4", "persons", "members"),
    Column("born", "i2", "week", "week of founding or splitting off"),
    Column("parent", "i4", "cell", "the cell it split off; -1 founded by a fan", -1),
    Column("form", "u1", "FORMS", "organisational form"),
)


class Gathering(Mechanism):
    """Fans and prosumers found cells, satisfied customers join, cells split above a size, members drift away.

    A cell's form follows its members' stages: platform, self-organisation (where geeks create),
    media (where fans spread), channel (where users repeat), brand (where both). Members buy in the
    brand's own channel; the traffic it need not buy is partly passed on to them (A14).
    """

    phase: ClassVar = "learn"
    writes: ClassVar = ("persons.cell", "brand")
    off: ClassVar = {"A14": {"gathering.founding": 0.0, "gathering.own_channel": False}}

    founding: float = parameter(
        None, "chance a week", 0, 1, "chance that a fan or prosumer founds a cell where there is none",
        control=("feedback_community", 0.0, 0.10), source="essay A: 细胞化组织")
    joining: float = parameter(
        None, "chance a week", 0, 1, "chance that a satisfied customer joins a cell nearby",
        control=("feedback_community", 0.0, 0.20))
    satisfaction: float = parameter(
        0.5, "share", 0, 1, "satisfaction below which nobody joins; 0.1 below it members leave")
    largest: int = parameter(60, "persons", 2, 100_000, "size above which a cell splits in two")
    belonging: float = parameter(
        0.4, "utility", 0, 100, "what belonging to a cell adds to the value of the product",
        source="19 % of a joiner's later revenue is due to the community (Manchanda et al. 2015)")
    own_channel: bool = parameter(
        True, "flag", None, None, "whether members can buy from the brand itself")
    saving: float = parameter(
        0.15, "share", 0, 1, "share of the list price that bought traffic costs",
        source="云集 and group leaders earn 10-20 % commission; essay A: 自带流量")
    passed_on: float = parameter(
        None, "share", 0, 1, "share of that saving that is passed on to consumers",
        control=("feedback_price", 0.0, 0.6), source="essay A: 把这些让利给消费者")

    def begin(self, world: World) -> None:
        """Make room for cells."""
        world.own(Cells).open_cell = np.full(world.graph.communities.size - 1, -1, np.int64)

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, cells = world.persons, world.own(Cells).table
        if self.founding == 0.0 and len(cells) == 0:
            return
        communities = world.graph.communities
        # At most one cell is founded and one split off in each community and week.
        before = len(cells)
        cells.append(2 * (communities.size - 1))
        count, members, concerned = _gather(
            persons.stage, persons.satisfaction, persons.cell, _prosumers(world), communities,
            world.own(Cells).open_cell, cells.community, cells.size, cells.born, cells.parent,
            before, self.founding, self.joining, self.satisfaction, self.largest, world.week,
            world.luck("found a cell"), world.luck("join a cell"),
        )
        cells.give_back(len(cells) - count)
        counts = np.zeros(len(FORMS), np.int64)
        _classify(concerned, persons.cell, persons.stage, cells.size, cells.form, counts)
        brand = world.brand
        brand.forms = tuple(counts.tolist())
        brand.communities, brand.members = sum(brand.forms), members


@dataclass
class Cells:
    """All cells that ever were, and the one that takes members in each community (-1: none)."""

    table: Table = field(default_factory=lambda: Table("cells", CELLS))
    open_cell: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


def direct_price(world: World) -> int:
    """Return the price at which the brand itself sells, fen: the list price less what is passed on.
    """
    price = world.settings.offer.list_price
    gathering = world.settings.rule("gathering")
    if gathering is None:
        return round(price * 100)
    return round(round(price * (1.0 - gathering.saving * gathering.passed_on), 2) * 100)


def _prosumers(world: World) -> np.ndarray:
    """Return a flag a person: active reseller without stock."""
    resellers = world.resellers
    flags = np.zeros(len(world.persons), np.uint8)
    _flag(flags, resellers.person, resellers.active, resellers.dropship)
    return flags


@compiled
def _flag(flags, who, active, dropship):
    for row in range(who.size):
        flags[who[row]] |= active[row] & dropship[row]


@compiled
def _gather(
    stage, satisfaction, cell, prosumer, communities, open_cell, cell_community, cell_size, born, parent,
    count, founding, joining, needed, largest, week, key_found, key_join,
):
    """Let people found, join, leave and split cells; return how many cells there are, how many
    members, and whom a cell may concern.
    """
    members = 0
    founds = threshold(founding)
    joins = threshold(joining)
    flags = np.empty(BLOCK, np.uint8)
    listed = np.empty(stage.size, np.uint32)
    many = 0
    for begin in range(0, stage.size, BLOCK):
        stages = stage[begin : begin + BLOCK]
        cells = cell[begin : begin + BLOCK]
        sells = prosumer[begin : begin + BLOCK]
        for index in range(stages.size):
            flags[index] = (cells[index] >= 0) | (sells[index] != 0) | (stages[index] > 0)
        many += pick(flags[: stages.size], begin, listed[many:])
    concerned = listed[:many]
    place = 0
    for community in range(communities.size - 1):
        begin = place
        while place < concerned.size and concerned[place] < communities[community + 1]:
            place += 1
        here = open_cell[community]
        for person in concerned[begin:place]:
            mine = cell[person]
            if mine >= 0:
                drifted = stage[person] == 0 or satisfaction[person] < needed - 0.1
                if drifted and not prosumer[person]:
                    cell[person] = -1
                    cell_size[mine] -= 1
                else:
                    members += 1
            elif here >= 0:
                satisfied = stage[person] > 0 and satisfaction[person] >= needed
                if satisfied or prosumer[person]:
                    if draw32(key_join, person) < joins:
                        cell[person] = here
                        cell_size[here] += 1
                        members += 1
            elif (stage[person] >= 3 or prosumer[person]) and draw32(key_found, person) < founds:
                here = count
                count += 1
                open_cell[community] = here
                cell_community[here] = community
                cell_size[here] = 1
                born[here] = week
                parent[here] = -1
                cell[person] = here
                members += 1
        if here >= 0 and cell_size[here] > largest:
            young = count
            count += 1
            cell_community[young] = community
            born[young] = week
            parent[young] = here
            cell_size[young] = 0
            odd = False
            for person in concerned[begin:place]:
                if cell[person] == here:
                    if odd:
                        cell[person] = young
                        cell_size[young] += 1
                        cell_size[here] -= 1
                    odd = not odd
            open_cell[community] = young
        elif here >= 0 and cell_size[here] == 0:
            open_cell[community] = -1
    return count, members, concerned


@compiled
def _classify(people, cell, stage, size, form, counts):
    """Give every cell the form of its members' stages; count living cells by form."""
    members = np.zeros((form.size, 5), np.int64)
    for person in people:
        if cell[person] >= 0:
            members[cell[person], stage[person]] += 1
    for which in range(form.size):
        _, _, users, fans, geeks = members[which]
        all_of_them = max(members[which].sum(), 1)
        creates = geeks * 20 >= all_of_them
        spreads = (fans + geeks) * 4 >= all_of_them
        repeats = (users + fans + geeks) * 2 >= all_of_them
        form[which] = 0
        if creates:
            form[which] = 1
        if spreads:
            form[which] = 2
        if repeats:
            form[which] = 3
        if spreads and repeats:
            form[which] = 4
        if size[which] > 0:
            counts[form[which]] += 1
