"""The URL of a PostgreSQL database: what libpq gets of it, and what messages may show."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

from pynetdb.errors import CommandLineError

# What of the settings after the `?` says which database it is. Whatever else stands there may be a secret.
_SHOWN = ("host", "hostaddr", "port", "dbname", "user", "service")

# RFC 3986 section 3.2: the authority ends at a slash or a question mark; several hosts are libpq's own.
_URL = re.compile(r"[A-Za-z]+://(?:([^@/?]*)@)?([^/?]*)(?:/([^?]*))?(?:\?(.*))?", re.DOTALL)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%A-Za-z]*\]|[^:\[\]@]*)(?::[0-9]*)?")


class ConnectionUrl:
    """A URL taken apart. Raises CommandLineError for one that cannot be read, without a word of it.

    A character of a password that is not written `%40` makes another host of a part of the password: such
    a URL is refused before libpq, which would name that host in its message.
    """

    def __init__(self, text: str) -> None:
        match = _URL.fullmatch(text)
        user, hosts, database, settings = match.groups() if match else (None, "@", None, None)
        well_formed = all(map(_HOST.fullmatch, hosts.split(","))) and "@" not in (database or "")
        if not well_formed or "\0" in text:
            raise _unreadable()
        try:
            text.encode()
            pairs = parse_qsl(settings or "", keep_blank_values=True, strict_parsing=bool(settings))
        except ValueError as error:
            raise _unreadable() from error
        self.conninfo = f"postgresql://{text.partition('://')[2]}"
        """The URL for libpq."""
        self.place = _describe(user, hosts, database, pairs)
        """The same for messages: without a password, and without settings that do not say where it is."""
        written = [user.partition(":")[2]] if user else []
        written += re.findall(r"(?:^|&)[^=&]*pass[^=&]*=([^&]*)", settings or "")
        self.secrets = [secret for secret in written if secret]
        """The passwords that it holds, as they are written in it."""


def _describe(user: str | None, hosts: str, database: str | None, pairs: list[tuple[str, str]]) -> str:
    shown = [(name, value) for name, value in pairs if name in _SHOWN]
    name = quote(unquote(user.partition(":")[0]), safe="") if user else ""
    place = f"postgresql://{name + '@' if name else ''}{hosts}/{database or ''}"
    return place + (f"?{urlencode(shown, safe='/')}" if shown else "")


def _unreadable() -> CommandLineError:
    return CommandLineError(
        "the URL cannot be read, expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE "
        "(in a password @ is %40, : is %3A, / is %2F, ? is %3F, % is %25)"
    )
