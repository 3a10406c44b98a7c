"""Communities, and the cells of customers that form in them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainModel
    from benchmarks.plain_mesa.person import Person


class Cell:
    """Customers organised around the brand."""

    def __init__(self) -> None:
        self.members: list[Person] = []

    def join(self, person: Person) -> None:
        self.members.append(person)
        person.cell = self

    def leave(self, person: Person) -> None:
        self.members.remove(person)
        person.cell = None

    def form(self) -> str:
        """Return the organisational form, which follows the members' stages."""
        stages = Counter(person.stage for person in self.members)
        size = len(self.members)
        users, fans, geeks = stages[2], stages[3], stages[4]
        spreads = (fans + geeks) * 4 >= size
        repeats = (users + fans + geeks) * 2 >= size
        if spreads and repeats:
            return "brand"
        if repeats:
            return "channel"
        if spreads:
            return "media"
        return "organisation" if geeks * 20 >= size else "platform"


class Community:
    """Persons who live near each other, and the one cell there that is open to newcomers."""

    def __init__(self, model: PlainModel) -> None:
        self.model = model
        self.open_cell: Cell | None = None
        self.cheapest = 0.0

    def found_cell(self, members: list[Person]) -> None:
        self.open_cell = Cell()
        self.model.cells.append(self.open_cell)
        for person in members:
            self.open_cell.join(person)

    def tend(self) -> None:
        """Split the open cell when it is too large, forget it when it is empty."""
        cell = self.open_cell
        if cell is None:
            return
        if len(cell.members) > self.model.rules.gathering.largest:
            movers = sorted(cell.members, key=lambda person: person.number)[1::2]
            for person in movers:
                cell.leave(person)
            self.found_cell(movers)
        elif not cell.members:
            self.open_cell = None
