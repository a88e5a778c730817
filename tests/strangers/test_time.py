"""Our time commands against programs that we did not write, in both directions."""

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest
from network import free_port, their_server
from programs import PYNETDB, Run, Serve, Stranger, environment, linux

pytestmark = linux


def test_chronyd_is_understood(stranger: Stranger, run: Run, tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    config = tmp_path / "chrony.conf"
    config.write_text(
        f"port {port}\nbindaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum 10\ncmdport 0\n"
        f"bindcmdaddress /\npidfile {tmp_path}/pid\n"
    )
    command = [stranger("chronyd"), "-x", "-d", "-u", "root", "-f", str(config)]
    with their_server(command, port, socket.SOCK_DGRAM):
        answer = json.loads(run("time-query", "--json", "--samples", "4", f"127.0.0.1:{port}").stdout)[0]
    assert answer["stratum"] == 10
    assert answer["reference"] == "127.127.1.1"
    # Both read the same clock: what is left is the way there or back, which a busy machine makes long.
    assert abs(answer["offset_s"]) <= answer["delay_s"] / 2 + 0.001


@pytest.mark.parametrize("skew", [0.0, 100.0])
def test_chronyd_accepts_our_time(stranger: Stranger, serve: Serve, tmp_path: Path, skew: float) -> None:
    server = serve("serve-time", "--skew", str(skew))
    source = f"server 127.0.0.1 port {server.port} iburst maxsamples 1"
    command = [
        stranger("chronyd"),
        "-Q",
        "-t",
        "20",
        "-u",
        "root",
        "-f",
        "/dev/null",
        source,
        f"pidfile {tmp_path}/pid",
    ]
    command.append("cmdport 0")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    told = re.search(r"System clock wrong by (-?[\d.]+) seconds", done.stdout + done.stderr)
    assert told, done.stdout + done.stderr
    assert abs(float(told[1]) - skew) < 0.05


def test_ntpdig_accepts_our_time(stranger: Stranger, serve: Serve) -> None:
    # ntpdig knows no port but 123: it gets that one in a network of its own.
    inside = [*_network(), "sh", "-c", 'ip link set lo up; "$@"', "sh"]
    ours = [*PYNETDB, "serve-time", "--port", "123", "--skew", "50s", "--quiet", "--"]
    done = subprocess.run(
        [*inside, *ours, stranger("ntpdig"), "-j", "127.0.0.1"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert abs(answer["offset"] - 50) < 0.05
    assert answer["stratum"] == 1


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_rdate_accepts_our_time(stranger: Stranger, udp: bool) -> None:
    inside = [*_network(), "sh", "-c", 'ip link set lo up; "$@"', "sh"]
    ours = [
        *PYNETDB,
        "serve-time",
        "--protocol",
        "time",
        "--port",
        "37",
        "--at",
        "2012-11-28T19:30:19",
        "--quiet",
        "--",
    ]
    rdate = [stranger("rdate"), "-p", *(["-u"] if udp else []), "127.0.0.1"]
    done = subprocess.run(
        [*inside, *ours, *rdate],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(TZ="UTC", LC_ALL="C"),
    )
    assert done.returncode == 0, done.stderr
    assert "Wed Nov 28 19:30:19 UTC 2012" in done.stdout


@pytest.mark.parametrize("protocol", ["daytime", "time"])
@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_xinetds_own_services_are_understood(
    stranger: Stranger, run: Run, tmp_path: Path, protocol: str, udp: bool
) -> None:
    kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
    port = free_port(kind)
    config = tmp_path / "xinetd.conf"
    config.write_text(
        f"service {protocol}\n{{\n"
        f"    type = INTERNAL UNLISTED\n    port = {port}\n    bind = 127.0.0.1\n"
        f"    socket_type = {'dgram' if udp else 'stream'}\n    protocol = {'udp' if udp else 'tcp'}\n"
        f"    wait = {'yes' if udp else 'no'}\n    user = root\n    disable = no\n}}\n"
    )
    command = [stranger("xinetd"), "-dontfork", "-f", str(config), "-pidfile", str(tmp_path / "pid")]
    with their_server(command, port, kind):
        transport = "--udp" if udp else "--tcp"
        done = run("time-query", "--protocol", protocol, transport, "--json", f"127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)[0]
    if protocol == "time":
        assert abs(answer["offset_s"]) < 2
    else:
        # "22 NOV 2026 12:34:56 UTC": legal, and in words of its own.
        assert re.search(r"20\d\d", answer["line"])


def test_netcat_hears_the_daytime(stranger: Stranger, serve: Serve) -> None:
    server = serve("serve-time", "--protocol", "daytime")
    done = subprocess.run(
        [stranger("nc"), "-N", "127.0.0.1", str(server.port)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert re.fullmatch(
        rb"\n\d{5} \d\d-\d\d-\d\d \d\d:\d\d:\d\d \d\d 0 0   0\.0 UTC\(NIST\) \* \n", done.stdout
    )


def _network() -> list[str]:
    """What starts a program in a network namespace of its own, or a skip where the system forbids it."""
    unshare = ["unshare", "--net"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("platform: no network namespaces for this user")
    return unshare
