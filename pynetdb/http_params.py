"""What http-get takes besides the URL: what is asked, by which way, and where the body goes."""

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from pynetdb.params import ByteCount, Decorator, Duration, gathered, parse_argument

if TYPE_CHECKING:
    from pynetdb.clients.http.options import FetchOptions
    from pynetdb.clients.http.proxy import Proxies
    from pynetdb.results.download import Download


class Saving(NamedTuple):
    """Where the body goes: into a file that is named by the user or the server, or just on the screen."""

    path: str | None
    by_remote_name: bool
    resumes: bool
    is_exact: bool
    """Whether what is saved are the server's own bytes from the first on, so that more can follow."""

    @property
    def is_exact_output(self) -> bool:
        """Whether standard output was asked for by name."""
        return self.path == "-"

    @property
    def is_asked_for(self) -> bool:
        """Whether the body is to be kept, wherever."""
        return self.path is not None or self.by_remote_name

    def open(self, url: str) -> "Download | None":
        """Return the file that the body becomes, None if it becomes none. Raises CommandLineError."""
        if not self.is_asked_for or self.is_exact_output:
            return None
        from pynetdb.results.download import Download

        return Download(self.path, url, resume=self.resumes, exact=self.is_exact)


_SAVING: list[Decorator] = [
    click.option(
        "-o",
        "--output",
        "file",
        metavar="FILE",
        help="Save the body as it comes; FILE appears when it is complete, until then it is FILE.part;"
        " - is standard output.",
    ),
    click.option("-O", "--remote-name", is_flag=True, help="Save it under the name that it has there."),
    click.option(
        "-C",
        "--continue",
        "resume",
        is_flag=True,
        help="Go on where FILE.part ends; a FILE that is complete stays.",
    ),
    click.option(
        "--stall",
        type=Duration(),
        default="30s",
        show_default=True,
        help="With -o or -O: the longest silence; the --timeout is then for the beginning of the answer.",
    ),
    click.option(
        "--max-size",
        type=ByteCount(),
        help="Refuse a longer body; 1GiB by default, 16MiB for --find, no limit with -o.",
    ),
]

_REQUEST: list[Decorator] = [
    click.option("-I", "--head", is_flag=True, help="Ask for the head alone, and print it."),
    click.option(
        "-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Send this field too."
    ),
    click.option("-L", "--location", is_flag=True, help="Follow redirects, at most 10."),
    click.option(
        "--compressed",
        is_flag=True,
        help="With -o too: ask for gzip or deflate, and save what it decodes to.",
    ),
    click.option("--range", "range_", metavar="A-B", help="Ask for these bytes alone: A-B, A- or -N."),
    click.option(
        "--retry", metavar="N", type=click.IntRange(0, 1000), default=0, help="Try up to N more times."
    ),
    click.option("--retry-refused", is_flag=True, help="With --retry: also when nobody listens yet."),
]

_WAY: list[Decorator] = [
    click.option(
        "--unix", metavar="PATH", help="Connect to this Unix-domain socket, whatever the URL's host."
    ),
    click.option("--proxy", metavar="URL", help="Ask through http://[USER:PASSWORD@]HOST[:PORT]."),
    click.option("--no-proxy", is_flag=True, help="Ask directly, whatever http_proxy and https_proxy say."),
    click.option(
        "--cacert",
        metavar="FILE|SHA256",
        help="Trust the certificates of this PEM file alone, or the one certificate with this SHA-256.",
    ),
    click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
]


def _build(
    file: str | None,
    remote_name: bool,
    resume: bool,
    stall: float,
    max_size: int | None,
    head: bool,
    headers: tuple[str, ...],
    location: bool,
    compressed: bool,
    range_: str | None,
    retry: int,
    retry_refused: bool,
    unix: str | None,
    proxy: str | None,
    no_proxy: bool,
    cacert: str | None,
    insecure: bool,
) -> "tuple[FetchOptions, Saving]":
    from pynetdb.clients.http.byte_range import Range
    from pynetdb.clients.http.options import MAX_SIZE, FetchOptions
    from pynetdb.clients.http.request_fields import parse_fields

    if file is not None and remote_name:
        raise click.UsageError("-o and -O both name the file: expected one of them")
    fields = parse_argument("--header", parse_fields, headers)
    asks_for_part = range_ is not None or any(name.lower() == "range" for name, _ in fields)
    saving = Saving(file, remote_name, resume, not compressed and not asks_for_part)
    if head and saving.is_asked_for:
        raise click.UsageError("-I asks for no body: it goes with neither --output nor --remote-name")
    if resume and (not saving.is_asked_for or saving.is_exact_output):
        raise click.UsageError("--continue is for a file: add -o FILE or -O")
    if not saving.is_exact and (resume or (compressed and asks_for_part)):
        raise click.UsageError(
            "--continue, --range and --compressed do not go together: expected one of them"
        )
    if retry_refused and not retry:
        raise click.UsageError("--retry-refused says when to try again, --retry N how often: add it")
    options = FetchOptions(
        method="HEAD" if head else "GET",
        fields=fields,
        range=None if range_ is None else parse_argument("--range:", Range.parse, range_),
        follow=location,
        insecure=insecure,
        authorities=cacert,
        unix=unix,
        max_size=MAX_SIZE if max_size is None and not saving.is_asked_for else max_size,
        decoded=compressed or not saving.is_asked_for,
        stall=stall if saving.is_asked_for else None,
        retries=retry,
        retry_refused=retry_refused,
        proxies=_choose_proxies(proxy, no_proxy),
    )
    return options, saving


def _choose_proxies(proxy: str | None, no_proxy: bool) -> "Proxies | None":
    if no_proxy:
        if proxy is not None:
            raise click.UsageError("--proxy and --no-proxy contradict each other: expected one of them")
        return None
    from pynetdb.clients.http.proxy import Proxies

    try:
        if proxy is not None:
            return Proxies.named(proxy, os.environ)
        return Proxies.from_environment(os.environ)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


fetch_options = gathered(("options", "saving"), [*_SAVING, *_REQUEST, *_WAY], _build)
"""What to ask for and how, as `options`; where the body goes, as `saving`."""
