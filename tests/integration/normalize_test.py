#!/usr/bin/env python3
"""tickerctl normalize prints exactly what each recording holds.

The recordings are decoded here once more, from the venues' documentation and with Python's standard library only, and compared
with tickerctl's output line by line: every field of every quote, trade and statistics line, in order.

usage: normalize_test.py VENUE...
TICKER_BIN: the folder of tickerctl. TICKER_FEEDS: the folder of the recordings, ../shared/feeds beside the checkout by default.
Exit code 77: skipped, as the recordings are not there; 1 with TICKER_REQUIRE_ALL set.
"""

import datetime
import decimal
import gzip
import itertools
import json
import os
import pathlib
import subprocess
import sys

SKIPPED = 77

RECORDINGS = {
    "binance-spot": "binance_spot_btcusdt_20240808.raw.gz",
    "binance-usdm": "binance_usdm_btcusdt_20240808.raw.gz",
    "binance-coinm": "binance_coinm_10sym_20210417.raw.gz",
    "coinbase-exchange": "coinbase_exchange_6prod_20210417.raw.gz",
    "coinbase-advanced": "coinbase_advanced_btc_eth_20260809.raw.gz",
    "kraken-v1": "kraken_v1_6pair_20210417.raw.gz",
    "okx": "okx_v5_3inst_20220513.raw.gz",
    "bitfinex": "bitfinex_v2_7pair_20210417.raw.gz",
    "bitstamp": "bitstamp_10pair_20220105.raw.gz",
    "bybit-linear": "bybit_v5_linear_btc_sol_20260809.raw.gz",
}

# Nobody recorded Bitstamp's channel that has the quote, and nobody traded while Bitfinex was recorded.
MISSING = {"bitstamp": {"quote"}, "bitfinex": {"trade"}}

QUOTE = ("bid", "bid_size", "ask", "ask_size")


def plain(text):
    """The plain notation of a number's text, every digit kept; an empty text is null."""
    if text is None or text == "":
        return None
    assert set(text) <= set("0123456789.-"), text  # none of these recordings has an exponent where it matters
    return text


def rfc3339_us(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def seconds_us(text):
    return int(decimal.Decimal(text) * 1_000_000)


def other(side):
    return {"buy": "sell", "sell": "buy"}[side]


def take(source, names):
    """The members of `source` that exist, under our names."""
    return {ours: plain(source[theirs]) for theirs, ours in names if theirs in source}


def ticker(native, values, time=None):
    quote = {name: value for name, value in values.items() if name in QUOTE}
    stats = {name: value for name, value in values.items() if name not in QUOTE}
    if quote:
        yield "quote", native, quote
    if stats:
        yield "stats", native, stats | ({"exchange_time_us": time} if time is not None else {})


def trade(native, price, size, side, time, trade_id=None):
    identity = {"id": trade_id} if trade_id is not None else {}
    yield "trade", native, identity | {"price": plain(price), "size": plain(size), "side": side, "exchange_time_us": time}


def binance(message):
    data = message.get("data", message)
    kind = message.get("stream", "@").split("@")[1]
    if kind == "bookTicker":
        yield from ticker(data["s"], take(data, [("b", "bid"), ("B", "bid_size"), ("a", "ask"), ("A", "ask_size")]))
    elif kind in ("trade", "aggTrade"):
        trade_id = data["t" if kind == "trade" else "a"]
        if data.get("X", "MARKET") == "MARKET":
            side = "sell" if data["m"] else "buy"
            yield from trade(data["s"], data["p"], data["q"], side, int(data["T"]) * 1000, str(trade_id))


def coinbase_exchange(message):
    if message["type"] == "ticker":
        values = take(message, [
            ("best_bid", "bid"), ("best_bid_size", "bid_size"), ("best_ask", "ask"), ("best_ask_size", "ask_size"),
            ("price", "last"), ("last_size", "last_size"), ("open_24h", "open_24h"), ("high_24h", "high_24h"),
            ("low_24h", "low_24h"), ("volume_24h", "volume_24h")])
        if "side" in message:
            values["last_side"] = message["side"]
        time = rfc3339_us(message["time"]) if "time" in message else None
        yield from ticker(message["product_id"], values, time)
    elif message["type"] == "match":
        yield from trade(message["product_id"], message["price"], message["size"], other(message["side"]),
                         rfc3339_us(message["time"]), message["trade_id"])


def coinbase_advanced(message):
    for event in message["events"]:
        if message["channel"] == "ticker":
            for entry in event["tickers"]:
                values = take(entry, [
                    ("best_bid", "bid"), ("best_bid_quantity", "bid_size"), ("best_ask", "ask"),
                    ("best_ask_quantity", "ask_size"), ("price", "last"), ("high_24_h", "high_24h"),
                    ("low_24_h", "low_24h"), ("volume_24_h", "volume_24h"),
                    ("price_percent_chg_24_h", "change_percent_24h")])
                yield from ticker(entry["product_id"], values, rfc3339_us(message["timestamp"]))
        elif message["channel"] == "market_trades" and event["type"] == "update":
            for entry in reversed(event["trades"]):
                yield from trade(entry["product_id"], entry["price"], entry["size"], other(entry["side"].lower()),
                                 rfc3339_us(entry["time"]), entry["trade_id"])


def kraken_v1(message):
    if not isinstance(message, list):
        return
    data, channel, pair = message[1], message[-2], message[-1]
    if channel == "ticker":
        places = {"bid": ("b", 0), "bid_size": ("b", 2), "ask": ("a", 0), "ask_size": ("a", 2), "last": ("c", 0),
                  "last_size": ("c", 1), "open_24h": ("o", 1), "high_24h": ("h", 1), "low_24h": ("l", 1),
                  "volume_24h": ("v", 1), "vwap_24h": ("p", 1)}
        yield from ticker(pair, {ours: plain(data[key][index]) for ours, (key, index) in places.items()})
    elif channel == "trade":
        for price, size, time, side, _, _ in data:
            yield from trade(pair, price, size, {"b": "buy", "s": "sell"}[side], seconds_us(time))


class Bitfinex:
    """What a channel's number means, its `subscribed` event has told."""

    def __init__(self):
        self.channels = {}

    def __call__(self, message):
        if isinstance(message, dict):
            if message["event"] == "subscribed":
                self.channels[message["chanId"]] = message["channel"], message["pair"]
            return
        channel, pair = self.channels.get(message[0], (None, None))
        if channel == "ticker" and isinstance(message[1], list):
            # The sizes are sums over 25 levels.
            names = ("bid", None, "ask", None, "change_24h", "relative", "last", "volume_24h", "high_24h", "low_24h")
            values = {name: plain(text) for name, text in zip(names, message[1]) if name}
            values["change_percent_24h"] = format(decimal.Decimal(values.pop("relative")).scaleb(2), "f")
            yield from ticker(pair, values)
        elif channel == "trades" and message[1] == "te":
            trade_id, time, amount, price = message[2][:4]
            yield from trade(pair, price, amount.lstrip("-"), "sell" if amount.startswith("-") else "buy",
                             int(time) * 1000, trade_id)


def bitstamp(message):
    channel, data = message["channel"], message["data"]
    if channel.startswith("live_trades_") and message["event"] == "trade":
        yield from trade(channel.split("_")[-1], data["price_str"], data["amount_str"],
                         {"0": "buy", "1": "sell"}[data["type"]], int(data["microtimestamp"]),
                         data.get("id_str", data["id"]))


def bybit_linear(message):
    topic = message.get("topic", "")
    if topic.startswith("tickers."):
        # A delta names what changed, so each message speaks of its own keys only.
        entry = message["data"]
        values = take(entry, [
            ("bid1Price", "bid"), ("bid1Size", "bid_size"), ("ask1Price", "ask"), ("ask1Size", "ask_size"),
            ("lastPrice", "last"), ("prevPrice24h", "open_24h"), ("highPrice24h", "high_24h"),
            ("lowPrice24h", "low_24h"), ("volume24h", "volume_24h"), ("turnover24h", "quote_volume_24h")])
        if "price24hPcnt" in entry:  # a fraction
            values["change_percent_24h"] = format(decimal.Decimal(entry["price24hPcnt"]).scaleb(2), "f")
        yield from ticker(entry["symbol"], values, int(message["ts"]) * 1000)
    elif topic.startswith("publicTrade."):
        for entry in message["data"]:
            yield from trade(entry["s"], entry["p"], entry["v"], entry["S"].lower(), int(entry["T"]) * 1000, entry["i"])


def okx(message):
    channel = message["arg"]["channel"]
    for entry in message.get("data", []):
        if channel == "tickers":
            values = take(entry, [
                ("bidPx", "bid"), ("bidSz", "bid_size"), ("askPx", "ask"), ("askSz", "ask_size"), ("last", "last"),
                ("lastSz", "last_size"), ("open24h", "open_24h"), ("high24h", "high_24h"), ("low24h", "low_24h"),
                ("vol24h", "volume_24h")])
            if entry["instType"] == "SPOT":  # elsewhere it counts base coins
                values["quote_volume_24h"] = plain(entry["volCcy24h"])
            yield from ticker(entry["instId"], values, int(entry["ts"]) * 1000)
        elif channel == "trades":
            yield from trade(entry["instId"], entry["px"], entry["sz"], entry["side"], int(entry["ts"]) * 1000,
                             entry["tradeId"])


DECODERS = {"binance-spot": binance, "binance-usdm": binance, "binance-coinm": binance,
            "coinbase-exchange": coinbase_exchange, "coinbase-advanced": coinbase_advanced, "kraken-v1": kraken_v1,
            "okx": okx, "bitstamp": bitstamp, "bitfinex": Bitfinex(), "bybit-linear": bybit_linear}


def expected(path, decode):
    known = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            receive, message = line.split(" ", 1)
            # Numbers stay text, so that no digit is lost.
            for kind, native, values in decode(json.loads(message, parse_int=str, parse_float=str)):
                if kind == "quote":
                    known.setdefault(native, dict.fromkeys(QUOTE)).update(values)
                    values = known[native]
                yield {"recv_ns": int(receive), "type": kind, "symbol": native, "native": native, **values}


def check(venue, feeds, tickerctl):
    path = feeds / RECORDINGS[venue]
    command = [tickerctl, "normalize", str(path), "--venue", venue]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    counts = {}
    for number, (want, line) in enumerate(itertools.zip_longest(expected(path, DECODERS[venue]), process.stdout), 1):
        got = json.loads(line) if line else None
        if want != got:
            process.kill()
            print(f"{venue}: line {number}\n  recording: {want}\n  tickerctl: {got}")
            return False
        counts[got["type"]] = counts.get(got["type"], 0) + 1
    complaints = process.communicate()[1]
    missing = {"quote", "trade"} - set(counts) - MISSING.get(venue, set())
    if process.returncode != 0 or "refused" in complaints or missing:
        print(f"{venue}: exit code {process.returncode}, {counts}\n{complaints}")
        return False
    print(f"{venue}: {sum(counts.values())} lines equal {counts}")
    return True


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    feeds = pathlib.Path(os.environ.get("TICKER_FEEDS") or root.parent / "shared" / "feeds")
    if not feeds.is_dir():
        print(f"skipped: no recordings at {feeds}; set TICKER_FEEDS")
        return 1 if os.environ.get("TICKER_REQUIRE_ALL") else SKIPPED
    tickerctl = str(pathlib.Path(os.environ.get("TICKER_BIN", root / "build" / "dev" / "bin")) / "tickerctl")
    venues = sys.argv[1:] or list(RECORDINGS)
    return 0 if all([check(venue, feeds, tickerctl) for venue in venues]) else 1


if __name__ == "__main__":
    sys.exit(main())
