"""--worlds: answers in plausible worlds, how many agree, and which setting decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.app import outcome
from sim.errors import UsageError
from sim.runs.worlds import Worlds
from sim.studies import worlds as ensemble
from sim.studies.compare import compare
from sim.studies.pilot import pilot
from sim.studies.plans import varied
from sim.studies.splitting import split
from sim.studies.tipping import tipping
from sim.studies.worlds import worlds_from
from tests.runs.worlds import small

COUNT = 40
ROWS = tuple((float(quality), float(approaches)) for quality, approaches in zip(
    np.random.default_rng(0).permutation(np.linspace(0.1, 0.9, COUNT)),
    np.random.default_rng(1).permutation(np.linspace(1.0, 9.0, COUNT)), strict=True))
WORLDS = Worlds(("offer.quality", "recruiting.approaches"), ROWS, "a test")


def busy(**settings: Any) -> Any:
    return small(persons=150, recruiting={"founders": 0.03, "open_to_selling": 0.3}, **settings)


@pytest.fixture
def fit(tmp_path: Path) -> Path:
    """The folder of a fit, as far as its ensemble goes."""
    folder = tmp_path / "fit"
    folder.mkdir()
    table = pd.DataFrame(ROWS, columns=list(WORLDS.keys))
    table.insert(0, "weight", 1 / COUNT)
    table.to_parquet(folder / "ensemble.parquet", index=False)
    return folder


def test_a_comparison_says_in_how_many_worlds_and_what_decides() -> None:
    # A plan with a fixed quality is better where the unknown quality is lower.
    found = compare(busy(title="Unknown", weeks=2),
                    busy(title="Fixed", weeks=2, offer={"quality": 0.5}),
                    measures=["quality_true at end"], worlds=WORLDS, workers=1)
    assert len(found.runs.design.seeds) == COUNT
    [said] = found.verdicts()
    assert f"Higher with Fixed in 20 of {COUNT} plausible worlds." in said
    assert "What decides it most is offer.quality: so in 100% of the worlds up to 0.5, in 0%" in said


def test_pairs_share_seed_and_world() -> None:
    found = compare(busy(title="A"), busy(title="B"), measures=["sum(sell_through)"], worlds=WORLDS,
                    seeds=3, workers=1)
    assert found.table["identical"].all()


def test_a_split_is_told_only_where_chance_does_worse() -> None:
    luck = np.random.default_rng(3)
    rows = luck.random((60, 5))
    cut = split("abcde", rows.tolist(), [bool(row[2] > 0.6) for row in rows])
    assert cut is not None
    assert cut.key == "c"
    assert cut.value == pytest.approx(0.6, abs=0.05)
    assert (cut.below, cut.above) == (0.0, 1.0)
    named = sum(split("abcde", rows.tolist(), [bool(x) for x in luck.random(60) > 0.5]) is not None
                for _try in range(60))
    assert named <= 9  # 1 in 20: 3 of 60, and three standard errors
    assert split("abcde", rows.tolist(), [True] * 60) is None
    assert split("abcde", rows[:8].tolist(), [True, False] * 4) is None


def test_worlds_come_from_a_fit_or_are_refused(fit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert worlds_from(None) is None
    assert worlds_from(WORLDS) is WORLDS
    drawn = worlds_from(str(fit))
    assert drawn is not None
    assert drawn.rows == ROWS
    some = worlds_from(7, fit)
    assert some is not None
    assert some.rows == ROWS[:7]
    with pytest.raises(UsageError, match="the ensemble has 40 worlds"):
        worlds_from(41, fit)
    with pytest.raises(UsageError, match="holds no ensemble"):
        worlds_from(str(fit.parent))
    monkeypatch.setattr(ensemble, "SHIPPED", fit / "none.csv")
    with pytest.raises(UsageError, match="no ensemble comes with this version"):
        worlds_from(5)


def test_tipping_counts_worlds() -> None:
    # A cost that changes nothing: the condition holds in half of the worlds at every value.
    found = tipping(
        busy(weeks=2), varied(busy(), ["offer.unit_cost=1:60"]), "quality_true at end > 0.5",
        seeds=range(8), worlds=Worlds(WORLDS.keys, tuple(sorted(ROWS)[16:24])), workers=1)
    assert found.table["share"].tolist() == [0.5] * len(found.table)
    assert np.isnan(found.low)


def test_tipping_has_an_interval_that_holds_the_crossing() -> None:
    found = tipping(busy(weeks=2), varied(busy(), ["offer.quality=0.2:0.9"]),
                    "quality_true at end > 0.55", seeds=range(6), tolerance=0.1, workers=1)
    low, high = found.crossing
    assert low <= 0.55 <= high
    assert high - low < 0.1
    assert "With 95% confidence the crossing is between" in "\n".join(found.verdicts())
    few = tipping(busy(weeks=2), varied(busy(), ["offer.quality=0.2:0.9"]),
                  "quality_true at end > 0.55", seeds=range(2), tolerance=0.3, workers=1)
    assert np.isnan(few.crossing[0])
    assert "take at least 6" in "\n".join(few.verdicts())


def test_a_crossing_is_covered_as_often_as_it_says() -> None:
    from sim.studies.tipping import _bracket, _crossing

    luck = np.random.default_rng(4)
    tried = np.linspace(0, 1, 17)
    held = 0
    for _try in range(200):
        own = luck.normal(0.45, 0.3, 20)  # each seed changes at a value of its own
        holds = {float(value): {seed: bool(value > one) for seed, one in enumerate(own)} for value in tried}
        bracket = _bracket(holds, 0.0, 1.0)
        assert bracket is not None
        low, high = _crossing(holds, bracket)
        held += low <= 0.45 <= high
    assert held >= 186  # 95 % of 200 less 1.3 standard errors: the interval errs on the wide side


def test_a_pilot_lives_in_worlds_of_an_ensemble() -> None:
    found = pilot([busy(title="A"), busy(title="B", offer={"list_price": 150.0})], (),
                  "sum(sell_through)", persons=80, weeks=2,
                  worlds=Worlds(WORLDS.keys, ROWS[:6]), workers=1)
    assert len(found.table) == 6
    assert 0 <= found.right <= 1
    with pytest.raises(UsageError, match="needs ranges of what nobody knows"):
        pilot([busy(title="A"), busy(title="B")], (), "sum(sell_through)", persons=80, weeks=2,
              worlds=4, workers=1)


def test_a_sweep_runs_every_point_in_every_world(fit: Path) -> None:
    swept = sim.sweep(busy(), {"offer.list_price": [90.0, 120.0]}, worlds=str(fit), seeds=3,
                      measures=["quality_true at end"], workers=1)
    values = swept.table.pivot(index="seed", columns="offer.list_price",
                                values="quality_true at end")
    assert values[90.0].tolist() == values[120.0].tolist()
    assert values[90.0].tolist() == pytest.approx([row[0] for row in ROWS[:3]], abs=0.02)


def test_the_commands_take_worlds(
    fit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("extends: pyramid\ntitle: Mine\npersons: 150\nweeks: 2\n")
    (tmp_path / "other.yaml").write_text(
        "extends: mine.yaml\ntitle: Other\noffer: {quality: 0.5}\n")
    given = ["--worlds", "22", "--worlds-from", str(fit), "--workers", "1", "--json"]
    assert outcome(["compare", "mine.yaml", "other.yaml", "--measure", "quality_true at end",
                    *given]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["done"] == 44
    assert "of 22 plausible worlds" in found["verdicts"][0]
    assert (tmp_path / found["results"] / "worlds.csv").exists()
    assert outcome(["run", "mine.yaml", "--figures", "none", *given]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 22
    assert outcome(["compare", "mine.yaml", "other.yaml", "--worlds", "41", "--worlds-from",
                    str(fit)]) == 2
    assert "the ensemble has 40 worlds" in capsys.readouterr().err
