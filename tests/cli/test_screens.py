"""Every printed screen fits a terminal of 80 columns, in both languages; Chinese signs take two.

The screens of help are in `test_traps`. What a command does is done once, in English; in Chinese it is told
again from the same folders.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import COMMANDS, outcome
from sim.texts import use_language
from sim.texts.wrapping import width_of

FILES = {
    "a.yaml": """
title: {en: Pressing brand, zh: 压货品牌}
extends: pyramid
persons: 300
weeks: 40
calendar: {first_week: 2025-01-06}
recruiting: {founders: 10 persons}
expect: [loss_share at end <= 20%]
events:
  - {id: 双十一, week: 12, for: 3 weeks, every: 20 weeks, scale: {people.need_scale: 1.5}, note: 双十一}
""",
    "b.yaml": """
title: {en: Brand of its users, zh: 产消者品牌}
extends: prosumer
persons: 300
weeks: 40
referral: {founders: 10 persons}
""",
    "study.yaml": "scenario: a.yaml\nlevers: {controls.stock_pressure: [0, 1]}\n",
    "wrong.yaml": "extends: pyramid\npersons: many\nweeks: 0\noffer: {list_prise: 100}\n",
    "child.yaml": "extends: a.yaml\nevents: {drop: all}\n",
}
SEARCH = "--workers 1 --seeds 2 --weeks 12 --persons 100"
SCREENS = (
    "new mine.yaml --from a.yaml --force", "template history h.csv --force",
    "template roster r.csv --for a.yaml --force", "check a.yaml b.yaml study.yaml child.yaml",
    "describe", *(f"describe {word}" for word in (
        "settings", "priors", "outputs", "measures", "glossary", "effects", "pyramid", "prosumer",
        "transition", "recruiting", "recruiting.founders", "tiers", "weekly", "sell_through", "brand_profit",
        "动销", "churn", "run", "--changed a.yaml", "--resolved a.yaml")),
    "diff a.yaml b.yaml", "diff a.yaml child.yaml",
    "run a.yaml --workers 1 --figures none", "run a.yaml --dry-run",
    "run a.yaml b.yaml child.yaml --workers 1 --seeds 3 --figures none --out two",
    "run a.yaml b.yaml child.yaml --workers 1 --seeds 3 --figures none --out two --verbose",
    "compare a.yaml b.yaml --workers 1 --seeds 4 --out compared",
    "compare a.yaml b.yaml --workers 1 --seeds 4 --out compared --verbose",
    f"sweep a.yaml --vary controls.stock_pressure=0:1:3 {SEARCH}",
    f"sweep a.yaml --vary controls.stock_pressure=0,1 --vary offer.list_price=200,390 {SEARCH}",
    "sweep a.yaml --vary controls.stock_pressure=0:1 --samples 4 --dry-run",
    "sensitivity a.yaml --vary controls.stock_pressure=0:1 --vary offer.list_price=200:390 --samples 2 "
    f"--measure brand_profit {SEARCH}",
    "tipping a.yaml --vary controls.stock_pressure=0:1 --when 'sell_in at end > 20' --tolerance 0.3 "
    f"{SEARCH}",
    "optimise a.yaml --vary offer.list_price=200:390 --measure brand_profit --budget 4 "
    f"--satisfy 'loss_share at end <= 99%' {SEARCH}",
    "decide a.yaml b.yaml --seeds 4 --satisfy 'loss_share at end <= 50%' --workers 1",
    "pilot a.yaml b.yaml --pilot-persons 200 --pilot-weeks 10 --worlds 4 --workers 1",
    f"loops a.yaml --combinations 4 {SEARCH}",
    f"ladder a.yaml b.yaml --orders 1 {SEARCH}",
    "explain two --week 20", "status compared", "resume compared", "verify compared", "reproduce compared",
    "prove beer_game", "ablate A7 --replicates 2 --persons 200 --workers 1", "doctor",
)
"""What is printed; `calibrate` and `forecast` are below, pictures and pages print a path."""
PATHS = ("results/", "结果", "图", "results:", "pictures:", "wrote", "已写入")
"""How lines begin that end in a path, which may be as long as it likes."""
NOT_HERE = {"calibrate", "forecast", "plot", "report", "dashboard", "completion", "demo"}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("screens")
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(autouse=True)
def _screen(market: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(market)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LANGUAGE", "en")
    # Pictures are looked at elsewhere.
    for name in ("sim.cli.many._draw", "sim.cli.studied.keep_picture", "sim.cli.calibrate._draw",
                 "sim.cli.forecast.keep_picture", "sim.cli.decide.keep_picture"):
        monkeypatch.setattr(name, lambda *_given, **_named: None, raising=False)
    yield
    use_language("en")


def too_wide(text: str) -> list[str]:
    """Return lines that are too wide, wherever the folder of the test is."""
    return [line for line in text.replace(str(Path.cwd()), ".").splitlines()
            if width_of(line) > 80 and not line.strip().startswith(PATHS)]


@pytest.mark.parametrize("typed", SCREENS)
def test_a_screen_fits_80_columns(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for lang in ("en", "zh"):
        assert outcome([*shlex.split(typed), "--lang", lang]) in (0, 1), capsys.readouterr().err
        said = capsys.readouterr()
        shown[lang] = said.out if said.out.strip() else said.err
        assert too_wide(said.out) == []
        assert "Traceback" not in said.err
    assert shown["en"].strip()
    assert shown["en"] != shown["zh"]


def test_no_command_is_forgotten() -> None:
    assert {typed.split()[0] for typed in SCREENS} == set(COMMANDS) - NOT_HERE


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_messages_of_mistakes_fit_where_somebody_reads_them(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.cli import options

    monkeypatch.setattr(options.sys.stderr, "isatty", lambda: True, raising=False)
    assert outcome(["check", "wrong.yaml", "child.yaml", "--lang", lang]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) > 10
    assert too_wide(said) == []


def test_doctor_says_folders_from_home_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("a-long-name-" * 8)
    monkeypatch.setattr("sim.kernel.cache.cache_folder", lambda: long / "cache")
    for home, said in ((long, str(Path("~") / "cache")), (tmp_path / "other", str(long / "cache"))):
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("USERPROFILE", str(home))
        assert outcome(["doctor"]) == 0
        shown = next(line for line in capsys.readouterr().out.splitlines() if "compiled code" in line)
        assert said in shown
        assert ("~" in shown) == (home == long)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_of_a_forecast_fits(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.cli.forecast import tell
    from sim.studies.sheets import Sheet

    use_language(lang)
    label = {"en": "profit of 'General agent' since joining (million yuan)",
             "zh": "“总代”加入以来的利润（万元）"}
    heads = {"en": ["measure", "As things are", "90% of futures", "turn to cells now", "90% of futures",
                    "difference", "ahead in"],
             "zh": ["指标", "照现状继续", "90% 的未来", "现在就转型", "90% 的未来", "差异", "更好的次数占比"]}
    row = [label[lang], "-347,280", "-872,391 … -267,993", "-312,522", "-872,204 … -267,619", "+12,193",
           "40% (= 60%)"]
    tell(Sheet("", ["A sentence."], heads[lang], [row] * 3))
    said = capsys.readouterr().out
    assert too_wide(said) == []
    assert said.count("-872,204 … -267,619") == 3, "no figure is broken"
    assert said.count("-347,280") == 3, "as things are stand above, once"
    assert said.splitlines()[-2].startswith("(= 20%)")
    monkeypatch.setenv("COLUMNS", "120")
    tell(Sheet("", [], heads[lang], [row] * 3))
    assert capsys.readouterr().out.count("-" * 12) >= 1
