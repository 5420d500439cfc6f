"""What is measured and what it is measured against: how each server starts, is fed and subscribed to, each as its documentation
recommends for this job."""

import json
import os
import pathlib
import re
import subprocess
import time
import urllib.request

from process import PATIENCE_S, Failed, Process

LOAD = pathlib.Path(__file__).resolve().parent.parent
ROOT = LOAD.parent.parent
BIN = pathlib.Path(os.environ.get("TICKER_BIN", ROOT / "build/release/bin"))
SERVER_CORE, LOAD_CORE, *FREE_CORES = sorted(os.sched_getaffinity(0)) + [None] * (2 - len(os.sched_getaffinity(0)))
SECOND_CORE = (FREE_CORES + [LOAD_CORE])[0]  # of a server with two shards


class Server:
    """One that forwards the upstream's ready-made lines (src/load_upstream.cpp). `start` leaves `process`, `upstream`, `port`."""

    form = "frames"
    path = "/"
    opcode = "text"
    ready_on = '"subscribed"'
    is_ours = False
    own_cores = (SERVER_CORE,)
    is_paced = False  # sends on its own, whatever the upstream does
    process = upstream = None

    def __init__(self, name, command=None):
        self.name = name
        self._command = command

    def start(self, cell, folder):
        del folder
        self.upstream = start_upstream(self.form, cell)
        port = self.upstream.expect(r"listening (\d+)")[1]
        self.process = Process(self._command(port, cell), SERVER_CORE)
        self.port = self.process.expect(r"listening (\d+)")[1]
        self.upstream.expect("subscribed")

    def subscription(self, instruments, cell):
        del cell
        return "sub " + " ".join(map(str, instruments))

    def publish(self, changes, rate):
        """Starts the changes; `published` waits for their end."""
        self.upstream.tell(f"publish {changes} {rate}")

    def published(self, patience_s):
        return json.loads(self.upstream.expect(r"published (.*)", patience_s)[1])

    @property
    def is_beside_load(self):
        return LOAD_CORE in self.own_cores

    def faults(self):
        """What makes a round of this server void, beside what the load client sees."""
        return []

    def stop(self):
        for process in filter(None, (self.process, self.upstream)):
            process.stop()
        self.process = self.upstream = None


class Floor(Server):
    def __init__(self, name, write):
        super().__init__(name, lambda port, cell: [BIN / "load_floor", "--upstream", port, "--write", write])

    def faults(self):
        refused = int(self.process.ask("report", r"refused (\d+)")[1])
        return [f"{refused} frames refused by the kernel"] if refused else []


class PacedFloor(Floor):
    """Frames as long as tickerd's in the same run, and as many: to each client one an interval."""

    is_paced = True

    def __init__(self, name, write):
        super().__init__(name, write)
        self._command = lambda port, cell: [BIN / "load_floor", "--upstream", port, "--write", write, "--paced",
                                            str(cell.frame_bytes), "--interval-ms", str(cell.interval_ms)]

    def start(self, cell, folder):
        if not cell.frame_bytes:
            raise Failed("paced frames are as long as tickerd's, which was not measured before")
        super().start(cell, folder)

    def publish(self, changes, rate):
        self._seconds = changes / rate
        self.process.ask("pace", "refused")

    def published(self, patience_s):
        time.sleep(self._seconds)
        self.process.ask("rest", "refused")
        return {"seconds": self._seconds}


class Relay(Server):
    """What a team would write for conflation (peers/uwebsockets.js)."""

    form = "entries"

    def __init__(self, name):
        super().__init__(name, lambda port, cell: ["node", LOAD / "peers/uwebsockets.js", port, str(cell.interval_ms)])


class Nats(Server):
    """nats-server's own WebSocket listener. Clients speak NATS inside of WebSocket messages; the upstream is a publisher."""

    form = "nats"
    opcode = "binary"
    ready_on = "PONG"

    def start(self, cell, folder):
        path = pathlib.Path(folder) / "nats.conf"
        path.write_text('listen: "127.0.0.1:-1"\nwebsocket { listen: "127.0.0.1:-1", no_tls: true }\n')
        self.process = Process(["nats-server", "-c", path], SERVER_CORE)
        self.port = self.process.expect(r"websocket clients on ws://\S+?:(\d+)")[1]
        own = self.process.expect(r"client connections on \S+?:(\d+)")[1]
        self.upstream = start_upstream(self.form, cell, "--port", own)
        self.upstream.expect("subscribed")

    def subscription(self, instruments, cell):
        lines = ['CONNECT {"verbose":false}', *(f"SUB i.{i} {n + 1}" for n, i in enumerate(instruments)), "PING"]
        return "".join(line + r"\r\n" for line in lines)


class Tickerd(Server):
    form = "binance"
    is_ours = True
    path = "/v1/stream"
    ready_on = '"bid_size"'  # of the snapshot

    def __init__(self, name, write_path=None):
        super().__init__(name)
        self._write_path = write_path

    def config(self, instruments, upstream_port, shards=1):
        """One configuration for all workloads; what it leaves out is tickerd's default."""
        server = {"listen": "127.0.0.1:0", "shards": shards}
        if self._write_path:
            server["write_path"] = self._write_path
        symbols = [f"I{i:04d}-USD" for i in range(instruments)]
        return {"server": server, "metrics": {"listen": "127.0.0.1:0"}, "feeds": [{"name": "b", "adapter": "binance-spot", "symbols": symbols,
                                             "url": f"ws://127.0.0.1:{upstream_port}"}]}

    def start(self, cell, folder):
        self.upstream = start_upstream(self.form, cell)
        port = self.upstream.expect(r"listening (\d+)")[1]
        path = pathlib.Path(folder) / "ticker.yaml"
        path.write_text(json.dumps(self.config(cell.instruments, port, cell.shards)))
        self.own_cores = (SERVER_CORE, SECOND_CORE)[:cell.shards]
        self.process = Process([BIN / "tickerd", "--config", path], *self.own_cores)
        self._metrics = self.process.expect(r"metrics (http://\S+)")[1]
        self.port = self.process.expect(r"listening http://\S+?:(\d+)")[1]
        self.upstream.expect("subscribed")

    def subscription(self, instruments, cell):
        return json.dumps({"op": "subscribe", "channel": "ticker", "symbols": [f"b:I{i:04d}-USD" for i in instruments],
                           "fields": ["bid", "bid_size", "ask", "ask_size"], "interval_ms": cell.interval_ms})

    def metrics(self):
        with urllib.request.urlopen(self._metrics, timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def connections_by_shard(self):
        return [int(float(count)) for count in
                re.findall(r'^ticker_connections\{shard="\d+"\} (\S+)$', self.metrics(), re.MULTILINE)]

    def faults(self):
        """Where io_uring is refused, or lost, tickerd goes on without it: that is another row."""
        paths = set(re.findall(r'^ticker_write_path\{.*path="(\w+)".*\} 1$', self.metrics(), re.MULTILINE))
        return [] if paths == {self._write_path} or not self._write_path else [f"wrote by {', '.join(sorted(paths))}"]

    def understood(self, folder):
        """Whether this tickerd knows the configuration."""
        path = pathlib.Path(folder) / "check.yaml"
        path.write_text(json.dumps(self.config(1, 1)))
        return subprocess.run([BIN / "tickerd", "--config", path, "--check-config"], capture_output=True).returncode == 0


def start_upstream(form, cell, *options):
    return Process([BIN / "load_upstream", "--form", form, "--instruments", str(cell.instruments), *options], LOAD_CORE)


def node(script):
    return lambda port, cell: ["node", LOAD / "peers" / script, port]


def own(program):
    return lambda port, cell: [BIN / program, "--upstream", port]


def all_servers(folder):
    """By name, in the order of the table; and what had to be left out, and why."""
    servers = [Floor("raw epoll", "epoll"), Floor("raw io_uring", "io_uring"), Server("uwebsockets", node("uwebsockets.js")),
               PacedFloor("paced epoll", "epoll"), PacedFloor("paced io_uring", "io_uring"), Relay("uwebsockets relay"),
               Server("ws", node("ws.js")), Server("websocketpp", own("load_websocketpp")), Nats("nats-server")]
    notes = []
    paths = [Tickerd(f"tickerd {path}", path) for path in ("sendmsg", "io_uring")]
    known = [server for server in paths if server.understood(folder)]
    if not known:
        notes.append("tickerd does not know the key server.write_path: one row, its only write path")
        known = [Tickerd("tickerd")]
    return {server.name: server for server in known + servers}, notes


def versions():
    def said(*command):
        answer = subprocess.run(command, capture_output=True, text=True, cwd=LOAD)
        return (answer.stdout + answer.stderr).strip()
    cache = dict(re.findall(r"^(\w+):\w+=(.*)$", (BIN.parent / "CMakeCache.txt").read_text(), re.MULTILINE))
    package = "libwebsocketpp-dev", "nats-server"
    lock = json.loads((LOAD / "package-lock.json").read_text())["packages"]
    return {"tickerd": said(BIN / "tickerd", "--version"), "revision": said("git", "describe", "--always", "--dirty"), "node": said("node", "--version"),
            **{name: lock[f"node_modules/{name}"]["version"] for name in ("uwebsockets", "ws", "tardis-dev")},
            **{name: said("dpkg-query", "-W", "-f", "${Version}", name) for name in package},
            "compiler": said(cache["CMAKE_CXX_COMPILER"], "--version").splitlines()[0],
            "build": f"{cache['CMAKE_BUILD_TYPE']} {cache['CMAKE_CXX_FLAGS_RELEASE']} {cache['CMAKE_CXX_FLAGS']}".strip()}
