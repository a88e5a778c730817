"""The end of receiving datagrams, with its figures."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import format_count


@dataclass(frozen=True, repr=False, eq=False)
class ReceivingDone(Event):
    """A receiver of datagrams is done. `summary` has its figures, by the names of the JSON object."""

    name = "summary"

    summary: dict[str, Any]
    cut: int = 0
    """Replies that were longer than the question."""
    unanswered: int = 0
    """Datagrams that came from where no answer may go."""

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, **self.summary}

    def line(self) -> str:
        told = self.summary
        datagrams = format_count(told["datagrams"], "datagram")
        line = f"{datagrams}, {told['bytes']} bytes in {told['seconds']:g} s"
        if "lost" in told:
            line += f", {told['lost']} lost, {told['reordered']} out of order, {told['duplicates']} twice"
            line += f", jitter {told['jitter_ms']:g} ms"
            if told["ignored"]:
                line += f"; {told['ignored']} ignored, whose number or time cannot be true"
        if told.get("dropped"):
            line += f"; {told['dropped']} dropped by the kernel (--buffer)"
        if self.cut:
            line += f"; {self.cut} {'reply' if self.cut == 1 else 'replies'} cut to the size of what came"
        if self.unanswered:
            line += f"; {self.unanswered} not answered: they came from services, from everybody, or too fast"
        return line
