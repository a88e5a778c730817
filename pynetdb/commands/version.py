"""pynetdb version."""

import click

from pynetdb.params import Command, output_options
from pynetdb.results.output import Output


@click.command("version", cls=Command)
@output_options("table", "json")
def version(output: Output) -> None:
    """Show the versions of pynetdb and of what it stands on, for a report."""
    import platform
    from importlib.metadata import version as version_of

    from pynetdb import __version__
    from pynetdb.db import open as open_database

    with open_database(":memory:", "write") as engine:
        name, _, number = engine.version.partition(" ")
    versions = {
        "pynetdb": __version__,
        "python": platform.python_version(),
        name.lower(): number,
        "click": version_of("click"),
        "tabulate": version_of("tabulate"),
        "system": platform.platform(),
    }
    if output.format == "json":
        output.document(versions)
    else:
        for program, its_version in versions.items():
            output.text(f"{program} {its_version}")
