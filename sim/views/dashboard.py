"""The live view: a market in the browser, week by week, with rules that can be switched in mid-run.

It is served on this machine only (127.0.0.1) and needs nothing from the internet: Panel brings its
scripts along. Each browser tab watches a market of its own.
"""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, NumeralTickFormatter, Range1d
from bokeh.plotting import figure

from sim.model import MicroCommerce
from sim.regimes import REGIMES
from sim.scenario.load import load
from sim.scenario.schema import merge
from sim.views.people import tree_places
from sim.views.style import (
    BLACK,
    BLUE,
    FAMILY,
    FONT,
    GREEN,
    GREY,
    ORANGE,
    STAGES,
    VERMILLION,
    percent,
    tier_colour,
)
from sim.views.texts import column, language, text

__all__ = ["LiveView", "serve"]

CONTROLS = ("stock_pressure", "information_asymmetry", "feedback")
CURVES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("live_resellers", (("resellers_active", BLUE), ("exits", VERMILLION), ("joins", GREEN))),
    ("sell_through", (("sell_in", VERMILLION), ("sell_through", GREEN))),
    ("inventory", (("inventory_channel", ORANGE), ("inventory_homes", GREEN),
                   ("inventory_factory", GREY))),
    ("prices", (("price_list", BLACK), ("price_street_mean", BLUE),
                ("price_wholesale_low", ORANGE))),
    ("minds", (("trust_mean", BLUE), ("satisfaction_mean", GREEN), ("muted_share", VERMILLION),
               ("loss_share", BLACK))),
)
MOST_IN_TREE = 500
PERIOD = 250
"""Milliseconds between two weeks while playing."""


class LiveView:
    """One market and what a browser tab shows of it.

    Parameters
    ----------
    scenario
        The scenario to begin with; its three controls and its regime can be changed on the page.
    lang
        ``en`` or ``zh``.
    """

    def __init__(self, scenario: Any, lang: str | None = None) -> None:
        self.lang = language(lang)
        self.scenario = scenario
        self.model = MicroCommerce(scenario, rng=scenario.seed)
        say = functools.partial(text, lang=self.lang)
        in_force = scenario.controls
        self.regime = pn.widgets.RadioButtonGroup(
            label=say("regime"), options=list(REGIMES), value=scenario.regime)
        self.sliders = {
            name: pn.widgets.FloatSlider(
                label=say(name), start=0.0, end=1.0, step=0.05, value=getattr(in_force, name))
            for name in CONTROLS}
        self.play = pn.widgets.Toggle(label=say("play"), color="primary", width=90)
        self.one = pn.widgets.Button(label=say("step"), width=90)
        self.again = pn.widgets.Button(label=say("reset"), width=110)
        self.apply = pn.widgets.Button(label=say("apply"), color="warning")
        self.colour = pn.widgets.RadioButtonGroup(
            label=say("colour by"), options={say("tier"): "tier", say("stage"): "stage"},
            value="tier")
        self.status = pn.pane.HTML("", styles={"font-size": "17px"})
        self.log = pn.pane.HTML("", width=320)
        self.columns = ("week", *sorted({name for _, lines in CURVES for name, _ in lines}))
        self.curves = ColumnDataSource({name: [] for name in self.columns})
        self.people = ColumnDataSource({"x": [], "y": [], "fill": [], "line": [], "size": []})
        self.ties = ColumnDataSource({"xs": [], "ys": []})
        self.timer: Any = None
        self.one.on_click(lambda _: _later(self.step))
        self.again.on_click(lambda _: _later(self.reset))
        self.apply.on_click(lambda _: _later(self.switch))
        self.regime.param.watch(lambda event: self.follow(event.new), "value")
        self.play.param.watch(lambda event: self.run(event.new), "value")
        self.colour.param.watch(lambda _: _later(self.show_tree), "value")
        self.show()

    # -- what the buttons do ----------------------------------------------------------------------

    def step(self) -> None:
        """Live one week and show it."""
        if not self.model.running:
            self.play.value = False
            return
        self.model.step()
        row = self.model.weekly[-1]
        self.curves.stream({
            name: [self._shown(name, row.get(name, math.nan))] for name in self.columns})
        self.show()

    def run(self, playing: bool) -> None:
        """Live week after week until told to stop."""
        self.play.label = text("pause" if playing else "play", self.lang)
        if playing and self.timer is None and pn.state.curdoc is not None:
            self.timer = pn.state.add_periodic_callback(self.step, period=PERIOD)
        if not playing and self.timer is not None:
            self.timer.stop()
            self.timer = None

    def follow(self, regime: str) -> None:
        """Move the sliders to where the regime that was chosen has them."""
        for name, value in REGIMES[regime].settings.get("controls", {}).items():
            if name in self.sliders:
                self.sliders[name].value = value

    def switch(self) -> None:
        """Put the settings on the page in force from the next week on."""
        model = self.model
        wanted: dict[str, Any] = {}
        if self.regime.value != model.world.settings.regime:
            wanted = turning(self.regime.value)
        wanted |= {f"controls.{name}": slider.value for name, slider in self.sliders.items()}
        week = model.week + 1
        # A change on the page is an event of the timeline, as in a scenario file.
        given = model.scenario.given
        events = [*given.get("events", ()), {"week": week, "set": wanted}]
        model.scenario = model.scenario.changed({"events": events})
        said = ", ".join(f"{key.removeprefix('controls.')} = {value}"
                         for key, value in wanted.items())
        self.log.object = (
            _escaped(text("changed at", self.lang, week=week, what=said))
            + "<br>" + self.log.object)

    def reset(self) -> None:
        """Begin again from week 0 with the settings on the page."""
        self.play.value = False
        controls = {name: slider.value for name, slider in self.sliders.items()}
        if self.regime.value == self.scenario.regime:
            started = type(self.scenario).of(merge(self.scenario.given, {"controls": controls}))
        else:
            # Another regime comes with its own offer, ladder and network: the shipped scenario.
            started = load(self.regime.value, {
                "persons": self.scenario.persons, "weeks": self.scenario.weeks,
                **{f"controls.{name}": value for name, value in controls.items()}})
        self.model = MicroCommerce(started, rng=self.scenario.seed)
        self.curves.data = {name: [] for name in self.columns}
        self.log.object = ""
        self.show()

    # -- what is shown ----------------------------------------------------------------------------

    @staticmethod
    def _shown(name: str, value: float) -> float:
        return value / 100 if name.startswith("price_") else value

    def show(self) -> None:
        """Show the present week."""
        model = self.model
        row = model.weekly[-1] if model.weekly else {}
        loss, trust = row.get("loss_share", math.nan), row.get("trust_mean", math.nan)
        self.status.object = text(
            "now", self.lang, week=model.week, weeks=model.scenario.weeks,
            active=f"{row.get('resellers_active', 0):,}",
            loss="–" if math.isnan(loss) else percent(round(loss, 3)),
            trust="–" if math.isnan(trust) else percent(round(trust, 3)))
        if not model.running:
            self.status.object += " – " + text("at the end", self.lang)
        self.show_tree()

    def show_tree(self) -> None:
        """Show who recruited whom now; of large trees the first to join and their uplines."""
        world = self.model.world
        resellers = world.resellers
        count = min(len(resellers), MOST_IN_TREE)
        rows = list(range(count))
        uplines = resellers.sponsor[:count].tolist()
        places = tree_places(rows, uplines)
        xy = np.array([places[row] for row in rows]).reshape(-1, 2)
        by_stage = list(STAGES.values())
        colours = [
            by_stage[int(world.persons.stage[person])] if self.colour.value == "stage"
            else tier_colour(int(tier))
            for person, tier in zip(resellers.person[:count], resellers.tier[:count], strict=True)]
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

    def view(self) -> Any:
        """Return the page."""
        side = pn.Column(
            pn.pane.Markdown(f"### weishang · {text('live', self.lang)}\n"
                             f"{_escaped(self.scenario.title or self.scenario.regime)}"),
            self.regime, *self.sliders.values(), self.apply,
            pn.Row(self.play, self.one, self.again), self.log, width=340)
        charts = [self._chart(name, lines) for name, lines in CURVES]
        return pn.Row(
            side,
            pn.Column(
                self.status,
                pn.FlexBox(*charts, pn.Column(self.colour, self._tree()), gap="14px")),
            stylesheets=[], sizing_mode="stretch_width")

    def _chart(self, name: str, lines: tuple[tuple[str, str], ...]) -> Any:
        chart = figure(width=430, height=300, toolbar_location=None,
                       x_range=Range1d(start=0, end=self.scenario.weeks),
                       title=text(f"picture.{name}", self.lang))
        for line, colour in lines:
            chart.line("week", line, source=self.curves, color=colour, line_width=2.4,
                       legend_label=column(line, self.lang))
        legend = chart.legend[0]
        legend.ncols = 2
        legend.location = "center"
        legend.border_line_alpha = 0
        legend.label_text_font_size = "11px"
        legend.label_text_font = FAMILY
        chart.add_layout(legend, "below")
        chart.xaxis.axis_label = text("week axis", self.lang)
        chart.yaxis.axis_label = text(
            "yuan" if name == "prices" else "share" if name == "minds"
            else "persons" if name == "live_resellers" else "units", self.lang)
        chart.yaxis.formatter = NumeralTickFormatter(format="0%" if name == "minds" else "0,0")
        return _font(chart)

    def _tree(self) -> Any:
        chart = figure(width=430, height=400, toolbar_location=None, match_aspect=True,
                       title=text("picture.tree", self.lang))
        chart.multi_line("xs", "ys", source=self.ties, color="#CCCCCC", line_width=0.7)
        chart.scatter("x", "y", source=self.people, fill_color="fill", line_color="line",
                      size="size", line_width=1.4)
        chart.scatter([0], [0], marker="star", size=17, color=BLACK)
        chart.axis.visible = False
        chart.grid.visible = False
        chart.outline_line_color = None
        return _font(chart)


def turning(regime: str) -> dict[str, Any]:
    """Return what changes when a running market turns to a regime, as the shipped `transition` does.

    A switch of the rules alone would keep the price of the old regime.
    """
    changes: dict[str, Any] = {}
    for event in load("transition").events:
        if event.set.get("regime") == regime:
            changes |= dict(event.set)
    return {"offer.list_price": load(regime).offer.list_price, **changes, "regime": regime}


def _later(change: Callable[[], None]) -> None:
    """Make a change when the page's document is ours to change; at once where there is no page."""
    page = pn.state.curdoc
    if page is None:
        change()
    else:
        page.add_next_tick_callback(change)


def _font(chart: Any) -> Any:
    """Use our font on a chart, so that Chinese shows on any machine."""
    chart.title.text_font = FAMILY
    chart.axis.axis_label_text_font = FAMILY
    chart.axis.major_label_text_font = FAMILY
    chart.axis.axis_label_text_font_style = "normal"
    return chart


def _escaped(words: str) -> str:
    """Return a text of the user as Markdown that is shown as it is."""
    import html

    return html.escape(words)


def _style() -> str:
    data = base64.b64encode(FONT.read_bytes()).decode()
    return (
        '@font-face { font-family: "Weishang Sans"; src: url(data:font/otf;base64,' + data + ") }"
        " body, .bk-root, :host { font-family: 'Weishang Sans', sans-serif !important; }")


def serve(
    scenario: Any, *, lang: str | None = None, port: int = 0, show: bool = True,
    announce: Callable[[str], object] | None = None, origins: Sequence[str] = (),
) -> None:
    """Serve the live view of a scenario on 127.0.0.1 until interrupted.

    `announce` is called with the address once it is known; the rest is that of `server_of`.
    """
    server = server_of(scenario, lang=lang, port=port, origins=origins)
    if announce is not None:
        announce(f"http://127.0.0.1:{server.port}/")
    if show:
        server.show("/")
    server.run_until_shutdown()


def server_of(
    scenario: Any, *, lang: str | None = None, port: int = 0, origins: Sequence[str] = (),
) -> Any:
    """Return a server of the live view that holds its port and has not started yet.

    Parameters
    ----------
    port
        0 for any that is free: the system gives one out, so that nobody else can take it.
    origins
        Hosts (``hub.example.org``, ``localhost:8080``) through which a tunnel or a JupyterHub
        brings the browser here.

    Raises
    ------
    OSError
        When the port is in use.
    """
    pn.extension(raw_css=[_style()])
    server = pn.serve(
        lambda: LiveView(scenario, lang).view(), address="127.0.0.1", port=port, show=False,
        start=False, title="weishang", verbose=False)
    # Who may connect can be said only when the port is known.
    server._tornado.websocket_origins.update([f"127.0.0.1:{server.port}", *origins])
    return server
