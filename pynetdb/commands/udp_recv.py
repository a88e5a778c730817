"""pynetdb udp-recv."""

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from pynetdb.narration import Narrator
from pynetdb.params import ByteCount, ServerCommand, narration_options, output_options, server_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.process.lifecycle import Hosting
    from pynetdb.servers.udp import Datagram, Receiver


@click.command("udp-recv", cls=ServerCommand)
@server_options(port=9999, counts="datagrams", clients=False, protocol="udp")
@click.option("--reply", metavar="TEXT", help="Answer each datagram with TEXT, cut to the size of what came.")
@click.option("--hex", "hex_", is_flag=True, help="Show payloads in hexadecimal.")
@click.option("--bytes", "bytes_", is_flag=True, help="Write payloads alone, exactly, to standard output.")
@click.option(
    "--buffer",
    metavar="BYTES",
    type=ByteCount(1, 2**30),
    default="4MiB",
    show_default=True,
    help="Room to ask of the kernel for datagrams that wait (SO_RCVBUF).",
)
@click.option("--group", metavar="ADDRESS", help="Join this multicast group, on the interface of --host.")
@narration_options
@output_options("table", "json", "jsonl", "csv", "tsv")
@click.pass_context
def udp_recv(
    ctx: click.Context,
    hosting: "Hosting",
    reply: str | None,
    hex_: bool,
    bytes_: bool,
    buffer: int,
    group: str | None,
    narrator: Narrator,
    output: Output,
) -> None:
    """Print each datagram that arrives, with its sender.

    With --format json, or with --quiet, datagrams are only counted, as fast as they come. The numbered
    headers of `udp-send --sequence` are recognised: the end then tells loss, order and jitter.
    """
    from pynetdb.net.process.lifecycle import host
    from pynetdb.servers.udp import Receiver

    interfaces = [hosting.host]
    if group is not None:
        _check_group(group, hosting.host)
        if ctx.get_parameter_source("host") is ParameterSource.DEFAULT:
            # Where `udp-send` to the group goes by default: the network's interface, or else loopback.
            interfaces.append("0.0.0.0")  # noqa: S104 - the system's choice of an interface
        hosting = hosting._replace(host="0.0.0.0")  # noqa: S104 - the group's datagrams come to its address
    server = hosting.server("udp-recv", narrator, output)
    server.tells = False  # Each datagram is told by ourselves.
    view = _View(output, hex_, bytes_)
    counting = not bytes_ and (output.format == "json" or (output.format == "table" and output.verbosity < 0))
    answer = None if reply is None else reply.encode("utf-8", "surrogateescape")
    receiver = Receiver(
        server,
        None if counting else view.show,
        reply=answer,
        buffer=buffer,
        group=group,
        interfaces=interfaces,
    )
    server.serve_datagrams(receiver)
    server.stopped = receiver.last_look
    server.goodbye = lambda summary: view.finished(summary, receiver)
    ctx.exit(host(server, hosting, scheme="udp", client="udp-send"))


def _check_group(group: str, interface: str) -> None:
    import ipaddress

    try:
        multicast = ipaddress.IPv4Address(group).is_multicast
        ipaddress.IPv4Address(interface)
    except ValueError as error:
        raise click.UsageError(f"--group {group}: expected IPv4 addresses, here and for --host") from error
    if not multicast:
        raise click.UsageError(f"--group {group}: expected a multicast address, 224.0.0.0 to 239.255.255.255")


class _View:
    """What the user sees of datagrams and of the end."""

    def __init__(self, output: Output, hex_: bool, bytes_: bool) -> None:
        self._output = output
        self._hex = hex_
        self._bytes = bytes_
        self._header_due = output.format in ("csv", "tsv")

    def show(self, datagram: "Datagram") -> None:
        if self._bytes:
            self._output.bytes(datagram.payload)
            return
        from pynetdb.narration import timestamp
        from pynetdb.net.addresses import written

        sender = written(datagram.sender)
        key, text = self._shown(datagram.payload)
        form = self._output.format
        if form == "jsonl":
            event: dict[str, Any] = {
                "event": "datagram",
                "from": sender,
                "bytes": len(datagram.payload),
                key: text,
            }
            if datagram.header is not None:
                event["sequence"] = datagram.header.number
            self._output.event({**event, "time": timestamp(datagram.time)})
        elif form in ("csv", "tsv"):
            row = (sender, len(datagram.payload), timestamp(datagram.time), text)
            self._output.rows(("from", "bytes", "time", "payload"), [row], header=self._header_due)
            self._header_due = False
        else:
            self._output.text(f"{sender}  {text}")

    def _shown(self, payload: bytes) -> tuple[str, str]:
        """Text where it is text, hexadecimal where that would lose something."""
        if not self._hex:
            try:
                return "text", payload.decode("utf-8")
            except UnicodeDecodeError:
                pass
        return "hex", payload.hex()

    def finished(self, summary: dict[str, Any], receiver: "Receiver") -> None:
        told: dict[str, Any] = {
            "datagrams": summary["datagrams"],
            "bytes": summary["bytes_received"],
            "seconds": summary["seconds"],
            **receiver.sequence_summary(),
        }
        if receiver.dropped is not None:
            told["dropped"] = receiver.dropped
        form = self._output.format
        if form == "jsonl":
            self._output.event({"event": "summary", **told})
        elif form == "json":
            self._output.document(told)
        elif self._header_due:
            self._output.rows(("from", "bytes", "time", "payload"), [])
        plural = "" if told["datagrams"] == 1 else "s"
        line = (
            f"udp-recv: {told['datagrams']} datagram{plural}, {told['bytes']} bytes in {told['seconds']:g} s"
        )
        if "lost" in told:
            line += f", {told['lost']} lost, {told['reordered']} out of order, {told['duplicates']} twice"
            line += f", jitter {told['jitter_ms']:g} ms"
        if told.get("dropped"):
            line += f"; {told['dropped']} dropped by the kernel (--buffer)"
        if receiver.cut:
            replies = "reply" if receiver.cut == 1 else "replies"
            line += f"; {receiver.cut} {replies} cut to the size of what came"
        if receiver.unanswered:
            line += f"; {receiver.unanswered} not answered: they came from a service, or from everybody"
        self._output.talk(line)
