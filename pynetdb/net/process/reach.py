"""How an open server is reached: its URL, its place in words, and what COMMAND finds in its environment."""

import os
import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pynetdb.net.addresses import WILDCARDS, Target, format_host_port, own_addresses
from pynetdb.net.sockets import Sockets

if TYPE_CHECKING:
    from pynetdb.net.tls import Certificate


class ReadyInfo(NamedTuple):
    """Where an open server can be reached."""

    service: str
    scheme: str
    target: Target

    @property
    def url(self) -> str:
        """A URL for clients on this machine."""
        if self.target.unix is not None:
            return f"unix://{os.path.abspath(self.target.unix)}"
        return f"{self.scheme}://{format_host_port(self.reachable_host, self.target.port)}"

    @property
    def reachable_host(self) -> str:
        """The host that a client on this machine can use: all interfaces are no destination."""
        host = self.target.host
        if host == "::":
            return "::1"
        return "127.0.0.1" if host in WILDCARDS else host

    def environment(
        self, client: str, ours: Mapping[str, str], certificate: "Certificate | None" = None
    ) -> dict[str, str]:
        """Return the environment of COMMAND: `ours`, and in it where this server is.

        Besides the three documented variables our own client command finds its defaults, so that
        `pynetdb serve-echo -p 0 -- pynetdb echo-client hello` reaches this very server. Places of a
        server that surrounds us are taken out: a socket file of its would hide our host and port.
        """
        prefixes = ["PYNETDB"]
        if client:
            prefixes.append("PYNETDB_" + client.upper().replace("-", "_"))
        places = {f"{prefix}_{end}" for prefix in prefixes for end in ("HOST", "PORT", "UNIX")}
        found = {name: value for name, value in ours.items() if name not in places}
        found["PYNETDB_URL"] = self.url
        for prefix in prefixes:
            if self.target.unix is not None:
                found[f"{prefix}_UNIX"] = self.target.unix
            else:
                found[f"{prefix}_HOST"] = self.reachable_host
                found[f"{prefix}_PORT"] = str(self.target.port)
        # A certificate of a server around us is not ours.
        found.pop("PYNETDB_HTTP_GET_CACERT", None)
        if certificate is not None and certificate.self_signed and self.scheme == "https":
            found["PYNETDB_HTTP_GET_CACERT"] = certificate.sha256
        return found


def reachable_hosts(host: str, sockets: Sockets) -> list[str]:
    """Return the hosts, names and addresses, by which a server bound to `host` can be reached."""
    own = ["localhost", "127.0.0.1", "::1"]
    if host not in WILDCARDS:
        return list(dict.fromkeys([host.partition("%")[0], *own]))
    family = socket.AF_INET6 if host == "::" else socket.AF_INET
    return list(dict.fromkeys([*own, *own_addresses(family, sockets)]))


def target_of(address: Any) -> Target:
    """Return a bound socket address as a target."""
    return Target(str(address[0]), int(address[1]))


def describe_place(target: Target, addresses: Sequence[Any], sockets: Sockets) -> str:
    """Return where a server listens, in words: for all interfaces with this machine's addresses."""
    if target.unix is not None:
        return str(target)
    if target.host not in WILDCARDS:
        return " and ".join(dict.fromkeys(str(target_of(address)) for address in addresses))
    return f"{target}, which is every interface: {', '.join(_own_places(target, sockets))}"


def reachable_urls(address: Any, scheme: str, sockets: Sockets) -> list[str]:
    """Return the URLs by which a bound address can be reached, first the one for this machine."""
    target = target_of(address)
    urls = [ReadyInfo("", scheme, target).url]
    if target.host in WILDCARDS:
        urls += [f"{scheme}://{place}" for place in _own_places(target, sockets)]
    return list(dict.fromkeys(urls))


def _own_places(target: Target, sockets: Sockets) -> list[str]:
    """Return `host:port` for each address of this machine, for a target that is all of them."""
    family = socket.AF_INET6 if target.host == "::" else socket.AF_INET
    return [format_host_port(host, target.port) for host in own_addresses(family, sockets)]
