"""The page of a study begins with its answer: its sentences and picture, no mixed scenarios."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.studied import keep_picture
from sim.runs.design import Design
from sim.runs.folder import open_results, run_into
from sim.studies.answers import answer_of
from sim.texts import speaking, use_language
from sim.texts.numbers import begun
from sim.views.report import report_html
from sim.views.studies import PICTURES
from tests.runs import worlds

OF = "trust_mean at end"
RANGE = {"people.trust": (0.2, 0.8)}


def small(**settings: Any) -> Any:
    return worlds.small(recruiting={"founders": 0.03}, weeks=5, **settings)


STUDIES: dict[str, tuple[str, Callable[..., Any]]] = {
    "sensitivity": ("tornado", lambda **to: sim.sensitivity(
        small(), {**RANGE, "offer.quality": (0.2, 0.9)}, OF, samples=2, seeds=2, **to)),
    "tipping": ("tipping", lambda **to: sim.tipping(
        small(), RANGE, f"{OF} > 40%", seeds=6, tolerance=0.2, **to)),
    "optimise": ("search", lambda **to: sim.optimise(small(), RANGE, OF, seeds=2, budget=5, **to)),
    "pilot": ("pilot", lambda **to: sim.pilot(
        [small(title="A"), small(title="B", offer={"list_price": 500.0})],
        {"people.weekly_need": (0.05, 0.6)}, persons=200, weeks=4, worlds=4, **to)),
    "decide": ("decision", lambda **to: sim.decide(
        [small(title={"en": "Plain", "zh": "平常"}), small(title="Dear", offer={"list_price": 500.0})],
        OF, seeds=5, **to)),
    "ladder": ("waterfall", lambda **to: sim.ladder(
        small(title="A"), small(title="B", offer={"quality": 0.9}, people={"trust": 0.7}), OF, seeds=2,
        **to)),
    "loops": ("cause_map", lambda **to: sim.loops(small(title="A"), OF, seeds=2, combinations=8, **to)),
}


@pytest.mark.parametrize("kind", STUDIES)
def test_the_page_of_a_study_begins_with_its_answer(kind: str, tmp_path: Path) -> None:
    use_language("en")
    picture, live = STUDIES[kind]
    found = live(workers=1, out=tmp_path / "r")
    results = open_results(tmp_path / "r")
    keep_picture(results, picture, partial(PICTURES[picture], found))
    assert not open_results(tmp_path / "r").damage()
    for lang in ("en", "zh"):
        page = report_html(open_results(tmp_path / "r"), lang=lang)
        with speaking(lang):
            sentences = found.verdicts()
        assert answer_of(results, lang)["sentences"] == sentences
        sentences = [begun(sentence) for sentence in sentences]
        block = re.search(r'<details open><summary>.*?<div class="verdict">(.*?)</div>', page, re.S)[1]
        assert [html.unescape(line) for line in re.findall("<p>(.*?)</p>", block)] == sentences
        heading = html.unescape(re.sub("<[^>]+>", "", re.search("<h1>(.*?)</h1>", page)[1]))
        assert heading in " ".join(sentences)
        drawn = re.findall(r'<img class="picture" alt="[^"]+" src="data:image/png;base64,([^"]+)"', page)
        name = picture if lang == "en" else f"{picture}.zh"
        assert [base64.b64decode(one) for one in drawn] == [
            (tmp_path / "r" / "figures" / f"{name}.png").read_bytes()]
        assert json.loads(page.split('id="specs">')[1].split("</script>")[0]) == []
        assert "rung-" not in page
        assert "loops-0" not in page


def test_the_page_of_a_run_has_no_answer_of_a_study(tmp_path: Path) -> None:
    results = run_into(Design.of(small(), [1]), out=tmp_path / "r", workers=1)
    assert answer_of(results, "en") is None
    assert "<details open>" not in report_html(results, lang="en")
