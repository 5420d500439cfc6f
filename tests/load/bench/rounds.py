"""One round: a server, its upstream and the load client, from start to stop; and all rounds of a workload, in alternation."""

import contextlib
import dataclasses
import json
import math
import pathlib
import random
import tempfile
import time

import measures
import process
import results as rules
import servers

SEED = 20261122
DRAIN_S = 5.0
AGAIN = 2  # times the rounds, at most, where too few count


class Round:
    """Everything that one measurement needs running, under one cell."""

    def __init__(self, server, cell, profile=None):
        self.server = server
        self.cell = cell
        self._profile = profile
        self.client = None
        self._folder = tempfile.TemporaryDirectory(prefix="ticker-bench-")

    def __enter__(self):
        try:
            self.server.start(self.cell, self._folder.name)
            self.publish(1, 4 * self.cell.instruments)  # every instrument has a value before anybody subscribes
        except BaseException:  # a program that is not there, too: nothing stays on the cores
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.client:
            self.client.stop()
        self.server.stop()
        self._folder.cleanup()

    @property
    def subscriptions(self):
        """Of the connections that always read."""
        return (self.cell.connections - self.cell.slow) * self.cell.per_connection

    def connect(self, *options):
        """Opens all connections; the client's account of it."""
        cell, server = self.cell, self.server
        chooser = random.Random(SEED)
        lists = [sorted(chooser.sample(range(cell.instruments), cell.per_slow if i < cell.slow else cell.per_connection))
                 for i in range(cell.connections)]
        path = pathlib.Path(self._folder.name) / "subscriptions"
        path.write_text("".join(server.subscription(chosen, cell) + "\n" for chosen in lists))
        self.client = process.Process(
            [servers.BIN / "load_client", "--port", server.port, "--path", server.path, "--opcode", server.opcode,
             "--ready-on", server.ready_on, "--slow", str(cell.slow), "--one-each", str(int(cell.per_connection == 1)),
             "--subscriptions", path, *options], servers.LOAD_CORE)
        return json.loads(self.client.expect(r"ready (.*)")[1])

    def publish(self, passes, rate):
        """Each instrument changes `passes` times."""
        changes = passes * self.cell.instruments
        self.server.publish(changes, rate)
        return self.server.published(patience_s=changes / rate + process.PATIENCE_S)

    def profiled(self):
        return self.server.process.profiled(self._profile) if self._profile else contextlib.nullcontext()

    def passes_in(self, seconds):
        return max(1, math.ceil(seconds * self.cell.rate / self.cell.instruments))

    def report(self):
        return json.loads(self.client.ask("report", r"report (.*)")[1])

    def drain(self):
        """Waits until all who read hold the last value of each of their instruments; the client's report."""
        end = time.monotonic() + DRAIN_S
        while True:
            time.sleep(0.05)
            report = self.report()
            if self.server.is_paced or report["finals"] >= self.subscriptions or time.monotonic() > end:
                return report

    def accounts(self):
        return {"server": self.server.process.cpu_ns(), "client": self.client.cpu_ns() if self.client else 0,
                "upstream": self.server.upstream.cpu_ns(), "machine": process.machine_cpu_ns()}

    def spent_since(self, before):
        return {name: now - before[name] for name, now in self.accounts().items()}


def run(workload, chosen, *, rounds, seconds, profiles, tell):
    """{server: [figures of each round]}; each round begins with another server. `profiles`: a folder for perf's, or nothing."""
    cell = dataclasses.replace(workload.cell, seconds=min(seconds or workload.cell.seconds, workload.cell.seconds))
    results = {server.name: [] for server in chosen}
    for number in range(rounds if seconds else rounds * AGAIN):
        if number >= rounds and not rules.is_wanting(workload, results, rounds):
            break
        is_again = number >= rounds  # of those only whom a bar compares
        wanted = [one for one in chosen if not is_again or one.is_ours or one.name in {bar.peer for bar in workload.bars}]
        for server in chosen:
            if server not in wanted:
                results[server.name].append(rules.LEFT_OUT)
        for server in wanted[number % len(wanted):] + wanted[:number % len(wanted)]:
            def start(cell, server=server):
                return Round(server, cell, profiles and profiles / f"{workload.name}.{server.name.replace(' ', '-')}.perf")
            try:
                figures = getattr(measures, workload.measure)(start, cell)
            except (process.Failed, OSError, ArithmeticError, ValueError) as error:  # the other rows are worth having all the same
                figures = {"void": [str(error) or type(error).__name__]}
            if server.is_ours and "frame_bytes" in figures:
                cell = dataclasses.replace(cell, frame_bytes=round(figures["frame_bytes"]))
            results[server.name].append(figures)
            tell(workload, number, server, figures)
    return results
