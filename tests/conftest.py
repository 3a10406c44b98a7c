"""Settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import matplotlib
import pytest
from hypothesis import HealthCheck, settings

from sim.regimes import REGIMES
from sim.runs.compiling import compile_ahead
from sim.texts import use_language
from tests.kept_workers import kept, new

matplotlib.use("Agg")

# The same examples in every run: a test that fails, fails for everybody and every time.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile once what each process of the whole suite would compile for itself."""
    if session.config.getoption("numprocesses", None):
        compile_ahead(REGIMES, lambda done, of: None)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Give each test the language of the locale of the tests, whatever the one before it spoke.

    A command leaves its language in the environment, for the processes that it starts.
    """
    before = os.environ.get("LANGUAGE")
    yield
    use_language("en")
    os.environ.pop("LANGUAGE", None)
    if before is not None:
        os.environ["LANGUAGE"] = before


@pytest.fixture(scope="session", autouse=True)
def _workers_are_kept() -> Iterator[None]:
    """Let tests share worker processes, save those that ask for `new_workers`."""
    with kept():
        yield


@pytest.fixture
def new_workers() -> Iterator[None]:
    """Asked for by tests of how workers start and end: they get none that others used."""
    with new():
        yield
