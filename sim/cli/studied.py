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
    """Put a picture into the folder; one without anything to draw is left out.

    It is ``NAME.png`` in the language in use, and ``NAME-zh.png`` or ``NAME-en.png`` in the other one, for
    the page in that language.

    Parameters
    ----------
    draw
        Draws it in the language `lang` and returns the Axes.
    """
    for lang in sorted(LANGUAGES, key=lambda one: one != language()):
        own = lang == language()
        with contextlib.suppress(UsageError):
            figure = draw(lang=lang).figure
            for kind in ("png", "svg") if own else ("png",):
                results.publish(
                    f"figures/{name}.{kind}" if own else f"figures/{name}-{lang}.{kind}",
                    lambda to, kind=kind, figure=figure: figure.savefig(
                        to, format=kind, dpi=110, metadata={} if kind == "png" else {"Date": None}),
                    about=[lang])
            from matplotlib import pyplot

            pyplot.close(figure)
