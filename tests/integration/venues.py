"""The three recorded venues that the tests run together, and what tickerd must hold when their tapes have ended."""

import collections

import harness
import recordings

Venue = collections.namedtuple("Venue", "name adapter recording symbols speed")

# The speeds make all three tapes last about as long: 20 s.
VENUES = (
    Venue("binance-usdm", "binance-usdm", "binance_usdm_btcusdt_20240808", {"BTCUSDT": "BTC-USDT-PERP"}, 17),
    Venue("coinbase", "coinbase-advanced", "coinbase_advanced_btc_eth_20260809",
          {"BTC-USD": "BTC-USD", "ETH-USD": "ETH-USD"}, 0.7),
    Venue("kraken", "kraken-v1", "kraken_v1_6pair_20210417",
          {"ETH/CHF": "ETH-CHF", "KSM/XBT": "KSM-BTC", "OMG/USD": "OMG-USD", "WAVES/EUR": "WAVES-EUR",
           "XBT/CHF": "BTC-CHF", "XMR/USD": "XMR-USD"}, 1.5),
)


def venue(name):
    return next(v for v in VENUES if v.name == name)


def expected(venues=VENUES):
    """What is held of every symbol after the tapes, freshness apart."""
    result = {}
    for v in venues:
        result.update(recordings.last_values(harness.recording(v.recording), v.adapter, v.name, v.symbols))
    return result


# What only trades tell at Kraken. A feed subscribes them after the tickers: of a tape that runs fast it may miss them, and
# who comes late is given the last ticker but no trade.
TOLD_BY_TRADES = ("last_side",)


def expected_of_tickers(v):
    """The same of one venue, but for TOLD_BY_TRADES."""
    return harness.values(expected([v]), but=TOLD_BY_TRADES)


def of_tickers(entries):
    return harness.values(entries, but=TOLD_BY_TRADES)


def feed(v, url, **others):
    """The venue's entry in a configuration. Of Binance the raw trades were recorded."""
    if v.adapter.startswith("binance"):
        others = {"trades": "trade", **others}
    return {"name": v.name, "adapter": v.adapter, "url": url,
            "symbols": [{"symbol": symbol, "native": native} for native, symbol in v.symbols.items()], **others}


async def start_sims(test, venues=VENUES, scale=1.0):
    """One exchange_sim a venue; [(venue, sim)]."""
    return [(v, await test.start_sim(v.adapter, harness.recording(v.recording), "--speed", f"{v.speed * scale:g}"))
            for v in venues]
