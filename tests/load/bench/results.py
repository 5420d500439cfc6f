"""From rounds to figures: which count, medians, spreads, ratios to peers, bars; as a table and as JSON."""

import statistics

SLACK_US = 2000  # of p99 staleness over the peer's, interval 0
INTERVALS = 1.5  # of p99 staleness, other intervals


def summary(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)} if values else None


def counted(rounds, figure):
    return [figures[figure] for figures in rounds if not figures["void"] and figure in figures]


def is_fresh(workload, ours, peer):
    """A cost counts only where nothing was delivered later for it."""
    interval_us = workload.cell.interval_ms * 1000
    most = INTERVALS * interval_us if interval_us else peer["p99_us"] + SLACK_US
    return ours["p99_us"] <= most


def ratios(workload, figure, ours, peers):
    """Of the same round, where both count."""
    return [mine[figure] / other[figure] for mine, other in zip(ours, peers)
            if not mine["void"] and not other["void"] and is_fresh(workload, mine, other)]


def evaluate(workload, rounds):
    """{"figures": {server: {figure: summary}}, "ratios": {ours: {peer: summary}}, "bars": […]}"""
    figure = workload.figures[0][0]
    ours = [name for name in rounds if name.startswith("tickerd")]
    peers = [name for name in rounds if not name.startswith("tickerd")]
    names = [f[0] for f in workload.figures] + ["cpu_share", "load_share", "foreign_share", "frame_bytes"]
    result = {"figures": {server: {name: summary(counted(of, name)) for name in names} for server, of in rounds.items()},
              "ratios": {mine: {peer: summary(ratios(workload, figure, rounds[mine], rounds[peer])) for peer in peers}
                         for mine in ours},
              "bars": []}
    for bar in workload.bars:
        for mine in ours:
            path = mine.removeprefix("tickerd").strip() or "sendmsg"
            seen = summary(ratios(workload, bar.figure, rounds[mine], rounds.get(bar.peer, [])))
            result["bars"].append({"server": mine, "figure": bar.figure, "peer": bar.peer, "must": bar.must[path],
                                   "goal": bar.goal[path], "ratio": seen,
                                   "verdict": verdict(seen, bar.must[path], bar.goal[path])})
    return result


def verdict(seen, must, goal):
    if seen is None:
        return "no round counts"
    ratio = seen["median"]
    return "goal" if ratio <= goal else "must" if ratio <= must else f"missed by {ratio - must:.2f}"


def spread(seen, digits):
    return "-" if seen is None else f"{seen['median']:.{digits}f} ({seen['least']:.{digits}f}-{seen['most']:.{digits}f})"


def table(workload, rounds, result):
    head = ["", *(f"{heading}, {unit}" for _, unit, heading in workload.figures), "bytes/frame", "server core", "load core",
            "others", "rounds"]
    rows = [head]
    for server, figures in result["figures"].items():
        share = [("-" if figures[name] is None else f"{figures[name]['median']:.0%}")
                 for name in ("cpu_share", "load_share", "foreign_share")]
        rows.append([server, *(spread(figures[name], 2 if name.startswith("cpu") else 0) for name, _, _ in workload.figures),
                     "-" if figures["frame_bytes"] is None else f"{figures['frame_bytes']['median']:.0f}", *share,
                     f"{sum(not one['void'] for one in rounds[server])} of {len(rounds[server])}"])
    lines = [f"## {workload.name}: {workload.title}", "", *columns(rows), ""]
    for mine, peers in result["ratios"].items():
        lines.append(f"{mine}, {workload.figures[0][2]} ÷ " +
                     ", ".join(f"{peer} {spread(seen, 2)}" for peer, seen in peers.items()))
    for bar in result["bars"]:
        lines.append(f"bar: {bar['server']} {bar['figure']} ÷ {bar['peer']}: {spread(bar['ratio'], 2)}, must {bar['must']:.2f}, "
                     f"goal {bar['goal']:.2f}: {bar['verdict']}")
    return "\n".join(lines) + "\n"


def columns(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in
            [rows[0], ["-" * width for width in widths], *rows[1:]]]
