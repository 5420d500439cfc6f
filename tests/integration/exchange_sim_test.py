"""exchange_sim plays each recording byte for byte to a client that no one here wrote.

What a subscription covers is worked out here once more, from the messages themselves.
"""

import asyncio
import gzip
import json

import websockets

import harness

BINANCE_SPOT = "binance_spot_btcusdt_20240808"
BINANCE_USDM = "binance_usdm_btcusdt_20240808"
BINANCE_COINM = "binance_coinm_10sym_20210417"
KRAKEN = "kraken_v1_6pair_20210417"
COINBASE = "coinbase_exchange_6prod_20210417"
ADVANCED = "coinbase_advanced_btc_eth_20260809"
OKX = "okx_v5_3inst_20220513"
BYBIT = "bybit_v5_linear_btc_sol_20260809"
BITSTAMP = "bitstamp_10pair_20220105"
BITFINEX = "bitfinex_v2_7pair_20210417"


def messages(name):
    with gzip.open(harness.recording(name), "rt") as lines:
        return [line.split(" ", 1)[1].rstrip("\n") for line in lines]


def covered(name, covers):
    return [text for text in messages(name) if covers(json.loads(text))]


async def receive(socket, count, is_own=lambda text: False):
    """The next `count` messages, the venue's own (acknowledgements, heartbeats) left out; and those."""
    got, own = [], []

    async def collect():
        while len(got) < count:
            text = await socket.recv()
            (own if is_own(text) else got).append(text)

    await asyncio.wait_for(collect(), 2 * harness.PATIENCE_S)
    return got, own


class ExchangeSim(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        # unittest's debug mode makes each of a hundred thousand messages many times as slow.
        asyncio.get_running_loop().set_debug(False)

    async def open(self, url, **options):
        # No pings: what cannot write does not read, so behind a full tape a pong comes late.
        socket = await websockets.connect(url, max_size=None, compression=None, ping_interval=None, **options)
        self.addAsyncCleanup(socket.close)
        return socket

    async def test_plays_binance_to_a_subscription_in_the_url_as_fast_as_it_is_taken(self):
        sim = await self.start_sim("binance-usdm", harness.recording(BINANCE_USDM), "--speed", "max")
        expected = covered(BINANCE_USDM, lambda m: m.get("stream") in ("btcusdt@bookTicker", "btcusdt@trade"))

        socket = await self.open(sim.url + "/stream?streams=btcusdt@bookTicker/btcusdt@trade")
        got, _ = await receive(socket, len(expected))

        self.assertEqual(len(expected), 66089 + 21313)
        self.assertTrue(got == expected, "byte for byte, in order")

    async def test_unwraps_binance_on_a_raw_path_and_answers_subscriptions(self):
        sim = await self.start_sim("binance-spot", harness.recording(BINANCE_SPOT), "--speed", "max")
        expected = [text.split('"data":', 1)[1][:-1]
                    for text in covered(BINANCE_SPOT, lambda m: m.get("stream") == "btcusdt@trade")]

        socket = await self.open(sim.url + "/ws")
        await socket.send('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":312}')
        self.assertEqual(await socket.recv(), '{"result":null,"id":312}')
        got, _ = await receive(socket, len(expected))

        self.assertTrue(got == expected, "byte for byte, in order")

    async def test_plays_coinbase_exchange_channel_by_channel(self):
        sim = await self.start_sim("coinbase-exchange", harness.recording(COINBASE), "--speed", "max")
        expected = covered(COINBASE, lambda m: m["type"] in ("ticker", "match", "last_match")
                           and m["product_id"] in ("YFI-BTC", "NU-GBP"))

        socket = await self.open(sim.url)
        await socket.send(json.dumps({"type": "subscribe", "product_ids": ["YFI-BTC", "NU-GBP"],
                                      "channels": ["ticker", "matches", "heartbeat"]}))
        self.assertEqual(json.loads(await socket.recv())["type"], "subscriptions")
        got, _ = await receive(socket, len(expected), lambda text: '"type":"heartbeat"' in text)

        self.assertEqual(got, expected)

    async def test_plays_coinbase_advanced_with_its_frames_of_megabytes(self):
        sim = await self.start_sim("coinbase-advanced", harness.recording(ADVANCED), "--speed", "max")
        expected = covered(ADVANCED, lambda m: m["channel"] == "l2_data"
                           and m["events"][0]["product_id"] == "BTC-USD")

        socket = await self.open(sim.url)
        await socket.send('{"type":"subscribe","product_ids":["BTC-USD"],"channel":"level2"}')
        acknowledged = json.loads(await socket.recv())
        self.assertEqual(acknowledged["events"], [{"subscriptions": {"level2": ["BTC-USD"]}}])
        self.assertEqual(acknowledged["sequence_num"], 0)
        got, _ = await receive(socket, len(expected))

        self.assertGreater(max(map(len, expected)), 5_000_000)
        self.assertTrue(got == expected, "byte for byte, in order")

    async def test_beats_in_real_time_and_numbers_beats_by_the_tape(self):
        sim = await self.start_sim("coinbase-advanced", harness.recording(ADVANCED), "--speed", "max")
        last = json.loads(messages(ADVANCED)[-1])["sequence_num"]

        socket = await self.open(sim.url)
        await socket.send('{"type":"subscribe","channel":"heartbeats"}')
        await socket.recv()
        beats = [json.loads(await asyncio.wait_for(socket.recv(), 5)) for _ in range(2)]

        self.assertEqual([beat["channel"] for beat in beats], ["heartbeats"] * 2)
        self.assertEqual([beat["events"][0]["heartbeat_counter"] for beat in beats], [1, 2])
        self.assertEqual(beats[1]["sequence_num"], last)

    async def test_plays_kraken_and_greets_unasked(self):
        sim = await self.start_sim("kraken-v1", harness.recording(KRAKEN), "--speed", "max")
        expected = covered(KRAKEN, lambda m: isinstance(m, list) and m[-2] in ("ticker", "book-1000")
                           and m[-1] in ("XBT/CHF", "XMR/USD"))

        socket = await self.open(sim.url)
        self.assertEqual(json.loads(await socket.recv())["event"], "systemStatus")
        # One request: at full speed the tape does not wait for a second one.
        await socket.send(json.dumps({"event": "subscribe", "pair": ["XBT/CHF", "XMR/USD"],
                                      "subscription": {"name": "book", "depth": 1000}}))
        only_book = [text for text in expected if '"book-1000"' in text]
        got, own = await receive(socket, len(only_book), lambda text: text.startswith("{"))
        self.assertEqual([json.loads(text)["status"] for text in own if "subscriptionStatus" in text], ["subscribed"] * 2)
        self.assertTrue(got == only_book, "byte for byte, in order")

        # Late, but a ticker has an initial state: the last of each pair.
        await socket.send(json.dumps({"event": "subscribe", "pair": ["XBT/CHF", "XMR/USD"],
                                      "subscription": {"name": "ticker"}}))
        got, _ = await receive(socket, 2, lambda text: text.startswith("{"))
        last = {json.loads(text)[-1]: text for text in expected if '"ticker"' in text}
        self.assertEqual(sorted(got), sorted(last.values()))

    async def plays(self, venue, name, request, expected, is_own):
        sim = await self.start_sim(venue, harness.recording(name), "--speed", "max")
        socket = await self.open(sim.url)
        await socket.send(json.dumps(request))
        got, own = await receive(socket, len(expected), is_own)

        self.assertGreater(len(expected), 5)
        self.assertEqual(got, expected, "byte for byte, in order")
        return [json.loads(text) for text in own]

    async def test_plays_okx(self):
        args = [{"channel": channel, "instId": "BTC-USDT"} for channel in ("tickers", "trades")]
        expected = covered(OKX, lambda m: "data" in m and m["arg"] in args)

        own = await self.plays("okx", OKX, {"op": "subscribe", "args": args}, expected, lambda text: '"event"' in text)

        self.assertEqual([(m["event"], m["arg"]) for m in own], [("subscribe", arg) for arg in args])

    async def test_plays_bybit(self):
        topics = ["tickers.SOLUSDT", "publicTrade.SOLUSDT"]
        expected = covered(BYBIT, lambda m: m.get("topic") in topics)

        own = await self.plays("bybit-linear", BYBIT, {"req_id": "1", "op": "subscribe", "args": topics}, expected,
                               lambda text: '"op"' in text)

        self.assertEqual([(m["op"], m["success"], m["req_id"]) for m in own], [("subscribe", True, "1")])

    async def test_plays_bitstamp(self):
        expected = covered(BITSTAMP, lambda m: m["channel"] == "live_trades_ethusd" and m["event"] == "trade")

        own = await self.plays("bitstamp", BITSTAMP,
                               {"event": "bts:subscribe", "data": {"channel": "live_trades_ethusd"}}, expected,
                               lambda text: "bts:" in text)

        self.assertEqual([m["event"] for m in own], ["bts:subscription_succeeded"])

    async def test_plays_bitfinex_with_the_channel_numbers_of_the_tape(self):
        events = [m for m in map(json.loads, messages(BITFINEX)) if isinstance(m, dict) and m["event"] == "subscribed"]
        number = next(m["chanId"] for m in events if (m["channel"], m["pair"]) == ("book", "TESTBTC:TESTUSD"))
        expected = covered(BITFINEX, lambda m: isinstance(m, list) and m[0] == number and m[1] != "hb")

        own = await self.plays("bitfinex", BITFINEX,
                               {"event": "subscribe", "channel": "book", "symbol": "tTESTBTC:TESTUSD"}, expected,
                               lambda text: text.startswith("{") or '"hb"' in text)

        self.assertEqual([(m["event"], m.get("chanId")) for m in own if isinstance(m, dict)],
                         [("info", None), ("subscribed", number)])

    async def test_gives_every_connection_one_timeline(self):
        sim = await self.start_sim("binance-coinm", harness.recording(BINANCE_COINM), "--speed", "max", "--start-after", "2")
        streams = ("btcusd_perp@bookTicker", "ethusd_perp@bookTicker")
        expected = [covered(BINANCE_COINM, lambda m, stream=stream: m.get("stream") == stream) for stream in streams]

        sockets = [await self.open(f"{sim.url}/stream?streams={stream}") for stream in streams]
        got = await asyncio.gather(*(receive(socket, len(texts)) for socket, texts in zip(sockets, expected)))

        self.assertTrue([texts for texts, _ in got] == expected, "byte for byte, in order")

    async def test_stays_connected_and_silent_at_the_end(self):
        sim = await self.start_sim("binance-spot", harness.recording(BINANCE_SPOT), "--speed", "max")
        count = len(covered(BINANCE_SPOT, lambda m: m.get("stream") == "btcusdt@bookTicker"))

        socket = await self.open(sim.url + "/stream?streams=btcusdt@bookTicker")
        await receive(socket, count)
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.5)

        await socket.send('{"method":"LIST_SUBSCRIPTIONS","id":3}')
        self.assertEqual(await asyncio.wait_for(socket.recv(), 5), '{"result":["btcusdt@bookTicker"],"id":3}')

    async def test_holds_a_reader_that_does_not_read_and_loses_nothing(self):
        # ASan keeps what was freed for a while: that is not growth.
        sim = await self.start_sim("binance-usdm", harness.recording(BINANCE_USDM), "--speed", "max",
                                   environment={"ASAN_OPTIONS": "quarantine_size_mb=1"})
        expected = covered(BINANCE_USDM, lambda m: m.get("stream") == "btcusdt@bookTicker")
        socket = await self.open(sim.url + "/stream?streams=btcusdt@bookTicker", max_queue=1)
        await socket.recv()
        before = sim.resident_kib()

        await asyncio.sleep(1)
        grown = sim.resident_kib() - before
        got, _ = await receive(socket, len(expected) - 1)

        self.assertLess(grown, 4096)
        self.assertTrue(got == expected[1:], "byte for byte, in order")

    async def test_disconnects_after_so_many_messages_once(self):
        sim = await self.start_sim("binance-coinm", harness.recording(BINANCE_COINM), "--speed", "max",
                                   "--fault", "disconnect:100")
        socket = await self.open(sim.url + "/stream?streams=btcusd_perp@bookTicker")
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            await receive(socket, 101)
        self.assertEqual(closed.exception.rcvd, None, "no close frame")

        again = await self.open(sim.url + "/stream?streams=btcusd_perp@bookTicker")
        await receive(again, 101)

    async def test_refuses_wrong_options_with_one_line(self):
        good = {"--venue": "binance-usdm", "--recording": str(harness.recording(BINANCE_USDM)), "--listen": "127.0.0.1:0"}
        for option, value in (("--venue", "nyse"), ("--recording", "/no/such/file"), ("--listen", "here"),
                              ("--listen", "127.0.0.1:99999"), ("--speed", "0"), ("--speed", "fast"),
                              ("--fault", "explode:1"), ("--fault", "disconnect")):
            with self.subTest(option=option, value=value):
                arguments = [text for pair in {**good, option: value}.items() for text in pair]
                sim = await harness.run([harness.binaries() / "exchange_sim", *arguments])
                self.assertEqual((sim.exit_code, len(sim.err), sim.out), (2, 1, []), sim.err)
                self.assertIn(value, sim.err[0])

    async def test_refuses_a_recording_without_a_message_of_its_venue(self):
        empty = self.folder / "empty.raw"
        empty.touch()
        for recording in (empty, harness.recording(KRAKEN)):
            with self.subTest(recording=recording.name):
                sim = await harness.run([harness.binaries() / "exchange_sim", "--venue", "okx", "--recording", recording,
                                         "--listen", "127.0.0.1:0"])
                self.assertEqual((sim.exit_code, len(sim.err), sim.out), (2, 1, []), sim.err)
                self.assertIn(f"{recording}: holds no message of okx", sim.err[0])

    async def test_says_when_its_port_is_in_use(self):
        sim = await self.start_sim("kraken-v1", harness.recording(KRAKEN))
        second = await harness.run([harness.binaries() / "exchange_sim", "--venue", "kraken-v1", "--recording",
                                    harness.recording(KRAKEN), "--listen", sim.url.removeprefix("ws://")])
        self.assertEqual((second.exit_code, len(second.err)), (2, 1), second.err)


if __name__ == "__main__":
    harness.main(needs_recordings=True)
