"""What the user wants of a site, and what follows from it for every response."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pynetdb.servers.http.response import Pairs, Response

# What a page of another site may read of a response beside the few fields that it always may
# (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
_EXPOSED = (
    "Accept-Ranges",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Date",
    "ETag",
    "Location",
    "Retry-After",
)


class Policy(NamedTuple):
    """What the user wants of the site."""

    indexes: bool = True
    """A folder's index.html stands for it."""
    listing: bool = True
    """A folder without one is listed."""
    spa: bool = False
    """Unknown paths get the root's index.html, if a browser goes there."""
    clean_urls: bool = False
    """`/about` is about.html."""
    cors: bool = False
    """Any other site may read the responses."""
    fields: Sequence[tuple[str, str]] = ()
    """Fields for every response."""
    types: Mapping[str, str] = MappingProxyType({})
    """Content types by a name's ending, dot included, in lower case."""
    cache: float | None = None
    """Seconds for which others may keep an response; None is: only after asking us."""
    sidecars: bool = True
    """Compressed copies beside a file stand for it."""


class CommonFields:
    """The fields that each response has, by what the user wants."""

    def __init__(self, policy: Policy) -> None:
        cache = "no-cache" if policy.cache is None else f"max-age={int(policy.cache)}"
        everywhere = [("X-Content-Type-Options", "nosniff")]
        if policy.cors:
            own = (name for name, _ in policy.fields)
            exposed = dict.fromkeys((*_EXPOSED, *own))
            everywhere.append(("Access-Control-Allow-Origin", "*"))
            everywhere.append(("Access-Control-Expose-Headers", ", ".join(exposed)))
        self.of_files: Pairs = [("Cache-Control", cache), *everywhere]
        # What is wrong now may be right in a moment, however long the files are good for.
        self.of_errors: Pairs = [("Cache-Control", "no-cache"), *everywhere]
        self._own = policy.fields
        self._replaced = {name.lower() for name, _ in policy.fields}

    def add_own(self, response: Response) -> Response:
        """Return the response with the user's own fields, which replace ours; Vary says more than before."""
        if not self._own:
            return response
        kept = [pair for pair in response.fields if pair[0].lower() not in self._replaced]
        own = list(self._own)
        if "vary" in self._replaced:
            ours = [value for name, value in response.fields if name == "Vary"]
            theirs = [value for name, value in own if name.lower() == "vary"]
            own = [pair for pair in own if pair[0].lower() != "vary"]
            own.append(("Vary", ", ".join(dict.fromkeys((*ours, *theirs)))))
        return response._replace(fields=[*kept, *own])
