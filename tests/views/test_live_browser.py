"""The live view as its user has it: clicked through in a browser, at a desk and on a phone."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request

import pytest

pytest.importorskip("panel")

from sim.views.texts import text
from tests.views.browser import DESK, PATIENCE, PHONE, chromium, serious

SERVE = """
import sys, sim
from sim.views.dashboard import serve
serve(sim.load("pyramid", {"persons": 1200, "weeks": 12, "recruiting.founders": "10 persons"}),
      lang=sys.argv[1], show=False, announce=lambda address: print(address, flush=True))
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def served():
    started = []

    def start(lang):
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, lang], stdout=subprocess.PIPE, text=True)
        started.append(process)
        address = process.stdout.readline().strip()
        for _ in range(240):
            try:
                urllib.request.urlopen(address, timeout=60).close()
                return address
            except OSError:
                time.sleep(0.5)
        raise AssertionError("the live view did not start")

    yield start
    for process in started:
        process.terminate()
        process.wait()
        process.stdout.close()


def opened(browser, address, size):
    page = browser.new_context(**size, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.get_by_text(re.compile("Week 0 of 12|第 0/12 周")).wait_for()
    return page


def test_at_a_desk_in_english(browser, served, tmp_path):
    page = opened(browser, served("en"), DESK)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_label("Compare with (same luck)").select_option(label="Prosumer (2.0)")
    page.get_by_text("Week 0 of 104").nth(1).wait_for()
    page.get_by_label("Compare with (same luck)").select_option(label="nothing")
    page.get_by_text("Week 0 of 12").wait_for()
    page.get_by_role("button", name="One week").click()
    page.get_by_text("Week 1 of 12").wait_for()
    page.get_by_role("button", name="2.0 prosumer").click()
    page.get_by_text(re.compile("Not in force yet: .*Regime")).wait_for()
    page.get_by_role("button", name="Apply from week 2").click()
    page.get_by_role("button", name="Run to the end").click()
    page.get_by_text("Week 12 of 12").wait_for()
    page.get_by_text("The run is over").wait_for()
    page.get_by_text(re.compile(r"\d+ of \d+ resellers shown")).wait_for()
    for name, ending in (("Scenario (YAML)", b"prosumer"), ("Tables (CSV)", b"weekly.csv"),
                         ("Picture (PNG)", b"PNG")):
        with page.expect_download() as download:
            page.get_by_text(name).click()
        path = tmp_path / name
        download.value.save_as(path)
        assert ending in path.read_bytes()
    assert not errors


def test_no_legend_is_wider_than_a_phone(browser, served):
    page = opened(browser, served("en"), PHONE)
    page.get_by_role("button", name="Run to the end").tap()
    page.get_by_text("Week 12 of 12").wait_for()
    page.wait_for_timeout(1500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("innerWidth") <= 390, "a phone shows a page that is too wide smaller"


def test_on_a_phone_in_chinese(browser, served):
    page = opened(browser, served("zh"), PHONE)
    page.get_by_role("button", name="运行到底").tap()
    page.get_by_text("第 12/12 周").wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "one column, nothing to scroll sideways"
    lefts = page.evaluate("""() => {
      const found = []
      const walk = (root) => root.querySelectorAll("*").forEach((one) => {
        if (one.classList.contains("bk-Figure")) found.push(Math.round(one.getBoundingClientRect().left))
        if (one.shadowRoot) walk(one.shadowRoot)
      })
      walk(document)
      return [...new Set(found)]
    }""")
    assert len(lefts) == 1, "every chart begins at the same edge"
    for name in (text(f"live {what}", "zh") for what in ("scenario", "compare", "seed", "speed")):
        assert page.get_by_label(name, exact=True).count() == 1, name
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.wait_for_timeout(1500)
    assert not serious(page)
