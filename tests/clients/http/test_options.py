"""What a fetch took, added up over its connections."""

from pynetdb.clients.http.options import Phases


def test_phases_add_up_but_for_the_total() -> None:
    phases = Phases(total=1.0)
    phases.add(Phases(dns=0.001, connect=0.002, first_byte=0.003, total=9.0))
    assert phases.tls is None
    phases.add(Phases(dns=0.001, tls=0.004))
    assert phases.milliseconds() == {
        "dns": 2.0,
        "connect": 2.0,
        "tls": 4.0,
        "first_byte": 3.0,
        "total": 1000.0,
    }
