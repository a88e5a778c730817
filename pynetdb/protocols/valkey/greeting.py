"""The first words with a broker: who we are, which database, and whether it can be what we need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pynetdb.errors import NetworkError, ProtocolError
from pynetdb.protocols.valkey.place import Place
from pynetdb.protocols.valkey.resp import BrokerError, Word

# The first version with streams, which a room's log is.
_OLDEST = (5, 0)


class BusyError(NetworkError):
    """The broker cannot serve just now and will soon: it reads its data, or a script runs."""


_BUSY = frozenset({"LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN"})
_CLUSTER = frozenset({"MOVED", "ASK", "CLUSTERDOWN", "CROSSSLOT"})


@dataclass(frozen=True)
class Broker:
    """What a broker says of itself."""

    product: str
    version: str

    def __str__(self) -> str:
        return f"{self.product} {self.version}"


def authentication(place: Place) -> list[Word]:
    """Return the command that says who we are, empty if nobody asked for that. It holds the password."""
    if not place.password:
        return []
    return ["AUTH", place.user, place.password] if place.user else ["AUTH", place.password]


def introduction(place: Place) -> list[list[Word]]:
    """Return the commands after that: those that choose a database, and that ask who is there."""
    select: list[list[Word]] = [["SELECT", place.database]] if place.database else []
    return [*select, ["INFO", "server"], ["INFO", "replication"]]


def read_introduction(whom: str, replies: Sequence[Any]) -> Broker:
    """Return who is there. Raises NetworkError for a broker that cannot be used, ProtocolError for none."""
    for reply in replies:
        check_reply(whom, reply)
    texts = [reply for reply in replies[-2:] if isinstance(reply, bytes)]
    if len(texts) != 2:
        raise ProtocolError(f"{whom}: no Valkey or Redis, expected a reply to INFO")
    facts: dict[str, str] = {}
    for line in b"\n".join(texts).decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        facts[key] = value.strip()
    compatible = facts.get("redis_version", "")
    numbers = compatible.split(".")
    if len(numbers) < 2 or not (numbers[0].isdigit() and numbers[1].isdigit()):
        raise ProtocolError(f"{whom}: no Valkey or Redis, expected its version from INFO")
    if (int(numbers[0]), int(numbers[1])) < _OLDEST:
        raise NetworkError(f"{whom}: Redis {compatible} has no streams, expected 5.0 or newer")
    if facts.get("redis_mode") == "cluster":
        raise NetworkError(_cluster(whom))
    if facts.get("role") != "master":
        raise NetworkError(_replica(whom))
    if "valkey_version" in facts:
        return Broker("Valkey", facts["valkey_version"])
    return Broker("Redis", compatible)


def check_reply(whom: str, reply: Any) -> None:
    """Raise NetworkError if a reply is an error, BusyError if it is one that passes."""
    if not isinstance(reply, BrokerError):
        return
    code = reply.code
    if code in _BUSY:
        raise BusyError(reply.text)
    if code in _CLUSTER:
        raise NetworkError(_cluster(whom))
    if code == "READONLY":
        raise NetworkError(_replica(whom))
    if code == "NOAUTH":
        raise NetworkError(f"{whom}: the broker wants a password, expected one in the URL (:PASSWORD@HOST)")
    if code == "WRONGPASS" or "invalid password" in reply.text or "invalid username" in reply.text:
        raise NetworkError(f"{whom}: the broker does not take this user and password")
    if "no password is set" in reply.text or "without any password" in reply.text:
        raise NetworkError(f"{whom}: the broker has no password, expected a URL without one")
    if code == "NOPERM" or "ACL failure" in reply.text or "executing the script can't" in reply.text:
        raise NetworkError(f"{whom}: this user may not do what a room needs ({reply.text})")
    raise NetworkError(f"{whom}: the broker refused: {reply.text}")


def _cluster(whom: str) -> str:
    return f"{whom}: a part of a cluster, expected a single Valkey or Redis"


def _replica(whom: str) -> str:
    return f"{whom}: a replica that can only be read, expected the primary"
