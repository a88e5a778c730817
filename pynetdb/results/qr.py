"""A QR code of where a server is reached, for who has a phone in the hand and a terminal before the eyes."""

from collections.abc import Callable, Sequence

from pynetdb.events.event import Event
from pynetdb.results.output import Output

# Light around the code, in modules: ISO/IEC 18004 asks for four, readers are content with two.
_BORDER = 2


class QrCodes:
    """Draws an address that other machines can reach, if the `segno` package is there.

    For terminals only: who does not see it cannot use it.
    """

    wants_details = wants_words = False

    def __init__(self, output: Output, *, colour: bool) -> None:
        self._output = output
        self._colour = colour

    def receive(self, event: Event) -> None:
        """Draw the address in a `ready` or `web` event that leads here from elsewhere."""
        if event.name not in ("ready", "web"):
            return
        url = _public(getattr(event, "urls", ()))
        if url is None:
            return
        try:
            import segno
        except ImportError:
            return
        matrix = segno.make(url, micro=False, error="l").matrix
        self._output.say(draw(matrix, colour=self._colour))

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """A drawing is a courtesy."""

    def close(self) -> None:
        """Nothing is kept."""


def _public(urls: Sequence[str]) -> str | None:
    """Return the first address for a browser elsewhere; None if there is none."""
    for url in urls:
        if url.startswith(("http://", "https://")) and "//127." not in url and "//[::1]" not in url:
            return url
    return None


def draw(matrix: Sequence[Sequence[int]], *, colour: bool) -> str:
    """Return a code in half blocks, two modules one above the other in a character.

    In `colour` it is black on white whatever the terminal's colours are; otherwise light is drawn, which fits
    a dark terminal.
    """
    width = len(matrix[0]) + 2 * _BORDER
    light = [0] * width
    rows = [light] * _BORDER
    rows += [[0] * _BORDER + [1 if module else 0 for module in row] + [0] * _BORDER for row in matrix]
    rows += [light] * (_BORDER + (len(rows) + _BORDER) % 2)
    # By upper and lower module, dark or light.
    blocks = {(1, 1): "█", (1, 0): "▀", (0, 1): "▄", (0, 0): " "}
    if not colour:
        blocks = {(1 - upper, 1 - lower): block for (upper, lower), block in blocks.items()}
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = "".join(blocks[pair] for pair in zip(upper, lower, strict=True))
        lines.append(f"\x1b[30;107m{line}\x1b[0m\n" if colour else f"{line}\n")
    return "".join(lines)
