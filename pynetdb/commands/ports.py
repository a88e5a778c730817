"""`pynetdb ports`: the well-known services."""

import click

from pynetdb.params import Command, output_options
from pynetdb.results.output import Output


@click.command("ports", cls=Command)
@click.argument("name_or_number", required=False)
@output_options("table", "json", "jsonl", "csv", "tsv", "markdown")
def ports(name_or_number: str | None, output: Output) -> None:
    """Show the well-known services: port, purpose, and who speaks them.

    NAME_OR_NUMBER is a port, a name, or a part of a name; without it all are shown. Each comes with the
    module of Python's standard library and the commands of pynetdb that speak it. The remark says
    where this system's own services file differs. What nobody knows is exit status 7.
    """
    from pynetdb import services
    from pynetdb.errors import NegativeAnswerError
    from pynetdb.net.services_file import system_name, system_port

    rows = services.rows(name_or_number, system_port, system_name)
    if rows or not output.for_people:
        output.rows(services.COLUMNS, rows, optional=services.COLUMNS[-1])
    if not rows:
        raise NegativeAnswerError(
            f"ports: neither pynetdb nor this system knows {name_or_number!r},"
            " expected a port, or the name of a service or a part of it"
        )
