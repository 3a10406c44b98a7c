"""The ensemble shipped with the package, and those that users fit: worlds to run plans in.

``worlds/plausible.csv`` holds the shipped ensemble, ``worlds/plausible.json`` its provenance;
`sim.studies.shipping` renews both.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.runs.worlds import Worlds
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["SHIPPED", "provenance", "worlds_from"]

SHIPPED = Path(__file__).with_name("worlds") / "plausible.csv"
Given = Worlds | int | str | os.PathLike[str] | None


def worlds_from(
    given: Given = None, fit: str | os.PathLike[str] | None = None
) -> Worlds | None:
    """Return worlds of the shipped ensemble or of a fit, or worlds made by hand.

    Parameters
    ----------
    given
        A number of worlds, worlds, the folder of a fit, or nothing.
    fit
        Folder of a fit (or its ``ensemble.parquet``) to take the worlds from.

    Raises
    ------
    UsageError
        When there are fewer worlds, or no ensemble.
    """
    if given is None or isinstance(given, Worlds):
        return given
    if not isinstance(given, int):
        return _read(Path(given))
    all_of_them = _read(Path(fit) if fit is not None else SHIPPED)
    if not 1 <= given <= len(all_of_them.rows):
        raise UsageError(_("the ensemble has {count} worlds; write --worlds 1 to {count}").format(
            count=len(all_of_them.rows)))
    return Worlds(all_of_them.keys, all_of_them.rows[:given], all_of_them.source)


def provenance() -> Data:
    """Return the provenance of the shipped ensemble: commit, date, targets, predictions."""
    found: Data = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    return found


def _read(path: Path) -> Worlds:
    import pandas as pd

    if path == SHIPPED and not path.exists():
        raise UsageError(_(
            "no ensemble comes with this version; fit one with `weishang calibrate` and take it with "
            "--worlds-from FIT"))
    file = path / "ensemble.parquet" if path.is_dir() else path
    if not file.exists():
        raise UsageError(_("{path} holds no ensemble; take the folder of `weishang calibrate`").format(
            path=path))
    table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    keys = tuple(str(name) for name in table.columns if name not in ("world", "weight"))
    rows = tuple(table[list(keys)].itertuples(index=False, name=None))
    return Worlds(keys, rows, "shipped" if path == SHIPPED else path.name)
