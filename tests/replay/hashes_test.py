#!/usr/bin/env python3
"""Every recording replays to the same frames on every run, in every build.

Each is replayed twice, and the frames' hash is compared with hashes.json, which all presets share.

usage: hashes_test.py [--write]     --write: make hashes.json anew
TICKER_BIN: the folder of tickerctl. TICKER_FEEDS: the folder of the recordings, ../shared/feeds beside the checkout by default.
Exit code 77: skipped, as the recordings are not there; 1 with TICKER_REQUIRE_ALL set.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent

RECORDINGS = {
    "binance_spot_btcusdt_20240808": "binance-spot",
    "binance_usdm_btcusdt_20240808": "binance-usdm",
    "binance_coinm_10sym_20210417": "binance-coinm",
    "coinbase_exchange_6prod_20210417": "coinbase-exchange",
    "coinbase_advanced_btc_eth_20260809": "coinbase-advanced",
    "kraken_v1_6pair_20210417": "kraken-v1",
    "okx_v5_3inst_20220513": "okx",
    "bitfinex_v2_7pair_20210417": "bitfinex",
    "bitstamp_10pair_20220105": "bitstamp",
    "bybit_v5_linear_btc_sol_20260809": "bybit-linear",
}


def replay(tickerctl, path, venue, *options):
    """The hash and the number of the frames."""
    command = [tickerctl, "replay", str(path), "--venue", venue, *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0 or done.stderr:
        raise SystemExit(f"{path.name}: exit code {done.returncode}\n{done.stderr.decode()}")
    return {"frames": done.stdout.count(b"\n"), "sha256": hashlib.sha256(done.stdout).hexdigest()}


def main():
    root = HERE.parents[1]
    feeds = pathlib.Path(os.environ.get("TICKER_FEEDS") or root.parent / "shared" / "feeds")
    if not feeds.is_dir():
        print(f"skipped: no recordings at {feeds}; set TICKER_FEEDS")
        return 1 if os.environ.get("TICKER_REQUIRE_ALL") else SKIPPED
    tickerctl = str(pathlib.Path(os.environ.get("TICKER_BIN", root / "build" / "dev" / "bin")) / "tickerctl")
    found = {}
    failed = False
    golden = HERE / "hashes.json"
    wanted = {} if "--write" in sys.argv else json.loads(golden.read_text())
    for name, venue in RECORDINGS.items():
        path = feeds / f"{name}.raw.gz"
        for channel, interval in (("ticker", ["--interval", "100"]), ("trades", [])):
            key = f"{name} {channel}"
            first, second = (replay(tickerctl, path, venue, "--channel", channel, *interval) for _ in range(2))
            found[key] = first
            same = first == second and ("--write" in sys.argv or first == wanted.get(key))
            failed = failed or not same
            print(f"{key}: {first['frames']} frames" + ("" if same else f"\n  {first}\n  again {second}\n  wanted {wanted.get(key)}"))
    if "--write" in sys.argv:
        golden.write_text(json.dumps(found, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
