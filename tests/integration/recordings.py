"""The last values of a recording, decoded with nothing but the standard library and independently of the adapters."""

import decimal
import gzip
import json


def last_values(path, venue, name, symbols):
    """{symbol: {field: text}} after the last message of `path`. `symbols`: native name -> `BASE-QUOTE`."""
    state = {f"{name}:{symbol}": {} for symbol in symbols.values()}
    decode = {"binance-usdm": _binance, "coinbase-advanced": _coinbase_advanced, "kraken-v1": _kraken_v1}[venue]
    with gzip.open(path, "rb") as lines:
        for line in lines:
            for native, fields in decode(json.loads(line.split(b" ", 1)[1], parse_float=str, parse_int=str)):
                if native in symbols:
                    state[f"{name}:{symbols[native]}"].update(fields)
    for entry in state.values():
        _compute_change(entry)
    return state


def _binance(message):
    data = message.get("data", {})
    if data.get("e") == "bookTicker":
        yield data["s"], {"bid": data["b"], "bid_size": data["B"], "ask": data["a"], "ask_size": data["A"]}
    elif data.get("e") == "trade" and data["X"] == "MARKET":
        yield data["s"], {"last": data["p"], "last_size": data["q"], "last_side": "sell" if data["m"] else "buy"}


def _coinbase_advanced(message):
    if message["channel"] == "ticker":
        for event in message["events"]:
            for entry in event["tickers"]:
                yield entry["product_id"], {
                    "bid": entry["best_bid"], "bid_size": entry["best_bid_quantity"],
                    "ask": entry["best_ask"], "ask_size": entry["best_ask_quantity"], "last": entry["price"],
                    "high_24h": entry["high_24_h"], "low_24h": entry["low_24_h"],
                    "volume_24h": entry["volume_24_h"], "change_percent_24h": entry["price_percent_chg_24_h"]}
    elif message["channel"] == "market_trades":
        for event in message["events"]:
            if event["type"] != "update":
                continue
            for trade in reversed(event["trades"]):  # newest first, and `side` is the maker's
                yield trade["product_id"], {"last_size": trade["size"],
                                            "last_side": "sell" if trade["side"] == "BUY" else "buy"}


def _kraken_v1(message):
    if not isinstance(message, list):
        return
    channel, pair = message[-2:]
    if channel == "ticker":
        entry = message[1]
        yield pair, {"bid": entry["b"][0], "bid_size": entry["b"][2], "ask": entry["a"][0], "ask_size": entry["a"][2],
                     "last": entry["c"][0], "last_size": entry["c"][1], "open_24h": entry["o"][1],
                     "high_24h": entry["h"][1], "low_24h": entry["l"][1], "volume_24h": entry["v"][1],
                     "vwap_24h": entry["p"][1]}
    elif channel == "trade":
        for price, size, _, side, _, _ in message[1]:
            yield pair, {"last": price, "last_size": size, "last_side": "buy" if side == "b" else "sell"}


def _compute_change(entry):
    """Where the venue gives an open price: last against open, in per cent to four decimals, half to even."""
    if "open_24h" not in entry or "last" not in entry:
        return
    with decimal.localcontext() as context:
        context.prec = 60
        last, opened = decimal.Decimal(entry["last"]), decimal.Decimal(entry["open_24h"])
        entry["change_24h"] = format(last - opened, "f")
        percent = ((last - opened) * 100 / opened).quantize(decimal.Decimal("0.0001"), decimal.ROUND_HALF_EVEN)
        entry["change_percent_24h"] = format(percent, "f")
