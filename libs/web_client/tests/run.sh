#!/bin/sh
# Runs one suite of tests: run.sh FOLDER types|unit|package|tickerd|fuzz. What is built goes into FOLDER. Exit code 77: something
# that is needed is not here.
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?folder for what is built} suite=${2:?suite}
command -v node >/dev/null || { echo "skipped: no Node (deploy/install-deps.sh --all)"; exit 77; }
[ -d "$here/node_modules/ws" ] || { echo "skipped: no packages (npm ci --prefix libs/web_client)"; exit 77; }
export TICKER_BIN="${TICKER_BIN:-$here/../../build/dev/bin}"
case $suite in
  types) exec node "$here/node_modules/typescript/bin/tsc" -p "$here/tests/tsconfig.json" ;;
  *) exec node "$here/scripts/test.mjs" "$folder" "$suite" ;;
esac
