"""pynetdb help."""

import os
import shutil
import sys
from typing import cast

import click

from pynetdb.params import Command
from pynetdb.topics import TOPICS, find_topics, topic_text


@click.command("help", cls=Command)
@click.argument("topic", metavar="[COMMAND|TOPIC]", required=False)
@click.pass_context
def help(ctx: click.Context, topic: str | None) -> None:  # noqa: A001 - the command's name
    """Show the help of a COMMAND, or what holds for all of them.

    The TOPICs are classes, durations, environment, formats, places, scripts and statuses; any other word
    shows those that tell of it. On a terminal the help of a command is its manual page, where there is a
    `man` to show it.
    """
    root = ctx.find_root()
    group = cast("click.Group", root.command)
    if topic is None:
        click.echo(group.get_help(root))
        click.echo(f"\nTopics (pynetdb help TOPIC): {', '.join(TOPICS)}")
        return
    if topic in TOPICS:
        click.echo(topic_text(topic, _width()), nl=False)
        return
    command = group.get_command(root, topic)
    if command is None:
        if told := find_topics(topic):
            click.echo("\n".join(topic_text(name, _width()) for name in told), nl=False)
            return
        from pynetdb.guesses import guess_commands
        from pynetdb.wording import list_choices

        near = guess_commands(topic, [*group.list_commands(root), *TOPICS])
        topics = f", expected a command or a topic: {list_choices(list(TOPICS))}"
        meant = f", did you mean {list_choices(near)}?" if near else topics
        raise click.UsageError(f"no such command {topic!r}{meant}")
    if not (_has_pages() and _show(group, topic)):
        with click.Context(command, info_name=topic, parent=root) as inner:
            click.echo(command.get_help(inner))


def _width() -> int:
    """How many columns there are for a topic, as click counts them for the help of a command."""
    return min(shutil.get_terminal_size().columns, 100) if sys.stdout.isatty() else 100


def _has_pages() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _show(group: click.Group, name: str) -> bool:
    from pynetdb.manual import page_name, render_page, show_page

    return show_page(render_page(group, name), page_name(name))
