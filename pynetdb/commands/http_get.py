"""pynetdb http-get."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from pynetdb.errors import NegativeAnswerError
from pynetdb.params import ByteCount, Command, network_options, parse_argument, timeout_option
from pynetdb.results.output import Output

if TYPE_CHECKING:
    import re

    from pynetdb.clients.http.fetch import Fetched
    from pynetdb.net.network import Network
    from pynetdb.results.http import HttpResults


@click.command("http-get", cls=Command)
@click.argument("url", metavar="URL")
@click.option("--unix", metavar="PATH", help="Connect to this Unix-domain socket, whatever the URL's host.")
@timeout_option
@click.option(
    "-o", "--output", "file", metavar="FILE", help="Save the body; FILE appears when it is complete."
)
@click.option("-i", "--include", is_flag=True, help="Print the head of the answer too.")
@click.option("-I", "--head", is_flag=True, help="Ask for the head alone, and print it.")
@click.option(
    "-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Send this field too."
)
@click.option("-L", "--location", is_flag=True, help="Follow redirects, at most 10.")
@click.option("--find", metavar="REGEX", help="Print each match in the body, or its groups, as a row.")
@click.option("--timing", is_flag=True, help="Print what each phase took in place of the body.")
@click.option("--retry", metavar="N", type=click.IntRange(0, 1000), default=0, help="Try up to N more times.")
@click.option("--retry-refused", is_flag=True, help="With --retry: also when nobody listens yet.")
@click.option("--max-size", type=ByteCount(), help="Refuse a longer body; 1GiB by default, 16MiB for --find.")
@click.option("--range", "range_", metavar="A-B", help="Ask for these bytes alone: A-B, A- or -N.")
@click.option("--insecure", is_flag=True, help="Do not check the server's certificate.")
@network_options("table", "json", "jsonl", "csv", "tsv", "markdown", "raw")
def http_get(
    url: str,
    unix: str | None,
    timeout: float,
    file: str | None,
    include: bool,
    head: bool,
    headers: tuple[str, ...],
    location: bool,
    find: str | None,
    timing: bool,
    retry: int,
    retry_refused: bool,
    max_size: int | None,
    range_: str | None,
    insecure: bool,
    network: "Network",
    output: Output,
) -> None:
    """Fetch URL, and print the body, what each phase took, or what a regular expression finds.

    An answer of 4xx or 5xx is printed too and is status 7; one that breaks the protocol is 5, one not
    complete within the --timeout 4. With --json its metadata are printed, and the body goes to -o only.
    """
    from pynetdb.clients.http import search
    from pynetdb.clients.http.byte_range import Range
    from pynetdb.clients.http.fetch import fetch
    from pynetdb.clients.http.options import MAX_SIZE, FetchOptions
    from pynetdb.clients.http.request_fields import parse_fields
    from pynetdb.clients.http.url import split_url
    from pynetdb.net.deadline import Deadline
    from pynetdb.results.http import HttpResults
    from pynetdb.whole_file import WholeFile

    if head and (file is not None or find is not None):
        raise click.UsageError("-I asks for no body: it goes with neither --output nor --find")
    if retry_refused and not retry:
        raise click.UsageError("--retry-refused says when to try again, --retry N how often: add it")
    if insecure:
        output.info("http-get: nobody checks the server's certificate (--insecure)")
    pattern = None if find is None else parse_argument("--find", search.compile_pattern, find)
    place = parse_argument("URL", split_url, url)
    part = None if range_ is None else parse_argument("--range:", Range.parse, range_)
    fields = parse_argument("--header", parse_fields, headers)
    max_size = (MAX_SIZE if pattern is None else search.MAX_SEARCHED) if max_size is None else max_size
    options = FetchOptions(
        "HEAD" if head else "GET", fields, part, location, insecure, unix, max_size, retry, retry_refused
    )
    deadline = Deadline(timeout, unix or place.authority)
    with ExitStack() as stack:
        saved = stack.enter_context(WholeFile(file)) if file not in (None, "-") else None
        narrated = bool(network.narrator)
        results = HttpResults(
            output, saved, include=head or include, searched=bool(pattern), timing=timing, narrated=narrated
        )
        stack.callback(results.close)
        fetched = fetch(place, options, deadline, network, results)
        results.complete()
    _show(fetched, results, pattern, max(deadline.left(), 1.0))


def _show(
    fetched: "Fetched", results: "HttpResults", pattern: "re.Pattern[str] | None", timeout: float
) -> None:
    from pynetdb.clients.http import search

    if pattern is None:
        results.show_summary(fetched.phases.milliseconds())
    else:
        text = search.decode_body(fetched.response.fields.get("content-type"), bytes(results.body))
        rows = search.find_all(pattern, text, timeout)
        results.show_matches(search.name_columns(pattern), rows)
    fetched.check_status()
    results.note_redirect()
    if pattern is not None and not rows:
        raise NegativeAnswerError(f"{fetched.url}: nothing matches {pattern.pattern!r} (--find)")
