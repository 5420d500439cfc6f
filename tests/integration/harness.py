"""Runs the real programs: starts them on ports that the system chooses, waits for conditions under a deadline, stops them.

Every test class derives from IntegrationTest. Nothing here sleeps to let something happen: wait_until() asks again until
the condition holds or its deadline has passed, and then says what was waited for and what the programs wrote.
"""

import asyncio
import collections
import ctypes
import http.client
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
import unittest

from client import Client

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIPPED = 77  # the exit code that ctest takes for "skipped"
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
# ThreadSanitizer makes a program several times as slow, and keeps memory of its own for all that it touched.
UNDER_TSAN = os.environ.get("TICKER_SANITIZE") == "thread"
SLOWNESS = 3 if UNDER_TSAN else 1
# The default deadline of a wait: generous, because sanitizers at -O0 on a busy machine are slow.
PATIENCE_S = 45 * SLOWNESS

Response = collections.namedtuple("Response", "status headers body")


def binaries():
    return pathlib.Path(os.environ.get("TICKER_BIN", ROOT / "build/dev/bin"))


def feeds_folder():
    """Where the recorded feeds are, or None."""
    for folder in (os.environ.get("TICKER_FEEDS"), ROOT.parent / "shared/feeds"):
        if folder and list(pathlib.Path(folder).glob("*.raw.gz")):
            return pathlib.Path(folder)
    return None


def recording(name):
    return feeds_folder() / f"{name}.raw.gz"


def require(there, what):
    """Unless it is there, ends the script: as skipped, or as failed where everything must be there (tests/run.sh --all)."""
    if not there:
        print(f"skipped: {what}")
        sys.exit(1 if os.environ.get("TICKER_REQUIRE_ALL") else SKIPPED)


def main(*, needs_recordings=False, needs_node=False):
    """Runs the tests of the calling script, once what they need is there."""
    require(not needs_recordings or feeds_folder(), "no recorded feeds in $TICKER_FEEDS or ../shared/feeds")
    require(not needs_node or (ROOT / "tests/node/node_modules/ws").is_dir(),
            "no Node package `ws` in tests/node (npm ci --prefix tests/node)")
    unittest.main(verbosity=2)


async def wait_until(condition, what, deadline_s=PATIENCE_S):
    """Asks `condition` (a function, or one that gives a coroutine) until it gives something true, which is returned."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        await asyncio.sleep(0.02)


class Program:
    """A child process; what it wrote is kept by line in `out` and `err`."""

    def __init__(self, name):
        self.name = name
        self.out = []
        self.err = []
        self._process = None
        self._readers = []

    @classmethod
    async def start(cls, command, *, environment=None, stdin=None):
        self = cls(pathlib.Path(str(command[0])).name)
        self._process = await asyncio.create_subprocess_exec(
            *map(str, command), stdin=stdin, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(environment or {})}, limit=64 << 20,
            # Nothing outlives a test run that is cut short.
            preexec_fn=lambda: _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL))
        for stream, lines in ((self._process.stdout, self.out), (self._process.stderr, self.err)):
            self._readers.append(asyncio.ensure_future(self._collect(stream, lines)))
        return self

    @staticmethod
    async def _collect(stream, lines):
        while line := await stream.readline():
            lines.append(line.decode(errors="replace").rstrip("\n"))

    @property
    def pid(self):
        return self._process.pid

    @property
    def exit_code(self):
        """None while it runs; negative: ended by that signal."""
        return self._process.returncode

    async def line(self, pattern, deadline_s=PATIENCE_S):
        """The match of the first line of standard output that holds `pattern`, waited for."""
        def find():
            match = next(filter(None, (re.search(pattern, line) for line in self.out)), None)
            if not match and self.exit_code is not None:
                raise AssertionError(f"{self.name} ended with {self.exit_code} before it wrote '{pattern}':\n" + self.tail())
            return match
        return await wait_until(find, f"{self.name} writes '{pattern}'", deadline_s)

    async def write(self, text):
        self._process.stdin.write(text.encode())
        await self._process.stdin.drain()

    def signal(self, number):
        self._process.send_signal(number)

    async def wait(self, deadline_s=PATIENCE_S):
        """The exit code, once it has ended and its output has been read."""
        try:
            await asyncio.wait_for(self._process.wait(), deadline_s)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.name} still runs after {deadline_s} s:\n" + self.tail()) from None
        await asyncio.gather(*self._readers)
        return self.exit_code

    async def stop(self, deadline_s=PATIENCE_S):
        """SIGTERM, unless it has ended; the exit code. A program that a test has halted goes on first."""
        if self.exit_code is None:
            # In this order: LeakSanitizer, which runs as the program ends, hangs on a signal that comes meanwhile.
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        return await self.wait(deadline_s)

    async def kill(self):
        if self.exit_code is None:
            self.signal(signal.SIGKILL)
        await self.wait()

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def tail(self, lines=40):
        return "\n".join(f"  [{self.name} {self.pid}] {line}" for line in (self.out[-5:] + self.err[-lines:]))


async def run(command, *, environment=None, deadline_s=PATIENCE_S):
    """Runs a program that ends by itself."""
    program = await Program.start(command, environment=environment)
    await program.wait(deadline_s)
    return program


def fetch(port, path, *, method="GET", headers=None, host="127.0.0.1"):
    """One HTTP exchange on a connection of its own; blocks."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return Response(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Metrics:
    """A scrape: the samples of every family."""

    def __init__(self, text):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if match:
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
                self.samples.append((match[1], labels, float(match[3])))

    def names(self):
        return {name for name, _, _ in self.samples}

    def families(self):
        return set(re.findall(r"^# TYPE (\w+) ", self.text, re.MULTILINE))

    def sum(self, name, **labels):
        """The sum of the samples of `name` that carry all of `labels`; 0 where there is none."""
        return sum(value for sample, has, value in self.samples
                   if sample == name and labels.items() <= has.items())


class Tickerd:
    """A running tickerd and its two addresses."""

    def __init__(self, program, port, metrics_port):
        self.program = program
        self.port = port
        self.metrics_port = metrics_port
        self.url = f"ws://127.0.0.1:{port}/v1/stream"

    async def get(self, path, **options):
        return await asyncio.to_thread(fetch, self.port, path, **options)

    async def get_json(self, path):
        answer = await self.get(path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer.status} {answer.body[:200]!r}")
        return json.loads(answer.body)

    async def tickers(self, symbols="*"):
        """GET /v1/tickers by symbol."""
        return {entry["symbol"]: entry for entry in (await self.get_json(f"/v1/tickers?symbols={symbols}"))["data"]}

    async def metrics(self):
        answer = await asyncio.to_thread(fetch, self.metrics_port, "/metrics")
        if answer.status != 200:
            raise AssertionError(f"GET /metrics: {answer.status}")
        return Metrics(answer.body.decode())

    async def ready(self, deadline_s=PATIENCE_S):
        async def is_ready():
            return (await self.get("/readyz")).status == 200
        await wait_until(is_ready, "/readyz answers 200", deadline_s)


class IntegrationTest(unittest.IsolatedAsyncioTestCase):
    """Owns a folder, programs and clients for one test; at its end every program is stopped and must exit with 0."""

    maxDiff = 4000

    async def asyncSetUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ticker-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.programs = []
        self.clients = []

    async def asyncTearDown(self):
        result = self._outcome.result
        failed = any(self in (test, getattr(test, "test_case", None)) for test, _ in result.failures + result.errors)
        for client in self.clients:
            await client.close()
        codes = {}
        for program in self.programs:
            ended_before = program.exit_code is not None
            code = await program.stop()
            if not ended_before:
                codes[f"{program.name} {program.pid}"] = code
        if failed or any(codes.values()):
            print("\n" + "\n".join(program.tail() for program in self.programs), file=sys.stderr)
        self.assertFalse({name: code for name, code in codes.items() if code}, "exit codes after SIGTERM")
        for client in self.clients:
            self.assertEqual(client.faults, [], "the server broke the protocol")

    async def start(self, *command, **options):
        """Starts a program that the end of the test stops."""
        program = await Program.start(command, **options)
        self.programs.append(program)
        self.addAsyncCleanup(program.kill)  # for what the orderly end does not reach
        return program

    async def start_sim(self, venue, recording_file, *options, listen="127.0.0.1:0", environment=None):
        """exchange_sim; `url` of what is returned is where it listens."""
        sim = await self.start(binaries() / "exchange_sim", "--venue", venue, "--recording", recording_file,
                               "--listen", listen, *options, environment=environment)
        sim.url = (await sim.line(r"listening (ws://\S+:\d+)"))[1]
        return sim

    def write_config(self, config, name="ticker.yaml"):
        """`config`: text, or what JSON can say (which is YAML too)."""
        path = self.folder / name
        path.write_text(config if isinstance(config, str) else json.dumps(config, indent=2))
        return path

    async def start_tickerd(self, feeds, *, server=None, limits=None, **options):
        """tickerd with these feeds, everything else by default or as given."""
        return await self.start_tickerd_with(self.write_config(config(feeds, server, limits)), **options)

    async def start_tickerd_with(self, path, *, environment=None, under=()):
        """`under`: a command that sets something up and becomes the command behind it."""
        program = await self.start(*under, binaries() / "tickerd", "--config", path, environment=environment)
        metrics_port = (await program.line(r"metrics http://\S+?:(\d+)/metrics"))[1]
        port = (await program.line(r"listening https?://\S+?:(\d+)"))[1]
        return Tickerd(program, int(port), int(metrics_port))

    async def connect(self, tickerd, **options):
        """A client, connected and greeted."""
        client = Client(tickerd.url, **options)
        self.clients.append(client)
        await client.open()
        return client

    async def becomes(self, get, expected, what, deadline_s=PATIENCE_S):
        """Waits until `get` (a function, or one that gives a coroutine) gives `expected`; else shows the difference."""
        latest = None
        async def equal():
            nonlocal latest
            latest = get()
            if asyncio.iscoroutine(latest):
                latest = await latest
            return latest == expected
        try:
            await wait_until(equal, what, deadline_s)
        except AssertionError:
            self.assertEqual(latest, expected, f"not within {deadline_s} s: {what}")

    def assert_grown_less(self, grown_kib, bound_kib):
        """Holds a program's resident size to a bound, where it tells what the program holds."""
        print(f"grown by {grown_kib} KiB, less than {bound_kib} wanted")
        if not UNDER_TSAN:
            self.assertLess(grown_kib, bound_kib)

    async def counted(self, tickerd, name, at_least=1, **labels):
        """Waits until a metric reaches a value."""
        async def reached():
            return (await tickerd.metrics()).sum(name, **labels) >= at_least
        await wait_until(reached, f"{name}{labels or ''} is at least {at_least}")


def config(feeds, server=None, limits=None):
    """A configuration on ports of the system's choosing, one shard unless told otherwise."""
    return {"server": {"listen": "127.0.0.1:0", "shards": 1, "write_path": os.environ.get("TICKER_WRITE_PATH", "auto"),
                       **(server or {}), "limits": limits or {}},
            "metrics": {"listen": "127.0.0.1:0"}, "feeds": feeds}


def simulator(name="demo", *, instruments=20, updates_per_second=200, **others):
    return {"name": name, "adapter": "simulator", "seed": 42, "instruments": instruments,
            "updates_per_second": updates_per_second, **others}


# Companions travel with other changes and are never a change of their own: they may lag behind in a client.
COMPANIONS = ("ticks", "exchange_time_us", "receive_time_us")


def values(entries, *, but=()):
    """The state without freshness (and `but` these fields), by symbol: what must be identical everywhere."""
    left_out = {"symbol", "stale", *COMPANIONS, *but}
    return {symbol: {field: value for field, value in entry.items() if field not in left_out and value is not None}
            for symbol, entry in entries.items()}


def stale(entries):
    return {symbol: entry.get("stale") for symbol, entry in entries.items()}
