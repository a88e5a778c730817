"""The options of servers: where to listen, how long to live, how much to take on."""

from collections.abc import Callable
from typing import Any

import click

from pynetdb.param_types import Duration, NewFile, Port, Workers

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def count_option(help: str) -> Decorator:  # noqa: A002 - click's word
    """`--count N`, at least 1."""
    return click.option("--count", metavar="N", type=click.IntRange(min=1), help=help)


ANSWER_RATE = click.option(
    "--answer-rate",
    metavar="N",
    type=click.IntRange(min=0, max=1_000_000_000),
    default=1000,
    show_default=True,
    help="Send one peer at most N datagrams a second; 0 is no limit.",
)


def place_and_bounds(port: int | None, counts: str, protocol: str) -> list[Decorator]:
    """Where to listen, and for how long; -1 stands for the port if there is no default."""
    return [
        click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            help="The interface to bind; 0.0.0.0, :: or '' for all of them.",
        ),
        click.option(
            "-p",
            "--port",
            type=Port(0, protocol),
            default=-1 if port is None else port,
            show_default=port is not None,
            help="A number or a service name; 0 takes a free one and says which.",
        ),
        count_option(f"Stop after N {counts}."),
        click.option("--for", "for_", type=Duration(), help="Stop after this long."),
        click.option(
            "--ready-file",
            metavar="PATH",
            type=NewFile(),
            help="Write JSON here once listening; removed at exit.",
        ),
    ]


def client_bounds(idle: str | None) -> list[Decorator]:
    """How many connections to hold, and of whom."""
    return [
        click.option(
            "--idle",
            type=Duration(),
            default=idle,
            show_default=idle is not None,
            help="Close a connection that is silent for so long.",
        ),
        click.option(
            "--max-clients",
            metavar="N",
            type=click.IntRange(min=1, max=1_000_000),
            default=1000,
            show_default=True,
            help="Refuse connections beyond N at a time.",
        ),
        click.option(
            "--per-address",
            metavar="N",
            type=click.IntRange(min=1),
            help="Refuse connections beyond N at a time from one address.",
        ),
    ]


WORKERS = click.option(
    "--workers",
    metavar="N|auto",
    type=Workers(),
    default=1,
    show_default=True,
    help="Serve by N processes at one port (Linux); auto is one for each processor.",
)
