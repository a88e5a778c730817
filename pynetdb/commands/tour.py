"""pynetdb tour."""

from importlib import import_module

import click

from pynetdb.errors import PynetdbError
from pynetdb.lessons import CHAPTERS
from pynetdb.params import verbosity_options
from pynetdb.results.output import Output


@click.command("tour")
@click.argument("chapters", metavar="[CHAPTER]...", nargs=-1, type=click.Choice(CHAPTERS))
@click.option("--explain", is_flag=True, help="Narrate the real calls of every command on standard error.")
@verbosity_options
def tour(chapters: tuple[str, ...], explain: bool, output: Output) -> None:
    """Show what pynetdb does, on this machine alone, and check that it is so.

    Every command that is shown is really run, over the loopback interface. Without CHAPTER it is the
    whole tour.
    """
    from pynetdb.lessons.stage import Stage

    stage = Stage(output, explain)
    for name in chapters or CHAPTERS:
        chapter = import_module(f"pynetdb.lessons.{name}")
        stage.title(chapter.TITLE)
        chapter.play(stage)
    if stage.failures:
        raise PynetdbError(f"{stage.failures} of {stage.checks} checks failed")
    output.text(f"\n{stage.checks} checks, all of them hold.")
