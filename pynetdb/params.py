"""The option groups that commands share.

A group gathers its options into one object: `@server_options(port=9128)` gives the command an `options`
argument, `@network_options` a `network` and an `output`, `@narration_options` a `narrator`.
"""

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pynetdb.command_classes import Command, CommandBeforeAnother, ServerCommand
from pynetdb.family_params import FAMILY_OPTIONS, choose_family, choose_host
from pynetdb.journal_params import FAULT_OPTIONS, JOURNAL_OPTIONS, choose_faults, open_journal
from pynetdb.narration import SILENT, Narrator, Observer
from pynetdb.param_types import ByteCount, Duration, NameAndFile, NewFile, Port
from pynetdb.results.output import Output, terminal_width, wants_colour

if TYPE_CHECKING:
    from pynetdb.errors import PynetdbError
    from pynetdb.events.stream import Events
    from pynetdb.net.addresses import Target
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions

# These are had from here as well.
__all__ = [
    "ByteCount",
    "Command",
    "CommandBeforeAnother",
    "Duration",
    "NameAndFile",
    "Port",
    "ServerCommand",
    "choose_host",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
Value = TypeVar("Value")
Parsed = TypeVar("Parsed")


def parse_argument(what: str, parse: Callable[[Value], Parsed], value: Value) -> Parsed:
    """Return what `parse` makes of a word of the command line; its ValueError is an error of usage.

    `what` is the option or argument, and begins the message.
    """
    try:
        return parse(value)
    except ValueError as error:
        raise click.UsageError(f"{what} {error}") from error


def gathered(
    name: str | tuple[str, ...], options: Sequence[Decorator], build: Callable[..., Any]
) -> Decorator:
    """Make a decorator that adds `options` and passes what `build` makes of them as `name`.

    The parameters of `build` are the names of the options; for several names it returns as many values.
    """
    names = (name,) if isinstance(name, str) else name
    keys = tuple(inspect.signature(build).parameters)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(**values: Any) -> Any:
            own = {key: values.pop(key) for key in keys}
            made = build(**own)
            return function(
                **values, **dict(zip(names, (made,) if isinstance(name, str) else made, strict=True))
            )

        call.__name__ = function.__name__
        call.__doc__ = function.__doc__
        call.__dict__.update(function.__dict__)
        for option in reversed(options):
            call = option(call)
        return call

    return decorate


# Help shows a default only where it has one worth showing.
def _option(*names: str, **settings: Any) -> Decorator:
    return click.option(*names, **settings)


_QUIET = _option("-q", "--quiet", is_flag=True, help="Say less on standard error.")
_VERBOSE = _option("-v", "--verbose", is_flag=True, help="Say more on standard error.")


def file_option(name: str, *, help: str) -> Decorator:  # noqa: A002 - the option's name
    """-o/--output, as `name`: a FILE, and None for standard output, which `-` is as well."""

    def choose(ctx: click.Context, param: click.Parameter, path: str | None) -> str | None:
        return None if path == "-" else path

    told = f"{help}; - is standard output."
    return _option("-o", "--output", name, metavar="FILE", callback=choose, help=told)


def output_options(*formats: str, file: str | None = None) -> Decorator:
    """--format, --json, --quiet and --verbose, as `output`. The first format is the default.

    With the help of a `file` -o/--output as well, whose extension says the format if nothing else does.
    """
    options, build = _output_options(formats, background=False)
    if file is None:
        return gathered("output", options, build)

    def build_with_file(path: str | None, **values: Any) -> Output:
        chosen = click.get_current_context().get_parameter_source("format_")
        if path is not None and chosen is click.core.ParameterSource.DEFAULT and not values.get("json_"):
            named = _FORMATS.get(path[path.rfind(".") :].lower(), formats[0])
            values["format_"] = named if named in formats else formats[0]
        output = build(**values)
        output.path = path
        return output

    keys = ["path", *inspect.signature(build).parameters]
    build_with_file.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY) for key in keys]
    )
    return gathered("output", [file_option("path", help=file), *options], build_with_file)


# What the name of a file says about how results are to be written into it.
_FORMATS = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".md": "markdown", ".markdown": "markdown", ".bin": "raw",
}  # fmt: skip


def _output_options(
    formats: Sequence[str], *, background: bool
) -> tuple[list[Decorator], Callable[..., Output]]:
    choice = _option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How results are written.",
    )
    json = _option("--json", "json_", is_flag=True, help="Short for --format json.")

    def build(format_: str, quiet: bool, verbose: bool, json_: bool = False) -> Output:
        given = click.get_current_context().get_parameter_source("format_")
        if json_ and format_ != "json" and given is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--json is --format json, and --format is {format_}: give one of the two")
        return Output(
            "json" if json_ else format_,
            int(verbose) - int(quiet),
            background=background,
            describe=_describe,
        )

    def build_without_json(format_: str, quiet: bool, verbose: bool) -> Output:
        return build(format_, quiet, verbose)

    if "json" in formats:
        return [choice, json, _QUIET, _VERBOSE], build
    return [choice, _QUIET, _VERBOSE], build_without_json


def _describe(error: "PynetdbError") -> str:
    from pynetdb.hints import error_message

    return error_message(error)


verbosity_options = gathered(
    "output", [_QUIET, _VERBOSE], lambda quiet, verbose: Output("table", int(verbose) - int(quiet))
)
"""--quiet and --verbose alone, as `output`, for commands whose results have one form."""


def _narrator(explain: bool, trace: str | None, output: Output, *, background: bool = False) -> Narrator:
    if not explain and trace is None:
        return SILENT
    from pynetdb.observers import Explainer, Tracer

    observers: list[Observer] = []
    if explain:
        observers.append(
            Explainer(
                output.say,
                wants_colour(sys.stderr),
                width=terminal_width(sys.stderr),
                everything=output.verbosity > 0,
            )
        )
    if trace is not None:
        from pynetdb.input_files import refuse_input

        refuse_input(trace)
        observers.append(Tracer(trace, background=background))
    return click.get_current_context().with_resource(Narrator(observers))


_NARRATION = [
    _option("--explain", is_flag=True, help="Narrate the real calls on standard error."),
    _option("--trace", metavar="FILE", type=NewFile(), help="Write the same calls as JSON lines into FILE."),
]


def _narrate_alone(explain: bool, trace: str | None) -> Narrator:
    verbose = bool(click.get_current_context().params.get("verbose"))
    return _narrator(explain, trace, Output(verbosity=int(verbose)))


narration_options = gathered("narrator", _NARRATION, _narrate_alone)
"""--explain and --trace, as `narrator`, for commands without a network."""


def _subscribe(
    events: "Events", output: Output, serves: str, without: Sequence[str], *, details: bool, draws: bool
) -> None:
    """Have a server's events told on standard error and output; one that `draws` has a page for phones."""
    # With --quiet no subscriber does it, and the narration would lose its end.
    click.get_current_context().call_on_close(output.close_stderr)
    if output.verbosity >= 0:
        from pynetdb.results.subscribers import Lines

        left_out = frozenset() if output.format == "jsonl" else frozenset(without)
        events.subscribe(Lines(output, serves, left_out, details=details))
        if draws and sys.stderr is not None and sys.stderr.isatty():
            from pynetdb.results.qr import QrCodes

            events.subscribe(QrCodes(output, colour=wants_colour(sys.stderr)))
    if output.format == "jsonl":
        from pynetdb.results.subscribers import JsonLines

        events.subscribe(JsonLines(output))


def network_options(
    *formats: str,
    serves: str | None = None,
    faults: bool = False,
    tls: bool = False,
    without: Sequence[str] = (),
    details: bool = True,
) -> Decorator:
    """-4, -6, --explain, --trace, --journal, --format, --json, --quiet, --verbose, as `network` and `output`.

    `serves` is the service of a server: its events are told as lines on standard error, and with the format
    jsonl on standard output. Events `without` a line are told better by another, where JSON has them all.
    Servers have --fault and --seed, and so has a client with `faults`; those with `tls` have --cert, --key
    and --self-signed.
    """
    injects = faults or serves is not None
    written, build_output = _output_options(formats, background=serves is not None)
    keys = inspect.signature(build_output).parameters

    def build(
        explain: bool,
        trace: str | None,
        journal: str | None,
        journal_bodies: bool,
        fault: Sequence[str] = (),
        seed: int | None = None,
        cert: str | None = None,
        key: str | None = None,
        self_signed: bool = False,
        ipv4: bool = False,
        ipv6: bool = False,
        **values: Any,
    ) -> "tuple[Network, Output]":
        from pynetdb.events.stream import Events
        from pynetdb.net.network import Network

        output = build_output(**values)
        events = Events()
        plan = choose_faults(fault, seed, output)
        # First of all: what it says when it closes must come before standard error is closed.
        recorder = open_journal(journal, journal_bodies, plan, output, events)
        if serves is not None:
            _subscribe(events, output, serves, without, details=details, draws=tls)
        narrator = _narrator(explain, trace, output, background=serves is not None)
        tls_files = choose_tls(cert, key, self_signed) if tls else None
        return Network(narrator, events, plan, recorder, tls_files, choose_family(ipv4, ipv6)), output

    if tls:
        from pynetdb.tls_params import TLS_OPTIONS, choose_tls
    own = ["explain", "trace", "journal", "journal_bodies", *(["fault", "seed"] if injects else [])]
    own += ["ipv4", "ipv6"]
    own += ["cert", "key", "self_signed"] if tls else []
    build.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY) for key in (*own, *keys)]
    )
    options = [*_NARRATION, *JOURNAL_OPTIONS, *(FAULT_OPTIONS if injects else []), *written]
    options = [*FAMILY_OPTIONS, *(TLS_OPTIONS if tls else []), *options]
    return gathered(("network", "output"), options, build)


def server_options(
    *,
    port: int | None,
    counts: str,
    unix: bool = False,
    clients: bool = True,
    answers: bool = False,
    protocol: str = "tcp",
    idle: str | None = None,
    workers: bool = False,
) -> Decorator:
    """What every server takes, as `options`: where to listen, how long to live, whom to tell.

    Without a default `port` the option says -1 and the command chooses. `counts` is what --count
    counts, `unix` adds --unix, `clients` the options of those that hold connections; `idle` is its default.
    `answers` adds the bound of those that answer datagrams, `workers` --workers.
    """
    from pynetdb.server_params import ANSWER_RATE, WORKERS, client_bounds, place_and_bounds

    options = place_and_bounds(port, counts, protocol)
    if unix:
        options.insert(
            2,
            _option(
                "--unix",
                metavar="PATH",
                type=NewFile(),
                help="A Unix-domain socket in place of host and port.",
            ),
        )
    if clients:
        options += client_bounds(idle)
    if answers:
        options.append(ANSWER_RATE)
    if workers:
        options.append(WORKERS)

    def build(**values: Any) -> "ServerOptions":
        from pynetdb.net.process.lifecycle import ServerOptions

        values["duration"] = values.pop("for_")
        values["host"] = choose_host(values["host"])
        command = click.get_current_context().meta.get("pynetdb.command", ())
        return ServerOptions(command=command, **values)

    keys = ["host", "port", "count", "for_", "ready_file"]
    keys += ["unix"] if unix else []
    keys += ["idle", "max_clients", "per_address"] if clients else []
    keys += ["answer_rate"] if answers else []
    keys += ["workers"] if workers else []
    build.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY) for key in keys]
    )
    return gathered("options", options, build)


def client_options(*, port: int, unix: bool = False, protocol: str = "tcp") -> Decorator:
    """Whom to reach, as `target`."""
    options = [
        _option(
            "--host", default="127.0.0.1", show_default=True, help="Whom to reach: a name or an address."
        ),
        _option(
            "-p",
            "--port",
            type=Port(1, protocol),
            default=port,
            show_default=True,
            help="A number or a service name.",
        ),
    ]

    def build(host: str, port: int, unix: str | None) -> "Target":
        from pynetdb.net.addresses import Target

        return Target(choose_host(host), port, unix)

    def build_without_unix(host: str, port: int) -> "Target":
        return build(host, port, None)

    if unix:
        options.append(
            _option("--unix", metavar="PATH", help="A Unix-domain socket in place of host and port.")
        )
        return gathered("target", options, build)
    return gathered("target", options, build_without_unix)


timeout_option: Decorator = _option(
    "--timeout",
    type=Duration(),
    default="10s",
    show_default=True,
    help="One deadline for the whole exchange.",
)
