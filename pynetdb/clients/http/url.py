"""A URL taken apart into what must be known to ask for it (RFC 3986)."""

import re
from typing import NamedTuple

from pynetdb.net.addresses import format_host_port
from pynetdb.net.host_names import HostNameError, encode_host_name

PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_AUTHORITY = re.compile(
    r"(?:(.*)@)?(\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z%._~\-]+)?\]|[^\[\]:@]*)(?::([0-9]{0,5}))?"
)
_NAME = re.compile(r"[A-Za-z0-9._~\-]{1,253}")
# What RFC 3986 allows stays as it is; the rest is escaped.
_ESCAPED = re.compile(rb"[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~\[\]]|%(?![0-9A-Fa-f]{2})")


class UrlError(ValueError):
    """A URL that cannot be asked for, with what was expected; a password in it is not told."""

    def __init__(self, message: str) -> None:
        from pynetdb.passwords import without_userinfo

        super().__init__(without_userinfo(message))


class Url(NamedTuple):
    """Whom to reach and what to ask for; the fragment is the reader's own business and gone."""

    scheme: str
    host: str  # a name in ASCII (IDNA), or an address without brackets
    port: int
    target: str  # the path and the query, as they go over the wire
    credentials: str | None = None  # `user:password`

    @property
    def authority(self) -> str:
        """The host, with the port where it is not the scheme's own."""
        text = format_host_port(self.host.split("%")[0], self.port)
        return text if self.port != PORTS[self.scheme] else text.rpartition(":")[0]

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who answers: secrets meant for one are not for another (RFC 6454)."""
        return self.scheme, self.host, self.port

    @property
    def authorization(self) -> str | None:
        """The Basic credentials (RFC 7617), if the URL has any."""
        if self.credentials is None:
            return None
        raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), self.credentials.encode())
        from base64 import b64encode

        return "Basic " + b64encode(raw).decode()

    def __repr__(self) -> str:
        return f"Url({str(self)!r})"  # Without the credentials.

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def join(self, reference: str) -> "Url":
        """Resolve a reference, as a Location is one (RFC 3986 section 5.2). Raises UrlError."""
        if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", reference):
            if not re.match(r"https?://", reference, re.IGNORECASE):
                raise UrlError(f"{reference[:200]!r}, expected http or https")
            return split_url(reference)
        if reference.startswith("//"):
            return split_url(f"{self.scheme}:{reference}")
        reference = reference.partition("#")[0]
        path, question, query = reference.partition("?")
        own_path, _, own_query = self.target.partition("?")
        if not path:
            path, query = own_path, query if question else own_query
        elif not path.startswith("/"):
            path = own_path.rpartition("/")[0] + "/" + path
        return self._replace(target=_target(path, query if question or query else None))


def split_url(text: str) -> Url:
    """Take a URL apart; without a scheme it is http. Raises UrlError."""
    if re.search(r"[\x00-\x20\x7f]", text.strip(" ")):
        text = _judge_blanks(text)
    match = _URL.fullmatch(text.strip(" "))
    scheme, authority, path, query = match.groups() if match else (None, "", "", None)
    scheme = (scheme or "http").lower()
    if scheme not in PORTS:
        raise UrlError(f"{text[:200]!r}, expected http or https")
    found = _AUTHORITY.fullmatch(authority)
    if not authority or found is None:
        raise UrlError(
            f"{text[:200]!r} has no host and port that can be read, expected http://HOST[:PORT]/PATH"
        )
    credentials, host, port = found.groups()
    number = int(port) if port else PORTS[scheme]
    if not 1 <= number <= 65535:
        raise UrlError(f"{text[:200]!r}: port {number}, expected 1 to 65535")
    if credentials and ":" not in credentials:
        credentials += ":"  # A token alone is a user without a password, as other clients read it.
    return Url(scheme, _host(host, text), number, _target(path, query), credentials or None)


def _judge_blanks(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise UrlError(f"{text[:200]!r} has a control character in it")
    return text


def _host(host: str, text: str) -> str:
    if host.startswith("["):
        from ipaddress import IPv6Address

        address = host[1:-1].replace("%25", "%")
        try:
            IPv6Address(address)
        except ValueError as error:
            raise UrlError(f"{text[:200]!r}: {host} is not an IPv6 address") from error
        return address
    if not host.isascii():
        try:
            host = encode_host_name(host)
        except HostNameError as error:
            raise UrlError(f"{text[:200]!r}: {error}") from error
        except UnicodeError as error:
            raise UrlError(f"{text[:200]!r}: {host!r} cannot be a host's name") from error
    if _NAME.fullmatch(host) is None:
        raise UrlError(f"{text[:200]!r}: {host!r} cannot be a host's name")
    return host.lower()


def _target(path: str, query: str | None) -> str:
    pieces: list[str] = []
    for piece in path.split("/")[1:] if path else [""]:
        if piece == "..":
            pieces = pieces[:-1]
        elif piece != ".":
            pieces.append(piece)
    if path.endswith(("/.", "/..")):
        pieces.append("")
    target = "/" + "/".join(pieces) + ("" if query is None else f"?{query}")
    raw = target.encode("utf-8", "surrogateescape")
    return _ESCAPED.sub(lambda match: b"%%%02X" % match[0][0], raw).decode("ascii")
