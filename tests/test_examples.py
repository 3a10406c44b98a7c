"""The custom rules of docs/examples: each is short, and does by command all that shipped rules do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.cli.app import outcome
from sim.errors import UsageError

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = DOCS / "examples"
SMALL = ["--persons", "600", "--weeks", "20", "--set", "recruiting.founders=1%", "--workers", "1"]
QUICK = {"persons": 600, "weeks": 20, "recruiting.founders": 0.01}
RULES = {
    # file: a parameter, two values of it, the output that says what the rule did
    "payment_cap": ("payment_cap.cap", (20, 1e6), "payments_capped"),
    "price_memory": ("price_memory.weight", (0, 50), "remembered_mean"),
    "rival": ("rivalry.reach", (0, 1), "rival_price"),
    "income_tax": ("income_tax.rate", (0, 0.9), "tax"),
    "ranking": ("ranking.looking", (0, 0.5), "platform_visits"),
}


@pytest.mark.parametrize("page", ["mesa.md", "custom_rules.md", "python.md"])
def test_what_a_page_shows_runs(page: str) -> None:
    shown = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.S)
    assert shown
    for code in shown:
        exec(compile(code, page, "exec", dont_inherit=True), {"__name__": "__main__"})


def scenario(name: str, **changes: Any) -> Any:
    return sim.load(EXAMPLES / f"{name}.yaml", {**QUICK, **changes}, allow_code=True)


def test_all_examples_are_tried() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.py")} == {"coupons", *RULES}
    assert {file.stem for file in EXAMPLES.glob("*.yaml")} == {"coupons", *RULES}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.py").read_text().splitlines()) < 40


@pytest.mark.parametrize("name", RULES)
def test_a_rule_runs_is_reopened_and_reproduced_by_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _key, _values, output = RULES[name]
    file, folder = str(EXAMPLES / f"{name}.yaml"), str(tmp_path / "r")
    assert outcome(["check", file, "--allow-code"]) == 0
    assert outcome(["run", file]) == 2  # nothing is executed unasked
    assert "--allow-code" in capsys.readouterr().err
    assert outcome(["run", file, "--allow-code", *SMALL, "--seeds", "2", "--figures", "none",
                    "--out", folder]) == 0
    again = sim.open_results(folder)
    assert again.weekly[output].notna().all()
    assert (EXAMPLES / f"{name}.py").read_text() in [
        kept.read_text() for kept in Path(folder).rglob("*.py")]
    capsys.readouterr()
    assert outcome(["reproduce", folder, "--sample", "1", "--workers", "1"]) == 2
    assert "--allow-code" in capsys.readouterr().err
    assert outcome(["reproduce", folder, "--sample", "2", "--workers", "1", "--allow-code"]) == 0
    assert outcome(["status", folder]) == 0
    with pytest.raises(UsageError, match="allow_code"):
        sim.run(again.result().scenario, 1)
    trusted = sim.open_results(folder, allow_code=True).result().scenario
    mine = again.weekly[again.weekly["seed"] == 1]
    assert sim.run(trusted, 1).weekly[output].tolist() == mine[output].tolist()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_swept_by_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, (low, high), output = RULES[name]
    done = outcome(["sweep", str(EXAMPLES / f"{name}.yaml"), "--allow-code", *SMALL, "--seeds", "1",
                    "--vary", f"{key}={low},{high}", "--out", str(tmp_path / "s"), "--json"])
    assert done == 0
    json.loads(capsys.readouterr().out)
    table = sim.open_results(tmp_path / "s").weekly
    assert table.groupby(key)[output].size().tolist() == [20, 20]


@pytest.mark.parametrize("name", RULES)
def test_the_parameter_changes_what_happens(name: str) -> None:
    key, values, output = RULES[name]
    low, high = (sim.run(scenario(name, **{key: value}), 1) for value in values)
    assert not low.weekly.drop(columns=output).equals(high.weekly.drop(columns=output))


def test_a_cap_that_binds_leaves_uplines_no_more() -> None:
    capped = sim.run(scenario("payment_cap", **{"payment_cap.cap": 20}), 1)
    free = sim.run(scenario("payment_cap", **{"payment_cap.cap": 1e6}), 1)
    assert free.weekly["payments_capped"].sum() == 0
    assert capped.weekly["payments_capped"].sum() > 0
    per_seller = capped.resellers.eval("upline_payments / (20 - joined_week)")
    assert per_seller[np.isfinite(per_seller)].max() <= 2000


def test_a_tax_is_kept_by_the_state() -> None:
    model = sim.MicroCommerce(scenario("income_tax"), rng=1)
    model.run_model()
    assert model.world.books.money["state"] == sum(week["tax"] for week in model.weekly) > 0


def test_price_memory_without_weight_changes_nothing() -> None:
    idle = sim.run(scenario("price_memory", **{"price_memory.weight": 0}), 1).weekly
    plain = sim.run(sim.load("pyramid", QUICK), 1).weekly
    shared = [column for column in plain.columns if column != "scenario"]
    assert idle[shared].equals(plain[shared])


def test_a_ranking_gathers_sales_in_few_hands() -> None:
    def most(looking: float) -> float:
        sold = sim.run(scenario("ranking", **{"ranking.looking": looking, "ranking.page": 1}), 1)
        margins = sold.resellers["own_retail_margin"].clip(lower=0)
        return float(margins.max() / margins.sum())

    assert most(1.0) > most(0.0)
