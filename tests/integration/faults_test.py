"""What clients see, and when, of each fault that changes what a venue sends or ends its connection (`exchange_sim --faults`).

venue_faults_test.py has the others; fault_bench.py how all of them are played.
"""

import asyncio
import signal

import websockets

import harness
from fault_bench import BTC, ETH, MESSAGE_MS, BinanceTape, FaultTest, Tape, bid

PERP = "venue:BTC-USDT-PERP"


class BybitTape(Tape):
    """Of a ticker that tells changes only."""
    venue = "bybit-linear"
    symbols = ("BTC-USDT-PERP",)
    request = {"op": "subscribe", "args": ["publicTrade.NONE"]}

    def ticker(self, kind, **fields):
        self.add({"topic": "tickers.BTCUSDT", "type": kind, "cs": len(self.lines) + 1, "ts": self.now_ms,
                  "data": {"symbol": "BTCUSDT", **fields}})


class Faults(FaultTest):
    # -- gap

    async def test_a_gap_in_trades_is_told_where_it_is_and_how_long_and_counted(self):
        client = await self.play(BinanceTape.of(30), {"do": "gap", "symbol": "BTCUSDT", "channel": "trade", "after": 10,
                                                      "messages": 3})
        for symbol in (BTC, ETH):
            await client.until(lambda s=symbol: self.ids(client, s)[-1:] == [30], "the last trade")
            await self.comes(client, bid(30), symbol)

        self.assertEqual(self.ids(client), [*range(1, 11), *range(14, 31)])
        self.assertEqual([trade["seq"] for trade in self.trades(client)], list(range(1, 28)), "seq is the service's own")
        self.assertEqual(self.gaps(client), [(BTC, 11, 3, "venue")])
        self.assertEqual(self.ids(client, ETH), list(range(1, 31)), "the others' are whole")
        self.assertEqual(await self.count("ticker_feed_trade_gaps_total"), 1)
        self.assertEqual(await self.count("ticker_feed_reconnects_total"), 0, "a jump of ids costs no connection")

    async def test_changes_without_the_snapshot_they_belong_to_are_never_shown(self):
        tape = BybitTape()
        tape.ticker("snapshot", bid1Price="1", bid1Size="1", ask1Price="9", ask1Size="1", lastPrice="5")
        for number in range(2, 12):
            tape.ticker("delta", bid1Price=str(number))
        tape.ticker("snapshot", bid1Price="100", bid1Size="1", ask1Price="101", ask1Size="1", lastPrice="100.5")
        tape.ticker("delta", bid1Price="100.7")
        client = await self.play(tape, {"do": "gap", "channel": "tickers"}, symbols=["BTC-USDT-PERP"])

        await client.until(lambda: "bid" in client.held.get(PERP, {}), "a price")
        self.assertIn(client.held[PERP]["bid"], ("100", "100.7"), "none of the ten before")
        await self.comes(client, "100.7", PERP)
        self.assertEqual((client.held[PERP]["ask"], client.held[PERP]["stale"]), ("101", False))
        self.assertEqual(await self.count("ticker_feed_skipped_total", reason="before_snapshot"), 10)

    # -- duplicate

    async def test_what_comes_twice_is_shown_once(self):
        client = await self.play(BinanceTape.of(30), {"do": "duplicate", "probability": 1})
        for symbol in (BTC, ETH):
            await client.until(lambda s=symbol: self.ids(client, s)[-1:] == [30], "the last trade")
            await self.comes(client, bid(30), symbol)

        for symbol in (BTC, ETH):
            self.assertEqual(self.ids(client, symbol), list(range(1, 31)))
        self.assertEqual(self.gaps(client), [])
        await self.counted(self.tickerd, "ticker_feed_skipped_total", 120, feed="venue", reason="duplicate")

    # -- reorder

    async def test_what_comes_late_never_takes_a_price_back(self):
        client = await self.play(BinanceTape.of(30, ("BTCUSDT",)),
                                 {"do": "reorder", "channel": "trade", "after": 10, "places": 2},
                                 {"do": "reorder", "channel": "bookTicker", "after": 28, "places": 1})
        await self.counted(self.tickerd, "ticker_feed_messages_total", 60, feed="venue")
        await client.until(lambda: self.ids(client)[-1:] == [30], "the last trade")

        self.assertEqual(self.ids(client), [*range(1, 11), *range(12, 31)], "11 came behind 13: its time was over")
        self.assertEqual(self.gaps(client), [(BTC, 11, 1, "venue")])
        await self.comes(client, bid(30))
        self.assertEqual((await self.tickerd.tickers())[BTC]["bid"], bid(30), "29 came behind 30")
        self.assertEqual(await self.count("ticker_feed_skipped_total", reason="duplicate"), 2)

    # -- delay

    async def test_a_stalled_instrument_turns_stale_in_its_time_and_fresh_when_it_goes_on(self):
        async def holds(timeout_ms):
            tape = BinanceTape()
            for number in range(1, 401):
                tape.quote("BTCUSDT", number)
            client = await self.play(tape, {"do": "delay", "after": 30, "ms": 3 * timeout_ms}, speed="1",
                                     instrument_timeout_ms=timeout_ms, symbols=["BTC-USDT"])
            await self.comes(client, False, field="stale")

            await self.comes(client, True, field="stale")
            if client.held[BTC]["bid"] != bid(30):
                return False
            await self.comes(client, False, field="stale")
            self.assertGreaterEqual(float(client.held[BTC]["bid"]), float(bid(31)), "told while it lasts; the value stays")
            await self.comes(client, bid(400))
            self.assertEqual(self.states(client), ["live"], "its connection was never in doubt")
            self.assertEqual(await self.count("ticker_feed_reconnects_total"), 0)
            return True
        await self.at_some_pace(800, holds)

    # -- half frame, silent

    async def test_a_connection_that_hangs_even_in_a_frame_is_waited_for_no_longer_than_any_silence(self):
        for fault in ("half-frame", "silent"):
            async def holds(timeout_ms):
                client = await self.play(self.long_tape(), {"do": fault, "after": 60}, speed="1", symbols=["BTC-USDT"],
                                         feed_timeout_ms=timeout_ms)
                await client.until(lambda: client.staleness[BTC][1:3] == [False, True], "stale")
                seen = client.held[BTC]["bid"], self.ids(client)
                await client.until(lambda: client.staleness[BTC][3:4] == [False], "fresh again")
                await self.other_trades_come(client)
                # The values stay, and nothing of the half is shown.
                if seen != (bid(30), list(range(1, 31))) or await self.count("ticker_feed_reconnects_total") > 1:
                    return False

                self.assertEqual(await self.reason(client, "stale"), f"no bytes for {timeout_ms} ms")
                self.assertEqual(await self.count("ticker_feed_rejected_total"), 0)
                await self.assert_trades_of_two_connections(client)
                return True
            with self.subTest(fault):
                await self.at_some_pace(1500, holds)

    # -- wrong path

    async def test_where_a_venue_has_no_trades_its_statistics_move_the_last_price(self):
        tape = Tape()
        tape.venue = "binance-usdm"
        for number in range(1, 31):
            tape.add({"stream": "btcusdt@miniTicker",
                      "data": {"e": "24hrMiniTicker", "E": tape.now_ms, "s": "BTCUSDT", "c": f"{60000 + number}.50", "o": "1",
                               "h": "70000", "l": "1", "v": "1", "q": "1"}})
        client = await self.play(tape, {"do": "wrong-path"}, symbols=["BTC-USDT-PERP"])
        await self.comes(client, "60030.50", PERP, "last")

    # -- disconnect

    async def test_a_lost_connection_is_told_and_what_was_lost_with_it(self):
        for fault, reason in (({"do": "disconnect"}, ""), ({"do": "reset"}, ""), ({"do": "truncate"}, ""),
                              ({"do": "oversized"}, "too large"), ({"do": "close", "code": 1013}, "1013")):
            with self.subTest(fault=fault):
                client = await self.play(self.long_tape(), {**fault, "after": 60}, speed="1", symbols=["BTC-USDT"])
                await self.other_trades_come(client)

                self.assertEqual(self.states(client), ["live", "connecting", "live"], "told at once, before it turns stale")
                self.assertIn(reason, client.pushes["status"][-2]["reason"])
                self.assertEqual(client.staleness[BTC], [True, False])
                await client.until(lambda: float(client.held[BTC]["bid"]) > float(bid(30)), "other prices")
                await self.assert_trades_of_two_connections(client)

    @staticmethod
    def long_tape():
        """Of a minute: its end comes when nobody waits for it any more."""
        return BinanceTape.of(3000, ("BTCUSDT",))

    async def other_trades_come(self, client):
        """Over the second connection."""
        await client.until(lambda: len(self.ids(client)) > 40 and client.feeds["venue"]["state"] == "live", "other trades")

    async def assert_trades_of_two_connections(self, client):
        """Trades 1 to 30, one gap that says how many are missing, and others without one."""
        ids = self.ids(client)
        self.assertEqual(ids[:30], list(range(1, 31)))
        self.assertEqual(ids[30:], list(range(ids[30], ids[-1] + 1)))
        missed = ids[30] - 31
        self.assertEqual(self.gaps(client), [(BTC, 31, missed, "venue")] if missed else [])
        self.assertEqual(await self.count("ticker_feed_reconnects_total"), 1)
        self.assertEqual(await self.count("ticker_feed_trade_gaps_total"), len(self.gaps(client)))

    async def test_where_the_venue_stays_away_all_is_stale_in_its_time_and_until_it_has_come_again(self):
        tape = BinanceTape.of(15)
        for number in range(16, 6000):
            tape.quote("BTCUSDT", number)  # of ETH no more comes
        client = await self.play(tape, {"do": "disconnect", "after": 60}, speed="1", feed_timeout_ms=1500)
        states = lambda: [status["state"] for status in client.pushes["status"]]
        await client.until(lambda: "live" in states() and "connecting" in states()[states().index("live"):], "the loss is told")

        self.sim.signal(signal.SIGSTOP)
        for symbol in (BTC, ETH):
            await self.comes(client, True, symbol, field="stale")
        await client.until(lambda: "stale" in states(), "so is what it means")
        self.assertEqual(client.held[ETH]["bid"], bid(15), "the value stays")
        after_live = states()[states().index("live"):]
        self.assertLess(after_live.index("connecting"), after_live.index("stale"), "the loss is told at once, what it means in its time")
        self.assertEqual(await self.reason(client, "stale"), "no bytes for 1500 ms")

        self.sim.signal(signal.SIGCONT)
        await self.comes(client, False, field="stale")
        self.assertGreater(float(client.held[BTC]["bid"]), float(bid(15)))
        self.assertIs((await self.tickerd.tickers())[ETH]["stale"], True, "its connection is there, and nobody knows its price")

    async def test_after_a_lost_connection_a_snapshot_brings_what_changed_meanwhile(self):
        tape = BybitTape()
        tape.ticker("snapshot", bid1Price="1", bid1Size="1", ask1Price="900", ask1Size="1", lastPrice="5")
        for number in range(2, 300):
            tape.ticker("delta", bid1Price=str(number), **({"ask1Price": "901"} if number == 31 else {}))
        client = await self.play(tape, {"do": "disconnect", "after": 30}, speed="1", symbols=["BTC-USDT-PERP"])

        await client.until(lambda: [s["state"] for s in client.pushes["status"]][-3:] == ["live", "connecting", "live"],
                           "it is connected again")
        await self.comes(client, "299", PERP)
        self.assertEqual((client.held[PERP]["ask"], client.held[PERP]["stale"]), ("901", False))

    # -- clock skew

    async def test_a_venues_clock_is_shown_as_it_is_and_decides_nothing(self):
        hour_ms = 3_600_000
        for shift_ms in (hour_ms, -hour_ms):
            ahead = shift_ms > 0
            with self.subTest(ahead=ahead):
                tape = BinanceTape()
                for number in range(1, 51):
                    tape.trade("BTCUSDT", number)
                client = await self.play(tape, {"do": "clock-skew", "after": 10, "ms": shift_ms}, speed="1",
                                         symbols=["BTC-USDT"], instrument_timeout_ms=20_000)
                await client.until(lambda c=client: self.ids(c)[-1:] == [50], "the last trade")

                for number, trade in enumerate(self.trades(client)):
                    skew_ms = shift_ms if number >= 10 else 0
                    self.assertEqual(trade["exchange_time_us"], (tape.begin_ms + MESSAGE_MS * number + skew_ms) * 1000)
                self.assertIs(client.held[BTC]["stale"], False, "an hour old by the venue's clock, fresh by ours")
                metrics = await self.tickerd.metrics()
                self.assertEqual(metrics.sum("ticker_feed_clock_skew_total", feed="venue"), 40 if ahead else 0)
                seconds, within = (metrics.sum(f"ticker_latency_seconds_{part}", stage="exchange_to_receive", **labels)
                                   for part, labels in (("sum", {}), ("bucket", {"le": "10"})))
                if ahead:
                    self.assertGreaterEqual(seconds, 0, "a time that can't be counts as none")
                    self.assertGreaterEqual(within, 40)
                else:
                    self.assertGreaterEqual(seconds, 40 * 3600)
                    self.assertLessEqual(within, 10)
                self.assertLess(metrics.sum("ticker_latency_seconds_sum", stage="receive_to_write"), 50 * harness.PATIENCE_S,
                                "our own times know nothing of it")

    # -- the script

    async def test_the_same_script_and_seed_strike_the_same_messages(self):
        tape = BinanceTape.of(100, ("BTCUSDT",))
        tape.quote("END", 1)
        script = [{"do": fault, "symbol": "BTCUSDT", "probability": 0.1} for fault in ("gap", "duplicate", "reorder")]

        async def received(seed):
            sim = await self.start_script(tape, script, seed=seed)
            streams = "btcusdt@bookTicker/btcusdt@trade/end@bookTicker"
            socket = await websockets.connect(f"{sim.url}/stream?streams={streams}", ping_interval=None)
            self.addAsyncCleanup(socket.close)
            await self.begin(sim, tape)
            texts = [""]
            while "END" not in texts[-1]:
                texts.append(await asyncio.wait_for(socket.recv(), harness.PATIENCE_S))
            return texts

        first = await received(7)
        self.assertEqual(await received(7), first)
        self.assertNotEqual(await received(8), first)
        self.assertLess(len(set(first)), 190, "some of 200 never came")

    async def test_the_shipped_script_is_taken_and_wrong_ones_are_told_line_by_line(self):
        recording = self.folder / "tape.raw"
        recording.write_text("".join(BinanceTape.of(3).lines))
        await self.start_sim("binance-spot", recording, "--faults", harness.ROOT / "configs/faults.yaml")

        script = self.folder / "wrong.yaml"
        script.write_text("faults:\n  - {do: explode}\n  - {do: gap, mesages: 2}\n  - {do: delay, ms: 0}\n")
        sim = await harness.run([harness.binaries() / "exchange_sim", "--venue", "binance-spot", "--recording", recording,
                                 "--faults", script])
        self.assertEqual((sim.exit_code, sim.out, len(sim.err)), (2, [], 3), sim.err)
        for line, place in zip(sim.err, (":2:10: faults[0].do", ":3:15: faults[1].\"mesages\"", ":4:21: faults[2].ms")):
            self.assertEqual(line[:len(f"{script}{place}")], f"{script}{place}")


if __name__ == "__main__":
    harness.main()
