"""Datagrams as results: a row each, their payloads alone, or their count."""

import time
from collections.abc import Callable

from pynetdb.events.connections import DatagramReceived
from pynetdb.events.event import Event
from pynetdb.events.receiving import ReceivingDone
from pynetdb.events.stream import Events
from pynetdb.results.histogram import Gaps, show_histogram, wants_histogram
from pynetdb.results.output import Output
from pynetdb.results.results import Results
from pynetdb.terminal import safe_line
from pynetdb.wording import timestamp


def subscribe_datagrams(events: Events, output: Output, *, exact: bool) -> None:
    """Show on `output` the datagrams of `events`, unless the JSON lines of all events do so already."""
    if output.format != "jsonl" or exact:
        events.subscribe(DatagramResults(output, exact=exact))


class DatagramResults:
    """Writes the datagrams that a receiver got, and the summary.

    With `exact` the payloads alone are written, byte for byte. Where nobody would see a datagram (`json`,
    or --quiet) it wants none.
    """

    wants_words = False

    def __init__(self, output: Output, *, exact: bool) -> None:
        columns = ("from", "bytes", "time", "payload")
        self._results = Results(output, columns, lines=True, summarised=True, live=True)
        seen = self._results.wants_rows and (output.verbosity >= 0 or not output.for_people)
        self.wants_details = exact or seen
        self._output = output
        self._exact = exact
        self._gaps = Gaps() if seen and wants_histogram(output) else None

    def receive(self, event: Event) -> None:
        """Write a datagram, or at the end the summary."""
        if isinstance(event, DatagramReceived):
            self._show(event)
            if self._gaps is not None:
                self._gaps.add(event.time)
        elif isinstance(event, ReceivingDone) and self._output.format != "jsonl":
            self._results.close(event.summary)
            if self._gaps is not None:
                show_histogram(self._output, "time between datagrams", self._gaps.values, "ms")

    def _show(self, event: DatagramReceived) -> None:
        if self._exact:
            self._output.exact(event.payload or b"")
            return
        payload = event.hex if event.text is None else event.text
        row = (event.peer, event.bytes, timestamp(event.time), payload)
        # As the clock on the wall shows it, which is what people compare it with.
        moment = time.strftime("%H:%M:%S", time.localtime(event.time)) + f".{int(event.time % 1 * 1000):03}"
        self._results.row(row, text=f"{event.peer}  {moment}  {safe_line(payload or '')}")

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Tell when standard output is lost."""
        self._output.on_failure = failed

    def close(self) -> None:
        """Wait a moment for what is still to be written. Raises OSError if standard output is lost."""
        self._output.close()
