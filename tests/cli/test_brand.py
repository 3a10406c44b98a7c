"""A brand of your own, written in Chinese from `new` and `describe` alone, checked and run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import outcome
from sim.scenario.load import load
from sim.texts import use_language
from sim.texts.wrapping import width_of

LADDER = """\
  - {name: 总代, price: 60 元, first_order: 2000 件}
  - {name: 省代, price: 75 元, first_order: 500 件}
  - {name: 市代, price: 90 元, first_order: 100 件}
  - {name: 特约, price: 110 元, first_order: 20 件}
"""


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    monkeypatch.setenv("COLUMNS", "80")
    yield
    use_language("en")


def written() -> str:
    """Return the brand as a user types it over what `new` wrote."""
    assert outcome(["new", "面膜.yaml", "--from", "crackdown", "--lang", "zh"]) == 0
    text = Path("面膜.yaml").read_text("utf-8")
    for name, value in (("persons", "3万"), ("weeks", "2年"), ("list_price", "￥198"),
                        ("unit_cost", "12块"), ("reference_price", "60元"),
                        ("founders", "60 人"), ("week", "60")):
        assert len(re.findall(rf"^\s*{name}: ", text, re.M)) == 1, name
        text = re.sub(rf"^(\s*{name}: )[^#\n]*", rf"\g<1>{value}   ", text, flags=re.M)
    return re.sub(r"(?<=\ntiers:)([^\n]*\n(?:  #.*\n)*)(?:  - .*\n)+", rf"\g<1>{LADDER}", text)


def test_the_brand_is_written_checked_and_run(capsys: pytest.CaptureFixture[str]) -> None:
    Path("面膜.yaml").write_text(written(), encoding="utf-8")
    assert outcome(["describe", "压货", "--lang", "zh"]) == 0
    assert "tiers.0.quota" in capsys.readouterr().out
    assert outcome(["check", "面膜.yaml", "--lang", "zh"]) == 0
    told = capsys.readouterr().err
    assert "总代 140" in told, "quotas follow the first order, and this is said"
    plan = load("面膜.yaml")
    assert (plan.persons, plan.weeks, plan.offer.list_price, plan.offer.unit_cost) == (
        30_000, 104, 198, 12)
    assert [(str(tier.name), tier.price, tier.first_order) for tier in plan.tiers] == [
        ("总代", 60, 2000), ("省代", 75, 500), ("市代", 90, 100), ("特约", 110, 20)]
    [event] = plan.events
    assert (event.id, event.week) == ("监管", 60)
    small = ("--persons", "2000", "--weeks", "70", "--workers", "1", "--lang", "zh")
    assert outcome(["run", "面膜.yaml", *small, "--figures", "none", "--format", "xlsx"]) == 0
    out = capsys.readouterr().out
    assert "品牌利润（万元）" in out or "品牌利润（元）" in out
    assert all(width_of(line) <= 80 for line in out.splitlines() if "results/" not in line)
    assert not re.search(r"\b(the|of|and|persons|units|yuan)\b", out)


def test_the_brand_never_turning_and_turning_are_compared(
    capsys: pytest.CaptureFixture[str]
) -> None:
    Path("面膜.yaml").write_text(written(), encoding="utf-8")
    Path("转型.yaml").write_text(
        "extends: 面膜.yaml\ntitle: 现在转型\nevents:\n"
        "  - {id: 转型, week: 5, set: {regime: prosumer, controls.stock_pressure: 0}}\n",
        encoding="utf-8")
    assert outcome(["compare", "面膜.yaml", "转型.yaml", "--seeds", "2", "--persons", "1000",
                    "--weeks", "12", "--workers", "1", "--lang", "zh"]) == 0
    shown = capsys.readouterr()
    assert "events.转型.week" in shown.out, "what differs is listed before the answer"
    assert "监管" not in shown.out.split("events.转型.week")[0], "the crackdown is still there"
