"""Two checkouts, the same command lines: `python tests/compare_commands.py OLD NEW [PATTERN]`.

Runs the lines of command_lines.txt, and lines made from the options of OLD's commands, each in a folder of
its own with the same files, and compares standard output, standard error, exit status and the files left
behind. What differs from run to run (ports, process ids, times, durations, rates) is replaced first.
Prints each difference and exits 1 if there is one. With PATTERN, a regular expression, only lines that match.
"""

import difflib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

LINES = Path(__file__).with_name("command_lines.txt")
SECONDS_A_LINE = 30

# What makes a command end by itself when one option is tried on it.
ALONE = {
    "serve-echo": "--port 0 --for 50ms",
    "echo-client": "--port 1 --timeout 2s hello",
    "serve-http": "site --port 0 --for 50ms",
    "http-get": "http://127.0.0.1:1/",
    "chat-server": "--port 0 --for 50ms",
    "chat-client": "--port 1 --name joe --say hello",
    "serve-time": "--port 0 --for 50ms",
    "time-query": "127.0.0.1:1 --timeout 500ms",
    "udp-send": "--port 1 --reply --timeout 500ms hello",
    "udp-recv": "--port 0 --for 50ms",
    "db-create": "new.db t a:int",
    "db-insert": "shop.db goods name=pear price=3",
    "db-query": "shop.db 'select * from goods'",
    "ports": "http",
    "tour": "no-such-chapter",
}
# Tried by hand in command_lines.txt: they would reach for names and networks, or never end.
NOT_ALONE = {"--host", "--help", "--version", "--reconnect", "--broadcast", "--retry-refused", "--interface"}

OPTIONS_OF = """
import json, click
from pynetdb.cli import COMMANDS, pynetdb
context = click.Context(pynetdb)
print(json.dumps({name: [[max(option.opts, key=len), option.is_flag] for option in pynetdb.get_command(context, name).params
    if isinstance(option, click.Option)] for name in COMMANDS}))
"""

CLIENT = """#!/bin/bash
# client COMMAND ARGUMENT...: a client of the server that holds us; what it says goes into files of its own.
n=$(ls client-*.status 2>/dev/null | wc -l)
where=(--port "$PYNETDB_PORT"); [ -n "$PYNETDB_PORT" ] || where=(--unix "$PWD/s")
pynetdb "$1" "${where[@]}" "${@:2}" >client-$n.out 2>client-$n.err </dev/null
echo $? >client-$n.status
"""
GET = """#!/bin/bash
# get PATH ARGUMENT...: http-get from the server that holds us, in the same way.
n=$(ls client-*.status 2>/dev/null | wc -l)
pynetdb http-get "${PYNETDB_URL%/}$1" "${@:2}" >client-$n.out 2>client-$n.err </dev/null
echo $? >client-$n.status
"""

# Ports that the system gives away; nothing else in the lines has such a number.
PORT = r"(?<![\d.\w])(3[2-9]\d{3}|[45]\d{4}|60\d{3})(?![\d\w])"
MEASURED = (
    "rtt_ms|min|median|p99|max|mean|dns|connect|tls|first_byte|total|seconds|rate|time|offset_s|delay_s|"
    "jitter_ms|error_bound_s"
)
# The loop wakes itself by a byte; whether before or after it sees the end is a race.
IGNORED = re.compile(r'^loop +(send|recv)\(|"who": "loop", "call": "(send|recv)"')
VARIES = [
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?", "TIME"),
    (r"\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "TIME"),
    (r"\b\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", "TIME"),
    (r"\b\d{5} \d\d-\d\d-\d\d \d\d:\d\d:\d\d \d\d \d \d +\d+\.\d", "TIME"),
    (r"\b\d\d:\d\d:\d\d(\.\d+)?", "CLOCK"),
    (r'"pid": \d+', '"pid": PID'),
    (rf'"({MEASURED})": -?\d[\d.e+-]*', r'"\1": NUMBER'),
    (r"(?<!within )(?<![\w.])-?\+?\d+(\.\d+)?([eE]-?\d+)? ?(ns|us|µs|ms)\b", "DURATION"),
    (r"(?<!within )(?<![\w.])-?\+?\d+\.\d+ ?s\b", "DURATION"),
    (r"(?<![\w.])[\d,.]+ ?([kMG]i?B|bit|[kMG]bit|messages|datagrams|rows)?(/s| a second)", "RATE"),
    (r"boundary=[\w-]+", "boundary=TOKEN"),
    (PORT, "PORT"),
    (r"(?<=:PORT/)[\w-]{16}(?=/)", "TOKEN"),
    (r'"[0-9a-f]+-[0-9a-f]+-[0-9a-f]+(\\?")', r'"ETAG\1'),
    (r"\btmp\w{8}\b", "TEMPORARY"),
    (r"(round trip in ms|200, \d+ bytes; ms): .*", r"\1: NUMBERS"),
    (r"(?<=[0-9a-f]{64})([,|]).*", r"\1 NUMBERS"),
    # NTP's timestamps and the random one of its client, decoded and not.
    (r"\b[0-9a-f]{16}\b", "TIMESTAMP"),
    (r"48 bytes b(['\"]).*?\1\.\.\.", "48 bytes"),
    (r"\bera \d\b", "era"),
    # RFC 868's seconds since 1900, in hexadecimal, decimal and as bytes.
    (r"\bb'\\xe[ef][^']*'(?=\W)|= e[ef][0-9a-f]{6}\b|\b4\d{9} s since 1900", "SECONDS"),
    # Round trips in the columns of CSV, TSV and Markdown.
    (r"^(\d+[,\t](?:127\.0\.0\.1:PORT[,\t])?\d+[,\t])[\d.]+(?=[,\t])", r"\1NUMBER"),
    (r"(?<=\|) +\d+\.\d+ +(?=\|)", " NUMBER "),
    (r"(?<![\w.])-?\d+\.\d{3,}(e-?\d+)?", "NUMBER"),
]


def command_lines(old: Path) -> Iterator[str]:
    """The lines of the file; then for each command its help, and each of its options by itself."""
    for line in LINES.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
    found = python(old, "-c", OPTIONS_OF).stdout
    for command, options in json.loads(found).items():
        alone = ALONE.get(command, "")
        yield f"pynetdb {command} --help"
        yield f"COLUMNS=60 pynetdb {command} -h"
        yield f"pynetdb {command} --no-such-option"
        for option, is_flag in options:
            if option in NOT_ALONE:
                continue
            if is_flag:
                yield f"pynetdb {command} {alone} {option}"
            else:
                yield f"pynetdb {command} {alone} {option} '?!'"


def python(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the package of that checkout, and be sure that it is that one."""
    env = {**os.environ, "PYTHONPATH": str(checkout)}
    where = "import pynetdb; print(pynetdb.__file__)"
    found = subprocess.run([sys.executable, "-c", where], env=env, cwd="/", capture_output=True, text=True)
    if Path(found.stdout.strip()).parent.parent != checkout:
        sys.exit(f"{checkout}: the package of this checkout is not the one that is imported")
    return subprocess.run(
        [sys.executable, *arguments], env=env, cwd="/", capture_output=True, text=True, check=True
    )


def prepare(folder: Path) -> None:
    """The files that every line finds: a site, data files good and bad, a database."""
    site = folder / "site"
    (site / "sub").mkdir(parents=True)
    (site / "index.html").write_text("<title>Home</title><a href='a.txt'>a</a> <a href='b.txt'>b</a>\n")
    (site / "a.txt").write_text("hello, world\n")
    (site / "sub" / "b.bin").write_bytes(bytes(range(256)) * 40)
    (site / ".hidden").write_text("hidden\n")
    (folder / "goods.csv").write_text("name,price,made\npear,3,2020-01-02\napple,1.10,2021-02-03\nfig,,\n")
    (folder / "goods.tsv").write_text("name\tprice\nplum\t7\n")
    (folder / "semicolon.csv").write_text("a;b\n1;x\n2;y\n")
    (folder / "latin.csv").write_bytes("name,price\nGrüße,1\n".encode("latin-1"))
    (folder / "ragged.csv").write_text("a,b\n1,2\n3\n4,5,6\n")
    (folder / "twice.csv").write_text("a,a,\n1,2,3\n")
    (folder / "empty.csv").write_text("")
    (folder / "goods.json").write_text('[{"name": "nut", "price": 2.5}, {"name": "date", "price": null}]')
    (folder / "goods.jsonl").write_text('{"name": "kiwi", "price": 1}\n{"name": "lime", "tags": [1, 2]}\n')
    (folder / "broken.json").write_text('[{"name": "nut",]')
    (folder / "script.sql").write_text("create table s(a int);\ninsert into s values (1), (2);\n")
    (folder / "wrong.sql").write_text("create table s(a int);\ninsert into nowhere values (1);\n")
    (folder / "bytes.bin").write_bytes(bytes(range(64)))
    (folder / "not.db").write_text("this is no database\n" * 100)
    with closing(sqlite3.connect(folder / "shop.db")) as db:
        db.executescript(
            "create table goods(name text primary key, price real, note blob);"
            "insert into goods values ('cherry', 2.5, x'00ff'), ('grape', null, 'x|y'), ('melon', 1e999, '');"
            "create table sales(id integer primary key, good text references goods(name), sold int not null);"
            "insert into sales values (1, 'cherry', 3), (2, 'grape', 4);"
            "create view cheap as select name from goods where price < 3;"
        )
    with closing(sqlite3.connect(folder / "other.db")) as db:
        db.executescript("create table t(a); insert into t values (1);")
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (1_700_000_000, 1_700_000_000))


def run(checkout: Path, line: str, files: Path) -> dict[str, str]:
    """What the line says and leaves behind, without what differs from run to run."""
    folder = Path(tempfile.mkdtemp(prefix="compare-"))
    try:
        place = folder / "place"
        shutil.copytree(files, place)
        before = set(place.rglob("*"))
        scripts = folder / "bin"
        scripts.mkdir()
        ours = f'#!/bin/sh\nexec "{sys.executable}" -m pynetdb "$@"\n'
        for name, text in (("pynetdb", ours), ("client", CLIENT), ("get", GET)):
            (scripts / name).write_text(text)
            (scripts / name).chmod(0o755)
        env = {
            "PATH": f"{scripts}:{os.environ['PATH']}",
            "PYTHONPATH": str(checkout),
            "TMPDIR": str(folder),
            "HOME": str(folder),
            "COLUMNS": "100",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with subprocess.Popen(
            ["bash", "-c", line],
            cwd=place,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        ) as process:
            try:
                output, complaints = process.communicate(timeout=SECONDS_A_LINE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        said = {"status": str(process.returncode)}
        exact = line.endswith(("--help", "-h"))
        for name, data in (("standard output", output), ("standard error", complaints)):
            said[name] = data.decode("utf-8", "backslashreplace") if exact else steady(data, folder)
        for path in sorted(set(place.rglob("*")) - before):
            said[f"file {path.relative_to(place)}"] = (
                "(folder)" if path.is_dir() else steady(left(path), folder)
            )
        if (place / "shop.db").read_bytes() != (files / "shop.db").read_bytes():
            said["file shop.db"] = steady(left(place / "shop.db"), folder)
        return said
    finally:
        shutil.rmtree(folder)


def left(path: Path) -> bytes:
    """What a file holds; a database as the statements that make it."""
    if path.suffix == ".db" and path.read_bytes()[:6] == b"SQLite":
        with closing(sqlite3.connect(path)) as db:
            return "\n".join(db.iterdump()).encode()
    return path.read_bytes()


def steady(data: bytes, folder: Path) -> str:
    """The text without what differs from run to run."""
    lines = []
    for line in data.decode("utf-8", "backslashreplace").replace(str(folder), "FOLDER").splitlines():
        if IGNORED.search(line):
            continue
        text = line
        for pattern, word in VARIES:
            text = re.sub(pattern, word, text)
        # A number that is longer by a digit moves what stands beside it.
        text = re.sub(r"\s{2,}", "  ", text) if text != line else text
        lines.append(re.sub(r"-{4,}", "----", text))
    return "\n".join(lines)


def compare(old: Path, new: Path, line: str, files: Path) -> list[str]:
    """What differs, as lines of a diff; nothing if nothing does."""
    try:
        first, second = run(old, line, files), run(new, line, files)
    except subprocess.TimeoutExpired:
        return [f"$ {line}", f"  did not end within {SECONDS_A_LINE} s"]
    found = [f"$ {line}"]
    for name in sorted(first.keys() | second.keys()):
        before, after = (said.get(name, "(none)").splitlines() for said in (first, second))
        if before != after:
            found += [
                f"  {text}" for text in difflib.unified_diff(before, after, name, name, lineterm="", n=1)
            ]
    return found if len(found) > 1 else []


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    old, new = (Path(word).resolve() for word in sys.argv[1:3])
    pattern = sys.argv[3] if len(sys.argv) == 4 else ""
    python(new, "-c", "")
    lines = [line for line in dict.fromkeys(command_lines(old)) if re.search(pattern, line)]
    different = 0
    with ThreadPoolExecutor(2) as pool, tempfile.TemporaryDirectory() as temporary:
        files = Path(temporary) / "files"
        files.mkdir()
        prepare(files)
        for found in pool.map(lambda line: compare(old, new, line, files), lines):
            if found:
                different += 1
                print("\n".join(found), flush=True)
    print(f"{len(lines)} command lines, {different} with a difference")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
