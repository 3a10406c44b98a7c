"""The benchmark is one command that runs here and now; what it finds is nobody's test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as benchmarks
from sim.regimes import REGIMES


@pytest.mark.slow
def test_one_command_prints_a_table_stores_it_and_compares(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(benchmarks, "RESULTS", tmp_path / "results")
    arguments = ["--sizes", "500", "--weeks", "3", "--no-mesa", "--no-cold", "--no-whole"]
    result = CliRunner().invoke(benchmarks.main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    for regime in REGIMES:
        assert regime in result.output
    stored = json.loads(next((tmp_path / "results").glob("*.json")).read_text())
    assert len(stored["runs"]) == len(REGIMES)
    run = stored["runs"][0]
    assert run["person_weeks_per_second"] > 0
    assert 50 < run["bytes_per_person"] < 400
    assert {"import", "build", "weeks", "write"} <= run["phases"].keys()
    inside = sum(run["inside"][name] for name in run["inside"]
                 if name.startswith(("rule", "observe", "account")))
    assert inside <= run["phases"]["weeks"] * 1.001
    assert stored["references"]["using agrees with numpy"]
    assert stored["references"].get("using agrees with C", True)
    again = CliRunner().invoke(benchmarks.main, arguments, catch_exceptions=False)
    assert " x " in again.output, "the second table says nothing about the first"


def test_plain_mesa_is_measured(capsys) -> None:  # type: ignore[no-untyped-def]
    out: dict[str, Any] = {"sizes": [400]}
    benchmarks.show_mesa(out, weeks=3)
    assert "400 persons, weeks 1-3" in capsys.readouterr().out
    found = out["plain_mesa"]
    assert found["persons"] == 400
    assert min(found["plain"], found["plain_keyed"], found["shipped"]) > 0
    # So few decisions, and none of them near enough its threshold to show how floats are kept.
    assert found["gap"] < 1e-5
