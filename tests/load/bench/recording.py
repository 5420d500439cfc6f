"""The workload `recording`: one venue connection taken in as fast as it goes, with recording and without, in turns. One program
whose venue, feed and recorder are threads of its own on both cores; no server, no load."""

import os
import pathlib
import re
import subprocess

import servers

FEEDS = pathlib.Path(os.environ.get("TICKER_FEEDS", servers.ROOT.parent / "shared/feeds"))
TAPE = FEEDS / "binance_spot_btcusdt_20240808.raw.gz"
MESSAGES, QUICK_MESSAGES = 1_000_000, 200_000
PATIENCE_S = 600
ROUND = re.compile(r"off (\d+) messages/s, (\d+) ns; recorded (\d+) messages/s, (\d+) ns")
LOST = re.compile(r"(\d+) were not recorded")


class Absent(Exception):
    """There is nothing to measure with."""


class Row:
    name = "tickerd"


def rounds_of(said):
    """The figures of each round, from what load_ingest prints; a round that left messages out does not count."""
    rounds, void = [], []
    for line in said.splitlines():
        if lost := LOST.search(line):
            void.append(f"{lost[1]} messages were not recorded")
        elif found := ROUND.search(line):
            off, off_ns, recorded, recorded_ns = map(int, found.groups())
            rounds.append({"ratio": recorded / off, "per_s": recorded, "per_s_off": off, "cpu_ratio": recorded_ns / off_ns,
                           "void": void})
            void = []
    return rounds


def run(workload, *, rounds, quick, profiles, tell):
    """{row: [figures of each round]}"""
    del profiles  # it is about another thread's work, not about that of one
    if not TAPE.is_file():
        raise Absent(f"no recording {TAPE} (TICKER_FEEDS says where recordings are)")
    command = [servers.BIN / "load_ingest", "--tape", TAPE, "--rounds", str(rounds),
               "--messages", str(QUICK_MESSAGES if quick else MESSAGES)]
    cores = {servers.SERVER_CORE, servers.LOAD_CORE}
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores)).stdout
    measured = rounds_of(said)
    for number, figures in enumerate(measured):
        tell(workload, number, Row, figures)
    return {Row.name: measured}
