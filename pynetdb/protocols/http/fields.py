"""The field lines that requests, responses and trailers share (RFC 9110 and RFC 9112, sections 5)."""

import re
from collections.abc import Iterable

from pynetdb.errors import ProtocolError

# RFC 9110 section 5.6.2: what names of fields and methods are made of.
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# Sorted out by class alone, with nothing optional in it: no input can make the match backtrack.
FIELD_LINE = TOKEN + rb":[\t\x20-\x7e\x80-\xff]*"
_FIELD_LINE = re.compile(rb"(" + TOKEN + rb"):([\t\x20-\x7e\x80-\xff]*)")
_NAME = re.compile(TOKEN)
# RFC 9110 section 5.5: visible characters, blanks, and what older software sends beyond ASCII.
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_DIGITS = re.compile(rb"[0-9]+")
# Enough for an exabyte; a longer number is an attack on somebody's integer.
MAX_LENGTH_DIGITS = 18
# RFC 9110 section 5.6.3: optional white space. No other character is blank to HTTP, whatever Python thinks.
OWS = b" \t"


class FieldError(ProtocolError):
    """A field line, or a value in one, breaks the grammar."""


class Fields:
    """The fields of one message in the order of the wire; names compare without regard to case.

    Text is Latin-1, so that every octet survives (RFC 9110 section 5.5).
    """

    __slots__ = ("by_name", "pairs")

    def __init__(self, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        self.pairs = pairs
        self.by_name: dict[str, tuple[str, ...]] = {}
        """The values of each name in lower case, in order."""
        for name, value in pairs:
            key = name.lower()
            self.by_name[key] = (*self.by_name.get(key, ()), value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Fields({self.pairs!r})"

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return each value of `name`, in order; empty when it is absent."""
        return self.by_name.get(name.lower(), ())

    def get(self, name: str) -> str | None:
        """Return the values of `name` joined by commas (RFC 9110 section 5.3), or None when it is absent."""
        values = self.by_name.get(name.lower())
        return None if values is None else ", ".join(values)

    def tokens(self, name: str) -> list[str]:
        """Return the members of the comma-separated list `name` in lower case, empty ones left out."""
        values = self.by_name.get(name.lower(), ())
        return [
            member for value in values for part in value.split(",") if (member := part.strip(" \t").lower())
        ]


class UnfoldedFields:
    """The field lines of a message that may be folded, as a user agent must read them.

    RFC 9112 section 5.2: "A user agent that receives an obs-fold in a response message [...] MUST replace
    each received obs-fold with one or more SP octets prior to interpreting the field value": with one.
    """

    def __init__(self) -> None:
        self._pairs: list[tuple[str, str]] = []
        # Of the last field, if it is folded. Joined once at its end: a head of nothing but folds would cost
        # quadratic time otherwise.
        self._parts: list[str] = []

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, line: bytes) -> bool:
        """Add a line without its end; say whether it goes on a folded field. Raises FieldError."""
        # White space before the first field folds nothing; section 2.2 lets us reject it.
        if line[:1] not in (b" ", b"\t") or not self._pairs:
            self._join()
            self._pairs.append(parse_field_line(line))
            return False
        if _VALUE.fullmatch(line) is None:
            raise FieldError(f"a control character in a folded line: {shorten(line)}")
        if not self._parts:
            self._parts.append(self._pairs[-1][1])
        self._parts.append(line.strip(OWS).decode("latin-1"))
        return True

    def finish(self) -> Fields:
        """Return the fields after the last line."""
        self._join()
        return Fields(tuple(self._pairs))

    def _join(self) -> None:
        if self._parts:
            self._pairs[-1] = self._pairs[-1][0], " ".join(self._parts).strip(" \t")
            self._parts = []


def parse_field_line(line: bytes) -> tuple[str, str]:
    """Read one field line without its line end; raise FieldError if it breaks the grammar.

    A folded line is refused, as is white space before the colon (RFC 9112 sections 5.1 and 5.2): servers and
    proxies that disagree about either can be made to see two different messages.
    """
    match = _FIELD_LINE.fullmatch(line)
    if match is None:
        raise FieldError(_what_is_wrong(line))
    name, value = match.groups()
    return name.decode("ascii"), value.strip(OWS).decode("latin-1")


def _what_is_wrong(line: bytes) -> str:
    name, colon, value = line.partition(b":")
    if line[:1] in (b" ", b"\t"):
        return "a field line begins with white space, expected no folded lines"
    if not colon:
        return f"a field line without a colon: {shorten(line)}"
    if _NAME.fullmatch(name) is None:
        return f"a bad field name: {shorten(name)}, expected a token"
    return f"a control character in the value of {name.decode('ascii')}: {shorten(value)}"


def encode_fields(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Write field lines, each with its line end; raise FieldError for what would not read back the same.

    This is what keeps a file's name or an option's text from adding a field of its own.
    """
    lines = []
    for name, value in pairs:
        try:
            raw_name, raw_value = name.encode("ascii"), value.encode("latin-1")
        except UnicodeEncodeError:
            raise FieldError(f"{name!r}: {value!r} cannot be a field, expected Latin-1 text") from None
        if _NAME.fullmatch(raw_name) is None or _VALUE.fullmatch(raw_value) is None:
            raise FieldError(
                f"{name!r}: {value!r} cannot be a field, expected a token and no control characters"
            )
        if raw_value != raw_value.strip(OWS):
            raise FieldError(
                f"{name!r}: {value!r} cannot be a field, expected no white space around the value"
            )
        lines.append(raw_name + b": " + raw_value + b"\r\n")
    return b"".join(lines)


def parse_length(text: str) -> int:
    """Read one Content-Length value: ASCII digits alone, at most 18 of them; raise FieldError otherwise."""
    raw = text.encode("latin-1")
    if _DIGITS.fullmatch(raw) is None:
        raise FieldError(f"Content-Length is {shorten(raw)}, expected digits")
    if len(raw) > MAX_LENGTH_DIGITS:
        raise FieldError(f"Content-Length has {len(raw)} digits, expected at most {MAX_LENGTH_DIGITS}")
    return int(raw)


def shorten(raw: bytes) -> str:
    """Quote what a peer sent for a message: printable, and no longer than one line."""
    return repr(raw[:60])[1:] + ("..." if len(raw) > 60 else "")
