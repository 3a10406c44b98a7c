"""Checksums of what small runs compute; renewed on purpose only: ``make baselines``.

A refactoring leaves them alone. A change of the model moves them: renew them and mark the entry in
CHANGELOG.md with [numbers].
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sim.runs.run import run
from tests.scenarios import names, small

STORED = Path(__file__).with_name("baselines.json")
SEEDS = (1, 2)


def digests(regime: str, seed: int, threads: int = 1) -> dict[str, str]:
    """Return a checksum of each integer column of each table of a small run.

    Shares and means are left out: integers are exact everywhere, the last digit of a mean is not.
    """
    result = run(small(regime), seed, threads=threads)
    found = {}
    for table in ("weekly", "tiers", "cohorts", "resellers"):
        data = getattr(result, table).drop(columns=["scenario", "seed"])
        for name in data.columns:
            if data[name].dtype.kind in "iu":
                values = data[name].fillna(-1).astype("int64").to_numpy()
                digest = hashlib.blake2b(values.astype("<i8").tobytes(), digest_size=8)
                found[f"{table}.{name}"] = digest.hexdigest()
    return found


def current() -> dict[str, dict[str, str]]:
    """Return the checksums of all baselines as they are now."""
    return {f"{name} {seed}": digests(name, seed) for name in names() for seed in SEEDS}


def stored() -> Any:
    """Return the checksums that were accepted."""
    return json.loads(STORED.read_text("utf-8"))


if __name__ == "__main__":
    STORED.write_text(json.dumps(current(), indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{STORED.name}: accepted; mark the change with [numbers] in CHANGELOG.md")
