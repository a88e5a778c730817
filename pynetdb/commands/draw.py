"""pynetdb draw."""

import click

from pynetdb.narration import Narrator
from pynetdb.params import Command, file_option, narration_options, verbosity_options
from pynetdb.results.output import Output


@click.command("draw", cls=Command)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice(("sequence", "timeline")),
    help="What to draw; by default a sequence from traces, a timeline from a journal.",
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(("html", "svg", "mermaid", "text")),
    help="How to draw; by default by --output's extension, else text on a terminal and html elsewhere.",
)
@file_option("file", help="Write the picture to FILE, whole or not at all")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Draw the first N steps of a sequence.",
)
@narration_options
@verbosity_options
def draw(
    files: tuple[str, ...],
    kind: str | None,
    format_: str | None,
    file: str | None,
    limit: int,
    narrator: Narrator,
    output: Output,
) -> None:
    """Draw what happened: traces as a sequence chart, a journal as a timeline.

    FILE is what --trace wrote, of one or several processes (the server's and the client's), or one journal.
    A sequence has an arrow for each send that arrived as a recv, split and joined as it really was; what was
    lost ends in a cross. A timeline counts connections, requests, bytes, latencies and faults. The html is
    one page that loads nothing, for screens and for paper.
    """
    import os
    from shutil import get_terminal_size

    from pynetdb.draw.files import format_of, is_markdown
    from pynetdb.draw.picture import draw_files

    if file is not None and any(
        os.path.exists(one) and os.path.exists(file) and os.path.samefile(one, file) for one in files
    ):
        raise click.UsageError(f"--output {file}: would take the place of what is drawn")
    form = format_ or (format_of(file) if file is not None else "text" if output.is_terminal else "html")
    picture = draw_files(files, kind, form, narrator, limit=limit, width=get_terminal_size((100, 24)).columns)
    if file is None:
        output.text(picture, end="")
        return
    if form == "mermaid" and is_markdown(file):
        picture = f"```mermaid\n{picture}```\n"
    with output.into(file):
        output.exact(picture.encode("utf-8", "backslashreplace"))
    output.info(f"draw: {file} is written ({form})")
