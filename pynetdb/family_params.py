"""-4 and -6: which of the two families of addresses a networking command uses."""

from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FAMILY_OPTIONS: list[Decorator] = [
    click.option("-4", "--ipv4", is_flag=True, help="Use IPv4 addresses alone."),
    click.option("-6", "--ipv6", is_flag=True, help="Use IPv6 addresses alone."),
]


def choose_family(ipv4: bool, ipv6: bool) -> int | None:
    """Return 4 or 6, None for both."""
    if ipv4 and ipv6:
        raise click.UsageError("-4 and -6 exclude each other: without them both are used")
    return 4 if ipv4 else 6 if ipv6 else None


def choose_host(host: str, name: str = "host") -> str:
    """Return `host`; where it is the option's default and -6 is given, the loopback address of IPv6."""
    context = click.get_current_context()
    is_default = context.get_parameter_source(name) == click.core.ParameterSource.DEFAULT
    return "::1" if is_default and context.params.get("ipv6") and host == "127.0.0.1" else host
