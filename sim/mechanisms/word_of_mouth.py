"""Word of mouth: those who used the product talk about it to some of their circle."""

from __future__ import annotations

import math
from typing import ClassVar

from sim.kernel import np
from sim.kernel.ahead import AHEAD
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64, unit
from sim.kernel.maths import normal, round_by_luck, threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.network.circles import fetch_circle, longest, stretch
from sim.market.persons import FULL_REPORT
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["WordOfMouth"]


class WordOfMouth(Mechanism):
    """Both extremes talk, the dissatisfied most; closed channels silence the bad experience.

    A user of this week speaks with a probability that rises with the square of how far their
    satisfaction is from the middle, to a few contacts chosen at random. Closed information lets
    only a share of independent, and a smaller one of negative, experience reach others (A6). Who
    knows no seller learns of the speaker's (B5). Fans and geeks talk without an occasion, cell
    members to more people (A12, A14); a report is distorted a little more with each person it has
    passed (B6).
    """

    phase: ClassVar = "share"
    writes: ClassVar = (
        "persons.voices", "persons.voice_sum", "persons.voices_bad", "persons.convinced_by",
        "persons.listed", "persons.seller", "persons.hops")
    off: ClassVar = {
        "A6": {"word_of_mouth.openness": 1.0, "word_of_mouth.openness_bad": 1.0},
        "A17": {"word_of_mouth.listeners": 0.0},
        "A10": {"word_of_mouth.openness": 0.0, "word_of_mouth.openness_bad": 0.0},
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
        12.0, "contacts", 0, 1000, "contacts who take note of what a speaker of normal sociability says",
        source="a post reaches the whole circle of 128, and few read it: about a tenth",
        prior=Prior(4.0, 36.0, "a factor of three either way", log=True))
    fans: float = parameter(
        0.06, "chance a week", 0, 1, "chance that a fan or geek talks without having used it now",
        source="essay A: 粉丝的分享")
    cell_listeners: float = parameter(
        2.0, "times", 0, 100, "listeners of a cell member, as a multiple of anybody else's",
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
        """Live this rule's part of one week."""
        persons = world.persons
        chosen = world.threads.over(
            len(persons), _speakers, persons.used, persons.stage, persons.satisfaction, persons.listed,
            persons.voices, persons.voice_sum, persons.voices_bad,
            self.talk, self.talk_good, self.talk_bad, self.fans, self.openness,
            self.openness_bad,
            world.luck("speak"),
        )
        for first, speakers in chosen:
            _speak(
                persons.listed[first : first + speakers], persons.belief, persons.satisfaction,
                persons.sociability, world.graph.circles, persons.voices,
                persons.voice_sum, persons.voices_bad, persons.aware, persons.convinced_by, persons.seller,
                persons.hops, persons.cell, float(self.listeners), float(self.cell_listeners),
                self.distortion, world.luck("speak to how many"), world.luck("speak to whom"),
                world.luck("distort"),
            )
        world.count("speakers", sum(speakers for _, speakers in chosen))


@compiled
def _speakers(
    low, high, used, stage, satisfaction, chosen, voices, voice_sum, voices_bad, talk, talk_good,
    talk_bad, fans, openness, openness_bad, key,
):
    """List who speaks in chosen[low...]; return where and how many. Nobody has heard anything yet.
    """
    voices[low:high] = 0
    voice_sum[low:high] = 0
    voices_bad[low:high] = 0
    flags = np.empty(BLOCK, np.uint8)
    listed = np.empty(BLOCK, np.int64)
    count = 0
    for begin in range(low, high, BLOCK):
        uses = used[begin : min(begin + BLOCK, high)]
        stages = stage[begin : begin + uses.size]
        for index in range(uses.size):
            flags[index] = (uses[index] > 0) | (stages[index] >= 3)
        for index in range(pick(flags[: uses.size], begin, listed)):
            person = listed[index]
            lean = 2.0 * np.float64(satisfaction[person]) - 1.0
            if lean < 0.0:
                chance = (talk + talk_bad * lean * lean) * openness_bad
            else:
                chance = talk + talk_good * lean * lean if used[person] > 0 else 0.0
                if stage[person] >= 3:
                    chance = max(chance, fans)
                chance *= openness
            if draw32(key, person) < threshold(chance):
                chosen[low + count] = person
                count += 1
    return low, count


@compiled
def _speak(
    speakers, belief, satisfaction, sociability, circles, voices, voice_sum, voices_bad,
    aware, convinced_by, seller, hops, cell, listeners, cell_factor, distortion, key_many, key_whom,
    key_distort,
):
    circle = np.empty(longest(circles, speakers), np.uint32)
    for index in range(speakers.size):
        fetch_circle(circles, speakers[min(index + AHEAD, speakers.size - 1)], 0)
        person = speakers[index]
        degree = circles.start[person + 1] - circles.start[person]
        if degree == 0:
            continue
        mean = listeners * np.float64(sociability[person])
        if cell[person] >= 0:
            mean *= cell_factor
        wanted = round_by_luck(mean, draw32(key_many, person))
        wanted = min(wanted, degree)
        slot = np.int64(draw64(key_whom, person) % np.uint64(degree))
        told = np.float64(belief[person])
        if distortion > 0.0 and hops[person] > 0:
            told += distortion * math.sqrt(hops[person]) * normal(unit(key_distort, person))
            told = min(max(told, 0.0), 1.0)
        report = np.int64(FULL_REPORT * told + 0.5)
        bad = satisfaction[person] < 0.5
        stretch(circles, person, slot, wanted, circle)
        for turn in range(wanted):
            contact = circle[turn]
            if voices[contact] < 255:
                voices[contact] += 1
                voice_sum[contact] += report
                if bad:
                    voices_bad[contact] += 1
            if not bad and seller[contact] < 0:
                seller[contact] = seller[person]
            if not aware[contact] and not bad and convinced_by[contact] < person:
                convinced_by[contact] = person
                hops[contact] = min(hops[person] + 1, 255)
