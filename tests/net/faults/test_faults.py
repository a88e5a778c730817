"""Chance that can be repeated, and who is told of it."""

from pynetdb.events import Event, Events, FaultInjected
from pynetdb.narration import Call, Narrator, Observer
from pynetdb.net.faults.faults import EXPLANATIONS, Faults, FaultTeller
from pynetdb.net.faults.specs import FORMS, parse_specs
from pynetdb.net.network import Network


class Listener(Observer):
    """Remembers all that it is told."""

    wants_details = True
    wants_words = False

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.calls: list[Call] = []

    def receive(self, event: Event) -> None:
        self.events.append(event)

    def on_call(self, call: Call) -> None:
        self.calls.append(call)

    def watch(self, failed: object) -> None:
        """It cannot fail."""


def refusals(seed: int | None) -> list[bool]:
    faults = Faults(parse_specs(["refuse=30%"]), seed)
    return [faults.refuses() for _ in range(1000)]


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    assert refusals(7) == refusals(7) != refusals(8)
    assert 220 < sum(refusals(7)) < 380


def test_without_a_seed_one_is_chosen_and_known() -> None:
    first = Faults(parse_specs(["refuse=30%"]))
    again = Faults(parse_specs(["refuse=30%"]), first.seed)
    assert [first.refuses() for _ in range(99)] == [again.refuses() for _ in range(99)]


def test_every_name_has_a_sequence_of_its_own() -> None:
    faults = Faults(parse_specs(["drop=1%"]), 1)
    assert (
        len({faults.sequence(*names).random() for names in ((), ("delay", 1), ("delay", 2), ("drop", 1))})
        == 4
    )


def test_every_fault_has_its_explanation() -> None:
    assert {form.partition("=")[0] for form in FORMS} == set(EXPLANATIONS)


def test_a_fault_is_told_as_ours() -> None:
    listener = Listener()
    network = Network(Narrator([listener]), Events([listener]))
    FaultTeller(network, "#3", 3, "sent").tell("stall", ("127.0.0.1", 4711), 1000, 5.0)
    event, call = listener.events[0], listener.calls[0]
    assert isinstance(event, FaultInjected)
    assert (event.connection, event.peer, event.fault) == (3, "127.0.0.1:4711", "stall")
    assert event.to_json()["seconds"] == 5.0
    assert event.line() == "#3 fault of ours: stall of 5000.0 ms, after 1000 bytes"
    assert (call.who, call.call, call.arguments) == ("#3", "fault", ["stall", "5000.0 ms"])
    assert call.note.startswith("a fault of ours")


def test_with_nobody_listening_nothing_is_made() -> None:
    FaultTeller(Network(), "server", None, "received").tell("drop", "anybody", 1)
