"""What is done with a round, a function for each kind of workload: figures by name, and `void`, why the round does not count."""

import dataclasses
import time

MOST_OF_A_CORE = 0.85
WARM_UP_S = 1.5
SETTLE_S = 1.0
SAMPLE_S = 0.5
STALENESS = ("p50_us", "p99_us", "p999_us", "max_us")


def stream(start, cell):
    """Changes at a steady rate: the cost of what arrives, and how stale it is."""
    with start(cell) as one:
        one.connect()
        return steady(one)


def steady(one):
    """Publishes for the cell's time and gives the figures of just that: quiet before, and quiet after."""
    cell = one.cell
    one.client.ask("reset", "reset")
    one.publish(one.passes_in(WARM_UP_S), cell.rate)
    one.drain()
    one.client.ask("reset", "reset")
    passes = one.passes_in(cell.seconds)
    before = one.accounts()
    with one.profiled():
        published = one.publish(passes, cell.rate)
    report = one.drain()
    spent = one.spent_since(before)

    ns = published["seconds"] * 1e9
    result = {
        "updates": report["updates"], "expected": one.subscriptions * passes, "frames": report["frames"],
        "seconds": published["seconds"], "frame_bytes": report["bytes"] / max(1, report["frames"]),
        "cpu_us_per_update": spent["server"] / 1e3 / max(1, report["updates"]),
        "cpu_us_per_frame": spent["server"] / 1e3 / max(1, report["frames"]),
        "cpu_percent": spent["server"] / ns * 100, "server_share": spent["server"] / ns,
        "load_share": (spent["client"] + spent["upstream"]) / ns,
        "others_share": max(0.0, (spent["cores"] - spent["server"] - spent["client"] - spent["upstream"]) / ns),
        **{name: report[name] for name in STALENESS}}
    return {**result, "void": void(one, result, report)}


def void(one, result, report):
    reasons = one.server.faults()
    if report["lost"]:
        reasons.append(f"{report['lost']} connections lost")
    for what in ("server", "load"):
        if result[what + "_share"] > MOST_OF_A_CORE:
            reasons.append(f"{what} took {result[what + '_share']:.0%} of its core")
    cell = one.cell
    if one.server.is_paced:
        due = cell.connections * result["seconds"] * 1000 / cell.interval_ms
        if abs(report["frames"] / due - 1) > 0.02:
            reasons.append(f"{report['frames']} of {due:.0f} frames arrived")
        return reasons
    if report["finals"] < one.subscriptions:
        reasons.append(f"{report['finals']} of {one.subscriptions} last values arrived")
    if cell.interval_ms == 0 and not cell.merging and report["updates"] != result["expected"]:
        reasons.append(f"{report['updates']} of {result['expected']} updates arrived")
    return reasons


def idle(start, cell):
    """Connections that are subscribed and quiet: their memory, and the CPU of keeping them."""
    with start(cell) as one:
        bare = one.server.process.resident_bytes()
        one.connect()
        time.sleep(SETTLE_S)
        grown = one.server.process.resident_bytes() - bare
        before = one.accounts()
        time.sleep(cell.seconds)
        cpu = one.spent_since(before)["server"]
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
    """Some connections stop reading: what the others feel, what the server holds, what the slow get when they read again."""
    with start(cell) as one:
        one.connect()
        without = steady(one)
        one.client.ask("reset", "reset")
        one.client.ask("pause", "pause")
        passes = one.passes_in(cell.seconds)
        resident = [one.server.process.resident_bytes()]
        one.server.publish(passes * cell.instruments, cell.rate)
        end = time.monotonic() + passes * cell.instruments / cell.rate
        while time.monotonic() < end:
            time.sleep(SAMPLE_S)
            resident.append(one.server.process.resident_bytes())
        one.server.published(patience_s=60)
        others = one.drain()
        one.client.ask("resume", "resume")
        time.sleep(SETTLE_S)
        slow = one.report()["slow"]
        reasons = list(without["void"])
        if others["finals"] < one.subscriptions:
            reasons.append(f"{others['finals']} of {one.subscriptions} last values arrived")
        return {"p99_ratio": others["p99_us"] / without["p99_us"], "p99_us": others["p99_us"],
                "p99_us_without": without["p99_us"], "grown_kib": (max(resident) - resident[0]) / 1024,
                "resident_kib": [size // 1024 for size in resident],
                "cut": one.report()["lost"], "slow_updates": slow["updates"], "slow_bytes": slow["bytes"],
                "caught_up_percent": 100 * slow["finals"] / (cell.slow * cell.per_slow),
                "cpu_us_per_update": without["cpu_us_per_update"], "void": reasons}


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
        reasons += [f"{connections} connections, {instruments} instruments: {reason}" for reason in figures["void"]]
    result["connections_growth"] = result["cpu_us_10000x500"] / result["cpu_us_100x500"]
    result["instruments_growth"] = result["cpu_us_1000x5000"] / result["cpu_us_1000x50"]
    return {**result, "void": reasons}
