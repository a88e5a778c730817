"""What echo-client shows: each reply, what a server says by itself, the figures at the end."""

from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from typing import Any

from pynetdb.results.histogram import show_histogram, wants_histogram
from pynetdb.results.output import Output
from pynetdb.results.results import Results
from pynetdb.terminal import decoded

_COLUMNS = ("number", "bytes", "rtt_ms", "text")


class EchoResults:
    """Shows replies. With `show` their texts too: generated ones say nothing to anybody."""

    def __init__(self, output: Output, *, show: bool) -> None:
        self._output = output
        self._show = show
        self._results = Results(output, _COLUMNS, lines=True, summarised=True)

    def reply(self, number: int, payload: bytes, round_trip: float) -> None:
        """Show a message that came back, `round_trip` seconds after it was sent."""
        if not self._results.wants_rows:
            return
        text = decoded(payload) if self._show else None
        row = (number, len(payload), round(round_trip * 1000, 4), text)
        record = {"event": "reply", **dict(zip(_COLUMNS, row, strict=True))}
        self._results.row(row, text=text, record=record, data=payload if self._show else b"")

    def close(
        self, summary: Mapping[str, Any], line: str, *, several: bool, round_trips: Sequence[float] = ()
    ) -> None:
        """All messages are back, or lost: show the figures, for people if there were `several`.

        `round_trips` are in seconds.
        """
        self._results.close(summary)
        if several or not self._show:
            self._output.info(line)
            if wants_histogram(self._output):
                milliseconds = [seconds * 1000 for seconds in round_trips]
                show_histogram(self._output, "round trips", milliseconds, "ms")


class ListeningResults:
    """Shows what a server says on its own, as it comes."""

    def __init__(self, output: Output) -> None:
        self._results = Results(output, lines=True, summarised=True)
        # A character may be cut by the network; a decoder that remembers puts it together again.
        self._decoder = getincrementaldecoder("utf-8")("backslashreplace")
        self._open_line = False

    def said(self, data: bytes) -> None:
        """Show some of it."""
        text = self._decoder.decode(data)
        record = {"event": "said", "bytes": len(data), "text": text}
        self._results.text(text, record=record, data=data, end="")
        self._open_line = not text.endswith("\n")

    def close(self, summary: Mapping[str, Any]) -> None:
        """The server closed."""
        rest = self._decoder.decode(b"", final=True)
        self._results.text(rest, end="\n" if rest or self._open_line else "")
        self._results.close(summary)
