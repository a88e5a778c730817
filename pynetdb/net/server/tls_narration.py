"""TLS as --explain tells it: the messages of a handshake, and what it came to."""

import ssl
from typing import Any

from pynetdb.narration import Narrator

# RFC 8446 section 4 and RFC 5246 section 7.4: what each message of a handshake is for.
_MESSAGES = {
    1: ("ClientHello", "what the client can: versions, ciphers, the name that it wants"),
    2: ("ServerHello", "what we chose of it, and our half of the key exchange"),
    4: ("NewSessionTicket", "with it the client can come back without all of this"),
    8: ("EncryptedExtensions", "the first message that only the two of us can read"),
    11: ("Certificate", "who we are, signed by somebody the client may trust"),
    12: ("ServerKeyExchange", "our half of the key exchange, signed"),
    14: ("ServerHelloDone", "it is the client's turn"),
    15: ("CertificateVerify", "a signature that only the owner of the key can make"),
    16: ("ClientKeyExchange", "the client's half of the key exchange"),
    20: ("Finished", "a checksum of the whole handshake: nobody has changed a word of it"),
    24: ("KeyUpdate", "from here on a new key"),
}
_HANDSHAKE = 22


class TlsNarration:
    """Narrates one connection's TLS; `who` is `#3` for the third."""

    def __init__(self, narrator: Narrator, who: str, ssl_object: ssl.SSLObject) -> None:
        self._narrator = narrator
        self._who = who
        self._object = ssl_object
        ssl_object.narration = self  # type: ignore[attr-defined]

    def message(self, direction: str, kind: int, size: int) -> None:
        """A message of a handshake was sent (`write`) or received (`read`)."""
        name, note = _MESSAGES.get(kind, (f"handshake message {kind}", ""))
        call = "TLS send" if direction == "write" else "TLS receive"
        self._narrator.tell(self._who, call, [name], f"{size} bytes", note=note)

    def established(self) -> None:
        """The handshake is done."""
        cipher = self._object.cipher()
        alpn = self._object.selected_alpn_protocol()
        result = f"{self._object.version()}, {cipher[0] if cipher else 'no cipher'}"
        result += f", ALPN {alpn}" if alpn else ""
        note = "from here on only the two ends can read what is sent"
        self._narrator.tell(self._who, "TLS handshake", [], result, note=note)

    def failed(self, reason: str) -> None:
        """TLS has given up."""
        note = "an alert tells the peer, and the connection ends"
        self._narrator.tell(self._who, "TLS alert", [], reason, note=note)


def show_messages(context: ssl.SSLContext) -> None:
    """Have the messages of handshakes told, where this Python lets us see them.

    Only connections that are made after this are told of.
    """
    # It is for debugging, and no promise of the library's.
    if getattr(context, "_msg_callback", _on_message) is None:
        context._msg_callback = _on_message  # type: ignore[attr-defined]


def _on_message(ssl_object: Any, direction: str, version: Any, content: int, kind: int, data: bytes) -> None:
    narration = getattr(ssl_object, "narration", None)
    if content == _HANDSHAKE and narration is not None:
        narration.message(direction, int(kind), len(data))
