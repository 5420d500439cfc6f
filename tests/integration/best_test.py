"""Consolidated quotes of two venues, of which one dies, and then the other: nothing is left of a dead one."""

import signal

import harness
import venues

SYMBOL = "best:ETH-CHF"
QUOTE = ("bid", "bid_size", "ask", "ask_size")
VENUES = ("bid_venue", "ask_venue")


class Best(harness.IntegrationTest):
    async def test_a_dead_venue_leaves_and_says_so_and_the_last_one_leaves_no_price(self):
        kraken = venues.venue("kraken")
        twins = [kraken._replace(name=name, symbols={"ETH/CHF": "ETH-CHF"}) for name in ("kraken", "mirror")]
        sims = await venues.start_sims(self, twins, scale=4)
        feeds = [venues.feed(v, sim.url, feed_timeout_ms=120_000) for v, sim in sims]
        # Nothing but the venue's death can make it go: neither silence nor a crossing comes in time.
        settings = harness.config(feeds)
        settings["best"] = [{"symbol": "ETH-CHF", "from": ["kraken:ETH-CHF", "mirror:ETH-CHF"], "crossed_ms": 86400000}]
        tickerd = await self.start_tickerd_with(self.write_config(settings))
        client = await self.connect(tickerd)
        await client.subscribe("*", interval_ms=0)
        await client.subscribe("best", channel="status")
        quote = lambda symbol: {field: client.held.get(symbol, {}).get(field) for field in QUOTE}
        expected = {field: venues.expected_of_tickers(twins[0])["kraken:ETH-CHF"][field] for field in QUOTE}
        await self.becomes(lambda: quote(SYMBOL), expected, "the last quote of both")
        await client.until(lambda: client.feeds.get("best", {}).get("state") == "live" and client.feeds["best"]["reason"] == "",
                           "both venues count")

        # Of equal quotes the venue named first gives both sides.
        whose = lambda: {field: client.held[SYMBOL].get(field) for field in VENUES}
        self.assertEqual(whose(), dict.fromkeys(VENUES, "kraken"))
        self.assertFalse(set(VENUES) & set(client.held["mirror:ETH-CHF"]))
        read = await tickerd.get_json(f"/v1/tickers?symbols={SYMBOL}&fields=bid_venue")
        self.assertEqual(read["data"], [{"symbol": SYMBOL, "stale": False, "bid_venue": "kraken"}])

        await sims[0][1].kill()
        self.programs.remove(sims[0][1])
        await client.until(lambda: client.feeds["best"]["reason"] == "left out: kraken:ETH-CHF (stale)", "it says so")
        self.assertEqual(quote(SYMBOL), quote("mirror:ETH-CHF"))
        self.assertEqual(whose(), dict.fromkeys(VENUES, "mirror"))
        self.assertFalse(client.held[SYMBOL]["stale"])
        await self.counted(tickerd, "ticker_best_left_out", 1, feed="best")

        await sims[1][1].kill()
        self.programs.remove(sims[1][1])
        await client.until(lambda: client.held[SYMBOL]["stale"], "nothing is left")
        self.assertEqual(quote(SYMBOL), dict.fromkeys(QUOTE))
        self.assertEqual(whose(), dict.fromkeys(VENUES))
        await client.until(lambda: client.feeds["best"]["state"] == "stale", "the feed says so")

        settings["best"] = []
        self.write_config(settings)
        tickerd.program.signal(signal.SIGHUP)
        await client.until(lambda: SYMBOL not in client.held, "a reload takes it away")
        self.assertFalse(client.closed)


if __name__ == "__main__":
    harness.main(needs_recordings=True)
