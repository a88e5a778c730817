"""A key that somebody presses, without Enter."""

import os
import sys

import click

from pynetdb.clients.chat.screen import can_edit, cbreak


def ask_for_key(prompt: str) -> str:
    """Say `prompt` on standard error and return the key that is pressed, `""` where there are no more."""
    if not can_edit():
        click.echo(prompt, nl=False, err=True)
        key = click.getchar()
    else:
        # The prompt comes last: who presses a key when it is there is heard.
        with cbreak(sys.stdin.fileno()):
            click.echo(prompt, nl=False, err=True)
            key = os.read(sys.stdin.fileno(), 16).decode("utf-8", "replace")
    click.echo(err=True)
    return key
