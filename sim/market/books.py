"""Double-entry books of goods and money.

Goods move between places, money between parties, always by whole units and whole fen and always
with two sides. The columns in which persons and resellers hold goods and money are the subsidiary
ledgers; `Books.check` compares both every week and cannot be switched off.
"""

from __future__ import annotations

import operator

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.picking import in_order
from sim.texts import _

__all__ = ["Books", "ConservationError", "Ledger", "split_largest_remainder", "whole"]

LIMIT = 1 << 62
"""Largest balance allowed, well below the largest 64-bit integer."""


def whole(amount: object) -> int:
    """Return a whole number as a Python int; TypeError for a fraction, which would be cut off."""
    try:
        return operator.index(amount)  # type: ignore[arg-type]
    except TypeError:
        if isinstance(amount, (float, np.floating)) and float(amount).is_integer():
            return int(amount)
        raise TypeError(_("units and fen are whole numbers, not {found!r}").format(
            found=amount)) from None


class ConservationError(AssertionError):
    """Goods or money appeared or vanished: the run stops, since its numbers would be wrong."""


class Ledger:
    """Balances that always add up to zero."""

    def __init__(self, name: str, accounts: tuple[str, ...]) -> None:
        self.name = name
        self.balance: dict[str, int] = dict.fromkeys(accounts, 0)
        self.turnover: dict[tuple[str, str], int] = {}

    def open(self, account: str) -> None:
        """Open an account of this name if it does not exist: a custom rule's tax office, say."""
        self.balance.setdefault(account, 0)

    def move(self, source: str, target: str, amount: int) -> None:
        """Move a whole `amount` >= 0 from one account to another.

        Raises
        ------
        ConservationError
            For a negative amount or an account that does not exist.
        """
        if type(amount) is not int:
            amount = whole(amount)
        if amount < 0 or source not in self.balance or target not in self.balance:
            raise ConservationError(f"{self.name}: cannot move {amount} from {source} to {target}")
        self.balance[source] -= amount
        self.balance[target] += amount
        self.turnover[source, target] = self.turnover.get((source, target), 0) + amount

    def __getitem__(self, account: str) -> int:
        return self.balance[account]


class Books:
    """Where every unit and every fen is.

    Goods: `made` is the source and carries minus all units ever produced; `factory`, `transit`
    (paid and on the way), `channel` (resellers and leavers), `homes`, `consumed`, `written_off`.
    Money: `brand`, `resellers`, `households` (what consumers earn and resellers bring in), `purses`
    (what consumers have set aside for the category), `rivals` (who sell comparable products),
    `makers` (cost of production), `media` (advertising, service and parcels), `legacy` (the legacy
    channel).
    """

    GOODS = ("made", "factory", "transit", "channel", "homes", "consumed", "written_off")
    MONEY = ("brand", "resellers", "households", "purses", "rivals", "makers", "media", "legacy")

    def __init__(self) -> None:
        self.goods = Ledger("goods", self.GOODS)
        self.money = Ledger("money", self.MONEY)

    def set_aside(self, fen: int) -> None:
        """Move fen from household income to purses, or back if negative."""
        self.money.move("households", "purses", max(0, fen))
        self.money.move("purses", "households", max(0, -fen))

    def check(self, held: dict[str, int], cash: dict[str, int], week: int) -> None:
        """Compare the accounts with what the columns hold.

        Parameters
        ----------
        held
            Units by goods account, summed over the columns.
        cash
            Fen by money account, summed over the columns.
        week
            For the message.

        Raises
        ------
        ConservationError
            When anything differs by a single unit or fen, or a balance nears 64 bits.
        """
        for ledger in (self.goods, self.money):
            total = sum(ledger.balance.values())
            if total != 0:
                raise ConservationError(f"week {week}: {ledger.name} add up to {total}, not to 0")
            if any(abs(value) > LIMIT for value in ledger.balance.values()):
                raise ConservationError(f"week {week}: a balance of {ledger.name} nears 2^62")
        for place, units in held.items():
            if units != self.goods[place]:
                raise ConservationError(
                    f"week {week}: {place} holds {units} units, its account says "
                    f"{self.goods[place]}"
                )
            if units < 0:
                raise ConservationError(f"week {week}: {place} holds {units} units")
        for party, fen in cash.items():
            if fen != self.money[party]:
                raise ConservationError(
                    f"week {week}: {party} hold {fen} fen, their account says {self.money[party]}")


@compiled
def split_largest_remainder(available, wanted, given):
    """Ration `available` units in proportion to `wanted`, by largest remainders, ties by row.

    Fills `given` (int64, same length) and returns the units given: the smaller of `available` and
    the sum of `wanted`.
    """
    total = np.int64(0)
    for row in range(wanted.size):
        total += wanted[row]
    if total <= available:
        for row in range(wanted.size):
            given[row] = wanted[row]
        return total
    left = available
    rest = np.empty(wanted.size, np.int64)
    for row in range(wanted.size):
        # 128-bit products do not exist here: quantities stay below 2^31 by the bounds of settings.
        product = wanted[row] * available
        given[row] = product // total
        rest[row] = -(product % total)
        left -= given[row]
    order = in_order(rest)
    for position in range(left):
        given[order[position]] += 1
    return available
