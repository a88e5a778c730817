"""--room and what belongs to it: a chat room that several servers share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from pynetdb.param_types import Duration
from pynetdb.params import gathered, parse_argument

if TYPE_CHECKING:
    from pynetdb.protocols.chat.room import Room
    from pynetdb.protocols.valkey.place import Place
    from pynetdb.servers.chat.broker_link import BrokerLink

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_OPTIONS: list[Decorator] = [
    click.option(
        "--room",
        metavar="URL",
        help="Share a room with other servers: valkey://HOST/ROOM, a Valkey or Redis (also redis://, rediss://).",
    ),
    click.option(
        "--room-ttl", type=Duration(), help="Forget the room so long after its last server has gone."
    ),
    click.option(
        "--room-lease",
        type=Duration(),
        default="10s",
        show_default=True,
        help="Take a server of the room for dead that was not heard for so long.",
    ),
    click.option("--room-cacert", metavar="FILE", help="Trust these certificates (PEM) for the room's TLS."),
]

# A beat comes three times a lease; what is much shorter would be a matter of the scheduler's mood.
_MIN_LEASE = 0.3


class RoomChoice(NamedTuple):
    """The room that the options ask for; `place` is None for one of this server alone."""

    place: "Place | None"
    ttl: float | None
    lease: float
    authorities: str | None

    def make(self, motd: str, history: int, *, kept: int, introduces: bool) -> "tuple[Room, BrokerLink]":
        """Return a shared room, and what ties it to its broker.

        Raises CommandLineError if hiredis is missing, or for a file that has no certificates.
        """
        from pynetdb.net.client.tls_connection import ClientTls
        from pynetdb.protocols.chat.shared_facts import Limits
        from pynetdb.protocols.chat.shared_room import SharedRoom
        from pynetdb.protocols.valkey.resp import make_parser
        from pynetdb.servers.chat.broker_link import BrokerLink

        place = self.place
        assert place is not None  # noqa: S101 - else nobody asks
        make_parser()
        limits = Limits(int(self.lease * 1000), int((self.ttl or 0) * 1000))
        room = SharedRoom(_new_server, limits, motd, history, kept=kept, introduces=introduces)
        tls = ClientTls.trusting(place.host, self.authorities, "room authorities") if place.tls else None
        return room, BrokerLink(room, place, limits, tls, history)


def _new_server() -> str:
    """Return a name for this server that no other has, by which people can tell where it runs."""
    import os
    import platform
    import secrets

    host = "".join(letter for letter in platform.node() if letter.isalnum() or letter in ".-")
    return f"{host or 'server'}:{os.getpid()}:{secrets.token_hex(4)}"


def _choose(
    room: str | None, room_ttl: float | None, room_lease: float, room_cacert: str | None
) -> RoomChoice:
    if room is None:
        for name, value in (("--room-ttl", room_ttl), ("--room-cacert", room_cacert)):
            if value is not None:
                raise click.UsageError(f"{name} is for --room: give a URL")
        return RoomChoice(None, None, room_lease, None)
    from pynetdb.protocols.valkey.place import parse_place

    place = parse_argument("--room", parse_place, room)
    if room_cacert is not None and not place.tls:
        raise click.UsageError("--room-cacert is for a room by TLS: expected valkeys:// or rediss://")
    if room_lease < _MIN_LEASE:
        raise click.UsageError(f"--room-lease is {room_lease:g} s, expected at least {_MIN_LEASE:g} s")
    if room_ttl is not None and room_ttl < 3 * room_lease:
        raise click.UsageError(
            f"--room-ttl is {room_ttl:g} s, expected at least three times --room-lease ({3 * room_lease:g} s)"
        )
    return RoomChoice(place, room_ttl, room_lease, room_cacert)


room_options: Decorator = gathered("choice", _OPTIONS, _choose)
"""--room, --room-ttl, --room-lease and --room-cacert, as `choice`."""
