"""The numbers have not moved unless somebody meant them to (see tests/baselines.py)."""

import pytest

from tests.baselines import SEEDS, digests, stored
from tests.scenarios import names


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("regime", names())
def test_baseline(regime: str, seed: int) -> None:
    accepted = stored().get(f"{regime} {seed}")
    assert accepted, "no baseline yet: make baselines"
    now = digests(regime, seed)
    moved = {name for name, digest in now.items() if accepted.get(name) != digest}
    assert not moved, (
        f"these columns moved: {sorted(moved)}; if that is meant, say `make baselines` and mark "
        "the entry in CHANGELOG.md with [numbers]")
