"""The command line of the bench: tests/load/bench.sh [--quick] [WORKLOAD…]."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import sys
import tempfile
import time

import ingest
import recording
import replay
import results
import rounds
import servers
from workloads import WORKLOADS

QUICK_SECONDS = 2.0
QUICK_BUDGET_S = 60  # for the first workload
PROGRAMS = {"ingest": ingest.run, "recording": recording.run, "replay": replay.run}  # workloads without servers


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "placement": f"core {servers.SERVER_CORE}: the server; core {servers.LOAD_CORE}: load client, upstream, this"}


def arguments():
    known = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser(prog="bench.sh", description="Fan-out beside its peers; README.md says what figures mean.")
    parser.add_argument("--quick", action="store_true",
                        help="one short round: shows that the bench works, not what the servers are worth")
    parser.add_argument("--server", action="append", help="only this row (tickerd: both of its own); may be repeated")
    parser.add_argument("--profile", action="store_true", help="record each server with perf, into build/")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="all of: " + ", ".join(known))
    given = parser.parse_args()
    for name in given.workloads:
        if name not in known:
            parser.error(f"no workload '{name}': " + ", ".join(known))
    return given


def chosen_servers(given, known):
    """Those that were asked for; exits where a name is of none."""
    for name in given or ():
        if not any(is_named(server, name) for server in known.values()):
            sys.exit(f"no server '{name}': " + ", ".join(known))
    return {name: server for name, server in known.items() if not given or any(is_named(server, one) for one in given)}


def is_named(server, name):
    return server.name == name or (server.is_ours and name == "tickerd")


def tell(workload, number, server, figures):
    shown = ", ".join(f"{figure.heading} {figures[figure.name]:.{figure.digits}f}" for figure in workload.figures
                      if figure.name in figures)
    shown = "; ".join(["does not count: " + reason for reason in figures["void"]] + [shown])
    print(f"  {workload.name} {number + 1}, {server.name}: {shown}", file=sys.stderr, flush=True)


def main():
    given = arguments()
    if servers.LOAD_CORE is None:
        sys.exit("the bench needs two cores: one for the server, one for the load")
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    with tempfile.TemporaryDirectory(prefix="ticker-bench-") as folder:
        known, notes = servers.all_servers(folder)
    known = chosen_servers(given.server, known)
    ran_on = {**machine(), **servers.versions()}
    path = servers.ROOT / f"build/bench{'.quick' if given.quick else ''}.json"
    outcome = json.loads(path.read_text()) if path.exists() else {}  # by workload: those that are not measured now stay
    for name, value in ran_on.items():
        print(f"{name}: {value}")
    for note in notes:
        print("note: " + note)
    print(flush=True)
    began = time.monotonic()
    broken = []
    for workload in WORKLOADS:
        if given.workloads and workload.name not in given.workloads:
            continue
        since = time.monotonic()
        chosen = [server for name, server in known.items() if server.is_ours or name in workload.peers]
        count = 1 if given.quick else workload.rounds
        profiles = servers.ROOT / "build" if given.profile else None
        if workload.measure in PROGRAMS:
            try:
                measured = PROGRAMS[workload.measure](workload, rounds=count, quick=given.quick, profiles=profiles, tell=tell)
            except (ingest.Absent, recording.Absent, replay.Absent) as why:
                print(f"## {workload.name}: not measured: {why}\n", flush=True)
                if given.workloads:
                    broken.append(f"{workload.name}: not measured")
                continue
        else:
            measured = rounds.run(workload, chosen, rounds=count, seconds=QUICK_SECONDS if given.quick else None,
                                  profiles=profiles, tell=tell)
        evaluated = results.evaluate(workload, measured)
        outcome[workload.name] = {"machine": ran_on, "notes": notes, "rounds": measured, **evaluated}
        path.write_text(json.dumps(outcome, indent=1, ensure_ascii=False))
        print(results.table(workload, measured, evaluated), flush=True)
        broken += [f"{workload.name}: {fault}" for fault in results.faults(workload, measured)]
        took = time.monotonic() - since
        if given.quick and workload is WORKLOADS[0] and took > QUICK_BUDGET_S:
            broken.append(f"{workload.name}: took {took:.0f} s, more than {QUICK_BUDGET_S}")
    print(f"{time.monotonic() - began:.0f} s; all rounds: {path.relative_to(servers.ROOT)}")
    # Printed, not judged; only a bench that could not measure has failed.
    sys.exit("\n".join(broken) or 0)


main()
