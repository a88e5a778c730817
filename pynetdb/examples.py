"""What each command is typed for: the lines at the end of its help."""

EXAMPLES = {
    "serve-echo": (
        ("pynetdb serve-echo", "until ^C"),
        ("pynetdb serve-echo --explain -- pynetdb echo-client hello", "its calls, explained"),
        ("pynetdb serve-echo --greeting Hi --fault delay=1s", "speaks after a second"),
    ),
    "echo-client": (
        ("pynetdb echo-client hello", "to pynetdb serve-echo"),
        ("pynetdb echo-client --explain", "listens alone: a half-close"),
        ("pynetdb echo-client --count 1000 hello", "round-trip times"),
    ),
    "serve-http": (
        ("pynetdb serve-http photos --host 0.0.0.0", "for phones too"),
        ("pynetdb serve-http site --port 0 -- npm test", "while a test runs"),
    ),
    "http-get": (
        ("pynetdb http-get http://127.0.0.1:8080/", "the page"),
        ("pynetdb http-get -I http://127.0.0.1:8080/", "its head alone"),
        ("pynetdb http-get http://127.0.0.1:8080/ --find '<h1>(.*?)</h1>'", "what matches"),
        ("pynetdb http-get -O http://127.0.0.1:8080/photo.jpg", "into a file of that name"),
    ),
    "chat-server": (
        ("pynetdb chat-server", "for pynetdb chat-client"),
        ("pynetdb chat-server --web 8000 --host 0.0.0.0", "for phones too"),
    ),
    "chat-client": (
        ("pynetdb chat-client", "asks for a name"),
        ("pynetdb chat-client --name Ann --say 'hello, all'", "join, say it, leave"),
    ),
    "serve-time": (
        ("pynetdb serve-time", "NTP, for pynetdb time-query"),
        ("pynetdb serve-time --skew 2h", "a clock that is wrong"),
    ),
    "time-query": (
        ("pynetdb time-query", "our own serve-time"),
        ("pynetdb time-query pool.ntp.org time.nist.gov", "several, to compare"),
        ("pynetdb time-query --protocol daytime --sentence", "in words"),
    ),
    "udp-send": (
        ("pynetdb udp-send hello", "to pynetdb udp-recv"),
        ("pynetdb udp-send --sequence --count 1000 --rate 500", "numbered: what is lost is counted"),
    ),
    "udp-recv": (
        ("pynetdb udp-recv", "until ^C"),
        ("pynetdb udp-recv --count 1 --reply pong", "answers one, then ends"),
    ),
    "db-create": (
        ("pynetdb db-create school.db", "a new database"),
        ("pynetdb db-create school.db students id:int:pk name:text", "and a table in it"),
        ("pynetdb db-create bank.db bank --from bank.csv", "with the columns of a file"),
    ),
    "db-insert": (
        ("pynetdb db-insert school.db students name=Ann", "one row"),
        ("pynetdb db-insert school.db marks --from marks.csv --create", "a file, and its table"),
        (
            "pynetdb db-insert b.db t --from b.csv --create --encoding cp1252 --decimal ,",
            "a bank's file",
        ),
    ),
    "db-query": (
        ("pynetdb db-query school.db", "its tables and columns"),
        ("pynetdb db-query school.db 'select * from students'", "rows; --json, --format csv"),
        ("pynetdb db-query school.db --write 'delete from students where id = 7'", "changes it"),
    ),
    "ports": (
        ("pynetdb ports", "all"),
        ("pynetdb ports 443", "what is it?"),
    ),
    "wait": (
        ("pynetdb wait 127.0.0.1:5432 -- ./test.sh", "once somebody listens there"),
        ("pynetdb wait http://127.0.0.1:8080/health", "once it answers well"),
        ("pynetdb wait '!127.0.0.1:8080' --timeout 5s", "once nobody listens any more"),
    ),
    "draw": (
        ("pynetdb draw client.jsonl server.jsonl", "what two --trace files tell"),
        ("pynetdb draw net.db -o net.html", "a --journal, as a page"),
    ),
    "tour": (
        ("pynetdb tour", "all of it"),
        ("pynetdb tour --step echo", "one chapter, a key for each command"),
    ),
    "completion": (('eval "$(pynetdb completion bash)"', "in this shell"),),
    "help": (
        ("pynetdb help serve-http", "a command"),
        ("pynetdb help scripts", "what all have in common"),
        ("pynetdb help half-close", "where a word is told of"),
    ),
    "version": (("pynetdb version", ""),),
}
"""By command: lines as they are typed, each with what it is for."""


# With that a line and what it is for fit into the 80 columns of a terminal.
_MAX_LINE = 50


def format_examples(command: str) -> list[str]:
    """Return the lines of a command's examples, what they are for in a column of its own."""
    examples = EXAMPLES[command]
    width = max((len(line) for line, _ in examples if len(line) <= _MAX_LINE), default=0)
    shown = []
    for line, purpose in examples:
        if len(line) <= width:
            shown.append(f"{line:{width}}  {purpose}".rstrip())
        else:
            shown += [line, f"{'':{width}}  {purpose}".rstrip()]
    return shown
