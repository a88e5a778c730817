"""What udp-send shows: each answer, and how much was sent."""

from collections.abc import Mapping
from typing import Any

from pynetdb.results.output import Output
from pynetdb.results.results import Results
from pynetdb.terminal import decoded, safe_line
from pynetdb.wording import format_count


class SendResults:
    """Shows answers as text, or in `hexadecimal`."""

    def __init__(self, output: Output, *, hexadecimal: bool) -> None:
        self._output = output
        self._key = "hex" if hexadecimal else "text"
        columns = ("number", "from", "bytes", "rtt_ms", self._key)
        self._results = Results(output, columns, lines=True, summarised=True)

    def reply(self, number: int, sender: str, payload: bytes, round_trip: float) -> None:
        """Show what came back for the message `number`, `round_trip` seconds after its last try."""
        if not self._results.wants_rows:
            return
        text = payload.hex() if self._key == "hex" else decoded(payload)
        milliseconds = round(round_trip * 1000, 4)
        record = {
            "event": "reply",
            "from": sender,
            "bytes": len(payload),
            self._key: text,
            "rtt_ms": milliseconds,
        }
        # One line each: a newline would let one answer look like two.
        line = safe_line(text.removesuffix("\n").removesuffix("\r"))
        row = (number, sender, len(payload), milliseconds, text)
        self._results.row(row, text=line, record=record, data=payload)

    def close(self, summary: Mapping[str, Any], peer: str) -> None:
        """All is sent: show the figures."""
        self._results.close(summary)
        sent = format_count(summary["sent"], "datagram")
        self._output.info(f"udp-send: {sent} of {summary['bytes']} bytes in all to {peer}")
