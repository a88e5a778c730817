"""pynetdb tour."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING

import click

from pynetdb.errors import PynetdbError
from pynetdb.lessons import CHAPTERS
from pynetdb.param_types import NewFile
from pynetdb.params import Command, verbosity_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.lessons.stage import Stage


class _Tour(Command):
    """Lists the chapters below the options."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Chapters"):
            formatter.write_dl(list(CHAPTERS.items()))


@click.command("tour", cls=_Tour)
@click.argument("chapters", metavar="[CHAPTER]...", nargs=-1, type=click.Choice(list(CHAPTERS)))
@click.option("--explain", is_flag=True, help="Narrate the real calls of every command on standard error.")
@click.option("--step", is_flag=True, help="Show each command, and wait for a key before it runs.")
@click.option(
    "--draw", metavar="FILE", type=NewFile(), help="Draw what the commands did into FILE, as a page."
)
@verbosity_options
def tour(chapters: tuple[str, ...], explain: bool, step: bool, draw: str | None, output: Output) -> None:
    """Show what pynetdb does, on this machine alone, and check that it is so.

    Every command that is shown is really run, over the loopback interface. Without CHAPTER it is the
    whole tour, which takes less than a minute; before a class --step leaves the time to ask what will
    happen.
    """
    from pynetdb.lessons.stage import Stage

    if step and not (sys.stdin is not None and sys.stdin.isatty()):
        raise click.UsageError("--step waits for a key: standard input is no terminal")
    with ExitStack() as stack:
        recording = page = None
        if draw is not None:
            from pynetdb.lessons.recording import Recording
            from pynetdb.whole_file import WholeFile

            recording = stack.enter_context(Recording())
            # Before the tour: that a file cannot be made is not found out after all of it.
            page = stack.enter_context(WholeFile(draw))
        stage = Stage(output, explain, recording, _wait_for_key if step else None)
        _play(stage, chapters or tuple(CHAPTERS), drawn=draw is not None)
        if recording is not None and page is not None:
            page.write(recording.draw().encode("utf-8", "backslashreplace"))
            page.keep()
    if stage.failures:
        raise PynetdbError(f"{stage.failures} of {stage.checks} checks failed")
    _say_what_next(stage, chapters)
    output.text(f"\n{stage.checks} checks, all of them hold.")


def _play(stage: "Stage", names: Sequence[str], *, drawn: bool) -> None:
    stage.say(
        f"Each command below is run as it is shown; `pynetdb` is {sys.executable} -m pynetdb."
        + (" A proxy is passed by (PYNETDB_HTTP_GET_NO_PROXY=1)." if _has_proxy() else "")
        + (" For the picture each one also writes a trace (PYNETDB_<COMMAND>_TRACE)." if drawn else "")
    )
    for name in names:
        stage.title(f"{name}: {CHAPTERS[name]}")
        import_module(f"pynetdb.lessons.{name}").play(stage)


def _has_proxy() -> bool:
    return any(os.environ.get(name) for name in ("http_proxy", "https_proxy", "all_proxy"))


def _wait_for_key() -> None:
    from pynetdb.lessons.keys import ask_for_key

    if ask_for_key("  (a key runs it, q leaves) ") in ("q", "Q", "", "\x04"):
        click.get_current_context().exit(0)


def _say_what_next(stage: "Stage", chapters: Sequence[str]) -> None:
    chapter = chapters[0] if chapters else "echo"
    stage.say("What next:")
    for command, purpose in (
        ("serve-echo", "in one terminal, and in another"),
        ("echo-client --explain hello", "the same, with your own hands"),
        (f"tour {chapter} --explain", "every call that a chapter makes"),
        (f"tour {chapter} --step", "one command at a time, before a class"),
        ("help", "all commands"),
    ):
        stage.point(f"pynetdb {command}", purpose)
