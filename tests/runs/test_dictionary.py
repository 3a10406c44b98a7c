"""The data dictionary of a folder, units in Parquet, and what other programs read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from tests.scenarios import small

PANDAS = {"integer": "Int64", "number": "float64", "string": "object"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("results") / "r"
    sim.sweep(small(persons=200, weeks=6), {"controls.stock_pressure": [0.0, 1.0]}, seeds=2,
              workers=1, out=made)
    return made


def package(folder: Path) -> Any:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def test_every_table_and_column_is_described(folder: Path) -> None:
    said = package(folder)
    files = {resource["path"] for resource in said["resources"]}
    tables = {file.name for file in folder.iterdir() if file.suffix in (".parquet", ".csv")}
    assert files == tables - {"measures.csv"}  # the study's own, made of the others
    assert re.fullmatch(r"[a-z0-9._-]+", said["name"])
    for resource in said["resources"]:
        read = pd.read_csv if resource["format"] == "csv" else pd.read_parquet
        table = read(folder / resource["path"])
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == list(table.columns)
        assert all(field["description"] for field in fields)
        assert all("unit" in field for field in fields)
        assert not table.duplicated(resource["schema"]["primaryKey"]).any()


def test_tables_are_read_with_the_types_that_are_said(folder: Path) -> None:
    for resource in package(folder)["resources"]:
        if resource["format"] == "csv":
            types = {field["name"]: PANDAS[field["type"]]
                     for field in resource["schema"]["fields"]}
            table = pd.read_csv(folder / resource["path"], dtype=types)
            again = pd.read_parquet(folder / f"{resource['path'][:-4]}.parquet")
            for name in again.select_dtypes("number"):
                both = table[name].astype("float64"), again[name].astype("float64")
                pd.testing.assert_series_equal(*both, check_dtype=False)


def test_units_are_in_the_parquet_files(folder: Path) -> None:
    schema = pq.read_schema(folder / "weekly.parquet")
    assert schema.field("price_list").metadata[b"unit"] == b"fen"
    assert schema.field("controls.stock_pressure").metadata[b"unit"] == b"share"
    assert b"pressed" in schema.field("controls.stock_pressure").metadata[b"description"]
    for file in folder.glob("*.parquet"):
        schema = pq.read_schema(file)
        assert all(b"unit" in (field.metadata or {}) for field in schema)


def test_the_dictionary_is_checked_and_mended(folder: Path) -> None:
    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert "datapackage.json" in files
    text = (folder / "datapackage.json").read_text()
    (folder / "datapackage.json").write_text("{}")
    sim.resume(folder, workers=1)
    assert (folder / "datapackage.json").read_text() == text


def test_stata_takes_the_columns(folder: Path, tmp_path: Path) -> None:
    # Stata's names have 32 characters at most; it reads the CSV files, pandas writes its own format.
    weekly = pd.read_csv(folder / "weekly.csv").rename(
        columns=lambda name: name.replace(".", "_"))
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,31}", name) for name in weekly.columns)
    weekly.to_stata(tmp_path / "weekly.dta", write_index=False, version=118)
    again = pd.read_stata(tmp_path / "weekly.dta")
    assert again["sell_in"].tolist() == weekly["sell_in"].tolist()


def test_outputs_of_custom_rules_are_described(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "income_tax.yaml"
    scenario = sim.load(example, {"persons": 200, "weeks": 3}, allow_code=True)
    sim.run_into(scenario, [1], tmp_path / "r", workers=1)
    [weekly] = [one for one in package(tmp_path / "r")["resources"] if one["path"] == "weekly.csv"]
    [tax] = [field for field in weekly["schema"]["fields"] if field["name"] == "tax"]
    assert (tax["unit"], tax["description"]) == ("fen", "income tax of resellers")
