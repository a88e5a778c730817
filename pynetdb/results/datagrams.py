"""Datagrams as results: a row each, their payloads alone, or their count."""

from collections.abc import Callable

from pynetdb.events.connections import DatagramReceived
from pynetdb.events.event import Event
from pynetdb.events.life import ReceivingDone
from pynetdb.results.output import Output
from pynetdb.wording import timestamp


class DatagramResults:
    """Writes the datagrams that a receiver got, in the formats that are not JSON lines, and the summary.

    With `exact` the payloads alone are written, byte for byte. Where nobody would see a datagram (`json`,
    or --quiet) it wants none.
    """

    _COLUMNS = ("from", "bytes", "time", "payload")
    wants_words = False

    def __init__(self, output: Output, *, exact: bool) -> None:
        counted = output.format == "json" or (output.format == "table" and output.verbosity < 0)
        self.wants_details = exact or not counted
        self._output = output
        self._exact = exact
        self._header_due = output.format in ("csv", "tsv")

    def receive(self, event: Event) -> None:
        """Write a datagram, or at the end the summary."""
        if isinstance(event, DatagramReceived):
            self._show(event)
        elif isinstance(event, ReceivingDone):
            if self._output.format == "json":
                self._output.document(event.summary)
            elif self._header_due:
                self._output.rows(self._COLUMNS, [])

    def _show(self, event: DatagramReceived) -> None:
        shown = event.hex if event.text is None else event.text
        if self._exact:
            self._output.exact(event.payload or b"")
        elif self._output.format in ("csv", "tsv"):
            row = (event.peer, event.bytes, timestamp(event.time), shown)
            self._output.rows(self._COLUMNS, [row], header=self._header_due)
            self._header_due = False
        elif self._output.format == "table":
            self._output.text(f"{event.peer}  {shown}")

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Tell when standard output is lost."""
        self._output.on_failure = failed

    def close(self) -> None:
        """Wait a moment for what is still to be written. Raises OSError if standard output is lost."""
        self._output.close()
