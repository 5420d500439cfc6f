"""From rounds to figures: which count, medians, spreads, ratios to peers, bars; as data and as a table."""

import statistics

SLACK_US = 2000  # of p99 staleness over the peer's, interval 0
LEFT_OUT = {"void": ["not measured again"]}  # of a round that others needed
INTERVALS = 1.5  # of p99 staleness, other intervals
SHARES = (("server_share", "server core"), ("load_share", "load core"), ("others_share", "others"))


def summary(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)} if values else None


def counted(rounds, figure):
    return [figures[figure] for figures in rounds if not figures["void"] and figure in figures]


def is_fresh(workload, ours, peer):
    """A cost counts only where nothing was delivered later for it."""
    interval_us = workload.cell.interval_ms * 1000 if workload.cell else 0
    return all(ours[age] <= (INTERVALS * interval_us if interval_us else peer[age] + SLACK_US)
               for age in workload.ages if age in ours and age in peer)


def ratios(workload, figure, ours, peers):
    """Of the same round, where both count."""
    is_cost = any(one.is_cost for one in workload.figures if one.name == figure)
    return [mine[figure] / other[figure] for mine, other in zip(ours, peers)
            if not mine["void"] and not other["void"] and other[figure]
            and (not is_cost or is_fresh(workload, mine, other))]


def late(workload, bar, mine, rounds):
    """How many rounds count but for our being later than the peer."""
    peers = rounds.get(bar.peer, []) if bar.peer else []
    of_both = sum(not ours["void"] and not other["void"] and bool(other[bar.figure]) for ours, other in zip(rounds[mine], peers))
    return of_both - len(judged(workload, bar, mine, rounds)) if peers else 0


def evaluate(workload, rounds):
    """{"figures": {server: {figure: summary}}, "ratios": {figure: {ours: {peer: summary}}}, "bars": […]}"""
    ours = [name for name in rounds if name.startswith("tickerd")]
    peers = [name for name in rounds if not name.startswith("tickerd")]
    names = [figure.name for figure in workload.figures] + [name for name, _ in SHARES]
    return {"figures": {server: {name: summary(counted(of, name)) for name in names} for server, of in rounds.items()},
            "ratios": {figure: {mine: {peer: summary(ratios(workload, figure, rounds[mine], rounds[peer])) for peer in peers}
                                for mine in ours}
                       for figure in (one.name for one in workload.figures if one.is_compared)} if peers else {},
            "bars": [held(workload, bar, mine, rounds) for bar in workload.bars for mine in ours]}


def judged(workload, bar, mine, rounds):
    """What a bar is held against, of each round that counts."""
    return ratios(workload, bar.figure, rounds[mine], rounds.get(bar.peer, [])) if bar.peer else counted(rounds[mine], bar.figure)


def is_wanting(workload, rounds, least):
    """Whether a bar has fewer rounds than `least`, where all who take part in it were measured."""
    return any(len(judged(workload, bar, mine, rounds)) < least for bar in workload.bars
               if not bar.peer or bar.peer in rounds for mine in rounds if mine.startswith("tickerd"))


def held(workload, bar, mine, rounds):
    path = mine.removeprefix("tickerd").strip() or "sendmsg"
    values = judged(workload, bar, mine, rounds)
    seen = summary(values)
    must, goal = bar.must[path], bar.goal[path]
    verdict = "no round counts"
    if seen:
        short = {limit: (limit - seen["median"]) * (1 if bar.at_least else -1) for limit in (must, goal)}
        verdict = "goal" if short[goal] <= 0 else "must" if short[must] <= 0 else f"missed by {short[must]:.2f}"
        if seen["least"] < must < seen["most"]:
            verdict += ", within the spread"
        if len(values) < workload.rounds:
            verdict += f", were it not of {len(values)} round{'s'[:len(values) > 1]} only"
    if left_out := late(workload, bar, mine, rounds):
        verdict += f", {left_out} left out since ours was later"
    return {"server": mine, "figure": bar.figure, "peer": bar.peer, "must": must, "goal": goal, "seen": seen,
            "verdict": verdict}


def faults(workload, rounds):
    """What says that the bench does not work, however busy the machine: no figure, nothing delivered, or of ours values that never
    came."""
    for server, of in rounds.items():
        for figures in filter(lambda one: one is not LEFT_OUT, of):
            missing = [figure.name for figure in workload.figures if figure.name not in figures]
            if missing:
                yield f"{server} has no {', '.join(missing)}: {'; '.join(figures['void'])}"
            elif figures.get("updates") == 0:
                yield f"{server} delivered nothing"
            elif server.startswith("tickerd") and figures.get("held_percent", 100) < 100:
                yield f"{server} left clients without the last values: {'; '.join(figures['void'])}"


def spread(seen, digits):
    if seen is None:
        return "-"
    median, least, most = (f"{seen[name]:.{digits}f}" for name in ("median", "least", "most"))
    return median if least == most else f"{median} ({least}-{most})"


def table(workload, rounds, result):
    shares = [(name, heading) for name, heading in SHARES
              if any(figures[name] for figures in result["figures"].values())]
    rows = [["", *(figure.heading for figure in workload.figures), *(heading for _, heading in shares), "rounds"]]
    for server, figures in result["figures"].items():
        rows.append([server, *(spread(figures[figure.name], figure.digits) for figure in workload.figures),
                     *("-" if figures[name] is None else f"{figures[name]['median']:.0%}" for name, _ in shares),
                     f"{sum(not one['void'] for one in rounds[server])} of {sum(one is not LEFT_OUT for one in rounds[server])}"])
    lines = [f"## {workload.name}: {workload.title}", "", *columns(rows), ""]
    headings = {figure.name: figure.heading for figure in workload.figures}
    for figure, ours in result["ratios"].items():
        for mine, peers in ours.items():
            lines.append(f"- {mine}, {headings[figure]} ÷ " +
                         ", ".join(f"{peer}: {spread(seen, 2)}" for peer, seen in peers.items()))
    for bar in result["bars"]:
        lines.append(f"- bar of {bar['server']}: {headings[bar['figure']]}" + (f" ÷ {bar['peer']}" if bar["peer"] else "") +
                     f" {spread(bar['seen'], 2)}, must {bar['must']:.2f}, goal {bar['goal']:.2f}: **{bar['verdict']}**")
    return "\n".join(lines) + "\n"


def columns(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in
            [rows[0], ["-" * width for width in widths], *rows[1:]]]
