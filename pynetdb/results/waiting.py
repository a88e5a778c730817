"""What `wait` shows: each target as it comes, and in the end what is missing."""

from typing import Any

from pynetdb.results.output import Output
from pynetdb.results.results import Results

_COLUMNS = ("target", "state", "seconds", "looks", "reason")


class WaitResults:
    """Shows what came; with `aside` people are told on standard error: standard output is somebody else's."""

    def __init__(self, output: Output, *, aside: bool) -> None:
        self._output = output
        self._results = (
            None if aside and output.for_people else Results(output, _COLUMNS, lines=True, live=True)
        )

    def came(self, target: str, reason: str, *, gone: bool, seconds: float, looks: int) -> None:
        """Show that a target holds after so many seconds and looks."""
        state = "gone" if gone else "there"
        line = f"{target.removeprefix('!')} is {state} after {seconds:.2f} s"
        if self._results is None:
            self._output.info(f"wait: {line}")
        else:
            self._row(self._results, (target, state, round(seconds, 3), looks, reason), line)

    def missing(self, target: str, reason: str) -> None:
        """Show that a target does not hold in the end: people read it in the error."""
        if self._results is not None and not self._output.for_people:
            self._row(self._results, (target, "missing", None, None, reason), None)

    def close(self) -> None:
        """Write what had to wait until all is known."""
        if self._results is not None:
            self._results.close()

    @staticmethod
    def _row(results: Results, row: tuple[Any, ...], line: str | None) -> None:
        record = dict(zip(_COLUMNS, row, strict=True))
        results.row(row, text=line, record=record)
