"""pynetdb wait."""

import re
from typing import TYPE_CHECKING, Any

import click

from pynetdb.errors import DeadlineError
from pynetdb.params import Duration, ServerCommand, network_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.clients.wait.targets import Condition, Statuses
    from pynetdb.clients.wait.waiter import Progress
    from pynetdb.net.network import Network

_COLUMNS = ("target", "state", "seconds", "looks", "reason")


@click.command("wait", cls=ServerCommand)
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option(
    "--timeout", type=Duration(), default="60s", show_default=True, help="Give up after so long (status 4)."
)
@click.option(
    "--every", type=Duration(), default="250ms", show_default=True, help="Look again after so long."
)
@click.option(
    "--status",
    metavar="LIST",
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
    status: str,
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

    statuses = _statuses(status)
    try:
        conditions = [parse_condition(text, statuses, insecure=insecure) for text in dict.fromkeys(targets)]
    except ValueError as error:
        raise click.UsageError(f"TARGET {error}") from error
    command = ctx.meta.get("pynetdb.command", ())
    view = _View(output, aside=bool(command))
    waiter = Waiter(conditions, every, timeout, network)
    try:
        for progress in waiter.run():
            view.show(progress)
    except DeadlineError:
        for condition, finding in waiter.last.items():
            view.missing(condition, finding.reason)
        view.finish()
        raise
    view.finish()
    if command:
        from pynetdb.net.process.foreground import run_command

        ctx.exit(run_command(command))


def _statuses(text: str) -> "Statuses":
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?", part.strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise click.UsageError(
                f"--status {text!r}: expected statuses and ranges, as in 200,401 or 200-299"
            )
        found.append((int(match[1]), int(match[2] or match[1])))
    return found


class _View:
    """Shows what comes: at once where the format is one of lines, else all of it at the end."""

    def __init__(self, output: Output, *, aside: bool) -> None:
        """With `aside` lines for people go to standard error."""
        self._output = output
        self._aside = aside
        self._rows: list[tuple[Any, ...]] = []
        self._header_due = output.format in ("csv", "tsv")

    def show(self, progress: "Progress") -> None:
        """Show a condition that holds; others are a detail."""
        condition = progress.condition
        if not progress.holds:
            self._output.detail(f"wait: {condition.text}: {progress.reason}")
            return
        state = "gone" if condition.gone else "there"
        self._row((condition.text, state, round(progress.seconds, 3), progress.looks, progress.reason))
        if self._output.format == "table":
            line = f"{condition.text.removeprefix('!')} is {state} after {progress.seconds:.2f} s"
            if self._aside:
                self._output.talk(f"wait: {line}")
            else:
                self._output.text(line)

    def missing(self, condition: "Condition", reason: str) -> None:
        """Note a condition that does not hold in the end."""
        self._row((condition.text, "missing", None, None, reason))

    def finish(self) -> None:
        """All is known."""
        if self._output.format in ("json", "markdown"):
            self._output.rows(_COLUMNS, self._rows)

    def _row(self, row: tuple[Any, ...]) -> None:
        if self._output.format == "jsonl":
            target, state, *rest = row
            self._output.event(
                {"event": state, "target": target, **dict(zip(_COLUMNS[2:], rest, strict=True))}
            )
        elif self._output.format in ("csv", "tsv"):
            self._output.rows(_COLUMNS, [row], header=self._header_due)
            self._header_due = False
        else:
            self._rows.append(row)
