"""pynetdb serve-http."""

import os

import click

from pynetdb.params import Duration, ServerCommand, network_options, server_options
from pynetdb.results.output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions


@click.command("serve-http", cls=ServerCommand)
@click.argument("directory", default=".", required=False)
@server_options(port=8080, counts="requests", unix=True, idle="60s")
@click.option(
    "--index/--no-index", default=True, help="Let a folder's index.html stand for it.  [default: index]"
)
@click.option(
    "--listing/--no-listing", default=True, help="List a folder without index.html.  [default: listing]"
)
@click.option("--spa", is_flag=True, help="Answer unknown paths with the root's index.html.")
@click.option("--cors", is_flag=True, help="Let pages of any other site read the answers.")
@click.option(
    "-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="A field for every answer."
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="On loopback, answer to this Host too; '*' is every one.",
)
@click.option("--cache", type=Duration(zero=True), help="Let others keep answers for so long without asking.")
@click.option("--hidden", is_flag=True, help="Serve names that begin with a dot too.")
@click.option("--follow-symlinks", is_flag=True, help="Follow symbolic links out of DIRECTORY.")
# Each request is told, in the format that log readers know, and connections in JSON alone.
@network_options("table", "jsonl", tls=True, serves="serve-http", without=("connected", "refused", "closed"))
@click.pass_context
def serve_http(
    ctx: click.Context,
    directory: str,
    options: "ServerOptions",
    index: bool,
    listing: bool,
    spa: bool,
    cors: bool,
    headers: tuple[str, ...],
    allowed_hosts: tuple[str, ...],
    cache: float | None,
    hidden: bool,
    follow_symlinks: bool,
    network: "Network",
    output: Output,
) -> None:
    """Serve the files of DIRECTORY (default: this one) over HTTP/1.1.

    Ranges, conditions, compressed copies beside a file (.br, .gz), folders as a page or, for `Accept:
    application/json`, as JSON. Nothing outside of DIRECTORY is served. With --verbose each request is
    told in the common log format. With COMMAND the server runs while COMMAND does and exits with its status.
    """
    from pynetdb.errors import CommandLineError
    from pynetdb.net.process.lifecycle import serve
    from pynetdb.servers.http.connection import HttpService
    from pynetdb.servers.http.files import StaticFiles
    from pynetdb.servers.http.policy import Policy
    from pynetdb.servers.http.root import Root

    if not os.path.isdir(directory):
        from pynetdb.guesses import directory_hint

        raise CommandLineError(
            f"{directory}: is not a folder, expected one with files to serve", hint=directory_hint(directory)
        )
    policy = Policy(index, listing, spa, False, cors, tuple(map(_field, headers)), {}, cache)
    files = StaticFiles(Root(directory, hidden=hidden, follow=follow_symlinks), policy)
    ctx.exit(serve(HttpService(files, _hosts(allowed_hosts)), options, network))


# What says how a message ends, and when: a wrong one would break the connection.
_OURS = {"connection", "content-length", "date", "transfer-encoding", "content-range"}


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    from pynetdb.protocols.http.authority import is_authority

    for name in names:
        if name != "*" and (":" in name or not is_authority(name.removeprefix("*.").encode())):
            raise click.UsageError(f"--allow-host {name!r}: expected a name, such as app.test, or '*'")
    return names


def _field(text: str) -> tuple[str, str]:
    from pynetdb.protocols.http.fields import FieldError, encode_fields

    name, colon, value = text.partition(":")
    pair = (name.strip(), value.strip())
    if not colon or not pair[0]:
        raise click.UsageError(f"--header {text!r}: expected 'Name: value'")
    if pair[0].lower() in _OURS:
        raise click.UsageError(f"--header {text!r}: {pair[0]} is the server's own")
    try:
        encode_fields([pair])
    except (FieldError, UnicodeEncodeError) as error:
        raise click.UsageError(f"--header {text!r}: {error}") from error
    return pair
