"""The page in a headless Chromium: everything is drawn, and a checker finds nothing serious.

With ``WEISHANG_AXE=/path/to/axe.min.js`` axe-core looks at it as well.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.studied import keep_picture
from sim.runs.folder import open_results
from sim.texts import use_language
from sim.views.decision import decision
from sim.views.report import write_report
from tests.scenarios import small
from tests.views.browser import CHROMIUM

HERE = Path(__file__).parent
AXE = os.environ.get("WEISHANG_AXE", "")
RUN = """
addEventListener("load", async () => {
  const until = async (test) => { while (!test()) await new Promise((go) => setTimeout(go, 50)); };
  await until(() => document.body.dataset.ready);
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  if (document.getElementById("curves")) await until(() => document.body.dataset.curves);
  const said = {
    own: check(), dark: matchMedia("(prefers-color-scheme: dark)").matches,
    charts: document.querySelectorAll(".chart").length, drawn: document.querySelectorAll(".chart svg").length,
    wide: document.documentElement.scrollWidth - innerWidth,
    axe: window.axe ? (await axe.run()).violations
      .filter((one) => ["serious", "critical"].includes(one.impact))
      .map((one) => one.id + ": " + one.nodes[0].html.slice(0, 150)) : null };
  const out = document.createElement("pre");
  out.id = "found";
  out.textContent = JSON.stringify(said);
  document.body.append(out);
});
"""


def looked_at(page: Path, folder: Path, *, dark: bool = False, width: int = 1400) -> dict[str, Any]:
    """Return what a browser sees of a page; its policy is taken out, or no checker could be put in."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    scripts = [(HERE / "checker.js").read_text(encoding="utf-8"), RUN]
    if AXE:
        scripts.insert(0, Path(AXE).read_text(encoding="utf-8"))
    # Before the end of the head: a listener of "load" comes too late at the end of the body.
    head = "".join("<script>" + script.replace("</script", "<\\/script") + "</script>" for script in scripts)
    copy = folder / "looked_at.html"
    copy.write_text(text.replace("</head>", head + "</head>", 1), encoding="utf-8")
    assert CHROMIUM is not None
    made = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-dev-shm-usage", "--disable-background-networking", f"--user-data-dir={folder / 'user'}",
         f"--window-size={width},900", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
         "--virtual-time-budget=60000", "--dump-dom", copy.as_uri()],
        check=True, capture_output=True, timeout=180)
    dom = made.stdout.decode("utf-8")
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.S)
    assert found is not None, "the page did not get ready"
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answer


pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this system")


@pytest.mark.parametrize(("which", "lang", "dark"), [
    ("run", "en", False), ("both", "zh", True),
    pytest.param("swept", "zh", False, marks=pytest.mark.slow),
    pytest.param("nobody", "en", True, marks=pytest.mark.slow)])
def test_nothing_serious_is_found_on_the_page(
    request: pytest.FixtureRequest, which: str, lang: str, dark: bool, tmp_path: Path
) -> None:
    page = write_report(request.getfixturevalue(which), tmp_path / "page.html", lang=lang)
    seen = looked_at(page, tmp_path, dark=dark)
    assert seen["own"] == []
    assert not seen["axe"]
    assert seen["dark"] == dark
    assert seen["charts"] == seen["drawn"] > 0
    assert seen["wide"] <= 0, "nothing sticks out at the side"


@pytest.mark.slow
def test_nothing_serious_is_found_on_the_page_of_a_study(tmp_path: Path) -> None:
    use_language("en")
    plans = [small(persons=200, weeks=8), small("prosumer", persons=200, weeks=8)]
    found = sim.decide(plans, seeds=5, workers=1, out=tmp_path / "r")
    keep_picture(found.runs, "decision", partial(decision, found))
    page = write_report(open_results(tmp_path / "r"), tmp_path / "page.html", lang="en")
    assert 'class="picture"' in page.read_text(encoding="utf-8")
    for dark in (False, True):
        seen = looked_at(page, tmp_path, dark=dark, width=500)
        assert seen["own"] == []
        assert not seen["axe"]
        assert seen["wide"] <= 0


def test_the_checker_sees_what_is_wrong(run: Any, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "page.html", lang="en")
    text = page.read_text(encoding="utf-8")
    for old, new in (("<main>", "<div>"), ("</main>", "</div>"), ('<th scope="col">', "<th>"),
                     ("--soft: #595959", "--soft: #c9c9c9")):
        assert old in text
        text = text.replace(old, new)
    text = text.replace("<h1>", '<main><img src="x"></main><h1>', 1)
    page.write_text(text, encoding="utf-8")
    kinds = {one.split(":")[0].split(" ")[0] for one in looked_at(page, tmp_path)["own"]}
    assert {"img", "th", "outside", "contrast"} <= kinds
