"""pynetdb tour."""

from contextlib import ExitStack
from importlib import import_module

import click

from pynetdb.errors import PynetdbError
from pynetdb.lessons import CHAPTERS
from pynetdb.params import Command, verbosity_options
from pynetdb.results.output import Output


@click.command("tour", cls=Command)
@click.argument("chapters", metavar="[CHAPTER]...", nargs=-1, type=click.Choice(CHAPTERS))
@click.option("--explain", is_flag=True, help="Narrate the real calls of every command on standard error.")
@click.option("--draw", metavar="FILE", help="Draw what the commands did into FILE, as a page.")
@verbosity_options
def tour(chapters: tuple[str, ...], explain: bool, draw: str | None, output: Output) -> None:
    """Show what pynetdb does, on this machine alone, and check that it is so.

    Every command that is shown is really run, over the loopback interface. Without CHAPTER it is the
    whole tour.
    """
    from pynetdb.lessons.stage import Stage

    with ExitStack() as stack:
        recording = page = None
        if draw is not None:
            from pynetdb.lessons.recording import Recording
            from pynetdb.whole_file import WholeFile

            recording = stack.enter_context(Recording())
            # Before the tour: that a file cannot be made is not found out after all of it.
            page = stack.enter_context(WholeFile(draw))
        stage = Stage(output, explain, recording)
        for name in chapters or CHAPTERS:
            chapter = import_module(f"pynetdb.lessons.{name}")
            stage.title(chapter.TITLE)
            chapter.play(stage)
        if recording is not None and page is not None:
            page.write(recording.draw().encode("utf-8", "backslashreplace"))
            page.keep()
    if stage.failures:
        raise PynetdbError(f"{stage.failures} of {stage.checks} checks failed")
    output.text(f"\n{stage.checks} checks, all of them hold.")
