"""The workloads as data: what is offered, to whom, and the bars that the issue of this bench set (README.md)."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Cell:
    """What one round offers to one server."""
    connections: int
    instruments: int
    per_connection: int  # instruments of each connection, chosen by a seed
    rate: int            # changes a second, of all instruments together
    interval_ms: int = 0
    seconds: float = 8.0


@dataclasses.dataclass(frozen=True)
class Bar:
    """`figure` of each tickerd row over that of `peer` must not exceed `must`; by write path."""
    figure: str
    peer: str
    must: dict
    goal: dict


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    cell: Cell
    servers: tuple
    figures: tuple  # (name, unit, heading); the first is the one whose ratios count
    bars: tuple = ()
    rounds: int = 3


def both(sendmsg, io_uring):
    return {"sendmsg": sendmsg, "io_uring": io_uring}


CPU = ("cpu_us_per_update", "µs", "CPU/update")
STALENESS = (("p50_us", "µs", "p50"), ("p99_us", "µs", "p99"))

EVERYBODY = ("raw epoll", "raw io_uring", "uwebsockets", "ws", "websocketpp", "nats-server")

WORKLOADS = [
    Workload("broadcast", "1,000 connections, one instrument, 50 changes/s, interval 0",
             Cell(connections=1000, instruments=1, per_connection=1, rate=50),
             EVERYBODY, (CPU, *STALENESS),
             (Bar(CPU[0], "uwebsockets", both(1.05, 0.95), both(1.00, 0.85)),
              Bar(CPU[0], "raw epoll", both(1.15, 1.05), both(1.10, 0.95)))),
]
