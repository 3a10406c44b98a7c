"""Make the pictures of the README: ``python docs/pictures/make.py`` (about a minute)."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run the shipped scenarios and draw them, in both languages."""
    import sim
    from sim.views.plots import compare_figure, figure

    plans = [sim.load(name, {"persons": 10_000}) for name in ("pyramid", "prosumer")]
    single = sim.run(sim.load("pyramid"), seed=1)
    both = sim.run_many(plans, seeds=[1, 2, 3, 4, 5])
    for lang in ("en", "zh"):
        for name in ("sell_through", "prices_and_trust"):
            save(figure(single, name, lang, size=(11, 6.4)), HERE / f"{name}-{lang}.png")
        save(compare_figure(both, lang=lang, size=(12.5, 6.6)), HERE / f"comparison-{lang}.png")


def save(made: object, path: Path) -> None:
    """Write a picture with few colours, so that the repository stays small."""
    import io

    from PIL import Image

    held = io.BytesIO()
    made.savefig(held, format="png", dpi=90, metadata={"Software": "weishang"})  # type: ignore[attr-defined]
    Image.open(held).convert("RGB").quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    main()
