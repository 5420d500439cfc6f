"""Runs one round of one server, and all rounds of a workload, in alternation."""

import dataclasses
import json
import math
import pathlib
import random
import tempfile
import time

import process
import servers

MOST_OF_A_CORE = 0.85
SEED = 20261122
WARM_UP_S = 1.5
DRAIN_S = 5.0


class Round:
    """One server under one cell: starts everything, warms up, measures, stops."""

    def __init__(self, server, cell):
        self.server = server
        self.cell = cell
        self.folder = tempfile.TemporaryDirectory(prefix="ticker-bench-")
        self.client = None

    def __enter__(self):
        self.server.start(self.cell, self.folder.name)
        self.publish(1, 4 * self.cell.instruments)  # every instrument has a value before anybody subscribes
        return self

    def __exit__(self, *_):
        if self.client:
            self.client.stop()
        self.server.stop()
        self.folder.cleanup()

    def connect(self, *options):
        """Opens all connections; the client's account of it."""
        cell, server = self.cell, self.server
        chooser = random.Random(SEED)
        lists = [sorted(chooser.sample(range(cell.instruments), cell.per_connection)) for _ in range(cell.connections)]
        path = pathlib.Path(self.folder.name) / "subscriptions"
        path.write_text("".join(server.subscription(chosen, cell) + "\n" for chosen in lists))
        self.client = process.Process(
            [servers.BIN / "load_client", "--port", server.port, "--path", server.path, "--opcode", server.opcode,
             "--ready-on", server.ready_on, "--subscriptions", path, *options], servers.LOAD_CORE)
        return json.loads(self.client.expect(r"ready (.*)")[1])

    def publish(self, passes, rate):
        """Each instrument changes `passes` times."""
        changes = passes * self.cell.instruments
        self.server.publish(changes, rate)
        return self.server.published(patience_s=changes / rate + process.PATIENCE_S)

    def passes_in(self, seconds):
        return max(1, math.ceil(seconds * self.cell.rate / self.cell.instruments))

    def stream(self):
        """Publishes for the cell's time and gives the figures of just that; quiet before, and quiet after."""
        cell = self.cell
        self.client.ask("reset", "reset")
        self.publish(self.passes_in(WARM_UP_S), cell.rate)
        self.drain()
        self.client.ask("reset", "reset")
        passes = self.passes_in(cell.seconds)
        before = self.accounts()
        published = self.publish(passes, cell.rate)
        report = self.drain()
        spent = {name: now - before[name] for name, now in self.accounts().items()}
        return self.figures(passes, published, report, spent)

    def drain(self):
        """Waits until every connection holds the last value of each of its instruments; the client's report."""
        end = time.monotonic() + DRAIN_S
        subscriptions = self.cell.connections * self.cell.per_connection
        while True:
            report = json.loads(self.client.ask("report", r"report (.*)")[1])
            if report["finals"] >= subscriptions or time.monotonic() > end:
                return report
            time.sleep(0.05)

    def accounts(self):
        return {"server": self.server.process.cpu_ns(), "client": self.client.cpu_ns(),
                "upstream": self.server.upstream.cpu_ns(), "server_core": process.core_busy_ns(servers.SERVER_CORE),
                "load_core": process.core_busy_ns(servers.LOAD_CORE)}

    def figures(self, passes, published, report, spent):
        cell = self.cell
        ns = published["seconds"] * 1e9
        subscriptions = cell.connections * cell.per_connection
        expected = subscriptions * passes
        result = {
            "updates": report["updates"], "expected": expected, "frames": report["frames"],
            "seconds": published["seconds"], "frame_bytes": report["bytes"] / max(1, report["frames"]),
            "cpu_us_per_update": spent["server"] / 1e3 / max(1, report["updates"]),
            "cpu_us_per_frame": spent["server"] / 1e3 / max(1, report["frames"]),
            "cpu_share": spent["server"] / ns, "load_share": (spent["client"] + spent["upstream"]) / ns,
            "foreign_share": (spent["server_core"] + spent["load_core"] - spent["server"] - spent["client"]
                              - spent["upstream"]) / ns,
            **{name: report[name] for name in ("p50_us", "p99_us", "p999_us", "max_us")}}
        void = self.server.faults()
        if report["lost"]:
            void.append(f"{report['lost']} connections lost")
        if report["finals"] < subscriptions:
            void.append(f"only {report['finals']} of {subscriptions} last values arrived")
        if cell.interval_ms == 0 and report["updates"] != expected:
            void.append(f"{report['updates']} of {expected} updates arrived")
        for what, share in (("server", result["cpu_share"]), ("load", result["load_share"])):
            if share > MOST_OF_A_CORE:
                void.append(f"{what} took {share:.0%} of its core")
        return {**result, "void": void}


def stream(server, cell):
    with Round(server, cell) as one:
        one.connect()
        return one.stream()


def run(workload, chosen, *, rounds, seconds=None, tell):
    """{server: [figures of each round]}; each round begins with another server."""
    cell = workload.cell if seconds is None else dataclasses.replace(workload.cell, seconds=seconds)
    results = {server.name: [] for server in chosen}
    for number in range(rounds):
        for server in chosen[number % len(chosen):] + chosen[:number % len(chosen)]:
            try:
                figures = stream(server, cell)
            except process.Failed as error:
                figures = {"void": [str(error)]}
            results[server.name].append(figures)
            tell(number, server, figures)
    return results
