"""What a file names or says must not hang, fill memory, leave the project, or steer a screen."""

from __future__ import annotations

import gzip
import importlib
import os
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.app import outcome
from sim.errors import WeishangError
from sim.market.network.edge_list import read_ties
from sim.scenario.load import load
from sim.studies.study_file import read_plan

STUDY = "scenario: pyramid\nset: {persons: 200, weeks: 2}\nsampling: table\ntable: NAME\n"
LETTERS = {
    "escape": "\\e[31m", "bell": "\\a", "null": "\\0", "control sequence": "\\x9b1m",
    "override": "\\u202e", "isolate": "\\u2066", "mark": "\\u200f", "line": "\\u2028",
    "tag": "\\U000E0041", "mark of order": "\\uFEFF", "backspace": "\\b", "return": "\\r",
}
HEAD = "regime: pyramid\npersons: 200\nweeks: 3\n"
PLACES = {
    "title": "title: TEXT", "a title in two languages": "title: {en: a, zh: TEXT}",
    "a tier": "tiers: [{name: TEXT, price: 50 CNY, first_order: 9}]",
    "a note": "events: [{week: 1, set: {offer.quality: 0.3}, note: TEXT}]",
    "an id": "events: [{week: 1, id: TEXT, set: {offer.quality: 0.3}}]",
    "tied to": "events: [{tied_to: TEXT, set: {offer.quality: 0.3}}]",
    "a key": "TEXT: 3", "a key of an event": "events: [{week: 1, set: {TEXT: 0.3}}]",
    "a value": "offer: {quality: TEXT}", "extends": "extends: TEXT",
    "a source": "sources: {offer.quality: TEXT}", "a key of sources": "sources: {TEXT: x}",
    "a check": "expect: [TEXT]", "a rule": "rules: {files: [TEXT]}",
    "a package": "rules: {packages: [TEXT]}", "a week": "rules: {week: [TEXT]}",
    "a path": "network: {kind: file, path: TEXT}", "a date": "calendar: {first_week: TEXT}",
}
STUDIES = {
    "a title": "scenario: pyramid\ntitle: TEXT\n", "a scenario": "scenario: TEXT\n",
    "a setting": "scenario: pyramid\nset: {TEXT: 1}\n",
    "a value": "scenario: pyramid\nset: {title: TEXT}\n",
    "a lever": "scenario: pyramid\nlevers: {TEXT: [1, 2]}\n",
    "a measure": "scenario: pyramid\nmeasures: [TEXT]\n",
    "a table": "scenario: pyramid\nsampling: table\ntable: TEXT\n",
    "seeds": "scenario: pyramid\nseeds: TEXT\n", "a key": "scenario: pyramid\nTEXT: 3\n",
}


def steers(text: str) -> list[str]:
    """Return the letters of an output that a screen would obey."""
    return [repr(letter) for letter in text
            if letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")]


@pytest.mark.parametrize("place", PLACES)
def test_no_text_of_a_scenario_steers_a_screen(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, letters in LETTERS.items():
        text = HEAD + PLACES[place].replace("TEXT", f'"a{letters}b"')
        (tmp_path / "a.yaml").write_text(text)
        assert outcome(["check", "a.yaml"]) == 2, name
        out, err = capsys.readouterr()
        assert "a control character" in out + err, name
        assert not steers(out + err), name


@pytest.mark.parametrize("place", STUDIES)
def test_no_text_of_a_study_steers_a_screen(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, letters in LETTERS.items():
        (tmp_path / "s.yaml").write_text(STUDIES[place].replace("TEXT", f'"a{letters}b"'))
        assert outcome(["sweep", "s.yaml", "--dry-run"]) == 2, name
        out, err = capsys.readouterr()
        assert "a control character" in out + err, name
        assert not steers(out + err), name


@pytest.mark.parametrize("letter", ["\x1b[2J", "\u202e", "\x9b", "\x00"])
def test_letters_as_they_are_and_by_python_are_refused_too(letter: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{HEAD}title: a{letter}b\n", encoding="utf-8")
    attempts: list[Callable[[], Any]] = [
        lambda: load(tmp_path / "a.yaml"),
        lambda: load("pyramid", {"title": f"a{letter}b"}),
        lambda: load("pyramid", {f"off{letter}er.quality": 0.5}),
        lambda: sim.Scenario(title=f"a{letter}b"),
        lambda: sim.Scenario(tiers=[{"name": letter, "price": 1.0, "first_order": 1}]),
        lambda: sim.Scenario().changed({"title": {"en": "x", "zh": letter}}),
    ]
    for number, attempt in enumerate(attempts):
        with pytest.raises(WeishangError, match="a control character") as caught:
            attempt()
        assert not steers(str(caught.value)), number


def test_languages_and_emoji_are_texts_like_any_other(tmp_path: Path) -> None:
    title = "总代 · العربية · עברית · 👩‍👩‍👧 · café"
    (tmp_path / "a.yaml").write_text(f'{HEAD}title: "{title}"\n', encoding="utf-8")
    assert str(load(tmp_path / "a.yaml").title) == title


# -- pipes, devices, folders, sizes -------------------------------------------------------------------


def at_once(act: Callable[[], Any]) -> Exception:
    """Return what an act raises, which it must do soon."""
    raised: list[Exception] = []

    def doing() -> None:
        try:
            act()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=doing, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it waits for a pipe or reads a device"
    assert raised, "it was not refused"
    return raised[0]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for ending in ("csv", "yaml", "py", "parquet"):
        os.mkfifo(tmp_path / f"pipe.{ending}")
        (tmp_path / f"folder.{ending}").mkdir()
    (tmp_path / "outside.csv").symlink_to("/etc/passwd")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    return tmp_path


def scenario_with(place: Path, text: str) -> Callable[[], Any]:
    (place / "a.yaml").write_text(HEAD + text + "\n")
    return lambda: sim.run(load(place / "a.yaml", allow_code=True), seed=1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are there on Unix alone")
@pytest.mark.parametrize("name", [
    "pipe.csv", "folder.csv", "device.csv", "outside.csv", "/etc/passwd", "/dev/zero", "../x.csv",
    "nothing.csv", ".", "a/../../x.csv", "", "~/x.csv", "/proc/self/environ",
])
def test_a_table_of_points_is_a_file_of_the_project(name: str, place: Path) -> None:
    (place / "s.yaml").write_text(STUDY.replace("NAME", f"'{name}'"))
    error = at_once(lambda: read_plan(place / "s.yaml"))
    assert isinstance(error, WeishangError)
    assert "root:" not in str(error)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are there on Unix alone")
@pytest.mark.parametrize("text", [
    "extends: pipe.yaml", "extends: /etc/passwd", "rules: {files: [pipe.py]}",
    "rules: {files: [folder.py]}", "network: {kind: file, path: pipe.csv}",
    "network: {kind: file, path: device.csv}", "network: {kind: file, path: outside.csv}",
    "network: {kind: file, path: pipe.parquet}", "network: {kind: file, path: folder.parquet}",
])
def test_a_scenario_names_files_of_the_project(text: str, place: Path) -> None:
    error = at_once(scenario_with(place, text))
    assert isinstance(error, WeishangError)
    assert "root:" not in str(error)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are there on Unix alone")
@pytest.mark.parametrize("path", ["pipe.csv", "pipe.parquet", "/dev/zero", "folder.csv"])
def test_a_network_of_the_caller_is_a_file(path: str, place: Path) -> None:
    scenario = load("pyramid", {
        "persons": 200, "weeks": 2, "network.kind": "file", "network.path": path})
    error = at_once(lambda: sim.run(scenario, seed=1))
    assert isinstance(error, WeishangError)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are there on Unix alone")
@pytest.mark.parametrize("name", ["pipe.yaml", "folder.yaml", "/dev/zero", "/etc/passwd", "../a.yaml"])
def test_a_study_names_scenarios_of_the_project(name: str, place: Path) -> None:
    (place / "s.yaml").write_text(f"scenario: {name}\nlevers: {{offer.quality: [0.1, 0.2]}}\n")
    error = at_once(lambda: read_plan(place / "s.yaml"))
    assert isinstance(error, WeishangError)
    assert "root:" not in str(error)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are there on Unix alone")
def test_a_pipe_beside_a_rule_is_not_waited_for(place: Path) -> None:
    (place / "mine.py").write_text("import pipe\n")
    error = at_once(scenario_with(place, "rules: {files: [mine.py]}"))
    assert isinstance(error, WeishangError)


def test_a_packed_network_does_not_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("sim.market.network.tie_files")
    monkeypatch.setattr(module, "free_memory", lambda: 8e6)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0,1\n" * 1_000_000))
    with pytest.raises(WeishangError, match="too large"):
        read_ties(str(path), 10)
