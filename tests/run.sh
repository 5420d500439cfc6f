#!/usr/bin/env bash
# Installs what is missing, builds and runs the tests, and ends with ctest's summary.
#   tests/run.sh         preset dev: everything, under AddressSanitizer and UBSan
#   tests/run.sh --all   also everything under ThreadSanitizer, and the integration tests on the release build, all by sendmsg
#                        there (above, by io_uring where it is to be had); what a test needs and is not here (recorded
#                        feeds, Node's ws) makes it fail, where it is skipped otherwise
# Each suite has a budget of minutes for 2 cores and a cold start; it is printed beside what was used. A suite that fails does
# not keep the others from running.
set -uo pipefail
cd "$(dirname "$0")/.."

all=false
case "${1:-}" in
  "") ;;
  --all) all=true; export TICKER_REQUIRE_ALL=1 ;;
  *) echo "usage: $0 [--all]" >&2; exit 2 ;;
esac

./deploy/install-deps.sh --all || exit 1
for packages in tests/node libs/web_client services/dashboard; do
  npm ci --prefix "$packages" --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null || exit 1
done

started=$SECONDS
jobs=$(nproc)
report=()
failed=0

# suite NAME PRESET BUDGET_MINUTES [ctest options …]
suite() {
  local name=$1 preset=$2 budget=$3 begin=$SECONDS result=passed
  shift 3
  echo "=== $name: configure and build (budget $budget min)"
  if ! cmake --preset "$preset" -DBUILD_TESTING=ON >"build/$preset.configure.log" 2>&1; then
    cat "build/$preset.configure.log"
    result="FAILED to configure"
  elif ! cmake --build --preset "$preset" -j "$jobs" -- --quiet; then
    result="FAILED to build"
  else
    echo "=== $name: tests"
    ctest --preset "$preset" -j "$jobs" "$@" </dev/null 2>&1 | tee "build/$preset.ctest.log" || result=FAILED
  fi
  record "$name" "$budget" "$begin" "$result"
}

# That the bench works, and what it prints; it is not judged here, beside whatever else the machine does.
bench() {
  local budget=3 begin=$SECONDS result=passed
  echo "=== bench (budget $budget min)"
  ./tests/load/bench.sh --quick broadcast </dev/null || result=FAILED
  record bench "$budget" "$begin" "$result"
}

# record NAME BUDGET_MINUTES BEGIN RESULT
record() {
  local minutes=$(((SECONDS - $3 + 59) / 60)) result=$4
  [ "$result" = passed ] || failed=1
  [ "$minutes" -le "$2" ] || result="$result, over its budget"
  report+=("$(printf '%-22s %3d of %3d min  %s' "$1" "$minutes" "$2" "$result")")
}

# What ctest says at its end: how many passed, and the names of those that did not, with what those that were skipped missed.
summary() {
  [ -e "build/$1.ctest.log" ] || return 0
  sed -n '/ tests passed, /,$p' "build/$1.ctest.log"
  grep -h '^skipped: ' "build/$1/Testing/Temporary/LastTest.log" | sort | uniq -c
}

mkdir -p build
rm -f build/*.ctest.log
if $all; then
  # The tree's tests look at sources only, and so do the pages' and some of web_client: dev runs them. What is tested in a browser is
  # the page, not the threads behind it.
  suite tsan tsan 30 -E '^tree\.|^web_client\.(types|unit|package)$|^dashboard\.|^e2e\.'
  TICKER_WRITE_PATH=sendmsg suite "release integration" release 15 -L integration -E '_sendmsg$'
  bench
fi
suite dev dev 25

echo
echo "=== suites"
printf '%s\n' "${report[@]}"
echo "in all $(((SECONDS - started + 59) / 60)) min"
for preset in tsan release dev; do
  summary "$preset"
done
exit "$failed"
