"""A server's certificate and key, and the TLS that it speaks with them: 1.2 and 1.3, nothing older."""

import hashlib
import ssl
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from pynetdb.errors import CommandLineError

# Of TLS 1.2 only what TLS 1.3 has too: forward secrecy, and ciphers that authenticate what they encrypt.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class TlsFiles(NamedTuple):
    """Where a certificate and its key come from."""

    cert: str | None = None
    """A PEM file: the certificate, and those between it and the root; perhaps the key too."""
    key: str | None = None
    """A PEM file with the key, if `cert` has none."""
    self_signed: bool = False
    """Make one in place of the files, good for this run."""


class Certificate(NamedTuple):
    """A certificate with its key, and what is told of it."""

    pem: str
    """The certificate itself, without its key."""
    sha256: str
    """Of the certificate in DER, as pairs of hexadecimal digits between colons."""
    self_signed: bool


class ServerTls:
    """TLS as a server speaks it with one certificate. Raises CommandLineError for one that cannot be used."""

    def __init__(self, files: TlsFiles, names: Sequence[str] = ()) -> None:
        """`names` are hosts, names or addresses, that a certificate of our own is for."""
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        if files.self_signed:
            from pynetdb.net.self_signed import SelfSigned

            with SelfSigned(names) as made:
                self._load(made.cert, made.key)
        else:
            self._load(files.cert or "", files.key)
        der = ssl.PEM_cert_to_DER_cert(self._pem)
        digest = hashlib.sha256(der).hexdigest().upper()
        pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
        self.certificate = Certificate(self._pem, pairs, files.self_signed)

    def context(self, alpn: Sequence[str]) -> ssl.SSLContext:
        """Return the context for a protocol, by its ALPN names (RFC 7301); none for one that has no name."""
        key = tuple(alpn)
        if key not in self._contexts:
            self._contexts[key] = self._make(key)
        return self._contexts[key]

    def _load(self, cert: str, key: str | None) -> None:
        self._cert, self._key = cert, key
        self._pem = _first_certificate(cert)
        if key is not None:
            _check_readable(key)
        # All of them now, while the files are there: what is wrong is said before anything is served.
        for alpn in ((), ("http/1.1",)):
            self._contexts[alpn] = self._make(alpn)

    def _make(self, alpn: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_CIPHERS)
        # A client that renegotiates makes us do the expensive part again and again (RFC 9325 section 3.5).
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
        if alpn:
            context.set_alpn_protocols(list(alpn))
        try:
            context.load_cert_chain(self._cert, self._key, password=self._refuse_password)
        except ssl.SSLError as error:
            raise CommandLineError(_explain(error, self._cert, self._key)) from error
        return context

    def _refuse_password(self) -> NoReturn:
        # OpenSSL would ask the terminal for it, and a server has nobody there.
        place = self._key or self._cert
        raise CommandLineError(f"{place}: the key is encrypted, expected one without a passphrase")


def _first_certificate(path: str) -> str:
    """Return the first certificate in a PEM file, which is the server's own."""
    text = _check_readable(path)
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start = text.find(begin)
    stop = text.find(end, start)
    if start < 0 or stop < 0:
        raise CommandLineError(f"{path}: no certificate in it, expected one in PEM")
    pem = text[start : stop + len(end)] + "\n"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError) as error:
        raise CommandLineError(f"{path}: the certificate in it cannot be read, expected PEM") from error
    return pem


def _check_readable(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise CommandLineError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _explain(error: ssl.SSLError, cert: str, key: str | None) -> str:
    reason = error.reason or ""
    if reason == "KEY_VALUES_MISMATCH":
        return f"{key or cert}: the key is not that of the certificate {cert}"
    if reason in ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"):
        return f"{cert}: the certificate is too weak ({reason.replace('_', ' ').lower()})"
    if key is None:
        return f"{cert}: no key in it that can be read, expected one in PEM there or in a file of its own"
    return f"{key}: no key in it that can be read, expected one in PEM"
