"""What `ps` shows of a command that was given a password."""

import subprocess
import time
from pathlib import Path

from postgres import Server
from programs import PATIENCE, PYNETDB, environment, held, linux


@linux
def test_a_password_is_no_longer_in_the_list_of_processes(place: str, postgresql: Server) -> None:
    url = place.replace("postgres@", "postgres:Hidden%40Pass@") + "&sslpassword=Other-Pass"
    command = [*PYNETDB, "db-query", url, "select pg_sleep(54)"]
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(54)%' AND wait_event = 'PgSleep'"
    )
    with held(command, env=environment(), stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + PATIENCE
        while postgresql.execute(waiting) != [(1,)]:
            assert time.monotonic() < end
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert b"postgres:*************@" in shown and b"Pass@" not in shown and b"Other-Pass" not in shown
