"""Those who show events: as JSON lines on standard output, as lines for people on standard error."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pynetdb.results.output import Output
from pynetdb.terminal import safe_line

if TYPE_CHECKING:
    from pynetdb.events.event import Event


class JsonLines:
    """Writes each event as a JSON object a line."""

    wants_details = True

    def __init__(self, output: Output, without: frozenset[str] = frozenset()) -> None:
        """`without` are events, by name, that are shown in another way."""
        self.wants_words = output.verbosity > 0
        self._output = output
        self._without = without

    def receive(self, event: "Event") -> None:
        """Write the event, unless it is for people alone."""
        if event.in_json and event.name not in self._without and (self.wants_words or not event.of_words):
            self._output.event(event.to_json())

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Tell when standard output is lost."""
        self._output.on_failure = failed

    def close(self) -> None:
        """Wait a moment for what is still to be written. Raises OSError if standard output is lost."""
        self._output.close()


class Lines:
    """Writes each event as a line that begins with the service's name, details with --verbose only."""

    def __init__(
        self, output: Output, service: str, without: frozenset[str] = frozenset(), *, details: bool = True
    ) -> None:
        """`without` are events, by name, that this service tells in a better way; perhaps all `details`."""
        self.wants_details = self.wants_words = details and output.verbosity > 0
        self._output = output
        self._service = service
        self._without = without

    def receive(self, event: "Event") -> None:
        """Write the event's line, if it has one for people."""
        if event.name in self._without or (line := event.line()) is None:
            return
        text = f"{self._service}: {line}" if event.prefixed else line
        # What programs are told on standard output need not be said twice.
        with_verbose = event.detail or (event.once and self._output.format == "jsonl")
        if self._output.verbosity >= with_verbose:
            self._output.say(safe_line(text) + "\n")

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Lines for people are a courtesy: if nobody takes them, the work goes on."""

    def close(self) -> None:
        """Wait a moment for what is still to be written. Raises OSError if standard output is lost."""
        self._output.close()
