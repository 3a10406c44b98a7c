"""Books: known splits, every move has two sides, and a machine that tries to lose a unit."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sim.market.books import Books, ConservationError, Ledger, split_largest_remainder

WANTED = st.lists(st.integers(0, 10_000), max_size=30)


def split(available: int, wanted: list[int]) -> list[int]:
    given_out = np.zeros(len(wanted), np.int64)
    total = split_largest_remainder(available, np.array(wanted, np.int64), given_out)
    assert total == given_out.sum()
    return given_out.tolist()


def by_fractions(available: int, wanted: list[int]) -> list[int]:
    """Return the split by largest remainders, ties by place, in exact arithmetic."""
    total = sum(wanted)
    if total <= available:
        return wanted
    quotas = [Fraction(available * want, total) for want in wanted]
    out = [int(quota) for quota in quotas]
    order = sorted(range(len(wanted)), key=lambda i: (out[i] - quotas[i], i))
    for place in order[: available - sum(out)]:
        out[place] += 1
    return out


@given(st.integers(0, 100_000), WANTED)
def test_rationing_is_by_largest_remainders(available: int, wanted: list[int]) -> None:
    given_out = split(available, wanted)
    assert given_out == by_fractions(available, wanted)
    assert sum(given_out) == min(available, sum(wanted))
    assert all(0 <= got <= want for got, want in zip(given_out, wanted, strict=True))


def test_known_splits() -> None:
    assert split(10, [10, 5, 5]) == [5, 3, 2]
    assert split(0, [3, 4]) == [0, 0]
    assert split(1, [1, 1, 1]) == [1, 0, 0]
    # Large quantities do not overflow: both stay below 2^31.
    assert split(2**31 - 2, [2**31 - 1, 1]) == by_fractions(2**31 - 2, [2**31 - 1, 1])
    # The first share falls short of a whole unit by less than a 64-bit float can tell.
    wanted = [1_270_418_665, 1_573_008_236, 1_572_983_546]
    assert split(1_100_153_597, wanted) == by_fractions(1_100_153_597, wanted)


@pytest.mark.parametrize(("source", "target", "amount"), [
    ("here", "there", -1), ("here", "nowhere", 1), ("nowhere", "here", 1)])
def test_wrong_moves_are_refused(source: str, target: str, amount: int) -> None:
    ledger = Ledger("goods", ("here", "there"))
    with pytest.raises(ConservationError, match=f"cannot move {amount} from {source} to {target}"):
        ledger.move(source, target, amount)
    assert ledger.balance == {"here": 0, "there": 0}


def books(**held: int) -> Books:
    made = Books()
    for place, units in held.items():
        made.goods.move("made", place, units)
    made.money.move("households", "resellers", 500)
    made.set_aside(90)
    return made


HELD = {"channel": 3, "transit": 2, "homes": 1}
CASH = {"resellers": 500, "purses": 90}


@pytest.mark.parametrize("wrong", ["channel", "transit", "homes"])
def test_a_unit_too_many_or_too_few_is_found(wrong: str) -> None:
    books(**HELD).check(HELD, CASH, 1)
    for change in (-1, 1):
        with pytest.raises(ConservationError, match=f"week 4: {wrong} holds"):
            books(**HELD).check({**HELD, wrong: HELD[wrong] + change}, CASH, 4)


@pytest.mark.parametrize("wrong", ["resellers", "purses"])
def test_a_fen_too_many_or_too_few_is_found(wrong: str) -> None:
    for fen in (CASH[wrong] - 1, CASH[wrong] + 1):
        with pytest.raises(ConservationError, match=f"{wrong} hold {fen} fen"):
            books(**HELD).check(HELD, {**CASH, wrong: fen}, 1)


def test_what_is_set_aside_comes_from_households_and_may_go_back() -> None:
    made = Books()
    made.set_aside(70)
    assert (made.money["households"], made.money["purses"]) == (-70, 70)
    made.set_aside(-30)
    assert (made.money["households"], made.money["purses"]) == (-40, 40)


def test_a_tampered_ledger_and_giant_balances_are_found() -> None:
    for change in (1, -1):
        tampered = books(**HELD)
        tampered.goods.balance["factory"] += change
        with pytest.raises(ConservationError, match=f"add up to {change}"):
            tampered.check(HELD, CASH, 1)
    giant = books(**HELD)
    giant.money.move("households", "brand", 2**62)
    giant.money.move("households", "brand", 2**62)
    with pytest.raises(ConservationError, match="nears"):
        giant.check(HELD, CASH, 1)


def test_a_balance_may_be_2_to_the_62_and_not_a_fen_more() -> None:
    edge = Books()
    edge.money.move("households", "brand", 2**62)
    edge.check({"channel": 0, "transit": 0, "homes": 0}, {"resellers": 0}, 1)
    edge.money.move("households", "brand", 1)
    with pytest.raises(ConservationError, match="nears"):
        edge.check({"channel": 0, "transit": 0, "homes": 0}, {"resellers": 0}, 1)


def test_equal_amounts_agree_however_large() -> None:
    held = {place: 10**12 + units for place, units in HELD.items()}
    books(**held).check({place: int(str(units)) for place, units in held.items()}, CASH, 1)


def test_negative_stock_is_found() -> None:
    made = Books()
    made.goods.move("channel", "homes", 1)
    with pytest.raises(ConservationError, match="channel holds -1 units"):
        made.check({"channel": -1, "transit": 0, "homes": 1}, {}, 1)


class Ledgers(RuleBasedStateMachine):
    """Moves at random, against a dictionary that keeps the same books by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.by_hand: dict[str, int] = {}

    @rule(move=st.tuples(st.sampled_from(Books.GOODS), st.sampled_from(Books.GOODS)),
          amount=st.integers(0, 10**9))
    def move_goods(self, move: tuple[str, str], amount: int) -> None:
        source, target = move
        self.books.goods.move(source, target, amount)
        self.by_hand[source] = self.by_hand.get(source, 0) - amount
        self.by_hand[target] = self.by_hand.get(target, 0) + amount

    @rule(move=st.tuples(st.sampled_from(Books.MONEY), st.sampled_from(Books.MONEY)),
          amount=st.integers(0, 10**12))
    def move_money(self, move: tuple[str, str], amount: int) -> None:
        source, target = move
        before = self.books.money[source] + self.books.money[target]
        self.books.money.move(source, target, amount)
        assert source == target or self.books.money[source] + self.books.money[target] == before

    @rule(amount=st.integers(-100, -1))
    def try_to_move_less_than_nothing(self, amount: int) -> None:
        with pytest.raises(ConservationError):
            self.books.goods.move("homes", "consumed", amount)

    @invariant()
    def nothing_is_lost(self) -> None:
        for ledger in (self.books.goods, self.books.money):
            assert sum(ledger.balance.values()) == 0
            for account in ledger.balance:
                turned = sum(
                    amount * ((target == account) - (source == account))
                    for (source, target), amount in ledger.turnover.items())
                assert ledger[account] == turned
        for account, balance in self.by_hand.items():
            assert self.books.goods[account] == balance


TestLedgers = Ledgers.TestCase
