"""The command completion; each option and argument completes its own values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from sim.cli.options import answer, command

__all__ = ["SHELLS", "completion"]

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_WEISHANG_COMPLETE"
"""The variable by which the shell asks the program for completions (click's convention)."""


@command("completion", examples=(
    "weishang completion bash >> ~/.bashrc",
    "weishang completion fish > ~/.config/fish/completions/weishang.fish"))
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Write the completion script of a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    # click would first check the version of bash, which the script does not depend on.
    made = kind(root, {}, "weishang", VARIABLE)
    answer(made.source_template % made.source_vars())
