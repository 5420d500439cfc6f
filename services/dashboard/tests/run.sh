#!/bin/sh
# Runs one suite of tests: run.sh FOLDER types|unit. What is built goes into FOLDER. Exit code 77: something that is needed is not here.
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?folder for what is built} suite=${2:?suite}
command -v node >/dev/null || { echo "skipped: no Node (deploy/install-deps.sh --all)"; exit 77; }
for packages in services/dashboard libs/web_client; do
  [ -d "$here/../../$packages/node_modules/typescript" ] || { echo "skipped: no packages (npm ci --prefix $packages)"; exit 77; }
done
case $suite in
  types) exec node "$here/node_modules/typescript/bin/tsc" -p "$here/tests/tsconfig.json" ;;
  *) exec node "$here/scripts/test.mjs" "$folder" "$suite" ;;
esac
