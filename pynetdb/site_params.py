"""What the site of serve-http is like, as the command line says it."""

from typing import TYPE_CHECKING, NamedTuple

import click

from pynetdb.param_types import Duration
from pynetdb.params import gathered

if TYPE_CHECKING:
    from pynetdb.servers.http.policy import Policy


class Site(NamedTuple):
    """What is served, and to whom."""

    policy: "Policy"
    hidden: bool
    follow_symlinks: bool
    hosts: tuple[str, ...]
    """Names by which we may be asked while we are bound to loopback."""


_OPTIONS = [
    click.option(
        "--index/--no-index", default=True, help="Let a folder's index.html stand for it.  [default: index]"
    ),
    click.option(
        "--listing/--no-listing",
        default=True,
        help="List a folder without index.html.  [default: listing]",
    ),
    click.option("--spa", is_flag=True, help="Show the root's index.html to browsers at unknown paths."),
    click.option("--clean-urls", is_flag=True, help="Serve about.html at /about too."),
    click.option("--cors", is_flag=True, help="Let pages of any other site read the answers."),
    click.option(
        "-H",
        "--header",
        "headers",
        metavar="'NAME: VALUE'",
        multiple=True,
        help="A field for every answer, in place of ours of that name.",
    ),
    click.option(
        "--type",
        "types",
        metavar=".EXT=TYPE",
        multiple=True,
        help="The Content-Type of files that end in .EXT.",
    ),
    click.option(
        "--allow-host",
        "allowed_hosts",
        metavar="NAME",
        multiple=True,
        help="On loopback, answer to this Host too; '*' is every one.",
    ),
    click.option(
        "--cache", type=Duration(zero=True), help="Let others keep answers for so long without asking."
    ),
    click.option(
        "--sidecars/--no-sidecars",
        default=True,
        help="Send app.js.br or .gz to who takes it for app.js.  [default: sidecars]",
    ),
    click.option("--hidden", is_flag=True, help="Serve names that begin with a dot too."),
    click.option("--follow-symlinks", is_flag=True, help="Follow symbolic links out of DIRECTORY."),
]


def _build(
    index: bool,
    listing: bool,
    spa: bool,
    clean_urls: bool,
    cors: bool,
    headers: tuple[str, ...],
    types: tuple[str, ...],
    allowed_hosts: tuple[str, ...],
    cache: float | None,
    sidecars: bool,
    hidden: bool,
    follow_symlinks: bool,
) -> Site:
    from pynetdb.servers.http.policy import Policy

    policy = Policy(
        indexes=index,
        listing=listing,
        spa=spa,
        clean_urls=clean_urls,
        cors=cors,
        fields=tuple(map(_field, headers)),
        types=dict(map(_type, types)),
        cache=cache,
        sidecars=sidecars,
    )
    return Site(policy, hidden, follow_symlinks, _hosts(allowed_hosts))


site_options = gathered("site", _OPTIONS, _build)
"""What the site is like, as `site`."""

# What says how a message ends, and when: a wrong one would break the connection.
_OURS = {"connection", "content-length", "date", "transfer-encoding", "content-range"}


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


def _type(text: str) -> tuple[str, str]:
    from pynetdb.protocols.http.media_types import parse_type_rule

    try:
        return parse_type_rule(text)
    except ValueError as error:
        raise click.UsageError(f"--type {error}") from error


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    from pynetdb.protocols.http.authority import is_authority

    for name in names:
        if name != "*" and (":" in name or not is_authority(name.removeprefix("*.").encode())):
            raise click.UsageError(f"--allow-host {name!r}: expected a name, such as app.test, or '*'")
    return names
