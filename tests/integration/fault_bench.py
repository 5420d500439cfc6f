"""A venue that plays a test's own tape and does wrong what a script says, a real tickerd, and a client that sees everything.

The tape begins once tickerd and a second connection, the test's own, have subscribed: so the client is there for the first
message. Scripts count messages, no test depends on how fast they come.
"""

import json
import time

import websockets

import harness

BTC, ETH = "venue:BTC-USDT", "venue:ETH-USDT"
MESSAGE_MS = 10  # between two messages of a tape


def bid(number):
    return f"{61000 + number}.10"


def price(number):
    return f"{60000 + number}.50"


class Tape:
    """Messages of a venue, MESSAGE_MS apart, the first one now. Its kinds have quote() and trade()."""

    connections = 1  # that tickerd makes
    request = {}     # of one that wants nothing which stands on a tape

    def __init__(self):
        self.begin_ms = int(time.time() * 1000)
        self.lines = []

    @property
    def now_ms(self):
        return self.begin_ms + MESSAGE_MS * len(self.lines)

    @property
    def now_text(self):
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.now_ms // 1000)) + f".{self.now_ms % 1000:03}000Z"

    def add(self, message):
        self.lines.append(f"{self.now_ms * 1_000_000} {json.dumps(message, separators=(',', ':'))}\n")

    @classmethod
    def of(cls, count, natives=None):
        """So many quotes and trades of each, numbered from 1."""
        tape = cls()
        for number in range(1, count + 1):
            for native in natives or cls.natives:
                tape.quote(native, number)
                tape.trade(native, number)
        return tape


class BinanceTape(Tape):
    venue = "binance-spot"
    natives = ("BTCUSDT", "ETHUSDT")
    symbols = ("BTC-USDT", "ETH-USDT")

    def quote(self, native, number):
        self.add({"stream": f"{native.lower()}@bookTicker",
                  "data": {"u": number, "s": native, "b": bid(number), "B": "1", "a": "70000.00", "A": "2"}})

    def trade(self, native, number):
        self.add({"stream": f"{native.lower()}@trade",
                  "data": {"e": "trade", "E": self.now_ms, "T": self.now_ms, "s": native, "t": number, "p": price(number),
                           "q": "0.1", "m": False}})


class UsdmTape(Tape):
    """Each quote with the day's statistics, which come on another connection, as the trades do."""
    venue = "binance-usdm"
    connections = 2
    natives = ("BTCUSDT", "ETHUSDT")
    symbols = ("BTC-USDT-PERP", "ETH-USDT-PERP")

    def quote(self, native, number):
        self.add({"stream": f"{native.lower()}@bookTicker",
                  "data": {"e": "bookTicker", "u": number, "s": native, "b": bid(number), "B": "1", "a": "70000.00", "A": "2",
                           "T": self.now_ms, "E": self.now_ms}})
        self.add({"stream": f"{native.lower()}@miniTicker",
                  "data": {"e": "24hrMiniTicker", "E": self.now_ms, "s": native, "c": price(number), "o": "60000.00",
                           "h": "75000.00", "l": "50000.00", "v": "100", "q": "6000000"}})

    def trade(self, native, number):
        self.add({"stream": f"{native.lower()}@aggTrade",
                  "data": {"e": "aggTrade", "E": self.now_ms, "T": self.now_ms, "s": native, "a": number, "f": number,
                           "l": number, "p": price(number), "q": "0.1", "m": False}})


class CoinbaseTape(Tape):
    """Of a venue that sends heartbeats, one of each instrument a second."""
    venue = "coinbase-exchange"
    natives = symbols = ("BTC-USD", "ETH-USD")
    request = {"type": "subscribe", "product_ids": ["NONE"], "channels": ["matches"]}

    def quote(self, native, number):
        self.add({"type": "ticker", "sequence": number, "product_id": native, "price": price(number), "best_bid": bid(number),
                  "best_ask": "70000.00", "side": "buy", "time": self.now_text, "trade_id": number, "last_size": "0.1"})

    def trade(self, native, number):
        self.add({"type": "match", "trade_id": number, "side": "sell", "size": "0.1", "price": price(number),
                  "product_id": native, "sequence": number, "time": self.now_text})


class KrakenTape(Tape):
    venue = "kraken-v2"
    natives = ("BTC/USD", "ETH/USD")
    symbols = ("BTC-USD", "ETH-USD")
    request = {"method": "subscribe", "params": {"channel": "trade", "symbol": ["NONE/USD"]}}

    def quote(self, native, number):
        self.add({"channel": "ticker", "type": "update",
                  "data": [{"symbol": native, "bid": float(bid(number)), "bid_qty": 1.5, "ask": 70000.5, "ask_qty": 2.5,
                            "last": float(price(number)), "volume": 10.5, "vwap": 61000.5, "low": 50000.5, "high": 75000.5,
                            "change": 1.5, "change_pct": 0.1, "timestamp": self.now_text}]})

    def trade(self, native, number):
        self.add({"channel": "trade", "type": "update",
                  "data": [{"symbol": native, "side": "sell", "price": float(price(number)), "qty": 0.1, "ord_type": "market",
                            "trade_id": number, "timestamp": self.now_text}]})


class FaultTest(harness.IntegrationTest):
    async def start_script(self, tape, faults, *, speed="max", seed=1):
        recording, script = self.folder / "tape.raw", self.folder / "faults.yaml"
        recording.write_text("".join(tape.lines))
        script.write_text(json.dumps({"seed": seed, "faults": faults}))
        return await self.start_sim(tape.venue, recording, "--speed", speed, "--start-after", tape.connections + 1,
                                    "--faults", script)

    async def play(self, tape, *faults, speed="max", symbols=None, **feed):
        """tickerd and a client that sees everything, the tape begun."""
        self.sim = sim = await self.start_script(tape, faults, speed=speed)
        self.tickerd = await self.start_tickerd([{"name": "venue", "adapter": tape.venue, "url": sim.url,
                                                  "symbols": list(symbols or tape.symbols), **feed}])
        client = await self.connect(self.tickerd)
        await client.subscribe("*", interval_ms=0)
        await client.subscribe("*", channel="trades")
        await client.subscribe("*", channel="status")
        await self.begin(sim, tape)
        return client

    async def begin(self, sim, tape):
        """The connection that the tape waits for, of a stream that it does not have."""
        starter = await websockets.connect(sim.url + "/stream?streams=none@trade", ping_interval=None)
        self.addAsyncCleanup(starter.close)
        await starter.send(json.dumps(tape.request))

    async def at_some_pace(self, timeout_ms, holds):
        """`holds` of a timeout so long, or of a longer one: where a venue has to be quicker than a timeout, a machine that halts
        for longer breaks what is said of it, and nothing else. It begins anew each time, and gives false where that was so."""
        for pace in (1, 2, 4):
            if await holds(timeout_ms * pace):
                return
        self.fail(f"not with a timeout of {4 * timeout_ms} ms either")

    @staticmethod
    def trades(client, symbol=BTC):
        return [trade for message in client.pushes["trades"] for trade in message["data"] if trade["symbol"] == symbol]

    def ids(self, client, symbol=BTC):
        return [int(trade["id"]) for trade in self.trades(client, symbol)]

    @staticmethod
    def gaps(client):
        return [(gap["symbol"], gap["from_seq"], gap["missed"], gap["source"]) for gap in client.pushes["gap"]]

    @staticmethod
    def states(client):
        """The feed's, from when it was live first."""
        states = [status["state"] for status in client.pushes["status"]]
        return states[states.index("live"):] if "live" in states else []

    async def reason(self, client, state):
        """Why the feed was first said to be so, once it is."""
        told = lambda: [status for status in client.pushes["status"] if status["state"] == state]
        await client.until(told, f"the feed is {state}")
        return told()[0].get("reason", "")

    async def comes(self, client, value, symbol=BTC, field="bid"):
        await client.until(lambda: client.held.get(symbol, {}).get(field) == value, f"{field} {value} of {symbol}")

    async def count(self, name, **labels):
        return (await self.tickerd.metrics()).sum(name, feed="venue", **labels)
