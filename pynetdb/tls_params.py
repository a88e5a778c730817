"""--cert, --key and --self-signed: TLS, as servers are asked for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pynetdb.net.tls import TlsFiles

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

TLS_OPTIONS: list[Decorator] = [
    click.option("--cert", metavar="FILE", help="Speak TLS with this certificate (PEM)."),
    click.option("--key", metavar="FILE", help="The certificate's key (PEM), if it is not in its FILE."),
    click.option("--self-signed", is_flag=True, help="Speak TLS with a certificate made for this run."),
]


def choose_tls(cert: str | None, key: str | None, self_signed: bool) -> "TlsFiles | None":
    """Return what TLS is to be spoken with, None for none at all."""
    if key is not None and cert is None:
        raise click.UsageError("--key is for --cert: give the certificate too")
    if self_signed and cert is not None:
        raise click.UsageError("--self-signed makes a certificate: --cert does not go with it")
    if cert is None and not self_signed:
        return None
    from pynetdb.net.tls import TlsFiles

    return TlsFiles(cert, key, self_signed)
