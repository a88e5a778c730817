"""The life of a server: it is ready, it is exhausted, it has stopped."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import format_count


@dataclass(frozen=True, repr=False, eq=False)
class Ready(Event):
    """A server listens: who connects after this is served."""

    name = "ready"

    service: str
    host: str | None
    port: int | None
    url: str
    pid: int
    unix: str | None = None
    place: str = ""
    """Where it listens, in words: for all interfaces with the addresses by which it is reached."""
    serving: str = ""
    """What is at `urls`, if people go there with a browser."""
    urls: tuple[str, ...] = ()
    """Where it is reached, the one for this machine first."""
    public: bool = False
    """Whether others than this machine can reach it."""

    def to_json(self) -> dict[str, Any]:
        keys = ("service", "host", "port", "url", "pid") + (() if self.unix is None else ("unix",))
        return {"event": self.name, **{key: getattr(self, key) for key in keys}}

    def line(self) -> str:
        if not self.serving:
            return f"listening on {self.place} (Ctrl-C stops)"
        who = (
            "whoever can reach this machine"
            if self.public
            else "this machine only; --host 0.0.0.0 for others"
        )
        places = " or ".join(f"{url}/" for url in self.urls)
        return f"serving {self.serving} at {places} ({who}), listening (Ctrl-C stops)"


@dataclass(frozen=True, repr=False, eq=False)
class Exhausted(Event):
    """No descriptors or memory are left for another connection."""

    name = "exhausted"
    in_json = False

    reason: str

    def line(self) -> str:
        return f"{self.reason}; new clients wait until one leaves"


@dataclass(frozen=True, repr=False, eq=False)
class Gap(Event):
    """So many events of a worker came faster than they could be told, and are left out here."""

    name = "gap"

    events: int

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "events": self.events}

    def line(self) -> str:
        return f"{format_count(self.events, 'event')} left out: they came faster than they could be told"


@dataclass(frozen=True, repr=False, eq=False)
class Stopped(Event):
    """A server is done. `summary` has its figures, by the names of the JSON object."""

    name = "stopped"

    reason: str | None
    """`signal`, `count`, `for`, `command`, `output` or `worker`."""
    summary: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "reason": self.reason, **self.summary}

    def line(self) -> str:
        summary = self.summary
        parts = []
        if summary["connections"] or not summary["datagrams"]:
            parts.append(format_count(summary["connections"], "connection"))
        if "requests" in summary:
            parts.append(format_count(summary["requests"], "request"))
        if summary["datagrams"]:
            parts.append(format_count(summary["datagrams"], "datagram"))
        if summary["refused"]:
            parts.append(f"{summary['refused']} refused")
        if summary.get("unanswered"):
            parts.append(f"{summary['unanswered']} not answered")
        parts.append(f"{format_count(summary['bytes_received'], 'byte')} in, {summary['bytes_sent']} out")
        return f"stopped after {', '.join(parts)}"
