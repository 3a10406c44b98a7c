"""The table of persons and the log of purchases, which a scenario asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.app import outcome
from sim.errors import ScenarioError
from sim.runs.estimate import estimate
from tests.scenarios import small

BOTH = {"outputs.persons": True, "outputs.purchases": True}
WITH_OLD_CHANNEL = {"legacy_channel.customers": 0.4, "legacy_channel.handover": 0.3,
                    "legacy_channel.distinctness": 0.5}

PROSUMERS = {"referral.founders": 0.05, "brand_awareness.advertising": 0.05}


def asked(regime: str = "pyramid", **changes: Any) -> Any:
    return small(regime).changed({**BOTH, **changes})


@pytest.mark.parametrize(("regime", "changes"), [
    ("pyramid", {}), ("prosumer", PROSUMERS), ("pyramid", WITH_OLD_CHANNEL),
    ("prosumer", WITH_OLD_CHANNEL | PROSUMERS)])
def test_the_log_adds_up_to_the_weekly_table(regime: str, changes: dict[str, Any]) -> None:
    scenario = asked(regime, **changes)
    result = sim.run(scenario, seed=3)
    weekly = result.weekly.set_index("week")
    log = result.purchases
    assert log is not None
    assert len(log)
    by_week = log.groupby("week")[["units", "paid"]].sum().reindex(weekly.index, fill_value=0)
    sold = weekly["sell_through"] + weekly["dumped"] + weekly["purchases_legacy"]
    assert by_week["units"].tolist() == sold.tolist()
    old = log[log["channel"] == "old channel"]
    if changes is not WITH_OLD_CHANNEL and len(changes) < 4:
        assert by_week["paid"].tolist() == (
            weekly["revenue_retail"] + weekly["revenue_dumped"]).tolist()
        assert old.empty
    else:
        assert len(old)
    direct = log[log["channel"].isin(["brand", "referral"])]
    assert direct["units"].sum() == weekly["direct_sales"].sum()
    assert len(direct) or regime == "pyramid"
    assert log.loc[log["channel"] == "reseller", "seller"].notna().all()


def test_persons_are_those_of_the_model() -> None:
    scenario = asked()
    table = sim.run(scenario, seed=2).persons
    model = sim.MicroCommerce(scenario, rng=2)
    model.run_model()
    assert table is not None
    assert table["person"].tolist() == list(range(600))
    assert table["trust"].tolist() == model.world.persons.trust.astype(float).tolist()
    known = table["seller"].notna()
    rows = model.world.persons.seller
    assert known.tolist() == (rows >= 0).tolist()
    assert table.loc[known, "seller"].tolist() == [
        model.world.resellers.person[row] for row in rows if row >= 0]


def test_asking_moves_no_number_and_nothing_is_kept_unasked() -> None:
    plain, asking = sim.run(small(), 1), sim.run(asked(), 1)
    assert plain.weekly.equals(asking.weekly)
    assert plain.resellers.equals(asking.resellers)
    assert plain.persons is None
    assert plain.purchases is None


def test_folders_keep_and_reproduce_them(tmp_path: Path) -> None:
    results = sim.run_into([asked(), small()], [1, 2], tmp_path / "r", workers=1)
    again = sim.open_results(results.path)
    assert again.persons.groupby(["scenario", "seed"]).size().tolist() == [600, 600]
    assert len(again.purchases) == sum(
        len(sim.run(asked(), seed).purchases) for seed in (1, 2))  # type: ignore[arg-type]
    assert again.result(0, 1).purchases is not None
    assert again.result(1, 1).purchases is None
    assert sim.reproduce(results.path, sample=4, workers=1).same == 4
    said = json.loads((tmp_path / "r" / "datapackage.json").read_text())
    assert {"persons", "purchases"} <= {one["name"] for one in said["resources"]}
    (tmp_path / "r" / "purchases.parquet").write_bytes(b"gone")
    assert sim.resume(results.path, workers=1).purchases.equals(again.purchases)


def test_a_folder_without_them_has_no_such_file(tmp_path: Path) -> None:
    results = sim.run_into(small(weeks=3), [1], tmp_path / "r", workers=1)
    assert not (tmp_path / "r" / "persons.parquet").exists()
    assert results.persons.empty


def test_the_dry_run_says_what_they_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def disk(scenario: Any) -> float:
        return estimate([scenario], 2, workers=1, figures=False, trial=False).disk

    made = sim.run_into(asked(), [1, 2], tmp_path / "r", workers=1)
    real = sum((made.path / f"{name}.parquet").stat().st_size for name in ("persons", "purchases"))
    more = disk(asked()) - disk(small())
    assert real <= more <= 12 * real
    assert disk(asked(persons=6000)) > 5 * more
    assert outcome(["run", "pyramid", "--set", "outputs.persons=true", "--persons", "1000", "--dry-run",
                    "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_events_do_not_move_them() -> None:
    with pytest.raises(ScenarioError, match=r"outputs\.persons"):
        small().changed({"events": [{"week": 3, "set": {"outputs.persons": True}}]})
