"""Who is named by author and year is in docs/references.bib, and the evidence is a page of docs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(
    r"((?:[A-Z][\w-]+)(?:(?:, (?:and )?| and )[A-Z][\w-]+)*)(?: et al\.)?,? \(?((?:18|19|20)\d\d)\b")
NO_WORKS = {"November", "March", "Amway", "Foundation", "Hi-Tech", "FTC", "Dunbar", "Herbalife", "WeChat",
            "Muji", "Mesa", "Daily", "Python"}
"""Words before a year that are no authors: months, firms, courts, polls."""
LATEST_WORK = 2024


def named() -> dict[tuple[str, str], str]:
    """Return the first author and year of each work that is named, and where."""
    found = {}
    files = [*(ROOT / "sim").rglob("*.py"), *(ROOT / "scenarios").rglob("*.yaml"),
             *(ROOT / "docs").glob("*.md")]
    for file in files:
        text = re.sub(r'["\s]*\n\s*(?:#\s*)?"?', " ", file.read_text(encoding="utf-8"))
        for authors, year in NAMED.findall(text):
            names = re.split(r", (?:and )?| and ", authors)
            if not NO_WORKS.intersection(names) and int(year) <= LATEST_WORK:
                found[names[-1], year] = str(file.relative_to(ROOT))
    return found


def listed() -> dict[str, tuple[str, str, str]]:
    """Return authors, year and DOI of each entry."""
    text = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"@\w+\{(\w+),\n(.*?)\n\}", text, re.S)
    return {
        key: tuple((re.search(rf"{field} = \{{(.*)\}},", body) or ["", ""])[1]  # type: ignore[misc]
                   for field in ("author", "year", "doi"))
        for key, body in entries}


def test_every_work_that_is_named_is_listed() -> None:
    entries = listed().values()
    missing = [
        f"{name} {year} ({where})" for (name, year), where in named().items()
        if not any(name in authors and year == when for authors, when, _doi in entries)]
    assert not missing


def test_every_work_that_is_listed_is_named() -> None:
    names = named()
    unused = [key for key, (authors, year, _doi) in listed().items()
              if not any(name in authors and year == when for name, when in names)]
    assert not unused


def test_articles_have_a_doi() -> None:
    without = {key for key, (_authors, _year, doi) in listed().items()
               if not re.fullmatch(r"10\.\d{4,}/\S+", doi)}
    assert without == {"mcfadden1974", "nielsen2006", "sherif1961", "warren2002", "wellons2018"}
    dois = [doi for _authors, _year, doi in listed().values() if doi]
    assert len(set(dois)) == len(dois)


def test_the_citation_file_says_what_the_project_says() -> None:
    import tomllib

    from ruamel.yaml import YAML

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = YAML(typ="safe").load((ROOT / "docs" / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["title"] == project["name"]
    assert cited["version"] == project["version"]
    assert cited["cff-version"] == "1.2.0"
    assert cited["license"] == "MIT"
    assert cited["authors"]
