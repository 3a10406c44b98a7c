"""Sensitivity and tipping leave a results folder: complete, found again, reproduced, with a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.cli.app import outcome
from sim.runs.folder import open_results
from sim.studies.searching import Lab
from sim.studies.sharing import share_told
from tests.runs import worlds

VARY = {"offer.quality": (0.2, 0.9), "people.trust": (0.3, 0.7)}
WHEN = "trust_mean at end > 40%"


def small() -> Any:
    return worlds.small(recruiting={"founders": 0.03}, weeks=6)


def test_a_sensitivity_keeps_all_runs_and_finds_them_again(tmp_path: Path) -> None:
    memory = sim.sensitivity(small(), VARY, "trust_mean at end", samples=3, seeds=2, workers=1)
    kept = sim.sensitivity(small(), VARY, "trust_mean at end", samples=3, seeds=2, workers=1,
                           out=tmp_path / "r")
    assert kept.table.equals(memory.table)
    results = open_results(tmp_path / "r")
    assert results.complete
    assert not results.damage()
    assert len(results.done) == kept.runs == memory.runs
    assert results.design.study["kind"] == "sensitivity"
    assert set(results.weekly.columns[:2]) == set(VARY)
    again = sim.sensitivity(small(), VARY, "trust_mean at end", samples=3, seeds=2, workers=1,
                            out=tmp_path / "r")
    assert again.runs == 0
    assert again.table.equals(kept.table)
    assert outcome(["reproduce", str(tmp_path / "r"), "--sample", "1"]) == 0


def test_a_tipping_keeps_all_runs_and_finds_them_again(tmp_path: Path) -> None:
    asked = {"people.trust": (0.2, 0.8)}
    kept = sim.tipping(small(), asked, WHEN, seeds=6, tolerance=0.1, workers=1, out=tmp_path / "r")
    results = open_results(tmp_path / "r")
    assert results.complete
    assert len(results.done) == kept.runs
    for row in kept.table.to_dict("records"):
        held = [bool(results.result_of(run).weekly["trust_mean"].iloc[-1] > 0.4) for run in results.done
                if results.who(run)["people.trust"] == row["value"]]
        sure = share_told(held)
        assert (row["share"], row["low"], row["high"], row["seeds"]) == (
            sure.mean, sure.low, sure.high, len(held))
    again = sim.tipping(small(), asked, WHEN, seeds=6, tolerance=0.1, workers=1, out=tmp_path / "r")
    assert again.runs == 0
    assert again.verdicts() == kept.verdicts()


def test_an_optimum_keeps_the_points_of_its_search(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"seeds": 2, "budget": 5, "workers": 1, "out": tmp_path / "r"}
    found = sim.optimise(small(), {"people.trust": (0.3, 0.7)}, "trust_mean at end", **asked)
    results = open_results(tmp_path / "r")
    assert results.complete
    assert len(results.design.points) == len(found.searched)
    row = found.searched.loc[found.searched["trust_mean at end"].idxmax()]
    held = [results.result_of(run).weekly["trust_mean"].iloc[-1] for run in results.done
            if results.who(run)["people.trust"] == row["people.trust"]]
    assert row["trust_mean at end"] == pytest.approx(sum(held) / len(held))
    assert sim.optimise(small(), {"people.trust": (0.3, 0.7)}, "trust_mean at end", **asked).searched.equals(
        found.searched)
    # What the answer stands on lies beside it: the best point and the scenario as it is, on fresh seeds.
    best, before = (open_results(tmp_path / f"r-{name}") for name in ("best", "before"))
    for kept in (best, before):
        assert kept.complete
        assert not set(kept.design.seeds) & set(results.design.seeds)
        assert outcome(["reproduce", str(kept.path), "--sample", "1"]) == 0
    assert dict(zip(best.design.keys, best.design.points[0].values, strict=True)) == dict(found.settings)
    for kept, told in ((best, found.against.other), (before, found.against.baseline)):
        trust = [kept.result_of(run).weekly["trust_mean"].iloc[-1] for run in kept.done]
        assert told == pytest.approx(sum(trust) / len(trust))


def test_a_search_that_was_stopped_before_its_answer_is_answered_by_resume(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"seeds": 2, "budget": 5, "workers": 1, "out": tmp_path / "r"}
    sim.optimise(small(), {"people.trust": (0.3, 0.7)}, "trust_mean at end", **asked)
    answer = (tmp_path / "r" / "answer.json").read_bytes()
    (tmp_path / "r" / "answer.json").unlink()
    assert outcome(["resume", str(tmp_path / "r"), "--workers", "1", "--lang", "en"]) == 0
    assert (tmp_path / "r" / "answer.json").read_bytes() == answer


def test_a_pilot_keeps_its_runs_and_says_the_regret(tmp_path: Path) -> None:
    plans = [worlds.small(title=name, recruiting={"founders": 0.03}, offer={"list_price": price})
             for name, price in (("Cheap", 200.0), ("Dear", 500.0))]
    found = sim.pilot(plans, {"people.weekly_need": (0.05, 0.6)}, persons=200, weeks=6, worlds=6,
                      workers=1, out=tmp_path / "r")
    full, tried = open_results(tmp_path / "r"), open_results(tmp_path / "r-pilot")
    assert full.complete
    assert tried.complete
    assert {scenario.persons for scenario in tried.design.scenarios} == {200}
    table = found.table
    assert list(found.regret("with_pilot")) == list(
        table[["Cheap", "Dear"]].max(axis=1) - table["with_pilot"])
    assert (found.regret("with_pilot") >= 0).all()
    assert any(sentence.startswith("Behind the best plan: by ") for sentence in found.verdicts())
    again = sim.pilot(plans, {"people.weekly_need": (0.05, 0.6)}, persons=200, weeks=6, worlds=6,
                      workers=1, out=tmp_path / "r")
    assert again.results.lived == 0
    assert again.table.equals(table)


def test_a_search_that_is_stopped_goes_on_from_what_it_had(tmp_path: Path) -> None:
    def stop(done: float, planned: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    asked: dict[str, Any] = {"samples": 3, "seeds": 2, "workers": 1, "out": tmp_path / "r"}
    with pytest.raises(KeyboardInterrupt):
        sim.sensitivity(small(), VARY, "trust_mean at end", progress=stop, **asked)
    assert not (tmp_path / "r").exists()
    had = len(open_results(tmp_path / "r-part").done)
    assert had >= 2
    found = sim.sensitivity(small(), VARY, "trust_mean at end", **asked)
    assert found.runs == len(open_results(tmp_path / "r").done) - had
    assert not (tmp_path / "r-part").exists()


def test_nothing_is_written_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Lab(small(), ["offer.quality"], (0,), [], workers=1) as lab:
        lab.live([(0.5,)])
    assert lab.keep() is None
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_commands_draw_into_their_folder(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small().save(tmp_path / "a.yaml")
    common = ["--seeds", "2", "--workers", "1", "--lang", lang]
    for line, picture in (
        (["sensitivity", "--vary", "offer.quality=0.2:0.9", "--vary", "people.trust=0.3:0.7",
          "--measure", "trust_mean at end", "--samples", "2"], "tornado"),
        (["tipping", "--vary", "people.trust=0.2:0.8", "--when", WHEN, "--tolerance", "0.3"], "tipping"),
        (["optimise", "--vary", "people.trust=0.3:0.7", "--measure", "trust_mean at end", "--budget", "4"],
         "search"),
        (["pilot", str(tmp_path / "a.yaml"), "--vary", "people.weekly_need=0.05:0.6", "--worlds", "4",
          "--pilot-persons", "200", "--pilot-weeks", "4"], "pilot"),
    ):
        out = tmp_path / f"{picture}-{lang}"
        whole = [line[0], str(tmp_path / "a.yaml"), *line[1:], *common, "--out", str(out)]
        assert outcome([*whole, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["results"] == str(out)
        assert (out / "figures" / f"{picture}.png").stat().st_size > 10_000
        assert (out / f"{'sensitivity' if picture == 'tornado' else picture}.csv").exists()
        assert outcome(["verify", str(out), "--lang", "en"]) == 0
        capsys.readouterr()


@pytest.mark.parametrize("kind", ["sensitivity", "tipping", "optimise"])
def test_a_search_that_was_stopped_is_resumed_by_the_command(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(done: float, planned: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    one = {"people.trust": (0.3, 0.7)}
    study = {"sensitivity": lambda **to: sim.sensitivity(small(), VARY, "trust_mean at end", samples=3,
                                                         seeds=2, **to),
             "tipping": lambda **to: sim.tipping(small(), one, WHEN, seeds=6, tolerance=0.2, **to),
             "optimise": lambda **to: sim.optimise(small(), one, "trust_mean at end", seeds=2, budget=5,
                                                   satisfy=[WHEN], **to)}[kind]
    whole = study(workers=1)
    with pytest.raises(KeyboardInterrupt, match="weishang resume"):
        study(workers=1, out=tmp_path / "r", progress=stop)
    part = tmp_path / "r-part"
    assert outcome(["status", str(part), "--lang", "en"]) == 0
    assert f"go on with: weishang resume {part}" in capsys.readouterr().out
    assert outcome(["resume", str(part), "--workers", "1", "--lang", "en", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdicts"] == whole.verdicts()
    assert told["lived"] > 0
    assert not part.exists()
    results = open_results(tmp_path / "r")
    assert results.complete
    assert results.design.study["kind"] == kind
    assert list((tmp_path / "r" / "figures").glob("*.png"))
    assert outcome(["status", str(tmp_path / "r"), "--lang", "en"]) == 0
    assert whole.verdicts()[0] in capsys.readouterr().out


def test_files_of_a_study_that_are_damaged_are_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r"
    plans = [worlds.small(title=name, weeks=4).save(tmp_path / f"{name}.yaml") for name in "abcdef"]
    assert outcome(["decide", *map(str, plans), "--seeds", "4", "--workers", "1", "--lang", "en",
                    "--out", str(out)]) == 0
    files = ("answer.json", "decision.csv", "figures/decision.png")
    before = {name: (out / name).read_bytes() for name in files}
    (out / "answer.json").unlink()
    (out / "decision.csv").write_text("x", encoding="utf-8")
    (out / "figures" / "decision.png").write_bytes(b"x")
    capsys.readouterr()
    assert outcome(["resume", str(out), "--workers", "1", "--lang", "en"]) == 0
    assert "it is not made by this command" not in capsys.readouterr().err
    assert {name: (out / name).read_bytes() for name in files} == before
    assert outcome(["verify", str(out), "--lang", "en"]) == 0
    assert outcome(["status", str(out), "--lang", "en"]) == 0
    assert "a, b, c, d and 2 more" in capsys.readouterr().out


@pytest.mark.parametrize(("after", "part"), [(5, "r-pilot"), (17, "r")])
def test_a_pilot_that_was_stopped_is_resumed_by_the_command(
    tmp_path: Path, after: int, part: str, capsys: pytest.CaptureFixture[str],
) -> None:
    """In the pilot itself, or in the plans at full size after it."""
    plans = [worlds.small(title=name, recruiting={"founders": 0.03}, offer={"list_price": price})
             for name, price in (("Cheap", 200.0), ("Dear", 500.0))]

    def stop(done: float, planned: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    asked: dict[str, Any] = {"persons": 200, "weeks": 6, "worlds": 3, "seeds": 2, "highest": False,
                             "workers": 1}
    ranges = {"people.weekly_need": (0.05, 0.6), "people.trust": (0.3, 0.7)}
    whole = sim.pilot(plans, ranges, "trust_mean at end", **asked)
    with pytest.raises(KeyboardInterrupt):
        sim.pilot(plans, ranges, "trust_mean at end", progress=stop, out=tmp_path / "r", **asked)
    assert (tmp_path / "r").exists() == (part == "r")
    assert outcome(["status", str(tmp_path / part), "--lang", "en"]) == 0
    assert f"go on with: weishang resume {tmp_path / part}" in capsys.readouterr().out
    assert outcome(["resume", str(tmp_path / part), "--workers", "1", "--lang", "en"]) == 0
    kept = open_results(tmp_path / "r")
    assert kept.complete
    assert not kept.damage()
    answer = json.loads((tmp_path / "r" / "answer.json").read_text("utf-8"))
    assert answer["en"]["sentences"] == whole.verdicts()
    assert (tmp_path / "r" / "figures" / "pilot.png").exists()
    assert pd.read_csv(tmp_path / "r" / "pilot.csv")["chosen"].tolist() == whole.table["chosen"].tolist()
    assert outcome(["status", str(tmp_path / "r-pilot"), "--lang", "en"]) == 0
    assert "go on with" not in capsys.readouterr().out
