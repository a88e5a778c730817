"""How else a server is reached: by its page, and by which certificate it is known."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event


@dataclass(frozen=True, repr=False, eq=False)
class WebReady(Event):
    """Browsers are let in too, at these addresses, which hold a secret."""

    name = "web"

    urls: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "url": self.urls[0]}

    def line(self) -> str:
        return f"in a browser, open {' or '.join(self.urls)}"


@dataclass(frozen=True, repr=False, eq=False)
class CertificateMade(Event):
    """A certificate was made for this run, which clients can only know by this."""

    name = "certificate"

    sha256: str
    pem: str

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "sha256": self.sha256, "pem": self.pem}

    def line(self) -> str:
        return f"self-signed certificate, SHA-256 {self.sha256}"
