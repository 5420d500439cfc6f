"""The workload `ingest`: a venue's bytes in memory to versions of the state, on one core, beside the parser alone and a mapper
that is in wide use. Programs that go over a tape when they are told to; no server, no load."""

import contextlib
import gzip
import json
import os
import pathlib
import tempfile

import process
import servers

FEEDS = pathlib.Path(os.environ.get("TICKER_FEEDS", servers.ROOT.parent / "shared/feeds"))
RECORDING = FEEDS / "binance_usdm_btcusdt_20240808.raw.gz"
QUOTES_AND_TRADES = (b"@bookTicker", b"@trade")
SECONDS = 0.5  # of one program over one tape, in one round
PATIENCE_S = 120


class Absent(Exception):
    """There is nothing to measure with."""


class Decoder:
    """One row: a program that reads the tapes and answers `pass TAPE COUNT`."""

    def __init__(self, name, *command):
        self.name = name
        self._command = command

    def start(self, tapes):
        self.process = process.Process([*self._command, *tapes], servers.SERVER_CORE)
        self.process.expect("^ready", PATIENCE_S)
        # What a program does once, compiling itself among it, is in no round.
        self._passes = [self._passes_in_time(tape) for tape in range(len(tapes))]

    def _passes_in_time(self, tape):
        self.over(tape, 1)
        return max(1, round(SECONDS / self.over(tape, 1)[0]))

    def over(self, tape, passes):
        """CPU seconds a pass, of all its threads; what it says of them."""
        before = self.process.cpu_ns()
        said = self.process.ask(f"pass {tape} {passes}", r"^passed (.*)", PATIENCE_S)
        return (self.process.cpu_ns() - before) / 1e9 / passes, {
            name: count / passes for name, count in json.loads(said[1]).items()}

    def round(self, tape):
        return self.over(tape, self._passes[tape])


def decoders():
    bench = servers.BIN / "feed_bench"
    return [Decoder("tickerd", bench, "state", "binance-usdm"), Decoder("bare SAX", bench, "bare"),
            Decoder("tardis-dev", "node", servers.LOAD / "peers/tardis.js")]


def make_tapes(folder):
    """Quotes and trades, and the whole recording: [(path, messages)]."""
    if not RECORDING.is_file():
        raise Absent(f"no recording {RECORDING} (TICKER_FEEDS says where recordings are)")
    lines = gzip.decompress(RECORDING.read_bytes()).splitlines(keepends=True)
    wanted = [line for line in lines if any(stream in line for stream in QUOTES_AND_TRADES)]
    tapes = []
    for name, of in (("quotes_and_trades", wanted), ("whole", lines)):
        tapes.append((pathlib.Path(folder) / name, len(of)))
        tapes[-1][0].write_bytes(b"".join(of))
    return tapes


def measure(decoder, tapes):
    figures, void = {}, []
    for tape, (name, (_, messages)) in enumerate(zip(("per_s", "per_s_all"), tapes)):
        seconds, said = decoder.round(tape)
        figures[name] = messages / seconds
        figures[f"entries_{tape}"] = said.get("entries")
        if said["refused"]:
            void.append(f"{said['refused']:.0f} messages were refused")
    return {**figures, "void": void}


def compare(rows):
    """A round counts only where all who make quotes and trades of the messages made as many."""
    for name in ("entries_0", "entries_1"):
        made = {row: figures[name] for row, figures in rows.items() if figures[name] is not None}
        if len(set(made.values())) > 1:
            for row in made:
                rows[row]["void"].append("not as many quotes and trades: " + ", ".join(f"{row} {n:.0f}" for row, n in made.items()))


def run(workload, *, rounds, quick, profiles, tell):
    """{row: [figures of each round]}; each round begins with another row."""
    del quick  # a round is short
    chosen = decoders()
    results = {decoder.name: [] for decoder in chosen}
    with tempfile.TemporaryDirectory(prefix="ticker-bench-") as folder, contextlib.ExitStack() as running:
        tapes = make_tapes(folder)
        for decoder in chosen:
            decoder.start([path for path, _ in tapes])
            running.callback(decoder.process.stop)
        for number in range(rounds):
            first = number % len(chosen)
            of_round = {}
            for decoder in chosen[first:] + chosen[:first]:
                path = profiles and profiles / f"{workload.name}.{decoder.name.replace(' ', '-')}.perf"
                with decoder.process.profiled(path) if path else contextlib.nullcontext():
                    of_round[decoder.name] = measure(decoder, tapes)
            compare(of_round)
            for decoder in chosen:
                results[decoder.name].append(of_round[decoder.name])
                tell(workload, number, decoder, of_round[decoder.name])
    return results
