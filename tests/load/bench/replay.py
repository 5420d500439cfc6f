"""The workload `replay`: a recording in our own format, from the page cache, into the frames of one client as fast as it goes; and
played as a feed at its own pace. One program that does what it is told; no server, no load."""

import json
import os
import pathlib
import subprocess
import tempfile
import time

import process
import servers

FEEDS = pathlib.Path(os.environ.get("TICKER_FEEDS", servers.ROOT.parent / "shared/feeds"))
RECORDING, VENUE = FEEDS / "binance_usdm_btcusdt_20240808.raw.gz", "binance-usdm"
INTERVAL_MS = 100
PASSES = 10        # over the recording, in one round: it is short
PACE_S = 10
PATIENCE_S = 120


class Absent(Exception):
    """There is nothing to measure with."""


class Row:
    name = "tickerd"


def ask(player, command, argument=0):
    return json.loads(player.ask(f"{command} {argument}", r"^({.*})", PATIENCE_S)[1])


def passes(player, command, argument=0):
    """[what it said of each pass], and the wall time of all."""
    began = time.monotonic()
    return [ask(player, command, argument) for _ in range(PASSES)], time.monotonic() - began


def measure(player, pace_s):
    read, _ = passes(player, "read")
    frames, seconds = passes(player, "frames", INTERVAL_MS)
    paced = ask(player, "pace", pace_s)
    slept = ask(player, "sleep", pace_s)
    messages = sum(one["messages"] for one in read)
    void = []
    if any(one["damages"] for one in frames) or len({(one["frames"], one["bytes"]) for one in frames}) > 1:
        void.append("not the same frames each time")
    if paced["off"]:
        void.append(f"{paced['off']} changes at other than recorded times")
    reading, whole = (sum(one["cpu"] for one in of) for of in (read, frames))
    return {"per_s": messages / whole, "per_s_wall": messages / seconds, "per_s_read": messages / reading,
            "read_percent": 100 * reading / whole, "pace_p50_us": paced["p50_us"], "pace_p99_us": paced["p99_us"],
            "pace_max_us": paced["max_us"], "sleep_p99_us": slept["p99_us"], "void": void}


def run(workload, *, rounds, quick, profiles, tell):
    """{row: [figures of each round]}"""
    if not RECORDING.is_file():
        raise Absent(f"no recording {RECORDING} (TICKER_FEEDS says where recordings are)")
    results = []
    with tempfile.TemporaryDirectory(prefix="ticker-bench-") as folder:
        own = pathlib.Path(folder) / "recording.rec.zst"
        subprocess.run([servers.BIN / "tickerctl", "convert", RECORDING, "--to", own, "--venue", VENUE], check=True,
                       capture_output=True)
        player = process.Process([servers.BIN / "load_replay", own], servers.SERVER_CORE)
        try:
            player.expect("^ready")
            measure(player, 1)  # caches are warm
            for number in range(rounds):
                figures = measure(player, 2 if quick else PACE_S)
                results.append(figures)
                tell(workload, number, Row, figures)
            if profiles:
                with player.profiled(profiles / f"{workload.name}.{Row.name}.perf"):
                    passes(player, "frames", INTERVAL_MS)
        finally:
            player.stop()
    return {Row.name: results}
