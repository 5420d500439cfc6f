#!/bin/sh
# Runs one suite in a real browser, on the real service: run.sh FOLDER SUITE. Screenshots and what is built go to FOLDER. Exit code 77: something that is
# needed is not here; 1 where everything must be (TICKER_REQUIRE_ALL).
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?folder for screenshots} suite=${2:?suite}
skip() { echo "skipped: $1"; [ -n "$TICKER_REQUIRE_ALL" ] && exit 1; exit 77; }
command -v node >/dev/null || skip "no Node (deploy/install-deps.sh --all)"
[ -d "$here/../node/node_modules/playwright-core" ] || skip "no packages (npm ci --prefix tests/node)"
CHROMIUM=$(command -v chromium) || skip "no Chromium (deploy/install-deps.sh --all)"
export CHROMIUM E2E_OUT="$folder" TICKER_BIN="${TICKER_BIN:-$here/../../build/dev/bin}"
if [ "$suite" = example ]; then
  [ -d "$here/../../libs/web_client/node_modules/esbuild" ] || skip "no packages (npm ci --prefix libs/web_client)"
  node "$here/../../libs/web_client/scripts/build.mjs" "$folder/web_client" || exit 1
fi
exec node --test "$here/${suite}_test.mjs"
