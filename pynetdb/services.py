"""The well-known services: names, ports, what for, and who in Python speaks them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Service(NamedTuple):
    """One service, at the port that IANA or habit gave it."""

    name: str
    port: int
    protocol: str
    """`tcp`, `udp` or `tcp/udp`."""
    purpose: str
    module: str | None = None
    """The module of the standard library that speaks it."""
    command: str | None = None
    """Which commands of ours do."""
    aliases: tuple[str, ...] = ()
    """Other names that services files and courses have for it."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of its names."""
        return (self.name, *self.aliases)

    @property
    def protocols(self) -> tuple[str, ...]:
        """`tcp`, `udp`, or both."""
        return tuple(self.protocol.split("/"))


OWN_PORTS = {
    ("tcp", 9128): "serve-echo",
    ("udp", 9128): "serve-echo --udp",
    ("tcp", 8080): "serve-http",
    ("tcp", 9000): "chat-server",
    ("udp", 9999): "udp-recv",
    ("udp", 1123): "serve-time",
    ("tcp", 1013): "serve-time --protocol daytime",
    ("udp", 1013): "serve-time --protocol daytime",
    ("tcp", 1037): "serve-time --protocol time",
    ("udp", 1037): "serve-time --protocol time",
}
"""What serves at our default ports, by transport and number."""

_HTTP = "http.client, urllib.request, http.server"

SERVICES = (
    Service("echo", 7, "tcp/udp", "sends back what it gets", None, "serve-echo, echo-client"),
    Service("discard", 9, "tcp/udp", "throws away what it gets", aliases=("sink", "null")),
    Service("systat", 11, "tcp", "who is logged in", aliases=("users",)),
    Service("daytime", 13, "tcp/udp", "the time as a line of text", None, "serve-time, time-query"),
    Service("qotd", 17, "tcp/udp", "a quotation of the day", aliases=("quote",)),
    Service("chargen", 19, "tcp/udp", "characters without end", aliases=("ttytst", "source")),
    Service("ftp-data", 20, "tcp", "files, the data of FTP", "ftplib"),
    Service("ftp", 21, "tcp", "file transfer", "ftplib, urllib.request"),
    Service("ssh", 22, "tcp", "a shell on another machine, encrypted", aliases=("sftp", "scp")),
    Service("telnet", 23, "tcp", "a shell on another machine, in clear", "telnetlib (until 3.12)"),
    Service("smtp", 25, "tcp", "mail between servers", "smtplib", aliases=("mail",)),
    Service("time", 37, "tcp/udp", "the time as four bytes", None, "serve-time, time-query"),
    Service("whois", 43, "tcp", "who owns a name or an address", aliases=("nicname",)),
    Service("tacacs", 49, "tcp/udp", "log in to routers"),
    Service("domain", 53, "tcp/udp", "names to addresses (DNS)", "socket.getaddrinfo", aliases=("dns",)),
    Service("bootps", 67, "udp", "addresses for hosts, the server (DHCP)", aliases=("dhcp",)),
    Service("bootpc", 68, "udp", "addresses for hosts, the client (DHCP)", aliases=("dhcp-client",)),
    Service("tftp", 69, "udp", "file transfer for booting"),
    Service("gopher", 70, "tcp", "menus and documents, before the web"),
    Service("finger", 79, "tcp", "about a user"),
    Service("http", 80, "tcp", "web pages", _HTTP, "serve-http, http-get", ("www",)),
    Service("kerberos", 88, "tcp/udp", "tickets to log in with", aliases=("kerberos5", "krb5")),
    Service("pop3", 110, "tcp", "fetch mail", "poplib", aliases=("pop-3",)),
    Service("sunrpc", 111, "tcp/udp", "where remote procedures are", aliases=("portmapper", "rpcbind")),
    Service("auth", 113, "tcp", "whose connection this is", aliases=("authentication", "tap", "ident")),
    Service("nntp", 119, "tcp", "news groups", "nntplib (until 3.12)", aliases=("readnews", "untp")),
    Service("ntp", 123, "udp", "the time, to the microsecond", None, "serve-time, time-query"),
    Service("epmap", 135, "tcp/udp", "remote procedures of Windows", aliases=("loc-srv", "msrpc")),
    Service("netbios-ns", 137, "udp", "names of Windows machines"),
    Service("netbios-dgm", 138, "udp", "datagrams of Windows machines"),
    Service("netbios-ssn", 139, "tcp", "shared folders, the old way"),
    Service("imap", 143, "tcp", "read mail on the server", "imaplib", aliases=("imap2", "imap4")),
    Service("snmp", 161, "tcp/udp", "watch and manage devices"),
    Service("snmp-trap", 162, "tcp/udp", "devices that report by themselves", aliases=("snmptrap",)),
    Service("bgp", 179, "tcp", "routes between providers"),
    Service("irc", 194, "tcp", "chat (most servers use 6667)"),
    Service("ldap", 389, "tcp/udp", "a directory of people and machines"),
    Service("https", 443, "tcp/udp", "web pages, encrypted (UDP: HTTP/3)", f"{_HTTP}, ssl", "http-get"),
    Service("microsoft-ds", 445, "tcp/udp", "shared folders (SMB)", aliases=("smb", "cifs")),
    Service("submissions", 465, "tcp", "hand in mail, encrypted", "smtplib", None, ("ssmtp", "smtps", "urd")),
    Service("syslog", 514, "udp", "messages of the system", "logging.handlers"),
    Service("shell", 514, "tcp", "a command on another machine, in clear", aliases=("cmd", "rsh")),
    Service("printer", 515, "tcp", "print, the old way", aliases=("spooler", "lpd")),
    Service("dhcpv6-client", 546, "udp", "IPv6 addresses for hosts, the client"),
    Service("dhcpv6-server", 547, "udp", "IPv6 addresses for hosts, the server"),
    Service("rtsp", 554, "tcp/udp", "control of video streams"),
    Service("submission", 587, "tcp", "hand in mail", "smtplib"),
    Service("ipp", 631, "tcp/udp", "print"),
    Service("ldaps", 636, "tcp/udp", "a directory, encrypted"),
    Service("domain-s", 853, "tcp/udp", "names to addresses, encrypted (DNS over TLS)", aliases=("dot",)),
    Service("rsync", 873, "tcp", "copies of folders"),
    Service("ftps-data", 989, "tcp", "files, the data of FTP, encrypted", "ftplib"),
    Service("ftps", 990, "tcp", "file transfer, encrypted", "ftplib"),
    Service("imaps", 993, "tcp", "read mail on the server, encrypted", "imaplib"),
    Service("pop3s", 995, "tcp", "fetch mail, encrypted", "poplib"),
    Service("socks", 1080, "tcp", "a proxy for any connection"),
    Service("openvpn", 1194, "tcp/udp", "a private network over a public one"),
    Service("ms-sql-s", 1433, "tcp", "the database SQL Server", aliases=("mssql", "sqlserver")),
    Service("oracle", 1521, "tcp", "the Oracle database", aliases=("oracle-tns", "ncube-lm")),
    Service("radius", 1812, "udp", "who may use the network"),
    Service("mqtt", 1883, "tcp", "messages of sensors"),
    Service("ssdp", 1900, "udp", "finds devices at home (UPnP)"),
    Service("nfs", 2049, "tcp/udp", "shared folders of Unix"),
    Service("zookeeper", 2181, "tcp", "agreement among servers"),
    Service("docker", 2375, "tcp", "control of containers, in clear"),
    Service("docker-s", 2376, "tcp", "control of containers, encrypted"),
    Service("squid", 3128, "tcp", "a proxy for web pages"),
    Service("mysql", 3306, "tcp", "the databases MySQL and MariaDB", aliases=("mariadb",)),
    Service("rdp", 3389, "tcp/udp", "the screen of a Windows machine", aliases=("ms-wbt-server",)),
    Service("stun", 3478, "tcp/udp", "one's own address behind a router", aliases=("turn",)),
    Service("svn", 3690, "tcp", "source code in Subversion", aliases=("subversion",)),
    Service("sip", 5060, "tcp/udp", "telephone calls"),
    Service("sips", 5061, "tcp", "telephone calls, encrypted", aliases=("sip-tls",)),
    Service("xmpp-client", 5222, "tcp", "chat (Jabber)", aliases=("jabber", "jabber-client")),
    Service("mdns", 5353, "udp", "names on the local network, without a server", aliases=("bonjour",)),
    Service("postgresql", 5432, "tcp", "the database PostgreSQL", aliases=("postgres",)),
    Service("amqp", 5672, "tcp", "queues of messages", aliases=("rabbitmq",)),
    Service("vnc", 5900, "tcp", "the screen of another machine", aliases=("rfb",)),
    Service("couchdb", 5984, "tcp", "the database CouchDB"),
    Service("x11", 6000, "tcp", "windows of Unix", aliases=("x11-0", "x-server")),
    Service("redis", 6379, "tcp", "the key-value store Redis"),
    Service("ircd", 6667, "tcp", "chat (Internet Relay Chat)"),
    Service("ircs-u", 6697, "tcp", "chat, encrypted", aliases=("ircs",)),
    Service("http-alt", 8080, "tcp", "web pages, of a second server", _HTTP, "serve-http", ("webcache",)),
    Service("https-alt", 8443, "tcp", "web pages, encrypted, of a second server", aliases=("pcsync-https",)),
    Service("secure-mqtt", 8883, "tcp", "messages of sensors, encrypted", aliases=("mqtts",)),
    Service("prometheus", 9090, "tcp", "measurements of servers"),
    Service("kafka", 9092, "tcp", "streams of messages"),
    Service("jetdirect", 9100, "tcp", "print, bytes alone", aliases=("hp-pdl-datastr", "pdl-datastream")),
    Service("elasticsearch", 9200, "tcp", "search in documents"),
    Service("git", 9418, "tcp", "source code in Git, in clear"),
    Service("memcached", 11211, "tcp/udp", "a cache for other servers", aliases=("memcache",)),
    Service("minecraft", 25565, "tcp", "a game's worlds"),
    Service("mongodb", 27017, "tcp", "the database MongoDB"),
    Service("wireguard", 51820, "udp", "a private network over a public one"),
)
"""By port."""


def lookup(name: str, protocol: str) -> int | None:
    """Return the port of a service, by any of its names in any case, for `tcp` or `udp`; None if unknown."""
    wanted = name.lower()
    for service in SERVICES:
        if wanted in service.names and protocol in service.protocols:
            return service.port
    return None


def find_by_name(wanted: str) -> list[Service]:
    """Return the services with that number, or with that name in any case."""
    if is_number(wanted):
        number = wanted.lstrip("0") or "0"
        return [service for service in SERVICES if str(service.port) == number]
    return [service for service in SERVICES if wanted.lower() in service.names]


def find_by_part(part: str) -> list[Service]:
    """Return the services that have `part` in one of their names; a number is no part of a name."""
    if is_number(part):
        return []
    return [service for service in SERVICES if any(part.lower() in name for name in service.names)]


def is_number(wanted: str) -> bool:
    """Whether a port is meant; it need not be one that exists."""
    return wanted.isascii() and wanted.isdigit()


# Beside what a system's own services file says

PROTOCOLS = ("tcp", "udp")
COLUMNS = ("name", "port", "protocol", "purpose", "module", "command", "remark")

Row = tuple[str | int | None, ...]
PortOf = Callable[[str, str], int | None]
"""The system's port for a name and `tcp` or `udp`."""
NameOf = Callable[[int, str], str | None]
"""The system's name for a port (0-65535) and `tcp` or `udp`."""


def rows(wanted: str | None, port_of: PortOf, name_of: NameOf) -> list[Row]:
    """Return the services that `wanted` names, all for None, as rows of COLUMNS.

    One that only the system knows comes as it knows it, before those of ours that its name is merely
    a part of. Empty if nobody knows any.
    """

    def beside(services: Sequence[Service]) -> list[Row]:
        return [(*service[:6], local_difference(service, port_of, name_of)) for service in services]

    if wanted is None:
        return beside(SERVICES)
    return beside(find_by_name(wanted)) or _find_in_system(wanted, port_of, name_of) + beside(
        find_by_part(wanted)
    )


def local_difference(service: Service, port_of: PortOf, name_of: NameOf) -> str | None:
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


def _find_in_system(wanted: str, port_of: PortOf, name_of: NameOf) -> list[Row]:
    """What our table lacks, a row for each transport."""
    found: list[Row] = []
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
            found.append((name, port, protocol, None, None, None, "from this system's services file"))
    return found
