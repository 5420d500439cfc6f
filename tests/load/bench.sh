#!/usr/bin/env bash
# Measures the fan-out beside its peers: tests/load/bench.sh [--quick] [WORKLOAD…]; README.md says what the figures mean.
set -euo pipefail
cd "$(dirname "$0")/../.."

./deploy/install-deps.sh --bench
npm ci --prefix tests/load --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null
cmake --preset release >/dev/null
cmake --build --preset release --target tickerd tickerctl feed_bench load_client load_floor load_ingest load_replay load_upstream load_websocketpp -- --quiet
exec python3 -B tests/load/bench "$@"
