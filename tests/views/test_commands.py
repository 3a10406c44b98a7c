"""plot, report and dashboard as they are used on the command line."""

from __future__ import annotations

import json

import pytest

from sim.cli.app import outcome
from tests.views.conftest import scenario


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from sim.runs.folder import run_into

    path = tmp_path_factory.mktemp("results") / "mine"
    run_into(scenario(weeks=12), [1, 2], path, workers=1)
    return path


def test_plot(folder, capsys):
    assert outcome(["plot", str(folder), "--only", "churn", "--format", "svg", "--lang", "zh"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(folder / "figures" / "churn.svg")
    assert (folder / "figures" / "churn.svg").read_text("utf-8").startswith("<?xml")


def test_plot_elsewhere_as_json(folder, tmp_path, capsys):
    assert outcome(["plot", str(folder), "--only", "tree", "--format", "png", "--out",
                    str(tmp_path / "new"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pictures"] == [str(tmp_path / "new" / "tree.png")]


def test_report(folder, capsys):
    assert outcome(["report", str(folder), "--lang", "en"]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    from sim.runs.folder import open_results

    assert not open_results(folder).damage(), "the page is published with its checksum"


def test_mistakes_are_one_sentence(folder, tmp_path, capsys):
    for arguments in (
        ["plot", str(folder), "--only", "chrn"], ["plot", str(tmp_path)],
        ["report", str(tmp_path)], ["plot", str(folder), "--format", "bmp"],
        ["dashboard", "piramid", "--no-browser"], ["dashboard", "--port", "99999"],
    ):
        assert outcome(arguments) == 2, arguments
        said = capsys.readouterr()
        assert not said.out
        assert "Traceback" not in said.err
        assert said.err.strip()


def test_help_fits_a_screen(capsys):
    for name in ("plot", "report", "dashboard"):
        assert outcome([name, "--help", "--lang", "en"]) == 0
        shown = capsys.readouterr().out
        assert len(shown.splitlines()) <= 24
        assert shown.count(f"weishang {name}") >= 3


def test_dots_and_size_of_a_picture_are_chosen(folder, tmp_path, capsys):
    from PIL import Image

    assert outcome(["plot", str(folder), "--only", "churn", "--format", "png", "--for", "web",
                    "--dpi", "50", "--out", str(tmp_path)]) == 0
    with Image.open(tmp_path / "churn.png") as made:
        assert made.size == (550, 440)
    assert outcome(["plot", str(folder), "--for", "poster"]) == 2
