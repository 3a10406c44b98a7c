"""Draw the shipped ensemble: ``python docs/pictures/posterior.py`` (seconds).

Pairs of the six settings that the facts told most about, and what they told of each setting.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from make import save

from sim.scenario.manual import settings
from sim.studies.worlds import SHIPPED, provenance
from sim.texts import speaking
from sim.views.posterior import learnt, pairs

HERE = Path(__file__).parent


def main() -> None:
    """Draw both pictures, in English: the settings have English names."""
    told = provenance()["learnt"]
    priors = {row["name"]: row["prior"] for row in settings() if row["name"] in told}
    shipped = SimpleNamespace(ensemble=pd.read_csv(SHIPPED), learnt=pd.DataFrame([
        {"setting": key, "prior_low": priors[key]["low"], "prior_high": priors[key]["high"],
         "log": priors[key]["log"], "learnt": share} for key, share in told.items()]))
    with speaking("en"):
        save(pairs(shipped), HERE / "posterior.png")
        save(learnt(shipped), HERE / "learnt.png")


if __name__ == "__main__":
    main()
