"""TLS over a stream: the standard library's ssl does the arithmetic, the stream makes every call.

Because the bytes go through the stream, the one deadline and the narration hold for TLS as well.
"""

import os
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from pynetdb.errors import CommandLineError, NetworkError, ProtocolError, PynetdbError
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network

Result = TypeVar("Result")

_READ_SIZE = 256 * 1024


class SecureStream:
    """A stream within TLS. Close it, or use it as a context manager.

    `hostname` is what the certificate must be for, unless `insecure`. A file of `authorities` (PEM) takes the
    place of those that the system trusts; it may also be the SHA-256 of the very certificate that the server
    must have. Raises NetworkError for a certificate that is not trusted, ProtocolError for a peer that does
    not speak TLS, CommandLineError for a file that has no certificates, and what a stream raises.
    """

    def __init__(
        self,
        stream: Stream,
        hostname: str,
        network: Network,
        *,
        insecure: bool = False,
        authorities: str | None = None,
    ) -> None:
        self.peer = stream.peer
        self._stream = stream
        fingerprint = None if authorities is None else parse_fingerprint(authorities)
        context = make_context(None if fingerprint else authorities)
        context.set_alpn_protocols(["http/1.1"])
        if insecure or fingerprint is not None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        # The dot of a complete name is for the resolver alone: no certificate has it (RFC 6066 section 3).
        name = hostname.rstrip(".")
        try:
            self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        except ValueError as error:  # Such as an empty label, which no resolver was asked about.
            raise NetworkError(f"{hostname}: unknown host, which cannot be a server's name in TLS") from error
        self._run(self._object.do_handshake)
        if fingerprint is not None and not insecure:
            self._check_fingerprint(fingerprint)
        if network.narrator:
            cipher = self._object.cipher()
            checked = "nobody checked the certificate" if insecure else "the certificate is trusted"
            network.narrator.tell(
                "client",
                "TLS handshake",
                (repr(hostname),),
                f"{self._object.version()}, {cipher[0] if cipher else 'no cipher'}",
                note=f"{checked}; from here on only the two ends can read what is sent",
            )

    def _check_fingerprint(self, expected: str) -> None:
        import hashlib

        found = hashlib.sha256(self._object.getpeercert(binary_form=True) or b"").hexdigest()
        if found != expected:
            raise NetworkError(f"{self.peer}: the certificate's SHA-256 is {found}, expected {expected}")

    @property
    def deadline(self) -> Deadline:
        """What every call on the stream is under."""
        return self._stream.deadline

    @deadline.setter
    def deadline(self, deadline: Deadline) -> None:
        self._stream.deadline = deadline

    def send_all(self, data: bytes) -> None:
        """Send all of `data`."""
        view = memoryview(data)
        while view:
            view = view[self._run(self._object.write, view) :]

    def receive(self, size: int) -> bytes:
        """Return at least one byte and at most `size`; `b''` is an end that the peer announced."""
        try:
            return self._run(self._object.read, size)
        except ssl.SSLZeroReturnError:
            return b""

    def close(self) -> None:
        """Say that nothing follows, and close."""
        with suppress(ssl.SSLError, PynetdbError):
            with suppress(ssl.SSLWantReadError):
                self._object.unwrap()
            self._flush()
        self._stream.close()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._stream.send_all(self._outgoing.read())

    def _run(self, operation: Callable[..., Result], *arguments: Any) -> Result:
        """Do it, moving bytes between TLS and the stream for as long as it wants some."""
        while True:
            try:
                result = operation(*arguments)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._stream.receive(_READ_SIZE)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLZeroReturnError:
                raise
            except ssl.SSLCertVerificationError as error:
                with suppress(PynetdbError):
                    self._flush()  # The alert that tells the server why.
                told = (
                    f"{self.peer}: the certificate is not trusted: {error.verify_message}{_missing_bundle()}"
                )
                raise NetworkError(told, hint="certificate") from error
            except ssl.SSLError as error:
                with suppress(PynetdbError):
                    self._flush()
                reason = (error.reason or str(error)).replace("_", " ").lower()
                raise ProtocolError(f"{self.peer}: TLS failed: {reason}, expected a TLS server") from error
            else:
                self._flush()
                return result

    def __enter__(self) -> "SecureStream":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def parse_fingerprint(text: str) -> str | None:
    """Return a SHA-256 in lower case without colons, None for what is none and so the name of a file."""
    digits = text.replace(":", "").lower()
    return digits if re.fullmatch("[0-9a-f]{64}", digits) else None


def make_context(authorities: str | None, hint: str = "authorities") -> ssl.SSLContext:
    """Return a client's context that trusts a file of certificates (PEM), or those that the system trusts.

    Raises CommandLineError for a file that has none.
    """
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:  # An SSLError is one: the file has something else in it.
        told = "no certificates (PEM) in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise CommandLineError(f"{authorities}: {told}", hint=hint) from error


def _missing_bundle() -> str:
    """Say which of the variables that OpenSSL reads names something that is not there; it does not."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        place = os.environ.get(name)
        if place and not os.path.exists(place):
            return f"; {name} names {place}, which is not there"
    return ""
