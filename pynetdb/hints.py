"""What errors hint at, in the words of the command line."""

from pynetdb.errors import PynetdbError

HINTS = {
    "no such database": "{} (pynetdb db-create makes one)",
    "no table for data": "{} (--create makes it from the data, db-create by hand)",
    "no table for values": "{} (--create makes it from the values, db-create by hand)",
    "no column": "{} (--alter adds it)",
    "table exists": "{} (--if-not-exists keeps it, --replace drops it)",
    "reading only": "{} (--write allows it)",
    "several statements": "{} (--write runs several, each with its values written into it)",
    "tables listed": "{} (db-query {about} without SQL lists the tables)",
    "schema shown": "{} (--schema shows how tables were made, 'pragma table_info(NAME)' one's columns)",
    "format chosen": "{} (--format, --vertical and --null say how rows look)",
    "output file": "{} (-o FILE takes the rows)",
    "data loaded": "{} (pynetdb db-insert {about} TABLE --from FILE loads data)",
    "script read": "{} (--write - < FILE runs a script)",
    "database named": "{} (DB is the first argument, --attach reads another one beside it)",
    "nothing to leave": "{} (each command is over when its SQL is, so there is nothing to leave)",
    "values given": "{} (-P NAME=VALUE and -V VALUE give values)",
    "time limited": "{} (--timeout says how long)",
    "plan shown": "{} (--plan shows the plan of a statement)",
    "help shown": "{} (pynetdb db-query --help lists what there is)",
    "data file": "{} (pynetdb db-query :memory: --load {about} SQL reads a data file)",
    "interrupted": "{} (opening it with --write, or with any program that writes, recovers it)",
    "key": "--pk {}",
    "script": "--sql {}",
    "delimiter": "--delimiter {}",
    "encoding": "--encoding {}",
    "not in the encoding": "{} (--encoding says what the file is in)",
    "another encoding": "{} (--encoding {about} reads it)",
    "several encodings": "{} (--encoding says which: {about})",
    "row that does not fit": "{} (--lenient makes it fit, --skip leaves out lines in front)",
    "stray quote": "{} (--lenient takes it as it stands, --quote none all of them)",
    "ambiguous delimiter": "{} (--delimiter says which)",
    "quote": "--quote {}",
    "columns": "--columns {}",
    "column type": "--type {}",
    "decimal comma": "{} (--decimal , makes {about} a number)",
    "options of delimited text": "--delimiter, --no-header and their like {}",
    "options of JSON": "--at and --flatten {}",
    "strict": "--strict: {}",
    "attach": "--attach {}",
    "no key": "{} (--on-conflict needs one)",
    "value for $1": "{}, which gets its value by -V VALUE",
    "number of numbered values": "{} (-V VALUE for each of $1, $2...)",
    "question mark": "{} (here ? is an operator: -V VALUE is for $1, -P NAME=VALUE for :NAME)",
    "value for ?": "{}, which gets its value by -V VALUE",
    "value for a name": "{}, which gets its value by -P {about}=VALUE",
    "number of values": "{} (-V VALUE for each ?, -P NAME=VALUE for each :NAME)",
    "name of a value": "-P {}",
    "deadline": "{} (--timeout)",
    "IPv4 alone": "{} (-4)",
    "IPv6 alone": "{} (-6)",
    "stall": "{} (--stall)",
    "certificate": "{} (--insecure goes on without a check)",
    "authorities": "--cacert {}",
    "room authorities": "--room-cacert {}",
    "part stays": "{} (-C goes on from there)",
    "wrong part": "{} (without -C it is fetched from the beginning)",
    "file in the way": "{} (-o {about} replaces it)",
    "no name": "{} (-o FILE gives it one)",
    "binary": "{} (-o FILE saves it, -o - prints it all the same)",
    "size of a body": "{} (--max-size)",
    "search": "--find: {}",
    "offset": "{} (--max-offset)",
    "recipient": "{} (--to)",
    "connection refused": "{}; pynetdb {about} starts one",
    "address in use": "{} (by another server? --port 0 takes a free port)",
    "socket file": "--unix {}",
    "ready file": "--ready-file {}",
    "trace": "--trace {}",
    "port as folder": "{} (a port is given by -p)",
    "program as folder": "{} (what is to run stands after --)",
    "hexadecimal": "{} (--hex)",
    "payload file": "--file {}",
    "fault": "--fault {}",
    "kiss": "--kiss {}",
    "broadcast": "{} (--broadcast allows a broadcast address)",
}
"""How an error's message reads on the command line, by the error's `hint`: lower floors name no option."""


def error_message(error: PynetdbError) -> str:
    """Return an error's message for the command line, with the option that would help if it hints at one."""
    about = error.about
    if error.hint == "connection refused":
        about = _name_server(about)
    if error.hint == "part stays" and getattr(error.__cause__, "hint", None) == "wrong part":
        return str(error)  # To go on from there would fail again.
    if error.hint is None or (error.hint == "connection refused" and not about):
        return str(error)
    return HINTS[error.hint].format(error, about=about)


def _name_server(place: str) -> str:
    """Return the command that serves at `tcp HOST:PORT` by default; nothing for somebody else's port."""
    from pynetdb.services import OWN_PORTS

    transport, _, address = place.partition(" ")
    port = address.rpartition(":")[2]
    return OWN_PORTS.get((transport, int(port)), "") if port.isascii() and port.isdigit() else ""
