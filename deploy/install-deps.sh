#!/usr/bin/env bash
# Installs the Debian packages that building and running need; with --all, those of the tests too; with --bench, those of
# tests/load. What is there already is left alone, so a second run does nothing and needs no root.
set -euo pipefail

build=(g++ cmake ninja-build ca-certificates curl
       libasio-dev libcjose-dev libcli11-dev libcurl4-openssl-dev libjansson-dev liburing-dev libspdlog-dev libssl-dev libwebsocketpp-dev libyaml-cpp-dev
       libzstd-dev prometheus-cpp-dev rapidjson-dev zlib1g-dev)
# prometheus is there for promtool, chromium for the client in a browser.
tests=(ccache chromium libgmock-dev libgtest-dev openssl prometheus python3 python3-jsonschema python3-websockets)
bench=(nats-server python3)

case "${1:-}" in
  "") wanted=("${build[@]}") ;;
  --bench) wanted=("${build[@]}" "${bench[@]}") ;;
  --all) wanted=("${build[@]}" "${tests[@]}") ;;
  *) echo "usage: $0 [--all | --bench]" >&2; exit 2 ;;
esac

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
# For the dashboard. A Node that is not Debian's is as good, and Debian's packages would fight with it.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "$0: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
  root=(sudo)
fi
as_root() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive "$@"; }

# Debian starts a service as soon as it is installed: here servers that nobody asked for. A unit that is masked before it is there
# is not started.
for package in prometheus nats-server; do
  unit=/etc/systemd/system/$package.service
  if [[ " ${missing[*]} " == *" $package "* ]] && [ ! -e "$unit" ]; then
    as_root mkdir -p "$(dirname "$unit")"
    as_root ln -s /dev/null "$unit"
    echo "$package is installed without its service, which is masked (systemctl unmask $package)"
  fi
done

echo "installing: ${missing[*]}"
as_root apt-get update -qq
as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
