"""A venue that dies, or falls silent, in the middle: clients are told, the feed recovers by itself, state ends right."""

import signal

import harness
import venues


class VenueRestart(harness.IntegrationTest):
    async def test_a_killed_venue_is_told_and_recovers_by_itself(self):
        expected = venues.expected()
        sims = dict(zip((v.name for v in venues.VENUES), await venues.start_sims(self, scale=2)))
        tickerd = await self.start_tickerd([venues.feed(v, sim.url) for v, sim in sims.values()])
        client = await self.connect(tickerd)
        await client.subscribe("*", interval_ms=50)
        await client.subscribe("*", channel="status")
        binance, sim = sims["binance-usdm"]
        symbol = "binance-usdm:BTC-USDT-PERP"
        await self.counted(tickerd, "ticker_feed_messages_total", 20_000, feed="binance-usdm")
        await client.until(lambda: not any(harness.stale(client.held).values()), "all instruments live")

        await sim.kill()
        self.programs.remove(sim)

        await client.until(lambda: client.feeds["binance-usdm"]["state"] in ("down", "connecting"), "status tells")
        await client.until(lambda: client.held[symbol]["stale"], "stale tells")
        self.assertEqual([s for s, stale in harness.stale(client.held).items() if stale], [symbol], "the others go on")

        address = sim.url.removeprefix("ws://")
        await self.start_sim(binance.adapter, harness.recording(binance.recording), "--speed", f"{2 * binance.speed}",
                             listen=address)
        await client.until(lambda: client.feeds["binance-usdm"]["state"] == "live", "the feed recovers")
        await client.until(lambda: not client.held[symbol]["stale"], "stale ends")
        await self.becomes(lambda: harness.values(client.held), expected, "the last values of the recordings", 90)
        self.assertEqual(harness.values(await tickerd.tickers()), expected)
        self.assertGreaterEqual((await tickerd.metrics()).sum("ticker_feed_reconnects_total", feed="binance-usdm"), 1)

    async def test_a_venue_that_falls_silent_is_told_within_its_time_limit_and_recovers(self):
        kraken = venues.venue("kraken")
        sim = await self.start_sim(kraken.adapter, harness.recording(kraken.recording), "--speed", "20")
        tickerd = await self.start_tickerd([venues.feed(kraken, sim.url, feed_timeout_ms=3000)])
        client = await self.connect(tickerd)
        await client.subscribe("kraken:*")
        await client.subscribe("*", channel="status")
        expected = venues.expected_of_tickers(kraken)
        await self.becomes(lambda: venues.of_tickers(client.held), expected, "the last values of the recording")

        sim.signal(signal.SIGSTOP)  # the socket stays open, not a byte comes
        await client.until(lambda: all(harness.stale(client.held).values()), "stale tells", 3 + 5)
        self.assertNotEqual(client.feeds["kraken"]["state"], "live")
        self.assertEqual(venues.of_tickers(client.held), expected, "the values stay")

        sim.signal(signal.SIGCONT)
        await client.until(lambda: client.feeds["kraken"]["state"] == "live", "the feed recovers")
        await client.until(lambda: not any(harness.stale(client.held).values()), "stale ends")
        self.assertEqual(venues.of_tickers(client.held), expected)


if __name__ == "__main__":
    harness.main(needs_recordings=True)
