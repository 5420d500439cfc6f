#!/usr/bin/env bash
# A first look: installs what is missing, builds, starts tickerd on a simulated market (or on the configuration given as the
# first argument), says what to open and type next, and stops on Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
config="${1:-configs/demo.yaml}"

./deploy/install-deps.sh
echo "building (the first time takes some minutes) …"
cmake --preset release -DBUILD_TESTING=OFF >/dev/null
cmake --build --preset release --target tickerd tickerctl

output=$(mktemp)
pid=
stop() {
  trap '' INT TERM
  [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true
  [ -z "$pid" ] || wait "$pid" || true
  rm -f "$output"
  echo "stopped"
  exit 0
}
trap stop INT TERM

# In a process group of its own, so that Ctrl-C reaches it once, through stop().
set -m
build/release/bin/tickerd --config "$config" >"$output" &
pid=$!
set +m

ended() {
  local code=0
  wait "$pid" || code=$?
  rm -f "$output"
  exit "$code"
}
url= ready=
for _ in $(seq 600); do
  url=$(sed -n 's/^listening //p' "$output")
  if [ -n "$url" ] && curl -fsSk -o /dev/null "$url/readyz" 2>/dev/null; then
    ready=yes
    break
  fi
  kill -0 "$pid" 2>/dev/null || ended
  sleep 0.1
done
# Where tokens are demanded, feeds are not told.
if [ -z "$ready" ] || { feeds=$(curl -fsk "$url/v1/feeds") && ! grep -q '"state":"live"' <<<"$feeds"; }; then
  echo "no feed is live yet: what is above says why, and ${url:+$url/v1/feeds}" >&2
fi
page="the dashboard: live prices"
curl -sk "${url:-}/" | grep -q 'has no dashboard' && page="a page that says why there is no dashboard"
metrics=$(sed -n 's/^metrics //p' "$output")
operators=
[ -z "$metrics" ] || operators=", and ${metrics%metrics} in a browser the operators' page"

cat <<TEXT

Ticker is running: $url

  open  $url/
        $page
  type  curl '$url/v1/tickers?symbols=demo:BTC-*'
        prices, once
        build/release/bin/tickerctl watch ${url/http/ws} 'demo:*'
        prices, live, until Ctrl-C
        curl ${metrics:-$url/healthz}
        what Prometheus sees$operators
  or in a browser's console, on the page above
        new WebSocket('${url/http/ws}/v1/stream?symbols=demo:BTC-*').onmessage = m => console.log(m.data)

Ctrl-C stops it.
TEXT
wait "$pid" || ended
ended
