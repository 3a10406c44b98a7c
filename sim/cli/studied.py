"""What the commands that say why and what to do share: pictures in the folder, the answer, the end."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Any

from sim.cli.groups import Talk
from sim.cli.many import state, tell_failed, tell_taken
from sim.cli.options import answer, answer_json, say
from sim.errors import UsageError
from sim.texts import LANGUAGES, _, language

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
        By the name of the file, a function from the study to Axes.
    more
        What else ``--json`` says.
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
    from sim.cli.run import tell_lacking
    from sim.cli.tables import paragraph

    for sentence in found.verdicts():
        answer(paragraph(sentence, "  "))
    tell_taken(results, quiet=talk.quiet)
    if results.lived == 0:
        say(_("nothing to do: these runs already exist"), quiet=talk.quiet)
    code = tell_failed(results)
    answer(_("results: {path}").format(path=results.path))
    if results.figures.is_dir():
        answer(_("pictures: {path}").format(path=results.figures))
        tell_lacking()
    return code


def keep_picture(results: Any, name: str, draw: Callable[..., Any]) -> None:
    """Put a picture into the folder in the language in use; one without anything to draw is left out.

    Its page may be written in another language later: the same picture is kept for each of them, such as
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
