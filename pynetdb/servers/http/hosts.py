"""By which names a server may be asked: what keeps other sites' pages away from one that is for this machine.

A page of another site can make a browser connect to us under a name of its own, which its owner has let
lead here (DNS rebinding). Then the browser takes us for that site, and its script reads our answers.
Addresses and `localhost` are nobody's names, so who asks by those is no such page.
"""

import re
from collections.abc import Collection

# As browsers read it: a host whose last part is a number is an IPv4 address (https://url.spec.whatwg.org/).
_ADDRESS = re.compile(r"(?:[0-9a-z.]*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?|\[[0-9a-f:.]+\]")

ANY = "*"
"""Every name, as an allowed one."""


def split_port(authority: str) -> str:
    """Return the host of an authority, in lower case and without the dot that may end a name."""
    host = re.sub(r":[0-9]*$", "", authority)
    return host.lower().removesuffix(".")


def is_nobodys_name(host: str) -> bool:
    """Say whether a host is an address, or `localhost`, which is nobody's own (RFC 6761 section 6.3)."""
    return host == "localhost" or host.endswith(".localhost") or _ADDRESS.fullmatch(host) is not None


class HostGuard:
    """Says whether a host may be asked for: an address, `localhost`, or one of `names`.

    `*` among the names is every one, and `*.example.com` every one below that.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = {split_port(name) for name in names}
        # Browsers send the same one with every request.
        self._permitted: set[str] = set()

    def permits(self, authority: str | None) -> bool:
        """Judge whom a request asks; None is one of HTTP/1.0 without a Host, which no browser sends."""
        if authority is None or authority in self._permitted:
            return True
        host = split_port(authority)
        permitted = ANY in self._names or is_nobodys_name(host) or self._is_named(host)
        if permitted and len(self._permitted) < 100:
            self._permitted.add(authority)
        return permitted

    def _is_named(self, host: str) -> bool:
        parents = (f"*{host[at:]}" for at, character in enumerate(host) if character == ".")
        return not self._names.isdisjoint({host, *parents})
