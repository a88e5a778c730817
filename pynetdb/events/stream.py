"""The stream of events: who emits them, and who is told."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from pynetdb.errors import PynetdbError

if TYPE_CHECKING:
    from pynetdb.events.event import Event


class Subscriber(Protocol):
    """Somebody who is told of events. Neither method may block for long: the loop calls `receive`."""

    wants_details: bool
    """Whether events of single connections, requests and datagrams are wanted too."""
    wants_words: bool
    """Whether events that hold what somebody said are wanted too."""

    def receive(self, event: "Event", /) -> None:
        """Take note of an event."""

    def watch(self, failed: Callable[[OSError], None], /) -> None:
        """Call `failed`, perhaps from another thread, when what is told can be shown no more."""

    def close(self) -> None:
        """Finish what is under way. Raises PynetdbError or OSError if something could not be kept."""


class Events:
    """Tells every subscriber of every event. One without subscribers is false.

    Making an event costs more than echoing a line, so whoever emits asks first: `if events:`, and
    `if events.wants_details:` where the event is of a single connection, request or datagram.
    """

    def __init__(self, subscribers: Iterable[Subscriber] = ()) -> None:
        self._subscribers: list[Subscriber] = []
        # Who receives details, and who receives what is none.
        self._receivers: dict[bool, list[Callable[[Event], None]]] = {True: [], False: []}
        self.wants_details = self.wants_words = self.wants_bodies = False
        for subscriber in subscribers:
            self.subscribe(subscriber)

    def __bool__(self) -> bool:
        return bool(self._subscribers)

    def subscribe(self, subscriber: Subscriber, *, bodies: bool = False) -> None:
        """Tell one more. To be called before those are made who emit: they ask once what is wanted.

        `bodies`: also what was in requests, answers and datagrams, where events have a field for it.
        """
        self.wants_bodies = self.wants_bodies or bodies
        self._subscribers.append(subscriber)
        self._receivers[False].append(subscriber.receive)
        if subscriber.wants_details:
            self._receivers[True].append(subscriber.receive)
        self.wants_details = self.wants_details or subscriber.wants_details
        self.wants_words = self.wants_words or subscriber.wants_words

    def emit(self, event: "Event") -> None:
        """Tell of `event` whoever wants it."""
        for receive in self._receivers[event.detail]:
            receive(event)

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Call `failed`, perhaps from another thread, when a subscriber can show nothing any more."""
        for subscriber in self._subscribers:
            subscriber.watch(failed)

    def close(self) -> None:
        """Let every subscriber finish. Raises the first of their errors, once all have."""
        failure: PynetdbError | OSError | None = None
        for subscriber in self._subscribers:
            try:
                subscriber.close()
            except (PynetdbError, OSError) as error:
                failure = failure or error
        self._subscribers.clear()
        self._receivers = {True: [], False: []}
        self.wants_details = self.wants_words = self.wants_bodies = False
        if failure is not None:
            raise failure


def preload(*modules: str) -> None:
    """Import modules of event classes (`connections`, `chat`...) now, while there are descriptors for it.

    Whoever emits imports the class where it emits, so that nobody pays for it who has no audience. A server
    that has run out of descriptors could not do that for the first time.
    """
    for module in modules:
        import_module(f"pynetdb.events.{module}")
