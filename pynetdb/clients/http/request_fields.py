"""The fields that the user wants to send besides our own."""

from collections.abc import Sequence

from pynetdb.protocols.http.fields import FieldError, encode_fields

# Fields that frame a body, and we send none: a server would wait for it, or take the next request for it.
_FRAMING = ("content-length", "transfer-encoding")


def parse_fields(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Read each `Name: value`. Raises ValueError for what is no field, or none that may be sent."""
    pairs = []
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon:
            raise ValueError(f"{text!r}: expected 'Name: value'")
        pairs.append((name, value.strip(" \t")))
    try:
        encode_fields(pairs)
    except FieldError as error:
        raise ValueError(str(error)) from error
    for name, _ in pairs:
        if name.lower() in _FRAMING:
            raise ValueError(f"{name}: http-get sends no body that it could frame")
    return tuple(pairs)
