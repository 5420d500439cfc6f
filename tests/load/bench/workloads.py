"""The workloads as data: what is offered, to whom, what is told of it, and the bars that it has to meet (README.md)."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Cell:
    """What is offered to one server."""
    connections: int
    instruments: int
    per_connection: int  # instruments of each connection, chosen by a seed
    rate: int = 1000     # changes a second, of all instruments together
    interval_ms: int = 0
    seconds: float = 8.0
    slow: int = 0         # connections that stop reading for a while
    per_slow: int = 0     # instruments of each of these: enough to fill what the kernel holds for them
    shards: int = 1       # of tickerd; with two, it has both cores, one of them beside the load
    frame_bytes: int = 0  # of paced frames: as long as tickerd's were


@dataclasses.dataclass(frozen=True)
class Figure:
    """A column: what measures.py calls it, and how it is shown."""
    name: str
    heading: str
    digits: int = 0
    is_cost: bool = False  # counts only where nothing was delivered later for it
    is_compared: bool = True  # has a ratio to each peer


@dataclasses.dataclass(frozen=True)
class Bar:
    """`figure` of each tickerd row, over that of `peer` where there is one, must not exceed `must`, or must reach it."""
    figure: str
    peer: str
    must: dict  # by write path
    goal: dict
    at_least: bool = False


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    cell: Cell
    peers: tuple
    figures: tuple
    bars: tuple = ()
    rounds: int = 3
    measure: str = "stream"  # of measures.py
    ages: tuple = ("p99_us",)  # figures that must not be worse than a peer's for a cost to count beside it


def paths(sendmsg, io_uring=None):
    return {"sendmsg": sendmsg, "io_uring": sendmsg if io_uring is None else io_uring}


def bar(figure, peer, must, goal, **options):
    as_paths = [paths(*value) if isinstance(value, tuple) else paths(value) for value in (must, goal)]
    return Bar(figure, peer, *as_paths, **options)


EVERYBODY = ("raw epoll", "raw io_uring", "uwebsockets", "ws", "websocketpp", "nats-server")
CPU = Figure("cpu_us_per_update", "CPU/update, µs", 2, is_cost=True)
CPU_FRAME = Figure("cpu_us_per_frame", "CPU/frame, µs", 2, is_cost=True)
CPU_SHARE = Figure("cpu_percent", "CPU, %", 1, is_cost=True)
P50, P99, P999 = Figure("p50_us", "p50, µs"), Figure("p99_us", "p99, µs"), Figure("p999_us", "p99.9, µs")
MEMORY = Figure("kib_per_connection", "KiB/connection", 2)
ARRIVED = Figure("arrived_percent", "arrived, %", 2, is_compared=False)
STREAM = (CPU, P50, P99, Figure("frame_bytes", "bytes/frame", is_compared=False))

PER_S = Figure("per_s", "messages/s")
GROWTH = ("100x500", "1000x500", "10000x500", "1000x50", "1000x5000")  # connections, instruments

IDLE = Workload(
    "idle", "10,000 connections, one instrument of 500 each, nothing changes",
    Cell(connections=10_000, instruments=500, per_connection=1, seconds=5),
    EVERYBODY, (MEMORY, Figure("cpu_percent", "CPU, %", 2)),
    (bar(MEMORY.name, None, 6.0, 3.0),), measure="idle")

WORKLOADS = [
    Workload(
        "broadcast", "1,000 connections, one instrument, 50 changes/s, interval 0",
        Cell(connections=1000, instruments=1, per_connection=1, rate=50),
        EVERYBODY, STREAM,
        (bar(CPU.name, "uwebsockets", (1.05, 0.95), (1.00, 0.85)),
         bar(CPU.name, "raw epoll", (1.15, 1.05), (1.10, 0.95)))),
    Workload(
        "watchlists-now", "500 instruments, 1,000 connections with 20 each, 2,000 changes/s, interval 0",
        Cell(connections=1000, instruments=500, per_connection=20, rate=2000),
        EVERYBODY, STREAM,
        (bar(CPU.name, "uwebsockets", (1.10, 1.00), (1.00, 0.90)),)),
    Workload(
        "watchlists-conflated", "500 instruments, 1,000 connections with 20 each, 20,000 changes/s, interval 50 ms",
        Cell(connections=1000, instruments=500, per_connection=20, rate=20_000, interval_ms=50),
        ("paced epoll", "paced io_uring", "uwebsockets relay"),
        (CPU_SHARE, CPU_FRAME, *STREAM),
        (bar("cpu_percent", "uwebsockets relay", 0.60, 0.45), bar(CPU_FRAME.name, "paced epoll", 1.5, 1.25))),
    Workload(
        "latency", "one instrument, 100 connections, 1,000 changes/s, interval 0",
        Cell(connections=100, instruments=1, per_connection=1, rate=1000),
        ("raw epoll", "raw io_uring", "uwebsockets", "ws"), (P50, P99, P999, CPU, ARRIVED),
        (bar(P99.name, "uwebsockets", 0.80, 0.60),), rounds=5),
    IDLE,
    dataclasses.replace(
        IDLE, name="idle-watchlists", title="10,000 connections, 20 instruments of 500 each, nothing changes",
        cell=dataclasses.replace(IDLE.cell, per_connection=20), peers=("raw epoll", "uwebsockets"), bars=()),
    Workload(
        "storm", "10,000 connections as fast as they go, 256 at once, each with a subscription",
        Cell(connections=10_000, instruments=500, per_connection=1),
        ("raw epoll", "uwebsockets", "ws", "websocketpp"),
        (Figure("handshakes_per_cpu_s", "handshakes/CPU s"), Figure("ready_p50_us", "snapshot p50, µs"),
         Figure("ready_p99_us", "snapshot p99, µs"), Figure("connect_seconds", "in all, s", 2)),
        (bar("handshakes_per_cpu_s", "uwebsockets", 0.75, 0.95, at_least=True),), rounds=7, measure="storm"),
    Workload(
        "slow-readers", "watchlists-now with 500 changes/s; 50 of the 1,000 connections, with 400 instruments each, stop reading for 20 s",
        Cell(connections=1000, instruments=500, per_connection=20, rate=500, slow=50, per_slow=400, seconds=20),
        ("uwebsockets", "ws", "nats-server"),
        (Figure("p99_ratio", "p99 with/without", 2), P99, Figure("grown_kib", "memory grown, KiB", is_compared=False),
         Figure("late_kib", "of it in the second half", is_compared=False),
         Figure("slow_updates", "updates that the slow get", is_compared=False),
         Figure("caught_up_percent", "newest values they hold, %", is_compared=False),
         Figure("caught_up_ms", "after, ms", is_compared=False), Figure("cut", "cut", is_compared=False), CPU),
        (bar("p99_ratio", None, 1.2, 1.05), bar("late_kib", None, 512, 64)), measure="slow_readers"),
    Workload(
        "growth", "20,000 frames/s, each change to 40: 100 to 10,000 connections, 50 to 5,000 instruments",
        Cell(connections=1000, instruments=500, per_connection=20, rate=500, seconds=5),
        ("raw epoll", "uwebsockets"),
        (Figure("connections_growth", "10,000/100 conn.", 2, is_cost=True),
         Figure("instruments_growth", "5,000/50 instr.", 2, is_cost=True),
         *(Figure(f"cpu_us_{n}", f"{n}, µs", 2, is_cost=True) for n in GROWTH)),
        (bar("connections_growth", "raw epoll", 1.15, 1.05),), measure="growth", ages=tuple(f"p99_us_{n}" for n in GROWTH)),
    Workload(
        "shards", "watchlists-now with 1,000 changes/s: one shard on one core, two on two",
        Cell(connections=1000, instruments=500, per_connection=20, rate=1000, shards=2),
        (), (Figure("capacity", "updates a core, 2 × two/one", 2), Figure("one_us", "CPU/update, one, µs", 2), Figure("two_us", "two, µs", 2),
             Figure("one_p99_us", "p99, one, µs"), Figure("two_p99_us", "p99, two, µs"), Figure("spread", "most/least connections", 2)),
        (bar("capacity", None, 1.7, 1.9, at_least=True), bar("spread", None, 1.25, 1.05)), measure="shards"),
    Workload(
        "replay", "a Binance USD-M recording of our own format: as fast as it goes into one client's frames at 100 ms, and at its own pace",
        None, (), (Figure("per_s", "messages/s"), Figure("per_s_wall", "by wall clock"), Figure("per_s_read", "reading alone"),
                   Figure("read_percent", "of it reading, %"), Figure("pace_p50_us", "pace p50, µs"),
                   Figure("pace_p99_us", "pace p99, µs"), Figure("pace_max_us", "most, µs"),
                   Figure("sleep_p99_us", "sleeping only, p99")),
        (bar("per_s", None, 1_000_000, 1_000_000, at_least=True), bar("pace_p99_us", None, 2000, 2000)), rounds=7, measure="replay"),
    Workload(
        "ingest", "bytes in memory to versions of the state, one core, a Binance USD-M recording: bookTicker and trade messages, and all",
        None, (), (PER_S, Figure("per_s_all", "messages/s, whole file")),
        (bar(PER_S.name, "tardis-dev", 8, 8, at_least=True), bar(PER_S.name, "bare SAX", 0.6, 0.75, at_least=True)),
        rounds=15, measure="ingest"),
    Workload(
        "recording", "one Binance spot connection as fast as it goes, all of it recorded, and without",
        None, (), (Figure("ratio", "recorded ÷ not", 2), Figure("per_s", "messages/s, recorded"), Figure("per_s_off", "not recorded"),
                   Figure("cpu_ratio", "CPU of the ingest thread ÷", 2)),
        (bar("ratio", None, 0.9, 0.9, at_least=True),), rounds=5, measure="recording"),
]
