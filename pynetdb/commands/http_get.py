"""pynetdb http-get."""

from typing import TYPE_CHECKING

import click

from pynetdb.errors import NegativeAnswerError
from pynetdb.http_params import Saving, fetch_options
from pynetdb.params import Command, network_options, parse_argument, timeout_option
from pynetdb.results.output import Output

if TYPE_CHECKING:
    import re

    from pynetdb.clients.http.fetch import Fetched
    from pynetdb.clients.http.options import FetchOptions
    from pynetdb.net.network import Network
    from pynetdb.results.http import HttpResults


@click.command("http-get", cls=Command)
@click.argument("url", metavar="URL")
@timeout_option
@click.option("-i", "--include", is_flag=True, help="Print the head of the answer too.")
@click.option("--find", metavar="REGEX", help="Print each match in the body, or its groups, as a row.")
@click.option("--timing", is_flag=True, help="Print what each phase took in place of the body.")
@fetch_options
@network_options("table", "json", "jsonl", "csv", "tsv", "markdown", "raw")
@click.pass_context
def http_get(
    ctx: click.Context,
    url: str,
    timeout: float,
    include: bool,
    find: str | None,
    timing: bool,
    options: "FetchOptions",
    saving: Saving,
    network: "Network",
    output: Output,
) -> None:
    """Fetch URL, and print the body, what each phase took, or what a regular expression finds.

    An answer of 4xx or 5xx is printed too and is status 7, as a body of more than the --max-size is; one that
    breaks the protocol is 5, one that is not complete within the --timeout 4. With --json the answer's
    metadata are printed, and the body goes to a file with -o or -O only. A file is the server's own bytes
    (so is -f raw), and has the time that it needs; what is there when the way breaks stays as FILE.part, and
    -C goes on from there. http_proxy, https_proxy, all_proxy and no_proxy are read as curl reads them.
    """
    from pynetdb.clients.http.fetch import fetch
    from pynetdb.clients.http.url import split_url
    from pynetdb.net.deadline import Deadline
    from pynetdb.results.http import HttpResults

    is_head = options.method == "HEAD"
    if find is not None and (is_head or saving.resumes):
        raise click.UsageError("--find looks at a whole body: it goes with neither --head nor --continue")
    pattern = None
    if find is not None:
        from pynetdb.clients.http import search

        pattern = parse_argument("--find", search.compile_pattern, find)
    if url.isdigit():
        raise click.UsageError(f"URL {url!r} is a number: http://HOST:{url}/ names a port")
    place = parse_argument("URL", split_url, url)
    if pattern is not None and ctx.params["max_size"] is None:
        options = options._replace(max_size=search.MAX_SEARCHED)
    if output.format == "raw" and pattern is None and not ctx.params["compressed"]:
        options = options._replace(decoded=False)
    if options.insecure:
        output.info("http-get: nobody checks the server's certificate (--insecure)")
    deadline = Deadline(timeout, options.unix or place.authority)
    with HttpResults(
        output,
        saving.open(str(place)),
        include=is_head or include,
        searched=bool(pattern),
        timing=timing,
        narrated=bool(network.narrator),
        exact=saving.is_exact_output,
    ) as results:
        fetched = fetch(place, options, deadline, network, results)
        results.complete()
    _show(fetched, results, pattern, max(deadline.left(), 1.0))


def _show(
    fetched: "Fetched", results: "HttpResults", pattern: "re.Pattern[str] | None", timeout: float
) -> None:
    if pattern is None:
        results.show_summary(fetched.phases.milliseconds())
    else:
        from pynetdb.clients.http import search

        text = search.decode_body(fetched.response.fields.get("content-type"), bytes(results.body))
        rows = search.find_all(pattern, text, timeout)
        results.show_matches(search.name_columns(pattern), rows)
    fetched.check_status()
    results.note_redirect()
    if pattern is not None and not rows:
        raise NegativeAnswerError(f"{fetched.url}: nothing matches {pattern.pattern!r} (--find)")
