"""What an encrypted connection costs tickerd, beside a plain one.

    python3 tests/load/tls.py [--quick]       # TICKER_BIN: where tickerd is, else build/release/bin

Prints handshakes a second of CPU time, CPU time a short and a long frame, and resident memory a connection: idle, and after a
snapshot of 400 KiB. CPU time is the scheduler's account of all of tickerd's threads.
"""

import argparse
import json
import os
import pathlib
import re
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

BIN = pathlib.Path(os.environ.get("TICKER_BIN", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"))
KEYS = {"ECDSA P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "RSA 2048": ["rsa:2048"]}
UPGRADE = ("GET /v1/stream{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


class Tickerd:
    """One process with one shard; `key`: of its certificate, None: without TLS."""

    def __init__(self, folder, key, feed):
        server = {"listen": "127.0.0.1:0", "shards": 1, "limits": {"tls_handshakes_per_s_per_address": 0}}
        if key:
            subprocess.run(["openssl", "req", "-x509", "-newkey", *KEYS[key], "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
                            "-days", "2", "-subj", "/CN=localhost"], cwd=folder, check=True, capture_output=True)
            server["tls"] = {"certificate": "cert.pem", "key": "key.pem"}
        config = folder / "tls.yaml"
        config.write_text(json.dumps({"server": server, "metrics": {"listen": "127.0.0.1:0"},
                                      "feeds": [{"name": "demo", "adapter": "simulator", **feed}]}))
        self._child = subprocess.Popen([BIN / "tickerd", "--config", config], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       text=True)
        self.ports = {}
        while len(self.ports) < 2:
            line = self._child.stdout.readline()
            if not line:
                raise SystemExit("tickerd does not start")
            if match := re.match(r"(listening|metrics) .*:(\d+)", line):
                self.ports[match[1]] = int(match[2])
        self.context = None
        if key:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()

    def cpu_s(self):
        tasks = pathlib.Path(f"/proc/{self._child.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def resident_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self._child.pid}/status").read_text())[1])

    def counted(self, name):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.ports['metrics']}/metrics").read().decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))

    def connect(self, session=None):
        plain = socket.create_connection(("127.0.0.1", self.ports["listening"]))
        return self.context.wrap_socket(plain, session=session) if self.context else plain

    def open(self, query=""):
        """A WebSocket that has its answer; what comes after it is not decrypted."""
        client = self.connect()
        client.sendall(UPGRADE.format(query=query).encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        return client

    def until_opened(self, connections):
        while self.counted("ticker_connections") < connections:
            time.sleep(0.05)


def drain(clients, seconds):
    """Takes from the sockets what comes, as it comes from the wire."""
    poll = select.epoll()
    for client in clients:
        poll.register(client.fileno(), select.EPOLLIN)
    buffer = bytearray(1 << 20)
    raw = {client.fileno(): socket.socket(fileno=os.dup(client.fileno())) for client in clients}
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for fd, _ in poll.poll(left):
            raw[fd].recv_into(buffer)
    for duplicate in raw.values():
        duplicate.close()


def handshakes(folder, key, count, resumed=False):
    """A second of CPU time."""
    with Tickerd(folder, key, {"instruments": 1, "updates_per_second": 1}) as tickerd:
        session = None
        if resumed:
            with tickerd.connect() as first:
                first.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                first.recv(4096)  # and the ticket, which comes before
                session = first.session
        before = tickerd.cpu_s()
        for _ in range(count):
            with tickerd.connect(session) as client:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                client.recv(4096)
                assert not resumed or client.session_reused
        return count / (tickerd.cpu_s() - before)


def frame_us(folder, key, clients, seconds, feed, query):
    """CPU time a frame, in microseconds, and a frame's bytes."""
    with Tickerd(folder, key, feed) as tickerd:
        sockets = [tickerd.open(query) for _ in range(clients)]
        drain(sockets, 1)
        cpu, frames, sent = tickerd.cpu_s(), tickerd.counted("ticker_frames_sent_total"), tickerd.counted("ticker_sent_bytes_total")
        drain(sockets, seconds)
        frames = tickerd.counted("ticker_frames_sent_total") - frames
        return (tickerd.cpu_s() - cpu) / frames * 1e6, (tickerd.counted("ticker_sent_bytes_total") - sent) / frames


def memory_kib(folder, key, clients, query="", feed=None):
    """Resident, of each connection, once nothing is under way."""
    with Tickerd(folder, key, feed or {"instruments": 1, "updates_per_second": 1}) as tickerd:
        with tickerd.open(query) as first:  # what the process needs once
            drain([first], 1)
        before = tickerd.resident_kib()
        sockets = [tickerd.open(query) for _ in range(clients)]
        tickerd.until_opened(clients)
        drain(sockets, 2)
        return (tickerd.resident_kib() - before) / len(sockets)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few seconds, for seeing that it works")
    quick = parser.parse_args().quick
    shakes, clients, seconds, idle = (20, 10, 1, 20) if quick else (2000, 200, 10, 1000)
    short = {"instruments": 1, "updates_per_second": 50}, "?symbols=*&interval_ms=0"
    long = {"instruments": 20, "updates_per_second": 2000}, "?symbols=*&interval_ms=50"
    large = {"instruments": 2000, "updates_per_second": 1}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("| | handshakes/CPU s | CPU/frame, short, µs (bytes) | long, µs (bytes) | idle, KiB | after 400 KiB, KiB |\n|---|---|---|---|---|---|")
        for what, key in {"plain": None, **{f"TLS 1.3, {key}": key for key in KEYS}}.items():
            row = [f"{handshakes(folder, key, shakes):.0f}"]
            if key != "RSA 2048":  # what follows a handshake is the same
                row += ["{:.2f} ({:.0f})".format(*frame_us(folder, key, clients, seconds, *work)) for work in (short, long)]
                row += [f"{memory_kib(folder, key, idle):.1f}",
                        f"{memory_kib(folder, key, clients, '?symbols=*&interval_ms=3600000', large):.1f}"]
            print(f"| {what} | {' | '.join(row)} |", flush=True)
        print(f"| TLS 1.3, resumed | {handshakes(folder, 'ECDSA P-256', shakes, resumed=True):.0f} |")


if __name__ == "__main__":
    main()
