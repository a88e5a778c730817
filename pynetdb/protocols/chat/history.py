"""What was last said to everybody in a room, by number."""

from collections.abc import Iterable


class History:
    """The last `size` lines, each with its sender. The first line of all has the number 0."""

    def __init__(self, size: int, earlier: Iterable[tuple[str, str]] = ()) -> None:
        """`earlier` are lines that were said before."""
        self.size = size
        # A ring: any line is found at once, and a new one takes the place of the oldest.
        self._lines: list[tuple[str, str]] = []
        self.next_number = 0
        """The number that the next line will have."""
        for sender, text in earlier:
            self.append(sender, text)

    @property
    def numbers(self) -> range:
        """The numbers of the lines that are kept."""
        return range(self.next_number - len(self._lines), self.next_number)

    def append(self, sender: str, text: str) -> None:
        """Keep one more line, and let the oldest go if there are too many."""
        if not self.size:
            return
        if len(self._lines) < self.size:
            self._lines.append((sender, text))
        else:
            self._lines[self.next_number % self.size] = (sender, text)
        self.next_number += 1

    def __getitem__(self, number: int) -> tuple[str, str]:
        """Return sender and text of a line that is kept."""
        if number not in self.numbers:
            raise IndexError(f"line {number} is not kept")
        return self._lines[number % self.size]
