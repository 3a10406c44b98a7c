"""The command line as it is used: exit codes, what goes where, nothing overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import COMMANDS, cli, outcome
from sim.texts import use_language

SMALL = ("--persons", "400", "--weeks", "6", "--figures", "none")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    use_language("en")


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANGUAGE": "en"}
    return subprocess.run(
        [sys.executable, "-c", "from sim.cli import main; main()", *arguments],
        capture_output=True, text=True, env=environment, timeout=120, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_every_command_of_the_table_is_there() -> None:
    import click

    for name in COMMANDS:
        assert cli.get_command(click.Context(cli), name) is not None, name


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_fits_a_screen_and_has_two_examples(
    name: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome([name, "--help", "--lang", language]) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert len(lines) <= 45
    assert sum(line.strip().startswith("weishang ") for line in lines) >= 2
    assert ("选项" in shown) == (language == "zh")


def test_help_and_check_import_nothing_heavy() -> None:
    heavy = "{'numpy', 'numba', 'pandas', 'mesa', 'matplotlib', 'scipy', 'pyarrow'}"
    for arguments in (["--help"], ["check", "transition"], ["describe", "recruiting"]):
        code = (f"import sys; from sim.cli.app import outcome; outcome({arguments!r}); "
                f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)")
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert done.stderr.splitlines()[-1] == "[]", arguments


def test_check_says_all_right_and_all_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["check", "pyramid"]) == 0
    Path("bad.yaml").write_text("weeks: -1\npersons: many\n")
    assert outcome(["check", "bad.yaml", "pyramid"]) == 2
    told = capsys.readouterr().err
    assert "bad.yaml:1:8: weeks: found -1" in told
    assert "bad.yaml:2:10: persons: found 'many'" in told
    assert outcome(["check", "--json", "bad.yaml"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    assert len(report["files"][0]["problems"]) == 2


def test_strict_check_judges_economic_sense(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text(
        "extends: pyramid\nsponsor_bonuses: {entry: 90%}\noffer: {unit_cost: 120 CNY}\n")
    assert outcome(["check", "mine.yaml"]) == 0
    assert outcome(["check", "--strict", "mine.yaml"]) == 2
    told = capsys.readouterr().err
    assert "sponsor_bonuses: rewards of up to" in told
    assert "tiers.0.price" in told


def test_new_is_right_and_overwrites_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("pyramid", "prosumer", "transition"):
        assert outcome(["new", f"{name}_mine.yaml", "--from", name, "--all"]) == 0
        assert outcome(["check", f"{name}_mine.yaml"]) == 0
        capsys.readouterr()
        assert outcome(["diff", name, f"{name}_mine.yaml", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["differences"]
        assert {row["setting"] for row in found} <= {"title"}
    assert outcome(["new", "pyramid_mine.yaml"]) == 2
    assert outcome(["new", "plan.txt"]) == 2


def test_describe_finds_and_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    for topic in ("recruiting", "controls.stock_pressure", "sell_through", "A7", "transition",
                  "settings", "outputs", "effects"):
        assert outcome(["describe", topic]) == 0
        assert capsys.readouterr().out.strip()
        assert outcome(["describe", topic, "--json"]) == 0
        json.loads(capsys.readouterr().out)
    assert outcome(["describe", "recruting"]) == 2
    assert "did you mean 'recruiting'" in capsys.readouterr().err
    assert outcome(["describe", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "extends" in schema["properties"]
    assert outcome(["describe", "--changed", "transition"]) == 0


def test_run_resumes_and_gives_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", "pyramid", *SMALL, "--seeds", "2"]) == 0
    first = capsys.readouterr()
    assert "medians of 2 runs" in first.out
    assert outcome(["run", "pyramid", *SMALL, "--seeds", "2"]) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert outcome(["run", "pyramid", *SMALL, "--seeds", "2", "--json"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["runs"] == 2
    assert report["lived"] == 0
    assert Path(report["results"]).is_dir()
    assert not told.err


def test_pictures_of_several_scenarios_are_drawn_once() -> None:
    small = ["--persons", "300", "--weeks", "5", "--out", "two", "--quiet"]
    assert outcome(["run", "pyramid", "prosumer", *small]) == 0
    before = {path.name: path.stat().st_mtime_ns for path in Path("two/figures").iterdir()}
    assert {"1-inventory.png", "2-inventory.png", "1-churn.svg"} <= set(before)
    assert outcome(["run", "pyramid", "prosumer", *small]) == 0
    assert before == {
        path.name: path.stat().st_mtime_ns for path in Path("two/figures").iterdir()}


def test_a_failing_reality_check_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text(
        "extends: pyramid\nexpect:\n  - joins >= 0 at end\n  - awareness > 200%\n")
    assert outcome(["run", "mine.yaml", *SMALL]) == 1
    told = capsys.readouterr().out
    assert "joins >= 0 at end: holds" in told
    assert "awareness > 200%: does not hold" in told


def test_dry_run_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", "pyramid", *SMALL, "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["runs"] == 1
    assert plan["memory_bytes"] > 0
    assert not Path("results").exists()


def test_what_does_not_fit_is_refused_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.runs.estimate.free_memory", lambda: 1e6)
    assert outcome(["run", "pyramid", *SMALL]) == 2
    assert "of memory and 1.0 MB is free" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "message"), [
    (["run"], "Missing argument"),
    (["frobnicate"], "No such command"),
    (["run", "pyramyd"], "did you mean 'pyramid'"),
    (["run", "pyramid", "--seeds", "1,1"], "none twice"),
    (["run", "pyramid", "--seeds", "many"], "seeds are 30"),
    (["run", "pyramid", "--set", "weeks"], "write key=value"),
    (["run", "pyramid", "--set", "wekes=3"], "did you mean 'weeks'"),
    (["run", "pyramid", "--lang", "fr"], "fr"),
    (["run", "pyramid", "--workers", "0"], "workers"),
    (["check", "nowhere.yaml"], "no such scenario"),
])
def test_wrong_usage_is_one_sentence_and_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told


def read_little(code: str, lines: int) -> None:
    """Run `code`, read a few lines of what it writes, and close the pipe: no error."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for _ in range(lines):
            running.stdout.readline()
        running.stdout.close()
        assert running.wait(120) == 0
        assert running.stderr.read() == b""


def test_a_closed_pipe_is_no_error() -> None:
    read_little("from sim.cli import main; main(['describe', 'settings'])", lines=1)


@pytest.mark.parametrize("processors", [1, 2])
def test_pictures_are_drawn_also_where_nobody_reads_on(tmp_path: Path, processors: int) -> None:
    # With one processor they are drawn here, afterwards; with two beside the report.
    read_little(
        f"import os; os.cpu_count = lambda: {processors}; from sim.cli import main; "
        "main(['run', 'pyramid', '--persons', '300', '--weeks', '3', '--quiet', "
        f"'--out', {str(tmp_path / 'out')!r}])", lines=0)
    assert len(list((tmp_path / "out" / "figures").glob("*.png"))) == 3


def test_a_faulty_program_still_says_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("sim.scenario.load.load", broken)
    assert outcome(["check", "pyramid"]) == 3
    told = capsys.readouterr().err
    assert "boom" in told
    assert "Traceback" not in told


def test_no_write_access_is_3(capsys: pytest.CaptureFixture[str]) -> None:
    Path("taken").write_text("a file")
    assert outcome(["new", "taken/plan.yaml"]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_terminated_ends_with_143() -> None:
    code = ("import time, sim.scenario.load as load; "
            "load.load = lambda *a, **k: (print('ready', flush=True), time.sleep(60)); "
            "from sim.cli import main; main(['check', 'pyramid'])")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}) as running:
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(0.2)
        running.terminate()
        assert running.wait(10) == 143


def test_the_language_of_the_locale_is_the_default() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "zh_CN.UTF-8"}
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", "from sim.cli import main; main(['--help'])"],
        capture_output=True, text=True, env=environment, check=True)
    assert "微商模拟" in done.stdout


def test_version() -> None:
    import sim

    assert process("--version").stdout.strip() == f"weishang {sim.__version__}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_writes_the_script_of_each_shell(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_WEISHANG_COMPLETE={shell}_complete" in script


@pytest.mark.parametrize(("words", "offered"), [
    ("weishang run pyr", "pyramid"), ("weishang ru", "run"),
    ("weishang run pyramid --set controls.st", "controls.stock_pressure="),
])
def test_the_shell_is_offered_what_may_follow(
    words: str, offered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_WEISHANG_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    done = process()
    assert f"plain,{offered}" in done.stdout.splitlines()
