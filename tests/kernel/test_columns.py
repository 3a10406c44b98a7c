import copy
import pickle

import numpy as np
import pytest

from sim.kernel.columns import Column, Table

TRUST = Column("trust", "f4", "share", "trust", 0.5)
STOCK = Column("stock", "i4", "units", "stock")
PIPELINE = Column("pipeline", "i4", "units", "on the way", width=3)


def table(rows: int = 2) -> Table:
    return Table("things", (TRUST, STOCK, PIPELINE), rows)


def test_columns_begin_with_their_initial_value_and_type() -> None:
    made = table()
    assert made.trust.tolist() == [0.5, 0.5]
    assert made.trust.dtype == np.float32
    assert made.pipeline.shape == (2, 3)
    assert len(made) == 2
    assert "stock" in made
    assert "nothing" not in made
    assert [name for name, _ in made.items()] == ["trust", "stock", "pipeline"]


def test_rows_are_added_at_the_end_and_never_move() -> None:
    made = table(0)
    for wanted in (1, 1, 5, 100):
        before = made.stock.copy()
        first = made.append(wanted)
        assert first == before.size
        assert (made.stock[:first] == before).all()
        assert (made.trust[first:] == 0.5).all()
        made.stock[first:] = first + 1
    assert len(made) == 107


def test_a_column_may_have_the_name_of_a_method() -> None:
    made = Table("persons", (Column("items", "i4", "units", "things", 7),), 2)
    assert made["items"].tolist() == [7, 7]
    assert [array.tolist() for _, array in made.items()] == [[7, 7]]


def test_a_lock_opens_only_what_is_named() -> None:
    made = table()
    made.only(("stock",))
    made.stock[:] = 3
    with pytest.raises(ValueError, match="read-only"):
        made.trust[:] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        made.trust += 1.0
    made.append(10)
    with pytest.raises(ValueError, match="read-only"):
        made.trust[11] = 1.0
    made.only(None)
    made.trust[:] = 1.0


def test_adding_in_place_works_and_replacing_a_column_does_not() -> None:
    made = table()
    before = made.stock
    made.stock += 4
    assert before.tolist() == [4, 4]
    with pytest.raises(AttributeError, match=r"write into the column: table.stock\[:\]"):
        made.stock = np.zeros(2)
    with pytest.raises(AttributeError, match="write into the column"):
        made.stock = made.stock + 1


def test_an_unknown_column_is_named_in_the_message() -> None:
    with pytest.raises(AttributeError, match="no column 'stok' in the table of things"):
        _ = table().stok


def test_a_column_that_is_there_is_left_as_it_is() -> None:
    made = table()
    made.stock[:] = 7
    made.add(Column("stock", "i4", "units", "stock", 1), Column("mood", "f8", "share", "mood", 2))
    assert made.stock.tolist() == [7, 7]
    assert made.mood.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_a_copy_is_whole_and_on_its_own(copied: object) -> None:
    made = table()
    made.stock[:] = 7
    made.only(("trust",))
    other = copied(made)  # type: ignore[operator]
    with pytest.raises(ValueError, match="read-only"):
        other.stock[:] = 1
    other.only(None)
    other.stock[:] = 1
    # What was written must still be there when the table grows.
    other.append(50)
    assert other.stock[:3].tolist() == [1, 1, 0]
    assert made.stock.tolist() == [7, 7]


def test_rows_given_back_are_gone_and_may_come_again() -> None:
    made = table(3)
    made.append(4)
    made.give_back(2)
    assert len(made) == made.stock.size == 5
    assert made.append(1) == 5
    assert made.trust.tolist() == [0.5] * 6


def test_with_room_a_table_grows_without_being_copied() -> None:
    made = Table("things", (STOCK,), room=8)
    made.append(1)
    first = made.stock
    made.append(7)
    assert np.shares_memory(first, made.stock)
    made.append(1)
    assert not np.shares_memory(first, made.stock)


def test_a_lock_holds_for_columns_that_are_named_like_something_else() -> None:
    made = Table("persons", (Column("rows", "i4", "units", "things", 7), STOCK), 2)
    made.only(("stock",))
    with pytest.raises(ValueError, match="read-only"):
        made["rows"][:] = 1
    made.only(("rows",))
    made["rows"][:] = 1
    made.append(1)
    assert (len(made), made["rows"].tolist()) == (3, [1, 1, 7])


def test_locks_hold_whatever_was_open_before() -> None:
    made = table()
    sets = [None, (), ("stock",), ("trust", "pipeline"), ("trust",)]
    for before in sets:
        for after in sets:
            made.only(before)
            made.only(after)
            for name in ("trust", "stock", "pipeline"):
                open_now = after is None or name in after
                assert getattr(made, name).flags.writeable == open_now
                assert made[name].flags.writeable == open_now


def test_locks_show_the_rows_that_came_meanwhile() -> None:
    made = table(2)
    for rows in (2, 3):
        for writes in (("stock",), ("trust",), None):
            made.only(writes)
            assert made.stock.size == made.trust.size == rows
        made.append(1)
