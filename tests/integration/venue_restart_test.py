"""A venue that dies, or falls silent, in the middle: clients are told, the feed recovers by itself, state ends right."""

import signal

import harness
import venues
from node_client import NodeClient

# Attempts back off: the longer a venue was away, the later it is tried again.
RECOVERY_S = 120


class VenueRestart(harness.IntegrationTest):
    @staticmethod
    def stale_of(held, venue):
        return [stale for symbol, stale in harness.stale(held).items() if symbol.startswith(venue + ":")]

    async def twin_sees(self, twin, condition, what):
        async def sees():
            return condition((await twin.state())["held"])
        await harness.wait_until(sees, f"client.mjs: {what}", 5)

    async def test_killed_venues_are_told_and_recover_by_themselves(self):
        expected = venues.expected()
        sims = {v.name: (v, sim) for v, sim in await venues.start_sims(self, scale=2)}
        # Binance is asked, Kraken beats every second: their silence may be told early.
        limits = {"binance-usdm": {"feed_timeout_ms": 10000}, "kraken": {"feed_timeout_ms": 3000}}
        tickerd = await self.start_tickerd([venues.feed(v, sim.url, **limits.get(v.name, {})) for v, sim in sims.values()])
        client = await self.connect(tickerd)
        await client.subscribe("*", interval_ms=50)
        await client.subscribe("*", channel="status")
        twin = await NodeClient.start(self, tickerd)
        await twin.subscribe("*", interval_ms=50)
        await self.counted(tickerd, "ticker_feed_messages_total", 20_000, feed="binance-usdm")
        await client.until(lambda: not any(harness.stale(client.held).values()), "all instruments live")

        killed = ("binance-usdm", "kraken")
        for name in killed:
            await sims[name][1].kill()
            self.programs.remove(sims[name][1])

        for name in killed:
            await client.until(lambda n=name: client.feeds[n]["state"] in ("down", "connecting"), "status tells", 5)
        for name in killed:
            within = limits[name]["feed_timeout_ms"] / 1000 + 5
            await client.until(lambda n=name: all(self.stale_of(client.held, n)), f"stale tells of {name}", within)
            await self.twin_sees(twin, lambda held, n=name: all(self.stale_of(held, n)), f"stale tells of {name}")
        self.assertFalse(any(self.stale_of(client.held, "coinbase")), "the others go on")

        # Connections come back when their own back-off is over: a tape that began with the first could end before the last.
        connections = {"binance-usdm": 2, "kraken": 1}
        for name in killed:
            v, sim = sims[name]
            await self.start_sim(v.adapter, harness.recording(v.recording), "--speed", f"{2 * v.speed}",
                                 "--start-after", str(connections[name]), listen=sim.url.removeprefix("ws://"))
        for name in killed:
            await client.until(lambda n=name: client.feeds[n]["state"] == "live", "the feed recovers", RECOVERY_S)
        await self.becomes(lambda: harness.values(client.held), expected, "the last values of the recordings", 90)
        await client.until(lambda: not any(harness.stale(client.held).values()), "stale ends")
        await self.twin_sees(twin, lambda held: not any(harness.stale(held).values()), "stale ends")
        await self.twin_sees(twin, lambda held: harness.values(held) == expected, "the last values of the recordings")
        self.assertEqual((await twin.state())["faults"], [])
        self.assertEqual(harness.values(await tickerd.tickers()), expected)
        metrics = await tickerd.metrics()
        for name in killed:
            self.assertGreaterEqual(metrics.sum("ticker_feed_reconnects_total", feed=name), 1)

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
    harness.main(needs_recordings=True, needs_node=True)
