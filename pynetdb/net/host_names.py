"""Names of hosts beyond ASCII, as the resolver and certificates want them (IDNA)."""

# Letters that IDNA 2003 (Python's own codec) replaces or drops and IDNA 2008 keeps (RFC 5894 section 7.2):
# who asks for the one name by the rules of the other reaches somebody else.
_DIFFERENT = "\u00df\u03c2\u200c\u200d"


class HostNameError(UnicodeError):
    """A name that means two different hosts by the two standards, and the newer one is not at hand."""


def encode_host_name(name: str) -> str:
    """Return a host's name in ASCII: by IDNA 2008 (RFC 5891) if the package `idna` is there.

    Without it by IDNA 2003, where both agree. Raises HostNameError where they do not, UnicodeError for what
    cannot be a name.
    """
    if name.isascii():
        return name
    try:
        import idna
    except ImportError:
        if any(letter in name for letter in _DIFFERENT):
            told = "is two different hosts in IDNA 2003 and 2008, expected the package idna (pynetdb[idna])"
            raise HostNameError(f"{name!r} {told}") from None
        return name.encode("idna").decode("ascii")
    return str(idna.encode(name, uts46=True), "ascii")
