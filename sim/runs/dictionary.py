"""The data dictionary of a results folder: meaning and unit of each column of each table.

``datapackage.json`` is a Data Package of the Frictionless standard, which R, Python and many other tools
read. The metadata of the Parquet files hold the same meanings and units.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.market.outputs import COHORTS, PURCHASES, RESELLERS, TIERS, WEEKLY, Output
from sim.market.persons import COLUMNS
from sim.runs.design import Design
from sim.scenario.parameters import find

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DICTIONARY", "columns_of", "data_package", "described"]

DICTIONARY = "datapackage.json"
"""File name of the data dictionary."""

PERSONS = (
    Output("person", "person", "number of the person"),
    *(Output(column.name, "person" if column.name == "seller" else column.unit,
             "from whom the person would buy; empty: from nobody" if column.name == "seller"
             else column.meaning) for column in COLUMNS))
"""Columns of the table of persons."""

TABLES = {
    "weekly": (WEEKLY, ("week",), "the market, a row per run and week"),
    "tiers": (TIERS, ("week", "tier"), "the rungs of the ladder, a row per run, week and rung"),
    "cohorts": (COHORTS, ("cohort", "week"), "survival of resellers by week of joining"),
    "resellers": (RESELLERS, ("person",), "everybody who ever joined, at the end of the run"),
    "persons": (PERSONS, ("person",), "every person, at the end of the run"),
    "purchases": (PURCHASES, ("week", "person"), "the log of purchases"),
}
"""For each table: its columns, those that identify a row within a run, and a description."""

TYPES = {"int64": "integer", "double": "number", "bool": "boolean", "string": "string"}
"""The standard's names of Arrow's types; other types are strings."""


def columns_of(table: str, design: Design) -> dict[str, Output]:
    """Return the descriptions of the columns that a table of the design may have, by name."""
    who = [_setting(key, design) for key in design.keys]
    who += [Output("scenario", "text", "title of the scenario"),
            Output("seed", "number", "seed of the run's luck")]
    own = _own(design) if table == "weekly" else ()
    if table == "persons":
        own = _own_columns(design)
    return {column.name: column for column in (*who, *TABLES[table][0], *own)}


def described(schema: pa.Schema, columns: dict[str, Output]) -> pa.Schema:
    """Return an Arrow schema with units and meanings added to the metadata of its fields."""
    import pyarrow as pa

    return pa.schema([
        field.with_metadata({"unit": columns[field.name].unit,
                             "description": columns[field.name].meaning})
        if field.name in columns else field for field in schema])


def data_package(folder: Path, design: Design) -> str:
    """Return the data dictionary of the tables in a folder, as JSON text."""
    import pyarrow.parquet as pq

    resources = []
    for table in design.tables:
        _columns, rows, meaning = TABLES[table]
        schema = pq.read_schema(folder / f"{table}.parquet")
        columns = columns_of(table, design)
        key = [*design.keys, "scenario", "seed", *rows]
        for kind, media in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
            if (folder / f"{table}.{kind}").exists():
                # Readers of Parquet return integer columns with empty cells as floats with NaN.
                holes = "number" if kind == "parquet" else "integer"
                fields = {
                    "fields": [_field(field, columns, holes) for field in schema],
                    "missingValues": [""],
                    **({"primaryKey": key} if set(key) <= set(schema.names) else {}),
                }
                resources.append({
                    "name": table if kind == "parquet" else f"{table}-csv",
                    "path": f"{table}.{kind}", "format": kind, "mediatype": media,
                    **({"encoding": "utf-8"} if kind == "csv" else {}),
                    "description": meaning, "schema": fields})
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": _name(design.names), "title": "; ".join(design.labels),
        "description": "Results of weishang: units are whole units of product, money is in fen "
                       "(1/100 yuan), weeks count from 1.",
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _field(field: Any, columns: dict[str, Output], holes: str) -> dict[str, Any]:
    kind = TYPES.get(str(field.type), "string")
    said = {"name": field.name, "type": holes if kind == "integer" and field.nullable else kind}
    if field.name in columns:
        said |= {"description": columns[field.name].meaning, "unit": columns[field.name].unit}
    return said | ({} if field.nullable else {"constraints": {"required": True}})


def _setting(key: str, design: Design) -> Output:
    """Return the description of the column of a varied setting."""
    shape = find(type(design.scenarios[0]), key)
    info = shape.info if shape is not None else None
    return Output(key, shape.unit if shape is not None else "",
                  (info.description if info is not None else None) or "a setting that was varied")


def _own(design: Design) -> Iterable[Output]:
    """Return the weekly columns of custom rules."""
    return dict.fromkeys(
        output for scenario in design.scenarios for output in scenario.rule_outputs())


def _own_columns(design: Design) -> Iterable[Output]:
    """Return the columns that custom rules give to persons."""
    return dict.fromkeys(
        Output(column.name, column.unit, column.meaning)
        for scenario in design.scenarios for rule in scenario.composition().rules
        for table, column in rule.columns if table == "persons")


def _name(names: Iterable[str]) -> str:
    """Return a name that the standard allows: lower-case letters, digits, points and hyphens."""
    return re.sub(r"[^a-z0-9._-]+", "-", "-".join(names).lower()).strip("-._")[:60] or "results"
