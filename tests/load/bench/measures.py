"""What is done with a round, a function for each kind of workload: figures by name, and `void`, why the round does not count."""

import contextlib
import dataclasses
import threading
import time

MOST_OF_A_CORE = 0.85
MOST_OF_OTHERS = 0.15  # of a core, of whatever else the machine does: more disturbs any row
LEAST_OFFERED = 0.98  # of the rate: a load that falls behind is another workload
WARM_UP_S = 1.5
SETTLE_S = 1.0
SAMPLE_S = 0.5
CATCH_UP_S = 5.0
STALENESS = ("p50_us", "p99_us", "p999_us", "max_us")


def stream(start, cell):
    """Changes at a steady rate: the cost of what arrives, and how stale it is."""
    with start(cell) as one:
        one.connect()
        warm_up(one)
        return steady(one)


def warm_up(one):
    one.client.ask("reset", "reset")
    one.publish(one.passes_in(WARM_UP_S), one.cell.rate)
    one.drain()


def steady(one):
    """Publishes for the cell's time and gives the figures of just that: quiet before, and quiet after."""
    cell = one.cell
    one.client.ask("reset", "reset")
    passes = one.passes_in(cell.seconds)
    before = one.accounts()
    with one.profiled():
        published = one.publish(passes, cell.rate)
    report = one.drain()
    spent = one.spent_since(before)

    ns = published["seconds"] * 1e9
    result = {
        "updates": report["updates"], "merged": report["merged"], "expected": one.subscriptions * passes,
        "frames": report["frames"], "held_percent": 100 * report["finals"] / one.subscriptions, "seconds": published["seconds"],
        "offered": passes * cell.instruments / cell.rate / published["seconds"],
        "arrived_percent": 100 * report["updates"] / (one.subscriptions * passes), "frame_bytes": report["bytes"] / max(1, report["frames"]),
        "cpu_us_per_update": spent["server"] / 1e3 / max(1, report["updates"]),
        "cpu_us_per_frame": spent["server"] / 1e3 / max(1, report["frames"]),
        "cpu_percent": spent["server"] / ns * 100, "server_share": spent["server"] / ns / len(one.server.own_cores),
        "load_share": (spent["client"] + spent["upstream"]) / ns,
        "others_share": max(0.0, (spent["machine"] - spent["server"] - spent["client"] - spent["upstream"]) / ns),
        **{name: report[name] for name in STALENESS}}
    return {**result, "void": void(one, result, report)}


def void(one, result, report):
    reasons = one.server.faults()
    if report["lost"]:
        reasons.append(f"{report['lost']} connections lost")
    shares = {what: result[what + "_share"] for what in ("server", "load")}
    if one.server.is_beside_load:
        cores = len(one.server.own_cores)
        shares = {"server and load, of each": (cores * shares["server"] + shares["load"]) / cores}
    reasons += [f"{what} took {share:.0%} of its core" for what, share in shares.items() if share > MOST_OF_A_CORE]
    if result["others_share"] > MOST_OF_OTHERS:
        reasons.append(f"others took {result['others_share']:.0%} of a core")
    cell = one.cell
    if result["offered"] < LEAST_OFFERED:
        reasons.append(f"only {result['offered']:.0%} of the rate was offered")
    if one.server.is_paced:
        due = cell.connections * result["seconds"] * 1000 / cell.interval_ms
        if abs(report["frames"] / due - 1) > 0.02:
            reasons.append(f"{report['frames']} of {due:.0f} frames arrived")
        return reasons
    if report["finals"] < one.subscriptions:
        reasons.append(f"{report['finals']} of {one.subscriptions} last values arrived")
    arrived = report["updates"] + report["merged"]  # what a later change stood for is booked with its age
    if cell.interval_ms == 0 and arrived != result["expected"]:
        reasons.append(f"{arrived} of {result['expected']} updates arrived")
    return reasons


def idle(start, cell):
    """Connections that are subscribed and quiet: their memory, and the CPU of keeping them."""
    with start(cell) as one:
        bare = one.server.process.resident_bytes()
        one.connect()
        time.sleep(SETTLE_S)
        before = one.accounts()
        time.sleep(cell.seconds)
        cpu = one.spent_since(before)["server"]
        grown = one.server.process.resident_bytes() - bare
        lost = one.report()["lost"]
        return {"kib_per_connection": grown / 1024 / cell.connections, "cpu_percent": cpu / cell.seconds / 1e7,
                "void": [f"{lost} connections lost"] if lost else []}


def storm(start, cell):
    """Connections as fast as the server takes them. It is meant to be busy: shares of cores do not count here."""
    with start(cell) as one:
        before = one.accounts()
        with one.profiled():
            ready = one.connect("--at-once", "256")
        cpu = one.spent_since(before)["server"]
        lost = one.report()["lost"]
        return {"handshakes_per_cpu_s": cell.connections / (cpu / 1e9), "ready_p50_us": ready["p50_us"],
                "ready_p99_us": ready["p99_us"], "connect_seconds": ready["seconds"],
                "void": [f"{lost} connections lost"] if lost else []}


def slow_readers(start, cell):
    """Some connections stop reading: what the others feel beside a run without them, what the server holds, what the slow get when
    they read again."""
    without = stream(start, dataclasses.replace(cell, connections=cell.connections - cell.slow, slow=0))
    with start(cell) as one:
        one.connect()
        warm_up(one)
        one.client.ask("pause", "pause")
        with sampled_memory(one.server.process) as resident:
            others = steady(one)
        one.client.ask("resume", "resume")
        due = cell.slow * cell.per_slow
        began = time.monotonic()
        while (slow := one.report()["slow"])["finals"] < due and time.monotonic() - began < CATCH_UP_S:
            time.sleep(0.01)
        after_ms = (time.monotonic() - began) * 1e3
        half = len(resident) // 2
        return {"p99_ratio": others["p99_us"] / without["p99_us"], "p99_us": others["p99_us"],
                "p99_us_without": without["p99_us"], "grown_kib": (max(resident) - resident[0]) / 1024,
                "late_kib": (max(resident[half:]) - max(resident[:half])) / 1024,
                "resident_kib": [size // 1024 for size in resident],
                "cut": one.report()["lost"], "held_percent": others["held_percent"], "slow_updates": slow["updates"], "slow_bytes": slow["bytes"],
                "caught_up_percent": 100 * slow["finals"] / due, "caught_up_ms": after_ms,
                **{name: others[name] for name in ("cpu_us_per_update", "server_share", "load_share", "others_share")},
                "void": [f"without: {reason}" for reason in without["void"]] + others["void"]}


@contextlib.contextmanager
def sampled_memory(process):
    """Its resident bytes, each half second of what is done meanwhile."""
    samples, done = [process.resident_bytes()], threading.Event()

    def sample():
        while not done.wait(SAMPLE_S):
            samples.append(process.resident_bytes())
    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def growth(start, cell):
    """The same changes a second, each to as many: only how many connections or instruments there are differs."""
    fan_out = cell.connections * cell.per_connection // cell.instruments
    result, reasons = {}, []
    for connections, instruments in ((100, 500), (1000, 500), (10_000, 500), (1000, 50), (1000, 5000)):
        one = dataclasses.replace(cell, connections=connections, instruments=instruments,
                                  per_connection=fan_out * instruments // connections)
        figures = stream(start, one)
        result[f"cpu_us_{connections}x{instruments}"] = figures["cpu_us_per_update"]
        result[f"p99_us_{connections}x{instruments}"] = figures["p99_us"]
        result["held_percent"] = min(figures["held_percent"], result.get("held_percent", 100))
        reasons += [f"{connections} connections, {instruments} instruments: {reason}" for reason in figures["void"]]
    result["connections_growth"] = result["cpu_us_10000x500"] / result["cpu_us_100x500"]
    result["instruments_growth"] = result["cpu_us_1000x5000"] / result["cpu_us_1000x50"]
    return {**result, "void": reasons}


def shards(start, cell):
    """What two shards on two cores do of what one does on its own. The load takes its share of the second core, so that not the most
    that they can do is measured, but the cost of an update: two cores deliver 2 × one / two times what one does."""
    one = stream(start, dataclasses.replace(cell, shards=1))
    with start(cell) as pair:
        pair.connect()
        warm_up(pair)
        counts = pair.server.connections_by_shard()
        two = steady(pair)
    return {"one_us": one["cpu_us_per_update"], "two_us": two["cpu_us_per_update"],
            "capacity": 2 * one["cpu_us_per_update"] / two["cpu_us_per_update"],
            "one_p99_us": one["p99_us"], "two_p99_us": two["p99_us"], "spread": max(counts) / max(1, min(counts)),
            "held_percent": min(one["held_percent"], two["held_percent"]), "server_share": two["server_share"], "load_share": two["load_share"], "others_share": two["others_share"],
            "void": [f"{name}: {reason}" for name, of in (("one", one), ("two", two)) for reason in of["void"]]}
