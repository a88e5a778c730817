"""What `wait` waited for as results: each at once where the format is one of lines, else all at the end."""

from typing import Any

from pynetdb.results.output import Output

_COLUMNS = ("target", "state", "seconds", "looks", "reason")


class WaitResults:
    """Writes what came, and in the end what is missing."""

    def __init__(self, output: Output, *, aside: bool) -> None:
        """With `aside` lines for people go to standard error: standard output is somebody else's."""
        self._output = output
        self._aside = aside
        self._rows: list[tuple[Any, ...]] = []
        self._header_due = output.format in ("csv", "tsv")

    def came(self, target: str, reason: str, *, gone: bool, seconds: float, looks: int) -> None:
        """Write that a target holds after so many seconds and looks."""
        state = "gone" if gone else "there"
        self._row((target, state, round(seconds, 3), looks, reason))
        if self._output.format == "table":
            line = f"{target.removeprefix('!')} is {state} after {seconds:.2f} s"
            if self._aside:
                self._output.talk(f"wait: {line}")
            else:
                self._output.text(line)

    def missing(self, target: str, reason: str) -> None:
        """Write that a target does not hold in the end."""
        self._row((target, "missing", None, None, reason))

    def finish(self) -> None:
        """Write what had to wait until all is known."""
        if self._output.format in ("json", "markdown"):
            self._output.rows(_COLUMNS, self._rows)

    def _row(self, row: tuple[Any, ...]) -> None:
        if self._output.format == "jsonl":
            target, state, *rest = row
            self._output.event(
                {"event": state, "target": target, **dict(zip(_COLUMNS[2:], rest, strict=True))}
            )
        elif self._output.format in ("csv", "tsv"):
            self._output.rows(_COLUMNS, [row], header=self._header_due)
            self._header_due = False
        else:
            self._rows.append(row)
