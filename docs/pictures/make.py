"""Make the pictures of README and findings: ``python docs/pictures/make.py`` (some minutes).

Their messages are computed from the runs, so they follow the model.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def main() -> None:
    """Run the shipped scenarios and draw them, in both languages."""
    import sim
    from sim.views.plots import compare_figure, figure

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--persons", type=int, default=20_000)
    options.add_argument("--seeds", type=int, default=8)
    asked = options.parse_args()
    # Over four years, since the two plans cross late.
    both = sim.run_many(
        [sim.load(name, {"persons": asked.persons, "weeks": 208})
         for name in ("pyramid", "prosumer")], seeds=range(asked.seeds))
    single = sim.run(sim.load("pyramid", {"persons": asked.persons}), seed=1)
    for lang in ("en", "zh"):
        for name in ("sell_through", "prices_and_trust"):
            save(figure(single, name, lang, size=(11, 7.4)), HERE / f"{name}-{lang}.png")
        save(compare_figure(both, lang=lang, size=(12.5, 6.8)), HERE / f"comparison-{lang}.png")
    (HERE / "findings.png").write_bytes((HERE / "comparison-en.png").read_bytes())


def save(made: Any, path: Path) -> None:
    """Write a picture with few colours, so that the repository stays small."""
    from PIL import Image

    held = io.BytesIO()
    made.savefig(held, format="png", dpi=90, metadata={"Software": "weishang"})
    Image.open(held).convert("RGB").quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    main()
