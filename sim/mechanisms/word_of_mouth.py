"""Word of mouth: those who used the product talk about it to some of their circle."""

from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.ahead import AHEAD
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, draw64, unit
from sim.kernel.maths import normal, round_by_luck, threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.brand import SPEAKS, VOUCHES
from sim.market.network.circles import fetch_circle, longest, stretch
from sim.market.persons import FAN, FULL_REPORT, NEUTRAL
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["WordOfMouth"]


class WordOfMouth(Mechanism):
    """Both extremes talk, the dissatisfied most; closed channels silence the bad experience.

    This week's users speak to a few random contacts, with a probability that rises with the square of
    the distance of their satisfaction from the middle. Closed information lets only a share of
    independent experience, and a smaller share of bad experience, reach others (A6). Listeners without
    a seller learn of the speaker's (B5). Fans and geeks talk without an occasion, and so do members of
    a cell that is an own brand; members of an own medium talk to more people (A12, A14). A report is
    distorted a little more by each person who passes it on (B6).
    """

    phase: ClassVar = "share"
    reads: ClassVar = (
        "persons.used", "persons.stage", "persons.satisfaction", "persons.belief",
        "persons.sociability", "persons.powers", "persons.aware")
    writes: ClassVar = (
        "persons.voices", "persons.voice_sum", "persons.voices_bad", "persons.convinced_by",
        "persons.listed", "persons.seller", "persons.hops")
    off: ClassVar = {
        "A6": {"word_of_mouth.openness": 1.0, "word_of_mouth.openness_bad": 1.0},
        "A17": {"word_of_mouth.listeners": 0.0},
        "A10": {"controls.information_asymmetry": 0.9},
    }

    talk: float = parameter(
        0.05, "chance a week", 0, 1, "chance that an indifferent user talks about the product")
    talk_good: float = parameter(
        0.35, "chance a week", 0, 1, "added chance of a fully satisfied user",
        source="both extremes talk (Anderson 1998)")
    talk_bad: float = parameter(
        0.60, "chance a week", 0, 1, "added chance of a fully dissatisfied user",
        source="the very dissatisfied talk most (Anderson 1998)")
    listeners: float = parameter(
        9.4, "contacts", 0, 1000, "contacts who take note of what a speaker of normal sociability says",
        source="a post reaches the whole circle of 128, and few read it: about a tenth",
        prior=Prior(4.0, 36.0, "a factor of three either way", log=True, fitted=True))
    fans: float = parameter(
        0.06, "chance a week", 0, 1, "chance that a fan or geek talks without having used it now",
        source="essay A: 粉丝的分享")
    cell_listeners: float = parameter(
        2.0, "times", 0, 100, "listeners of a member of an own medium, as a multiple of anybody else's",
        source="essay A: 社群的聚合")
    distortion: float = parameter(
        0.05, "share", 0, 1, "standard deviation that each passing on adds to a report")
    openness: float = parameter(
        None, "share", 0, 1, "share of satisfied voices that reach others unfiltered",
        control=("information_asymmetry", 1.0, 0.5), source="essay A: 信息的闭合, 孤岛效应")
    openness_bad: float = parameter(
        None, "share", 0, 1, "share of dissatisfied voices that reach others",
        control=("information_asymmetry", 1.0, 0.1),
        source="essay A: 不希望自己的产品出现在任何媒体")

    def step(self, world: World) -> None:
        """Let users and fans talk to their circles."""
        persons = world.persons
        chosen = world.threads.over(
            len(persons), _choose_speakers, persons.view(Speakers), self.parameters,
            world.luck("speak"))
        luck = Luck(
            world.luck("speak to how many"), world.luck("speak to whom"), world.luck("distort"))
        for first, speakers in chosen:
            _speak(
                persons.listed[first : first + speakers], persons.view(Speakers),
                persons.view(Listeners), world.graph.circles, self.parameters, luck)
        world.count("speakers", sum(speakers for _, speakers in chosen))


class Speakers(NamedTuple):
    """Columns of persons that say who talks, to how many, and what they report."""

    used: np.ndarray
    stage: np.ndarray
    satisfaction: np.ndarray
    belief: np.ndarray
    sociability: np.ndarray
    powers: np.ndarray
    seller: np.ndarray
    hops: np.ndarray
    listed: np.ndarray
    voices: np.ndarray
    voice_sum: np.ndarray
    voices_bad: np.ndarray


class Listeners(NamedTuple):
    """Columns of persons that hearing a speaker reads or changes."""

    aware: np.ndarray
    voices: np.ndarray
    voice_sum: np.ndarray
    voices_bad: np.ndarray
    convinced_by: np.ndarray
    seller: np.ndarray
    hops: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    how_many: np.uint64
    to_whom: np.uint64
    distortion: np.uint64


@compiled
def _choose_speakers(low, high, persons, rule, key):
    """List the speakers in listed[low...]; return where and how many. Clear what was heard before."""
    persons.voices[low:high] = 0
    persons.voice_sum[low:high] = 0
    persons.voices_bad[low:high] = 0
    flags = np.empty(BLOCK, np.uint8)
    candidates = np.empty(BLOCK, np.int64)
    count = 0
    for begin in range(low, high, BLOCK):
        used = persons.used[begin : min(begin + BLOCK, high)]
        stages = persons.stage[begin : begin + used.size]
        powers = persons.powers[begin : begin + used.size]
        for index in range(used.size):
            flags[index] = (used[index] > 0) | (stages[index] >= FAN) | (powers[index] >= VOUCHES)
        for index in range(pick(flags[: used.size], begin, candidates)):
            person = candidates[index]
            if draw32(key, person) < threshold(_chance_to_speak(person, persons, rule)):
                persons.listed[low + count] = person
                count += 1
    return low, count


@borrowing
def _chance_to_speak(person, persons, rule):
    """Return the chance that a user, a fan or a person who vouches for the product talks and is heard."""
    # How far the speaker is delighted (up to 1) or annoyed (down to -1).
    lean = 2.0 * np.float64(persons.satisfaction[person]) - 1.0
    devoted = persons.stage[person] >= FAN
    if lean < 0.0:
        if persons.used[person] == 0 and not devoted:
            return 0.0
        return (rule.talk + rule.talk_bad * lean * lean) * rule.openness_bad
    chance = rule.talk + rule.talk_good * lean * lean if persons.used[person] > 0 else 0.0
    if devoted or persons.powers[person] & VOUCHES:
        chance = max(chance, rule.fans)
    return chance * rule.openness


@compiled
def _speak(speakers, persons, listeners, circles, rule, luck):
    """Let the speakers, in their order, report to contacts."""
    circle = np.empty(longest(circles, speakers), np.uint32)
    for index in range(speakers.size):
        fetch_circle(circles, speakers[min(index + AHEAD, speakers.size - 1)], 0)
        person = speakers[index]
        degree = circles.start[person + 1] - circles.start[person]
        if degree == 0:
            continue
        mean = rule.listeners * np.float64(persons.sociability[person])
        if persons.powers[person] & SPEAKS:
            mean *= rule.cell_listeners
        wanted = min(round_by_luck(mean, draw32(luck.how_many, person)), degree)
        slot = np.int64(draw64(luck.to_whom, person) % np.uint64(degree))
        told = np.float64(persons.belief[person])
        if rule.distortion > 0.0 and persons.hops[person] > 0:
            spread = rule.distortion * math.sqrt(persons.hops[person])
            told += spread * normal(unit(luck.distortion, person))
            told = min(max(told, 0.0), 1.0)
        report = np.int64(FULL_REPORT * told + 0.5)
        stretch(circles, person, slot, wanted, circle)
        for turn in range(wanted):
            _hear(circle[turn], person, report, persons, listeners)


@borrowing
def _hear(contact, speaker, report, persons, listeners):
    """Let a contact hear the report of a speaker; a satisfied one also passes on the news and a seller."""
    bad = persons.satisfaction[speaker] < NEUTRAL
    if listeners.voices[contact] < MAX_VOICES:
        listeners.voices[contact] += 1
        listeners.voice_sum[contact] += report
        if bad:
            listeners.voices_bad[contact] += 1
    if bad:
        return
    if listeners.seller[contact] < 0:
        listeners.seller[contact] = persons.seller[speaker]
    if not listeners.aware[contact] and listeners.convinced_by[contact] < speaker:
        listeners.convinced_by[contact] = speaker
        listeners.hops[contact] = min(persons.hops[speaker] + 1, MAX_HOPS)


MAX_VOICES = 255
"""Voices that a person can hear in a week: the most that the column `voices` holds."""
MAX_HOPS = 255
"""People between the brand and a person's first news: the most that the column `hops` holds."""
