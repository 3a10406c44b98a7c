"""A market of the live view: a model and the data of its charts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import ColumnDataSource

from sim.model import MicroCommerce
from sim.texts.numbers import tidy
from sim.views.panels import CIRCLED, event_lines
from sim.views.people import tree_places
from sim.views.style import GREEN, GREY, STAGES, VERMILLION, tier_colour
from sim.views.texts import text

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario

__all__ = ["CHARTS", "MAX_IN_TREE", "LiveMarket"]

CHARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("live_resellers", "persons", ("resellers_active",)),
    ("joins_exits", "persons a week", ("joins", "exits")),
    ("sell_through", "units a week", ("sell_in", "sell_through")),
    ("live_stock", "units", ("inventory_channel",)),
    ("prices", "yuan", ("price_street_mean", "price_list")),
    ("live_minds", "share", ("trust_mean", "loss_share")),
    ("live_money", "yuan", ("brand_money",)),
)
"""Name, unit and curves of each chart; a chart has one unit, and holds either stocks or flows."""

MAX_IN_TREE = 500
"""Resellers drawn in the tree: the first to join, so that each stands below an upline."""


class LiveMarket:
    """One running model and the sources of its curves, events and tree.

    Parameters
    ----------
    scenario
        The scenario to run.
    seed
        Seed of the run; two markets with the same seed have the same luck.
    label
        The market's name on the page.
    """

    def __init__(self, scenario: Scenario, seed: int, label: str) -> None:
        self.label = label
        self.model = MicroCommerce(scenario, rng=seed)
        self._names = ("week", *sorted(
            {name for _, _, curves in CHARTS for name in curves} - {"brand_money"}))
        self.curves = ColumnDataSource({name: [] for name in (*self._names, "brand_money")})
        self.events = ColumnDataSource({"week": [], "mark": []})
        self.spans = ColumnDataSource({"start": [], "end": []})
        self.people = ColumnDataSource({"x": [], "y": [], "fill": [], "line": [], "size": []})
        self.ties = ColumnDataSource({"xs": [], "ys": []})
        self._money = 0.0
        self.mark_events()

    def step(self) -> None:
        """Run one week and add it to the curves."""
        self.model.step()
        row = self.model.weekly[-1]
        self._money += float(row["profit_brand"]) / 100
        shown = {
            name: row.get(name, math.nan) / (100 if name.startswith("price_") else 1)
            for name in self._names}
        self.curves.stream({name: [value] for name, value in
                            {**shown, "brand_money": self._money}.items()})

    def change(self, wanted: Data) -> None:
        """Put settings in force from the next week on, as an event of a scenario file would."""
        model = self.model
        events = [*model.scenario.given.get("events", ()), {"week": model.week + 1, "set": wanted}]
        model.scenario = model.scenario.changed({"events": events})
        self.mark_events()

    def mark_events(self) -> None:
        """Mark when events begin, and the weeks during which they hold or change settings."""
        weeks = self.model.scenario.weeks
        lines: Data = {"week": [], "mark": []}
        spans: Data = {"start": [], "end": []}
        for place, event in enumerate(self.model.scenario.events):
            for first, last in event.spans(weeks):
                lines["week"].append(first)
                lines["mark"].append(CIRCLED[place % len(CIRCLED)])
                end = last if last is not None else first + event.over
                if end > first:
                    spans["start"].append(first)
                    spans["end"].append(min(end, weeks))
        self.events.data, self.spans.data = lines, spans

    def event_lines(self, lang: str) -> list[str]:
        """Return the events in words, with the number that each has on the charts."""
        return event_lines(self.model.scenario.events, lang)

    def status(self, lang: str) -> str:
        """Return the state of the market in one sentence."""
        model = self.model
        row: Data = model.weekly[-1] if model.weekly else {}
        people = len(model.world.resellers)
        lost, trust = row.get("resellers_lost_money", 0), row.get("trust_mean", math.nan)
        said = text(
            "now", lang, week=model.week, weeks=model.scenario.weeks, joined=f"{people:,}",
            active=f"{int(model.world.resellers.active.sum()):,}", lost=f"{lost:,}",
            trust="–" if math.isnan(trust) else f"{trust:.0%}")
        return said if model.running else tidy(f"{said} {text('at the end', lang)}")

    def show_tree(self, colour: str) -> None:
        """Lay out the tree of who recruited whom, coloured by ``gain``, ``tier`` or ``stage``."""
        resellers = self.model.world.resellers
        count = min(len(resellers), MAX_IN_TREE)
        uplines = resellers.sponsor[:count].tolist()
        places = tree_places(range(count), uplines)
        xy = np.array([places[row] for row in range(count)]).reshape(-1, 2)
        colours = self._colours(colour, count)
        active = resellers.active[:count] == 1
        self.people.data = {
            "x": xy[:, 0], "y": xy[:, 1],
            "fill": [c if there else "#FFFFFF" for c, there in zip(colours, active, strict=True)],
            "line": colours,
            "size": 7 + 2.0 * np.sqrt(np.minimum(resellers.recruits[:count], 40))}
        ends = [places.get(up, (0.0, 0.0)) for up in uplines]
        self.ties.data = {
            "xs": [[end[0], x] for end, x in zip(ends, xy[:, 0], strict=True)],
            "ys": [[end[1], y] for end, y in zip(ends, xy[:, 1], strict=True)]}

    def _colours(self, by: str, count: int) -> list[str]:
        world, resellers = self.model.world, self.model.world.resellers
        if by == "gain":
            profit = resellers.cash[:count] - resellers.opening_cash[:count]
            return [GREEN if one > 0 else VERMILLION if one < 0 else GREY for one in profit]
        if by == "stage":
            stages = list(STAGES.values())
            return [stages[int(world.persons.stage[who])] for who in resellers.person[:count]]
        return [tier_colour(int(tier)) for tier in resellers.tier[:count]]

    def shown_of(self, lang: str) -> str:
        """Return how many of the resellers the tree shows."""
        people = len(self.model.world.resellers)
        return text("shown of", lang, shown=f"{min(people, MAX_IN_TREE):,}", all=f"{people:,}")
