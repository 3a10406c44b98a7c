"""Circles: who knows whom, as the loops over persons read it.

A circle is a person's contacts in a fixed order, close ones first; its places are counted from
zero. Circles are either listed, with four bytes per contact, or packed. If people know much of their
community, one bit per member takes a tenth of the memory, and so does one bit per distance at which
far contacts are sought. Both forms give the same contacts at the same places.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.kernel import np
from sim.kernel.ahead import fetch
from sim.kernel.bits import drop, lowest, ones
from sim.kernel.compiled import borrowing

__all__ = [
    "Circles", "around", "fetch_circle", "longest", "stretch", "whole_circle", "write_circle",
    "write_circles",
]


class Circles(NamedTuple):
    """Contacts of all persons."""

    start: np.ndarray
    """int64, persons + 1: contacts of all persons before this one."""
    close: np.ndarray
    """uint16 per person: how many of the contacts are close."""
    contacts: np.ndarray
    """uint32: the contacts, person by person; empty if packed."""
    rows: np.ndarray
    """uint64, `words` per person: where the community begins and, in the upper half, its size; one bit
    per member who is known but not close; one bit per distance with a far contact."""
    distances: np.ndarray
    """int64: how far the far contacts live, in persons, ahead or behind."""
    words: int
    """64-bit words per person; 0 if contacts are listed."""
    inside: int
    """How many of these words describe the community."""


@borrowing
def around(place, size):
    """Wrap a place on a ring, at most one round outside, into 0..size - 1."""
    place += size if place < 0 else 0
    place -= size if place >= size else 0
    return place


@borrowing
def _on_ring(place, begin, size, slot):
    """Return the close contact at this slot: next ahead, next behind, second ahead, ..."""
    step = (slot >> 1) + 1
    return begin + around(place + step if slot & 1 == 0 else place - step, size)


@borrowing
def write_circle(circles, person, first, last, out):
    """Write the contacts at the places `first` to `last` - 1 of a person's circle."""
    if circles.words == 0:
        begin = circles.start[person]
        for slot in range(first, last):
            out[slot - first] = circles.contacts[begin + slot]
        return
    at = person * circles.words
    head = circles.rows[at]
    begin = np.int64(head & np.uint64(0xFFFFFFFF))
    size = np.int64(head >> np.uint64(32))
    close = np.int64(circles.close[person])
    count = 0
    slot = first
    while slot < min(last, close):
        out[count] = _on_ring(person - begin, begin, size, slot)
        count += 1
        slot += 1
    skip = slot - close
    left = last - slot
    place = 0
    while left > 0:
        word = circles.rows[at + 1 + place]
        here = ones(word)
        if skip < here:
            word = drop(word, skip)
            many = min(here - skip, left)
            if place < circles.inside:
                for _ in range(many):
                    out[count] = begin + 64 * place + lowest(word)
                    count += 1
                    word &= word - np.uint64(1)
            else:
                for _ in range(many):
                    distance = circles.distances[64 * (place - circles.inside) + lowest(word)]
                    out[count] = around(person + distance, circles.start.size - 1)
                    count += 1
                    word &= word - np.uint64(1)
            left -= many
            skip = 0
        else:
            skip -= here
        place += 1


@borrowing
def whole_circle(circles, person, out):
    """Write a person's whole circle to the start of `out`; return its size."""
    degree = circles.start[person + 1] - circles.start[person]
    write_circle(circles, np.int64(person), np.int64(0), degree, out)
    return degree


@borrowing
def stretch(circles, person, slot, many, out):
    """Write `many` contacts of a circle from the place `slot` on, wrapping round to the first."""
    degree = circles.start[person + 1] - circles.start[person]
    ahead = min(many, degree - slot)
    write_circle(circles, np.int64(person), slot, slot + ahead, out)
    if ahead < many:
        write_circle(circles, np.int64(person), np.int64(0), many - ahead, out[ahead:])


@borrowing
def longest(circles, people):
    """Return the size of the largest circle among `people`."""
    most = np.int64(0)
    for index in range(people.size):
        person = people[index]
        most = max(most, circles.start[person + 1] - circles.start[person])
    return most


@borrowing
def write_circles(circles, people, starts, out):
    """Write the circle of each of `people` to `out`, starting at their entry in `starts`."""
    for index in range(people.size):
        whole_circle(circles, people[index], out[starts[index] :])


@borrowing
def fetch_circle(circles, person, slot):
    """Prefetch a part of a circle."""
    if circles.words == 0:
        fetch(circles.contacts, circles.start[person] + slot)
    else:
        fetch(circles.rows, person * circles.words)
