"""The live view: one market or two in the browser, week by week, with rules that can be changed.

It is served on this machine only (127.0.0.1) and needs no internet connection, because Panel includes
its scripts. Each browser tab has its own markets.
"""

from __future__ import annotations

import functools
import io
import time
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import panel as pn

from sim.errors import UsageError
from sim.regimes import REGIMES
from sim.scenario.load import load, shipped
from sim.views.live_charts import charts, legend, tree
from sim.views.live_export import picture_png, scenario_text, tables_zip
from sim.views.live_market import LiveMarket
from sim.views.live_page import PAGE, font_css
from sim.views.sources import regime_said
from sim.views.texts import language, text, text_of

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario

__all__ = ["LiveView", "serve"]

CONTROLS = ("stock_pressure", "information_asymmetry", "feedback")
OWN = "own"
"""Name on the page of the scenario that the view was started with."""
SPEEDS = (1, 2, 4, 8, 16)
RUSH_SECONDS = 0.25
"""Seconds for which weeks run before the page responds again, on the way to the end."""
RUSH_PAUSE = 20
"""Milliseconds between two such periods."""

CELL = ":host { flex: 1 1 360px; min-width: min(100%, 300px); max-width: 640px; }"
"""Charts stand beside each other where there is room, and below each other on a phone."""


class LiveView:
    """The content of one browser tab: a market that can be steered, and one to compare it with.

    Parameters
    ----------
    scenario
        The scenario to begin with; any shipped one can be chosen on the page.
    lang
        ``en`` or ``zh``.
    """

    def __init__(self, scenario: Scenario, lang: str | None = None) -> None:
        self.lang = language(lang)
        self.scenario = scenario
        self.say = functools.partial(text, lang=self.lang)
        self.timer: Any = None
        self.rushing = False
        self._touched: set[str] = set()
        self._due: set[str] = set()
        self._following = False
        self._make_widgets()
        self.markets: list[LiveMarket] = []
        self.reset()

    # -- widgets ----------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        say, widgets = self.say, pn.widgets
        own = _title(self.scenario, self.lang)
        names = {own: OWN} | {
            title: name for name, title in _titles(self.lang) if title != own}
        self.choice = widgets.Select(label=say("live scenario"), options=names, value=OWN)
        self.other = widgets.Select(
            label=say("live compare"), options={say("live nothing"): "", **names}, value="")
        self.seed = widgets.IntInput(
            label=say("live seed"), value=int(self.scenario.seed), start=0, end=2**31 - 1)
        self.speed = widgets.Select(label=say("live speed"), options=list(SPEEDS), value=4)
        self.play = widgets.Toggle(label=say("play"), color="primary", width=100)
        self.one = widgets.Button(label=say("step"), width=110)
        self.end = widgets.Button(label=say("live end"), width=130)
        self.again = widgets.Button(label=say("reset"), width=130)
        self.steer = pn.pane.HTML("")
        self.regime = widgets.RadioButtonGroup(
            label=say("regime"), value=self.scenario.regime,
            options={regime_said(name, self.lang): name for name in REGIMES})
        self.sliders = {
            name: widgets.FloatSlider(label=say(name), start=0.0, end=1.0, step=0.05)
            for name in CONTROLS}
        self.apply = widgets.Button(label=say("apply", week=1), width=200)
        self.pending = pn.pane.HTML("")
        self.colour = widgets.RadioButtonGroup(
            label=say("colour by"), value="gain",
            options={say(by): by for by in ("gain", "tier", "stage")})
        self.status = pn.pane.HTML("", sizing_mode="stretch_width")
        self.log = pn.pane.HTML("", sizing_mode="stretch_width")
        self.board = pn.FlexBox(sizing_mode="stretch_width", gap="14px")
        self.forest = pn.FlexBox(sizing_mode="stretch_width", gap="14px")
        self.legends: list[Any] = []
        self.downloads = [
            widgets.FileDownload(
                callback=make, filename=filename, label=say(f"live export {what}"), width=180)
            for what, filename, make in (
                ("scenario", "scenario.yaml", lambda: _file(scenario_text(self.markets))),
                ("tables", "tables.zip", lambda: io.BytesIO(tables_zip(self.markets))),
                ("picture", "picture.png",
                 lambda: io.BytesIO(picture_png(self.markets, self.lang))))]
        self._watch()

    def _watch(self) -> None:
        self.one.on_click(lambda _: _later(self.step))
        self.end.on_click(lambda _: _later(self.rush))
        self.again.on_click(lambda _: _later(self.reset))
        self.apply.on_click(lambda _: _later(self.switch))
        for choice in (self.choice, self.other):
            choice.param.watch(lambda _: _later(self.choose), "value")
        self.regime.param.watch(lambda event: self._regime_chosen(event.new), "value")
        for name, slider in self.sliders.items():
            slider.param.watch(functools.partial(self._moved, name), "value")
        self.play.param.watch(lambda event: self.run(event.new), "value")
        self.speed.param.watch(lambda _: self._retime(), "value")
        self.colour.param.watch(lambda _: _later(self.show_trees), "value")

    # -- what the buttons do ----------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a market has weeks left."""
        return any(market.model.running for market in self.markets)

    def step(self) -> None:
        """Run one week and show it."""
        self._advance()
        self.show()

    def _advance(self) -> None:
        for market in self.markets:
            if market.model.running:
                market.step()
        self._due.clear()
        if not self.running:
            self.rushing = False
            self.play.value = False

    def _tick(self) -> None:
        """Run one week or, on the way to the end, as many as fit into one period."""
        stop = time.monotonic() + (RUSH_SECONDS if self.rushing else 0.0)
        self._advance()
        while self.rushing and time.monotonic() < stop:
            self._advance()
        self.show()

    def run(self, playing: bool) -> None:
        """Run week after week until told to stop."""
        self.play.label = self.say("pause" if playing else "play")
        if not playing:
            self.rushing = False
        self._retime()

    def rush(self) -> None:
        """Run to the end as fast as the machine can."""
        if pn.state.curdoc is None:
            while self.running:
                self._advance()
            self.show()
            return
        self.rushing = self.running
        if self.play.value:
            self._retime()
        else:
            self.play.value = self.running

    def _retime(self) -> None:
        if self.timer is not None:
            self.timer.stop()
            self.timer = None
        if self.play.value and pn.state.curdoc is not None:
            period = RUSH_PAUSE if self.rushing else 1000 // self.speed.value
            self.timer = pn.state.add_periodic_callback(self._tick, period=period)

    def choose(self) -> None:
        """Start the chosen scenarios unchanged."""
        self._touched.clear()
        self.reset()

    def reset(self) -> None:
        """Start again in week 0, with the changes made on the page but not yet applied."""
        self.play.value = False
        if "regime" in self._touched and self.regime.value != self._chosen(self.choice.value).regime:
            # Another regime means the shipped scenario with its own offer, ladder and network.
            self._touched.discard("regime")
            self._following = True
            self.choice.value = self.regime.value
            self._following = False
        try:
            self.markets = self._start()
        except UsageError as error:
            self.status.object = escape(self.say(
                "live error", name=self.choice.value, why=str(error)))
            return
        self._touched.clear()
        self._due.clear()
        self.draw()
        self.show()

    def _start(self) -> list[LiveMarket]:
        chosen = self._chosen(self.choice.value)
        own = {f"controls.{name}": self.sliders[name].value
               for name in CONTROLS if name in self._touched}
        plans = [chosen] if not self.other.value else [chosen, self._chosen(self.other.value)]
        weeks = max(plan.weeks for plan in plans)
        plans = [plan if plan.weeks == weeks else plan.changed({"weeks": weeks}) for plan in plans]
        if own:
            plans[0] = plans[0].changed(own)
        labels = [_title(plan, self.lang) for plan in plans]
        if len(set(labels)) < len(labels):
            labels = [f"{label} {'AB'[place]}" for place, label in enumerate(labels)]
        return [LiveMarket(plan, int(self.seed.value or 0), label)
                for plan, label in zip(plans, labels, strict=True)]

    def _chosen(self, name: str) -> Any:
        if name == OWN:
            return self.scenario
        return load(name, {"persons": self.scenario.persons})

    def switch(self) -> None:
        """Put the changes made on the page in force from the next week on."""
        wanted = self._wanted()
        if not wanted:
            return
        self.markets[0].change(wanted)
        self._due |= self._touched
        self._touched.clear()
        self.show()

    def _wanted(self) -> Data:
        wanted: Data = {}
        if "regime" in self._touched:
            wanted = turning(self.regime.value)
        return wanted | {f"controls.{name}": self.sliders[name].value
                         for name in CONTROLS if name in self._touched}

    # -- what was changed and is not in force yet -------------------------------------------------

    def _regime_chosen(self, regime: str) -> None:
        if self._following:
            return
        self._touched.add("regime")
        for name in CONTROLS:
            self.sliders[name].value = getattr(load(regime).controls, name)
        self._touched |= set(CONTROLS)
        self.show_pending()

    def _moved(self, name: str, _event: object) -> None:
        if not self._following:
            self._touched.add(name)
            self.show_pending()

    def _in_force(self, name: str) -> Any:
        settings = self.markets[0].model.world.settings
        return settings.regime if name == "regime" else getattr(settings.controls, name)

    def follow(self) -> None:
        """Show the values in force wherever nothing was changed on the page."""
        self._following = True
        for name, widget in (("regime", self.regime), *self.sliders.items()):
            if name not in self._touched | self._due:
                widget.value = self._in_force(name)
        self._following = False

    def show_pending(self) -> None:
        """List and mark the changes that are not in force yet."""
        if not self.markets:
            return
        self._touched = {
            name for name in self._touched
            if self._in_force(name) != (
                self.regime if name == "regime" else self.sliders[name]).value}
        for name, slider in self.sliders.items():
            slider.label = self.say(name) + (" ●" if name in self._touched else "")
        self.regime.label = self.say("regime") + (" ●" if "regime" in self._touched else "")
        said = self.say("live pending", what="、".join(map(self.say, sorted(self._touched)))
                        if self.lang == "zh" else ", ".join(map(self.say, sorted(self._touched)))) \
            if self._touched else self.say("live in force")
        self.pending.object = (
            f'<p role="status" style="margin:0;{"font-weight:bold" if self._touched else ""}">'
            f"{escape(said)}</p>")
        self.apply.color = "warning" if self._touched else "default"
        model = self.markets[0].model
        self.apply.label = self.say("apply", week=min(model.week + 1, model.scenario.weeks))
        self.apply.disabled = not self._touched or not model.running

    # -- what is shown ----------------------------------------------------------------------------

    def draw(self) -> None:
        """Lay out the charts of the markets that now run."""
        cells = [pn.Column(pn.pane.Bokeh(chart, sizing_mode="stretch_width"),
                           sizing_mode="stretch_width", stylesheets=[CELL])
                 for chart in charts(self.markets, self.lang)]
        self.legends = [pn.pane.HTML("", sizing_mode="stretch_width") for _ in self.markets]
        self.board.objects = cells
        self.forest.objects = [
            pn.Column(pn.pane.Bokeh(tree(market, self.lang), sizing_mode="stretch_width"), below,
                      sizing_mode="stretch_width", stylesheets=[CELL])
            for market, below in zip(self.markets, self.legends, strict=True)]
        self.steer.object = f"<b>{escape(self.say('live steer', name=self.markets[0].label))}</b>"

    def show(self) -> None:
        """Show the current week."""
        several = len(self.markets) > 1
        self.status.object = "".join(
            '<p style="margin:0 0 4px;font-size:17px">'
            + (f"<b>{escape(market.label)}</b> · " if several else "")
            + f"{escape(market.status(self.lang))}</p>" for market in self.markets)
        self.log.object = "".join(
            f"<p style='margin:0'><b>{escape(self.say('live market a'))} · {escape(market.label)}"
            f"</b><br>{'<br>'.join(map(escape, lines))}</p>"
            for market in self.markets if (lines := market.event_lines(self.lang)))
        self.one.disabled = self.end.disabled = not self.running
        self.follow()
        self.show_pending()
        self.show_trees()

    def show_trees(self) -> None:
        """Show who recruited whom now."""
        for market, below in zip(self.markets, self.legends, strict=True):
            market.show_tree(self.colour.value)
            below.object = legend(market, self.colour.value, self.lang)

    def view(self) -> Data:
        """Return the parts of the page: heading, side (controls) and main (charts)."""
        return {
            "heading": pn.pane.HTML(
                f"<h1 style='font-size:20px;margin:0'>weishang · {escape(self.say('live'))}</h1>"),
            "side": pn.Column(
                self.choice, self.other, self.seed, self.speed,
                pn.FlexBox(self.play, self.one, self.end, self.again),
                self.steer, self.regime, *self.sliders.values(), self.apply, self.pending,
                pn.pane.HTML(f"<b>{escape(self.say('live export'))}</b>"),
                pn.FlexBox(*self.downloads), sizing_mode="stretch_width"),
            "main": pn.Column(
                self.status, self.log, self.board,
                pn.pane.HTML(f"<b>{escape(self.say('colour by'))}</b>", margin=(0, 10)),
                self.colour, self.forest, sizing_mode="stretch_width")}


def turning(regime: str) -> Data:
    """Return the settings that change when a running market switches to a regime, as in `transition`.

    Switching the rules alone would keep the price of the old regime.
    """
    changes: Data = {}
    for event in load("transition").events:
        if event.set.get("regime") == regime:
            changes |= dict(event.set)
    return {"offer.list_price": load(regime).offer.list_price, **changes, "regime": regime}


@functools.cache
def _titles(lang: str) -> tuple[tuple[str, str], ...]:
    """Return name and title of the shipped scenarios, except those that test a limiting case."""
    return tuple((name, _title(load(name), lang)) for name in shipped() if "/" not in name)


def _title(scenario: Scenario, lang: str) -> str:
    return text_of(scenario.title, lang) or str(scenario.regime)


def _file(words: str) -> io.StringIO:
    return io.StringIO(words)


def _later(change: Callable[[], None]) -> None:
    """Make a change when the page's document is unlocked, or at once if there is no page."""
    page = pn.state.curdoc
    if page is None:
        change()
    else:
        page.add_next_tick_callback(change)


def page(scenario: Scenario, lang: str | None = None) -> Any:
    """Return the page of one browser tab."""
    made = pn.Template(PAGE)
    made.add_variable("lang", "zh-CN" if language(lang) == "zh" else "en")
    for name, part in LiveView(scenario, lang).view().items():
        made.add_panel(name, part)
    return made


def serve(
    scenario: Scenario, *, lang: str | None = None, port: int = 0, show: bool = True,
    announce: Callable[[str], object] | None = None, origins: Sequence[str] = (),
) -> None:
    """Serve the live view of a scenario on 127.0.0.1 until interrupted.

    `announce` is called with the address once it is known; for the rest see `server_of`.
    """
    server = server_of(scenario, lang=lang, port=port, origins=origins)
    if announce is not None:
        announce(f"http://127.0.0.1:{server.port}/")
    if show:
        server.show("/")
    server.run_until_shutdown()


def server_of(
    scenario: Scenario, *, lang: str | None = None, port: int = 0, origins: Sequence[str] = (),
) -> Any:
    """Return a server of the live view that holds its port and has not started yet.

    Parameters
    ----------
    port
        0 for any free port, assigned by the system so that no other process can take it.
    origins
        Hosts (``hub.example.org``, ``localhost:8080``) through which a tunnel or a JupyterHub
        brings the browser here.

    Raises
    ------
    OSError
        When the port is in use.
    """
    pn.extension(raw_css=[font_css()])
    server = pn.serve(
        lambda: page(scenario, lang), address="127.0.0.1", port=port, show=False,
        start=False, title="weishang", verbose=False)
    # The allowed origins depend on the port, which is known only now.
    server._tornado.websocket_origins.update([f"127.0.0.1:{server.port}", *origins])
    return server
