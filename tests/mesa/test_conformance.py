"""Every expectation about Mesa, tried on plain Mesa and on the market.

An expectation that passes on plain Mesa passes on the market, or is refused with a sentence, or is
listed with what is so instead. docs/mesa.md is made from the same register.
"""

from __future__ import annotations

import re
import warnings
from pickle import PicklingError

import mesa
import pytest

from tests.mesa.page import PAGE, page
from tests.mesa.register import EXPECTATIONS, Expectation
from tests.mesa.worlds import World

# The market holds what has no sentence of its own to an error of these kinds, never to silence.
REFUSALS = (TypeError, AttributeError, ValueError, IndexError)
# How a version of Mesa shows that it does not do something any more.
NO_MORE = (AssertionError, TypeError, AttributeError, KeyError, ValueError, PicklingError)

CASES = [
    pytest.param(one, world, id=f"{world}: {one.group}: {one.title}")
    for one in EXPECTATIONS for world in one.worlds]


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


@pytest.mark.parametrize(("expectation", "name"), CASES)
def test_expectation(expectation: Expectation, name: str) -> None:
    if version(mesa.__version__) < version(expectation.since):
        pytest.skip(f"from Mesa {expectation.since} on")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
        world = World(name)
        if name in expectation.refused:
            with pytest.raises(REFUSALS, match=expectation.refused[name]):
                expectation.holds(world, *expectation.case)
        elif version(mesa.__version__) >= version(expectation.until.get(name, "99")):
            with pytest.raises(NO_MORE):  # else it holds again: say so in the register
                expectation.holds(world, *expectation.case)
        elif name in expectation.differs:
            with pytest.raises(AssertionError):  # else the page is wrong: it does hold
                expectation.holds(world, *expectation.case)
        else:
            expectation.holds(world, *expectation.case)


def test_there_are_many_and_no_two_alike() -> None:
    assert len(EXPECTATIONS) >= 250
    said = [(one.group, one.title, one.case) for one in EXPECTATIONS]
    assert len(set(map(repr, said))) == len(said)


def test_every_expectation_is_tried_on_the_market() -> None:
    assert all({"rows", "own"} & set(one.worlds) for one in EXPECTATIONS)


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.mesa.page"
