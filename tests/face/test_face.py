"""What `import sim` offers: everything that a command does, typed, documented, short to print."""

from __future__ import annotations

import html
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.app import COMMANDS
from sim.errors import ScenarioError, UsageError
from tests.scenarios import small

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "python.md"
QUICK: dict[str, Any] = {"workers": 1, "seeds": 2}


def tiny() -> Any:
    return small(persons=150, weeks=6)


@pytest.mark.parametrize("name", sim.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(sim, name)
    if name != "REGIMES":
        assert inspect.getdoc(value)


def test_every_command_has_its_name_in_python() -> None:
    table = re.findall(r"^\| `weishang (\w+)` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert {name for name, _ in table} == set(COMMANDS) - {"completion", "doctor", "template"}
    for command, said in table:
        names = set(re.findall(r"sim\.(\w+)", said))
        assert names <= set(sim.__all__), command


def test_scenarios_are_made_compared_and_explained(tmp_path: Path) -> None:
    path = sim.new(tmp_path / "mine.yaml", "prosumer")
    assert sim.load(path).regime == "prosumer"
    with pytest.raises(UsageError, match="is there already"):
        sim.new(path)
    assert sim.check(path) == []
    dear = sim.load("pyramid", {"offer.unit_cost": 500})
    assert any("cost" in doubt or "price" in doubt for doubt in sim.check(dear))
    changed = sim.diff(tiny(), tiny().changed({"offer.quality": 0.9}))
    assert changed.to_dict("records") == [
        {"setting": "offer.quality", "a": tiny().offer.quality, "b": 0.9}]
    assert "offer.quality" in set(sim.describe("offer")["name"])
    assert {"name", "unit", "meaning"} <= set(sim.describe("weekly"))
    assert len(sim.describe()) > 150
    with pytest.raises(UsageError, match="did you mean 'offer'"):
        sim.describe("offre")
    assert sim.estimate(tiny(), 3, workers=1).runs == 3


def test_a_page_is_written(tmp_path: Path) -> None:
    page = sim.report(sim.run(tiny(), 1), tmp_path / "page.html", lang="en")
    assert "<html" in page.read_text(encoding="utf-8")


def test_dir_shows_what_is_offered_and_nothing_else() -> None:
    assert dir(sim) == sorted([*sim.__all__, "__version__"])
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = sim.runn  # type: ignore[attr-defined]


def mypy(*lines: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = folder / "client.py"
    script.write_text("\n".join(lines) or (HERE / "client.py").read_text())
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent",
         "--cache-dir", str(folder / "cache"), str(script)],
        capture_output=True, text=True, cwd=HERE.parents[1])


@pytest.mark.slow
def test_a_strict_client_passes_and_a_wrong_name_does_not(tmp_path: Path) -> None:
    done = mypy(folder=tmp_path)
    assert done.returncode == 0, done.stdout
    wrong = mypy("import sim", "sim.runn('pyramid')", "x: str = sim.run('pyramid')", folder=tmp_path)
    assert 'Module has no attribute "runn"' in wrong.stdout
    assert "Incompatible types" in wrong.stdout
    assert (Path(sim.__file__).parent / "py.typed").is_file()


def test_studies_say_what_is_varied_in_several_ways() -> None:
    ways = ({"offer.quality": [0.2, 0.8]}, {"offer.quality": (0.2, 0.8, 2)},
            ["offer.quality=0.2:0.8:2"], {"offer.quality": "20%,80%"})
    tables = [sim.sweep(tiny(), vary, **QUICK).points for vary in ways]
    assert all(str(table) == str(tables[0]) for table in tables)
    with pytest.raises(ScenarioError, match=r"did you mean 'offer\.quality'"):
        sim.sweep(tiny(), {"offer.qualit": [0.2]}, **QUICK)
    with pytest.raises(UsageError, match="a list of values"):
        sim.sweep(tiny(), {"offer.quality": 0.2}, **QUICK)


@pytest.mark.parametrize(("attempt", "words"), [
    (lambda: tiny().with_rules(3), "with_rules takes a regime"),
    (lambda: sim.load("pyramid", 7), "settings to change are a map"),
    (lambda: tiny().changed(3), "settings to change are a map"),
])
def test_what_makes_no_sense_gets_a_sentence(attempt: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        attempt()


def test_each_study_answers() -> None:
    quality = {"offer.quality": (0.2, 0.9)}
    assert sim.tipping(tiny(), quality, "trust_mean at end > 0.5", tolerance=0.4, **QUICK).runs
    assert sim.optimise(tiny(), quality, "trust_mean at end", budget=4, **QUICK).settings
    assert len(sim.calibrate(tiny(), quality, {"trust_mean at end": 0.5}, budget=20, worlds=10,
                             workers=1).ensemble) == 10
    assert sim.pilot([tiny(), small("prosumer", persons=150, weeks=6)], quality, persons=50, weeks=2,
                     worlds=2, workers=1).worth
    assert sim.sensitivity(tiny(), quality, "trust_mean at end", samples=2, **QUICK).runs


TRUST = {"people.trust": (0.2, 0.8)}
ANSWERS: dict[str, Callable[[], Any]] = {
    "sweep of one": lambda: sim.sweep(tiny(), {"offer.quality": [0.2, 0.9]}, **QUICK),
    "sweep of two": lambda: sim.sweep(tiny(), {"offer.quality": [0.2, 0.9], "people.trust": [0.3, 0.7]},
                                      **QUICK),
    "sensitivity": lambda: sim.sensitivity(tiny(), TRUST, "trust_mean at end", samples=2, **QUICK),
    "tipping": lambda: sim.tipping(tiny(), TRUST, "trust_mean at end > 0.5", tolerance=0.4, **QUICK),
    "optimise": lambda: sim.optimise(tiny(), TRUST, "trust_mean at end", budget=4, **QUICK),
    "pilot": lambda: sim.pilot([tiny(), small("prosumer", persons=150, weeks=6)], TRUST, persons=50,
                               weeks=2, worlds=2, workers=1),
    "decide": lambda: sim.decide([tiny(), small("prosumer", persons=150, weeks=6)], **QUICK),
    "ladder": lambda: sim.ladder(tiny(), tiny().changed({"offer.quality": 0.9}), **QUICK),
    "loops": lambda: sim.loops(tiny(), "trust_mean at end", combinations=8, **QUICK),
    "explain": lambda: sim.explain(sim.run(small(), 1)),
    "calibrate": lambda: sim.calibrate(tiny(), TRUST, {"trust_mean at end": 0.5}, budget=20, worlds=10,
                                       workers=1),
    "compare": lambda: sim.compare(tiny(), tiny().changed({"offer.quality": 0.9}), **QUICK),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_study_returns_has_a_table_a_picture_and_a_page_of_its_own(name: str) -> None:
    from matplotlib import pyplot

    found = ANSWERS[name]()
    assert len(found.table)
    assert len(found.table.columns) > 1
    drawn = found.plot()
    assert (getattr(drawn, "figure", None) or drawn).axes
    pyplot.close("all")
    page = found._repr_html_()
    assert page.startswith(("<ul><li>", "<p", "<table"))
    first = found.verdicts()[0] if hasattr(found, "verdicts") else ""
    assert html.escape(first) in page


@pytest.mark.parametrize("made", [
    tiny, lambda: sim.run(tiny(), 1), lambda: sim.run_many([tiny()], 2, workers=1),
    lambda: sim.MicroCommerce(tiny()), lambda: sim.MicroCommerce(tiny()).world,
    lambda: sim.MicroCommerce(tiny()).agents, lambda: sim.REGIMES["pyramid"],
], ids=["Scenario", "Result", "Runs", "MicroCommerce", "World", "ColumnarAgentSet", "Regime"])
def test_a_repr_is_short(made: Callable[[], Any], request: pytest.FixtureRequest) -> None:
    value = made()
    assert type(value).__name__ in request.node.name
    assert len(repr(value)) < 200
    assert "\n" not in repr(value)
