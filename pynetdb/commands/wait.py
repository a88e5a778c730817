"""pynetdb wait."""

from typing import TYPE_CHECKING

import click

from pynetdb.errors import DeadlineError
from pynetdb.param_types import Duration, Statuses
from pynetdb.params import CommandBeforeAnother, network_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.network import Network


@click.command("wait", cls=CommandBeforeAnother)
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option(
    "--timeout", type=Duration(), default="60s", show_default=True, help="Give up after so long (status 4)."
)
@click.option(
    "--every", type=Duration(), default="250ms", show_default=True, help="Look again after so long."
)
@click.option(
    "--status",
    type=Statuses(),
    default="200-399",
    show_default=True,
    help="What a URL must answer: statuses and ranges, as in 200,401 or 200-299.",
)
@click.option("--insecure", is_flag=True, help="Do not check the certificate of an https server.")
@network_options("table", "json", "jsonl", "csv", "tsv", "markdown")
@click.pass_context
def wait(
    ctx: click.Context,
    targets: tuple[str, ...],
    timeout: float,
    every: float,
    status: "list[tuple[int, int]]",
    insecure: bool,
    network: "Network",
    output: Output,
) -> None:
    """Wait until every TARGET is there; print each as it comes.

    TARGET is HOST:PORT or tcp://HOST:PORT (accepts connections), a URL (answers with a --status),
    unix:PATH (accepts connections), file:PATH (exists), or one of them with ! before it: is gone. What is
    missing at the --timeout is named, with exit status 4. COMMAND is run afterwards, and its exit status
    handed on; standard output is COMMAND's then, and lines for people go to standard error. A look at a
    port is a connection, which the server counts as any other.
    """
    from pynetdb.clients.wait.targets import parse_condition
    from pynetdb.clients.wait.waiter import Waiter
    from pynetdb.passwords import without_userinfo
    from pynetdb.results.waiting import WaitResults

    try:
        conditions = [parse_condition(text, status, insecure=insecure) for text in dict.fromkeys(targets)]
    except ValueError as error:
        raise click.UsageError(f"TARGET {without_userinfo(str(error))}") from error
    command = ctx.meta.get("pynetdb.command", ())
    results = WaitResults(output, aside=bool(command))
    waiter = Waiter(conditions, every, timeout, network)
    try:
        for one in waiter.run():
            if one.holds:
                gone = one.condition.gone
                results.came(one.condition.text, one.reason, gone=gone, seconds=one.seconds, looks=one.looks)
            else:
                output.debug(f"wait: {one.condition.text}: {one.reason}")
    except DeadlineError:
        for condition, finding in waiter.last.items():
            results.missing(condition.text, finding.reason)
        raise
    finally:
        results.close()
    if command:
        from pynetdb.net.process.foreground import run_command

        ctx.exit(run_command(command))
