"""pynetdb completion."""

import click

from pynetdb.params import Command

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what makes the tab key complete pynetdb's words in SHELL.

    Commands, options and their choices, chapters, services, files, and of a database its tables and
    columns.

    \b
    bash (4.4 or newer)   pynetdb completion bash >> ~/.bashrc
    zsh                   pynetdb completion zsh >> ~/.zshrc    (after compinit)
    fish                  pynetdb completion fish > ~/.config/fish/completions/pynetdb.fish
    """
    from pynetdb.completion import script

    click.echo(script(shell), nl=False)
