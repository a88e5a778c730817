"""Our table of services beside what a system's own services file says."""

from collections.abc import Callable, Sequence

from pynetdb.services import SERVICES, Service, called, containing, is_number

PROTOCOLS = ("tcp", "udp")
COLUMNS = ("name", "port", "protocol", "purpose", "module", "command", "remark")

Row = tuple[str | int | None, ...]
PortOf = Callable[[str, str], int | None]
"""The system's port for a name and `tcp` or `udp`."""
NameOf = Callable[[int, str], str | None]
"""The system's name for a port (0-65535) and `tcp` or `udp`."""


def listed(wanted: str | None, port_of: PortOf, name_of: NameOf) -> list[Row]:
    """Return the services that `wanted` names, all for None, as rows of COLUMNS.

    One that only the system knows comes as it knows it, before those of ours that its name is merely
    a part of. Empty if nobody knows any.
    """

    def beside(services: Sequence[Service]) -> list[Row]:
        return [(*service[:6], remark(service, port_of, name_of)) for service in services]

    if wanted is None:
        return beside(SERVICES)
    return beside(called(wanted)) or _of_the_system(wanted, port_of, name_of) + beside(containing(wanted))


def remark(service: Service, port_of: PortOf, name_of: NameOf) -> str | None:
    """Say where the system differs; None where it agrees or is silent."""
    differences = []
    for protocol in service.protocols:
        port = port_of(service.name, protocol)
        name = name_of(service.port, protocol)
        if port is not None and port != service.port:
            differences.append(f"{service.name} is {port}/{protocol} here")
        if name is not None and name.lower() not in service.names:
            differences.append(f"{service.port}/{protocol} is {name} here")
    return "; ".join(differences) or None


def _of_the_system(wanted: str, port_of: PortOf, name_of: NameOf) -> list[Row]:
    """What our table lacks, a row for each transport."""
    rows: list[Row] = []
    for protocol in PROTOCOLS:
        name: str | None = wanted
        if is_number(wanted):
            # More digits than a port has are no port, however many there are.
            digits = wanted.lstrip("0") or "0"
            port = int(digits) if len(digits) <= 5 else None
            name = name_of(port, protocol) if port is not None and port < 65536 else None
        else:
            port = port_of(wanted, protocol)
        if name is not None and port is not None:
            rows.append((name, port, protocol, None, None, None, "from this system's services file"))
    return rows
