"""Common parts of the study commands: pictures in the folder, the answer, and the closing lines."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Any

from sim.cli.groups import Talk
from sim.cli.many import state, tell_closing
from sim.cli.options import answer, answer_json
from sim.errors import UsageError
from sim.texts import LANGUAGES, language

__all__ = ["keep_picture", "tell_study"]


def tell_study(
    found: Any, talk: Talk, pictures: Mapping[str, Callable[..., Any]], **more: Any
) -> int:
    """Draw the pictures of a study into its folder, print its sentences, and return the exit code.

    Parameters
    ----------
    found
        The study: its runs in a folder, ``verdicts()`` and ``table``.
    pictures
        A function from the study to Axes, by the name of the file.
    more
        Further entries of the output of ``--json``.
    """
    results = found.runs
    for name, draw in pictures.items():
        keep_picture(results, name, functools.partial(draw, found))
    if talk.as_json:
        answer_json(state(results) | {
            "verdicts": found.verdicts(), "table": found.table.to_dict("records"), **more,
            "pictures": [f"figures/{name}.png" for name in pictures
                         if (results.figures / f"{name}.png").exists()]})
        return 1 if results.failed else 0
    from sim.cli.tables import paragraph

    for sentence in found.verdicts():
        answer(paragraph(sentence, "  "))
    return tell_closing(results, talk.quiet)


def keep_picture(results: Any, name: str, draw: Callable[..., Any]) -> None:
    """Save a picture in the folder in the current language, if there is anything to draw.

    The page may later be written in another language, so a copy is saved for each, such as
    ``decision.zh.png``.
    """
    from matplotlib import pyplot

    from sim.views.style import saved

    with contextlib.suppress(UsageError):
        for lang in sorted(LANGUAGES, key=lambda one: one != language()):
            mine = lang == language()
            figure = draw(lang=lang).figure
            for kind in ("png", "svg") if mine else ("png",):
                path = f"figures/{name}.{kind}" if mine else f"figures/{name}.{lang}.{kind}"
                results.publish(path, lambda to, kind=kind, figure=figure: saved(figure, to, kind),
                                about=[lang])
            pyplot.close(figure)
