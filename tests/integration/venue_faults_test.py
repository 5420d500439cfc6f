"""What clients see of a venue that announces its end, falls silent in part, refuses, or babbles (`exchange_sim --faults`): nothing
at all, wherever it can be so.

faults_test.py has the faults of messages and of lost connections; fault_bench.py how all of them are played.
"""

import re

import harness
from fault_bench import BTC, ETH, MESSAGE_MS, BinanceTape, CoinbaseTape, FaultTest, KrakenTape, UsdmTape, bid

BTC_USD, ETH_USD = "venue:BTC-USD", "venue:ETH-USD"


class VenueFaults(FaultTest):
    def assert_never_stale(self, client, *symbols):
        for symbol in symbols:
            self.assertEqual(client.staleness[symbol], [True, False], f"{symbol}: fresh since its first value")

    # -- what is not seen

    async def test_what_a_venue_does_clumsily_is_not_seen(self):
        for fault, tape, rejected in (("garbage", BinanceTape, 3), ("late-acks", BinanceTape, 0), ("late-acks", CoinbaseTape, 0),
                                      ("wrong-path", UsdmTape, 0)):
            with self.subTest(fault, venue=tape.venue):
                symbols = [f"venue:{symbol}" for symbol in tape.symbols]
                client = await self.play(tape.of(30), {"do": fault, **({"after": 60} if fault == "garbage" else {})},
                                         **({"trades": "aggTrade"} if tape is UsdmTape else {}))
                for symbol in symbols:
                    await client.until(lambda s=symbol: self.ids(client, s)[-1:] == [30], "the last trade")
                    await self.comes(client, bid(30), symbol)
                    await self.comes(client, "60030.50", symbol, "last")
                await client.until(lambda: self.states(client), "live")

                for symbol in symbols:
                    self.assertEqual(self.ids(client, symbol), list(range(1, 31)))
                self.assertEqual(self.gaps(client), [])
                self.assert_never_stale(client, *symbols)
                self.assertEqual(self.states(client), ["live"])
                self.assertEqual(client.feeds["venue"].get("reason", ""), "")
                self.assertEqual(await self.count("ticker_feed_reconnects_total"), 0)
                self.assertEqual(await self.count("ticker_feed_rejected_total"), rejected, "operators see it")

    # -- planned-close, short-lived

    async def test_an_announced_end_of_a_connection_is_not_seen(self):
        async def holds(_):
            client = await self.play(BinanceTape.of(1500), {"do": "planned-close", "after": 60}, speed="1")
            await self.counted(self.tickerd, "ticker_feed_handovers_total", feed="venue")
            if not await self.count("ticker_feed_handovers_total", result="done"):
                return False
            after = self.ids(client)[-1]
            for symbol in (BTC, ETH):
                await client.until(lambda s=symbol: self.ids(client, s)[-1] > after + 10, "it goes on")

            for symbol in (BTC, ETH):
                ids = self.ids(client, symbol)
                self.assertEqual(ids, list(range(1, ids[-1] + 1)), "each trade once")
                await client.until(lambda s=symbol: float(client.held[s]["bid"]) > float(bid(after)), "its quotes too")
            self.assertEqual(self.gaps(client), [])
            self.assert_never_stale(client, BTC, ETH)
            self.assertEqual(self.states(client), ["live"])
            self.assertEqual(await self.count("ticker_feed_reconnects_total"), 0)
            return True
        await self.at_some_pace(0, holds)

    async def test_where_every_connection_is_short_lived_one_a_minute_is_replaced_and_the_others_loss_is_told(self):
        client = await self.play(BinanceTape.of(6000, ("BTCUSDT",)), {"do": "short-lived", "after": 60}, speed="1",
                                 symbols=["BTC-USDT"])
        await client.until(lambda: self.states(client)[-2:] == ["connecting", "live"], "one is lost and made again")
        last = self.ids(client)[-1]
        await client.until(lambda: self.ids(client)[-1] > last + 10, "it goes on")

        self.assertIn("planned close", self.reason_of_loss(client))
        expected = [1]
        gaps = {from_seq: missed for _, from_seq, missed, _ in self.gaps(client)}
        for seq, id_ in enumerate(self.ids(client), 1):
            expected[0] += gaps.get(seq, 0)
            self.assertEqual(id_, expected[0], "each trade once, and what is missing is told")
            expected[0] += 1
        self.assert_never_stale(client, BTC)
        self.assertEqual(await self.count("ticker_feed_handovers_total"), 1)

    @staticmethod
    def reason_of_loss(client):
        told = client.pushes["status"]
        live = next(place for place, status in enumerate(told) if status["state"] == "live")
        return next(status["reason"] for status in told[live:] if status["state"] == "connecting")

    async def test_maintenance_makes_all_stale_at_once_and_until_the_venue_is_back(self):
        client = await self.play(KrakenTape.of(50), {"do": "planned-close", "after": 60}, speed="1")
        for symbol in (BTC_USD, ETH_USD):
            await client.until(lambda s=symbol: client.staleness[s][2:3] == [True], "stale")
        self.assertEqual(await self.reason(client, "stale"), "the venue is unavailable: maintenance")
        for symbol in (BTC_USD, ETH_USD):
            await client.until(lambda s=symbol: self.ids(client, s)[-1:] == [50], "what comes is shown")
            await self.comes(client, "61050.1", symbol)
            self.assertEqual(client.staleness[symbol], [True, False, True], "and not vouched for")

        for symbol in (BTC_USD, ETH_USD):
            await self.comes(client, False, symbol, "stale")
            self.assertEqual(self.ids(client, symbol), list(range(1, 51)))
        await client.until(lambda: client.feeds["venue"]["state"] == "live", "the feed is live")
        self.assertEqual(self.gaps(client), [])

    # -- no-heartbeats, no-data

    async def test_data_alone_keeps_a_connection_and_without_it_and_heartbeats_all_is_stale_in_time(self):
        async def holds(timeout_ms):
            count = 3 * timeout_ms // MESSAGE_MS // 4
            client = await self.play(CoinbaseTape.of(count), {"do": "no-heartbeats"}, speed="1", feed_timeout_ms=timeout_ms)
            await client.until(lambda: self.ids(client, ETH_USD)[-1:] == [count], "the last trade")
            told = self.states(client), client.staleness[BTC_USD], client.staleness[ETH_USD]
            if told != (["live"], [True, False], [True, False]):
                return False

            for symbol in (BTC_USD, ETH_USD):
                await client.until(lambda s=symbol: client.staleness[s][2:3] == [True], "stale")
                self.assertEqual(client.held[symbol]["bid"], bid(count), "the value stays")
            self.assertEqual(await self.reason(client, "stale"), f"no bytes for {timeout_ms} ms")
            return True
        await self.at_some_pace(600, holds)

    async def test_heartbeats_keep_a_connection_and_no_instrument_fresh(self):
        async def holds(timeout_ms):
            client = await self.play(CoinbaseTape.of(1500), {"do": "no-data", "after": 60}, speed="1",
                                     feed_timeout_ms=timeout_ms, instrument_timeout_ms=timeout_ms)
            for symbol in (BTC_USD, ETH_USD):
                await client.until(lambda s=symbol: client.staleness[s][2:3] == [True], "stale")
            heard = await self.count("ticker_feed_messages_total")
            await self.counted(self.tickerd, "ticker_feed_messages_total", heard + 6, feed="venue")  # heartbeats, two a second
            # Stale for as long as its own data does not come.
            told = [client.staleness[symbol] for symbol in (BTC_USD, ETH_USD)]
            if await self.count("ticker_feed_reconnects_total") > 0 or told != 2 * [[True, False, True]]:
                return False

            for symbol in (BTC_USD, ETH_USD):
                self.assertEqual((self.ids(client, symbol), client.held[symbol]["bid"]), (list(range(1, 16)), bid(15)))
            self.assertEqual(self.states(client), ["live"])
            return True
        await self.at_some_pace(2000, holds)

    # -- refuse

    async def test_a_refused_symbol_has_no_value_is_named_where_the_venue_does_and_costs_the_others_nothing(self):
        for tape, native, reason in ((CoinbaseTape, "ETH-USD", "refused by the venue: ETH-USD"), (BinanceTape, "ETHUSDT", "")):
            with self.subTest(tape.venue):
                btc, eth = (f"venue:{symbol}" for symbol in tape.symbols)
                client = await self.play(tape.of(30), {"do": "refuse", "symbol": native})
                await client.until(lambda: self.ids(client, btc)[-1:] == [30], "the last trade")
                await self.comes(client, bid(30), btc)

                self.assertEqual(self.ids(client, btc), list(range(1, 31)))
                self.assert_never_stale(client, btc)
                self.assertEqual((client.staleness[eth], client.held[eth].get("bid"), self.ids(client, eth)), ([True], None, []))
                expected = ("live", reason)
                await self.becomes(lambda: tuple(client.feeds["venue"].get(key, "") for key in ("state", "reason")), expected,
                                   "the refusal is told")

    # -- all of them

    async def test_clients_are_asked_about_every_fault_there_is(self):
        sim = await harness.run([harness.binaries() / "exchange_sim", "--venue", "okx", "--recording", "/dev/null",
                                 "--fault", "nonsense"])
        there = {re.match(r"[a-z-]+", usage.strip())[0] for usage in
                 re.search(r"expected one of (.*) \(N:", sim.err[0])[1].split(",")}
        asked = "".join((harness.HERE / name).read_text() for name in ("faults_test.py", "venue_faults_test.py"))
        self.assertGreater(len(there), 15)
        self.assertEqual({fault for fault in there if f'"{fault}"' not in asked}, set())


if __name__ == "__main__":
    harness.main()
