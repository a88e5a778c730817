"""What happened, as frozen dataclasses: each knows its JSON object and its line for people.

Servers and clients `emit` events; who wants to know subscribes. Every field is a plain value (texts,
numbers, None), so that a subscriber can write an event anywhere without asking who made it. Imports
errors alone.

The classes can be had from here (`from pynetdb.events import Connected`) and are made when they are first
asked for: to define one costs a third of a millisecond, and no server needs them all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pynetdb.events.chat import (
        CommandRefused,
        MemberJoined,
        MemberLeft,
        MessageSaid,
        PrivateMessageSaid,
        StrangerTurnedAway,
    )
    from pynetdb.events.connections import (
        Closed,
        Connected,
        DatagramIgnored,
        DatagramReceived,
        DatagramSent,
        Refused,
    )
    from pynetdb.events.event import Event
    from pynetdb.events.exchange import ExchangeDone
    from pynetdb.events.faults import FaultInjected
    from pynetdb.events.life import Exhausted, Gap, Ready, Stopped
    from pynetdb.events.reach import CertificateMade, WebReady
    from pynetdb.events.receiving import ReceivingDone
    from pynetdb.events.response import ResponseReceived
    from pynetdb.events.rooms import BrokerLost, BrokerReached, HappenedElsewhere
    from pynetdb.events.sample import TimeSampled
    from pynetdb.events.services import RequestServed, TimeAnswered
    from pynetdb.events.stream import Events, Subscriber

_PLACES = {
    "chat": (
        "CommandRefused",
        "MemberJoined",
        "MemberLeft",
        "MessageSaid",
        "PrivateMessageSaid",
        "StrangerTurnedAway",
    ),
    "connections": ("Closed", "Connected", "DatagramIgnored", "DatagramReceived", "DatagramSent", "Refused"),
    "event": ("Event",),
    "exchange": ("ExchangeDone",),
    "faults": ("FaultInjected",),
    "life": ("Exhausted", "Gap", "Ready", "Stopped"),
    "reach": ("CertificateMade", "WebReady"),
    "receiving": ("ReceivingDone",),
    "response": ("ResponseReceived",),
    "rooms": ("BrokerLost", "BrokerReached", "HappenedElsewhere"),
    "sample": ("TimeSampled",),
    "services": ("RequestServed", "TimeAnswered"),
    "stream": ("Events", "Subscriber"),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "BrokerLost",
    "BrokerReached",
    "CertificateMade",
    "Closed",
    "CommandRefused",
    "Connected",
    "DatagramIgnored",
    "DatagramReceived",
    "DatagramSent",
    "Event",
    "Events",
    "ExchangeDone",
    "Exhausted",
    "FaultInjected",
    "Gap",
    "HappenedElsewhere",
    "MemberJoined",
    "MemberLeft",
    "MessageSaid",
    "PrivateMessageSaid",
    "Ready",
    "ReceivingDone",
    "Refused",
    "RequestServed",
    "ResponseReceived",
    "Stopped",
    "StrangerTurnedAway",
    "Subscriber",
    "TimeAnswered",
    "TimeSampled",
    "WebReady",
]


def __getattr__(name: str) -> Any:
    """Import the module that defines `name` (PEP 562)."""
    if name not in _PLACE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACE_OF[name]}"), name)
