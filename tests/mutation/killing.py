"""Plants a sample of defects in rules and runs, one at a time: do the tests notice?

cosmic-ray lists the defects, plants them and keeps the book; docs/mutation.md has the commands. This
module draws the sample, chooses the tests of the changed file, and runs them in a fork of a process
that has everything else imported and compiled: a second for a defect instead of ten.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cosmic_ray.mutating import _make_diff, use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult
from hypothesis import HealthCheck, Phase, settings
from scipy.stats import binomtest

import sim.kernel.compiled
from sim.kernel.compiled import Kernel

# As in tests/conftest.py, but the first example that fails is enough: none is made smaller.
settings.register_profile(
    "killing", derandomize=True, deadline=None, database=None, max_examples=60,
    suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate],
)
QUIET = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore", "--hypothesis-profile", "killing"]
SAID = ["tests/truth/test_document.py", "tests/scenario/test_reference.py"]
"""Defaults and bounds are what docs/ says they are."""
REFERENCE = "tests/truth/test_reference.py::test_"
TRAJECTORIES = [
    f"{REFERENCE}{name}_agree_unit_for_unit"
    for name in ("lively_scenarios", "shipped_scenarios", "random_small_scenarios")]
os.environ["WEISHANG_RANDOM_SCENARIOS"] = "25"
EXACT, FORM = "the_beer_game_is_exact", "the_model_meets_the_closed_form"
FORMS = {
    "adoption": ["contagion", "bass_ring"], "customer_attrition": ["repeat_buying"],
    "anchored_ordering": ["beer_game", "beer_game_people"], "fixed_sellers": ["bullwhip", "constant_hazard"],
    "demand_process": ["bullwhip", "bullwhip_correlated", "beer_game"],
    "moving_average": ["bullwhip", "bullwhip_chain", "beer_game"],
}
"""The closed forms in which a rule takes part that the second implementation does not have."""
HERE = [f"tests/runs/test_{name}.py" for name in (
    "design", "estimate", "result", "tables", "reproducing", "summary", "network", "dispatch",
    "results", "folder")]
ELSEWHERE = {"cluster": ["cluster"], "workers": ["many"], "worker": ["many"]}
"""Runs are tested within seconds in this process; only engines need others."""
MACHINE = {"adoption", "customer_attrition"}
"""Rules whose tests need so many persons that Python would take minutes."""
BUSY, WAITING = 60, 600.0
"""Seconds at work, and seconds in all, after which a defect that hangs counts as noticed."""


def tests_of(path: Path) -> list[str]:
    """Return the tests that should notice a defect in this file, the quickest first."""
    if path.parent.name == "runs":
        return HERE + [f"tests/runs/test_{name}.py" for name in ELSEWHERE.get(path.stem, [])]
    own = [] if path.stem == "base" else [f"tests/mechanisms/test_{path.stem}.py"]
    forms = [
        f"tests/truth/test_closed_forms.py::test_{EXACT if 'beer' in name else FORM}[{name}]"
        for name in FORMS.get(path.stem, [])]
    return [*own, "tests/mechanisms/test_all.py", *SAID, *(forms or TRAJECTORIES)]


def sample(items: Iterable[WorkItem], share: float, seed: int) -> list[WorkItem]:
    """Return this share of every file's defects; a larger share contains the smaller."""
    files: dict[Path, list[WorkItem]] = {}
    for item in items:
        files.setdefault(item.mutations[0].module_path, []).append(item)
    drawn: list[WorkItem] = []
    for path, defects in sorted(files.items()):
        defects.sort(key=lambda item: (item.mutations[0].operator_name, item.mutations[0].occurrence))
        random.Random(f"{seed} {path.stem}").shuffle(defects)
        drawn += defects[: round(share * len(defects))]
    return drawn


def forget(path: Path) -> None:
    """Let the changed file, and all that may have imported it, be imported anew."""
    changed = ".".join(path.with_suffix("").parts)
    kept = ("sim.kernel", "sim.market") + (("sim.mechanisms",) if path.stem != "base" else ())
    for name in [*sys.modules]:
        if name == changed or (name.startswith(("sim.", "tests.")) and not name.startswith(kept)):
            del sys.modules[name]
    public = sys.modules["sim"]
    for name in vars(public)["_PUBLIC"]:
        vars(public).pop(name, None)


def as_python(path: Path, scratch: str) -> None:
    """Run the changed file's kernels as Python, all others as machine code."""
    # What is compiled with a defect in it must not be kept for others.
    vars(sim.kernel.cache)["cache_folder"] = lambda: Path(scratch)
    if path.stem in MACHINE:
        return
    changed = ".".join(path.with_suffix("").parts)
    machine: Callable[..., Any] = Kernel.__call__

    def call(self: Kernel, *args: Any) -> Any:
        if self.python.__module__ == changed:
            return self.python(*args)
        # Machine code knows no whole numbers beyond 64 bits, and takes what is below as signed.
        return machine(self, *(
            np.uint64(one) if isinstance(one, int) and one >= 2**63 else one for one in args))

    Kernel.__call__ = call  # type: ignore[method-assign]


def noticed(path: Path, tests: list[str]) -> tuple[TestOutcome, str]:
    """Run the tests on the file as it is now, in a fork of this process."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryDirectory() as scratch:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setsid()
                resource.setrlimit(resource.RLIMIT_CPU, (BUSY, BUSY))
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                forget(path)
                as_python(path, scratch)
                code = int(pytest.main([*QUIET, "--no-header", "--tb=line", *tests]))
            finally:
                os._exit(code)
        until = time.monotonic() + WAITING
        while not (ended := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < until:
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # also what the tests may have left behind
        if not ended[0]:
            os.waitpid(child, 0)
            return TestOutcome.KILLED, "timeout"
        output.seek(0)
        outcome = TestOutcome.KILLED if ended[1] else TestOutcome.SURVIVED
        return outcome, output.read()[-2000:]


def judge(item: WorkItem) -> WorkResult:
    """Plant one defect, ask the tests, take it out again."""
    defect = item.mutations[0]
    operator = get_operator(defect.operator_name)(**defect.operator_args)
    with use_mutation(defect.module_path, operator, defect.occurrence) as (before, after):
        outcome, output = noticed(defect.module_path, tests_of(defect.module_path))
    diff = "\n".join(_make_diff(before, after, defect.module_path))
    return WorkResult(WorkerOutcome.NORMAL, output, outcome, diff)


def report(defects: list[WorkItem], drawn: list[WorkItem], results: dict[str, WorkResult]) -> None:
    """Print the score by file and by folder; the interval is Wilson's, 95 %."""
    files: dict[Path, Counter[str]] = {}
    for item in defects:
        path = item.mutations[0].module_path
        for place in (path, path.parent):
            files.setdefault(place, Counter())["defects"] += 1
    for item in drawn:
        path, result = item.mutations[0].module_path, results.get(item.job_id)
        if result is not None:
            for place in (path, path.parent):
                files[place]["tried"] += 1
                files[place]["killed"] += result.is_killed
    print("| file | defects | tried | killed | score |\n| --- | --- | --- | --- | --- |")
    for place, found in sorted(files.items()):
        if tried := found["tried"]:
            low, high = binomtest(found["killed"], tried).proportion_ci(method="wilson")
            interval = "" if place.suffix else f" ({low:.1%} to {high:.1%})"
            score = f"{found['killed'] / tried:.1%}{interval}"
            print(f"| {place} | {found['defects']} | {tried} | {found['killed']} | {score} |")


def main() -> None:
    """Try the sample that has no result yet; with --again, also what has survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("session", help="the file that cosmic-ray init made")
    parser.add_argument("--share", type=float, default=0.0, help="of every file's defects")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--only", nargs="*", help="names of files (approaching, folder)")
    parser.add_argument("--again", action="store_true", help="try once more what survived")
    given = parser.parse_args()
    # A shell lets what it starts in the background ignore Ctrl-C, which some tests send.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with use_db(given.session, WorkDB.Mode.open) as db:
        results = dict(db.results)
        # What has a result but no outcome was set aside by a filter.
        defects = [item for item in db.work_items
                   if item.job_id not in results or results[item.job_id].test_outcome is not None]
        defects = [item for item in defects
                   if not given.only or item.mutations[0].module_path.stem in given.only]
        drawn = sample(defects, given.share, given.seed)
        waiting = [
            item for item in drawn if item.job_id not in results
            or (given.again and not results[item.job_id].is_killed)]
        files = sorted({item.mutations[0].module_path for item in waiting})
        if files:
            # Once without a defect: the tests must pass, and everything is compiled from then on.
            every = dict.fromkeys(test for path in files for test in tests_of(path))
            if pytest.main([*QUIET, *every]):
                sys.exit("the tests fail without any defect")
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        tried: set[Path] = set()
        for item in waiting:
            path = item.mutations[0].module_path
            if path not in tried and noticed(path, tests_of(path))[0] is TestOutcome.KILLED:
                sys.exit(f"the tests of {path} fail without any defect when it runs as Python")
            tried.add(path)
            started = time.monotonic()
            result = judge(item)
            db.set_result(item.job_id, result)
            results[item.job_id] = result
            spent = time.monotonic() - started
            print(path, result.test_outcome, f"{spent:.1f} s", flush=True)
            if not result.is_killed:
                print(result.diff, flush=True)
        report(defects, drawn, results)


if __name__ == "__main__":
    main()
