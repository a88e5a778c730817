"""pynetdb serve-http."""

import os

import click

from pynetdb.params import ServerCommand, network_options, server_options
from pynetdb.results.output import Output
from pynetdb.site_params import site_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions
    from pynetdb.site_params import Site


@click.command("serve-http", cls=ServerCommand)
@click.argument("directory", default=".", required=False)
@server_options(port=8080, counts="requests", unix=True, idle="60s", workers=True)
@site_options
# Each request is told, in the format that log readers know, and connections in JSON alone.
@network_options("table", "jsonl", tls=True, serves="serve-http", without=("connected", "refused", "closed"))
@click.pass_context
def serve_http(
    ctx: click.Context,
    directory: str,
    options: "ServerOptions",
    site: "Site",
    network: "Network",
    output: Output,
) -> None:
    """Serve the files of DIRECTORY (default: this one) over HTTP/1.1, or over TLS (https).

    Ranges, conditions, compressed copies beside a file (.br, .gz), folders as a page or, for `Accept:
    application/json`, as JSON, 404.html for what is missing. Nothing outside of DIRECTORY is served. With
    --verbose each request is told in the common log format.
    """
    from pynetdb.errors import CommandLineError
    from pynetdb.net.process.lifecycle import serve
    from pynetdb.servers.http.files import StaticFiles
    from pynetdb.servers.http.root import Root
    from pynetdb.servers.http.service import HttpService

    if options.workers > 1:
        if options.per_address is not None:
            raise click.UsageError("--per-address is counted by one process: leave out --workers")
        if network.narrator:
            raise click.UsageError("--explain and --trace tell of one process: leave out --workers")
    if not os.path.isdir(directory):
        from pynetdb.guesses import directory_hint

        raise CommandLineError(
            f"{directory}: is not a folder, expected one with files to serve", hint=directory_hint(directory)
        )
    root = Root(directory, hidden=site.hidden, follow=site.follow_symlinks)
    serving = root.title if directory in (".", "./") else directory
    service = HttpService(StaticFiles(root, site.policy), site.hosts, serving)
    ctx.exit(serve(service, options, network))
