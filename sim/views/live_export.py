"""Downloads of the live view: scenario, tables and picture."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING

from sim.runs.reading import scenario_yaml
from sim.runs.result import tables_of
from sim.runs.tables import for_spreadsheets
from sim.views.live_market import LiveMarket

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["picture_png", "scenario_text", "tables_zip"]

BYTE_ORDER_MARK = "\ufeff"
"""Byte-order mark, by which spreadsheets recognise UTF-8."""


def scenario_text(markets: Sequence[LiveMarket]) -> str:
    """Return the steered market's scenario as a file, including changes made on the page."""
    return scenario_yaml(markets[0].model.scenario)


def _tables(markets: Sequence[LiveMarket]) -> Data:
    """Return the tables of all markets, each row with the name of its market."""
    import pandas as pd

    parts = [
        {name: table.assign(scenario=market.label)
         for name, table in tables_of(market.model).items()} for market in markets]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True)
            for name in parts[0]}


def tables_zip(markets: Sequence[LiveMarket]) -> bytes:
    """Return the tables so far as CSV files in one archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in _tables(markets).items():
            archive.writestr(f"{name}.csv", BYTE_ORDER_MARK + for_spreadsheets(table))
    return held.getvalue()


def picture_png(markets: Sequence[LiveMarket], lang: str) -> bytes:
    """Return the comparison of two markets, or the sell-in and sell-through of one, as a picture."""
    from sim.views.plots import compare_figure, figure

    held = io.BytesIO()
    if len(markets) > 1:
        both = SimpleNamespace(**_tables(markets), design=SimpleNamespace(
            labels=(labels := [market.label for market in markets]), keys=(), called=lambda _lang: labels,
            scenarios=[market.model.scenario for market in markets]))
        made = compare_figure(both, lang=lang)
    else:
        made = figure(markets[0].model, "sell_through", lang)
    made.savefig(held, format="png", dpi=110)
    return held.getvalue()
