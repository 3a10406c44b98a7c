"""Settings of all tests."""

from __future__ import annotations

import matplotlib
from hypothesis import HealthCheck, settings

matplotlib.use("Agg")

# The same examples in every run: a test that fails, fails for everybody and every time.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
