#!/usr/bin/env bash
# Measures the fan-out beside its peers: tests/load/bench.sh [--quick] [WORKLOAD…]; README.md says what the figures mean.
set -euo pipefail
cd "$(dirname "$0")/../.."

./deploy/install-deps.sh --bench
npm ci --prefix tests/load --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null
cmake --preset release >/dev/null
# `ingest` alone has no server and no load: far less to build.
targets=(tickerd feed_bench)
[ "$*" = ingest ] || targets+=(tickerctl load_client load_floor load_ingest load_replay load_upstream load_websocketpp)
cmake --build --preset release --target "${targets[@]}" -- --quiet
exec python3 -B tests/load/bench "$@"
